//! Money that goes back: refunds by the merchant's wish and by rule.

use serde_json::{Value, json};

use crate::harness::{SOON, Server, Settings, Shop, least_order, path_of, wait_until};

fn refunds_of(order: &Value) -> String {
    format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())
}

/// An order of 129.00 that has been paid.
async fn paid(server: &Server, shop: &Shop) -> Value {
    let order = shop.place(&least_order()).await;
    server.pay(shop, &order, "alipay").await;
    order
}

/// Waits until the order tells this sum of refunds, and returns it.
async fn refunded(shop: &Shop, order: &Value, sum: i64) -> Value {
    wait_until(SOON, &format!("{sum} to be refunded"), async || {
        Some(shop.order(order).await).filter(|order| order["amount_refunded"] == sum)
    })
    .await
}

#[tokio::test]
async fn a_paid_order_is_refunded_in_parts_and_then_whole() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = paid(&server, &shop).await;
    let part = shop.post(&refunds_of(&order), &json!({ "amount": 900, "reason": "杯子碎了" })).await.expect(201).json();
    assert!(part["id"].as_str().unwrap().starts_with("rfd_"));
    assert_eq!(
        (&part["order_id"], &part["wallet"], &part["kind"]),
        (&order["id"], &json!("alipay"), &json!("merchant"))
    );
    assert_eq!((&part["amount"], &part["currency"], &part["reason"]), (&json!(900), &json!("CNY"), &json!("杯子碎了")));
    assert!(matches!(part["status"].as_str(), Some("pending" | "succeeded")), "{part}");
    assert_eq!(part["payment_id"], shop.attempts(&order).await[0]["payments"][0]["id"]);
    crate::harness::instant(&part["created_at"]);
    assert_eq!(refunded(&shop, &order, 900).await["status"], "partially_refunded");
    let rest = shop.post_nothing(&refunds_of(&order)).await.expect(201).json();
    assert_eq!((&rest["amount"], &rest["reason"]), (&json!(12000), &Value::Null), "the rest by default");
    assert_eq!(refunded(&shop, &order, 12900).await["status"], "refunded");
    shop.post(&refunds_of(&order), &json!({ "amount": 1 })).await.problem(409, "refund_exceeds_payment");
    shop.post_nothing(&refunds_of(&order)).await.problem(409, "refund_exceeds_payment");
    let listed = shop.refunds(&order).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["id"], rest["id"], "newest first");
    assert!(listed.iter().all(|refund| refund["status"] == "succeeded"));
    let types = shop.history_types(&order).await;
    assert_eq!(types.iter().filter(|kind| *kind == "refund.succeeded").count(), 2, "{types:?}");
    assert_eq!(types.iter().filter(|kind| *kind == "order.refunded").count(), 2, "{types:?}");
    assert_eq!(shop.attempts(&order).await[0]["payments"][0]["result"], "winner");
}

#[tokio::test]
async fn a_refund_is_bounded_by_the_payment() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = paid(&server, &shop).await;
    shop.post(&refunds_of(&order), &json!({ "amount": 12901 })).await.problem(409, "refund_exceeds_payment");
    for wrong in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!(100_000_000_000_i64)] {
        let answer = shop.post(&refunds_of(&order), &json!({ "amount": wrong })).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
        assert_eq!(answer.bad_fields(), ["/amount"]);
    }
    assert_eq!(shop.post(&refunds_of(&order), &json!({ "reason": 5 })).await.bad_fields(), ["/reason"]);
    assert_eq!(shop.post(&refunds_of(&order), &json!({ "sum": 5 })).await.bad_fields(), ["/sum"]);
    assert_eq!(shop.refunds(&order).await.len(), 0);
    shop.post(&refunds_of(&order), &json!({ "amount": 12900 })).await.expect(201);
    assert_eq!(refunded(&shop, &order, 12900).await["status"], "refunded");
}

#[tokio::test]
async fn an_unpaid_order_has_nothing_to_refund() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    shop.post_nothing(&refunds_of(&order)).await.problem(409, "order_not_paid");
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    shop.post(&refunds_of(&order), &json!({ "amount": 1 })).await.problem(409, "order_not_paid");
    assert_eq!(shop.refunds(&order).await.len(), 0);
}

#[tokio::test]
async fn however_many_ask_at_once_no_more_goes_back_than_was_paid() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = paid(&server, &shop).await;
    let (path, body) = (refunds_of(&order), json!({ "amount": 1290 }));
    let answers = futures_util::future::join_all((0..25).map(|_| shop.post(&path, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 10, "ten tenths");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "refund_exceeds_payment");
    }
    assert_eq!(refunded(&shop, &order, 12900).await["status"], "refunded");
    let page = shop.list(&format!("{path}?limit=100")).await;
    assert_eq!(page.len(), 10);
    assert_eq!(page.iter().map(|refund| refund["amount"].as_i64().unwrap()).sum::<i64>(), 12900);
}

#[tokio::test]
async fn a_surplus_takes_nothing_from_what_the_merchant_can_refund() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    server.play(&shop, &order, "paid_twice").await;
    wait_until(SOON, "the surplus to go back", async || {
        shop.refunds(&order)
            .await
            .iter()
            .any(|refund| refund["kind"] == "surplus" && refund["status"] == "succeeded")
            .then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["amount_refunded"], 0);
    let whole = shop.post_nothing(&refunds_of(&order)).await.expect(201).json();
    assert_eq!(whole["amount"], 12900);
    assert_eq!(refunded(&shop, &order, 12900).await["status"], "refunded");
    assert_eq!(shop.refunds(&order).await.len(), 2);
}

#[tokio::test]
async fn the_buyer_and_whoever_paid_read_what_becomes_of_money_that_is_not_kept() {
    let server = Server::start().await;
    let shop = server.shop();
    for (outcome, told) in
        [("paid_twice", "one too many or came too late"), ("paid_wrong_amount", "differs from the price")]
    {
        let order = shop.place(&least_order()).await;
        let (checkout, scanned) = (order["checkout_url"].as_str().unwrap(), order["qr"]["payload"].as_str().unwrap());
        let page = |address: &str| format!("{}?locale=en", path_of(address));
        let payer = server.browser();
        payer.begin(scanned, "wechat_pay").await;
        server.play(&shop, &order, outcome).await;
        let stranger = server.browser();
        wait_until(SOON, "the buyer to be told", async || {
            stranger.get(&page(checkout)).await.expect(200).text().contains(told).then_some(())
        })
        .await;
        assert!(payer.get(&page(scanned)).await.expect(200).text().contains(told), "{outcome}: who paid is told");
        assert!(!stranger.get(&page(scanned)).await.expect(200).text().contains(told), "{outcome}: nobody else is");
    }
}

#[tokio::test]
async fn a_payment_that_a_rule_gives_back_is_not_given_back_by_hand() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    server.play(&shop, &order, "paid_twice").await;
    let payments = wait_until(SOON, "both payments", async || {
        shop.attempts(&order).await[0]["payments"].as_array().filter(|payments| payments.len() == 2).cloned()
    })
    .await;
    for payment in &payments {
        let answer = shop.post_nothing(&format!("/v1/payments/{}/refund", payment["id"].as_str().unwrap())).await;
        assert_eq!(answer.status, 409, "{}: {}", payment["result"], answer.text());
        answer.problem(409, "");
    }
    assert_eq!(shop.refunds(&order).await.len(), 1);
    assert_eq!(shop.order(&order).await["status"], "paid");
}

async fn cancelled_then_paid(lines: &str) -> (Server, Shop, Value) {
    let server = Server::start_with(Settings::two_merchants(lines)).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    let order = shop.place(&least_order()).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    // The wallet's payment time has whole seconds: this one is to lie after the cancelling.
    let second = crate::harness::now().as_second();
    wait_until(SOON, "the next second", async || (crate::harness::now().as_second() > second).then_some(())).await;
    server.play(&shop, &order, "paid").await;
    wait_until(SOON, "the payment to be heard", async || {
        shop.attempts(&order).await[0]["payments"].as_array().filter(|payments| !payments.is_empty()).map(|_| ())
    })
    .await;
    (server, shop, order)
}

#[tokio::test]
async fn a_payment_after_cancelling_goes_back_by_itself() {
    let (_server, shop, order) = cancelled_then_paid("late_payment = \"refund\"").await;
    let refund = wait_until(SOON, "the late refund", async || {
        shop.refunds(&order).await.into_iter().find(|refund| refund["status"] == "succeeded")
    })
    .await;
    assert_eq!((&refund["kind"], &refund["amount"]), (&json!("late"), &json!(12900)));
    let order = shop.order(&order).await;
    assert_eq!(
        (&order["status"], &order["amount_refunded"], &order["paid_at"]),
        (&json!("cancelled"), &json!(0), &Value::Null)
    );
    let types = shop.history_types(&order).await;
    assert!(types.contains(&"payment.late".to_owned()) && !types.contains(&"order.paid".to_owned()), "{types:?}");
}

#[tokio::test]
async fn a_merchant_may_accept_what_comes_after_cancelling() {
    let (_server, shop, order) = cancelled_then_paid("late_payment = \"accept\"").await;
    let order = shop.order(&order).await;
    assert_eq!(
        (&order["status"], &order["paid_with"], &order["paid_by"]),
        (&json!("paid"), &json!("alipay"), &json!("buyer"))
    );
    assert_eq!(shop.refunds(&order).await.len(), 0);
    let types = shop.history_types(&order).await;
    assert!(types.contains(&"order.paid".to_owned()), "{types:?}");
    assert_eq!(shop.attempts(&order).await[0]["payments"][0]["result"], "winner");
}

#[tokio::test]
async fn pending_refunds_go_on_after_being_killed() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = paid(&server, &shop).await;
    for _ in 0..5 {
        shop.post(&refunds_of(&order), &json!({ "amount": 100 })).await.expect(201);
    }
    server.restart().await;
    // What was being worked on when the program died is taken up again when its lease of a minute has run out.
    let after = wait_until(SOON * 6, "500 to be refunded", async || {
        Some(shop.order(&order).await).filter(|order| order["amount_refunded"] == 500)
    })
    .await;
    assert_eq!(after["status"], "partially_refunded");
    assert_eq!(shop.refunds(&order).await.len(), 5);
}
