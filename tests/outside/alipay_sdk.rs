//! Two libraries that others wrote play the other side, with certificates: `python-alipay-sdk` of PyPI, and Alipay's own `alipay-sdk` of npm.
//! They sign as we do, prove what the pretended gateway answers and sends, and it takes what they send. So three writers agree.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::alipay::{APP_ID, Gateway, Notice, certificate_lines, certificates, live_merchant};
use crate::harness::{Server, ask_node_library, ask_python_library, least_order, path_of};
use crate::pretended::SHOP_KEY;
use crate::pretended::keys::identities;

const IN_PYTHON: &str = r#"
import json, sys
from alipay import DCAliPay

given = json.load(sys.stdin)
pay = DCAliPay(given['app_id'], given['private_key'], given['app'], given['alipay'], given['root'],
               app_notify_url='https://pay.example/notify')
told = {'requests': []}
for form in given['forms']:
    sign = form.pop('sign')
    named = form['app_cert_sn'] == pay.app_cert_sn and form['alipay_root_cert_sn'] == pay.alipay_root_cert_sn
    text = '&'.join(f'{name}={value}' for name, value in sorted(form.items()))
    told['requests'].append(named and pay._sign(text) == sign)
notice = given['notice']
sign = notice.pop('sign')
told['notice'] = pay.verify(dict(notice), sign)
told['forged'] = pay.verify(dict(notice, total_amount='0.01'), sign)
told['alipay_cert_sn'] = DCAliPay.get_cert_sn(given['alipay'])
pay._gateway = given['gateway']
number = 'SDK00000000000000000001'
told['calls'] = [
    pay.api_alipay_trade_precreate('茶', number, '1.00', product_code='FACE_TO_FACE_PAYMENT', time_expire='2099-01-01 00:00:00'),
    pay.api_alipay_trade_query(out_trade_no=given['trade']),
    pay.api_alipay_trade_refund('0.50', out_trade_no=given['trade'], trade_no=given['trade_no'], out_request_no='SDKR1'),
    pay.api_alipay_trade_fastpay_refund_query('SDKR1', out_trade_no=given['trade']),
]
json.dump(told, sys.stdout)
"#;

const IN_NODE: &str = r#"
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

/// A trade that is paid and not told of, and what a library needs to know about it.
struct Scene {
    gateway: Gateway,
    server: Server,
    order: Value,
    trade: String,
    given: Value,
}

impl Scene {
    async fn new() -> Self {
        let gateway = Gateway::open().await;
        let server = Server::start_with(live_merchant(&gateway, &certificate_lines())).await;
        let order = server.shop_with(SHOP_KEY).place(&least_order()).await;
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
        Self { gateway, server, order, trade, given }
    }

    /// Lets a library look at all of it, and holds what it says against what must be.
    async fn agrees(&self, ask: fn(&Value) -> Value) -> Value {
        let given = self.given.clone();
        let told = tokio::task::spawn_blocking(move || ask(&given)).await.unwrap();
        let requests = told["requests"].as_array().unwrap();
        assert!(requests.len() >= 2 && requests.iter().all(|same| *same == true), "ours, signed again: {told}");
        assert_eq!((&told["notice"], &told["forged"]), (&json!(true), &json!(false)));
        let codes: Vec<&Value> = told["calls"].as_array().unwrap().iter().map(|call| &call["code"]).collect();
        assert_eq!(codes, ["10000"; 4], "{told}");
        assert_eq!(told["calls"][3]["refund_status"], "REFUND_SUCCESS");
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_of_others_signs_as_we_do_and_understands_the_pretended_gateway() {
    let scene = Scene::new().await;
    let told = scene.agrees(|given| ask_python_library("python-alipay-sdk", "3.4.0", IN_PYTHON, given)).await;
    // A notice names the certificate that it was signed with.
    let naming = |name: &str| {
        let mut fields = scene.gateway.fields(&scene.trade);
        fields.push(("alipay_cert_sn".to_owned(), name.to_owned()));
        Notice::genuine(&fields)
    };
    let url = scene.gateway.notify_url(&scene.trade);
    naming("0123456789abcdef0123456789abcdef").deliver(&url).await.problem(401, "unauthorized");
    naming(told["alipay_cert_sn"].as_str().unwrap()).deliver(&url).await.expect(200);
    assert_eq!(scene.server.shop_with(SHOP_KEY).order(&scene.order).await["status"], "paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn alipays_own_library_signs_as_we_do_and_proves_and_understands_the_pretended_gateway() {
    Scene::new().await.agrees(|given| ask_node_library("alipay-sdk", "4.14.0", IN_NODE, given)).await;
}
