//! The checkout in every app, with that app's own User-Agent: what leads is what the plan says, and nothing else is advised.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Chromium, Look, SOON, Server, Shop, path_of, read_codes, read_picture, wait_until};
use crate::posing::{computer, corpus, phone, user_agent};

const WALLETS: [&str; 3] = ["wechat_pay", "alipay", "unionpay"];

/// What a page offers, read from what it shows and holds.
const OFFERED: &str = "
    if (document.readyState !== 'complete') return null;
    const visible = e => e.checkVisibility();
    const forms = [...document.querySelectorAll(\"form[action$='/attempts']\")];
    const code = document.querySelector(\"#code img[src*='qr.png']\");
    const pair = form => [form.elements.wallet.value, form.elements.product ? form.elements.product.value : 'any'];
    const first = [...document.querySelectorAll(\"main form[action$='/attempts'] button, main #code img\")].find(visible);
    return {
        pairs: forms.map(pair),
        lead: !first ? null : first.matches('img') ? 'code' : pair(first.form),
        code_ends: code && visible(code) ? code.getBoundingClientRect().bottom : null,
        guides: [...document.querySelectorAll(\"a[href*='/guide/']\")].map(a => a.pathname.split('/').pop()),
        downloads: document.querySelectorAll('a[download]').length,
        copy: !!document.getElementById('copy'), browser: !!document.getElementById('browser'), friend: !!document.getElementById('friend'),
        width: document.documentElement.scrollWidth,
    };";

/// What the page offers once it is whole: it renews itself when something happened.
async fn offered(chromium: &Chromium) -> Value {
    wait_until(SOON, "a whole page", async || Some(chromium.run(OFFERED).await).filter(|offered| !offered.is_null()))
        .await
}

async fn plans(shop: &Shop, agent: &str, payer: &str) -> BTreeMap<&'static str, Vec<String>> {
    let mut plans = BTreeMap::new();
    for wallet in WALLETS {
        let request = shop.request(reqwest::Method::GET, "/v1/handoff");
        let request = request.query(&[("user_agent", agent), ("wallet", wallet), ("payer", payer)]);
        let plan = crate::harness::Answer::of(request).await.expect(200).json();
        let steps = plan["steps"].as_array().unwrap().iter();
        plans.insert(wallet, steps.map(|step| step["method"].as_str().unwrap().to_owned()).collect());
    }
    plans
}

/// Holds what a page offers to the plans of its wallets.
fn hold_to_plans(place: &str, offered: &Value, plans: &BTreeMap<&'static str, Vec<String>>, on_a_phone: bool) {
    let has = |wallet: &str, method: &str| plans[wallet].iter().any(|step| step == method);
    let any = |method: &str| WALLETS.iter().any(|wallet| has(wallet, method));
    let pairs: BTreeSet<(String, String)> = offered["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()))
        .collect();
    for wallet in WALLETS {
        for (product, method) in [("in_app", "pay_in_app"), ("browser", "redirect")] {
            let offers = pairs.contains(&(wallet.to_owned(), product.to_owned()));
            assert_eq!(offers, has(wallet, method), "{place}: {wallet} by {product}: {offered}");
        }
        let explains = offered["guides"].as_array().unwrap().iter().any(|guide| guide == wallet);
        assert_eq!(explains, has(wallet, "scan_album"), "{place}: the guide for {wallet}");
    }
    assert!(!pairs.iter().any(|(_, product)| product == "any"), "{place}: a button that does not say what it does");
    for (part, method) in [("copy", "copy_link"), ("browser", "open_in_browser"), ("friend", "ask_friend")] {
        assert_eq!(offered[part], any(method), "{place}: {part}");
    }
    let direct = WALLETS.iter().find_map(|wallet| match plans[wallet][0].as_str() {
        "pay_in_app" => Some((wallet, "in_app")),
        "redirect" => Some((wallet, "browser")),
        _ => None,
    });
    match direct {
        Some((wallet, product)) => assert_eq!(offered["lead"], json!([wallet, product]), "{place}"),
        None => assert_eq!(offered["lead"], "code", "{place}: {offered}"),
    }
    if on_a_phone {
        assert!(offered["width"].as_f64() <= Some(360.0), "{place}: {offered}");
        assert!(offered["code_ends"].as_f64() <= Some(640.0), "{place}: the code is cut off: {offered}");
    }
}

#[tokio::test]
async fn in_every_app_the_page_leads_with_what_the_plan_says_and_advises_nothing_else() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let chromium = Chromium::chameleon().await;
    let mut seen = BTreeSet::new();
    for (app, platform, agent) in corpus() {
        if !seen.insert((app, platform)) {
            continue;
        }
        let place = format!("{app} on {platform}");
        let on_a_phone = platform != "desktop";
        let look = if on_a_phone { phone(agent) } else { Look { user_agent: agent, ..computer() } };
        chromium.become_one(&look).await;
        chromium.open(order["checkout_url"].as_str().unwrap()).await;
        let offered = offered(&chromium).await;
        let plans = plans(&shop, agent, "buyer").await;
        hold_to_plans(&place, &offered, &plans, on_a_phone);
        assert!(app == "browser" || offered["downloads"] == 0, "{place}: web views ignore downloads");
        if offered["lead"] == "code" {
            chromium.shows_code(order["qr"]["payload"].as_str().unwrap()).await;
        }
        assert_eq!(chromium.complaints().await, Vec::<String>::new(), "{place}");
    }
    let apps: BTreeSet<&str> = seen.iter().map(|(app, _)| *app).collect();
    assert_eq!(apps.len(), 22, "every app of the contract was looked at: {apps:?}");
}

#[tokio::test]
async fn a_friends_page_is_aware_of_its_app_too_and_never_asks_another_friend() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林" })).await;
    let chromium = Chromium::chameleon().await;
    for (app, platform) in
        [("wechat", "ios"), ("taobao", "ios"), ("alipay", "android"), ("qq", "android"), ("browser", "ios")]
    {
        let agent = user_agent(app, platform);
        chromium.become_one(&phone(agent)).await;
        chromium.open(link["url"].as_str().unwrap()).await;
        let offered = offered(&chromium).await;
        let mut plans = plans(&shop, agent, "friend").await;
        assert!(plans.values().flatten().all(|step| step != "ask_friend"));
        // The friend first reads who asks; the code need not stand on his first screen.
        hold_to_plans(&format!("{app} on {platform}"), &offered, &std::mem::take(&mut plans), false);
        let source = chromium.source().await;
        let page = path_of(link["url"].as_str().unwrap());
        assert!(source.contains(&format!("{page}/qr.png")) && !source.contains("/s/"), "the code is the friend's own");
    }
}

#[tokio::test]
async fn the_code_on_a_screenshot_decodes_at_every_density_in_both_themes() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 3600 })).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林" })).await;
    let taobao = user_agent("taobao", "ios");
    let lasting = order["qr"]["payload"].as_str().unwrap();
    let friends = link["url"].as_str().unwrap();
    let buyers_link =
        format!("{}/friend_links/{}", order["checkout_url"].as_str().unwrap(), link["id"].as_str().unwrap());
    let chromium = Chromium::chameleon().await;
    for (density, dark) in [(1, false), (2, true), (3, false), (3, true)] {
        chromium.become_one(&Look { density, dark, ..phone(taobao) }).await;
        for (page, expected) in [
            (order["checkout_url"].as_str().unwrap(), lasting),
            (lasting, lasting),
            (friends, friends),
            (buyers_link.as_str(), friends),
        ] {
            for locale in ["zh-CN", "en"] {
                chromium.open(&format!("{page}?locale={locale}")).await;
                // As soon as the page stands still: a person looks before taking the screenshot.
                let what = format!("the code of {page} in {locale}, {density} pixels, dark: {dark}");
                wait_until(SOON, &what, async || {
                    if page != order["checkout_url"] {
                        chromium
                            .run("document.querySelector(\"#code img\")?.scrollIntoView({ block: 'center' });")
                            .await;
                    }
                    let picture = read_picture(&chromium.screenshot().await);
                    let edges = (picture.width, picture.height);
                    assert_eq!(edges, (360 * usize::from(density), 640 * usize::from(density)));
                    (read_codes(&picture) == [expected]).then_some(())
                })
                .await;
            }
        }
    }
}

#[tokio::test]
async fn code_amount_and_time_stay_on_the_first_screen_however_long_the_subject() {
    let server = Server::start().await;
    let order = server
        .shop()
        .place_with(json!({ "expires_in": 3600, "subject": "很长的名字".repeat(25), "amount": 99_999_999_999_i64 }))
        .await;
    let chromium = Chromium::chameleon().await;
    for (app, platform) in [("taobao", "ios"), ("wechat", "android"), ("browser", "ios")] {
        chromium.become_one(&phone(user_agent(app, platform))).await;
        for locale in ["zh-CN", "en"] {
            chromium.open(&format!("{}?locale={locale}", order["checkout_url"].as_str().unwrap())).await;
            let bottoms = chromium.run("return ['.amount', '.until', '#code img'].map(e => document.querySelector(e).getBoundingClientRect().bottom);").await;
            for bottom in bottoms.as_array().unwrap() {
                assert!(bottom.as_f64() <= Some(640.0), "{app} in {locale}: {bottoms}");
            }
        }
    }
}

#[tokio::test]
async fn the_checkout_is_light() {
    let server = Server::start().await;
    let order = server.shop().place_with(json!({ "expires_in": 3600 })).await;
    let chromium = Chromium::chameleon().await;
    for agent in [user_agent("browser", "android"), user_agent("taobao", "ios"), user_agent("wechat", "android")] {
        chromium.become_one(&phone(agent)).await;
        chromium.order("Network.clearBrowserCache", json!({})).await;
        chromium.open(order["checkout_url"].as_str().unwrap()).await;
        let loaded = chromium
            .run("return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => [e.name, e.transferSize]);")
            .await;
        let loaded: Vec<(String, u64)> = loaded
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry[0].as_str().unwrap().to_owned(), entry[1].as_u64().unwrap()))
            .collect();
        // The stream of news is one more request, which is not told of while it is open.
        assert!(loaded.len() < 12, "{loaded:?}");
        let sum =
            |of: &dyn Fn(&str) -> bool| loaded.iter().filter(|(name, _)| of(name)).map(|(_, size)| size).sum::<u64>();
        let (all, scripts) = (sum(&|_| true), sum(&|name| name.contains(".js")));
        assert!((1_000..=15 * 1024).contains(&scripts), "scripts: {scripts} bytes");
        assert!((10_000..=60 * 1024).contains(&all), "in all: {all} bytes: {loaded:?}");
    }
}

/// As in an app that lets nobody out: the tap leads nowhere. When it came and when the other way opened is noted by the page's own clock.
const SWALLOWED: &str = "
    addEventListener('click', event => { event.preventDefault(); window.tapped = performance.now(); }, true);
    document.querySelector('[data-stuck]').addEventListener('toggle', () => { window.opened = performance.now(); });";

#[tokio::test]
async fn when_an_app_swallows_the_way_to_the_wallet_the_other_way_opens_in_place() {
    let server = Server::start().await;
    let order = server.shop().place_with(json!({ "expires_in": 3600 })).await;
    let chromium = Chromium::chameleon().await;
    chromium.become_one(&phone(user_agent("browser", "android"))).await;
    for (wallet, way_on) in
        [("alipay", "[data-stuck] img[src*='/qr.png']"), ("unionpay", "[data-stuck] form input[value='code']")]
    {
        chromium.open(order["qr"]["payload"].as_str().unwrap()).await;
        chromium.run(&format!("[...document.querySelectorAll(\"form[action$='/attempts']\")].find(f => f.elements.wallet.value === '{wallet}' && f.elements.product.value === 'browser').submit();")).await;
        chromium.arrives("/attempts/att_").await;
        assert_eq!(chromium.run("return document.querySelector('[data-stuck]').open;").await, false);
        chromium.run(SWALLOWED).await;
        chromium.click("a[data-leave]").await;
        let waited = wait_until(SOON, "the other way", async || {
            chromium.run("return window.opened ? window.opened - window.tapped : null;").await.as_f64()
        })
        .await;
        assert!(waited >= 2400.0, "not before 2.5 s, but after {waited} ms");
        assert!(chromium.has(way_on).await, "{wallet}: {way_on}");
        let shown = chromium.run("const box = document.querySelector('[data-stuck]'); return [box.innerText, document.getElementById('announce').textContent, box.getBoundingClientRect().top < innerHeight];").await;
        assert!(shown[0].as_str().unwrap().contains("不让"), "the reason: {shown}");
        assert_ne!(shown[1], "", "a screen reader is told");
        assert_eq!(shown[2], true, "it is in sight");
    }
}

#[tokio::test]
async fn a_page_left_open_over_its_end_says_so_and_offers_a_way_on() {
    let server = Server::start().await;
    // First the browser: it may take its time, and the order has one minute.
    let chromium = Chromium::start(&Look::default()).await;
    let order = server.shop().place_with(json!({ "expires_in": 60, "return_url": "http://127.0.0.1:9/back" })).await;
    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    assert!(chromium.has("form[action$='/attempts']").await);
    let limit = SOON + std::time::Duration::from_secs(130);
    wait_until(limit, "the page to say that it is over, with the way back to the shop", async || {
        let is_over = chromium.has("#result").await && chromium.source().await.contains("已过期");
        (is_over && chromium.has("a[href='http://127.0.0.1:9/back']").await).then_some(())
    })
    .await;
    assert!(!chromium.has("form[action$='/attempts']").await, "nothing to pay");
    assert!(!chromium.has("img[src*='qr.png']").await, "no code that would not be paid");
}
