//! Wallet notifications from strangers: whoever cannot prove what he says changes nothing. (That a genuine notice altered in any byte is
//! refused is shown beside the signature itself, where genuine notices can be made.)

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Settings, Shop, least_order, path_of};

const WALLETS: [&str; 3] = ["wechat_pay", "alipay", "unionpay"];

/// An order with one open attempt, and the attempt's trade number.
async fn begun(server: &Server, shop: &Shop, wallet: &str) -> (Value, String) {
    let order = shop.place(&least_order()).await;
    server.browser().begin(&path_of(order["qr"]["payload"].as_str().unwrap()), wallet).await;
    let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    (order, trade_no)
}

async fn state(shop: &Shop, order: &Value) -> Value {
    json!([shop.order(order).await, shop.attempts(order).await, shop.history(order).await, shop.refunds(order).await])
}

/// What a forger might send to say that a trade was paid: in the sandbox's own words and in each real wallet's.
fn forgeries(wallet: &str, merchant: &str, trade_no: &str) -> Vec<(Vec<(&'static str, String)>, String)> {
    let now = crate::harness::now().as_second().to_string();
    let paid_at = crate::harness::now().as_millisecond();
    let signature = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let body = json!({
        "notice_id": "n1", "merchant": merchant, "wallet": wallet, "account": format!("sandbox-{merchant}"), "trade_no": trade_no,
        "event": { "kind": "payment", "transaction_id": "4200000000000000000000000001", "amount": 12900, "currency": "CNY", "paid_at": paid_at },
    });
    let signed = |signature: &str| {
        vec![
            ("content-type", "application/json".to_owned()),
            ("sandbox-timestamp", now.clone()),
            ("sandbox-nonce", "AbCdEfGhIjKlMnOpQrStUvWxYz012345".to_owned()),
            ("sandbox-signature", signature.to_owned()),
        ]
    };
    let form = format!(
        "app_id=2021&out_trade_no={trade_no}&trade_status=TRADE_SUCCESS&total_amount=129.00&sign_type=RSA2&sign=AAAA"
    );
    let union = format!("orderId={trade_no}&txnAmt=12900&respCode=00&signMethod=01&signature=AAAA");
    let wechat = json!({ "id": "x", "event_type": "TRANSACTION.SUCCESS", "resource": { "ciphertext": "AAAA", "nonce": "n", "associated_data": "" } });
    let form_type = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    vec![
        (signed(&signature), body.to_string()),
        (signed("v1,"), body.to_string()),
        (signed(""), body.to_string()),
        (signed("v1, v1,"), body.to_string()),
        (signed("v0,AAAA"), body.to_string()),
        (signed(&format!("{signature} {signature}")), body.to_string()),
        (vec![], body.to_string()),
        (form_type.clone(), form),
        (form_type, union),
        (
            vec![
                ("wechatpay-timestamp", now.clone()),
                ("wechatpay-nonce", "n".into()),
                ("wechatpay-serial", "PUB_KEY_ID_1".into()),
                ("wechatpay-signature", "AAAA".into()),
            ],
            wechat.to_string(),
        ),
    ]
}

async fn send(shop: &Shop, path: &str, headers: &[(&'static str, String)], body: Vec<u8>) -> Answer {
    let mut request = shop.anonymous(Method::POST, path).body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Answer::of(request).await
}

#[tokio::test]
async fn a_forged_notice_is_refused_and_changes_nothing() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    for wallet in WALLETS {
        let (order, trade_no) = begun(&server, &shop, wallet).await;
        let before = state(&shop, &order).await;
        for merchant in ["teashop", "bookshop"] {
            for (headers, body) in forgeries(wallet, merchant, &trade_no) {
                let answer =
                    send(&shop, &format!("/notify/{wallet}/{merchant}"), &headers, body.clone().into_bytes()).await;
                assert_eq!(answer.status, 401, "{wallet}, {merchant}: {headers:?} {body}");
            }
        }
        assert_eq!(state(&shop, &order).await, before, "{wallet}");
        server.play(&shop, &order, "paid").await;
        server.await_status(&shop, &order, "paid").await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_form() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    for wallet in WALLETS {
        let path = format!("/notify/{wallet}/teashop");
        for body in [b"".to_vec(), b"{".to_vec(), b"\xff\xfe".to_vec(), b"a=b&a=c".to_vec(), vec![b'['; 20_000]] {
            let status = send(&shop, &path, &[], body).await.status;
            assert!(matches!(status, 400 | 401), "{wallet}: {status}");
        }
        assert_eq!(send(&shop, &path, &[], vec![b'x'; 2_000_000]).await.status, 413, "{wallet}");
        let get = Answer::of(shop.anonymous(Method::GET, &path)).await;
        assert!(matches!(get.status, 404 | 405), "{}", get.status);
    }
    for path in ["/notify/alipay/nobody", "/notify/paypal/teashop", "/notify/alipay/", "/notify/alipay/teashop/x"] {
        assert_eq!(send(&shop, path, &[], b"{}".to_vec()).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_flood_of_forgeries_does_not_keep_a_payment_out() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    let (order, trade_no) = begun(&server, &shop, "alipay").await;
    let forged = forgeries("alipay", "teashop", &trade_no);
    let flood = futures_util::future::join_all((0..300).map(|number| {
        let (headers, body) = &forged[number % forged.len()];
        send(&shop, "/notify/alipay/teashop", headers, body.clone().into_bytes())
    }));
    let ((), answers) = tokio::join!(server.play(&shop, &order, "paid"), flood);
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
    server.await_status(&shop, &order, "paid").await;
    assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
}
