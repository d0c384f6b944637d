//! Paying WeChat in a real browser: the album way with a stub of WeChat's bridge that the test puts there, and H5.

use serde_json::{Value, json};

use crate::harness::{Chromium, Look, SOON, Server, Shop, least_order, path_of, wait_until};
use crate::wechat::{Gateway, IN_WECHAT, world};

/// A bridge that keeps what it is asked and answers when the test says so.
const STUB: &str = "window.asked = []; window.WeixinJSBridge = { invoke: (name, call, answer) => { window.asked.push([name, call]); \
    window.answer = answer; } };";

fn phone() -> Look {
    Look { user_agent: IN_WECHAT, ..Look::default() }
}

async fn is_receipt(chromium: &Chromium) -> bool {
    chromium.run("return document.body.dataset.status === 'paid';").await == true
}

/// An order whose lasting code was opened inside WeChat by a person; through the login and up to the button that pays.
async fn at_the_button(gateway: &Gateway, shop: &Shop, chromium: &Chromium) -> Value {
    let order = shop.place(&least_order()).await;
    gateway.person(Some("oBrowser"));
    chromium.open(order["qr"]["payload"].as_str().unwrap()).await;
    chromium.arrives("?login=done").await;
    chromium.click("form[action$='/attempts'] button.primary").await;
    chromium.arrives("/attempts/att_").await;
    order
}

fn shown(selector: &str) -> String {
    format!("const e = document.querySelector(\"{selector}\"); return !!e && e.getBoundingClientRect().height > 0;")
}

#[tokio::test]
async fn a_code_from_the_album_is_paid_with_one_login_and_two_taps() {
    let (gateway, _server, shop) = world().await;
    let chromium = Chromium::start(&phone()).await;
    let order = at_the_button(&gateway, &shop, &chromium).await;
    chromium.run(STUB).await;
    chromium.click("[data-bridge]").await;
    let asked = chromium.run("return window.asked;").await;
    assert_eq!((asked.as_array().unwrap().len(), &asked[0][0]), (1, &json!("getBrandWCPayRequest")));
    let trade = gateway.newest_trade();
    assert_eq!(asked[0][1]["package"], format!("prepay_id={}", gateway.book(|book| book.trades[&trade].way.clone())));
    // The payment's notice is lost: the page asks the server, and the server asks the wallet.
    gateway.pay_silently(&trade);
    // A planned look may find it first; then the page is the receipt already, and nobody waits for this answer.
    chromium.run("window.answer?.({ err_msg: 'get_brand_wcpay_request:ok' });").await;
    wait_until(SOON, "the receipt", async || is_receipt(&chromium).await.then_some(())).await;
    assert_eq!(shop.order(&order).await["status"], "paid");
    // A second order on the same phone needs no login.
    let logins = gateway.asked("/connect/").len();
    let next = shop.place(&least_order()).await;
    chromium.open(next["qr"]["payload"].as_str().unwrap()).await;
    assert_eq!(gateway.asked("/connect/").len(), logins);
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_bridges_word_is_not_believed() {
    let (gateway, _server, shop) = world().await;
    let chromium = Chromium::start(&phone()).await;
    let order = at_the_button(&gateway, &shop, &chromium).await;
    chromium.run(STUB).await;
    chromium.click("[data-bridge]").await;
    let before = gateway.asked("out-trade-no").len();
    chromium.run("window.answer({ err_msg: 'get_brand_wcpay_request:ok' });").await;
    wait_until(SOON, "the wallet to be asked", async || (gateway.asked("out-trade-no").len() > before).then_some(()))
        .await;
    assert!(!is_receipt(&chromium).await);
    assert_eq!(shop.order(&order).await["status"], "pending");
    // Cancelled: said so, and it can be tapped again.
    chromium.run("window.answer({ err_msg: 'get_brand_wcpay_request:cancel' });").await;
    assert_eq!(chromium.run(&shown("[data-bridge-failed]")).await, true);
    chromium.click("[data-bridge]").await;
    assert_eq!(chromium.run("return window.asked.length;").await, 2);
    assert_eq!(chromium.run(&shown("[data-bridge-failed]")).await, false);
}

#[tokio::test]
async fn where_the_bridge_is_missing_the_page_says_so_and_shows_another_way() {
    let (gateway, _server, shop) = world().await;
    let chromium = Chromium::start(&phone()).await;
    at_the_button(&gateway, &shop, &chromium).await;
    chromium.click("[data-bridge]").await;
    wait_until(SOON, "the words", async || (chromium.run(&shown("[data-bridge-failed]")).await == true).then_some(()))
        .await;
    wait_until(SOON, "the lasting code, to be scanned by another phone", async || {
        (chromium.run(&shown("[data-stuck] img")).await == true).then_some(())
    })
    .await;
    // It may also come late. All in one go: the page waits for it no longer than 2.5 s.
    let late = format!("{STUB} document.dispatchEvent(new Event('WeixinJSBridgeReady'));");
    chromium.run(&format!("document.querySelector('[data-bridge]').click(); {late}")).await;
    assert_eq!(chromium.run("return window.asked.length;").await, 1);
}

#[tokio::test]
async fn without_script_the_page_inside_wechat_says_what_to_do() {
    let (gateway, _server, shop) = world().await;
    let chromium = Chromium::start(&Look { script: false, ..phone() }).await;
    at_the_button(&gateway, &shop, &chromium).await;
    let source = chromium.source().await;
    assert!(
        source.contains("class=\"notice scriptless\"")
            && source.contains("data-bridge=\"{")
            && source.contains("hidden")
    );
}

#[tokio::test]
async fn a_cancelled_login_ends_on_our_page_and_can_be_begun_again() {
    let (gateway, _server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let chromium = Chromium::start(&phone()).await;
    gateway.person(None);
    chromium.open(order["qr"]["payload"].as_str().unwrap()).await;
    chromium.arrives("/login/wechat_pay").await;
    gateway.person(Some("oBrowser"));
    chromium.click("a.primary").await;
    chromium.arrives("?login=done").await;
    assert!(chromium.has("form[action$='/attempts']").await);
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

/// A browser that begins to pay by H5.
async fn in_h5(server: &Server, shop: &Shop) -> (Chromium, Value) {
    let order = shop.place(&least_order()).await;
    let chromium = Chromium::start(&Look::default()).await;
    chromium.open(&format!("{}{}", server.base(), path_of(order["qr"]["payload"].as_str().unwrap()))).await;
    chromium.click("form[action$='/attempts']:has([value='browser']) button").await;
    chromium.arrives("/attempts/att_").await;
    (chromium, order)
}

#[tokio::test]
async fn h5_keeps_its_referer_and_asks_whoever_comes_back() {
    let (gateway, server, shop) = world().await;
    let (chromium, order) = in_h5(&server, &shop).await;
    let trade = gateway.newest_trade();
    assert_eq!(gateway.book(|book| book.trades[&trade].request["scene_info"]["payer_client_ip"].clone()), "127.0.0.1");
    chromium.click("a[data-leave]").await;
    chromium.arrives("/h5?").await;
    let left = gateway.asked("/h5?").remove(0);
    assert_eq!(left.headers["referer"], format!("{}/", server.base()), "the registered domain, and no token");
    let back = url::Url::parse(&format!("http://x{}", left.target)).unwrap();
    let back =
        back.query_pairs().find(|(name, _)| name == "redirect_url").map(|(_, value)| value.into_owned()).unwrap();
    assert!(back.starts_with(&format!("{}/s/", server.base())), "{back}");
    // WeChat sends its payers back after a few seconds, whether they have paid or not.
    chromium.open(&back).await;
    assert!(chromium.source().await.contains("付好了吗") && !is_receipt(&chromium).await);
    gateway.pay_silently(&trade);
    // A planned look may find the payment first; then there is nothing to tap any more.
    wait_until(SOON, "the receipt", async || {
        chromium.run("document.querySelector(\"form[action$='/check'] button.primary\")?.click();").await;
        is_receipt(&chromium).await.then_some(())
    })
    .await;
    assert_eq!(shop.order(&order).await["status"], "paid");
}
