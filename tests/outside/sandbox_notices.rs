//! Wallet notifications, overheard: forged, altered and repeated ones change nothing; none is acknowledged before it is kept.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Notice, SOON, Server, Settings, Shop, Tap, least_order, path_of, wait_until};

/// A server whose public address is a tap, so that each notice is overheard.
async fn overheard() -> (Tap, Server, Shop) {
    let tap = Tap::open().await;
    let server = Server::start_with(Settings::default().flag("--public-url", &tap.base())).await;
    tap.lead_to(server.address());
    let shop = server.shop();
    (tap, server, shop)
}

/// Begins to pay and returns the trade number.
async fn begin(server: &Server, shop: &Shop, order: &Value, wallet: &str) -> String {
    let page = path_of(order["qr"]["payload"].as_str().unwrap());
    let form = [("wallet", wallet)];
    let request = server.browser().request(reqwest::Method::POST, &format!("{page}/attempts")).form(&form);
    crate::harness::Answer::of(request).await.expect(303);
    shop.attempts(order).await[0]["trade_no"].as_str().unwrap().to_owned()
}

/// Plays the wallet without naming an origin: the program believes to stand at the tap's address.
async fn play(server: &Server, trade_no: &str, outcome: &str) {
    let request =
        server.browser().request(reqwest::Method::POST, &format!("/sandbox/{trade_no}")).form(&[("outcome", outcome)]);
    let answer = crate::harness::Answer::of(request).await;
    assert!((200..400).contains(&answer.status), "{}: {}", answer.status, answer.text());
}

async fn notices(tap: &Tap, count: usize) -> Vec<Notice> {
    wait_until(SOON, &format!("{count} notices at the public address"), async || {
        Some(tap.notices()).filter(|notices| notices.len() >= count)
    })
    .await
}

async fn state(shop: &Shop, orders: &[&Value]) -> Vec<Value> {
    let mut state = Vec::new();
    for order in orders {
        state.push(json!([
            shop.order(order).await,
            shop.attempts(order).await,
            shop.history(order).await,
            shop.refunds(order).await
        ]));
    }
    state
}

#[tokio::test]
async fn a_notice_comes_to_the_wallets_own_address_of_this_merchant() {
    let (tap, server, shop) = overheard().await;
    for (number, wallet) in ["wechat_pay", "alipay", "unionpay"].into_iter().enumerate() {
        let order = shop.place(&least_order()).await;
        let trade_no = begin(&server, &shop, &order, wallet).await;
        play(&server, &trade_no, "paid").await;
        server.await_status(&shop, &order, "paid").await;
        let notice = notices(&tap, number + 1).await.remove(number);
        assert!(notice.path.starts_with(&format!("/notify/{wallet}/")), "{}", notice.path);
    }
}

#[tokio::test]
async fn an_altered_notice_is_refused_and_changes_nothing() {
    let (tap, server, shop) = overheard().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (number, wallet) in ["wechat_pay", "alipay", "unionpay"].into_iter().enumerate() {
        let (paid, pending) = (shop.place(&least_order()).await, shop.place(&least_order()).await);
        let trade_no = begin(&server, &shop, &paid, wallet).await;
        let other_trade_no = begin(&server, &shop, &pending, wallet).await;
        play(&server, &trade_no, "paid").await;
        server.await_status(&shop, &paid, "paid").await;
        let notice = notices(&tap, number + 1).await.remove(number);
        let before = state(&shop, &[&paid, &pending]).await;
        let refused = async |altered: &Notice, how: &str| {
            let answer = altered.send(&client, &server.base()).await;
            assert!(matches!(answer.status, 400 | 401), "{wallet}, {how}: {} {}", answer.status, answer.text());
        };
        // Every byte of the body, one after the other (every few bytes of a long one).
        for at in (0..notice.body.len()).step_by(notice.body.len() / 150 + 1) {
            let mut altered = notice.clone();
            altered.body[at] ^= 1;
            refused(&altered, &format!("byte {at} of the body flipped")).await;
        }
        for length in [0, 1, notice.body.len() / 2, notice.body.len() - 1] {
            let mut altered = notice.clone();
            altered.headers.retain(|(name, _)| name != "content-length");
            altered.body.truncate(length);
            refused(&altered, &format!("cut to {length} bytes")).await;
        }
        let text = String::from_utf8_lossy(&notice.body).into_owned();
        for (from, to) in [(trade_no.as_str(), other_trade_no.as_str()), ("129.00", "0.01"), ("12900", "00001")] {
            if text.contains(from) {
                let mut altered = notice.clone();
                altered.headers.retain(|(name, _)| name != "content-length");
                altered.body = text.replace(from, to).into_bytes();
                refused(&altered, &format!("{from} turned into {to}")).await;
            }
        }
        for (name, _) in notice.headers.iter().filter(|(name, _)| {
            name.contains("sign") || name.contains("nonce") || name.contains("timestamp") || name.contains("serial")
        }) {
            let mut altered = notice.clone();
            altered.headers.retain(|(kept, _)| kept != name);
            refused(&altered, &format!("without {name}")).await;
            let mut altered = notice.clone();
            altered.headers.iter_mut().filter(|(kept, _)| kept == name).for_each(|(_, value)| value.push('0'));
            refused(&altered, &format!("{name} lengthened")).await;
        }
        assert_eq!(state(&shop, &[&paid, &pending]).await, before, "{wallet}");
    }
}

#[tokio::test]
async fn a_notice_of_another_servers_sandbox_proves_nothing() {
    let (tap, server, shop) = overheard().await;
    let order = shop.place(&least_order()).await;
    let trade_no = begin(&server, &shop, &order, "wechat_pay").await;
    play(&server, &trade_no, "paid").await;
    let notice = notices(&tap, 1).await.remove(0);
    let stranger = Server::start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = notice.send(&client, &stranger.base()).await;
    assert_eq!(answer.status, 401, "its server key is another: {}", answer.text());
    assert_eq!(stranger.shop().list("/v1/events").await.len(), 0);
}

#[tokio::test]
async fn a_notice_sent_to_another_wallet_or_merchant_is_refused() {
    let (tap, server, shop) = overheard().await;
    let order = shop.place(&least_order()).await;
    let trade_no = begin(&server, &shop, &order, "alipay").await;
    play(&server, &trade_no, "paid").await;
    let notice = notices(&tap, 1).await.remove(0);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let merchant = notice.path.rsplit('/').next().unwrap().to_owned();
    for path in
        [format!("/notify/wechat_pay/{merchant}"), "/notify/alipay/nobody".into(), format!("/notify/paypal/{merchant}")]
    {
        let answer = Notice { path: path.clone(), ..notice.clone() }.send(&client, &server.base()).await;
        assert!(matches!(answer.status, 400 | 401 | 404), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_genuine_notice_heard_again_changes_nothing() {
    let (tap, server, shop) = overheard().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let order = shop.place(&least_order()).await;
    let trade_no = begin(&server, &shop, &order, "alipay").await;
    play(&server, &trade_no, "paid_twice").await;
    wait_until(SOON, "the surplus to be refunded", async || {
        shop.refunds(&order).await.iter().any(|refund| refund["status"] == "succeeded").then_some(())
    })
    .await;
    let before = state(&shop, &[&order]).await;
    for notice in notices(&tap, 2).await {
        for _ in 0..10 {
            let answer = notice.send(&client, &server.base()).await;
            assert!(
                (200..300).contains(&answer.status),
                "a wallet that repeats itself is answered kindly: {}",
                answer.status
            );
        }
    }
    assert_eq!(state(&shop, &[&order]).await, before);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_form() {
    let (tap, server, shop) = overheard().await;
    let order = shop.place(&least_order()).await;
    let trade_no = begin(&server, &shop, &order, "wechat_pay").await;
    play(&server, &trade_no, "paid").await;
    let notice = notices(&tap, 1).await.remove(0);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |body: Vec<u8>| {
        let mut headers = notice.headers.clone();
        headers.retain(|(name, _)| name != "content-length");
        Notice { path: notice.path.clone(), headers, body }.send(&client, &server.base()).await.status
    };
    for body in [b"".to_vec(), b"{".to_vec(), b"\xff\xfe".to_vec(), b"a=b&a=c".to_vec(), vec![b'['; 20_000]] {
        assert!(matches!(send(body).await, 400 | 401));
    }
    assert_eq!(send(vec![b'x'; 2_000_000]).await, 413);
    let get = client.get(format!("{}{}", server.base(), notice.path)).send().await.unwrap().status().as_u16();
    assert!(matches!(get, 404 | 405), "{get}");
}

#[tokio::test]
async fn a_notice_that_cannot_arrive_is_sent_again_or_found_by_asking() {
    let (tap, server, shop) = overheard().await;
    tap.refuse(true);
    let order = shop.place(&least_order()).await;
    let trade_no = begin(&server, &shop, &order, "unionpay").await;
    play(&server, &trade_no, "paid").await;
    wait_until(Duration::from_secs(40), "the query that finds the payment", async || {
        (shop.order(&order).await["status"] == "paid").then_some(())
    })
    .await;
    assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
    tap.refuse(false);
}
