//! Killed at random moments under load: whatever was acknowledged is there afterwards.
//!
//! `PAY_HANDOFF_KILL_ROUNDS` sets the number of rounds (20 otherwise), `PAY_HANDOFF_KILL_SEED` repeats a run.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, Server, Shop, least_order, path_of, wait_until};

/// What the program has acknowledged so far.
#[derive(Default)]
struct Acknowledged {
    /// Idempotency key, request and answer of each order.
    orders: Vec<(String, Value, Answer)>,
    /// Orders whose payment was seen.
    paid: Vec<Value>,
    /// Orders whose cancelling was answered.
    cancelled: Vec<Value>,
}

/// How many kills a run has.
pub fn rounds() -> u64 {
    std::env::var("PAY_HANDOFF_KILL_ROUNDS").map_or(20, |text| text.parse().expect("a number of rounds"))
}

/// A number drawn from the seed: the same for the same round and purpose.
pub fn drawn(seed: u64, round: u64, below: u64) -> u64 {
    let mut state = seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state % below
}

/// Places orders under idempotency keys, pays some and cancels some, until the program is gone. Requests that fail with the connection
/// prove nothing and are forgotten.
async fn load(shop: Shop, base: String, worker: String, acknowledged: Arc<Mutex<Acknowledged>>) {
    let client = reqwest::Client::builder().no_proxy().cookie_store(true).redirect(reqwest::redirect::Policy::none());
    let client = client.timeout(Duration::from_secs(10)).build().expect("a client");
    for number in 0_u32.. {
        let key = format!("{worker}-{number}");
        let asked = least_order();
        let request = shop.request(reqwest::Method::POST, "/v1/orders").header("idempotency-key", &key);
        let Some(answer) = try_send(request.json(&asked)).await else { return };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let order = answer.json();
        acknowledged.lock().unwrap().orders.push((key, asked, answer));
        let id = order["id"].as_str().unwrap();
        if number % 3 == 0 {
            let page = path_of(order["qr"]["payload"].as_str().unwrap());
            let begun = client.post(format!("{base}{page}/attempts")).form(&[("wallet", "alipay")]);
            let Some(begun) = try_send(begun).await else { return };
            assert_eq!(begun.status, 303, "{}", begun.text());
            let Some(attempts) =
                try_send(shop.request(reqwest::Method::GET, &format!("/v1/orders/{id}/attempts"))).await
            else {
                return;
            };
            let trade_no = attempts.json()["data"][0]["trade_no"].as_str().unwrap().to_owned();
            let play = client.post(format!("{base}/sandbox/{trade_no}")).form(&[("outcome", "paid")]);
            let Some(_) = try_send(play).await else { return };
            // The notice is under way; the payment counts once the program has said that it knows of it.
            while !acknowledged.lock().unwrap().paid.contains(&order) {
                let read = shop.request(reqwest::Method::GET, &format!("/v1/orders/{id}"));
                let Some(read) = try_send(read).await else { return };
                if read.json()["status"] == "paid" {
                    acknowledged.lock().unwrap().paid.push(order.clone());
                }
            }
        } else if number % 3 == 1 {
            let cancel = shop.request(reqwest::Method::POST, &format!("/v1/orders/{id}/cancel"));
            let Some(answer) = try_send(cancel).await else { return };
            assert_eq!(answer.status, 200, "{}", answer.text());
            acknowledged.lock().unwrap().cancelled.push(order.clone());
        }
    }
}

/// The answer, or nothing when the connection broke.
async fn try_send(request: reqwest::RequestBuilder) -> Option<Answer> {
    let (client, request) = request.build_split();
    let request = request.ok()?;
    let asked = format!("{} {}", request.method(), request.url());
    let response = client.execute(request).await.ok()?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Some(Answer { status, headers, body: response.bytes().await.ok()?.to_vec(), asked })
}

/// Everything acknowledged in this round is there, and said in the same bytes.
async fn check(shop: &Shop, acknowledged: &Acknowledged) {
    for (key, asked, first) in &acknowledged.orders {
        let again = shop.post_once(key, "/v1/orders", asked).await;
        assert_eq!(again.header("idempotency-replayed"), "true", "{key} was acknowledged and is forgotten");
        assert_eq!((again.status, again.text()), (first.status, first.text()), "{key}");
        assert_eq!(shop.order(&first.json()).await["id"], first.json()["id"]);
    }
    for order in &acknowledged.paid {
        assert_eq!(shop.order(order).await["status"], "paid");
        let payments = shop.attempts(order).await[0]["payments"].clone();
        assert_eq!(payments.as_array().map(Vec::len), Some(1), "{payments}");
        assert_eq!(payments[0]["result"], "winner");
    }
    for order in &acknowledged.cancelled {
        assert_eq!(shop.order(order).await["status"], "cancelled");
    }
    for (_, _, first) in &acknowledged.orders {
        for (event, seq) in shop.history(&first.json()).await.iter().zip(1_u64..) {
            assert_eq!(event["data"]["seq"], json!(seq), "the history has no gap");
        }
    }
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_by_being_killed() {
    let seed = std::env::var("PAY_HANDOFF_KILL_SEED").map_or(0x5eed, |text| text.parse().expect("a seed"));
    let mut server = Server::start().await;
    let (mut orders, mut paid, mut cancelled) = (0, 0, 0);
    for round in 0..rounds() {
        let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
        let workers: Vec<_> = (0..6)
            .map(|worker| {
                tokio::spawn(load(
                    server.shop(),
                    server.base(),
                    format!("r{round}w{worker}"),
                    Arc::clone(&acknowledged),
                ))
            })
            .collect();
        let after = Duration::from_millis(100 + drawn(seed, round + 1, 700));
        tokio::time::sleep(after).await;
        server.kill();
        for worker in workers {
            worker.await.unwrap_or_else(|error| panic!("round {round} of seed {seed}: {error}"));
        }
        server.restart().await;
        let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
        check(&server.shop(), &acknowledged).await;
        orders += acknowledged.orders.len();
        paid += acknowledged.paid.len();
        cancelled += acknowledged.cancelled.len();
    }
    assert!(
        orders > 0 && paid > 0 && cancelled > 0,
        "the load did nothing: {orders} orders, {paid} paid, {cancelled} cancelled"
    );
    println!(
        "seed {seed}, {} kills: {orders} orders, {paid} payments, {cancelled} cancellings acknowledged, none lost",
        rounds()
    );
}

#[tokio::test]
async fn a_payment_whose_notice_met_a_dead_program_is_found_afterwards() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    server.play(&shop, &order, "notice_lost").await;
    server.restart().await;
    wait_until(Duration::from_secs(40), "the payment to be found", async || {
        (shop.order(&order).await["status"] == "paid").then_some(())
    })
    .await;
    assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
}
