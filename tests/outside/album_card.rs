//! The album card: a picture that tells by itself what to do with it.

use serde_json::{Value, json};

use crate::harness::{Server, least_order, path_of, read_codes, read_picture};

fn scan(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

#[tokio::test]
async fn the_card_holds_the_lasting_code_for_each_wallet_in_each_language() {
    let server = Server::start().await;
    let order = server.shop().place_with(json!({ "subject": "青瓷茶壶 <一壶两杯> & Tea 🍵" })).await;
    let browser = server.browser();
    let mut seen = Vec::new();
    for wallet in ["wechat_pay", "alipay", "unionpay"] {
        for locale in ["zh-CN", "en"] {
            let answer =
                browser.get(&format!("{}/card.png?wallet={wallet}&locale={locale}", scan(&order))).await.expect(200);
            assert_eq!(answer.header("content-type"), "image/png");
            let picture = read_picture(&answer.body);
            assert_eq!(picture.width, 1080);
            assert!(picture.height > picture.width, "words stand below the code");
            assert_eq!(read_codes(&picture), [order["qr"]["payload"].as_str().unwrap()]);
            assert!(!seen.contains(&answer.body), "{wallet} in {locale} looks like another");
            seen.push(answer.body);
        }
    }
    assert_eq!(browser.get(&format!("{}/card.png?wallet=paypal", scan(&order))).await.status, 400);
    assert_eq!(browser.get(&format!("{}/card.png?locale=xx", scan(&order))).await.status, 400);
}

#[tokio::test]
async fn the_card_can_be_saved_under_a_name_and_stays_when_the_order_is_over() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let browser = server.browser();
    let path = format!("{}/card.png", scan(&order));
    let saved = browser.get(&format!("{path}?download=1")).await.expect(200);
    let disposition = saved.header("content-disposition");
    assert!(disposition.starts_with("attachment") && disposition.contains(".png"), "{disposition}");
    assert_eq!(browser.get(&path).await.expect(200).body, saved.body);
    assert_eq!(browser.head(&path).await.expect(200).header("content-type"), "image/png");
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    browser.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_wallets_own_code_has_a_card_only_where_the_album_works() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let payer = server.browser();
    for (wallet, album) in [("wechat_pay", false), ("alipay", true), ("unionpay", true)] {
        let attempt = payer.begin_code(&scan(&order), wallet).await;
        let code = read_codes(&read_picture(&payer.get(&format!("{attempt}/qr.png")).await.expect(200).body));
        let card = payer.get(&format!("{attempt}/card.png")).await;
        if album {
            assert_eq!(read_codes(&read_picture(&card.expect(200).body)), code, "{wallet}");
            server.browser().get(&format!("{attempt}/card.png")).await.expect(404);
        } else {
            assert_eq!(card.status, 404, "{wallet} refuses its own codes from the album");
        }
    }
}

#[tokio::test]
async fn a_friends_card_leads_to_the_friends_page() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let address = link["url"].as_str().unwrap();
    let card = server.browser().get(&format!("{}/card.png", path_of(address))).await.expect(200);
    assert_eq!(read_codes(&read_picture(&card.body)), [address]);
}
