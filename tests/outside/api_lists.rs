//! Lists: pages, cursors, filters.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Server, Settings, Shop, least_order};

/// Follows the cursors to the end, page by page.
async fn pages(shop: &Shop, path: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut address = path.to_owned();
    loop {
        let page = shop.get(&address).await.expect(200).json();
        pages.push(page["data"].as_array().expect("data").clone());
        assert!(pages.len() < 100, "no end of pages");
        match page["next_cursor"].as_str() {
            Some(cursor) => {
                let join = if path.contains('?') { '&' } else { '?' };
                address = format!("{path}{join}cursor={cursor}");
            }
            None => {
                assert_eq!(page["next_cursor"], Value::Null);
                return pages;
            }
        }
    }
}

fn numbers(orders: &[Value]) -> Vec<&str> {
    orders.iter().map(|order| order["merchant_order_no"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_of_orders_follow_each_other_newest_first_without_gap_or_repetition() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut placed = Vec::new();
    for _ in 0..25 {
        placed.push(shop.place(&least_order()).await);
    }
    placed.reverse();
    let by_ten = pages(&shop, "/v1/orders?limit=10").await;
    assert_eq!(by_ten.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(numbers(&by_ten.concat()), numbers(&placed));
    let by_default = pages(&shop, "/v1/orders").await;
    assert_eq!(by_default.iter().map(Vec::len).collect::<Vec<_>>(), [20, 5]);
    let by_five = pages(&shop, "/v1/orders?limit=5").await;
    assert_eq!(by_five.len(), 5, "a last page that is full ends the list");
}

#[tokio::test]
async fn an_order_placed_while_one_reads_does_not_shift_the_pages() {
    let server = Server::start().await;
    let shop = server.shop();
    for _ in 0..6 {
        shop.place(&least_order()).await;
    }
    let first = shop.get("/v1/orders?limit=3").await.expect(200).json();
    shop.place(&least_order()).await;
    let second = shop
        .get(&format!("/v1/orders?limit=3&cursor={}", first["next_cursor"].as_str().unwrap()))
        .await
        .expect(200)
        .json();
    let all = [first["data"].as_array().unwrap().clone(), second["data"].as_array().unwrap().clone()].concat();
    assert_eq!(numbers(&all).into_iter().collect::<HashSet<_>>().len(), 6);
}

#[tokio::test]
async fn an_order_in_a_list_has_everything_but_its_addresses() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut order = shop.place_with(json!({ "metadata": { "a": "b" } })).await;
    let listed = shop.list("/v1/orders").await.remove(0);
    let fields = order.as_object_mut().unwrap();
    fields.remove("checkout_url");
    fields.remove("qr");
    assert_eq!(listed, order);
}

#[tokio::test]
async fn orders_are_found_by_number_status_and_time() {
    let server = Server::start().await;
    let shop = server.shop();
    let first = shop.place(&least_order()).await;
    let second = shop.place(&least_order()).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", first["id"].as_str().unwrap())).await.expect(200);
    let found = async |query: &str| shop.list(&format!("/v1/orders?{query}")).await;
    let by_number = found(&format!("merchant_order_no={}", second["merchant_order_no"].as_str().unwrap())).await;
    assert_eq!(numbers(&by_number), [second["merchant_order_no"].as_str().unwrap()]);
    assert_eq!(numbers(&found("status=cancelled").await), [first["merchant_order_no"].as_str().unwrap()]);
    assert_eq!(numbers(&found("status=pending").await), [second["merchant_order_no"].as_str().unwrap()]);
    assert_eq!(found("status=paid").await.len(), 0);
    assert_eq!(found("merchant_order_no=nobody").await.len(), 0);
    assert_eq!(found("created_after=2020-01-01T00:00:00Z").await.len(), 2);
    assert_eq!(found("created_before=2020-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(found("created_after=2099-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(
        found("status=pending&created_after=2020-01-01T00:00:00Z&created_before=2099-01-01T00:00:00Z").await.len(),
        1
    );
    assert_eq!(pages(&shop, "/v1/orders?status=pending&limit=1").await.concat().len(), 1, "a cursor keeps its filter");
}

#[tokio::test]
async fn a_cursor_opens_no_other_merchants_list() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let (tea, books) = (server.shop_with("key_of_the_tea_shop"), server.shop_with("key_of_the_book_shop"));
    for _ in 0..3 {
        tea.place(&least_order()).await;
    }
    let first = tea.get("/v1/orders?limit=1").await.expect(200).json();
    let answer = books.get(&format!("/v1/orders?cursor={}", first["next_cursor"].as_str().unwrap())).await;
    match answer.status {
        200 => assert_eq!(answer.json()["data"], json!([])),
        status => assert_eq!(status, 400),
    }
}

#[tokio::test]
async fn both_merchants_may_use_the_same_number() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let order = least_order();
    let tea = server.shop_with("key_of_the_tea_shop").place(&order).await;
    let book = server.shop_with("key_of_the_book_shop").place(&order).await;
    assert_ne!(tea["id"], book["id"]);
}
