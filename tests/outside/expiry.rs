//! The end of an order's time. An order lives at least a minute, so these tests take a little over one.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{SOON, Server, Settings, Shop, instant, least_order, now, path_of, wait_until};

/// A minute of life and the minute in which the end may be published.
const AT_LATEST: Duration = Duration::from_secs(125);

async fn end_of(shop: &Shop, order: &Value) -> Value {
    let ended = wait_until(AT_LATEST, "the order to end", async || {
        Some(shop.order(order).await).filter(|order| order["status"] != "pending")
    })
    .await;
    let late = now().as_second() - instant(&ended["expires_at"]).as_second();
    assert!((0..=62).contains(&late), "published {late} s after its end");
    ended
}

#[tokio::test]
async fn an_order_that_nobody_pays_expires_by_itself_and_everyone_is_told() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = {
        let mut order = least_order();
        order["expires_in"] = json!(60);
        order
    };
    let order = shop.place(&asked).await;
    let short_link = shop.ask_friend(&order, json!({ "expires_in": 60 })).await;
    let end = shop.order(&order).await["expires_at"].clone();
    let scan = path_of(order["qr"]["payload"].as_str().unwrap());
    let payer = server.browser();
    let attempt = payer.begin(&scan, "wechat_pay").await;
    let mut stream = payer.watch(&scan, None).await;
    stream.next(SOON).await.expect("the present state");
    let expired = end_of(&shop, &order).await;
    assert_eq!(
        (&expired["status"], &expired["expires_at"], &expired["paid_at"]),
        (&json!("expired"), &end, &Value::Null)
    );
    let mut last = stream.next(SOON).await.expect("the end");
    while last.data["final"] == false {
        last = stream.next(SOON).await.expect("the end");
    }
    assert_eq!((&last.data["status"], &last.data["final"]), (&json!("expired"), &json!(true)));
    assert!(stream.next(SOON).await.is_none());
    let types = shop.history_types(&order).await;
    assert_eq!(types.iter().filter(|kind| *kind == "order.expired").count(), 1, "{types:?}");
    let status = shop.attempts(&order).await[0]["status"].clone();
    assert!(status == "closed" || status == "expired" || status == "closing", "{status}");
    for path in [
        &scan,
        &path_of(order["checkout_url"].as_str().unwrap()),
        &attempt,
        &path_of(short_link["url"].as_str().unwrap()),
    ] {
        payer.get(path).await.expect(200);
    }
    payer.get(&format!("{scan}/qr.png")).await.expect(200);
    assert_eq!(payer.post_form(&format!("{scan}/attempts"), &[("wallet", "alipay")]).await.status, 409);
    let links = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await;
    assert_eq!(links[0]["status"], "expired");
    shop.post("/v1/orders", &asked).await.problem(409, "order_finished");
    let under = |part: &str| format!("/v1/orders/{}/{part}", order["id"].as_str().unwrap());
    shop.post_nothing(&under("cancel")).await.problem(409, "order_not_pending");
    shop.post(&under("extend"), &json!({ "expires_in": 900 })).await.problem(409, "order_not_pending");
    // Somebody pays all the same, late: it goes back.
    server.play(&shop, &order, "paid_late").await;
    wait_until(SOON, "the late money to go back", async || {
        shop.refunds(&order)
            .await
            .iter()
            .any(|refund| refund["kind"] == "late" && refund["status"] == "succeeded")
            .then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["status"], "expired");
}

#[tokio::test]
async fn a_late_payment_of_an_expired_order_is_accepted_when_the_merchant_says_so() {
    let server = Server::start_with(Settings::two_merchants("late_payment = \"accept\"")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    assert_eq!(end_of(&shop, &order).await["status"], "expired");
    server.play(&shop, &order, "paid_late").await;
    let paid = server.await_status(&shop, &order, "paid").await;
    assert!(instant(&paid["paid_at"]) > instant(&paid["expires_at"]));
    let types = shop.history_types(&order).await;
    let tail = types.iter().skip_while(|kind| *kind != "order.expired").collect::<Vec<_>>();
    assert!(tail.contains(&&"order.paid".to_owned()), "{types:?}");
}

#[tokio::test]
async fn money_paid_in_time_pays_however_late_it_is_heard_of() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 90 })).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    // Past the query at 40 s, so that only the one at the end (or after it) can find the payment; early enough to be in time for sure.
    let end = instant(&order["expires_at"]).as_second();
    wait_until(AT_LATEST, "the last half minute", async || (now().as_second() >= end - 30).then_some(())).await;
    server.play(&shop, &order, "notice_lost").await;
    let paid = wait_until(AT_LATEST, "the order to be paid", async || {
        Some(shop.order(&order).await).filter(|order| order["status"] == "paid")
    })
    .await;
    assert!(instant(&paid["paid_at"]) <= instant(&paid["expires_at"]), "{paid}");
    assert_eq!(shop.refunds(&order).await.len(), 0);
}

#[tokio::test]
async fn an_order_that_got_more_time_lives_on() {
    let server = Server::start().await;
    let shop = server.shop();
    let (extended, asked) =
        (shop.place_with(json!({ "expires_in": 60 })).await, shop.place_with(json!({ "expires_in": 60 })).await);
    let left_alone = shop.place_with(json!({ "expires_in": 60 })).await;
    shop.post(&format!("/v1/orders/{}/extend", extended["id"].as_str().unwrap()), &json!({ "expires_in": 600 }))
        .await
        .expect(200);
    shop.ask_friend(&asked, json!({ "expires_in": 600 })).await;
    assert_eq!(end_of(&shop, &left_alone).await["status"], "expired");
    for order in [&extended, &asked] {
        assert_eq!(shop.order(order).await["status"], "pending");
        server.pay(&shop, order, "alipay").await;
    }
}

#[tokio::test]
async fn an_order_whose_time_ended_while_nobody_was_there_expires_at_the_next_start() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "unionpay").await;
    server.kill();
    let end = instant(&order["expires_at"]).as_second();
    wait_until(AT_LATEST, "the end of its time", async || (now().as_second() > end).then_some(())).await;
    server.restart().await;
    assert_eq!(end_of(&shop, &order).await["status"], "expired");
}
