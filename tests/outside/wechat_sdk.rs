//! A public library that others wrote (`wechatpayv3` of PyPI) on both sides: it signs as we do, and the pretended gateway takes and
//! proves what it sends. So two writers agree on every signature.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{ask_python_library, least_order, path_of, python_library};
use crate::pretended::keys::identities;
use crate::wechat::{API_V3_KEY, APP_ID, MCH_ID, PUBLIC_KEY_ID, world};

const SCRIPT: &str = r#"
import json, re, sys, time
from unittest import mock
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import build_authorization, load_private_key

given = json.load(sys.stdin)
told = {}
key = load_private_key(given['private_key'])
fields = lambda header: dict(re.findall(r'(\w+)="([^"]*)"', header))
told['requests'] = []
for asked in given['requests']:
    ours = fields(asked['authorization'])
    with mock.patch('time.time', lambda: int(ours['timestamp'])):
        theirs = build_authorization(asked['target'], asked['method'], given['mchid'], given['serial'], key,
                                     data=asked['body'] or None, nonce_str=ours['nonce_str'])
    told['requests'].append(fields(theirs) == ours)

pay = WeChatPay(wechatpay_type=WeChatPayType.JSAPI, mchid=given['mchid'], private_key=given['private_key'],
                cert_serial_no=given['serial'], apiv3_key=given['apiv3_key'], appid=given['appid'],
                public_key=given['public_key'], public_key_id=given['public_key_id'])
call = given['call']
told['page'] = pay.sign([call['appId'], call['timeStamp'], call['nonceStr'], call['package']]) == call['paySign']
heard = pay.callback(dict(given['notice']['head']), given['notice']['body'])
told['notice'] = heard and heard['resource']
told['forged'] = pay.callback(dict(given['notice']['head']), given['notice']['body'] + ' ')

pay._core._gate_way = given['gateway']
number = 'SDK00000000000000001'
def asked(answer):
    code, text = answer
    return [code, json.loads(text) if text else None]
told['calls'] = [
    asked(pay.pay(description='茶', out_trade_no=number, amount={'total': 100, 'currency': 'CNY'}, payer={'openid': 'oPayer'},
                  time_expire='2026-12-31T10:00:00+08:00', notify_url='https://pay.example/notify')),
    asked(pay.query(out_trade_no=number)),
    asked(pay.close(out_trade_no=number)),
    asked(pay.query(out_trade_no=number)),
    asked(pay.refund(out_refund_no='SDKR1', amount={'refund': 1, 'total': 12900, 'currency': 'CNY'},
                     transaction_id=given['transaction_id'])),
    asked(pay.query_refund('SDKR1')),
]
json.dump(told, sys.stdout)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_library_of_others_signs_as_we_do_and_understands_the_pretended_gateway() {
    // Installed before anything is signed that counts for five minutes.
    python_library("wechatpayv3", "2.0.4");
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let page = path_of(order["qr"]["payload"].as_str().unwrap());
    let payer = crate::wechat::logged_in(&gateway, &server, &page).await;
    let attempt = payer.begin(&page, "wechat_pay").await;
    let call = crate::wechat_login::bridge_call(&payer, &attempt).await;
    let trade = gateway.newest_trade();
    let transaction_id = gateway.pay_silently(&trade);
    payer.post_form(&format!("{page}/check"), &[]).await.expect(204);
    let notice = gateway.notice(&trade);
    let requests: Vec<Value> = gateway
        .asked("/v3/")
        .iter()
        .map(|asked| {
            let body = String::from_utf8(asked.body.clone()).unwrap();
            json!({ "method": asked.method, "target": asked.target, "body": body, "authorization": asked.headers["authorization"] })
        })
        .collect();
    let all = identities();
    let text = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let given = json!({
        "requests": requests, "call": call, "gateway": gateway.base(), "transaction_id": transaction_id,
        "notice": { "head": notice.head, "body": String::from_utf8(notice.body.clone()).unwrap() },
        "private_key": text(all.merchant.file("key.pem")), "serial": all.merchant.serial, "mchid": MCH_ID, "appid": APP_ID,
        "apiv3_key": API_V3_KEY, "public_key": text(all.public_key.file("pub.pem")), "public_key_id": PUBLIC_KEY_ID,
    });
    let told =
        tokio::task::spawn_blocking(move || ask_python_library("wechatpayv3", "2.0.4", SCRIPT, &given)).await.unwrap();
    // The beginning and the question; a planned look may have asked once more.
    let requests = told["requests"].as_array().unwrap();
    assert!(requests.len() >= 2 && requests.iter().all(|same| *same == true), "ours, signed again: {told}");
    assert_eq!(told["page"], true, "the page's signature: {told}");
    assert_eq!(told["notice"]["out_trade_no"], trade, "the library reads the gateway's notice");
    assert_eq!(told["forged"], Value::Null);
    let statuses: Vec<&Value> = told["calls"].as_array().unwrap().iter().map(|call| &call[0]).collect();
    assert_eq!(statuses, [&json!(200), &json!(200), &json!(204), &json!(200), &json!(200), &json!(200)], "{told}");
    assert_eq!(told["calls"][3][1]["trade_state"], "CLOSED");
    assert_eq!(told["calls"][5][1]["status"], "SUCCESS");
}
