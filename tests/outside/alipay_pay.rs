//! A live merchant's orders at Alipay: every product and outcome, against a pretended gateway that checks and signs for real.

use serde_json::{Value, json};

use crate::alipay::{Gateway, IN_ALIPAY, Mischief, world, world_with};
use crate::harness::{Browser, SOON, Server, Shop, least_order, now, path_of, read_codes, read_picture, wait_until};

const PRODUCTS: [&str; 3] = ["code", "browser", "in_app"];

/// The lasting page of an order.
fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

async fn begin_as(payer: &Browser, page: &str, product: &str) -> String {
    payer.post_form(&format!("{page}/attempts"), &[("wallet", "alipay"), ("product", product)]).await.location()
}

/// The address on an attempt's page that leads to the gateway.
fn way_out(shown: &str, gateway: &Gateway) -> String {
    let begin = shown.find(&format!("{}?", gateway.base())).unwrap_or_else(|| panic!("no way out: {shown}"));
    let end = shown[begin..].find('"').expect("an attribute");
    shown[begin..begin + end].replace("&amp;", "&").replace("&#38;", "&")
}

/// Begins to pay with a product, goes to the gateway where that needs a browser, and gives the trade's number.
async fn begin(
    gateway: &Gateway,
    server: &Server,
    shop: &Shop,
    order: &Value,
    page: &str,
    product: &str,
) -> (Browser, String) {
    let payer = if product == "in_app" { server.browser().inside(IN_ALIPAY) } else { server.browser() };
    let attempt = begin_as(&payer, page, product).await;
    let newest = shop.attempts(order).await[0]["trade_no"].as_str().unwrap().to_owned();
    if product == "code" {
        let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
        assert_eq!(read_codes(&read_picture(&picture.body)), [gateway.book(|book| book.asked[&newest].code.clone())]);
    } else {
        let shown = payer.get(&attempt).await.expect(200).text();
        let opened = reqwest::Client::builder().no_proxy().build().unwrap().get(way_out(&shown, gateway)).send().await;
        assert_eq!(opened.unwrap().text().await.unwrap(), "<!doctype html><title>cashier</title>");
        assert!(gateway.book(|book| book.trades.contains_key(&newest)), "the page began the trade");
    }
    (payer, newest)
}

async fn check(payer: &Browser, page: &str) {
    payer.post_form(&format!("{page}/check"), &[]).await.expect(204);
}

#[tokio::test]
async fn each_product_is_paid_told_of_and_shown() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place_with(json!({ "subject": "茶壶 & 杯/碟=1" })).await;
        assert_eq!(order["sandbox"], false);
        let (payer, trade) = begin(&gateway, &server, &shop, &order, &page(&order), product).await;
        assert_eq!(gateway.pay(&trade).await.expect(200).text(), "success", "the seven letters and nothing else");
        let paid = shop.order(&order).await;
        assert_eq!(
            (&paid["status"], &paid["paid_with"], &paid["paid_by"]),
            (&json!("paid"), &json!("alipay"), &json!("buyer"))
        );
        assert_eq!(shop.attempts(&order).await[0]["product"], product);
        let receipt = payer.get(&page(&order)).await.expect(200).text();
        assert!(receipt.contains("¥129.00") && !receipt.contains("/attempts\""), "a receipt for {product}");
        gateway.notice(&trade).deliver(&gateway.notify_url(&trade)).await.expect(200);
        assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_page_inside_alipay_can_open_the_address_of_the_code_instead() {
    let (gateway, server, shop) = world_with("in_app_way = \"code_address\"").await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser().inside(IN_ALIPAY);
    let attempt = begin_as(&payer, &page(&order), "in_app").await;
    let code = gateway.book(|book| book.asked[&book.asked.keys().next().unwrap().clone()].code.clone());
    assert!(payer.get(&attempt).await.expect(200).text().contains(&code), "a link to {code}");
    gateway.pay(&gateway.newest_code()).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
}

#[tokio::test]
async fn a_payment_whose_notice_was_lost_is_found_by_asking() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (payer, trade) = begin(&gateway, &server, &shop, &order, &page(&order), product).await;
        let number = gateway.pay_silently(&trade);
        check(&payer, &page(&order)).await;
        let paid = server.await_status(&shop, &order, "paid").await;
        let payment = &shop.attempts(&order).await[0]["payments"][0];
        assert_eq!((&payment["transaction_id"], &payment["amount"]), (&json!(number), &json!(12900)));
        assert_eq!(payment["paid_at"], paid["paid_at"]);
    }
}

#[tokio::test]
async fn a_code_that_nobody_scanned_waits_and_is_never_cancelled() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (payer, trade) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
    check(&payer, &page(&order)).await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "open", "no trade there yet means that nobody paid yet");
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    wait_until(SOON, "closing to be tried", async || (!gateway.asked("alipay.trade.close").is_empty()).then_some(()))
        .await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "closing", "it may still be scanned");
    // Somebody pays it after all: the money goes back.
    gateway.pay(&trade).await.expect(200);
    wait_until(SOON, "it to be given back", async || {
        shop.refunds(&order).await.iter().any(|refund| refund["status"] == "succeeded").then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["status"], "cancelled");
    assert_eq!(gateway.asked("alipay.trade.cancel"), Vec::<Value>::new());
}

#[tokio::test]
async fn cancelling_closes_a_scanned_trade_and_loses_to_a_payment() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (_, trade) = begin(&gateway, &server, &shop, &order, &page(&order), product).await;
        gateway.book(|book| book.scan(&trade));
        let cancel = |order: &Value| format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
        shop.post_nothing(&cancel(&order)).await.expect(200);
        assert_eq!(gateway.book(|book| book.trades[&trade].status.clone()), "TRADE_CLOSED");
        let order = shop.place(&least_order()).await;
        let (_, trade) = begin(&gateway, &server, &shop, &order, &page(&order), product).await;
        gateway.pay_silently(&trade);
        shop.post_nothing(&cancel(&order)).await;
        server.await_status(&shop, &order, "paid").await;
    }
}

#[tokio::test]
async fn a_friend_pays_a_trade_of_his_own() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (_, buyers) = begin(&gateway, &server, &shop, &order, &page(&order), "browser").await;
        let link = shop.ask_friend(&order, json!({})).await;
        let friends_page = path_of(link["url"].as_str().unwrap());
        let (_, friends) = begin(&gateway, &server, &shop, &order, &friends_page, product).await;
        assert_ne!(buyers, friends);
        gateway.pay(&friends).await.expect(200);
        assert_eq!(server.await_status(&shop, &order, "paid").await["paid_by"], "friend");
        wait_until(SOON, "the buyer's own trade to be closed", async || {
            (gateway.book(|book| book.trades[&buyers].status.clone()) == "TRADE_CLOSED").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_refund_goes_back_in_parts_and_each_number_once() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (payer, trade) = begin(&gateway, &server, &shop, &order, &page(&order), product).await;
        gateway.pay(&trade).await.expect(200);
        let path = format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
        shop.post(&path, &json!({ "amount": 900, "reason": "杯子碎了".repeat(20) })).await.expect(201);
        shop.post_nothing(&path).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
        let amounts: Vec<i64> = gateway.book(|book| {
            book.refunds.values().filter(|(number, _)| *number == trade).map(|(_, amount)| *amount).collect()
        });
        assert_eq!((amounts.len(), amounts.iter().sum::<i64>()), (2, 12900));
        // Given back whole, Alipay calls it closed: asked again, it is still a payment and no new one.
        check(&payer, &page(&order)).await;
        assert_eq!(shop.order(&order).await["status"], "refunded");
    }
}

#[tokio::test]
async fn two_payers_of_one_order_cost_one_of_them_nothing() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (_, first) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
    let (_, second) = begin(&gateway, &server, &shop, &order, &page(&order), "browser").await;
    for trade in [&first, &second] {
        gateway.pay(trade).await.expect(200);
    }
    let refunds = wait_until(SOON, "the surplus to go back", async || {
        Some(shop.refunds(&order).await).filter(|refunds| refunds.iter().any(|refund| refund["status"] == "succeeded"))
    })
    .await;
    assert_eq!((refunds.len(), &refunds[0]["kind"], &refunds[0]["amount"]), (1, &json!("surplus"), &json!(12900)));
    assert_eq!(shop.order(&order).await["status"], "paid");
    assert_eq!(gateway.book(|book| book.trades[&second].status.clone()), "TRADE_CLOSED");
}

#[tokio::test]
async fn a_wrong_amount_is_told_and_can_be_given_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (_, trade) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
    gateway.book(|book| book.pay(&trade, 12899, now()));
    gateway.notice(&trade).deliver(&gateway.notify_url(&trade)).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "pending");
    assert!(shop.history_types(&order).await.contains(&"payment.mismatch".to_owned()));
    let payment = shop.attempts(&order).await[0]["payments"][0].clone();
    shop.post_nothing(&format!("/v1/payments/{}/refund", payment["id"].as_str().unwrap())).await.expect(201);
    wait_until(SOON, "it to be given back", async || {
        shop.refunds(&order).await.iter().any(|refund| refund["status"] == "succeeded").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_payment_after_the_deadline_is_given_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    let (_, trade) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
    let late = now() + jiff::SignedDuration::from_secs(61);
    gateway.book(|book| book.pay(&trade, 12900, late));
    gateway.notice(&trade).deliver(&gateway.notify_url(&trade)).await.expect(200);
    let refunds = wait_until(SOON, "the late payment to go back", async || {
        Some(shop.refunds(&order).await).filter(|refunds| refunds.iter().any(|refund| refund["status"] == "succeeded"))
    })
    .await;
    assert_eq!(refunds[0]["kind"], "late");
}

/// What goes wrong with an answer.
const MISCHIEF: [Mischief; 11] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::Reordered,
    Mischief::Respelled,
    Mischief::Swapped,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::Redirect,
    Mischief::GatewayError,
    Mischief::UnsignedError,
];

#[tokio::test]
async fn an_answer_that_cannot_be_believed_begins_nothing_and_the_next_one_does() {
    let (gateway, server, shop) = world().await;
    for mischief in MISCHIEF {
        let order = shop.place(&least_order()).await;
        gateway.misbehave("alipay.trade.precreate", &[mischief; 3]);
        let payer = server.browser();
        let attempt = begin_as(&payer, &page(&order), "code").await;
        for _ in 0..3 {
            begin_as(&payer, &page(&order), "code").await;
        }
        let trade = gateway.newest_code();
        let picture = payer.get(&format!("{attempt}/qr.png")).await;
        assert_eq!(picture.status, 200, "{mischief:?}");
        let read = read_codes(&read_picture(&picture.body));
        assert_eq!(read, [gateway.book(|book| book.asked[&trade].code.clone())], "{mischief:?}: the newest code");
        gateway.pay(&trade).await.expect(200);
        assert_eq!(shop.order(&order).await["status"], "paid", "{mischief:?}");
        assert_eq!(shop.attempts(&order).await.len(), 1, "{mischief:?}: one attempt all the time");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_believed_neither_pays_nor_refunds_twice() {
    let (gateway, server, shop) = world().await;
    for mischief in MISCHIEF {
        let order = shop.place(&least_order()).await;
        let (payer, trade) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
        gateway.pay_silently(&trade);
        gateway.misbehave("alipay.trade.query", &[mischief]);
        wait_until(SOON, "the payment to be found", async || {
            check(&payer, &page(&order)).await;
            (shop.order(&order).await["status"] == "paid").then_some(())
        })
        .await;
        gateway.misbehave("alipay.trade.refund", &[mischief, mischief]);
        shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
    }
    assert_eq!(gateway.book(|book| book.refunds.len()), MISCHIEF.len(), "each refund was made once");
}

#[tokio::test]
async fn a_refund_that_may_help_later_is_asked_for_again_and_one_that_never_will_has_failed() {
    let (gateway, server, shop) = world().await;
    let refunds = |order: &Value| format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    let paid = async || {
        let order = shop.place(&least_order()).await;
        let (_, trade) = begin(&gateway, &server, &shop, &order, &page(&order), "code").await;
        gateway.pay(&trade).await.expect(200);
        order
    };
    let poor = paid().await;
    gateway.book(|book| book.is_poor = true);
    shop.post_nothing(&refunds(&poor)).await.expect(201);
    wait_until(SOON, "two tries", async || (gateway.asked("alipay.trade.refund").len() >= 2).then_some(())).await;
    assert_eq!(shop.refunds(&poor).await[0]["status"], "pending", "somebody can fill the account");
    gateway.book(|book| book.is_poor = false);
    server.await_status(&shop, &poor, "refunded").await;
    let slow = paid().await;
    gateway.book(|book| book.is_slow = true);
    shop.post_nothing(&refunds(&slow)).await.expect(201);
    let query = "alipay.trade.fastpay.refund.query";
    wait_until(SOON, "two questions", async || (gateway.asked(query).len() >= 2).then_some(())).await;
    assert_eq!(shop.refunds(&slow).await[0]["status"], "pending", "taken is not done");
    gateway.book(|book| book.is_slow = false);
    server.await_status(&shop, &slow, "refunded").await;
    let gone = paid().await;
    gateway.misbehave("alipay.trade.refund", &[Mischief::Refuse("40004", "ACQ.TRADE_HAS_FINISHED")]);
    shop.post_nothing(&refunds(&gone)).await.expect(201);
    wait_until(SOON, "the refund to have failed", async || {
        (shop.refunds(&gone).await[0]["status"] == "failed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refusal_ends_the_attempt_and_a_breakdown_does_not() {
    let (gateway, server, shop) = world().await;
    let first_status = async |refusal: (&'static str, &'static str)| {
        let order = shop.place(&least_order()).await;
        gateway.misbehave("alipay.trade.precreate", &[Mischief::Refuse(refusal.0, refusal.1)]);
        begin_as(&server.browser(), &page(&order), "code").await;
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
