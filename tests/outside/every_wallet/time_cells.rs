//! The cells in which an order or a trade ends: by its merchant, by its time, by the wallet.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::row::Closes;
use super::scene::{PRICE, Payer, Scene};
use crate::harness::{SOON, instant, seconds_between, wait_until};
use crate::pretended::Stand;

/// The trade of somebody who had come to the button is closed at the wallet, or goes on being closed here. A wallet that a busy machine kept
/// from answering in its five seconds is asked again.
async fn is_closed(scene: &Scene, order: &Value, payer: &Payer, over: &str) {
    let status = async || scene.attempt(order, payer).await["status"].clone();
    if scene.row.closes == Closes::Never {
        let status = status().await;
        assert!(status == "closing" || status == over, "no call closes it: {status}");
        return;
    }
    wait_until(SOON, "the trade to be closed", async || (status().await != "closing").then_some(())).await;
    // A close that came through only after the order's time ended it by that time.
    let status = status().await;
    assert!(status == over || status == "expired", "{status}");
    assert_eq!(scene.wallet.stand(&payer.trade), Stand::Closed);
}

/// It is paid all the same at this time, and told of.
async fn is_paid_after_all(scene: &Scene, order: &Value, payer: &Payer, at: Timestamp) {
    let before = scene.status(order).await;
    scene.wallet.pay(&payer.trade, PRICE, at);
    scene.tell(payer).await;
    scene.goes_back(order, payer, "late", PRICE).await;
    assert_eq!(scene.status(order).await, before);
}

pub async fn cancel(scene: &Scene) {
    let order = scene.place().await;
    let payer = scene.come(&order).await;
    scene.cancel(&order).await.expect(200);
    is_closed(scene, &order, &payer, "closed").await;
    let next_second = crate::harness::now() + SignedDuration::from_secs(1);
    is_paid_after_all(scene, &order, &payer, next_second).await;
    assert_eq!(scene.status(&order).await, "cancelled");
}

pub async fn cancel_after_paying(scene: &Scene) {
    let order = scene.place().await;
    let payer = scene.come(&order).await;
    scene.pay(&payer);
    scene.cancel(&order).await.problem(409, "order_not_pending");
    assert_eq!(scene.status(&order).await, "paid");
    scene.tell(&payer).await;
    assert_eq!(scene.shop.refunds(&order).await, Vec::<Value>::new());
}

pub async fn nobody_came(scene: &Scene) {
    let order = scene.place().await;
    let payer = scene.begin(&order).await;
    let way = scene.wallet.way(&payer.browser, &payer.attempt, &payer.trade).await;
    scene.check(&payer).await;
    assert_eq!(scene.attempt(&order, &payer).await["status"], "open", "no trade there yet: nobody paid yet");
    scene.cancel(&order).await.expect(200);
    if scene.row.closes == Closes::Always {
        is_closed(scene, &order, &payer, "closed").await;
    } else {
        let status = scene.attempt(&order, &payer).await["status"].clone();
        assert_eq!(status, "closing", "it may still be scanned or opened");
        scene.wallet.go(&way, &payer.trade).await;
    }
    let next_second = crate::harness::now() + SignedDuration::from_secs(1);
    is_paid_after_all(scene, &order, &payer, next_second).await;
}

pub async fn expiry(scene: &Scene) {
    let order = scene.shop.place_with(json!({ "expires_in": 60 })).await;
    let payer = scene.come(&order).await;
    let end = instant(&order["expires_at"]);
    assert_eq!(scene.wallet.deadline(&payer.trade), scene.row.is_told_deadline.then_some(end));
    wait_until(SOON + Duration::from_secs(90), "the order to expire", async || {
        (scene.status(&order).await == "expired").then_some(())
    })
    .await;
    is_closed(scene, &order, &payer, "expired").await;
    // A wallet may round its deadline up: somebody paid after ours.
    is_paid_after_all(scene, &order, &payer, end + SignedDuration::from_secs(61)).await;
}

pub async fn lifetime(scene: &Scene) {
    let order = scene.shop.place_with(json!({ "expires_in": 86_400 })).await;
    let payer = scene.come(&order).await;
    let attempt = scene.attempt(&order, &payer).await;
    assert_eq!(seconds_between(&attempt["created_at"], &attempt["expires_at"]), scene.row.lifetime_s);
    let told = scene.row.is_told_deadline.then_some(instant(&attempt["expires_at"]));
    assert_eq!(scene.wallet.deadline(&payer.trade), told);
}

pub async fn wallet_ends_first(scene: &Scene) {
    let order = scene.shop.place_with(json!({ "expires_in": 86_400 })).await;
    let mut payer = scene.come(&order).await;
    let first = payer.trade.clone();
    scene.wallet.end(&first);
    scene.check(&payer).await;
    assert_eq!(scene.attempt(&order, &payer).await["status"], "closed");
    assert_eq!(scene.status(&order).await, "pending", "the order outlives its trade");
    scene.begin_again(&order, &mut payer).await;
    assert_ne!(payer.trade, first);
    scene.go(&payer).await;
    scene.pay(&payer);
    scene.tell(&payer).await;
    assert_eq!(scene.status(&order).await, "paid");
}
