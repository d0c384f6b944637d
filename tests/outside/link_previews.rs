//! Links in the wild: chat apps and mail scanners fetch what people send each other. None of them changes anything.

use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Chromium, Look, Rows, Server, Shop, path_of};

/// One program that fetches links: its name, its User-Agent, and headers that it sends besides.
type Profile = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; 22081212C Build/UKQ1.230917.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.188 Mobile Safari/537.36 XWEB/1260183 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN";
const DESKTOP: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

const PROFILES: [Profile; 20] = [
    ("WhatsApp", "WhatsApp/2.24.20.89 A", &[]),
    (
        "Facebook",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        &[("range", "bytes=0-524287")],
    ),
    ("Telegram", "TelegramBot (like TwitterBot)", &[]),
    ("Slack", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", &[("range", "bytes=0-32768")]),
    ("Discord", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", &[]),
    (
        "iMessage",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        &[],
    ),
    (
        "Skype and Teams",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        &[],
    ),
    ("Line", "facebookexternalhit/1.1;line-poker/1.0", &[]),
    ("KakaoTalk", "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984", &[]),
    ("Feishu", "LarkUrl2Meta/1.0", &[]),
    ("DingTalk", "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com)", &[]),
    ("WeChat, as a phone", PHONE, &[]),
    (
        "Googlebot",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        &[("accept-encoding", "gzip")],
    ),
    ("Bing, for Outlook", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", &[]),
    ("a mail scanner that poses as a browser", DESKTOP, &[("accept", "*/*"), ("cache-control", "no-cache")]),
    ("a mail scanner that names nothing", "", &[("accept", "*/*")]),
    (
        "a browser that prefetches",
        DESKTOP,
        &[("sec-purpose", "prefetch"), ("purpose", "prefetch"), ("sec-fetch-mode", "navigate")],
    ),
    ("a browser that prerenders", DESKTOP, &[("sec-purpose", "prefetch;prerender"), ("sec-fetch-dest", "document")]),
    (
        "Firefox, prefetching",
        "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
        &[("x-moz", "prefetch")],
    ),
    ("a script", "python-requests/2.32.3", &[("accept", "*/*")]),
];

/// Everything of one order that has an address.
struct Scene {
    paths: Vec<String>,
    order: Value,
    /// The payer who owns the attempt's pages.
    payer: Browser,
}

/// An order with an open payment, a friend who holds his link, and everything else that can have a page.
async fn scene(server: &Server, shop: &Shop) -> Scene {
    let payer = server.browser();
    let order = shop.place_with(json!({ "merchant_order_no": "WATCHED-1", "expires_in": 3600 })).await;
    let id = order["id"].as_str().unwrap().to_owned();
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    let scan = path_of(order["qr"]["payload"].as_str().unwrap());
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下" })).await;
    let friend = path_of(link["url"].as_str().unwrap());
    let mut paths = Vec::new();
    for page in [&checkout, &scan, &friend] {
        let attempt = payer.begin_code(page, "alipay").await;
        for part in ["", "/qr.png", "/card.png", "/check", "/close"] {
            paths.push(format!("{attempt}{part}"));
        }
        let parts = [
            "",
            "/qr.png",
            "/qr.svg",
            "/card.png",
            "/status",
            "/events",
            "/check",
            "/attempts",
            "/login/wechat_pay",
            "/login/wechat_pay/go",
        ];
        paths.extend(parts.iter().map(|part| format!("{page}{part}")));
        paths.extend(["wechat_pay", "alipay", "unionpay"].map(|wallet| format!("{page}/guide/{wallet}")));
        paths.push(format!("{page}?locale=en"));
        paths.push(format!("{page}?preview=taobao-ios"));
    }
    paths.extend(["cancel", "friend_links"].map(|part| format!("{checkout}/{part}")));
    let asked = format!("{checkout}/friend_links/{}", link["id"].as_str().unwrap());
    paths.extend([format!("{asked}/revoke"), asked]);
    paths.extend(["decline", "report"].map(|part| format!("{friend}/{part}")));
    let attempts = shop.attempts(&order).await;
    for path in ["", "/cancel", "/extend", "/attempts", "/events", "/refunds", "/friend_links"] {
        paths.push(format!("/v1/orders/{id}{path}"));
    }
    paths.push(format!("/v1/friend_links/{}/revoke", link["id"].as_str().unwrap()));
    paths.push(format!("/sandbox/{}", attempts[0]["trade_no"].as_str().unwrap()));
    paths.push(format!("/demo/orders/{}", checkout.trim_start_matches("/c/")));
    let rest = "/notify/alipay/demo /oauth/wechat_pay/demo /assets/app.js /guide/wechat_pay /demo /demo/cart /demo/orders /healthz /readyz /openapi.json /docs \
                /v1/orders /v1/events /v1/events/evt_1/redeliver /v1/payments/pay_1/refund /v1/webhook_endpoints /v1/webhook_endpoints/whe_1 \
                /v1/webhook_endpoints/whe_1/rotate_secret /v1/webhook_endpoints/whe_1/deliveries /v1/handoff";
    paths.extend(rest.split_whitespace().map(str::to_owned));
    Scene { paths, order, payer }
}

/// An order to which nothing more can happen by itself, with a friend link for each end that one can have.
async fn quiet_links(server: &Server, shop: &Shop) -> Vec<String> {
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let mut pages = vec![path_of(order["checkout_url"].as_str().unwrap())];
    for end in ["open", "declined", "revoked"] {
        let link = shop.ask_friend(&order, json!({})).await;
        let page = path_of(link["url"].as_str().unwrap());
        match end {
            "declined" => assert_eq!(server.browser().post_form(&format!("{page}/decline"), &[]).await.status, 303),
            "revoked" => {
                let id = link["id"].as_str().unwrap();
                shop.post_nothing(&format!("/v1/friend_links/{id}/revoke")).await.expect(200);
            }
            _ => {}
        }
        pages.push(page);
    }
    pages
}

/// The last parts of every route's address, as the table of routes has them.
fn routes() -> Vec<Vec<&'static str>> {
    let parts: Vec<&str> = include_str!("../../src/web/routes.rs").split('"').collect();
    let literals = parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).filter(|(_, text)| text.starts_with('/'));
    // A scope is the beginning of other routes.
    let routes = literals.filter(|(before, _)| !before.ends_with("scope("));
    routes.map(|(_, path)| path.split('/').skip(1).collect()).collect()
}

#[test]
fn the_visits_reach_every_route() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let paths = runtime.block_on(async {
        let server = Server::start().await;
        scene(&server, &server.shop()).await.paths
    });
    let routes = routes();
    assert!(routes.len() >= 45, "the table was not read: {routes:?}");
    let visits = |route: &[&str]| {
        paths.iter().any(|path| {
            let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').skip(1).collect();
            let tail = &parts[parts.len().saturating_sub(route.len())..];
            tail.len() == route.len()
                && tail.iter().zip(route).all(|(part, name)| name.starts_with('{') || part == name)
        })
    };
    for route in routes {
        assert!(visits(&route), "nobody visits /{}", route.join("/"));
    }
}

#[tokio::test]
async fn no_row_changes_whoever_fetches_a_link_and_however() {
    let server = Server::start().await;
    let shop = server.shop();
    let quiet = quiet_links(&server, &shop).await;
    let scene = scene(&server, &shop).await;
    let before = Rows::of(&server.data_dir(), &["WATCHED-1"]);
    for (place, (name, agent, headers)) in PROFILES.into_iter().enumerate() {
        let robot = server.browser().inside(agent);
        for path in scene.paths.iter().chain(&quiet) {
            let api = path.starts_with("/v1");
            // A picture takes its time in drawing, and its drawing does not depend on who asks: every fourth profile fetches it.
            if path.contains(".png") && place % 4 != 0 {
                continue;
            }
            for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
                // A stream that is opened stays open; its head is fetched, and a glance at its body is taken by one of them.
                if path.ends_with("/events") && !api && method == reqwest::Method::GET {
                    assert_eq!(
                        robot.watch(path.trim_end_matches("/events"), None).await.status(),
                        200,
                        "{name}: {path}"
                    );
                    continue;
                }
                let mut request = robot.request(method.clone(), path);
                for (header, value) in headers {
                    request = request.header(*header, *value);
                }
                if api {
                    request = request.bearer_auth(crate::harness::API_KEY);
                }
                let answer = Answer::of(request).await;
                assert!(answer.status < 500, "{name}: {}: {}", answer.asked, answer.status);
                assert!(
                    answer.headers.get("set-cookie").is_none() || path.contains("locale="),
                    "{name}: {}",
                    answer.asked
                );
            }
        }
        let after = Rows::of(&server.data_dir(), &["WATCHED-1"]);
        assert_eq!(before.changes(&after), Vec::<String>::new(), "{name} changed something");
    }
    assert_eq!(shop.order(&scene.order).await["status"], "pending");
}

#[tokio::test]
async fn no_row_changes_when_the_payers_own_browser_looks_again() {
    let server = Server::start().await;
    let scene = scene(&server, &server.shop()).await;
    let before = Rows::of(&server.data_dir(), &["WATCHED-1"]);
    for path in scene.paths.iter().filter(|path| !path.ends_with("/events")) {
        scene.payer.get(path).await;
        scene.payer.head(path).await;
    }
    let after = Rows::of(&server.data_dir(), &["WATCHED-1"]);
    assert_eq!(before.changes(&after), Vec::<String>::new());
}

#[tokio::test]
async fn no_row_changes_when_a_scanner_renders_a_page_with_its_scripts() {
    let server = Server::start().await;
    let shop = server.shop();
    let quiet = quiet_links(&server, &shop).await;
    let before = Rows::of(&server.data_dir(), &[]);
    let chromium = Chromium::start(&Look { user_agent: DESKTOP, width: 1280, height: 800, ..Look::default() }).await;
    for page in quiet.iter().chain([&"/demo".to_owned(), &"/guide/alipay".to_owned()]) {
        chromium.open(&format!("{}{page}", server.base())).await;
        // Scanners scroll, so that what loads late is loaded, and wait until nothing is loaded any more.
        chromium.run("window.scrollTo(0, document.body.scrollHeight); document.dispatchEvent(new Event('visibilitychange'));").await;
        chromium.run("return document.readyState;").await;
    }
    let after = Rows::of(&server.data_dir(), &[]);
    assert_eq!(before.changes(&after), Vec::<String>::new());
}

#[tokio::test]
async fn a_preview_is_the_same_for_every_order_and_names_nobody() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut heads = Vec::new();
    for (subject, amount, name) in [("秘密的礼物", 77700, "王小明"), ("Another thing", 12, "Nobody")] {
        let order = shop.place_with(json!({ "subject": subject, "amount": amount })).await;
        let link = shop.ask_friend(&order, json!({ "requester": name, "message": "please" })).await;
        let robot = server.browser().inside("WhatsApp/2.24.20.89 A");
        let page = robot.get(link["url"].as_str().unwrap()).await.expect(200).text();
        let head = page.split("</head>").next().unwrap();
        let metas: Vec<String> =
            head.split("<meta ").skip(1).map(|tag| tag.split('>').next().unwrap().to_owned()).collect();
        let picture = metas.iter().find(|tag| tag.contains("\"og:image\"")).expect("a picture");
        let address = picture.split("content=\"").nth(1).unwrap().trim_end_matches('"');
        assert!(address.starts_with(&server.base()) && address.ends_with(".png"), "an absolute PNG: {address}");
        let answer = robot.get(address).await.expect(200);
        assert_eq!(answer.header("content-type"), "image/png");
        assert!(metas.iter().any(|tag| tag.contains("noindex")));
        heads.push(head.to_owned());
    }
    assert_eq!(heads[0], heads[1], "a preview tells nothing of its order");
}
