//! What buyers and payers see, over HTTP: meaning, never markup.

use serde_json::{Value, json};

use crate::harness::{Answer, Server, least_order, path_of};

fn checkout(order: &Value) -> String {
    path_of(order["checkout_url"].as_str().unwrap())
}

fn scan(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

#[track_caller]
fn assert_is_page(answer: &Answer) -> String {
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{}: {}",
        answer.asked,
        answer.header("content-type")
    );
    answer.text()
}

/// Whether a page has a form that posts to this path.
fn has_form(page: &str, path: &str) -> bool {
    page.split("<form")
        .skip(1)
        .any(|form| form.split('>').next().is_some_and(|tag| tag.contains(&format!("action=\"{path}\""))))
}

#[tokio::test]
async fn the_checkout_shows_what_is_paid_and_the_lasting_code() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let answer = server.browser().get(&checkout(&order)).await.expect(200);
    let page = assert_is_page(&answer);
    assert!(page.contains("¥129.00"), "the amount");
    assert!(page.contains("青瓷茶壶"), "the subject");
    assert!(page.contains(&format!("{}/qr.png", scan(&order))), "the lasting code");
    assert!(page.contains(order["qr"]["payload"].as_str().unwrap()), "the address to copy");
    for path in ["attempts", "friend_links", "cancel"] {
        assert!(has_form(&page, &format!("{}/{path}", checkout(&order))), "a form for {path}");
    }
}

#[tokio::test]
async fn the_scan_page_pays_and_does_nothing_else() {
    let server = Server::start().await;
    let order = server
        .shop()
        .place_with(json!({ "metadata": { "customer": "Wang-Secret" }, "merchant_order_no": "NO-OF-THE-SHOP", "return_url": "http://127.0.0.1:9/back" }))
        .await;
    let payer = server.browser();
    let page = assert_is_page(&payer.get(&scan(&order)).await.expect(200));
    assert!(page.contains("¥129.00") && page.contains("青瓷茶壶"));
    assert!(has_form(&page, &format!("{}/attempts", scan(&order))));
    for private in [
        "/cancel",
        "friend_links",
        checkout(&order).as_str(),
        "Wang-Secret",
        "NO-OF-THE-SHOP",
        "127.0.0.1:9/back",
        &order["id"].as_str().unwrap()[4..],
    ] {
        assert!(!page.contains(private), "{private} is none of the payer's business");
    }
    for path in ["cancel", "friend_links"] {
        let answer = payer.post_form(&format!("{}/{path}", scan(&order)), &[]).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
    }
    assert_eq!(server.shop().order(&order).await, order, "nothing happened");
}

#[tokio::test]
async fn words_are_shown_as_words() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "subject": "<script>alert(1)</script>\"'><img src=x>" })).await;
    let link =
        shop.ask_friend(&order, json!({ "requester": "<b>x</b>", "message": "\"><script>alert(2)</script>" })).await;
    let buyer = server.browser();
    for path in [
        checkout(&order),
        scan(&order),
        path_of(link["url"].as_str().unwrap()),
        format!("{}/guide/alipay", scan(&order)),
    ] {
        let page = assert_is_page(&buyer.get(&path).await.expect(200));
        for markup in ["<script>alert", "<img src=x>", "<b>x</b>"] {
            assert!(!page.contains(markup), "{path} lets {markup} through");
        }
    }
}

#[tokio::test]
async fn a_paid_order_shows_its_receipt_and_the_way_back_to_the_shop() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "return_url": "http://127.0.0.1:9/back" })).await;
    server.pay(&shop, &order, "wechat_pay").await;
    let buyer = server.browser();
    let page = assert_is_page(&buyer.get(&checkout(&order)).await.expect(200));
    assert!(page.contains("¥129.00"));
    assert!(page.contains("http://127.0.0.1:9/back"), "the way back");
    let scanned = assert_is_page(&buyer.get(&scan(&order)).await.expect(200));
    assert!(!scanned.contains("127.0.0.1:9/back"), "the way back is the buyer's");
    for (path, page) in [(checkout(&order), page), (scan(&order), scanned)] {
        for form in ["attempts", "friend_links", "cancel"] {
            assert!(!has_form(&page, &format!("{path}/{form}")), "{form} is over");
        }
    }
}

#[tokio::test]
async fn a_finished_orders_page_says_so_and_takes_no_payment() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let buyer = server.browser();
    assert_eq!(buyer.post_form(&format!("{}/cancel", checkout(&order)), &[]).await.location(), checkout(&order));
    assert_eq!(shop.order(&order).await["status"], "cancelled");
    for path in [checkout(&order), scan(&order)] {
        let page = assert_is_page(&buyer.get(&path).await.expect(200));
        assert!(!has_form(&page, &format!("{path}/attempts")), "{path}");
        let refused = buyer.post_form(&format!("{path}/attempts"), &[("wallet", "alipay")]).await.expect(409);
        assert_is_page(&refused);
    }
    buyer.post_form(&format!("{}/cancel", checkout(&order)), &[]).await.expect(409);
    assert_eq!(buyer.post_form(&format!("{}/friend_links", checkout(&order)), &[]).await.status, 409);
    assert_eq!(shop.attempts(&order).await.len(), 0);
}

#[tokio::test]
async fn beginning_to_pay_leads_to_a_page_that_only_this_browser_sees() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let (payer, other) = (server.browser(), server.browser());
    let posted =
        payer.post_form(&format!("{}/attempts", scan(&order)), &[("wallet", "alipay"), ("product", "code")]).await;
    let cookies: Vec<&str> = posted.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(!cookies.is_empty(), "the browser is known again by a cookie");
    for cookie in &cookies {
        let lower = cookie.to_ascii_lowercase();
        assert!(lower.contains("httponly") && lower.contains("samesite=lax"), "{cookie}");
        assert!(!lower.contains("domain="), "{cookie}");
    }
    let attempt = posted.location();
    assert!(attempt.starts_with(&format!("{}/attempts/att_", scan(&order))), "{attempt}");
    let page = assert_is_page(&payer.get(&attempt).await.expect(200));
    assert!(page.contains("¥129.00"));
    assert!(page.contains(&format!("{attempt}/qr.png")), "the wallet's own code");
    for path in [attempt.clone(), format!("{attempt}/qr.png"), format!("{attempt}/card.png")] {
        other.get(&path).await.expect(404);
    }
    let attempts = shop.attempts(&order).await;
    assert_eq!(attempts.len(), 1);
    assert_eq!(
        (&attempts[0]["wallet"], &attempts[0]["product"], &attempts[0]["status"]),
        (&json!("alipay"), &json!("code"), &json!("open"))
    );
}

#[tokio::test]
async fn posting_again_gives_the_same_browser_its_living_attempt_again() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let (payer, other) = (server.browser(), server.browser());
    let first = payer.begin(&scan(&order), "alipay").await;
    assert_eq!(payer.begin(&scan(&order), "alipay").await, first);
    assert_ne!(payer.begin(&scan(&order), "wechat_pay").await, first, "another wallet");
    assert_ne!(other.begin(&scan(&order), "alipay").await, first, "another browser");
    assert_eq!(payer.begin(&scan(&order), "alipay").await, first, "still");
    let attempts = shop.attempts(&order).await;
    assert_eq!(attempts.len(), 3);
    let mut numbers: Vec<&str> = attempts.iter().map(|attempt| attempt["trade_no"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "each has a trade number of its own");
    for number in numbers {
        assert!(
            (20..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{number}"
        );
    }
}

#[tokio::test]
async fn a_wallet_that_the_order_does_not_allow_is_422() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "wallets": ["alipay"] })).await;
    let payer = server.browser();
    for wallet in ["wechat_pay", "unionpay", "paypal", ""] {
        let answer = payer.post_form(&format!("{}/attempts", scan(&order)), &[("wallet", wallet)]).await;
        assert_eq!(answer.status, 422, "{wallet}");
        assert_is_page(&answer);
    }
    assert_eq!(
        payer
            .post_form(&format!("{}/attempts", scan(&order)), &[("wallet", "alipay"), ("product", "magic")])
            .await
            .status,
        422
    );
    assert!((400..=422).contains(&payer.post_form(&format!("{}/attempts", scan(&order)), &[]).await.status));
    assert_eq!(shop.attempts(&order).await.len(), 0);
}

#[tokio::test]
async fn an_order_has_at_most_twenty_living_attempts() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    for _ in 0..20 {
        server.browser().begin(&scan(&order), "alipay").await;
    }
    let refused =
        server.browser().post_form(&format!("{}/attempts", scan(&order)), &[("wallet", "alipay")]).await.expect(409);
    assert_is_page(&refused);
    assert_eq!(shop.list(&format!("/v1/orders/{}/attempts?limit=100", order["id"].as_str().unwrap())).await.len(), 20);
}

#[tokio::test]
async fn every_page_speaks_both_languages() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let buyer = server.browser();
    let language = async |browser: &crate::harness::Browser, path: &str| {
        let page = assert_is_page(&browser.get(path).await);
        let rest = page.split("lang=\"").nth(1).unwrap_or_else(|| panic!("{path} names its language"));
        rest.split('"').next().unwrap().to_owned()
    };
    let attempt = buyer.begin(&scan(&order), "alipay").await;
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = path_of(link["url"].as_str().unwrap());
    for path in [
        checkout(&order),
        scan(&order),
        attempt,
        friend,
        "/guide/wechat_pay".into(),
        format!("{}/guide/alipay", scan(&order)),
        "/c/nothing".into(),
    ] {
        assert_eq!(language(&buyer, &path).await, "zh-CN", "{path}");
        assert_eq!(language(&buyer, &format!("{path}?locale=en")).await, "en", "{path}");
        assert_eq!(language(&buyer, &format!("{path}?locale=zh-CN")).await, "zh-CN", "{path}");
    }
    assert_eq!(language(&server.browser().reading("en-GB,en;q=0.9,zh;q=0.1"), &scan(&order)).await, "en");
    assert_eq!(
        language(&server.browser().reading("fr-FR,fr"), &scan(&order)).await,
        "zh-CN",
        "when neither is asked for"
    );
    let english = shop.place_with(json!({ "locale": "en" })).await;
    let buyer = server.browser();
    assert_eq!(language(&buyer, &format!("{}?locale=zh-CN", scan(&order))).await, "zh-CN", "chosen for another order");
    assert_eq!(
        language(&buyer, &checkout(&english)).await,
        "en",
        "the order's own language stands before the browser's"
    );
    assert_eq!(
        language(&buyer, &format!("{}?locale=zh-CN", checkout(&english))).await,
        "zh-CN",
        "and the address before both"
    );
}

#[tokio::test]
async fn the_guide_exists_for_each_wallet_with_an_order_and_without() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let buyer = server.browser();
    for wallet in ["wechat_pay", "alipay", "unionpay"] {
        for base in [String::new(), scan(&order), checkout(&order)] {
            assert_is_page(&buyer.get(&format!("{base}/guide/{wallet}")).await.expect(200));
        }
    }
    assert_is_page(&buyer.get("/guide/paypal").await.expect(404));
    assert_is_page(&buyer.get(&format!("{}/guide/paypal", scan(&order))).await.expect(404));
}

#[tokio::test]
async fn a_buyer_asks_a_friend_by_a_form() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let buyer = server.browser();
    let form = [("requester", "小林"), ("message", "帮我付一下")];
    let page_path = buyer.post_form(&format!("{}/friend_links", checkout(&order)), &form).await.location();
    assert!(page_path.starts_with(&format!("{}/friend_links/frl_", checkout(&order))), "{page_path}");
    let link = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await.remove(0);
    assert_eq!((&link["requester"], &link["message"]), (&json!("小林"), &json!("帮我付一下")));
    let page = assert_is_page(&buyer.get(&page_path).await.expect(200));
    assert!(page.contains(link["url"].as_str().unwrap()), "the link to send");
    assert!(page.contains(&format!("{}/qr.png", path_of(link["url"].as_str().unwrap()))), "its code");
    assert_eq!(buyer.post_form(&format!("{page_path}/revoke"), &[]).await.status, 303);
    buyer.get(&path_of(link["url"].as_str().unwrap())).await.expect(404);
    assert_is_page(&buyer.get(&page_path).await.expect(200));
    let long = "长".repeat(61);
    let refused = buyer.post_form(&format!("{}/friend_links", checkout(&order)), &[("message", long.as_str())]).await;
    assert_eq!(refused.status, 422);
    assert_is_page(&refused);
    for life in ["59", "604801", "soon", "-3600"] {
        let refused = buyer.post_form(&format!("{}/friend_links", checkout(&order)), &[("expires_in", life)]).await;
        assert_eq!(refused.status, 422, "{life}");
    }
    buyer.post_form(&format!("{}/friend_links", checkout(&order)), &[("expires_in", "3600")]).await.location();
    let links = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await;
    assert_eq!(crate::harness::seconds_between(&links[0]["created_at"], &links[0]["expires_at"]), 3600);
    let empty =
        buyer.post_form(&format!("{}/friend_links", checkout(&order)), &[("requester", ""), ("message", "")]).await;
    assert_eq!(empty.status, 303, "both fields may stay empty");
}
