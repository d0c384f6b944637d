//! The hold: one payer at a time on a friend-pay link.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{SOON, Server, Shop, instant, least_order, now, path_of, wait_until};

async fn asked(shop: &Shop) -> (Value, Value, String) {
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let page = path_of(link["url"].as_str().unwrap());
    (order, link, page)
}

fn links_of(order: &Value) -> String {
    format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())
}

#[tokio::test]
async fn beginning_to_pay_holds_the_link_for_five_minutes_for_this_browser() {
    let server = Server::start().await;
    let shop = server.shop();
    let (order, _, page) = asked(&shop).await;
    let (holder, other) = (server.browser(), server.browser());
    let before = now().as_second();
    let attempt = holder.begin(&page, "alipay").await;
    let after = now().as_second();
    let held_until = shop.list(&links_of(&order)).await[0]["held_until"].clone();
    let began = instant(&held_until).as_second() - 300;
    assert!((before..=after + 1).contains(&began), "{before} {began} {after}");
    assert_eq!(other.status(&page).await["held_until"], held_until);
    let refused = other.post_form(&format!("{page}/attempts"), &[("wallet", "wechat_pay")]).await.expect(409);
    assert!(refused.header("content-type").starts_with("text/html"));
    // When it will be free, as a clock in China shows it: to the minute, which may be rounded up.
    let clock =
        |more: i64| (instant(&held_until) + SignedDuration::from_secs(8 * 3600 + more)).to_string()[11..16].to_owned();
    assert!(refused.text().contains(&clock(0)) || refused.text().contains(&clock(60)), "the page names {}", clock(0));
    assert_eq!(holder.begin(&page, "alipay").await, attempt, "the holder keeps his attempt");
    holder.begin(&page, "wechat_pay").await;
    assert_eq!(
        other.post_form(&format!("{page}/decline"), &[]).await.status,
        409,
        "nobody declines what somebody is paying"
    );
    assert_eq!(shop.attempts(&order).await.len(), 2);
    assert_eq!(shop.list(&links_of(&order)).await[0]["status"], "open");
}

#[tokio::test]
async fn of_ten_browsers_at_once_one_holds_the_link() {
    let server = Server::start().await;
    let shop = server.shop();
    let (order, _, page) = asked(&shop).await;
    let browsers: Vec<_> = (0..10).map(|_| server.browser()).collect();
    let path = format!("{page}/attempts");
    let posts = browsers.iter().map(|browser| browser.post_form(&path, &[("wallet", "alipay")]));
    let statuses: Vec<u16> = futures_util::future::join_all(posts).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 9, "{statuses:?}");
    assert_eq!(shop.attempts(&order).await.len(), 1);
}

#[tokio::test]
async fn a_failed_payment_frees_the_link_for_others() {
    let server = Server::start().await;
    let shop = server.shop();
    let (order, _, page) = asked(&shop).await;
    let (first, second) = (server.browser(), server.browser());
    first.begin(&page, "alipay").await;
    server.play(&shop, &order, "failed").await;
    wait_until(SOON, "the hold to end", async || {
        shop.list(&links_of(&order)).await[0]["held_until"].is_null().then_some(())
    })
    .await;
    second.begin(&page, "alipay").await;
    assert_eq!(first.post_form(&format!("{page}/attempts"), &[("wallet", "alipay")]).await.status, 409);
    server.play(&shop, &order, "paid").await;
    let paid = server.await_status(&shop, &order, "paid").await;
    assert_eq!(paid["paid_by"], "friend");
}

#[tokio::test]
async fn a_hold_on_one_link_holds_no_other() {
    let server = Server::start().await;
    let shop = server.shop();
    let (order, _, page) = asked(&shop).await;
    let other_link = shop.ask_friend(&order, json!({})).await;
    server.browser().begin(&page, "alipay").await;
    server.browser().begin(&path_of(other_link["url"].as_str().unwrap()), "alipay").await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    assert_eq!(shop.attempts(&order).await.len(), 3);
}

#[tokio::test]
async fn a_hold_survives_being_killed() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let (_, _, page) = asked(&shop).await;
    let (holder, other) = (server.browser(), server.browser());
    let attempt = holder.begin(&page, "alipay").await;
    server.restart().await;
    assert_eq!(other.post_form(&format!("{page}/attempts"), &[("wallet", "alipay")]).await.status, 409);
    assert_eq!(holder.begin(&page, "alipay").await, attempt);
    holder.get(&attempt).await.expect(200);
}
