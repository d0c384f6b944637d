//! A merchant's server, as it calls the program.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::Answer;

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// One merchant with his key.
#[derive(Clone)]
pub struct Shop {
    client: reqwest::Client,
    base: String,
    key: String,
}

/// An order with the required fields alone, and a number that no other order of this run has.
pub fn least_order() -> Value {
    let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
    json!({ "merchant_order_no": format!("T{number:08}"), "amount": 12900, "subject": "青瓷茶壶" })
}

/// Reads a time of the contract's form: RFC 3339 in UTC, written with `Z`.
#[track_caller]
pub fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("not a time: {value}"));
    assert!(text.ends_with('Z'), "not written in UTC: {text}");
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Whole seconds from one time of the contract's form to another.
#[track_caller]
pub fn seconds_between(from: &Value, to: &Value) -> i64 {
    instant(to).as_second() - instant(from).as_second()
}

impl Shop {
    /// A shop that calls the program at this origin with this key.
    pub fn new(base: &str, key: &str) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_idle_timeout(super::wait::SHORT_REST)
            .redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().expect("a client"), base: base.to_owned(), key: key.to_owned() }
    }

    /// A request with the key, to be completed.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.key)
    }

    /// A request without any key.
    pub fn anonymous(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(reqwest::Method::GET, path)).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    /// Sends text that says of itself that it is JSON.
    pub async fn post_text(&self, path: &str, body: &str) -> Answer {
        let request = self.request(reqwest::Method::POST, path).header("content-type", "application/json");
        Answer::of(request.body(body.to_owned())).await
    }

    /// Sends nothing.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        Answer::of(self.request(reqwest::Method::POST, path)).await
    }

    /// Sends JSON under an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(reqwest::Method::POST, path).header("content-type", "application/json");
        Answer::of(request.header("idempotency-key", key).body(body.to_string())).await
    }

    /// Places an order and insists that it is a new one.
    pub async fn place(&self, order: &Value) -> Value {
        self.post("/v1/orders", order).await.expect(201).json()
    }

    /// Places an order with the required fields and these others.
    pub async fn place_with(&self, fields: Value) -> Value {
        let mut order = least_order();
        for (name, value) in fields.as_object().expect("an object of fields") {
            order[name] = value.clone();
        }
        self.place(&order).await
    }

    /// Asks a friend to pay an order.
    pub async fn ask_friend(&self, order: &Value, fields: Value) -> Value {
        self.post(&under(order, "friend_links"), &fields).await.expect(201).json()
    }

    /// The order as it stands now.
    pub async fn order(&self, order: &Value) -> Value {
        self.get(&under(order, "")).await.expect(200).json()
    }

    /// The order's attempts.
    pub async fn attempts(&self, order: &Value) -> Vec<Value> {
        self.list(&under(order, "attempts")).await
    }

    /// The order's history, oldest first.
    pub async fn history(&self, order: &Value) -> Vec<Value> {
        self.list(&(under(order, "events") + "?limit=100")).await
    }

    /// The types of the order's history, oldest first.
    pub async fn history_types(&self, order: &Value) -> Vec<String> {
        let history = self.history(order).await;
        history.iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The order's refunds.
    pub async fn refunds(&self, order: &Value) -> Vec<Value> {
        self.list(&under(order, "refunds")).await
    }

    /// The first page of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let page = self.get(path).await.expect(200).json();
        assert!(page.get("next_cursor").is_some(), "a list says where it goes on: {page}");
        page["data"].as_array().unwrap_or_else(|| panic!("no data: {page}")).clone()
    }
}

/// The address of (something under) an order.
fn under(order: &Value, part: &str) -> String {
    let id = order["id"].as_str().unwrap_or_else(|| panic!("not an order: {order}"));
    if part.is_empty() { format!("/v1/orders/{id}") } else { format!("/v1/orders/{id}/{part}") }
}
