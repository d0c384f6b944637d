//! Refunds at UnionPay: asked for once under a number, asked about until a known code says what became of them, never made twice.

use serde_json::Value;

use crate::harness::{SOON, wait_until};
use crate::pretended::{Call, Mischief};
use crate::unionpay_notices::Scene;

/// A paid order whose price the merchant gives back.
async fn given_back(mischief: &[Mischief]) -> Scene {
    let scene = Scene::new().await;
    scene.is_paid().await;
    scene.gateway.misbehave(Call::Refund, mischief);
    ask(&scene).await;
    scene
}

async fn ask(scene: &Scene) {
    let id = scene.order["id"].as_str().unwrap();
    scene.shop.post_nothing(&format!("/v1/orders/{id}/refunds")).await.expect(201);
}

/// The only refund, once it is so.
async fn is(scene: &Scene, status: &str) {
    wait_until(SOON, &format!("the refund to be {status}"), async || {
        let all = scene.shop.refunds(&scene.order).await;
        assert_eq!(all.len(), 1);
        (all[0]["status"] == status).then_some(())
    })
    .await;
}

/// How often the gateway was asked to make a refund, and about one.
fn asked(scene: &Scene) -> (usize, usize) {
    let about = scene.gateway.calls(Call::Query).iter().filter(|asked| !asked.says(&scene.number)).count();
    (scene.gateway.calls(Call::Refund).len(), about)
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_asked_about_and_not_asked_for_again() {
    for mischief in [Mischief::Cut, Mischief::ServerError, Mischief::Unsigned, Mischief::Silent] {
        let scene = given_back(&[mischief]).await;
        is(&scene, "succeeded").await;
        assert_eq!(scene.gateway.book(|book| book.given_back(&scene.number)), [12900], "{mischief:?}");
        assert_eq!(asked(&scene).0, 1, "{mischief:?}: sent once");
        let id = scene.order["id"].as_str().unwrap();
        let again = scene.shop.post_nothing(&format!("/v1/orders/{id}/refunds")).await;
        again.problem(409, "refund_exceeds_payment");
    }
}

#[tokio::test]
async fn no_refusal_ends_a_refund_that_was_made() {
    // Made, and its answer lost; the gateway then does not find it for a while and refuses the next one for what the first has done.
    let scene = Scene::new().await;
    scene.is_paid().await;
    scene.gateway.misbehave(Call::Refund, &[Mischief::Cut, Mischief::Refuse("35", "its state is not right")]);
    scene.gateway.misbehave(Call::Query, &[Mischief::Refuse("34", "no such trade"); 2]);
    ask(&scene).await;
    is(&scene, "succeeded").await;
    assert_eq!(scene.gateway.book(|book| book.given_back(&scene.number)), [12900]);
    assert_eq!((scene.gateway.calls(Call::Refund).len(), scene.gateway.calm()), (2, 0), "all of it has happened");
}

#[tokio::test]
async fn a_refusal_that_is_not_known_as_final_leaves_the_refund_open_until_it_is_made() {
    for code in ["03", "04", "05", "12", "99", "B7", ""] {
        let scene = given_back(&[Mischief::Refuse(code, "")]).await;
        is(&scene, "succeeded").await;
        assert_eq!(asked(&scene).0, 2, "{code}: asked for again, under the same number");
        let numbers: Vec<Value> = scene.shop.refunds(&scene.order).await;
        assert_eq!((numbers.len(), scene.gateway.book(|book| book.given_back(&scene.number)).len()), (1, 1));
    }
}

#[tokio::test]
async fn a_refund_fails_only_when_it_was_refused_for_good_and_is_not_there() {
    for code in ["10", "13", "35", "36", "45"] {
        let scene = given_back(&[Mischief::Refuse(code, "")]).await;
        is(&scene, "failed").await;
        let (made, about) = asked(&scene);
        assert!(made == 1 && about >= 2, "{code}: asked about after the refusal too, {about} times");
        assert_eq!(scene.gateway.book(|book| book.given_back(&scene.number)), [0; 0]);
    }
}

#[tokio::test]
async fn what_is_said_of_a_refund_ends_it_only_in_words_that_are_known() {
    for unclear in [None, Some(""), Some("99"), Some("12"), Some("34"), Some("05")] {
        let scene = Scene::new().await;
        scene.is_paid().await;
        scene.gateway.book(|book| book.says_of_refunds = Some(unclear));
        ask(&scene).await;
        wait_until(SOON, "two questions", async || (asked(&scene).1 >= 3).then_some(())).await;
        is(&scene, "pending").await;
        scene.gateway.book(|book| book.says_of_refunds = Some(Some("A6")));
        is(&scene, "succeeded").await;
        assert_eq!(asked(&scene).0, 1, "{unclear:?}: made once");
    }
    let scene = Scene::new().await;
    scene.is_paid().await;
    scene.gateway.book(|book| book.says_of_refunds = Some(Some("36")));
    ask(&scene).await;
    is(&scene, "failed").await;
}
