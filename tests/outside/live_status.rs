//! Live status: what a page shows, told as it changes.

use serde_json::{Value, json};

use crate::harness::{SOON, Server, least_order, path_of};

fn scan(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

#[tokio::test]
async fn the_status_of_a_new_order() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    for page in [scan(&order), path_of(order["checkout_url"].as_str().unwrap())] {
        let status = server.browser().status(&page).await;
        assert_eq!(status, json!({ "status": "pending", "seq": 1, "expires_at": order["expires_at"], "final": false }));
        let answer = server.browser().get(&format!("{page}/status")).await;
        assert!(answer.header("content-type").starts_with("application/json"));
        assert!(answer.header("cache-control").contains("no-store"));
    }
}

#[tokio::test]
async fn a_stream_tells_the_present_then_each_change_and_ends_with_the_end() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let checkout = path_of(order["checkout_url"].as_str().unwrap());
    for page in [scan(&order), checkout.clone()] {
        let stream = payer.watch(&page, None).await;
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"].to_str().unwrap().split(';').next(), Some("text/event-stream"));
        assert!(stream.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    }
    let mut stream = payer.watch(&checkout, None).await;
    let present = stream.next(SOON).await.expect("the present state at once");
    assert_eq!(present.event, "order");
    assert_eq!(present.data, payer.status(&checkout).await);
    assert_eq!(present.id, present.data["seq"].to_string());
    shop.post(&format!("/v1/orders/{}/extend", order["id"].as_str().unwrap()), &json!({ "expires_in": 3600 }))
        .await
        .expect(200);
    let longer = stream.next(SOON).await.expect("the new end");
    assert_eq!(longer.data["expires_at"], shop.order(&order).await["expires_at"]);
    assert!(longer.data["seq"].as_u64() > present.data["seq"].as_u64());
    payer.begin(&scan(&order), "alipay").await;
    server.play(&shop, &order, "paid").await;
    let last = loop {
        let message = stream.next(SOON).await.expect("the payment");
        if message.data["final"] == true {
            break message;
        }
    };
    assert_eq!(last.data["status"], "paid");
    assert!(stream.next(SOON).await.is_none(), "the stream ends after the end");
    assert_eq!(payer.watch(&checkout, Some(&last.id)).await.status(), 204, "there is nothing more to tell");
    let mut again = payer.watch(&checkout, None).await;
    assert_eq!(again.next(SOON).await.expect("the final state").data, last.data);
    assert!(again.next(SOON).await.is_none());
}

#[tokio::test]
async fn a_stream_that_broke_goes_on_after_the_last_event_it_heard() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let mut stream = payer.watch(&scan(&order), None).await;
    let heard = stream.next(SOON).await.expect("the present state");
    drop(stream);
    server.pay(&shop, &order, "alipay").await;
    let mut stream = payer.watch(&scan(&order), Some(&heard.id)).await;
    let missed = stream.next(SOON).await.expect("what was missed");
    assert_eq!((&missed.data["status"], &missed.data["final"]), (&json!("paid"), &json!(true)));
    assert!(missed.id.parse::<u64>().unwrap() > heard.id.parse::<u64>().unwrap());
    assert!(stream.next(SOON).await.is_none());
    let mut odd = payer.watch(&scan(&order), Some("nonsense")).await;
    assert_eq!(odd.next(SOON).await.expect("an id that means nothing is no id").data["status"], "paid");
}

#[tokio::test]
async fn a_stream_goes_on_when_the_program_was_killed_in_between() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let heard = payer.watch(&scan(&order), None).await.next(SOON).await.expect("the present state");
    server.restart().await;
    let mut stream = payer.watch(&scan(&order), Some(&heard.id)).await;
    assert_eq!(stream.status(), 200);
    server.pay(&shop, &order, "alipay").await;
    assert_eq!(stream.next(SOON).await.expect("the payment").data["status"], "paid");
}

#[tokio::test]
async fn a_friends_stream_tells_of_the_link_too() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let page = path_of(link["url"].as_str().unwrap());
    let (friend, other) = (server.browser(), server.browser());
    let mut stream = other.watch(&page, None).await;
    let present = stream.next(SOON).await.expect("the present state").data;
    assert_eq!((&present["link_status"], &present["held_until"]), (&json!("open"), &Value::Null));
    friend.begin(&page, "alipay").await;
    let held = stream.next(SOON).await.expect("the hold").data;
    assert!(held["held_until"].is_string(), "{held}");
    assert!(held["seq"].as_u64() > present["seq"].as_u64());
    server.play(&shop, &order, "paid").await;
    let mut last = stream.next(SOON).await.expect("the payment");
    while last.data["final"] == false {
        last = stream.next(SOON).await.expect("the end");
    }
    assert_eq!((&last.data["status"], &last.data["link_status"]), (&json!("paid"), &json!("paid")));
    assert!(stream.next(SOON).await.is_none());
    assert_eq!(other.watch(&page, Some(&last.id)).await.status(), 204);
}

#[tokio::test]
async fn everyone_who_watches_hears_of_the_payment() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let browsers: Vec<_> = (0..100).map(|_| server.browser()).collect();
    let mut streams = Vec::new();
    for browser in &browsers {
        let mut stream = browser.watch(&scan(&order), None).await;
        stream.next(SOON).await.expect("the present state");
        streams.push(stream);
    }
    server.pay(&shop, &order, "unionpay").await;
    for stream in &mut streams {
        assert_eq!(stream.next(SOON).await.expect("the payment").data["status"], "paid");
        assert!(stream.next(SOON).await.is_none());
    }
}
