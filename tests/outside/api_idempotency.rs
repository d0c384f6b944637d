//! `Idempotency-Key`: the first answer again, byte for byte.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Settings, least_order};

fn assert_replayed(again: &Answer, first: &Answer) {
    assert_eq!(again.status, first.status, "{}", again.text());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text(), first.text(), "byte for byte");
    assert_eq!(again.header("content-type"), first.header("content-type"));
}

#[tokio::test]
async fn the_same_key_and_body_answer_the_first_answer_again() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = least_order();
    let first = shop.post_once("key-1", "/v1/orders", &order).await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "", "the first answer is no replay");
    assert_replayed(&shop.post_once("key-1", "/v1/orders", &order).await, &first);
    shop.post_nothing(&format!("/v1/orders/{}/cancel", first.json()["id"].as_str().unwrap())).await.expect(200);
    assert_replayed(&shop.post_once("key-1", "/v1/orders", &order).await, &first);
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
}

#[tokio::test]
async fn a_kept_answer_survives_being_killed() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = least_order();
    let first = shop.post_once("key-1", "/v1/orders", &order).await.expect(201);
    server.restart().await;
    assert_replayed(&shop.post_once("key-1", "/v1/orders", &order).await, &first);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = least_order();
    let first = shop.post_once("key-1", "/v1/orders", &order).await.expect(201);
    let mut other = order.clone();
    other["amount"] = json!(1);
    shop.post_once("key-1", "/v1/orders", &other).await.problem(422, "idempotency_key_reused");
    shop.post_once("key-1", "/v1/orders", &least_order()).await.problem(422, "idempotency_key_reused");
    assert_replayed(&shop.post_once("key-1", "/v1/orders", &order).await, &first);
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
}

#[tokio::test]
async fn a_key_used_on_one_order_never_answers_for_another() {
    let server = Server::start().await;
    let shop = server.shop();
    let (one, two) = (shop.place(&least_order()).await, shop.place(&least_order()).await);
    let cancel = |order: &Value| format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
    shop.post_once("same", &cancel(&one), &json!({})).await.expect(200);
    let answer = shop.post_once("same", &cancel(&two), &json!({})).await;
    match answer.status {
        200 => assert_eq!(answer.json()["id"], two["id"]),
        _ => {
            answer.problem(422, "idempotency_key_reused");
            assert_eq!(shop.order(&two).await["status"], "pending");
        }
    }
}

#[tokio::test]
async fn an_empty_body_equals_an_empty_object() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let path = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
    let first = Answer::of(shop.request(Method::POST, &path).header("idempotency-key", "k")).await.expect(200);
    assert_replayed(&shop.post_once("k", &path, &json!({})).await, &first);
    assert_replayed(&Answer::of(shop.request(Method::POST, &path).header("idempotency-key", "k")).await, &first);
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut order = least_order();
    order["amount"] = json!(0);
    shop.post_once("k", "/v1/orders", &order).await.problem(422, "invalid_request");
    order["amount"] = json!(5);
    let answer = shop.post_once("k", "/v1/orders", &order).await.expect(201);
    assert_eq!(answer.header("idempotency-replayed"), "");
    let path = format!("/v1/orders/{}/refunds", answer.json()["id"].as_str().unwrap());
    shop.post_once("r", &path, &json!({})).await.problem(409, "order_not_paid");
    server.pay(&shop, &answer.json(), "alipay").await;
    shop.post_once("r", &path, &json!({})).await.expect(201);
}

#[tokio::test]
async fn keys_belong_to_their_merchant() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let order = least_order();
    let tea = server.shop_with("key_of_the_tea_shop").post_once("k", "/v1/orders", &order).await.expect(201);
    let book = server.shop_with("key_of_the_book_shop").post_once("k", "/v1/orders", &order).await.expect(201);
    assert_ne!(tea.json()["id"], book.json()["id"]);
    assert_eq!(book.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_characters() {
    let server = Server::start().await;
    let shop = server.shop();
    shop.post_once(&"k".repeat(255), "/v1/orders", &least_order()).await.expect(201);
    shop.post_once("!~\"'{}", "/v1/orders", &least_order()).await.expect(201);
    for wrong in [String::new(), "k".repeat(256), "a b".into(), "é".into()] {
        let answer = shop.post_once(&wrong, "/v1/orders", &least_order()).await;
        assert!(matches!(answer.status, 400 | 422), "{wrong:?}: {} {}", answer.status, answer.text());
        answer.problem(answer.status, "");
    }
    assert_eq!(shop.list("/v1/orders").await.len(), 2);
}

#[tokio::test]
async fn fifty_parallel_posts_under_one_key_make_one_order() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = least_order();
    let answers = futures_util::future::join_all((0..50).map(|_| shop.post_once("k", "/v1/orders", &order))).await;
    let mut made = Vec::new();
    for answer in answers {
        match answer.status {
            201 => made.push(answer),
            _ => {
                answer.problem(409, "idempotency_key_in_use");
            }
        }
    }
    let first: Vec<&Answer> = made.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).collect();
    assert_eq!(first.len(), 1, "one answer is the first one");
    assert!(made.iter().all(|answer| answer.text() == first[0].text()), "byte for byte");
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
    let first = first[0].clone();
    server.restart().await;
    assert_replayed(&shop.post_once("k", "/v1/orders", &order).await, &first);
}

#[tokio::test]
async fn every_post_takes_a_key() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let id = order["id"].as_str().unwrap();
    let links = format!("/v1/orders/{id}/friend_links");
    let first = shop.post_once("link", &links, &json!({ "message": "谢谢" })).await.expect(201);
    assert_replayed(&shop.post_once("link", &links, &json!({ "message": "谢谢" })).await, &first);
    assert_eq!(shop.list(&links).await.len(), 1);
    let extend = format!("/v1/orders/{id}/extend");
    let first = shop.post_once("more", &extend, &json!({ "expires_in": 7200 })).await.expect(200);
    assert_replayed(&shop.post_once("more", &extend, &json!({ "expires_in": 7200 })).await, &first);
    let revoke = format!("/v1/friend_links/{}/revoke", shop.list(&links).await[0]["id"].as_str().unwrap());
    let first = shop.post_once("no", &revoke, &json!({})).await.expect(200);
    assert_replayed(&shop.post_once("no", &revoke, &json!({})).await, &first);
    server.pay(&shop, &order, "alipay").await;
    let refunds = format!("/v1/orders/{id}/refunds");
    let first = shop.post_once("back", &refunds, &json!({ "amount": 100 })).await.expect(201);
    assert_replayed(&shop.post_once("back", &refunds, &json!({ "amount": 100 })).await, &first);
    assert_eq!(shop.refunds(&order).await.len(), 1, "one refund");
}
