//! Shops and people who go on until the program is gone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::acknowledged::{Acknowledged, Answered};
use crate::harness::{Answer, Shop, least_order, path_of};

/// What is done with an order.
const FATES: [&str; 7] =
    ["paid", "cancelled", "paid_twice", "notice_lost", "left alone", "paid_wrong_amount", "paid_late"];

struct Caller {
    shop: Shop,
    browser: Client,
    base: String,
    acknowledged: Arc<Mutex<Acknowledged>>,
}

/// Places orders and lets each have its fate, until the connection breaks. A request that failed with it proves nothing and is forgotten.
pub async fn go_on(shop: Shop, base: String, name: String, first: u64, acknowledged: Arc<Mutex<Acknowledged>>) {
    let browser = Client::builder().no_proxy().cookie_store(true).redirect(reqwest::redirect::Policy::none());
    let browser = browser.timeout(Duration::from_secs(60)).build().expect("a client");
    let caller = Caller { shop, browser, base, acknowledged };
    // Callers begin with different fates, so that each is met soon after a start.
    for number in first.. {
        let fate = FATES[usize::try_from(number % 7).unwrap()];
        if caller.live_through(&format!("{name}-{number}"), fate).await.is_none() {
            return;
        }
    }
}

/// The answer, or nothing when the connection broke.
async fn send(request: RequestBuilder) -> Option<Answer> {
    let (client, request) = request.build_split();
    let request = request.ok()?;
    let asked = format!("{} {}", request.method(), request.url());
    let response = client.execute(request).await.ok()?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Some(Answer { status, headers, body: response.bytes().await.ok()?.to_vec(), asked })
}

impl Caller {
    async fn live_through(&self, key: &str, fate: &str) -> Option<()> {
        let placed = self.post_once(key, "/v1/orders", least_order()).await?;
        let order = placed.answer.json();
        self.acknowledged.lock().unwrap().orders.push(placed);
        let path = format!("/v1/orders/{}", order["id"].as_str().unwrap());
        if fate == "left alone" {
            return Some(());
        }
        let page = path_of(order["qr"]["payload"].as_str().unwrap());
        let begin = self.browser.post(format!("{}{page}/attempts", self.base)).form(&[("wallet", "unionpay")]);
        let begun = send(begin).await?;
        assert_eq!(begun.status, 303, "{}", begun.text());
        if fate == "cancelled" {
            return self.cancel(&path, order).await;
        }
        let attempts = send(self.shop.request(Method::GET, &format!("{path}/attempts"))).await?.json();
        let trade_no = attempts["data"][0]["trade_no"].as_str().unwrap();
        let play = self.browser.post(format!("{}/sandbox/{trade_no}", self.base)).form(&[("outcome", fate)]);
        send(play).await?;
        match fate {
            "paid" | "paid_twice" => {
                self.until_paid(&path, order).await?;
                let part = json!({ "amount": 100 });
                let refund = self.post_once(&format!("{key}-refund"), &format!("{path}/refunds"), part).await?;
                self.acknowledged.lock().unwrap().refunds.push(refund);
                Some(())
            }
            // Nobody tells of the payment: the close that belongs to cancelling hears of it.
            "notice_lost" => self.cancel(&path, order).await,
            _ => Some(()),
        }
    }

    async fn post_once(&self, key: &str, path: &str, asked: Value) -> Option<Answered> {
        let request = self.shop.request(Method::POST, path).header("idempotency-key", key).json(&asked);
        let answer = send(request).await?;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Some(Answered { key: key.to_owned(), path: path.to_owned(), asked, answer })
    }

    async fn until_paid(&self, path: &str, order: Value) -> Option<()> {
        while send(self.shop.request(Method::GET, path)).await?.json()["status"] != "paid" {}
        self.acknowledged.lock().unwrap().paid.push(order);
        Some(())
    }

    async fn cancel(&self, path: &str, order: Value) -> Option<()> {
        let answer = send(self.shop.request(Method::POST, &format!("{path}/cancel"))).await?;
        let mut acknowledged = self.acknowledged.lock().unwrap();
        match answer.status {
            200 => acknowledged.cancelled.push(order),
            // It has just been paid.
            409 => acknowledged.paid.push(order),
            _ => panic!("{}", answer.text()),
        }
        Some(())
    }
}
