//! A live merchant's orders at WeChat Pay: every product and outcome, against a pretended gateway that checks and signs for real.

use serde_json::{Value, json};

use crate::harness::{Browser, SOON, Server, least_order, path_of, wait_until};
use crate::wechat::{Gateway, Mischief, Notice, in_china, world};

const PRODUCTS: [&str; 3] = ["code", "browser", "in_app"];

/// The lasting page of an order.
fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

/// Begins to pay with a product and gives the number of the trade at the gateway.
async fn begin(gateway: &Gateway, server: &Server, page: &str, product: &str) -> (Browser, String, String) {
    let payer = if product == "in_app" { logged_in(gateway, server, page).await } else { server.browser() };
    let attempt = begin_as(&payer, page, product).await;
    (payer, attempt, gateway.newest_trade())
}

async fn begin_as(payer: &Browser, page: &str, product: &str) -> String {
    let form = [("wallet", "wechat_pay"), ("product", product)];
    payer.post_form(&format!("{page}/attempts"), &form).await.location()
}

/// A browser inside WeChat that has come back from the login.
pub async fn logged_in(gateway: &Gateway, server: &Server, page: &str) -> Browser {
    let payer = server.browser().inside(crate::wechat::IN_WECHAT);
    let sent = payer.get(page).await.expect(303);
    let (code, state) = (format!("code{}", gateway.asked("").len()), crate::wechat::state_of(sent.header("location")));
    gateway.will_log_in(&code, "oPayer");
    payer.get(&format!("/oauth/wechat_pay/teashop?code={code}&state={state}")).await.expect(303);
    payer
}

async fn check(payer: &Browser, page: &str) {
    payer.post_form(&format!("{page}/check"), &[]).await.expect(204);
}

#[tokio::test]
async fn each_product_is_paid_told_of_and_shown() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        assert_eq!(order["sandbox"], false);
        let (payer, attempt, trade) = begin(&gateway, &server, &page(&order), product).await;
        let shown = payer.get(&attempt).await.expect(200).text();
        match product {
            "code" => {
                let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
                let read = crate::harness::read_codes(&crate::harness::read_picture(&picture.body));
                assert_eq!(read, [gateway.book(|book| book.trades[&trade].way.clone())]);
            }
            "browser" => assert!(shown.contains("/h5?prepay_id=") && shown.contains("redirect_url="), "{shown}"),
            _ => assert!(shown.contains("prepay_id=") && shown.contains("paySign"), "{shown}"),
        }
        let heard = gateway.pay(&trade).await.expect(200);
        assert_eq!(heard.json(), json!({ "code": "SUCCESS", "message": "成功" }));
        let paid = shop.order(&order).await;
        assert_eq!(
            (&paid["status"], &paid["paid_with"], &paid["paid_by"]),
            (&json!("paid"), &json!("wechat_pay"), &json!("buyer"))
        );
        let attempts = shop.attempts(&order).await;
        assert_eq!((&attempts[0]["product"], &attempts[0]["trade_no"]), (&json!(product), &json!(trade)));
        let receipt = payer.get(&page(&order)).await.expect(200).text();
        assert!(receipt.contains("¥129.00") && !receipt.contains("/attempts\""), "a receipt for {product}");
        // The same notice again changes nothing.
        gateway.notice(&trade).deliver(&gateway.notify_url(&trade)).await.expect(200);
        assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_payment_whose_notice_was_lost_is_found_by_asking() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (payer, _, trade) = begin(&gateway, &server, &page(&order), product).await;
        let at = gateway.pay_silently(&trade);
        check(&payer, &page(&order)).await;
        let paid = server.await_status(&shop, &order, "paid").await;
        let payment = &shop.attempts(&order).await[0]["payments"][0];
        assert_eq!((&payment["transaction_id"], &payment["amount"]), (&json!(at), &json!(12900)));
        assert_eq!(payment["paid_at"], paid["paid_at"]);
    }
}

#[tokio::test]
async fn a_friend_pays_a_trade_of_his_own() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (_, _, buyers) = begin(&gateway, &server, &page(&order), "code").await;
        let link = shop.ask_friend(&order, json!({})).await;
        let (_, _, friends) = begin(&gateway, &server, &path_of(link["url"].as_str().unwrap()), product).await;
        assert_ne!(buyers, friends, "one trade can be paid by one WeChat account alone");
        gateway.pay(&friends).await.expect(200);
        assert_eq!(server.await_status(&shop, &order, "paid").await["paid_by"], "friend");
        wait_until(SOON, "the buyer's own trade to be closed", async || {
            (gateway.book(|book| book.trades[&buyers].state.clone()) == "CLOSED").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_refund_goes_back_in_parts_and_each_number_once() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (_, _, trade) = begin(&gateway, &server, &page(&order), product).await;
        gateway.pay(&trade).await.expect(200);
        let path = format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
        let reason = "杯子碎了".repeat(20);
        shop.post(&path, &json!({ "amount": 900, "reason": reason })).await.expect(201);
        shop.post_nothing(&path).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
        let refunds: Vec<i64> = gateway.book(|book| {
            let of_trade = book
                .refunds
                .values()
                .filter(|refund| refund["transaction_id"] == json!(book.trades[&trade].transaction_id));
            of_trade.map(|refund| refund["amount"]["refund"].as_i64().unwrap()).collect()
        });
        assert_eq!((refunds.len(), refunds.iter().sum::<i64>()), (2, 12900));
    }
}

#[tokio::test]
async fn two_payers_of_one_order_cost_one_of_them_nothing() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (_, _, first) = begin(&gateway, &server, &page(&order), "code").await;
    let (_, _, second) = begin(&gateway, &server, &page(&order), "browser").await;
    gateway.pay_silently(&first);
    gateway.pay_silently(&second);
    for trade in [&first, &second] {
        gateway.notice(trade).deliver(&gateway.notify_url(trade)).await.expect(200);
    }
    let refunds = wait_until(SOON, "the surplus to go back", async || {
        Some(shop.refunds(&order).await).filter(|refunds| refunds.iter().any(|refund| refund["status"] == "succeeded"))
    })
    .await;
    assert_eq!((refunds.len(), &refunds[0]["kind"], &refunds[0]["amount"]), (1, &json!("surplus"), &json!(12900)));
    assert_eq!(shop.order(&order).await["status"], "paid");
    assert_eq!(gateway.book(|book| book.trades[&second].state.clone()), "REFUND");
}

#[tokio::test]
async fn cancelling_closes_the_trade_and_loses_to_a_payment() {
    let (gateway, server, shop) = world().await;
    for product in PRODUCTS {
        let order = shop.place(&least_order()).await;
        let (_, _, trade) = begin(&gateway, &server, &page(&order), product).await;
        let cancel = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
        shop.post_nothing(&cancel).await.expect(200);
        assert_eq!(gateway.book(|book| book.trades[&trade].state.clone()), "CLOSED");
        let order = shop.place(&least_order()).await;
        let (_, _, trade) = begin(&gateway, &server, &page(&order), product).await;
        gateway.pay_silently(&trade);
        let cancel = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
        shop.post_nothing(&cancel).await.problem(409, "order_not_pending");
        assert_eq!(shop.order(&order).await["status"], "paid");
    }
}

#[tokio::test]
async fn at_its_end_an_order_closes_its_trades_and_a_later_payment_goes_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    let (_, _, trade) = begin(&gateway, &server, &page(&order), "code").await;
    let request = gateway.book(|book| book.trades[&trade].request.clone());
    let expires: jiff::Timestamp = order["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(request["time_expire"], in_china(expires));
    let limit = SOON + std::time::Duration::from_secs(90);
    wait_until(limit, "the order to expire", async || {
        Some(shop.order(&order).await).filter(|order| order["status"] == "expired")
    })
    .await;
    assert_eq!(gateway.book(|book| book.trades[&trade].state.clone()), "CLOSED");
    // WeChat Pay lifts a deadline that is near: somebody paid after ours.
    gateway.book(|book| book.pay(&trade, 12900, expires + jiff::SignedDuration::from_secs(61)));
    gateway.notice(&trade).deliver(&gateway.notify_url(&trade)).await.expect(200);
    let refunds = wait_until(SOON, "the late payment to go back", async || {
        Some(shop.refunds(&order).await).filter(|refunds| refunds.iter().any(|refund| refund["status"] == "succeeded"))
    })
    .await;
    assert_eq!(refunds[0]["kind"], "late");
    assert_eq!(shop.order(&order).await["status"], "expired");
}

#[tokio::test]
async fn a_wrong_amount_is_kept_and_told_and_pays_nothing() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (_, _, trade) = begin(&gateway, &server, &page(&order), "code").await;
    gateway.book(|book| book.pay(&trade, 12899, crate::harness::now()));
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

/// What goes wrong with an answer, and whether one further question in the same call sets it right.
const MISCHIEF: [Mischief; 10] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::WrongSerial,
    Mischief::Old,
    Mischief::Reordered,
    Mischief::GatewayError,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::Redirect,
];

#[tokio::test]
async fn an_answer_that_cannot_be_believed_begins_nothing_and_the_next_one_does() {
    let (gateway, server, shop) = world().await;
    for mischief in MISCHIEF {
        let order = shop.place(&least_order()).await;
        gateway.misbehave("/native", &[mischief; 3]);
        let payer = server.browser();
        let attempt = begin_as(&payer, &page(&order), "code").await;
        for _ in 0..3 {
            begin_as(&payer, &page(&order), "code").await;
        }
        let picture = payer.get(&format!("{attempt}/qr.png")).await;
        assert_eq!(picture.status, 200, "{mischief:?}");
        let trade = gateway.newest_trade();
        let read = crate::harness::read_codes(&crate::harness::read_picture(&picture.body));
        assert_eq!(read, [gateway.book(|book| book.trades[&trade].way.clone())], "{mischief:?}: the living code");
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
        let (payer, _, trade) = begin(&gateway, &server, &page(&order), "code").await;
        gateway.pay_silently(&trade);
        gateway.misbehave("out-trade-no", &[mischief]);
        wait_until(SOON, "the payment to be found", async || {
            check(&payer, &page(&order)).await;
            (shop.order(&order).await["status"] == "paid").then_some(())
        })
        .await;
        gateway.misbehave("/refunds", &[mischief, mischief]);
        shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
    }
    assert_eq!(gateway.book(|book| book.refunds.len()), MISCHIEF.len(), "each refund was made once");
}

#[tokio::test]
async fn the_second_host_is_asked_when_the_first_does_not_answer() {
    let gateway = Gateway::start().await;
    let mut settings = crate::wechat::live_merchant(&gateway);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let first = format!("base_url = \"http://{nobody}\"\nbackup_url = \"{}\"", gateway.base());
    settings.config =
        settings.config.map(|text| text.replacen(&format!("base_url = \"{}\"", gateway.base()), &first, 1));
    let server = Server::start_with(settings).await;
    let order = server.shop_with("key_of_the_tea_shop").place(&least_order()).await;
    let payer = server.browser();
    let attempt = begin_as(&payer, &page(&order), "code").await;
    payer.get(&format!("{attempt}/qr.png")).await.expect(200);
}

#[tokio::test]
async fn a_trade_whose_answer_never_came_is_begun_once() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave("/native", &[Mischief::Silent]);
    let payer = server.browser();
    let attempt = begin_as(&payer, &page(&order), "code").await;
    payer.get(&format!("{attempt}/qr.png")).await.expect(200);
    assert_eq!(gateway.asked("/native").len(), 2, "asked again after the silence");
    assert_eq!(gateway.book(|book| book.trades.len()), 1, "under the same number");
}

#[tokio::test]
async fn a_refund_that_may_help_later_is_asked_for_again_and_one_that_never_will_has_failed() {
    let (gateway, server, shop) = world().await;
    let refunds = |order: &Value| format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    let paid = async || {
        let order = shop.place(&least_order()).await;
        let (_, _, trade) = begin(&gateway, &server, &page(&order), "code").await;
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
    gateway.misbehave(
        "/domestic/refunds",
        &[Mischief::Refuse(404, "RESOURCE_NOT_EXISTS"), Mischief::Refuse(403, "USER_ACCOUNT_ABNORMAL")],
    );
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
async fn a_wallet_that_keeps_failing_is_left_alone_for_a_while() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave("/native", &[Mischief::GatewayError; 100]);
    let payer = server.browser();
    for _ in 0..4 {
        let attempt = begin_as(&payer, &page(&order), "code").await;
        assert!(!payer.get(&attempt).await.expect(200).text().contains("qr.png\""), "no code without an answer");
    }
    assert_eq!(gateway.asked("/native").len(), 5, "five failures in a row are enough");
}

#[tokio::test]
async fn a_refusal_ends_the_attempt_and_the_order_can_be_paid_another_way() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    gateway.misbehave("/native", &[Mischief::Refuse(403, "NO_AUTH")]);
    let payer = server.browser();
    begin_as(&payer, &page(&order), "code").await;
    assert_eq!(shop.attempts(&order).await[0]["status"], "failed");
    begin_as(&payer, &page(&order), "browser").await;
    gateway.pay(&gateway.newest_trade()).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
    assert!(!server.errors().contains("canary"), "no secret in the log: {}", server.errors());
}

#[tokio::test]
async fn a_new_certificate_is_fetched_once_and_then_believed() {
    let (gateway, server, shop) = world().await;
    gateway.renew_certificate();
    let order = shop.place(&least_order()).await;
    let (_, _, trade) = begin(&gateway, &server, &page(&order), "code").await;
    assert_eq!(gateway.asked("/v3/certificates").len(), 1);
    gateway.pay_silently(&trade);
    let all = crate::wechat::keys::identities();
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
