//! Rules that hold for every page: what a GET may do, who may post, what strangers learn, which headers stand above it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Server, Settings, Shop, least_order, path_of};

struct Scene {
    order: Value,
    checkout: String,
    scan: String,
    friend: String,
    friend_page: String,
    attempt: String,
    trade_no: String,
}

/// An order with everything that can have a page.
async fn scene(server: &Server, shop: &Shop, buyer: &Browser) -> Scene {
    let order = shop.place(&least_order()).await;
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    let scan = path_of(order["qr"]["payload"].as_str().unwrap());
    let friend_page = buyer.post_form(&format!("{checkout}/friend_links"), &[("requester", "小林")]).await.location();
    let links = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await;
    let friend = path_of(links[0]["url"].as_str().unwrap());
    let attempt = buyer.begin_code(&scan, "alipay").await;
    let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    let order = shop.order(&order).await;
    assert!(server.base().starts_with("http://"));
    Scene { order, checkout, scan, friend, friend_page, attempt, trade_no }
}

impl Scene {
    fn pages(&self) -> Vec<String> {
        vec![
            self.checkout.clone(),
            self.scan.clone(),
            self.friend.clone(),
            self.friend_page.clone(),
            self.attempt.clone(),
            format!("{}/guide/alipay", self.checkout),
            format!("{}/guide/wechat_pay", self.scan),
            format!("{}/guide/unionpay", self.friend),
            "/guide/alipay".into(),
            format!("/sandbox/{}", self.trade_no),
            "/demo".into(),
            "/c/nothing".into(),
        ]
    }

    fn everything(&self) -> Vec<String> {
        let mut all = self.pages();
        for page in [&self.checkout, &self.scan, &self.friend] {
            all.push(format!("{page}/status"));
        }
        for page in [&self.scan, &self.friend, &self.attempt] {
            all.push(format!("{page}/qr.png"));
            all.push(format!("{page}/qr.svg"));
            all.push(format!("{page}/card.png"));
        }
        for page in [&self.checkout, &self.scan, &self.friend] {
            all.push(format!("{page}/attempts"));
        }
        for form in ["cancel", "friend_links"] {
            all.push(format!("{}/{form}", self.checkout));
        }
        for form in ["decline", "report"] {
            all.push(format!("{}/{form}", self.friend));
        }
        all.push(format!("{}/revoke", self.friend_page));
        all
    }
}

async fn whole_state(shop: &Shop, order: &Value) -> Value {
    let links = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await;
    json!([shop.order(order).await, shop.attempts(order).await, shop.history(order).await, links])
}

#[tokio::test]
async fn only_a_merchants_own_origins_may_frame_his_checkout_and_nobody_a_friends_page() {
    let server = Server::start_with(Settings::two_merchants("origins = [\"https://shop.example\"]")).await;
    let (tea, book) = (server.shop_with("key_of_the_tea_shop"), server.shop_with("key_of_the_book_shop"));
    let ancestors = async |page: &str| {
        let answer = server.browser().get(&path_of(page)).await.expect(200);
        let policy = answer.header("content-security-policy").to_owned();
        policy.split_once("frame-ancestors ").unwrap().1.split(';').next().unwrap().to_owned()
    };
    let order = tea.place(&least_order()).await;
    assert_eq!(ancestors(order["checkout_url"].as_str().unwrap()).await, "https://shop.example");
    assert_eq!(ancestors(order["qr"]["payload"].as_str().unwrap()).await, "'none'");
    let link = tea.ask_friend(&order, json!({})).await;
    assert_eq!(ancestors(link["url"].as_str().unwrap()).await, "'none'");
    let order = book.place(&least_order()).await;
    assert_eq!(ancestors(order["checkout_url"].as_str().unwrap()).await, "'none'");
}

#[tokio::test]
async fn neither_get_nor_head_changes_anything_whoever_asks() {
    let server = Server::start().await;
    let shop = server.shop();
    let buyer = server.browser();
    let scene = scene(&server, &shop, &buyer).await;
    let before = whole_state(&shop, &scene.order).await;
    let wechat = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN";
    let bots = [
        "WhatsApp/2.23.20.0",
        "facebookexternalhit/1.1",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        wechat,
    ];
    let mut visitors = vec![buyer];
    visitors.extend(bots.into_iter().map(|agent| server.browser().inside(agent)));
    for path in scene.everything() {
        for visitor in &visitors {
            let answer = visitor.get(&path).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            let head = visitor.head(&path).await;
            assert_eq!(head.status, answer.status, "HEAD {path}");
            assert!(head.body.is_empty());
        }
    }
    assert_eq!(whole_state(&shop, &scene.order).await, before);
    assert_eq!(server.browser().status(&scene.scan).await["status"], "pending");
}

#[tokio::test]
async fn a_head_has_the_headers_of_its_get() {
    let server = Server::start().await;
    let scene = scene(&server, &server.shop(), &server.browser()).await;
    for path in [&scene.checkout, &scene.scan, &scene.friend, &format!("{}/qr.png", scene.scan)] {
        let browser = server.browser();
        let (get, head) = (browser.get(path).await.expect(200), browser.head(path).await.expect(200));
        for name in ["content-type", "cache-control", "content-security-policy", "referrer-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        let length = head.header("content-length");
        assert!(length.is_empty() || length == get.body.len().to_string(), "{path}: {length}");
    }
}

#[tokio::test]
async fn opening_a_page_sets_no_cookie() {
    let server = Server::start().await;
    let scene = scene(&server, &server.shop(), &server.browser()).await;
    for path in scene.everything() {
        let answer = server.browser().get(&path).await;
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
}

#[tokio::test]
async fn every_page_carries_the_headers_that_guard_it() {
    let server = Server::start().await;
    let buyer = server.browser();
    let scene = scene(&server, &server.shop(), &buyer).await;
    for path in scene.pages() {
        let answer = buyer.get(&path).await;
        assert!(answer.header("content-type").starts_with("text/html"), "{path}: {}", answer.header("content-type"));
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors", "form-action 'self'"] {
            assert!(policy.contains(part), "{path}: {part} is missing: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("http:") && !policy.contains("https:"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin", "{path}");
        assert!(answer.header("cache-control").contains("no-store"), "{path}: {}", answer.header("cache-control"));
        assert!(answer.header("x-robots-tag").contains("noindex"), "{path}");
    }
}

#[tokio::test]
async fn a_page_loads_nothing_from_elsewhere_and_has_nothing_inline() {
    let server = Server::start().await;
    let buyer = server.browser();
    let scene = scene(&server, &server.shop(), &buyer).await;
    for path in scene.pages() {
        let page = buyer.get(&path).await.text();
        for tag in page.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let name = tag.split_whitespace().next().unwrap_or_default();
            assert!(
                !tag.contains(" style=\"") && !tag.contains(" onclick=") && !tag.contains(" onload="),
                "{path}: <{tag}>"
            );
            assert!(name != "script" || tag.contains("src="), "{path}: an inline script");
            assert!(name != "style", "{path}: an inline style");
            if matches!(name, "script" | "img" | "link" | "iframe") {
                assert!(
                    !tag.contains("src=\"http") && !tag.contains("src=\"//") && !tag.contains("data:"),
                    "{path}: <{tag}>"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_sandbox_says_so_on_every_page_in_both_languages() {
    let server = Server::start().await;
    let buyer = server.browser();
    let scene = scene(&server, &server.shop(), &buyer).await;
    for path in scene.pages() {
        if path == "/guide/alipay" || path == "/c/nothing" {
            continue; // These belong to no merchant.
        }
        let english = buyer.get(&format!("{path}?locale=en")).await.text().to_lowercase();
        assert!(
            english.contains("sandbox") || english.contains("simulat") || english.contains("no real money"),
            "{path}"
        );
        let chinese = buyer.get(&format!("{path}?locale=zh-CN")).await.text();
        assert!(["沙箱", "沙盒", "模拟", "测试"].iter().any(|word| chinese.contains(word)), "{path}");
    }
}

#[tokio::test]
async fn a_preview_tells_no_amount_and_no_name() {
    let server = Server::start().await;
    let scene = scene(&server, &server.shop(), &server.browser()).await;
    for path in [&scene.checkout, &scene.scan, &scene.friend] {
        let page = server.browser().get(path).await.expect(200).text();
        let head = page.split("</head>").next().unwrap();
        assert!(head.contains("og:title"), "{path} has a preview");
        // Not "129" alone: a port or the name of a script's version may hold that.
        for private in ["129.00", "¥129", "12900", "青瓷茶壶", "小林"] {
            assert!(!head.contains(private), "{path}: the head tells {private}");
        }
    }
}

/// A page without what differs between any two answers: tokens and identifiers.
fn without_long_words(page: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let mut kept = String::new();
    let mut word = String::new();
    for letter in page.chars().chain(['\n']) {
        if is_part(letter) {
            word.push(letter);
            continue;
        }
        if word.len() < 16 {
            kept.push_str(&word);
        }
        word.clear();
        kept.push(letter);
    }
    kept
}

#[tokio::test]
async fn wrong_tokens_tokens_of_another_kind_and_revoked_ones_look_alike() {
    let server = Server::start().await;
    let shop = server.shop();
    let scene = scene(&server, &shop, &server.browser()).await;
    let token = |path: &str| path[3..].to_owned();
    let revoked = shop.ask_friend(&scene.order, json!({})).await;
    shop.post_nothing(&format!("/v1/friend_links/{}/revoke", revoked["id"].as_str().unwrap())).await.expect(200);
    let revoked = token(&path_of(revoked["url"].as_str().unwrap()));
    let (checkout, scan, friend) = (token(&scene.checkout), token(&scene.scan), token(&scene.friend));
    let wrong = "AAAAAAAAAAAAAAAAAAAAAA";
    for (language, mark) in [("en", "lang=\"en\""), ("zh-CN", "lang=\"zh-CN\"")] {
        let browser = server.browser().reading(language);
        let look = async |path: String| {
            let answer = browser.get(&path).await.expect(404);
            assert!(answer.text().contains(mark), "{path}");
            without_long_words(&answer.text())
        };
        for (page, others) in [
            ('c', [&scan, &friend, &revoked]),
            ('s', [&checkout, &friend, &revoked]),
            ('f', [&checkout, &scan, &revoked]),
        ] {
            let expected = look(format!("/{page}/{wrong}")).await;
            for other in others {
                assert_eq!(look(format!("/{page}/{other}")).await, expected, "/{page}/");
            }
            for broken in [
                "A",
                "AAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAA%20",
                "%00",
                "AAAAAAAAAAAAAAAAAAAAA'",
            ] {
                let answer = browser.get(&format!("/{page}/{broken}")).await.expect(404);
                assert!(answer.header("content-type").starts_with("text/html"), "{broken}");
            }
        }
    }
    for part in ["qr.png", "status", "events", "guide/alipay", "attempts/att_019ae0c11111711181111111111111fe"] {
        server.browser().get(&format!("/s/{wrong}/{part}")).await.expect(404);
    }
    server.browser().post_form(&format!("/s/{wrong}/attempts"), &[("wallet", "alipay")]).await.expect(404);
}

#[tokio::test]
async fn a_token_is_compared_to_its_last_bit() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let path = path_of(order["qr"]["payload"].as_str().unwrap());
    let browser = server.browser();
    // 22 letters of base64 hold 132 bits: the last letter has spare ones, which must not open the page a second time.
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let other = format!("{}{last}", &path[..path.len() - 1]);
        let expected = if other == path { 200 } else { 404 };
        assert_eq!(browser.get(&other).await.status, expected, "{last}");
    }
    let turn =
        |letter: char| if letter.is_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() };
    let (page, token) = path.split_at(3);
    browser.get(&format!("{page}{}", token.chars().map(turn).collect::<String>())).await.expect(404);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let server = Server::start().await;
    let shop = server.shop();
    let buyer = server.browser();
    let scene = scene(&server, &shop, &buyer).await;
    let before = whole_state(&shop, &scene.order).await;
    let forms: [(String, Vec<(&str, &str)>); 7] = [
        (format!("{}/cancel", scene.checkout), vec![]),
        (format!("{}/friend_links", scene.checkout), vec![("requester", "x")]),
        (format!("{}/revoke", scene.friend_page), vec![]),
        (format!("{}/attempts", scene.scan), vec![("wallet", "wechat_pay")]),
        (format!("{}/attempts", scene.friend), vec![("wallet", "alipay")]),
        (format!("{}/decline", scene.friend), vec![]),
        (format!("{}/report", scene.friend), vec![]),
    ];
    for (path, form) in &forms {
        for headers in [
            vec![("sec-fetch-site", "cross-site")],
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        ] {
            let mut request = buyer.request(Method::POST, path).form(form);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 403, "{path} with {headers:?}");
        }
    }
    assert_eq!(whole_state(&shop, &scene.order).await, before);
}

#[tokio::test]
async fn a_browser_that_tells_nothing_of_its_forms_can_still_pay() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let path = format!("{}/attempts", path_of(order["qr"]["payload"].as_str().unwrap()));
    Answer::of(server.browser().request(Method::POST, &path).form(&[("wallet", "alipay")])).await.expect(303);
}
