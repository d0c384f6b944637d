//! What a proven notice of UnionPay promises once it is acknowledged: the gateway is asked until it knows, whatever happens here, and never
//! more often than that takes.

use futures_util::future::join_all;
use rusqlite::Connection;

use crate::harness::{SOON, now, wait_until};
use crate::pretended::{Call, Mischief, SHOP_KEY};
use crate::unionpay_notices::Scene;

/// The trade is paid; nobody was told.
fn paid_silently(scene: &Scene) {
    scene.gateway.book(|book| book.pay(&scene.number, 12900, now()));
}

/// When this attempt was hinted at and when it is looked at next, as the disk has it.
fn on_disk(scene: &Scene) -> (Option<i64>, Option<i64>) {
    let database = Connection::open(scene.server.data_dir().join("pay-handoff.db")).expect("a database");
    let row = database.query_one(
        "SELECT hinted_at, next_look_at FROM attempts WHERE trade_no = ?1",
        [&scene.number],
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    row.expect("the attempt")
}

#[tokio::test]
async fn an_acknowledged_notice_is_on_the_disk_before_anybody_could_be_asked_and_is_asked_about_after_a_crash() {
    for mischief in [Mischief::GatewayError, Mischief::Silent, Mischief::Refuse("02", "not now")] {
        let mut scene = Scene::new().await;
        scene.gateway.misbehave_about(Call::Query, &scene.number, &[mischief; 100]);
        paid_silently(&scene);
        assert_eq!(on_disk(&scene).0, None);
        scene.send(&scene.genuine()).await.expect(200);
        scene.server.kill();
        let (hinted, next) = on_disk(&scene);
        assert!(hinted.is_some() && next.is_some(), "{mischief:?}: {hinted:?}, {next:?}");
        scene.gateway.calm();
        scene.server.restart().await;
        scene.server.await_status(&scene.server.shop_with(SHOP_KEY), &scene.order, "paid").await;
    }
}

#[tokio::test]
async fn a_gateway_that_knows_of_a_payment_later_than_it_told_is_asked_again() {
    let scene = Scene::new().await;
    paid_silently(&scene);
    scene.gateway.book(|book| book.is_behind = true);
    scene.send(&scene.genuine()).await.expect(200);
    wait_until(SOON, "the gateway to be asked", async || (scene.asked() > 0).then_some(())).await;
    assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
    scene.gateway.book(|book| book.is_behind = false);
    scene.server.await_status(&scene.shop, &scene.order, "paid").await;
}

#[tokio::test]
async fn a_slow_gateway_does_not_hold_an_acknowledgement_up() {
    let scene = Scene::new().await;
    scene.gateway.misbehave_about(Call::Query, &scene.number, &[Mischief::Silent; 100]);
    paid_silently(&scene);
    scene.send(&scene.genuine()).await.expect(200);
    wait_until(SOON, "the gateway to be asked", async || (scene.asked() > 0).then_some(())).await;
    // The question hangs; the notice that comes again is thanked for all the same, by then or while it hangs.
    let hanging = scene.asked();
    scene.send(&scene.genuine()).await.expect(200);
    assert!(scene.asked() <= hanging + 1, "acknowledged without waiting for five seconds of silence");
}

#[tokio::test]
async fn the_same_notice_hundreds_of_times_asks_next_to_nothing_and_changes_nothing() {
    let mut scene = Scene::new().await;
    let genuine = scene.genuine();
    let flood = async |scene: &Scene| {
        for _ in 0..20 {
            let answers = join_all((0..10).map(|_| scene.send(&genuine))).await;
            assert!(answers.iter().all(|answer| answer.status == 200 && answer.text() == "success"));
        }
    };
    // Nobody has paid: one hint in five seconds is asked about, and the looks of a beginning come anyway.
    flood(&scene).await;
    let asked = scene.asked();
    assert!(asked <= 20, "{asked} questions for 200 notices");
    scene.is_paid().await;
    let (before, asked) = (scene.shop.history(&scene.order).await, scene.asked());
    flood(&scene).await;
    scene.server.restart().await;
    scene.shop = scene.server.shop_with(SHOP_KEY);
    flood(&scene).await;
    assert_eq!(scene.shop.history(&scene.order).await, before);
    assert_eq!(scene.shop.attempts(&scene.order).await[0]["payments"].as_array().unwrap().len(), 1);
    assert_eq!(scene.asked(), asked, "of what is recorded there is nothing to ask");
}

#[tokio::test]
async fn a_notice_that_cannot_be_kept_is_not_acknowledged() {
    let scene = Scene::new().await;
    let other = Connection::open(scene.server.data_dir().join("pay-handoff.db")).expect("a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    assert_eq!(scene.send(&scene.genuine()).await.status, 503);
    other.execute_batch("ROLLBACK").expect("it ends");
    scene.is_paid().await;
}
