//! What is so with WeChat Pay alone: its second host, its refusals, its certificates. What it shares with every wallet is `every_wallet`.

use std::time::Instant;

use serde_json::Value;

use crate::harness::{Browser, HeldPort, SOON, Server, least_order, path_of, wait_until};
use crate::pretended::{Call, Mischief, SHOP_KEY};
use crate::wechat::{Gateway, Notice, REQUEST_ID, world};

/// The lasting page of an order.
fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

/// Begins to pay by code and gives the number of the trade at the gateway.
async fn begin(gateway: &Gateway, server: &Server, page: &str) -> String {
    begin_as(&server.browser(), page, "code").await;
    gateway.newest_trade()
}

async fn begin_as(payer: &Browser, page: &str, product: &str) -> String {
    let form = [("wallet", "wechat_pay"), ("product", product)];
    payer.post_form(&format!("{page}/attempts"), &form).await.location()
}

#[tokio::test]
async fn the_second_host_is_asked_when_the_first_does_not_answer() {
    let gateway = Gateway::open().await;
    let mut settings = crate::wechat::live_merchant(&gateway);
    let nobody = HeldPort::any();
    let first = format!("base_url = \"http://{}\"\nbackup_url = \"{}\"", nobody.address(), gateway.base());
    settings.config =
        settings.config.map(|text| text.replacen(&format!("base_url = \"{}\"", gateway.base()), &first, 1));
    let server = Server::start_with(settings).await;
    let order = server.shop_with(SHOP_KEY).place(&least_order()).await;
    let payer = server.browser();
    let attempt = begin_as(&payer, &page(&order), "code").await;
    payer.get(&format!("{attempt}/qr.png")).await.expect(200);
}

#[tokio::test]
async fn a_refund_that_may_help_later_is_asked_for_again_and_one_that_never_will_has_failed() {
    let (gateway, server, shop) = world().await;
    let refunds = |order: &Value| format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    let paid = async || {
        let order = shop.place(&least_order()).await;
        let trade = begin(&gateway, &server, &page(&order)).await;
        gateway.pay(&trade).await.expect(200);
        order
    };
    let poor = paid().await;
    gateway.book(|book| book.is_poor = true);
    shop.post_nothing(&refunds(&poor)).await.expect(201);
    wait_until(SOON, "two tries", async || (gateway.asked("/domestic/refunds").len() >= 4).then_some(())).await;
    assert_eq!(shop.refunds(&poor).await[0]["status"], "pending", "somebody can fill the account");
    gateway.book(|book| book.is_poor = false);
    server.await_status(&shop, &poor, "refunded").await;
    let gone = paid().await;
    gateway.misbehave(Call::Refund, &[Mischief::Refuse("403", "USER_ACCOUNT_ABNORMAL")]);
    shop.post_nothing(&refunds(&gone)).await.expect(201);
    wait_until(SOON, "the refund to have failed", async || {
        (shop.refunds(&gone).await[0]["status"] == "failed").then_some(())
    })
    .await;
    let abnormal = paid().await;
    gateway.book(|book| book.refunds_become = Some("ABNORMAL"));
    shop.post_nothing(&refunds(&abnormal)).await.expect(201);
    wait_until(SOON, "two questions", async || {
        (server.errors().matches("end it at pay.weixin.qq.com").count() >= 2).then_some(())
    })
    .await;
    assert_eq!(shop.refunds(&abnormal).await[0]["status"], "pending", "somebody can end it by hand");
    gateway.book(|book| book.refunds_become = None);
    server.await_status(&shop, &abnormal, "refunded").await;
}

#[tokio::test]
async fn an_answer_about_another_refund_ends_none_and_the_wallet_is_asked_again() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let trade = begin(&gateway, &server, &page(&order)).await;
    gateway.pay(&trade).await.expect(200);
    gateway.misbehave(Call::Refund, &[Mischief::Swapped]);
    gateway.misbehave(Call::AskRefund, &[Mischief::Refuse("404", "RESOURCE_NOT_EXISTS"), Mischief::Swapped]);
    shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
    wait_until(SOON, "both to be told", async || {
        (server.errors().matches("about another refund: out_refund_no differs").count() >= 2).then_some(())
    })
    .await;
    assert_eq!(shop.refunds(&order).await[0]["status"], "pending");
    server.await_status(&shop, &order, "refunded").await;
    assert_eq!((gateway.calls(Call::Refund).len(), gateway.book(|book| book.refunds.len())), (1, 1));
}

#[tokio::test]
async fn a_wallet_that_keeps_failing_is_left_alone_for_a_while() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let began = Instant::now();
    // Planned looks, too: a good answer to one of them would end the row.
    for call in [Call::Begin, Call::Query] {
        gateway.misbehave(call, &[Mischief::GatewayError; 100]);
    }
    let payer = server.browser();
    for _ in 0..4 {
        let attempt = begin_as(&payer, &page(&order), "code").await;
        assert!(!payer.get(&attempt).await.expect(200).text().contains("qr.png\""), "no code without an answer");
    }
    // Every ten seconds one call tries whether it is well again.
    let (asked, tries) = (gateway.asked("/v3/").len(), usize::try_from(began.elapsed().as_secs() / 10).unwrap());
    assert!((5..=5 + tries).contains(&asked), "five failures in a row are enough, and these are {asked}");
}

#[tokio::test]
async fn a_refusal_ends_the_attempt_and_the_order_can_be_paid_another_way() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave(Call::Begin, &[Mischief::Refuse("403", "NO_AUTH")]);
    let payer = server.browser();
    begin_as(&payer, &page(&order), "code").await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "failed");
    begin_as(&payer, &page(&order), "browser").await;
    gateway.pay(&gateway.newest_trade()).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
    assert!(!server.errors().contains("canary"), "no secret in the log: {}", server.errors());
}

/// A payer begins by code and comes back once; what the log says when it says these words.
async fn log_after(call: Call, mischief: &[Mischief], words: &str) -> String {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave(call, mischief);
    let payer = server.browser();
    begin_as(&payer, &page(&order), "code").await;
    payer.post_form(&format!("{}/check", page(&order)), &[]).await.expect(204);
    server.errors_with(words).await
}

#[tokio::test]
async fn an_answer_that_brings_nothing_is_logged_with_the_number_that_wechat_pays_support_asks_for() {
    for mischief in [Mischief::Refuse("403", "NO_AUTH"), Mischief::Unsigned, Mischief::Refuse("500", "SYSTEM_ERROR")] {
        let log = log_after(Call::Begin, &[mischief; 3], &format!("; Request-Id {REQUEST_ID}")).await;
        assert!(!log.contains("this machine's clock"), "{mischief:?}: {log}");
    }
}

#[tokio::test]
async fn a_way_that_is_not_wechat_pays_own_is_shown_to_nobody() {
    let (gateway, server, shop) = world().await;
    for (product, way) in [
        ("code", "weixin://evil.example/bizpayurl?pr=1"),
        ("code", "https://evil.example/"),
        ("browser", "http://evil.example/h5"),
        ("browser", "javascript:alert(1)"),
    ] {
        let order = shop.place(&least_order()).await;
        gateway.book(|book| book.strange_way = Some(way));
        let payer = server.browser();
        let attempt = begin_as(&payer, &page(&order), product).await;
        let shown = payer.get(&attempt).await.expect(200).text();
        assert!(!shown.contains("evil") && !shown.contains("alert(1)"), "{way}: {shown}");
        assert_ne!(payer.get(&format!("{attempt}/qr.png")).await.status, 200, "{way}");
        assert_eq!(shop.attempts(&order).await[0]["status"], "open", "{way}");
        gateway.book(|book| book.strange_way = None);
        begin_as(&payer, &page(&order), product).await;
        gateway.pay(&gateway.newest_trade()).await.expect(200);
    }
}

#[tokio::test]
async fn an_answer_of_another_time_tells_that_the_clock_is_off() {
    let words = "s off, ahead of the answer's time";
    let log = log_after(Call::Query, &[Mischief::Old], words).await;
    assert!(log.contains("its answer is not proven; Request-Id"), "{log}");
    let seconds = log.split(words).next().and_then(|before| before.trim_end().rsplit(' ').next());
    let seconds: u32 = seconds.and_then(|text| text.parse().ok()).expect("a number");
    assert!((600..660).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_new_certificate_is_fetched_once_and_then_believed() {
    let (gateway, server, shop) = world().await;
    gateway.renew_certificate();
    let order = shop.place(&least_order()).await;
    let trade = begin(&gateway, &server, &page(&order)).await;
    assert_eq!(gateway.asked("/v3/certificates").len(), 1);
    gateway.pay_silently(&trade);
    let all = crate::pretended::keys::identities();
    let body = crate::wechat::notice::body_of(&gateway.book(|book| book.describe(&trade)).unwrap());
    let seconds = crate::harness::now().as_second();
    // Zeros before the number and small letters are the same number.
    let name = format!("00{}", all.next_certificate.serial.to_lowercase());
    Notice::signed_by(&name, &all.next_certificate, seconds, &body)
        .deliver(&gateway.notify_url(&trade))
        .await
        .expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
    for number in 0..20 {
        let unknown = Notice::signed_by(&format!("AA{number:02}"), &all.stranger, seconds, &body);
        unknown.deliver(&gateway.notify_url(&trade)).await.problem(401, "unauthorized");
    }
    assert_eq!(gateway.asked("/v3/certificates").len(), 1, "strangers' names do not make us ask");
}
