//! Every action by the keyboard alone: Tab finds it, the focus shows, Enter does it.

use serde_json::{Value, json};

use crate::harness::{Chromium, SOON, Server, Shop, path_of, wait_until};
use crate::posing::{computer, phone, user_agent};

const ENTER: &str = "\u{e007}";

/// Tabs to something, sees that the focus can be seen, and presses Enter.
async fn enter(chromium: &Chromium, selector: &str) {
    chromium.tab_to(selector).await;
    let outline = chromium.run("return getComputedStyle(document.activeElement).outlineStyle;").await;
    assert_ne!(outline, "none", "{selector}: the focus cannot be seen");
    chromium.press(ENTER).await;
}

/// Presses Enter on something that loads the page again under the same address, and waits for the new one.
async fn enter_and_renew(chromium: &Chromium, selector: &str) {
    chromium.run("document.documentElement.dataset.before = 'yes';").await;
    enter(chromium, selector).await;
    let is_new = "return !document.documentElement.dataset.before && document.readyState === 'complete';";
    wait_until(SOON, "the page anew", async || (chromium.run(is_new).await == true).then_some(())).await;
}

async fn newest_link(shop: &Shop, order: &Value) -> Value {
    shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await.remove(0)
}

#[tokio::test]
async fn a_buyer_does_everything_by_keyboard() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let chromium = Chromium::chameleon().await;
    chromium.become_one(&phone(user_agent("browser", "android"))).await;
    chromium.open(order["checkout_url"].as_str().unwrap()).await;

    // The first Tab leads past the frame.
    chromium.press("\u{e004}").await;
    assert_eq!(chromium.run("return document.activeElement.className;").await, "skip");
    enter(&chromium, "[data-copy]").await;
    wait_until(SOON, "the copy, or how to copy by hand", async || {
        (chromium.run("return document.getElementById('announce').textContent;").await != "").then_some(())
    })
    .await;

    enter(&chromium, "form[action$='/attempts'] button").await;
    chromium.arrives("/attempts/att_").await;
    enter_and_renew(&chromium, "form[action$='/check'] button").await;
    enter(&chromium, "details.twice > summary").await;
    enter(&chromium, "form[action$='/close'] button").await;
    wait_until(SOON, "the attempt to be closed", async || {
        (shop.attempts(&order).await[0]["status"] != "open").then_some(())
    })
    .await;

    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    enter(&chromium, "details.wallet:not([open]) > summary").await;
    enter(&chromium, "details.wallet[open] details.others > summary").await;
    enter(&chromium, "a[href*='/guide/']").await;
    chromium.arrives("/guide/").await;
    enter(&chromium, ".fold > summary").await;
    assert_eq!(chromium.run("return document.querySelector('.fold').open;").await, true);

    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    enter(&chromium, "details.ask > summary").await;
    chromium.tab_to("#requester").await;
    chromium.press("Lin").await;
    enter(&chromium, "form[action$='/friend_links'] button").await;
    chromium.arrives("/friend_links/frl_").await;
    assert_eq!(newest_link(&shop, &order).await["requester"], "Lin");
    enter(&chromium, "details.twice > summary").await;
    enter(&chromium, "form[action$='/revoke'] button").await;
    wait_until(SOON, "the link to be taken back", async || {
        (newest_link(&shop, &order).await["status"] == "revoked").then_some(())
    })
    .await;

    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    enter(&chromium, "details.twice > summary").await;
    enter(&chromium, "form[action$='/cancel'] button").await;
    server.await_status(&shop, &order, "cancelled").await;
}

#[tokio::test]
async fn a_friend_does_everything_by_keyboard() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林" })).await;
    let address = link["url"].as_str().unwrap();
    let chromium = Chromium::chameleon().await;
    chromium.become_one(&computer()).await;

    chromium.open(address).await;
    enter(&chromium, "details.twice:has(form[action$='/report']) > summary").await;
    enter(&chromium, "form[action$='/report'] button").await;
    chromium.arrives("reported").await;
    assert!(shop.history_types(&order).await.contains(&"friend_link.reported".to_owned()));

    enter(&chromium, "form[action$='/attempts'] button").await;
    chromium.arrives("/attempts/att_").await;
    chromium.open(address).await;
    enter(&chromium, &format!("a[href^='{}/attempts/']", path_of(address))).await;
    chromium.arrives("/attempts/att_").await;
    enter(&chromium, "details.twice > summary").await;
    enter(&chromium, "form[action$='/close'] button").await;
    wait_until(SOON, "the link to be free", async || {
        newest_link(&shop, &order).await["held_until"].is_null().then_some(())
    })
    .await;

    chromium.open(address).await;
    enter(&chromium, "details.twice > summary").await;
    enter(&chromium, "form[action$='/decline'] button").await;
    wait_until(SOON, "the decline", async || (newest_link(&shop, &order).await["status"] == "declined").then_some(()))
        .await;
}
