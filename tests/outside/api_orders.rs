//! Orders: a number used again, cancelling, more time.

use serde_json::{Value, json};

use crate::harness::{Server, least_order, now, seconds_between};

fn path(order: &Value, part: &str) -> String {
    format!("/v1/orders/{}{part}", order["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_order_can_be_read_again_as_it_was_answered() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "wallets": ["alipay"], "locale": "en", "return_url": "http://127.0.0.1:9/x", "metadata": { "k": "v" } })).await;
    assert_eq!(shop.order(&order).await, order);
}

#[tokio::test]
async fn a_number_repeated_with_equal_content_answers_with_the_order_that_exists() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = least_order();
    let order = shop.place(&asked).await;
    assert_eq!(shop.post("/v1/orders", &asked).await.expect(200).json(), order, "with the same addresses");
    let mut spelled_out = asked.clone();
    spelled_out["currency"] = json!("CNY");
    spelled_out["expires_in"] = json!(900);
    spelled_out["wallets"] = json!(["wechat_pay", "alipay", "unionpay"]);
    spelled_out["metadata"] = json!({});
    spelled_out["subject"] = json!("  青瓷茶壶 ");
    assert_eq!(
        shop.post("/v1/orders", &spelled_out).await.expect(200).json()["id"],
        order["id"],
        "defaults spelled out are equal"
    );
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
    assert_eq!(shop.history_types(&order).await, ["order.created"], "asking again is no event");
}

#[tokio::test]
async fn metadata_in_another_order_is_the_same_metadata() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut asked = least_order();
    asked["metadata"] = json!({ "a": "1", "b": "2" });
    let order = shop.place(&asked).await;
    asked["metadata"] = json!({ "b": "2", "a": "1" });
    assert_eq!(shop.post("/v1/orders", &asked).await.expect(200).json()["id"], order["id"]);
}

#[tokio::test]
async fn a_number_repeated_with_other_content_is_taken() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = least_order();
    let order = shop.place(&asked).await;
    for (field, value) in [
        ("amount", json!(12901)),
        ("subject", json!("另一个")),
        ("wallets", json!(["alipay"])),
        ("expires_in", json!(901)),
        ("locale", json!("en")),
        ("return_url", json!("http://127.0.0.1:9/")),
        ("metadata", json!({ "a": "b" })),
    ] {
        let mut other = asked.clone();
        other[field] = value;
        shop.post("/v1/orders", &other).await.problem(409, "merchant_order_no_taken");
    }
    assert_eq!(shop.order(&order).await, order);
}

#[tokio::test]
async fn a_number_of_a_finished_order_is_not_brought_to_life_again() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = least_order();
    let order = shop.place(&asked).await;
    shop.post_nothing(&path(&order, "/cancel")).await.expect(200);
    shop.post("/v1/orders", &asked).await.problem(409, "order_finished");
    let mut other = asked.clone();
    other["amount"] = json!(1);
    shop.post("/v1/orders", &other).await.problem(409, "merchant_order_no_taken");
}

#[tokio::test]
async fn a_number_of_a_paid_order_answers_with_the_paid_order() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = least_order();
    let order = shop.place(&asked).await;
    server.pay(&shop, &order, "alipay").await;
    let again = shop.post("/v1/orders", &asked).await.expect(200).json();
    assert_eq!((&again["id"], &again["status"]), (&order["id"], &json!("paid")));
}

#[tokio::test]
async fn cancelling_ends_a_pending_order_once() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let cancelled = shop.post_nothing(&path(&order, "/cancel")).await.expect(200).json();
    assert_eq!((&cancelled["id"], &cancelled["status"]), (&order["id"], &json!("cancelled")));
    shop.post(&path(&order, "/cancel"), &json!({})).await.problem(409, "order_not_pending");
    assert_eq!(shop.history_types(&order).await, ["order.created", "order.cancelled"]);
    for field in ["paid_at", "paid_with", "paid_by"] {
        assert_eq!(shop.order(&order).await[field], Value::Null);
    }
}

#[tokio::test]
async fn cancelling_leaves_no_attempt_open() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    for wallet in ["wechat_pay", "alipay", "unionpay"] {
        payer.begin(order["qr"]["payload"].as_str().unwrap(), wallet).await;
    }
    shop.post_nothing(&path(&order, "/cancel")).await.expect(200);
    crate::harness::wait_until(crate::harness::SOON, "no attempt to be open", async || {
        let attempts = shop.attempts(&order).await;
        assert_eq!(attempts.len(), 3);
        // What an unscanned Alipay code becomes is the wallet's choice; the two others can be closed.
        let closed = |attempt: &Value| {
            attempt["status"] == "closed" || attempt["wallet"] == "alipay" && attempt["status"] != "open"
        };
        attempts.iter().all(closed).then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["status"], "cancelled");
}

#[tokio::test]
async fn a_paid_order_cannot_be_cancelled_or_prolonged() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    server.pay(&shop, &order, "unionpay").await;
    shop.post_nothing(&path(&order, "/cancel")).await.problem(409, "order_not_pending");
    shop.post(&path(&order, "/extend"), &json!({ "expires_in": 900 })).await.problem(409, "order_not_pending");
    assert_eq!(shop.order(&order).await["status"], "paid");
}

#[tokio::test]
async fn more_time_is_counted_from_now_and_ends_a_week_after_the_beginning() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    let before = now().as_second();
    let extended = shop.post(&path(&order, "/extend"), &json!({ "expires_in": 3600 })).await.expect(200).json();
    let end = crate::harness::instant(&extended["expires_at"]).as_second();
    assert!((before + 3599..=now().as_second() + 3601).contains(&end), "{extended}");
    assert_eq!(shop.history_types(&order).await, ["order.created", "order.extended"]);
    let longest = shop.post(&path(&order, "/extend"), &json!({ "expires_in": 604_800 })).await;
    if longest.status == 200 {
        assert!(
            seconds_between(&order["created_at"], &longest.json()["expires_at"]) <= 604_800,
            "at most a week after creation"
        );
    } else {
        assert_eq!(longest.bad_fields(), ["/expires_in"]);
    }
    for wrong in [
        json!({}),
        json!({ "expires_in": 604_801 }),
        json!({ "expires_in": 0 }),
        json!({ "expires_in": "900" }),
        json!({ "expires_in": 900.5 }),
    ] {
        let answer = shop.post(&path(&order, "/extend"), &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
        assert_eq!(answer.bad_fields(), ["/expires_in"]);
    }
    let pointers = shop.post(&path(&order, "/extend"), &json!({ "expires_in": 900, "by": "me" })).await.bad_fields();
    assert_eq!(pointers, ["/by"]);
}

#[tokio::test]
async fn fifty_equal_orders_at_once_are_one_order() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = least_order();
    let answers = futures_util::future::join_all((0..50).map(|_| shop.post("/v1/orders", &order))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let found = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, found), (1, 49), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.json()["id"] == answers[0].json()["id"]));
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
}
