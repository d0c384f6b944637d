//! UnionPay's page, to which a payer's browser brings a signed form: over plain HTTP and in a real browser that goes there and back.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Browser, Chromium, Look, SOON, Server, Shop, least_order, now, path_of, wait_until};
use crate::posing::user_agent;
use crate::pretended::Call;
use crate::unionpay::{Form, Gateway, deliver, world, written};

fn page(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

/// Begins to pay in this way and gives the path of the attempt's page.
async fn begin(payer: &Browser, order: &Value, product: &str) -> String {
    let form = [("wallet", "unionpay"), ("product", product)];
    payer.post_form(&format!("{}/attempts", page(order)), &form).await.location()
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name}: {tag}")).1;
    let value = value.split('"').next().unwrap();
    value.replace("&#43;", "+").replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "=")
}

/// The form that leads to the wallet: where it goes and what it holds.
pub fn leaving(page: &str) -> (String, Form) {
    let form = page.split("<form").find(|form| form.contains("data-leave")).expect("a form that leaves");
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("<input").skip(1).map(|input| (attribute(input, "name"), attribute(input, "value")));
    (attribute(form, "action"), fields.collect())
}

async fn newest_trade(shop: &Shop, order: &Value) -> String {
    shop.attempts(order).await[0]["trade_no"].as_str().unwrap().to_owned()
}

async fn cashier(gateway: &Gateway, number: &str, act: &str) -> Answer {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Answer::of(client.post(format!("{}/cashier/{number}/{act}", gateway.base()))).await
}

#[tokio::test]
async fn a_form_leads_to_unionpays_page_and_what_is_paid_there_counts_and_goes_back() {
    let (gateway, server, shop) = world().await;
    let phone = user_agent("browser", "android");
    for (product, agent, channel) in
        [("browser", None, "07"), ("browser", Some(phone), "08"), ("in_app", Some(user_agent("unionpay", "ios")), "08")]
    {
        let order = shop.place(&least_order()).await;
        let payer = agent.map_or_else(|| server.browser(), |agent| server.browser().inside(agent));
        let attempt = begin(&payer, &order, product).await;
        let shown = payer.get(&attempt).await.expect(200);
        let (action, fields) = leaving(&shown.text());
        assert_eq!(action, format!("{}/gateway/api/frontTransReq.do", gateway.base()));
        assert_eq!((fields["channelType"].as_str(), fields["txnAmt"].as_str()), (channel, "12900"));
        assert_eq!(fields["frontUrl"], format!("{}{attempt}?returned=1", server.base()));
        let accepted = deliver(&action, written(&fields).into_bytes()).await;
        assert!(accepted.text().contains("/cashier/"), "{}", accepted.text());
        let number = newest_trade(&shop, &order).await;
        let (back, said) = leaving(&cashier(&gateway, &number, "pay").await.text().replace("id=on", "data-leave"));
        assert_eq!((back.as_str(), said["respCode"].as_str()), (fields["frontUrl"].as_str(), "00"));
        assert_eq!(server.await_status(&shop, &order, "paid").await["paid_with"], "unionpay");
        let again = deliver(&action, written(&fields).into_bytes()).await.text();
        assert!(again.contains("<p id=refused>12</p>"), "a form sent again pays nothing again: {again}");
        shop.post_nothing(&format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap())).await.expect(201);
        server.await_status(&shop, &order, "refunded").await;
    }
    assert_eq!(gateway.calls(Call::Refund).len(), 3);
}

#[tokio::test]
async fn only_the_page_with_the_form_may_send_one_to_unionpay_and_to_nobody_else() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let attempt = begin(&payer, &order, "browser").await;
    let code = server.browser();
    let attempt_by_code = begin(&code, &order, "code").await;
    let target = async |browser: &Browser, path: &str| {
        let answer = browser.get(path).await.expect(200);
        let policy = answer.header("content-security-policy").to_owned();
        policy.split_once("form-action ").unwrap().1.split(';').next().unwrap().to_owned()
    };
    assert_eq!(target(&payer, &attempt).await, format!("'self' {}", gateway.base()));
    for path in [page(&order), path_of(order["checkout_url"].as_str().unwrap())] {
        assert_eq!(target(&payer, &path).await, "'self'");
    }
    assert_eq!(target(&code, &attempt_by_code).await, "'self'");
    assert_eq!(server.browser().get(&attempt).await.status, 404, "another browser sees no form");
}

#[tokio::test]
async fn the_same_browser_gets_the_same_form_and_a_changed_one_is_refused() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let first = leaving(&payer.get(&begin(&payer, &order, "browser").await).await.text());
    let again = leaving(&payer.get(&begin(&payer, &order, "browser").await).await.text());
    assert_eq!(first, again, "so that nobody can pay it twice");
    assert_eq!(shop.attempts(&order).await.len(), 1);
    let (action, fields) = first;
    for (name, value) in [("txnAmt", "1"), ("frontUrl", "https://evil.example/"), ("signature", "AAAA")] {
        let mut changed: BTreeMap<_, _> = fields.clone();
        changed.insert(name.to_owned(), value.to_owned());
        let answer = deliver(&action, written(&changed).into_bytes()).await.text();
        assert!(answer.contains("<p id=refused>11</p>"), "{name}: {answer}");
    }
    assert!(!server.errors().contains("canary"), "no secret in the log");
    assert!(gateway.calls(Call::Refund).is_empty());
}

#[tokio::test]
async fn coming_back_with_another_sites_form_changes_nothing_and_leads_to_the_page() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let attempt = begin(&payer, &order, "browser").await;
    let (action, fields) = leaving(&payer.get(&attempt).await.text());
    deliver(&action, written(&fields).into_bytes()).await.expect(200);
    let history = shop.history(&order).await;
    let stranger = server.browser();
    for (browser, said) in [(&payer, "respCode=00&txnAmt=12900"), (&stranger, ""), (&stranger, "wallet=alipay")] {
        let request = browser.request(Method::POST, &format!("{attempt}?returned=1"));
        let request = request.header("origin", gateway.base()).header("sec-fetch-site", "cross-site");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(said);
        assert_eq!(Answer::of(request).await.location(), format!("{attempt}?returned=1"));
    }
    assert_eq!(shop.history(&order).await, history);
    assert_eq!(shop.order(&order).await["status"], "pending", "what a browser says about a payment is not believed");
    for action in ["close", "check"] {
        let request = payer.request(Method::POST, &format!("{attempt}/{action}"));
        let request = request.header("origin", gateway.base()).header("sec-fetch-site", "cross-site");
        assert_eq!(Answer::of(request).await.status, 403, "{action}");
    }
    assert!(payer.get(&format!("{attempt}?returned=1")).await.text().contains("付好了吗"));
}

#[tokio::test]
async fn a_page_that_is_paid_after_the_order_was_cancelled_gives_the_money_back() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let (action, fields) = leaving(&payer.get(&begin(&payer, &order, "browser").await).await.text());
    deliver(&action, written(&fields).into_bytes()).await.expect(200);
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    cashier(&gateway, &newest_trade(&shop, &order).await, "pay").await.expect(200);
    wait_until(SOON, "it to be given back", async || {
        shop.refunds(&order).await.iter().any(|refund| refund["status"] == "succeeded").then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["status"], "cancelled");
}

/// A real browser that stands at UnionPay's cashier, and the address of the page it left.
async fn at_the_cashier(server: &Server, look: &Look, order: &Value) -> (Chromium, String) {
    let chromium = Chromium::start(look).await;
    chromium.open(&format!("{}{}", server.base(), page(order))).await;
    chromium.click("form[action$='/attempts']:has([value='browser']) button").await;
    chromium.arrives("/attempts/att_").await;
    let attempt = chromium.address().await;
    chromium.click("form[data-leave] button").await;
    if !look.script {
        chromium.click("#go").await;
    }
    chromium.arrives("/cashier/").await;
    (chromium, attempt)
}

#[tokio::test]
async fn a_real_browser_goes_to_unionpays_page_pays_and_comes_back_to_its_receipt() {
    let (_gateway, server, shop) = world().await;
    for script in [true, false] {
        let order = shop.place(&least_order()).await;
        let (chromium, attempt) = at_the_cashier(&server, &Look { script, ..Look::default() }, &order).await;
        chromium.click("#pay").await;
        if !script {
            chromium.click("#go").await;
        }
        chromium.arrives(&attempt).await;
        server.await_status(&shop, &order, "paid").await;
        wait_until(SOON, "the receipt", async || {
            // Whoever has no scripts may be back before UnionPay was asked, and looks again by hand, as the page says.
            if !script && !chromium.has("body[data-status='paid']").await {
                chromium.reload().await;
            }
            chromium.has("body[data-status='paid']").await.then_some(())
        })
        .await;
        assert_eq!(chromium.complaints().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn whoever_cancels_at_unionpay_comes_back_to_a_page_that_asks_and_can_go_there_again() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (chromium, attempt) = at_the_cashier(&server, &Look::default(), &order).await;
    chromium.click("#cancel").await;
    chromium.arrives(&attempt).await;
    assert!(chromium.source().await.contains("付好了吗"));
    chromium.click("form[data-leave] button").await;
    chromium.arrives("/cashier/").await;
    let number = newest_trade(&shop, &order).await;
    gateway.book(|book| book.pay(&number, 12900, now()));
    chromium.open(&format!("{attempt}?returned=1")).await;
    // A planned look may find the payment first; then there is nothing to tap any more.
    wait_until(SOON, "the receipt", async || {
        chromium.run("document.querySelector(\"form[action$='/check'] button.primary\")?.click()").await;
        chromium.has("body[data-status='paid']").await.then_some(())
    })
    .await;
    assert_eq!(shop.attempts(&order).await.len(), 1, "one trade all the way");
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}
