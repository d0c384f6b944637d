//! The login that tells WeChat Pay who pays: bound to one browser, gone through once, and never believed further than it proves.

use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Server, Shop, least_order, path_of};
use crate::pretended::keys::identities;
use crate::wechat::{APP_ID, Gateway, IN_WECHAT, state_of, world};

async fn place(shop: &Shop) -> String {
    path_of(shop.place(&least_order()).await["qr"]["payload"].as_str().unwrap())
}

fn in_wechat(server: &Server) -> Browser {
    server.browser().inside(IN_WECHAT)
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Opens a page inside WeChat, and gives the state of the login that it leads to.
async fn sent_to_login(payer: &Browser, page: &str) -> String {
    let sent = payer.get(page).await.expect(303);
    assert!(sent.header("location").contains("/connect/oauth2/authorize?"), "{}", sent.header("location"));
    state_of(sent.header("location"))
}

async fn come_back(payer: &Browser, code: &str, state: &str) -> Answer {
    payer.get(&format!("/oauth/wechat_pay/teashop?code={code}&state={state}")).await
}

/// Logs in as a person and begins to pay; gives the attempt's path and the openid that WeChat Pay was told.
async fn begin_as(gateway: &Gateway, payer: &Browser, page: &str, openid: &str) -> (String, String) {
    let state = sent_to_login(payer, page).await;
    gateway.will_log_in(openid, openid);
    come_back(payer, openid, &state).await.expect(303);
    begin(gateway, payer, page).await
}

async fn begin(gateway: &Gateway, payer: &Browser, page: &str) -> (String, String) {
    let attempt = payer.begin(page, "wechat_pay").await;
    let asked = gateway.asked("/jsapi");
    let request: Value = serde_json::from_slice(&asked.last().expect("a request").body).unwrap();
    (attempt, request["payer"]["openid"].as_str().unwrap().to_owned())
}

/// What the attempt's page hands to the bridge.
pub async fn bridge_call(payer: &Browser, attempt: &str) -> Value {
    let shown = payer.get(attempt).await.expect(200).text();
    let call = shown.split("data-bridge=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a call");
    let call = call.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#38;", "&");
    serde_json::from_str(&call).unwrap_or_else(|error| panic!("{call}: {error}"))
}

#[tokio::test]
async fn the_lasting_code_leads_through_the_login_to_a_payment_in_wechat() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let page = path_of(order["qr"]["payload"].as_str().unwrap());
    let payer = in_wechat(&server);
    let sent = payer.get(&page).await.expect(303);
    let login = url::Url::parse(sent.header("location")).unwrap();
    let asked: Vec<(String, String)> = login.query_pairs().into_owned().collect();
    let names: Vec<&str> = asked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["appid", "redirect_uri", "response_type", "scope", "state"]);
    assert_eq!((asked[0].1.as_str(), asked[2].1.as_str(), asked[3].1.as_str()), (APP_ID, "code", "snsapi_base"));
    assert_eq!(asked[1].1, format!("{}/oauth/wechat_pay/teashop", server.base()));
    assert!(asked[4].1.len() <= 128 && asked[4].1.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(login.fragment(), Some("wechat_redirect"));
    let [ticket] = &cookies(&sent)[..] else { panic!("{:?}", cookies(&sent)) };
    assert!(
        ticket.contains("HttpOnly") && ticket.contains("SameSite=Lax") && ticket.contains("Path=/oauth"),
        "{ticket}"
    );

    gateway.will_log_in("code-one", "oCanaryPerson");
    let back = come_back(&payer, "code-one", &asked[4].1).await.expect(303);
    assert_eq!(back.location(), format!("{page}?login=done"));
    let set = cookies(&back);
    let kept = set.iter().find(|cookie| cookie.starts_with("pay_payer_")).expect("who pays");
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax") && !kept.contains("oCanary"), "{kept}");
    assert!(set.iter().any(|cookie| cookie.starts_with("pay_login_") && cookie.contains("Max-Age=0")), "{set:?}");
    let shown = payer.get(&back.location()).await.expect(200);
    assert!(shown.text().contains("name=\"product\" value=\"in_app\"") && cookies(&shown).is_empty());
    payer.get(&page).await.expect(200);

    let (attempt, openid) = begin(&gateway, &payer, &page).await;
    assert_eq!(openid, "oCanaryPerson");
    let call = bridge_call(&payer, &attempt).await;
    let members: Vec<&str> = call.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"]);
    let text = |name: &str| call[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {call}"));
    let trade = gateway.newest_trade();
    assert_eq!(text("package"), format!("prepay_id={}", gateway.book(|book| book.trades[&trade].way.clone())));
    assert_eq!((text("appId"), text("signType")), (APP_ID, "RSA"));
    let signed = format!("{}\n{}\n{}\n{}\n", text("appId"), text("timeStamp"), text("nonceStr"), text("package"));
    assert!(identities().merchant.signed(signed.as_bytes(), text("paySign")));
    gateway.pay(&trade).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
    let told = server.errors() + &server.output();
    assert!(!told.contains("oCanary") && !told.contains("canary-app-secret") && !told.contains("code-one"), "{told}");
}

#[tokio::test]
async fn a_login_belongs_to_the_browser_that_began_it() {
    let (gateway, server, shop) = world().await;
    let page = place(&shop).await;
    let (honest, other) = (in_wechat(&server), in_wechat(&server));
    let state = sent_to_login(&honest, &page).await;
    gateway.will_log_in("stolen", "oAttacker");
    let forged = format!("{:0>96}", "1");
    let turned = state.replacen(&state[..1], if state.starts_with('0') { "1" } else { "0" }, 1);
    for wrong in [state.as_str(), &forged, &turned, &state[..94], "", "zz", "é", &"a".repeat(500)] {
        let answer = come_back(&other, "stolen", wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(cookies(&answer).is_empty(), "{wrong}: {:?}", cookies(&answer));
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    assert_eq!(gateway.asked("/sns/").len(), 0, "no code was exchanged for a stranger");
    for path in ["/oauth/wechat_pay/bookshop", "/oauth/alipay/teashop", "/oauth/wechat_pay/nobody"] {
        honest.get(&format!("{path}?code=stolen&state={state}")).await.expect(404);
    }
    // A browser that keeps no cookies is told so, and not sent in circles.
    let forgetful = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = |address: String| forgetful.get(address).header("user-agent", IN_WECHAT);
    let sent = Answer::of(request(format!("{}{page}", server.base()))).await.expect(303);
    let state = state_of(sent.header("location"));
    let lost = format!("{}/oauth/wechat_pay/teashop?code=stolen&state={state}", server.base());
    Answer::of(request(lost)).await.expect(400);
}

#[tokio::test]
async fn who_does_not_log_in_is_offered_it_and_every_other_way_and_is_not_sent_again() {
    let (gateway, server, shop) = world().await;
    let page = place(&shop).await;
    let payer = in_wechat(&server);
    let state = sent_to_login(&payer, &page).await;
    let explained = format!("{page}/login/wechat_pay");
    let cancelled = payer.get(&format!("/oauth/wechat_pay/teashop?state={state}")).await.expect(303);
    assert_eq!(cancelled.location(), explained);
    let shown = payer.get(&explained).await.expect(200).text();
    assert!(
        shown.contains(&format!("href=\"{explained}/go\"")) && shown.contains(&format!("href=\"{page}?login=later\""))
    );
    let later = payer.get(&format!("{page}?login=later")).await.expect(200).text();
    assert!(later.contains("/attempts\""), "the page itself, with every way");
    // Paying here without having logged in leads to the same words, not to a request without a payer.
    let tapped = payer.post_form(&format!("{page}/attempts"), &[("wallet", "wechat_pay")]).await;
    assert_eq!(tapped.location(), explained);
    assert_eq!(gateway.asked("/v3/").len(), 0);
    // A code that is too old, made up, or used before.
    let again = payer.get(&format!("{explained}/go")).await.expect(303);
    let state = state_of(again.header("location"));
    assert_eq!(come_back(&payer, "expired", &state).await.location(), explained);
    let again = payer.get(&format!("{explained}/go")).await.expect(303);
    gateway.will_log_in("good", "oPayer");
    assert_eq!(
        come_back(&payer, "good", &state_of(again.header("location"))).await.location(),
        format!("{page}?login=done")
    );
    // The way back is used up.
    come_back(&payer, "good", &state_of(again.header("location"))).await.expect(400);
}

#[tokio::test]
async fn only_a_person_in_wechat_who_can_pay_is_sent_to_the_login() {
    let (_gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let (page, checkout) =
        (path_of(order["qr"]["payload"].as_str().unwrap()), path_of(order["checkout_url"].as_str().unwrap()));
    server.browser().get(&page).await.expect(200);
    in_wechat(&server).head(&page).await.expect(200);
    in_wechat(&server).get(&checkout).await.expect(200);
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = path_of(link["url"].as_str().unwrap());
    sent_to_login(&in_wechat(&server), &friend).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    for over in [&page, &friend] {
        in_wechat(&server).get(over).await.expect(200);
    }
}

#[tokio::test]
async fn another_account_on_the_same_phone_is_another_payer() {
    let (gateway, server, shop) = world().await;
    let page = place(&shop).await;
    let phone = in_wechat(&server);
    let (first, openid) = begin_as(&gateway, &phone, &page, "oFirst").await;
    assert_eq!(openid, "oFirst");
    let again = phone.get(&format!("{page}/login/wechat_pay/go")).await.expect(303);
    gateway.will_log_in("second", "oSecond");
    come_back(&phone, "second", &state_of(again.header("location"))).await.expect(303);
    phone.get(&first).await.expect(404);
    let (second, openid) = begin(&gateway, &phone, &page).await;
    assert_eq!(openid, "oSecond");
    assert_ne!(first, second);
}

#[tokio::test]
async fn two_friends_in_wechat_at_once_pay_as_themselves() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    let page = path_of(order["qr"]["payload"].as_str().unwrap());
    let (one, two) = (in_wechat(&server), in_wechat(&server));
    let (states, codes) = ([sent_to_login(&one, &page).await, sent_to_login(&two, &page).await], ["c1", "c2"]);
    gateway.will_log_in("c1", "oOne");
    gateway.will_log_in("c2", "oTwo");
    // Neither can use the other's way back.
    come_back(&one, "x", &states[1]).await.expect(400);
    for ((payer, state), code) in [&one, &two].into_iter().zip(&states).zip(codes) {
        come_back(payer, code, state).await.expect(303);
    }
    let mut trades = Vec::new();
    for (payer, openid) in [(&one, "oOne"), (&two, "oTwo")] {
        assert_eq!(begin(&gateway, payer, &page).await.1, openid);
        trades.push(gateway.newest_trade());
    }
    for trade in &trades {
        gateway.pay_silently(trade);
    }
    for trade in &trades {
        gateway.notice(trade).deliver(&gateway.notify_url(trade)).await.expect(200);
    }
    let results: Vec<Value> =
        shop.attempts(&order).await.iter().map(|attempt| attempt["payments"][0]["result"].clone()).collect();
    assert!(results.contains(&json!("winner")) && results.contains(&json!("surplus")), "{results:?}");
}

#[tokio::test]
async fn two_pages_of_one_phone_can_be_at_the_login_at_once() {
    let (gateway, server, shop) = world().await;
    let (first, second) = (place(&shop).await, place(&shop).await);
    let phone = in_wechat(&server);
    let states = [sent_to_login(&phone, &first).await, sent_to_login(&phone, &second).await];
    gateway.will_log_in("a", "oPayer");
    gateway.will_log_in("b", "oPayer");
    assert_eq!(come_back(&phone, "a", &states[0]).await.location(), format!("{first}?login=done"));
    assert_eq!(come_back(&phone, "b", &states[1]).await.location(), format!("{second}?login=done"));
}

#[tokio::test]
async fn a_kept_payer_that_was_changed_is_nobody() {
    let (gateway, server, shop) = world().await;
    let page = place(&shop).await;
    let phone = in_wechat(&server);
    let state = sent_to_login(&phone, &page).await;
    gateway.will_log_in("a", "oPayer");
    let back = come_back(&phone, "a", &state).await.expect(303);
    let kept = cookies(&back).into_iter().find(|cookie| cookie.starts_with("pay_payer_")).unwrap();
    let kept = kept.split(';').next().unwrap().to_owned();
    let (name, value) = kept.split_once('=').unwrap();
    let with_cookie = async |cookie: String| {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = client.get(format!("{}{page}", server.base())).header("user-agent", IN_WECHAT);
        Answer::of(request.header("cookie", cookie)).await.status
    };
    assert_eq!(with_cookie(kept.clone()).await, 200);
    let changed = format!("{}{}", if value.starts_with('A') { "B" } else { "A" }, &value[1..]);
    for wrong in [changed.as_str(), "", "oPayer", &value[..value.len() - 2]] {
        assert_eq!(with_cookie(format!("{name}={wrong}")).await, 303, "{wrong}");
    }
}

#[tokio::test]
async fn the_proof_of_the_domain_is_served_and_no_other_file() {
    let (_gateway, server, _shop) = world().await;
    let proof = server.browser().get("/MP_verify_aB3.txt").await.expect(200);
    assert_eq!((proof.text().as_str(), proof.header("content-type")), ("aB3", "text/plain; charset=utf-8"));
    for path in ["/MP_verify_aB4.txt", "/MP_verify_.txt", "/MP_verify_aB3.txt/", "/key.pem"] {
        server.browser().get(path).await.expect(404);
    }
}

#[tokio::test]
async fn no_page_of_a_live_merchant_says_that_the_money_is_simulated() {
    let (_gateway, server, shop) = world().await;
    let page = place(&shop).await;
    let payer = in_wechat(&server);
    for path in [
        "/oauth/wechat_pay/teashop?code=x&state=x".to_owned(),
        format!("{page}/login/wechat_pay"),
        format!("{page}/guide/wechat_pay"),
        "/guide/wechat_pay".to_owned(),
        "/s/nothing".to_owned(),
    ] {
        // A simulated merchant is served here, too.
        assert!(!payer.get(&path).await.text().contains("class=\"sandbox\""), "{path}");
    }
}
