//! A live merchant's orders at UnionPay: codes, against a pretended gateway that checks and signs for real; and its notices under attack.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::harness::{Browser, SOON, Server, Shop, least_order, path_of, read_codes, read_picture, wait_until};
use crate::unionpay::keys::identities;
use crate::unionpay::{Form, Mischief, deliver, signed, world, written};

/// The lasting page of an order.
fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

/// Begins to pay by code and gives the trade's number.
async fn begin(server: &Server, shop: &Shop, order: &Value) -> (Browser, String, String) {
    let payer = server.browser();
    let attempt = payer.begin_code(&page(order), "unionpay").await;
    let number = shop.attempts(order).await[0]["trade_no"].as_str().unwrap().to_owned();
    (payer, attempt, number)
}

async fn check(payer: &Browser, page: &str) {
    payer.post_form(&format!("{page}/check"), &[]).await.expect(204);
}

#[tokio::test]
async fn a_code_is_shown_paid_told_of_and_given_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (payer, attempt, number) = begin(&server, &shop, &order).await;
    let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
    assert_eq!(read_codes(&read_picture(&picture.body)), [gateway.entry(&number).code]);
    check(&payer, &page(&order)).await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "open");
    assert_eq!(gateway.pay(&number).await.expect(200).text(), "success");
    let paid = shop.order(&order).await;
    assert_eq!((&paid["status"], &paid["paid_with"]), (&json!("paid"), &json!("unionpay")));
    let path = format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    shop.post(&path, &json!({ "amount": 900 })).await.expect(201);
    shop.post_nothing(&path).await.expect(201);
    server.await_status(&shop, &order, "refunded").await;
    assert_eq!(gateway.refunds(), 2);
    assert!(!server.errors().contains("canary"), "no secret in the log");
}

#[tokio::test]
async fn a_payment_whose_notice_was_lost_is_found_by_asking_and_another_amount_does_not_pay() {
    let (gateway, server, shop) = world().await;
    for (fen, status) in [(12900, "paid"), (12899, "pending")] {
        let order = shop.place(&least_order()).await;
        let (payer, _, number) = begin(&server, &shop, &order).await;
        gateway.pay_silently(&number, fen);
        check(&payer, &page(&order)).await;
        assert_eq!(shop.order(&order).await["status"], status);
        assert_eq!(shop.attempts(&order).await[0]["payments"][0]["amount"], fen);
    }
}

#[tokio::test]
async fn a_cancelled_code_that_is_paid_after_all_gives_the_money_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (_, _, number) = begin(&server, &shop, &order).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(shop.attempts(&order).await[0]["status"], "closing", "no call closes a code");
    gateway.pay(&number).await.expect(200);
    wait_until(SOON, "it to be given back", async || {
        shop.refunds(&order).await.iter().any(|refund| refund["status"] == "succeeded").then_some(())
    })
    .await;
}

const MISCHIEF: [Mischief; 8] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::OtherOwner,
    Mischief::Swapped,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::GatewayError,
];

#[tokio::test]
async fn an_answer_that_cannot_be_believed_neither_pays_nor_refunds_twice() {
    let (gateway, server, shop) = world().await;
    for mischief in MISCHIEF {
        let order = shop.place(&least_order()).await;
        let (payer, _, number) = begin(&server, &shop, &order).await;
        gateway.pay_silently(&number, 12900);
        gateway.misbehave("00", &[mischief]);
        wait_until(SOON, "the payment to be found", async || {
            check(&payer, &page(&order)).await;
            (shop.order(&order).await["status"] == "paid").then_some(())
        })
        .await;
        gateway.misbehave("04", &[mischief, mischief]);
        shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
    }
    assert_eq!(gateway.refunds(), MISCHIEF.len(), "each refund was made once");
}

#[tokio::test]
async fn a_code_that_was_made_for_nobody_is_replaced_by_another_trade() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave("01", &[Mischief::Cut]);
    let (payer, ..) = begin(&server, &shop, &order).await;
    let number = wait_until(SOON, "a code", async || {
        payer.begin_code(&page(&order), "unionpay").await;
        let attempts = shop.attempts(&order).await;
        attempts.iter().find(|each| each["status"] == "open").map(|each| each["trade_no"].as_str().unwrap().to_owned())
    })
    .await;
    gateway.pay(&number).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
}

/// A form and the texts that differ from it in one place and mean something else.
fn mutants(genuine: &Form) -> Vec<Vec<u8>> {
    let body = written(genuine).into_bytes();
    let meaning = |body: &[u8]| {
        let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        fields.sort();
        fields
    };
    let mut all = Vec::new();
    for at in 0..body.len() {
        let mut mutant = body.clone();
        mutant[at] ^= 1 << (at % 8);
        all.push(mutant);
        all.push([&body[..at], &body[at + 1..]].concat());
        all.push([&body[..at], &body[at..=at], &body[at..]].concat());
    }
    let truth = meaning(&body);
    all.retain(|mutant| meaning(mutant) != truth);
    all
}

#[tokio::test]
async fn a_notice_that_is_not_unionpays_is_refused_and_a_proven_one_only_makes_us_ask() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (.., number) = begin(&server, &shop, &order).await;
    let url = gateway.entry(&number).asked["backUrl"].clone();
    let said = gateway.notice(&number, 12900);
    let all = identities();
    let genuine = signed(said.clone(), &all.unionpay);
    let with = |name: &str, value: &str| {
        let mut form = genuine.clone();
        form.insert(name.to_owned(), value.to_owned());
        form
    };
    for attack in [
        with("signature", ""),
        with("signature", "AAAA"),
        with("txnAmt", "1"),
        with("extra", "1"),
        with("signMethod", "11"),
        with("signPubKeyCert", &all.stranger.certificate),
        with("signPubKeyCert", &std::fs::read_to_string(all.file("middle.pem")).unwrap()),
        with("signPubKeyCert", ""),
        signed(said.clone(), &all.stranger),
        signed(said.clone(), &all.other_owner),
        signed(said.clone(), &all.merchant),
    ] {
        deliver(&url, written(&attack).into_bytes()).await.problem(401, "unauthorized");
    }
    let twice = format!("{}&txnAmt=1", written(&genuine));
    assert_eq!(deliver(&url, twice.into_bytes()).await.status, 400);
    let mutants = mutants(&genuine);
    assert!(mutants.len() >= 2000, "only {} mutants", mutants.len());
    let statuses = futures_util::stream::iter(&mutants).map(async |mutant| deliver(&url, mutant.clone()).await.status);
    let believed = statuses.buffer_unordered(16).filter(|status| std::future::ready(![400, 401].contains(status)));
    assert_eq!(believed.count().await, 0);
    // Proven, and yet the gateway knows of no payment.
    deliver(&url, written(&genuine).into_bytes()).await.expect(200);
    let mut elsewhere = said.clone();
    elsewhere.insert("orderId".to_owned(), "A".repeat(32));
    deliver(&url, written(&signed(elsewhere, &all.unionpay)).into_bytes()).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "pending");
    gateway.pay(&number).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
}
