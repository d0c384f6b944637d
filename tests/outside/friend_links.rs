//! Friend-pay links: making, showing, ending.

use serde_json::{Value, json};

use crate::harness::{SOON, Server, Settings, instant, least_order, path_of, seconds_between, wait_until};

fn links_of(order: &Value) -> String {
    format!("/v1/orders/{}/friend_links", order["id"].as_str().unwrap())
}

fn page(link: &Value) -> String {
    path_of(link["url"].as_str().unwrap())
}

#[tokio::test]
async fn a_link_has_everything_that_is_needed_to_send_it() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下，谢谢" })).await;
    assert!(link["id"].as_str().unwrap().starts_with("frl_"));
    assert_eq!(link["order_id"], order["id"]);
    let token =
        link["url"].as_str().unwrap().strip_prefix(&format!("{}/f/", server.base())).expect("at the public address");
    assert_eq!(token.len(), 22);
    assert!(!order.to_string().contains(token));
    assert_eq!(link["qr_png_url"], format!("{}/qr.png", link["url"].as_str().unwrap()));
    assert!(link["share_text"].as_str().unwrap().contains(link["url"].as_str().unwrap()), "{link}");
    assert_eq!((&link["status"], &link["held_until"]), (&json!("open"), &Value::Null));
    assert_eq!((&link["requester"], &link["message"]), (&json!("小林"), &json!("帮我付一下，谢谢")));
    instant(&link["created_at"]);
    instant(&link["expires_at"]);
    let picture = server.browser().get(link["qr_png_url"].as_str().unwrap()).await.expect(200);
    assert_eq!(
        crate::harness::read_codes(&crate::harness::read_picture(&picture.body)),
        [link["url"].as_str().unwrap()]
    );
    let silent = shop.ask_friend(&order, json!({})).await;
    assert_eq!((&silent["requester"], &silent["message"]), (&Value::Null, &Value::Null));
    let listed = shop.list(&links_of(&order)).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["id"], silent["id"], "newest first");
}

#[tokio::test]
async fn the_words_of_a_link_are_bounded() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let right = json!({ "requester": "林".repeat(20), "message": "谢".repeat(60), "expires_in": 60 });
    shop.ask_friend(&order, right).await;
    for (field, value) in [
        ("requester", json!("林".repeat(21))),
        ("message", json!("谢".repeat(61))),
        ("requester", json!(5)),
        ("message", json!(["x"])),
        ("message", json!("a\u{202e}b")),
        ("requester", json!("a\nb")),
        ("expires_in", json!(59)),
        ("expires_in", json!(604_801)),
        ("expires_in", json!("900")),
        ("friend", json!("x")),
    ] {
        let answer = shop.post(&links_of(&order), &json!({ field: value })).await;
        assert_eq!(answer.status, 422, "{field} = {value}: {}", answer.text());
        assert_eq!(answer.bad_fields(), [format!("/{field}")]);
    }
    let all = json!({ "requester": "林".repeat(21), "message": "谢".repeat(61), "expires_in": 0 });
    assert_eq!(shop.post(&links_of(&order), &all).await.bad_fields(), ["/expires_in", "/message", "/requester"]);
    assert_eq!(shop.list(&links_of(&order)).await.len(), 1);
}

#[tokio::test]
async fn making_a_link_gives_the_order_time_for_the_friend() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    let link = shop.ask_friend(&order, json!({})).await;
    assert_eq!(seconds_between(&link["created_at"], &link["expires_at"]), 86_400, "the merchant's window by default");
    assert_eq!(shop.order(&order).await["expires_at"], link["expires_at"]);
    let order = shop.place_with(json!({ "expires_in": 60 })).await;
    let link = shop.ask_friend(&order, json!({ "expires_in": 3600 })).await;
    assert_eq!(seconds_between(&link["created_at"], &link["expires_at"]), 3600);
    assert_eq!(shop.order(&order).await["expires_at"], link["expires_at"]);
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({ "expires_in": 60 })).await;
    assert_eq!(seconds_between(&link["created_at"], &link["expires_at"]), 60, "a short link shortens nothing");
    assert_eq!(shop.order(&order).await["expires_at"], order["expires_at"]);
    let long = shop.ask_friend(&order, json!({ "expires_in": 604_800 })).await;
    assert!(seconds_between(&long["created_at"], &long["expires_at"]) <= 86_400, "never beyond the window: {long}");
    assert!(instant(&long["expires_at"]) <= instant(&shop.order(&order).await["expires_at"]), "never beyond its order");
}

#[tokio::test]
async fn a_merchant_may_give_friends_no_more_time() {
    let server = Server::start_with(Settings::two_merchants("friend_window = 0")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    let order = shop.place(&least_order()).await;
    for fields in [json!({}), json!({ "expires_in": 604_800 })] {
        let answer = shop.post(&links_of(&order), &fields).await.expect(201).json();
        assert!(instant(&answer["expires_at"]) <= instant(&order["expires_at"]), "{answer}");
    }
    assert_eq!(shop.order(&order).await["expires_at"], order["expires_at"]);
}

#[tokio::test]
async fn an_order_has_at_most_ten_open_links() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let answers =
        futures_util::future::join_all((0..15).map(|_| async { shop.post(&links_of(&order), &json!({})).await })).await;
    let made: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 201).map(crate::harness::Answer::json).collect();
    assert_eq!(made.len(), 10, "however many ask at once");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "too_many_friend_links");
    }
    shop.post_nothing(&format!("/v1/friend_links/{}/revoke", made[3]["id"].as_str().unwrap())).await.expect(200);
    shop.ask_friend(&order, json!({})).await;
    shop.post(&links_of(&order), &json!({})).await.problem(409, "too_many_friend_links");
}

#[tokio::test]
async fn a_finished_order_asks_no_friends() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
    shop.post(&links_of(&order), &json!({})).await.problem(409, "order_not_pending");
}

#[tokio::test]
async fn a_friend_sees_what_a_payer_needs_and_nothing_of_the_buyer() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop
        .place_with(json!({
            "merchant_order_no": "NO-OF-THE-SHOP", "metadata": { "address": "Somewhere Road 7", "phone": "13800138000" },
            "return_url": "http://127.0.0.1:9/back",
        }))
        .await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下" })).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    let attempt = shop.attempts(&order).await.remove(0);
    let friend = server.browser();
    let private = [
        "NO-OF-THE-SHOP",
        "Somewhere Road 7",
        "13800138000",
        "127.0.0.1:9/back",
        &order["id"].as_str().unwrap()[4..],
        &link["id"].as_str().unwrap()[4..],
        &attempt["id"].as_str().unwrap()[4..],
        attempt["trade_no"].as_str().unwrap(),
        &path_of(order["checkout_url"].as_str().unwrap())[3..],
        &path_of(order["qr"]["payload"].as_str().unwrap())[3..],
    ];
    for part in ["", "/status", "/guide/alipay", "?locale=en"] {
        let shown = friend.get(&format!("{}{part}", page(&link))).await.expect(200).text();
        for word in private {
            assert!(!shown.contains(word), "the friend's page {part:?} tells {word}");
        }
    }
    let shown = friend.get(&page(&link)).await.expect(200).text();
    for word in ["青瓷茶壶", "¥129.00", "小林", "帮我付一下"] {
        assert!(shown.contains(word), "{word}");
    }
    let status = friend.status(&page(&link)).await;
    assert_eq!(
        (&status["status"], &status["link_status"], &status["held_until"]),
        (&json!("pending"), &json!("open"), &Value::Null)
    );
}

#[tokio::test]
async fn a_friend_pays_and_everyone_learns_who_did() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = server.browser();
    let attempt = friend.begin(&page(&link), "wechat_pay").await;
    assert!(attempt.starts_with(&format!("{}/attempts/", page(&link))));
    let listed = shop.attempts(&order).await.remove(0);
    assert_eq!((&listed["payer"], &listed["friend_link_id"]), (&json!("friend"), &link["id"]));
    server.play(&shop, &order, "paid").await;
    let paid = server.await_status(&shop, &order, "paid").await;
    assert_eq!((&paid["paid_by"], &paid["paid_with"]), (&json!("friend"), &json!("wechat_pay")));
    assert_eq!(shop.list(&links_of(&order)).await[0]["status"], "paid");
    let types = shop.history_types(&order).await;
    for kind in ["order.paid", "friend_link.paid"] {
        assert_eq!(types.iter().filter(|found| *found == kind).count(), 1, "{types:?}");
    }
    friend.get(&page(&link)).await.expect(200);
    friend.get(&attempt).await.expect(200);
    assert_eq!(friend.status(&page(&link)).await["link_status"], "paid");
    assert_eq!(friend.post_form(&format!("{}/attempts", page(&link)), &[("wallet", "alipay")]).await.status, 409);
    assert_eq!(friend.post_form(&format!("{}/decline", page(&link)), &[]).await.status, 409);
}

#[tokio::test]
async fn a_revoked_link_is_gone_but_for_the_browser_that_began_to_pay() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = server.browser();
    let attempt = friend.begin(&page(&link), "wechat_pay").await;
    let revoked = shop
        .post_nothing(&format!("/v1/friend_links/{}/revoke", link["id"].as_str().unwrap()))
        .await
        .expect(200)
        .json();
    assert_eq!((&revoked["id"], &revoked["status"]), (&link["id"], &json!("revoked")));
    for part in ["", "/qr.png", "/status", "/guide/alipay"] {
        server.browser().get(&format!("{}{part}", page(&link))).await.expect(404);
    }
    friend.get(&page(&link)).await.expect(404);
    friend.get(&attempt).await.expect(200);
    assert_eq!(friend.status(&page(&link)).await["link_status"], "revoked", "his own attempt's page stays live");
    server.browser().get(&attempt).await.expect(404);
    friend.post_form(&format!("{}/attempts", page(&link)), &[("wallet", "alipay")]).await.expect(404);
    wait_until(SOON, "the link's attempt to be closed", async || {
        (shop.attempts(&order).await[0]["status"] == "closed").then_some(())
    })
    .await;
    let types = shop.history_types(&order).await;
    assert!(types.contains(&"friend_link.revoked".to_owned()), "{types:?}");
    assert_eq!(shop.order(&order).await["status"], "pending");
}

#[tokio::test]
async fn a_friend_may_decline_and_report() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let (declined, reported) = (shop.ask_friend(&order, json!({})).await, shop.ask_friend(&order, json!({})).await);
    let friend = server.browser();
    assert_eq!(friend.post_form(&format!("{}/decline", page(&declined)), &[]).await.status, 303);
    assert_eq!(friend.status(&page(&declined)).await["link_status"], "declined");
    friend.get(&page(&declined)).await.expect(200);
    assert_eq!(friend.post_form(&format!("{}/attempts", page(&declined)), &[("wallet", "alipay")]).await.status, 409);
    assert_eq!(friend.post_form(&format!("{}/report", page(&reported)), &[]).await.status, 303);
    let types = shop.history_types(&order).await;
    for kind in ["friend_link.declined", "friend_link.reported"] {
        assert_eq!(types.iter().filter(|found| *found == kind).count(), 1, "{types:?}");
    }
    assert_eq!(shop.order(&order).await["status"], "pending", "the buyer can still pay or ask another");
}
