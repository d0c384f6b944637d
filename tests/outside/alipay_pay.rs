//! What is so with Alipay alone: what its refusals mean. What it shares with every wallet is `every_wallet`.

use serde_json::{Value, json};

use crate::alipay::{
    Gateway, IN_ALIPAY, Notice, certificate_lines, certificates, live_merchant, rotation_lines, world,
};
use crate::harness::{Browser, SOON, Server, least_order, path_of, wait_until};
use crate::pretended::keys::identities;
use crate::pretended::{Call, Mischief, SHOP_KEY};

/// The lasting page of an order.
fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

async fn begin_code(payer: &Browser, order: &Value) {
    payer.begin_code(&page(order), "alipay").await;
}

#[tokio::test]
async fn a_refund_that_may_help_later_is_asked_for_again_and_one_that_never_will_has_failed() {
    let (gateway, server, shop) = world().await;
    let refunds = |order: &Value| format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    let paid = async || {
        let order = shop.place(&least_order()).await;
        begin_code(&server.browser(), &order).await;
        gateway.pay(&gateway.newest_code()).await.expect(200);
        order
    };
    let poor = paid().await;
    gateway.book(|book| book.is_poor = true);
    shop.post_nothing(&refunds(&poor)).await.expect(201);
    wait_until(SOON, "two tries", async || (gateway.calls(Call::Refund).len() >= 2).then_some(())).await;
    assert_eq!(shop.refunds(&poor).await[0]["status"], "pending", "somebody can fill the account");
    gateway.book(|book| book.is_poor = false);
    server.await_status(&shop, &poor, "refunded").await;
    let slow = paid().await;
    gateway.book(|book| book.is_slow = true);
    shop.post_nothing(&refunds(&slow)).await.expect(201);
    wait_until(SOON, "two questions", async || (gateway.calls(Call::AskRefund).len() >= 2).then_some(())).await;
    assert_eq!(shop.refunds(&slow).await[0]["status"], "pending", "taken is not done");
    gateway.book(|book| book.is_slow = false);
    server.await_status(&shop, &slow, "refunded").await;
    let gone = paid().await;
    gateway.misbehave(Call::Refund, &[Mischief::Refuse("40004", "ACQ.TRADE_HAS_FINISHED")]);
    shop.post_nothing(&refunds(&gone)).await.expect(201);
    wait_until(SOON, "the refund to have failed", async || {
        (shop.refunds(&gone).await[0]["status"] == "failed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_asked_about_before_a_refusal_of_its_repetition_ends_it() {
    let (gateway, server, shop) = world().await;
    for (number, reason) in [
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.DISCORDANT_REPEAT_REQUEST",
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.SYSTEM_ERROR",
    ]
    .into_iter()
    .enumerate()
    {
        let order = shop.place(&least_order()).await;
        begin_code(&server.browser(), &order).await;
        gateway.pay(&gateway.newest_code()).await.expect(200);
        // A question that nobody answers must not end it either.
        gateway.misbehave(Call::Refund, &[Mischief::ServerError, Mischief::Refuse("40004", reason)]);
        if number == 0 {
            gateway.misbehave(Call::AskRefund, &[Mischief::Unsigned]);
            gateway.misbehave(Call::Refund, &[Mischief::Refuse("40004", reason)]);
        }
        shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
        wait_until(SOON, "the refund to end", async || {
            Some(shop.refunds(&order).await[0]["status"].clone()).filter(|status| status != "pending")
        })
        .await;
        assert_eq!(shop.refunds(&order).await[0]["status"], "succeeded", "{reason}");
        assert_eq!(gateway.book(|book| book.refunds.len()), number + 1, "{reason}: made once");
    }
    assert_eq!(gateway.calls(Call::Refund).len(), 11, "asking about it is enough: none is asked for once more");
}

#[tokio::test]
async fn while_alipay_changes_its_certificate_answers_and_notices_of_both_are_believed() {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, &rotation_lines())).await;
    let shop = server.shop_with(SHOP_KEY);
    for is_renewed in [false, true] {
        gateway.book(|book| book.is_renewed = is_renewed);
        let signer = if is_renewed { &identities().certificate } else { &identities().public_key };
        for name in [None, Some(&certificates().next_name).filter(|_| is_renewed)] {
            let order = shop.place(&least_order()).await;
            begin_code(&server.browser(), &order).await;
            let trade = gateway.newest_code();
            gateway.pay_silently(&trade);
            let mut fields = gateway.fields(&trade);
            fields.extend(name.map(|name| ("alipay_cert_sn".to_owned(), name.clone())));
            let url = gateway.notify_url(&trade);
            Notice::signed_by(&identities().stranger, &fields).deliver(&url).await.problem(401, "unauthorized");
            Notice::signed_by(signer, &fields).deliver(&url).await.expect(200);
            assert_eq!(shop.order(&order).await["status"], "paid", "{is_renewed} {name:?}");
        }
    }
    assert_eq!(gateway.calls(Call::Begin).len(), 4, "each answer was believed at once");
}

#[tokio::test]
async fn a_certificate_that_is_not_in_the_file_is_named_in_the_log() {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, &certificate_lines())).await;
    let shop = server.shop_with(SHOP_KEY);
    gateway.book(|book| book.is_renewed = true);
    let order = shop.place(&least_order()).await;
    begin_code(&server.browser(), &order).await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "open");
    server.errors_with("add it to alipay_cert_file").await;
}

#[tokio::test]
async fn success_with_a_reason_why_not_is_no_success() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    gateway.misbehave(Call::Begin, &[Mischief::Doubtful("ACQ.INVALID_PARAMETER")]);
    begin_code(&payer, &order).await;
    let attempt = shop.attempts(&order).await[0].clone();
    assert_eq!((&attempt["status"], gateway.calls(Call::Begin).len()), (&json!("open"), 1), "not refused, and no code");
    begin_code(&payer, &order).await;
    assert_eq!((shop.attempts(&order).await.len(), gateway.calls(Call::Begin).len()), (1, 2));
    // Before it is paid: a planned look may be quicker than the tap.
    gateway.misbehave(Call::Query, &[Mischief::Doubtful("ACQ.UNHEARD_OF")]);
    gateway.pay_silently(&gateway.newest_code());
    payer.post_form(&format!("{}/check", page(&order)), &[]).await.expect(204);
    server.errors_with("10000 ACQ.UNHEARD_OF").await;
    server.await_status(&shop, &order, "paid").await;
}

#[tokio::test]
async fn a_code_that_is_not_alipays_own_is_shown_to_nobody() {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, "in_app_way = \"code_address\"")).await;
    let shop = server.shop_with(SHOP_KEY);
    for payer in [server.browser(), server.browser().inside(IN_ALIPAY)] {
        let order = shop.place(&least_order()).await;
        gateway.book(|book| book.strange_code = Some("https://evil.example/bax1"));
        let attempt = payer.begin(&page(&order), "alipay").await;
        let shown = payer.get(&attempt).await.expect(200).text();
        assert!(!shown.contains("evil"), "{shown}");
        assert_ne!(payer.get(&format!("{attempt}/qr.png")).await.status, 200);
        server.errors_with("its answer leads nowhere").await;
        gateway.book(|book| book.strange_code = None);
        payer.begin(&page(&order), "alipay").await;
        gateway.pay(&gateway.newest_code()).await.expect(200);
    }
}

#[tokio::test]
async fn a_refusal_ends_the_attempt_and_a_breakdown_does_not() {
    let (gateway, server, shop) = world().await;
    let first_status = async |refusal: (&'static str, &'static str)| {
        let order = shop.place(&least_order()).await;
        gateway.misbehave(Call::Begin, &[Mischief::Refuse(refusal.0, refusal.1)]);
        begin_code(&server.browser(), &order).await;
        shop.attempts(&order).await[0]["status"].clone()
    };
    for refusal in [("40004", "ACQ.INVALID_PARAMETER"), ("40002", "isv.invalid-parameter")] {
        assert_eq!(first_status(refusal).await, "failed", "{refusal:?}");
    }
    for refusal in [
        ("40004", "ACQ.SYSTEM_ERROR"),
        ("40004", "ACQ.TRADE_HAS_SUCCESS"),
        ("20000", "isp.unknow-error"),
        ("40005", "isv.app-call-limited"),
        ("40006", "isv.insufficient-isv-permissions"),
    ] {
        assert_eq!(first_status(refusal).await, "open", "{refusal:?}");
    }
    assert!(!server.errors().contains("BEGIN") && !server.errors().contains("sign="), "{}", server.errors());
}
