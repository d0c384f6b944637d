//! Whole journeys in a real browser: buying, asking a friend, paying, with scripts and without.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Chromium, Look, SOON, Server, Shop, least_order, path_of, wait_until};

const DESKTOP: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

fn without_script() -> Look {
    Look { script: false, ..Look::default() }
}

/// Puts one thing into the demo shop's cart, orders it, and opens the checkout.
async fn buy(chromium: &Chromium, server: &Server) -> Value {
    chromium.open(&format!("{}/demo", server.base())).await;
    chromium.type_into("form[action='/demo/orders'] input[name^='p_']", "1").await;
    chromium.click("form[action='/demo/orders'] button:not([type='button'])").await;
    let order = wait_until(SOON, "the order", async || server.shop().list("/v1/orders").await.pop()).await;
    wait_until(SOON, "the checkout or the way there", async || {
        (chromium.address().await.contains("/c/") || chromium.has("a[href*='/c/']").await).then_some(())
    })
    .await;
    if !chromium.address().await.contains("/c/") {
        chromium.click("a[href*='/c/']").await;
    }
    chromium.arrives("/c/").await;
    order
}

/// Pays in the simulated wallet, in the same browser: by the page's own way there if it has one.
async fn pay_in_wallet(chromium: &Chromium, server: &Server, shop: &Shop, order: &Value) {
    chromium.click("form[action$='/attempts'] button").await;
    wait_until(SOON, "the attempt's page", async || {
        let address = chromium.address().await;
        (address.contains("/attempts/att_") || address.contains("/sandbox/")).then_some(())
    })
    .await;
    let trade_no = shop.attempts(order).await[0]["trade_no"].as_str().unwrap().to_owned();
    if !chromium.address().await.contains("/sandbox/") && chromium.has("a[href*='/sandbox/']").await {
        chromium.click("a[href*='/sandbox/']").await;
    } else if !chromium.address().await.contains("/sandbox/") {
        chromium.open(&format!("{}/sandbox/{trade_no}", server.base())).await;
    }
    chromium.click("form[action*='/sandbox/'] button[value='paid']").await;
    server.await_status(shop, order, "paid").await;
}

/// Whether the page tells the end, and offers nothing to do about it. The end is looked for first: a page that is only half there has no forms.
async fn has_turned_into_receipt(chromium: &Chromium) -> bool {
    chromium.has("#result").await
        && !chromium.has("form[action$='/attempts']").await
        && !chromium.has("form[action$='/cancel']").await
}

async fn can_be_paid(chromium: &Chromium) -> bool {
    chromium.has("form[action$='/attempts']").await && chromium.has("form[action$='/cancel']").await
}

#[tokio::test]
async fn a_buyer_buys_in_the_demo_shop_and_sees_the_receipt() {
    for look in [Look::default(), without_script()] {
        let server = Server::start().await;
        let shop = server.shop();
        let chromium = Chromium::start(&look).await;
        let order = buy(&chromium, &server).await;
        let checkout = chromium.address().await;
        assert!(chromium.has("img[src*='qr.png']").await, "the lasting code");
        pay_in_wallet(&chromium, &server, &shop, &order).await;
        chromium.open(&checkout).await;
        assert!(has_turned_into_receipt(&chromium).await);
        assert_eq!(chromium.complaints().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_open_checkout_turns_into_the_receipt_by_itself() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let chromium = Chromium::start(&Look { user_agent: DESKTOP, width: 1280, height: 800, ..Look::default() }).await;
    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    assert!(can_be_paid(&chromium).await);
    server.pay(&shop, &order, "alipay").await;
    wait_until(SOON, "the receipt, with nobody touching the page", async || {
        (has_turned_into_receipt(&chromium).await && chromium.source().await.contains("¥129.00")).then_some(())
    })
    .await;
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_script_the_receipt_comes_with_the_next_look() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let chromium = Chromium::start(&without_script()).await;
    chromium.open(order["checkout_url"].as_str().unwrap()).await;
    assert!(can_be_paid(&chromium).await);
    server.pay(&shop, &order, "alipay").await;
    chromium.reload().await;
    assert!(has_turned_into_receipt(&chromium).await);
}

#[tokio::test]
async fn a_friend_pays_in_another_browser_and_the_buyer_sees_it() {
    for look in [Look::default(), without_script()] {
        let script = look.script;
        let server = Server::start().await;
        let shop = server.shop();
        let order = shop.place(&least_order()).await;
        let (buyer, friend) = (Chromium::start(&look).await, Chromium::start(&look).await);
        buyer.open(order["checkout_url"].as_str().unwrap()).await;
        if !buyer.has("details[open] form[action$='/friend_links']").await
            && buyer.has("details form[action$='/friend_links']").await
        {
            buyer.click("details:has(form[action$='/friend_links']) > summary").await;
        }
        buyer.type_into("form[action$='/friend_links'] [name='requester']", "小林").await;
        buyer.type_into("form[action$='/friend_links'] [name='message']", "帮我付一下").await;
        buyer.click("form[action$='/friend_links'] button").await;
        buyer.arrives("/friend_links/frl_").await;
        let link = shop.list(&format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())).await.remove(0);
        assert!(buyer.source().await.contains(link["url"].as_str().unwrap()));
        friend.open(link["url"].as_str().unwrap()).await;
        let shown = friend.source().await;
        assert!(shown.contains("小林") && shown.contains("帮我付一下") && shown.contains("¥129.00"));
        pay_in_wallet(&friend, &server, &shop, &order).await;
        assert_eq!(shop.order(&order).await["paid_by"], "friend");
        if !script {
            buyer.reload().await;
        }
        wait_until(SOON, "the buyer's page to know", async || {
            (!buyer.has("form[action$='/revoke']").await).then_some(())
        })
        .await;
        buyer.open(order["checkout_url"].as_str().unwrap()).await;
        assert!(has_turned_into_receipt(&buyer).await);
        for chromium in [&buyer, &friend] {
            assert_eq!(chromium.complaints().await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn news_of_ones_own_payment_does_not_stop_the_way_to_the_wallet() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = Chromium::start(&Look::default()).await;
    friend.open(link["url"].as_str().unwrap()).await;
    assert!(friend.has("form[action$='/attempts']").await);
    // The hold that the form begins is news for the form's own page, and comes sooner than the form's answer.
    friend.slow_down(Duration::from_millis(1500)).await;
    friend.click("form[action$='/attempts'] button").await;
    friend.arrives("/attempts/att_").await;
}

/// Where, in CSS pixels from the top, the lowest edge of the smallest element lies whose text matches.
async fn lowest_edge_of(chromium: &Chromium, pattern: &str) -> Option<f64> {
    let script = format!(
        "const found = [...document.querySelectorAll('main *, body *')].filter(e => /{pattern}/.test(e.textContent) \
         && ![...e.children].some(c => /{pattern}/.test(c.textContent)) && e.getBoundingClientRect().height > 0); \
         return found.length ? Math.min(...found.map(e => e.getBoundingClientRect().bottom)) : null;"
    );
    chromium.run(&script).await.as_f64()
}

#[tokio::test]
async fn code_amount_and_time_left_stand_on_a_small_phones_first_screen_in_both_languages() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    for (locale, agent) in [("zh-CN", Look::default().user_agent), ("en", Look::default().user_agent), ("en", DESKTOP)]
    {
        let chromium = Chromium::start(&Look { user_agent: agent, ..Look::default() }).await;
        chromium.open(&format!("{}?locale={locale}", order["checkout_url"].as_str().unwrap())).await;
        let edges = chromium.run("const r = document.querySelector('img[src*=\"qr.png\"]').getBoundingClientRect(); return [r.top, r.bottom, r.width];").await;
        assert!(
            edges[0].as_f64() >= Some(0.0) && edges[1].as_f64() <= Some(640.0),
            "{locale}: the code ends at {edges}"
        );
        assert!(edges[2].as_f64() >= Some(240.0), "{locale}: the code is {} wide", edges[2]);
        let amount = lowest_edge_of(&chromium, "129\\.00").await.expect("the amount");
        assert!(amount <= 640.0, "{locale}: the amount ends at {amount}");
        let time = lowest_edge_of(&chromium, "\\d{1,2}:\\d{2}").await.expect("the time");
        assert!(time <= 640.0, "{locale}: the time ends at {time}");
        let wide = chromium.run("return document.documentElement.scrollWidth;").await;
        assert!(wide.as_f64() <= Some(360.0), "{locale}: the page is {wide} wide");
        chromium.shows_code(order["qr"]["payload"].as_str().unwrap()).await;
        assert_eq!(chromium.complaints().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn no_page_breaks_its_own_security_policy_or_its_width() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "谢谢" })).await;
    let scan = path_of(order["qr"]["payload"].as_str().unwrap());
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    let chromium = Chromium::start(&Look { width: 320, height: 568, ..Look::default() }).await;
    let pages = [
        checkout.clone(),
        scan.clone(),
        path_of(link["url"].as_str().unwrap()),
        format!("{checkout}/friend_links/{}", link["id"].as_str().unwrap()),
        "/guide/wechat_pay".into(),
        format!("{scan}/guide/alipay"),
        format!("{scan}/guide/unionpay"),
        "/demo".into(),
    ];
    for page in &pages {
        for locale in ["zh-CN", "en"] {
            chromium.open(&format!("{}{page}?locale={locale}", server.base())).await;
            assert_eq!(chromium.complaints().await, Vec::<String>::new(), "{page} in {locale}");
            let wide = chromium.run("return document.documentElement.scrollWidth;").await;
            assert!(wide.as_f64() <= Some(320.0), "{page} in {locale} is {wide} wide");
            assert_eq!(chromium.run("return document.documentElement.lang;").await, locale);
        }
    }
}

#[tokio::test]
async fn words_of_strangers_run_nothing() {
    let server = Server::start().await;
    let shop = server.shop();
    let chromium = Chromium::start(&Look::default()).await;
    for words in [
        "<img src=x onerror=document.title='x'>",
        "\"><svg onload=document.title='x'>",
        "'-document.title-'",
        "{{1}}${1}<%= 1 %>",
        "</title><script>document.title='x'</script>",
    ] {
        let order = shop.place_with(json!({ "subject": words })).await;
        for page in [order["checkout_url"].as_str().unwrap(), order["qr"]["payload"].as_str().unwrap()] {
            chromium.open(page).await;
            assert_ne!(chromium.run("return document.title;").await, "x", "{words}");
            let shown = chromium.run("return document.body.innerText;").await;
            assert!(shown.as_str().unwrap().contains(words), "{words} is shown as it is: {shown}");
            assert_eq!(chromium.complaints().await, Vec::<String>::new(), "{words}");
        }
    }
}
