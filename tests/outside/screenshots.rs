//! Small pictures of the pages for the documentation; `tests/screenshots` runs this.

use std::path::Path;

use serde_json::json;

use crate::harness::{Chromium, Look};
use crate::harness::{Server, least_order, path_of};

#[tokio::test]
#[ignore = "writes into docs/screenshots; run by tests/screenshots"]
async fn pictures_of_every_page_are_taken() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
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
        ("friend-link", format!("{checkout}/friend_links/{}", link["id"].as_str().unwrap())),
        ("pay", scan.clone()),
        ("friend", path_of(link["url"].as_str().unwrap())),
        ("guide", format!("{scan}/guide/wechat_pay")),
        ("receipt", path_of(paid["checkout_url"].as_str().unwrap())),
        ("cancelled", path_of(cancelled["checkout_url"].as_str().unwrap())),
        ("not-found", "/c/nothing".to_owned()),
        ("demo", "/demo".to_owned()),
    ];
    let chromium = Chromium::start(&Look { density: 1, ..Look::default() }).await;
    for (name, path) in &pages {
        for locale in ["zh-CN", "en"] {
            chromium.open(&format!("{}{path}?locale={locale}", server.base())).await;
            std::fs::write(directory.join(format!("{name}-{locale}.png")), chromium.screenshot().await).unwrap();
        }
    }
}
