//! Alipay's own library (`alipay-sdk` of npm) on both sides, with certificates: it signs as we do, proves what the pretended gateway
//! answers and sends, and the gateway takes what it sends.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::alipay::{APP_ID, Gateway, certificate_lines, certificates, live_merchant};
use crate::harness::{Server, ask_node_library, least_order, path_of};
use crate::pretended::SHOP_KEY;
use crate::pretended::keys::identities;

const SCRIPT: &str = r#"
const { AlipaySdk } = require(process.env.LIBRARY);
const { sign } = require(process.env.LIBRARY + '/dist/commonjs/util.js');
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const sdk = new AlipaySdk({
  appId: given.app_id, privateKey: given.private_key, keyType: 'PKCS8', gateway: given.gateway, camelcase: false,
  appCertContent: given.app, alipayPublicCertContent: given.alipay, alipayRootCertContent: given.root,
});
const told = {};
told.requests = given.forms.map(({ sign: ours, method, biz_content, app_cert_sn, alipay_root_cert_sn, ...rest }) => {
  const { app_id, charset, sign_type, version, ...more } = rest;
  const theirs = sign(method, { ...more, bizContent: JSON.parse(biz_content) }, sdk.config);
  return theirs.sign === ours && theirs.app_cert_sn === app_cert_sn && theirs.alipay_root_cert_sn === alipay_root_cert_sn;
});
told.notice = sdk.checkNotifySignV2({ ...given.notice });
told.forged = sdk.checkNotifySignV2({ ...given.notice, total_amount: '0.01' });
const number = 'SDK00000000000000000002';
const calls = [
  ['alipay.trade.precreate', { out_trade_no: number, subject: '茶', total_amount: '1.00', product_code: 'FACE_TO_FACE_PAYMENT',
                               time_expire: '2099-01-01 00:00:00' }, { notify_url: 'https://pay.example/notify' }],
  ['alipay.trade.query', { out_trade_no: given.trade }, {}],
  ['alipay.trade.refund', { out_trade_no: given.trade, trade_no: given.trade_no, refund_amount: '0.50', out_request_no: 'SDKR2' }, {}],
  ['alipay.trade.fastpay.refund.query', { out_trade_no: given.trade, out_request_no: 'SDKR2' }, {}],
];
(async () => {
  told.calls = [];
  for (const [method, bizContent, more] of calls) {
    told.calls.push(await sdk.exec(method, { bizContent, ...more }, { validateSign: true }));
  }
  process.stdout.write(JSON.stringify(told));
})();
"#;

#[tokio::test(flavor = "multi_thread")]
async fn alipays_own_library_signs_as_we_do_and_proves_and_understands_the_pretended_gateway() {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, &certificate_lines())).await;
    let shop = server.shop_with(SHOP_KEY);
    let order = shop.place(&least_order()).await;
    let page = path_of(order["qr"]["payload"].as_str().unwrap());
    let payer = server.browser();
    payer.begin_code(&page, "alipay").await;
    let trade = gateway.newest_code();
    payer.post_form(&format!("{page}/check"), &[]).await.expect(204);
    let trade_no = gateway.pay_silently(&trade);
    let made = certificates();
    let given = json!({
        "forms": gateway.forms(), "app_id": APP_ID, "gateway": gateway.base(), "trade": trade, "trade_no": trade_no,
        "private_key": std::fs::read_to_string(identities().merchant.file("key.pem")).unwrap(),
        "app": made.app, "alipay": made.alipay, "root": made.root,
        "notice": gateway.notice(&trade).0.into_iter().collect::<BTreeMap<String, String>>(),
    });
    let told = tokio::task::spawn_blocking(move || ask_node_library("alipay-sdk", "4.14.0", SCRIPT, &given));
    let told = told.await.unwrap();
    let requests = told["requests"].as_array().unwrap();
    assert!(requests.len() >= 2 && requests.iter().all(|same| *same == true), "ours, signed again: {told}");
    assert_eq!((&told["notice"], &told["forged"]), (&json!(true), &json!(false)));
    let codes: Vec<&Value> = told["calls"].as_array().unwrap().iter().map(|call| &call["code"]).collect();
    assert_eq!(codes, ["10000"; 4], "{told}");
    assert_eq!(told["calls"][3]["refund_status"], "REFUND_SUCCESS");
}
