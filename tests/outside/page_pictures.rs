//! The codes of an order: the lasting one and the wallets' own.

use serde_json::Value;

use crate::harness::{Server, Settings, least_order, path_of, read_codes, read_picture};

fn scan(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

#[tokio::test]
async fn the_code_is_a_png_that_holds_the_lasting_address_at_every_size() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let browser = server.browser();
    for (query, edge) in [
        ("", 720),
        ("?size=120", 120),
        ("?size=121", 121),
        ("?size=719", 719),
        ("?size=1080", 1080),
        ("?size=2048", 2048),
    ] {
        let answer = browser.get(&format!("{}/qr.png{query}", scan(&order))).await.expect(200);
        assert_eq!(answer.header("content-type"), "image/png");
        assert!(answer.body.len() < 20_000, "{} bytes", answer.body.len());
        let picture = read_picture(&answer.body);
        assert_eq!(picture.width, picture.height);
        // One pixel more for each module would not fit: a lasting address needs fewer than 60 modules.
        assert!(picture.width <= edge && picture.width + 60 > edge, "{query}: {}", picture.width);
        assert_eq!(read_codes(&picture), [order["qr"]["payload"].as_str().unwrap()], "{query}");
        let head = &answer.body[..33];
        assert_eq!((head[24], head[25]), (1, 0), "one bit of grey, no alpha");
    }
    for wrong in ["119", "2049", "0", "-720", "abc", "", "720.5", "1e3", "99999999999999999999", "%20720"] {
        let answer = browser.get(&format!("{}/qr.png?size={wrong}", scan(&order))).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_code_is_an_svg_too() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let answer = server.browser().get(&format!("{}/qr.svg", scan(&order))).await.expect(200);
    assert!(answer.header("content-type").starts_with("image/svg+xml"));
    let svg = answer.text();
    assert!(svg.contains("<svg") && svg.contains("viewBox") && !svg.contains("<script"));
}

#[tokio::test]
async fn a_download_has_a_file_name() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let browser = server.browser();
    for (name, ending) in [("qr.png", ".png"), ("qr.svg", ".svg")] {
        let shown = browser.get(&format!("{}/{name}", scan(&order))).await.expect(200);
        assert!(!shown.header("content-disposition").starts_with("attachment"), "{name}");
        let saved = browser.get(&format!("{}/{name}?download=1", scan(&order))).await.expect(200);
        let disposition = saved.header("content-disposition");
        assert!(
            disposition.starts_with("attachment") && disposition.contains("filename") && disposition.contains(ending),
            "{disposition}"
        );
        assert_eq!(saved.body, shown.body);
    }
}

#[tokio::test]
async fn pictures_stay_when_the_order_is_over() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let browser = server.browser();
    let before = browser.get(&format!("{}/qr.png", scan(&order))).await.expect(200).body;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(browser.get(&format!("{}/qr.png", scan(&order))).await.expect(200).body, before);
    browser.get(&format!("{}/qr.svg", scan(&order))).await.expect(200);
}

#[tokio::test]
async fn each_wallets_own_code_is_another_one() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let mut codes = vec![order["qr"]["payload"].as_str().unwrap().to_owned()];
    for wallet in ["wechat_pay", "alipay", "unionpay"] {
        let attempt = payer.begin_code(&scan(&order), wallet).await;
        let answer = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
        let code = read_codes(&read_picture(&answer.body)).remove(0);
        assert!(!codes.contains(&code), "{code}");
        codes.push(code);
    }
}

/// How many codes of each kind are looked at.
const CODES: usize = 4;

#[tokio::test]
async fn a_merchants_mark_stands_in_his_codes_and_in_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let logo = folder.path().join("logo.png");
    image::RgbImage::from_pixel(60, 60, image::Rgb([200, 16, 46])).save(&logo).unwrap();
    let server = Server::start_with(Settings::two_merchants(&format!("logo_file = {logo:?}"))).await;
    let browser = server.browser();
    for (key, is_marked) in [("key_of_the_tea_shop", true), ("key_of_the_book_shop", false)] {
        let shop = server.shop_with(key);
        let mut marked = [0; 4];
        for _ in 0..CODES {
            let order = shop.place(&least_order()).await;
            let friend = shop.ask_friend(&order, serde_json::json!({})).await;
            let friend = friend["url"].as_str().unwrap();
            let scanned = order["qr"]["payload"].as_str().unwrap();
            let pages = [(scan(&order), scanned), (path_of(friend), friend)];
            let pictures =
                pages.iter().flat_map(|(page, text)| ["qr.png", "card.png"].map(|picture| (page, text, picture)));
            for ((page, text, picture), count) in pictures.zip(&mut marked) {
                let answer = browser.get(&format!("{page}/{picture}")).await.expect(200);
                assert_eq!(read_codes(&read_picture(&answer.body)), [*text], "{picture}");
                let colours = image::load_from_memory(&answer.body).unwrap().into_rgb8();
                *count += usize::from(colours.pixels().any(|pixel| pixel.0 == [200, 16, 46]));
                assert!(answer.body.len() < 70_000, "{} bytes", answer.body.len());
            }
        }
        let enough = |count: &usize| if is_marked { *count == CODES } else { *count == 0 };
        assert!(marked.iter().all(enough), "{key}: {marked:?} of {CODES}");
        let order = shop.place(&least_order()).await;
        let attempt = browser.begin_code(&scan(&order), "alipay").await;
        let own = browser.get(&format!("{attempt}/card.png")).await.expect(200);
        let colours = image::load_from_memory(&own.body).unwrap().into_rgb8();
        assert!(colours.pixels().all(|pixel| pixel.0[0] == pixel.0[1]), "a wallet's own code carries nobody's mark");
    }
}
