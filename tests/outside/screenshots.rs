//! Small pictures of every page. `tests/screenshots` keeps them under docs/screenshots; otherwise they only have to come out.

use std::path::PathBuf;

use serde_json::json;

use crate::harness::{Chromium, Look, Server, least_order, path_of};

#[tokio::test]
async fn pictures_of_every_page_are_taken() {
    let thrown_away = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("PAY_HANDOFF_SCREENSHOTS").map(PathBuf::from);
    let directory = kept.unwrap_or_else(|| thrown_away.path().to_owned());
    std::fs::create_dir_all(&directory).unwrap();
    let server = Server::start().await;
    let shop = server.shop();
    let (order, paid, cancelled) =
        (shop.place(&least_order()).await, shop.place(&least_order()).await, shop.place(&least_order()).await);
    server.pay(&shop, &paid, "alipay").await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", cancelled["id"].as_str().unwrap())).await.expect(200);
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下，谢谢" })).await;
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    let scan = path_of(order["qr"]["payload"].as_str().unwrap());
    let pages = [
        ("checkout", checkout.clone()),
        ("checkout-taobao", format!("{checkout}?preview=taobao-ios")),
        ("checkout-wechat", format!("{checkout}?preview=wechat-android")),
        ("friend-link", format!("{checkout}/friend_links/{}", link["id"].as_str().unwrap())),
        ("pay", scan.clone()),
        ("friend", path_of(link["url"].as_str().unwrap())),
        ("guide", format!("{scan}/guide/wechat_pay")),
        ("receipt", path_of(paid["checkout_url"].as_str().unwrap())),
        ("cancelled", path_of(cancelled["checkout_url"].as_str().unwrap())),
        ("not-found", "/c/nothing".to_owned()),
        ("demo", "/demo".to_owned()),
    ];
    let attempt = server.browser().begin(&scan, "alipay").await;
    let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    assert!(attempt.contains("/attempts/"), "{attempt}");
    let pages = pages.into_iter().chain([("simulated-wallet", format!("/sandbox/{trade_no}"))]);
    let chromium = Chromium::start(&Look { density: 1, ..Look::default() }).await;
    for (name, path) in pages {
        let joint = if path.contains('?') { '&' } else { '?' };
        for locale in ["zh-CN", "en"] {
            chromium.open(&format!("{}{path}{joint}locale={locale}", server.base())).await;
            let picture = image::load_from_memory(&chromium.screenshot().await).unwrap().into_rgb8();
            assert!(
                picture.width() >= 320 && picture.pixels().any(|pixel| *pixel != *picture.get_pixel(0, 0)),
                "{name}"
            );
            picture.save(directory.join(format!("{name}-{locale}.png"))).unwrap();
        }
    }
}
