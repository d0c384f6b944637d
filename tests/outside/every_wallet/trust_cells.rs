//! The cells in which an answer goes wrong: lost, cut, forged, or said by somebody on the way.

use serde_json::Value;

use super::column::Column;
use super::row::Closes;
use super::scene::{PRICE, Payer, Scene};
use crate::pretended::{Call, Mischief, Stand};

/// Whether the attempt's page leads anywhere.
async fn leads_on(scene: &Scene, payer: &Payer) -> bool {
    let shown = payer.browser.get(&payer.attempt).await.expect(200).text();
    let has_code = payer.browser.get(&format!("{}/qr.png", payer.attempt)).await.status == 200;
    shown.contains("data-leave") || shown.contains("data-bridge=") || scene.row.product == "code" && has_code
}

/// The payer sends the form again until it leads somewhere, and pays there.
async fn begins_and_pays(scene: &Scene, order: &Value, payer: &mut Payer) {
    for _ in 0..6 {
        scene.begin_again(order, payer).await;
    }
    scene.go(payer).await;
    scene.pay(payer);
    scene.tell(order, payer).await;
    assert_eq!(scene.status(order).await, "paid");
    let attempts = scene.shop.attempts(order).await.len();
    assert!(attempts == 1 || !scene.row.begins_again, "one attempt all the time, not {attempts}");
}

pub async fn begin_times_out(scene: &Scene) {
    let order = scene.place().await;
    scene.misbehave(Call::Begin, "", &[Mischief::Silent]);
    let mut payer = scene.begin(&order).await;
    let asked = scene.wallet.times_asked(Call::Begin, &payer.trade);
    assert_eq!(
        asked >= 2,
        scene.row.begins_again,
        "asked again after the silence only where that is no other beginning"
    );
    begins_and_pays(scene, &order, &mut payer).await;
}

pub async fn unbelievable_begin(scene: &Scene) {
    for mischief in scene.wallet.menu() {
        let order = scene.place().await;
        scene.misbehave(Call::Begin, "", &[*mischief; 3]);
        let mut payer = scene.begin(&order).await;
        if scene.wallet.times_asked(Call::Begin, &payer.trade) <= 3 {
            assert!(!leads_on(scene, &payer).await, "{mischief:?}: a way that nobody gave");
            assert_eq!(scene.attempt(&order, &payer).await["status"], "open", "{mischief:?}");
        }
        begins_and_pays(scene, &order, &mut payer).await;
        scene.wallet.calm();
    }
}

/// Nothing has come of the one question that was answered wrongly. A planned look may have asked once more by now: then nothing is told.
async fn nothing_came_of_it(scene: &Scene, order: &Value, trade: &str, mischief: Mischief) {
    let status = scene.status(order).await;
    if scene.wallet.times_asked(Call::Query, trade) <= 1 {
        assert_eq!(status, "pending", "{mischief:?} was believed");
    }
}

pub async fn unbelievable_query(scene: &Scene) {
    for mischief in scene.wallet.menu() {
        let order = scene.place().await;
        let payer = scene.come(&order).await;
        scene.misbehave(Call::Query, &payer.trade, &[*mischief]);
        scene.pay(&payer);
        scene.check(&payer).await;
        nothing_came_of_it(scene, &order, &payer.trade, *mischief).await;
        scene.check_until_paid(&order, &payer).await;
    }
}

pub async fn unbelievable_refund(scene: &Scene) {
    for mischief in scene.wallet.menu() {
        for times in 1..=3 {
            goes_back_in_spite_of(scene, &vec![*mischief; times]).await;
        }
    }
}

/// The answers to one order's refund go wrong so, one after another, and it is made once.
pub async fn goes_back_in_spite_of(scene: &Scene, mischief: &[Mischief]) {
    let order = scene.place().await;
    let payer = scene.come(&order).await;
    let transaction = scene.pay(&payer);
    scene.tell(&order, &payer).await;
    assert_eq!(scene.wallet.calm(), 0, "nothing is left over from another order");
    scene.misbehave(Call::Refund, &transaction, mischief);
    scene.refund(&order, None).await.expect(201);
    scene.server.await_status(&scene.shop, &order, "refunded").await;
    assert_eq!(scene.wallet.given_back(&payer.trade), [PRICE], "{mischief:?}");
    assert_eq!(scene.shop.refunds(&order).await.len(), 1, "{mischief:?}");
    let left = scene.wallet.calm();
    assert!(left < mischief.len(), "{mischief:?}: none of it befell this refund");
}

pub async fn unsigned_refusal(scene: &Scene) {
    let refusal = [Mischief::UnsignedError];
    let order = scene.place().await;
    if scene.row.never(Column::BeginTimesOut).is_none() {
        scene.misbehave(Call::Begin, "", &refusal);
    }
    let mut payer = scene.begin(&order).await;
    assert_eq!(scene.attempt(&order, &payer).await["status"], "open");
    scene.begin_again(&order, &mut payer).await;
    scene.go(&payer).await;
    scene.misbehave(Call::Query, &payer.trade, &refusal);
    scene.pay(&payer);
    scene.check(&payer).await;
    nothing_came_of_it(scene, &order, &payer.trade, refusal[0]).await;
    scene.check_until_paid(&order, &payer).await;
    scene.misbehave(Call::Refund, "", &refusal);
    scene.refund(&order, None).await.expect(201);
    scene.server.await_status(&scene.shop, &order, "refunded").await;
    assert_eq!(scene.wallet.given_back(&payer.trade), [PRICE]);
    if scene.row.closes != Closes::Never {
        let order = scene.place().await;
        let payer = scene.come(&order).await;
        scene.misbehave(Call::Close, &payer.trade, &refusal);
        scene.cancel(&order).await.expect(200);
        let status = scene.attempt(&order, &payer).await["status"].clone();
        if scene.wallet.times_asked(Call::Close, &payer.trade) <= 1 {
            assert_eq!((status.as_str(), scene.wallet.stand(&payer.trade)), (Some("closing"), Stand::Waiting));
        }
    }
}
