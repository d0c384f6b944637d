//! A public library that others wrote (`python-alipay-sdk` of PyPI) on both sides, with certificates: it signs as we do, and the
//! pretended gateway takes and proves what it sends. So two writers agree on every signature.

use serde_json::{Value, json};

use crate::alipay::{APP_ID, Gateway, Notice, certificate_lines, certificates, live_merchant};
use crate::harness::{Server, ask_python_library, least_order};
use crate::pretended::SHOP_KEY;
use crate::pretended::keys::identities;

const SCRIPT: &str = r#"
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

#[tokio::test(flavor = "multi_thread")]
async fn a_library_of_others_signs_as_we_do_and_understands_the_pretended_gateway() {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, &certificate_lines())).await;
    let shop = server.shop_with(SHOP_KEY);
    let order = shop.place(&least_order()).await;
    let page = order["qr"]["payload"].as_str().unwrap();
    let payer = server.browser();
    payer.begin_code(page, "alipay").await;
    let trade = gateway.newest_code();
    payer.post_form(&format!("{}/check", crate::harness::path_of(page)), &[]).await.expect(204);
    let trade_no = gateway.pay_silently(&trade);
    let notice = gateway.notice(&trade);
    let private_key = std::fs::read_to_string(identities().merchant.file("key.pem")).unwrap();
    let made = certificates();
    let given = json!({
        "forms": gateway.forms(), "app_id": APP_ID, "private_key": private_key, "app": made.app,
        "alipay": made.alipay, "root": made.root, "gateway": gateway.base(), "trade": trade, "trade_no": trade_no,
        "notice": notice.0.iter().cloned().collect::<std::collections::BTreeMap<String, String>>(),
    });
    let told = tokio::task::spawn_blocking(move || ask_python_library("python-alipay-sdk", "3.4.0", SCRIPT, &given))
        .await
        .unwrap();
    let requests = told["requests"].as_array().unwrap();
    assert!(requests.len() >= 2 && requests.iter().all(|same| *same == true), "ours, signed again: {told}");
    assert_eq!((&told["notice"], &told["forged"]), (&json!(true), &json!(false)));
    let codes: Vec<&Value> = told["calls"].as_array().unwrap().iter().map(|call| &call["code"]).collect();
    assert_eq!(codes, ["10000"; 4], "{told}");
    assert_eq!(told["calls"][3]["refund_status"], "REFUND_SUCCESS");
    // A notice names the certificate that it was signed with.
    let naming = |name: &str| {
        let mut fields = gateway.fields(&trade);
        fields.push(("alipay_cert_sn".to_owned(), name.to_owned()));
        Notice::genuine(&fields)
    };
    let url = gateway.notify_url(&trade);
    naming("0123456789abcdef0123456789abcdef").deliver(&url).await.problem(401, "unauthorized");
    naming(told["alipay_cert_sn"].as_str().unwrap()).deliver(&url).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
}
