//! The cells in which money moves as it should, and back.

use serde_json::{Value, json};

use super::row::Closes;
use super::scene::{PRICE, Scene, page_of};
use crate::harness::{SOON, path_of, wait_until};
use crate::pretended::{Call, Mischief, Stand};

pub async fn paid_by_notice(scene: &Scene) {
    let order = scene.shop.place_with(json!({ "subject": "茶壶 & 杯/碟=1" })).await;
    assert_eq!(order["sandbox"], false);
    let payer = scene.come(&order).await;
    scene.check(&payer).await;
    assert_eq!(scene.attempt(&order, &payer).await["status"], "open", "waiting is not paying");
    let number = scene.pay(&payer);
    scene.tell(&payer).await;
    let paid = scene.shop.order(&order).await;
    assert_eq!(
        (&paid["status"], &paid["paid_with"], &paid["paid_by"]),
        (&json!("paid"), &json!(scene.row.wallet), &json!("buyer"))
    );
    let attempt = scene.attempt(&order, &payer).await;
    assert_eq!((&attempt["product"], &attempt["status"]), (&json!(scene.row.product), &json!("succeeded")));
    let before = scene.shop.history(&order).await;
    scene.tell(&payer).await;
    assert_eq!(scene.shop.history(&order).await, before, "told again, nothing changes");
    let payments = attempt["payments"].as_array().expect("payments").clone();
    assert_eq!((payments.len(), &payments[0]["transaction_id"]), (1, &json!(number)));
}

pub async fn found_by_query(scene: &Scene) {
    let order = scene.place().await;
    let payer = scene.come(&order).await;
    let number = scene.pay(&payer);
    let paid = scene.server.await_status(&scene.shop, &order, "paid").await;
    let payment = &scene.attempt(&order, &payer).await["payments"][0];
    assert_eq!((&payment["transaction_id"], &payment["amount"]), (&json!(number), &json!(PRICE)));
    assert_eq!(payment["paid_at"], paid["paid_at"]);
}

pub async fn receipt(scene: &Scene) {
    let (order, payer) = scene.paid().await;
    let buyers = path_of(order["checkout_url"].as_str().expect("an address"));
    let said = [("zh-CN", "付款成功", scene.row.names[0]), ("en", "Payment received", scene.row.names[1])];
    for (locale, title, wallet) in said {
        for page in [&payer.page, &payer.attempt, &buyers] {
            let shown = payer.browser.get(&format!("{page}?locale={locale}")).await.expect(200).text();
            for words in [title, "¥129.00", "青石茶铺", "青瓷茶壶"] {
                assert!(shown.contains(words), "{page}: no {words}: {shown}");
            }
            assert!(!shown.contains("/attempts\"") && !shown.contains("data-leave"), "{page} offers to pay again");
            assert!(page != &buyers || shown.contains(wallet), "the buyer reads how it was paid: {wallet}");
        }
    }
}

pub async fn friend_pays(scene: &Scene) {
    let order = scene.place().await;
    let buyer = scene.come(&order).await;
    let link = scene.shop.ask_friend(&order, json!({})).await;
    let friend = scene.begin_at(&order, &path_of(link["url"].as_str().expect("an address"))).await;
    scene.go(&friend).await;
    assert_ne!(buyer.trade, friend.trade, "each payer has a trade of his own");
    scene.pay(&friend);
    scene.tell(&friend).await;
    assert_eq!(scene.server.await_status(&scene.shop, &order, "paid").await["paid_by"], "friend");
    let (status, stand) =
        if scene.row.closes == Closes::Never { ("closing", Stand::Waiting) } else { ("closed", Stand::Closed) };
    wait_until(SOON, "the buyer's own trade to be closed", async || {
        (scene.attempt(&order, &buyer).await["status"] == status).then_some(())
    })
    .await;
    assert_eq!(scene.wallet.stand(&buyer.trade), stand);
}

pub async fn second_payer(scene: &Scene) {
    let order = scene.place().await;
    let (first, second) = (scene.come(&order).await, scene.come(&order).await);
    assert_ne!(first.trade, second.trade);
    scene.pay(&first);
    scene.pay(&second);
    scene.tell(&first).await;
    scene.tell(&second).await;
    // A planned look may have heard of the second one first: whoever is heard of first has paid.
    let result = scene.attempt(&order, &first).await["payments"][0]["result"].clone();
    let (winner, other) = if result == "winner" { (&first, &second) } else { (&second, &first) };
    scene.goes_back(&order, other, "surplus", PRICE).await;
    assert_eq!(scene.wallet.given_back(&winner.trade), [0; 0]);
    let order = scene.shop.order(&order).await;
    assert_eq!((&order["status"], &order["amount_refunded"]), (&json!("paid"), &json!(0)));
}

/// The order is given back whole, and the wallet gave back these parts in some order.
async fn is_refunded(scene: &Scene, order: &Value, trade: &str, parts: &[i64]) {
    let order = scene.server.await_status(&scene.shop, order, "refunded").await;
    assert_eq!(order["amount_refunded"], PRICE);
    let mut given_back = scene.wallet.given_back(trade);
    given_back.sort_unstable();
    assert_eq!(given_back, parts);
}

pub async fn full_refund(scene: &Scene) {
    let (order, payer) = scene.paid().await;
    scene.refund(&order, None).await.expect(201);
    is_refunded(scene, &order, &payer.trade, &[PRICE]).await;
    scene.tell(&payer).await;
    scene.check(&payer).await;
    assert_eq!(scene.status(&order).await, "refunded", "told and asked again, it is no new payment");
    assert_eq!(scene.attempt(&order, &payer).await["payments"].as_array().map(Vec::len), Some(1));
}

pub async fn partial_refunds(scene: &Scene) {
    let (order, payer) = scene.paid().await;
    scene.refund(&order, Some(900)).await.expect(201);
    scene.server.await_status(&scene.shop, &order, "partially_refunded").await;
    scene.refund(&order, Some(PRICE - 899)).await.problem(409, "refund_exceeds_payment");
    scene.refund(&order, None).await.expect(201);
    is_refunded(scene, &order, &payer.trade, &[900, PRICE - 900]).await;
}

pub async fn refund_answer_lost(scene: &Scene) {
    let (order, payer) = scene.paid().await;
    scene.misbehave(Call::Refund, "", &[Mischief::Cut; 3]);
    scene.refund(&order, None).await.expect(201);
    is_refunded(scene, &order, &payer.trade, &[PRICE]).await;
}

pub async fn wrong_amount(scene: &Scene) {
    let order = scene.place().await;
    let payer = scene.come(&order).await;
    scene.wallet.pay(&payer.trade, PRICE - 1, crate::harness::now());
    scene.tell(&payer).await;
    assert_eq!(scene.status(&order).await, "pending");
    assert!(scene.shop.history_types(&order).await.contains(&"payment.mismatch".to_owned()));
    let payment = scene.attempt(&order, &payer).await["payments"][0].clone();
    assert_eq!((&payment["result"], &payment["amount"]), (&json!("mismatch"), &json!(PRICE - 1)));
    let id = payment["id"].as_str().expect("an id");
    scene.shop.post_nothing(&format!("/v1/payments/{id}/refund")).await.expect(201);
    scene.goes_back(&order, &payer, "mismatch", PRICE - 1).await;
    // The order itself can still be paid.
    assert_eq!(page_of(&order), payer.page);
    let next = scene.come(&order).await;
    scene.pay(&next);
    scene.tell(&next).await;
    assert_eq!(scene.status(&order).await, "paid");
}
