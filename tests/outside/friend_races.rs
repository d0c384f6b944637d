//! Friends at the same second: two browsers on one link, and three friends in three wallets.

use serde_json::{Value, json};

use crate::harness::{Browser, Chromium, Look, SOON, Server, least_order, path_of, wait_until};

fn page(link: &Value) -> String {
    path_of(link["url"].as_str().unwrap())
}

#[tokio::test]
async fn of_two_browsers_that_race_for_a_link_one_goes_on_to_its_wallet_and_one_is_told_when_to_come_back() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林" })).await;
    let address = link["url"].as_str().unwrap();
    let phone = Look::default();
    let (one, two) = tokio::join!(Chromium::start(&phone), Chromium::start(&phone));
    // Deaf for news: otherwise the slower page learns of the quicker one's hold and takes its button away before it is clicked.
    for chromium in [&one, &two] {
        chromium.order("Network.enable", json!({})).await;
        chromium.order("Network.setBlockedURLs", json!({ "urls": ["*/events", "*/status"] })).await;
    }
    tokio::join!(one.open(address), two.open(address));
    let button = "form[action$='/attempts'] button";
    tokio::join!(one.click(button), two.click(button));
    let arrived = async |chromium: &Chromium| {
        wait_until(SOON, "the form's answer", async || {
            let address = chromium.address().await;
            address.contains("/attempts").then_some(address.contains("/attempts/att_"))
        })
        .await
    };
    let (first, second) = (arrived(&one).await, arrived(&two).await);
    assert!(first != second, "exactly one of them pays: {first} {second}");
    let (winner, loser) = if first { (&one, &two) } else { (&two, &one) };
    wait_until(SOON, "the words that somebody pays", async || {
        let shown = loser.source().await;
        (shown.contains("暂时") || shown.contains("正在付款")).then_some(())
    })
    .await;
    loser.open(address).await;
    assert!(loser.has("[role=note].warning").await, "someone else is paying");
    assert!(!loser.has("form[action$='/decline']").await, "nobody declines what somebody is paying");
    winner.open(address).await;
    assert!(winner.has(&format!("a[href^='{}/attempts/att_']", page(&link))).await, "his own payment is one tap away");
    assert_eq!(shop.attempts(&order).await.len(), 1);
}

/// What a friend's own page says, and what his attempt's page says.
async fn told(friend: &Browser, link: &Value, attempt: &str) -> (String, String) {
    let shown = friend.get(&format!("{}?locale=en", page(link))).await.expect(200).text();
    (shown, friend.get(&format!("{attempt}?locale=en")).await.expect(200).text())
}

#[tokio::test]
async fn three_friends_pay_in_three_wallets_at_once_and_each_is_told_the_truth() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let wallets = ["wechat_pay", "alipay", "unionpay"];
    let mut friends = Vec::new();
    for wallet in wallets {
        let link = shop.ask_friend(&order, json!({ "requester": wallet })).await;
        let friend = server.browser();
        let attempt = friend.begin_code(&page(&link), wallet).await;
        let trade_no = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
        friends.push((friend, link, attempt, trade_no));
    }
    futures_util::future::join_all(friends.iter().map(|(friend, _, _, trade_no)| friend.play(trade_no, "paid"))).await;
    let paid = server.await_status(&shop, &order, "paid").await;
    assert_eq!(paid["paid_by"], "friend");
    let refunds = wait_until(SOON, "both other payments to go back", async || {
        let refunds = shop.refunds(&order).await;
        let back =
            refunds.iter().filter(|refund| refund["kind"] == "surplus" && refund["status"] == "succeeded").count();
        (back == 2).then_some(refunds)
    })
    .await;
    assert_eq!(refunds.len(), 2);
    let mut winners = 0;
    for (friend, link, attempt, _) in &friends {
        let (shown, of_attempt) = told(friend, link, attempt).await;
        let wallet = link["requester"].as_str().unwrap();
        if paid["paid_with"] == wallet {
            winners += 1;
            assert!(shown.contains("You have paid") && of_attempt.contains("¥129.00"), "{wallet}: {shown}");
        } else {
            for text in [&shown, &of_attempt] {
                assert!(
                    text.contains("Your money goes back to you"),
                    "{wallet} is told that his money comes back: {text}"
                );
            }
        }
        // Whoever opens the link elsewhere learns that there is nothing to pay, and not who paid.
        let stranger = server.browser().get(&format!("{}?locale=en", page(link))).await.expect(200).text();
        assert!(stranger.contains("already been paid") && !stranger.contains("You have paid"), "{stranger}");
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn the_buyers_pages_learn_at_once_what_a_friend_does() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    let buyer = server.browser();
    let mut stream = buyer.watch(&checkout, None).await;
    let present = stream.next(SOON).await.expect("the present state");
    let link = shop.ask_friend(&order, json!({})).await;
    let friend = server.browser();
    let asked = stream.next(SOON).await.expect("a link was made");
    assert!(asked.data["seq"].as_u64() > present.data["seq"].as_u64());
    let attempt = friend.begin_code(&page(&link), "wechat_pay").await;
    let held = stream.next(SOON).await.expect("a friend has begun to pay");
    let shown = buyer.get(&format!("{checkout}/friend_links/{}?locale=en", link["id"].as_str().unwrap())).await.text();
    assert!(shown.contains("Your friend is paying"), "{shown}");
    assert_eq!(friend.post_form(&format!("{attempt}/close"), &[]).await.status, 303);
    assert_eq!(friend.post_form(&format!("{}/decline", page(&link)), &[]).await.status, 303);
    let declined = wait_until(SOON, "the decline", async || {
        stream.next(SOON).await.filter(|news| news.data["seq"].as_u64() > held.data["seq"].as_u64())
    })
    .await;
    assert_eq!(declined.data["status"], "pending");
    let shown = wait_until(SOON, "the decline on the buyer's page", async || {
        Some(buyer.get(&format!("{checkout}?locale=en")).await.text())
            .filter(|shown| shown.contains("Your friend said no"))
    })
    .await;
    let begun = shop.attempts(&order).await.remove(0);
    for private in [&begun["id"].as_str().unwrap()[4..], begun["trade_no"].as_str().unwrap()] {
        assert!(!shown.contains(private), "the buyer learns nothing of what the friend began");
    }
}
