//! The simulated wallets: what each outcome does to order, attempts and payments.

use serde_json::{Value, json};

use crate::harness::{Browser, SOON, Server, Settings, Shop, instant, least_order, path_of, wait_until};

struct Scene {
    server: Server,
    shop: Shop,
    payer: Browser,
    order: Value,
    attempt: String,
    trade_no: String,
}

/// An order with one open attempt.
async fn begun(wallet: &str) -> Scene {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let attempt = payer.begin(order["qr"]["payload"].as_str().unwrap(), wallet).await;
    let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    Scene { server, shop, payer, order, attempt, trade_no }
}

impl Scene {
    async fn play(&self, outcome: &str) {
        self.payer.play(&self.trade_no, outcome).await;
    }

    /// Waits until the attempt has so many payments, and returns them.
    async fn payments(&self, count: usize) -> Vec<Value> {
        wait_until(SOON, &format!("{count} payments"), async || {
            let attempt = self.shop.attempts(&self.order).await.pop().expect("an attempt");
            attempt["payments"].as_array().filter(|payments| payments.len() == count).cloned()
        })
        .await
    }

    /// Waits for a refund of this kind to succeed.
    async fn refunded(&self, kind: &str) -> Value {
        wait_until(SOON, &format!("a {kind} refund"), async || {
            let refunds = self.shop.refunds(&self.order).await;
            refunds.into_iter().find(|refund| refund["kind"] == kind && refund["status"] == "succeeded")
        })
        .await
    }

    async fn count(&self, kind: &str) -> usize {
        self.shop.history_types(&self.order).await.iter().filter(|found| *found == kind).count()
    }
}

#[tokio::test]
async fn paid_pays_the_order_through_each_wallet() {
    for wallet in ["wechat_pay", "alipay", "unionpay"] {
        let scene = begun(wallet).await;
        scene.play("paid").await;
        let order = scene.server.await_status(&scene.shop, &scene.order, "paid").await;
        assert_eq!(
            (&order["paid_with"], &order["paid_by"], &order["amount_refunded"]),
            (&json!(wallet), &json!("buyer"), &json!(0))
        );
        assert!(instant(&order["paid_at"]) <= instant(&order["expires_at"]));
        let attempt = scene.shop.attempts(&scene.order).await.remove(0);
        assert_eq!(
            (&attempt["status"], &attempt["payer"], &attempt["friend_link_id"]),
            (&json!("succeeded"), &json!("buyer"), &Value::Null)
        );
        assert_eq!(attempt["order_id"], order["id"]);
        assert!(instant(&attempt["expires_at"]) > instant(&attempt["created_at"]));
        let payment = &scene.payments(1).await[0];
        assert!(payment["id"].as_str().unwrap().starts_with("pay_"));
        assert!(!payment["transaction_id"].as_str().unwrap().is_empty());
        assert_eq!(
            (&payment["amount"], &payment["currency"], &payment["result"], &payment["refund_id"]),
            (&json!(12900), &json!("CNY"), &json!("winner"), &Value::Null)
        );
        assert_eq!(instant(&payment["paid_at"]), instant(&order["paid_at"]));
        assert_eq!(scene.count("order.paid").await, 1);
        assert_eq!(scene.shop.refunds(&scene.order).await.len(), 0);
    }
}

#[tokio::test]
async fn a_failed_payment_leaves_the_order_pending_and_a_new_try_possible() {
    let scene = begun("alipay").await;
    scene.play("failed").await;
    wait_until(SOON, "the attempt to fail", async || {
        (scene.shop.attempts(&scene.order).await[0]["status"] == "failed").then_some(())
    })
    .await;
    assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
    assert_eq!(scene.count("attempt.failed").await, 1);
    let again = scene.payer.begin(scene.order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    assert_ne!(again, scene.attempt);
    let attempts = scene.shop.attempts(&scene.order).await;
    assert_eq!(attempts.len(), 2);
    assert_ne!(attempts[0]["trade_no"], attempts[1]["trade_no"]);
    scene.server.play(&scene.shop, &scene.order, "paid").await;
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
}

#[tokio::test]
async fn of_two_payments_one_wins_and_the_other_goes_back_by_itself_once() {
    let scene = begun("wechat_pay").await;
    scene.play("paid_twice").await;
    let refund = scene.refunded("surplus").await;
    let payments = scene.payments(2).await;
    let with = |result: &str| {
        payments.iter().find(|payment| payment["result"] == result).unwrap_or_else(|| panic!("{result}: {payments:?}"))
    };
    let (winner, surplus) = (with("winner"), with("surplus"));
    assert_ne!(winner["transaction_id"], surplus["transaction_id"]);
    assert_eq!(winner["refund_id"], Value::Null);
    assert_eq!(surplus["refund_id"], refund["id"]);
    assert!(refund["id"].as_str().unwrap().starts_with("rfd_"));
    assert_eq!((&refund["payment_id"], &refund["order_id"]), (&surplus["id"], &scene.order["id"]));
    assert_eq!(
        (&refund["amount"], &refund["currency"], &refund["wallet"]),
        (&json!(12900), &json!("CNY"), &json!("wechat_pay"))
    );
    let order = scene.shop.order(&scene.order).await;
    assert_eq!((&order["status"], &order["amount_refunded"]), (&json!("paid"), &json!(0)), "a surplus touches neither");
    assert_eq!(scene.shop.refunds(&scene.order).await.len(), 1);
    for kind in ["order.paid", "payment.surplus", "refund.succeeded"] {
        assert_eq!(scene.count(kind).await, 1, "{kind}");
    }
    assert_eq!(scene.count("order.refunded").await, 0);
}

#[tokio::test]
async fn a_late_payment_of_a_pending_order_goes_back_and_the_order_stays() {
    let scene = begun("alipay").await;
    scene.play("paid_late").await;
    let refund = scene.refunded("late").await;
    let payment = scene.payments(1).await.remove(0);
    assert_eq!((&payment["result"], &payment["refund_id"]), (&json!("late"), &refund["id"]));
    let attempt = scene.shop.attempts(&scene.order).await.remove(0);
    assert!(instant(&payment["paid_at"]) > instant(&attempt["expires_at"]));
    let order = scene.shop.order(&scene.order).await;
    assert_eq!(
        (&order["status"], &order["paid_at"], &order["amount_refunded"]),
        (&json!("pending"), &Value::Null, &json!(0))
    );
    assert_eq!(scene.count("payment.late").await, 1);
    assert_eq!(scene.count("order.paid").await, 0);
}

#[tokio::test]
async fn a_wrong_amount_pays_nothing_and_waits_for_the_merchant() {
    let scene = begun("unionpay").await;
    scene.play("paid_wrong_amount").await;
    let payment = scene.payments(1).await.remove(0);
    assert_eq!((&payment["result"], &payment["refund_id"]), (&json!("mismatch"), &Value::Null));
    assert_ne!(payment["amount"], 12900);
    assert_eq!(scene.count("payment.mismatch").await, 1);
    assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
    assert_eq!(scene.shop.refunds(&scene.order).await.len(), 0, "no rule gives it back");
    let path = format!("/v1/payments/{}/refund", payment["id"].as_str().unwrap());
    let asked = scene.shop.post_nothing(&path).await.expect(201).json();
    assert_eq!(
        (&asked["kind"], &asked["amount"], &asked["payment_id"]),
        (&json!("mismatch"), &payment["amount"], &payment["id"])
    );
    let refund = scene.refunded("mismatch").await;
    assert_eq!(refund["id"], asked["id"]);
    let again = scene.shop.post_nothing(&path).await;
    assert_eq!(again.status, 409, "it goes back once: {}", again.text());
    assert_eq!(scene.shop.refunds(&scene.order).await.len(), 1);
    assert_eq!(scene.shop.order(&scene.order).await["amount_refunded"], 0);
}

#[tokio::test]
async fn a_lost_notice_is_found_by_asking() {
    let scene = begun("wechat_pay").await;
    scene.play("notice_lost").await;
    let order = wait_until(SOON * 2, "the query at 5, 10 or 20 s", async || {
        Some(scene.shop.order(&scene.order).await).filter(|order| order["status"] == "paid")
    })
    .await;
    assert_eq!(order["paid_with"], "wechat_pay");
    assert_eq!(scene.payments(1).await[0]["result"], "winner");
    assert_eq!(scene.count("order.paid").await, 1);
}

#[tokio::test]
async fn a_repeated_notice_is_one_payment() {
    let scene = begun("alipay").await;
    scene.play("notice_repeated").await;
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
    // A refund that has run its course shows that everything before it has been worked off.
    let refunds = format!("/v1/orders/{}/refunds", scene.order["id"].as_str().unwrap());
    scene.shop.post(&refunds, &json!({ "amount": 1 })).await.expect(201);
    scene.refunded("merchant").await;
    assert_eq!(scene.payments(1).await[0]["result"], "winner");
    assert_eq!(scene.count("order.paid").await, 1);
    assert_eq!(scene.shop.refunds(&scene.order).await.len(), 1);
    assert!(scene.shop.order(&scene.order).await["paid_at"].is_string());
}

#[tokio::test]
async fn a_code_refused_from_the_album_changes_nothing() {
    let scene = begun("wechat_pay").await;
    let before = scene.shop.history(&scene.order).await;
    let answer = scene.payer.post_form(&format!("/sandbox/{}", scene.trade_no), &[("outcome", "album_refused")]).await;
    assert!(answer.status < 400, "{}", answer.status);
    assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
    assert_eq!(scene.shop.history(&scene.order).await, before);
    scene.play("paid").await;
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
}

#[tokio::test]
async fn the_simulated_wallet_shows_what_it_would_pay() {
    let scene = begun("alipay").await;
    let path = format!("/sandbox/{}", scene.trade_no);
    let page = scene.payer.get(&path).await.expect(200).text();
    assert!(page.contains("¥129.00") && page.contains("青瓷茶壶"));
    for outcome in [
        "paid",
        "failed",
        "paid_twice",
        "paid_late",
        "paid_wrong_amount",
        "notice_lost",
        "notice_repeated",
        "album_refused",
    ] {
        assert!(page.contains(outcome), "{outcome} can be played");
    }
    scene.payer.get("/sandbox/AAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404);
    for wrong in ["", "PAID", "stolen"] {
        let answer = scene.payer.post_form(&path, &[("outcome", wrong)]).await;
        assert!((400..500).contains(&answer.status), "{wrong}: {}", answer.status);
    }
    assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
}

#[tokio::test]
async fn a_simulated_trade_survives_being_killed() {
    let mut scene = begun("unionpay").await;
    scene.server.restart().await;
    let page = scene.payer.get(&format!("/sandbox/{}", scene.trade_no)).await.expect(200).text();
    assert!(page.contains("¥129.00"));
    scene.play("paid").await;
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
}

#[tokio::test]
async fn two_payers_who_both_pay_make_one_winner_and_one_refund() {
    let scene = begun("alipay").await;
    let other = scene.server.browser();
    let page = path_of(scene.order["qr"]["payload"].as_str().unwrap());
    other.begin(&page, "wechat_pay").await;
    let numbers: Vec<String> = scene
        .shop
        .attempts(&scene.order)
        .await
        .iter()
        .map(|attempt| attempt["trade_no"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(numbers.len(), 2);
    tokio::join!(scene.payer.play(&numbers[0], "paid"), other.play(&numbers[1], "paid"));
    scene.refunded("surplus").await;
    let payments: Vec<Value> = scene
        .shop
        .attempts(&scene.order)
        .await
        .iter()
        .flat_map(|attempt| attempt["payments"].as_array().unwrap().clone())
        .collect();
    let mut results: Vec<&str> = payments.iter().map(|payment| payment["result"].as_str().unwrap()).collect();
    results.sort_unstable();
    assert_eq!(results, ["surplus", "winner"]);
    assert_eq!(scene.shop.order(&scene.order).await["status"], "paid");
}

#[tokio::test]
async fn winning_closes_what_others_have_begun() {
    let scene = begun("alipay").await;
    let page = path_of(scene.order["qr"]["payload"].as_str().unwrap());
    let other = scene.server.browser();
    let loser = other.begin(&page, "wechat_pay").await;
    scene.play("paid").await;
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
    wait_until(SOON, "the other attempt to be closed", async || {
        let attempts = scene.shop.attempts(&scene.order).await;
        attempts.iter().any(|attempt| attempt["wallet"] == "wechat_pay" && attempt["status"] == "closed").then_some(())
    })
    .await;
    other.get(&loser).await.expect(200);
    assert_eq!(scene.count("attempt.closed").await, 1);
}

#[tokio::test]
async fn cancelling_wins_or_loses_against_a_payment_but_never_both() {
    let server = Server::start().await;
    let shop = server.shop();
    for _ in 0..8 {
        let order = shop.place(&least_order()).await;
        let payer = server.browser();
        payer.begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
        let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
        let path = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
        let ((), cancelled) = tokio::join!(payer.play(&trade_no, "paid"), shop.post_nothing(&path));
        let payment = wait_until(SOON, "the payment", async || {
            shop.attempts(&order).await[0]["payments"].as_array().and_then(|payments| payments.first().cloned())
        })
        .await;
        let order = shop.order(&order).await;
        if cancelled.status != 200 {
            cancelled.problem(409, "order_not_pending");
        }
        // Money that was paid in a second before that of the cancelling is in time, however late it is heard of.
        let history = shop.history(&order).await;
        let end = history.iter().find(|event| event["type"] == "order.cancelled");
        assert_eq!(end.is_some(), cancelled.status == 200, "{history:?}");
        let is_late = end.is_some_and(|end| instant(&payment["paid_at"]) >= instant(&end["timestamp"]));
        let expected = if is_late { ("cancelled", "late") } else { ("paid", "winner") };
        assert_eq!((order["status"].as_str(), payment["result"].as_str()), (Some(expected.0), Some(expected.1)));
    }
}

#[tokio::test]
async fn the_sandbox_belongs_to_the_merchant_of_its_config_too() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let shop = server.shop_with("key_of_the_book_shop");
    let order = shop.place(&least_order()).await;
    assert_eq!(order["sandbox"], true);
    server.pay(&shop, &order, "alipay").await;
    let page = server.browser().get(order["checkout_url"].as_str().unwrap()).await.expect(200).text();
    assert!(page.contains("Book Shop") && !page.contains("Tea Shop"));
    server.browser().get("/demo").await.expect(404);
}
