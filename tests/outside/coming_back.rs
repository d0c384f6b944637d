//! Whoever comes back to a page may have paid meanwhile: the wallet is asked at once, not at its next turn.

use serde_json::json;

use crate::harness::{Chromium, Look, SOON, Server, path_of, wait_until};

#[tokio::test]
async fn coming_back_to_a_page_asks_the_wallet_before_its_turn() {
    let server = Server::start().await;
    let shop = server.shop();
    for page in ["checkout", "scan", "friend"] {
        let order = shop.place_with(json!({ "expires_in": 3600 })).await;
        let path = match page {
            "checkout" => path_of(order["checkout_url"].as_str().unwrap()),
            "scan" => path_of(order["qr"]["payload"].as_str().unwrap()),
            _ => path_of(shop.ask_friend(&order, json!({})).await["url"].as_str().unwrap()),
        };
        let payer = server.browser();
        payer.begin_code(&path, "alipay").await;
        server.play(&shop, &order, "notice_lost").await;
        assert_eq!(payer.post_form(&format!("{path}/check"), &[]).await.status, 204, "{page}");
        // The answer came after the wallet's; nobody else asks in the first five seconds.
        assert_eq!(payer.status(&path).await["status"], "paid", "{page}");
    }
}

#[tokio::test]
async fn a_page_that_comes_back_to_the_front_asks_by_itself_and_many_returns_do_no_harm() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let chromium = Chromium::start(&Look::default()).await;
    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    let asked =
        "return performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/check')).length;";
    assert_eq!(chromium.run(asked).await, 0, "opening a page asks nobody");
    for (number, event) in
        ["document.dispatchEvent(new Event('visibilitychange'))", "dispatchEvent(new Event('online'))"]
            .into_iter()
            .enumerate()
    {
        chromium.run(event).await;
        wait_until(SOON, event, async || (chromium.run(asked).await.as_u64() > Some(number as u64)).then_some(()))
            .await;
    }
    server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    server.play(&shop, &order, "notice_lost").await;
    for _ in 0..5 {
        chromium
            .run("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('online'));")
            .await;
    }
    wait_until(SOON, "the receipt", async || {
        (!chromium.has("form[action$='/attempts']").await && chromium.has("#result").await).then_some(())
    })
    .await;
    assert_eq!(shop.attempts(&order).await.len(), 1);
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}
