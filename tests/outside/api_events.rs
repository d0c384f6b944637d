//! Events: an order's history and the merchant's list.

use serde_json::{Value, json};

use crate::harness::{Server, Shop, instant, least_order};

fn assert_is_event(event: &Value) {
    assert!(event["id"].as_str().is_some_and(|id| id.starts_with("evt_")), "{event}");
    assert!(event["type"].as_str().is_some_and(|kind| kind.contains('.')), "{event}");
    instant(&event["timestamp"]);
    assert_eq!(event["sandbox"], true, "{event}");
    assert!(event["data"]["seq"].as_u64().is_some_and(|seq| seq > 0), "{event}");
    let order = &event["data"]["order"];
    assert!(order["id"].as_str().is_some_and(|id| id.starts_with("ord_")), "{event}");
    assert!(order.get("checkout_url").is_none() && order.get("qr").is_none(), "an event opens no page: {event}");
}

async fn lived(server: &Server, shop: &Shop) -> Value {
    let order = shop.place(&least_order()).await;
    shop.ask_friend(&order, json!({})).await;
    server.pay(shop, &order, "alipay").await;
    order
}

#[tokio::test]
async fn a_history_is_numbered_from_one_without_gaps_oldest_first() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = lived(&server, &shop).await;
    let history = shop.history(&order).await;
    for (event, seq) in history.iter().zip(1_u64..) {
        assert_is_event(event);
        assert_eq!(event["data"]["seq"], seq, "{event}");
        assert_eq!(event["data"]["order"]["id"], order["id"]);
    }
    let types = shop.history_types(&order).await;
    let at = |kind: &str| types.iter().position(|found| found == kind).unwrap_or_else(|| panic!("{kind}: {types:?}"));
    assert_eq!(at("order.created"), 0);
    assert!(at("order.created") < at("friend_link.created"), "{types:?}");
    assert!(at("friend_link.created") < at("attempt.created"), "{types:?}");
    assert!(at("attempt.created") < at("order.paid"), "{types:?}");
    assert!(history.windows(2).all(|two| instant(&two[0]["timestamp"]) <= instant(&two[1]["timestamp"])));
    assert_eq!(
        history[at("order.created")]["data"]["order"]["status"],
        "pending",
        "an event tells the state of its moment"
    );
    assert_eq!(history[at("order.paid")]["data"]["order"]["status"], "paid");
}

#[tokio::test]
async fn the_list_is_read_on_from_any_event_and_skips_none() {
    let server = Server::start().await;
    let shop = server.shop();
    let first = lived(&server, &shop).await;
    let second = lived(&server, &shop).await;
    let expected = shop.history(&first).await.len() + shop.history(&second).await.len();
    let all = crate::harness::wait_until(crate::harness::SOON, "all events to be readable", async || {
        Some(shop.list("/v1/events?limit=100").await).filter(|events| events.len() >= expected)
    })
    .await;
    assert_eq!(all.len(), expected);
    for event in &all {
        assert_is_event(event);
    }
    let mut read: Vec<Value> = Vec::new();
    loop {
        let after = read.last().map(|event| format!("&after={}", event["id"].as_str().unwrap())).unwrap_or_default();
        let page = shop.list(&format!("/v1/events?limit=2{after}")).await;
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2);
        read.extend(page);
        assert!(read.len() <= expected, "an event comes twice");
    }
    assert_eq!(read, all, "the same events in the same order");
    for order in [&first, &second] {
        let of_order: Vec<&Value> = all.iter().filter(|event| event["data"]["order"]["id"] == order["id"]).collect();
        assert!(
            of_order.iter().zip(1_u64..).all(|(event, seq)| event["data"]["seq"] == seq),
            "in the order of its history"
        );
    }
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_one_type() {
    let server = Server::start().await;
    let shop = server.shop();
    lived(&server, &shop).await;
    let other = shop.place(&least_order()).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", other["id"].as_str().unwrap())).await.expect(200);
    let types = async |kind: &str| shop.list(&format!("/v1/events?type={kind}")).await;
    assert_eq!(types("order.created").await.len(), 2);
    assert_eq!(types("order.paid").await.len(), 1);
    assert_eq!(types("attempt.created").await.len(), 1);
    let cancelled = types("order.cancelled").await;
    assert_eq!(cancelled.len(), 1);
    assert_eq!(cancelled[0]["data"]["order"]["id"], other["id"]);
}
