//! Receivers that fail, ask for time, are gone, or never answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Heard, Receiver, SOON, Server, Shop, least_order, wait_until};

fn seconds_between(heard: &[Heard]) -> Vec<f64> {
    heard.windows(2).map(|two| (two[1].at - two[0].at).as_secs_f64()).collect()
}

/// How many seconds lie between the end of a delivery's last try and its next one: up to one less than planned and up to two more, because
/// moments are told in whole seconds.
fn planned_wait(delivery: &Value) -> i64 {
    let last = &delivery["last_try"];
    let latency_ms = last["latency_ms"].as_i64().unwrap_or_else(|| panic!("no try yet: {delivery}"));
    crate::harness::seconds_between(&last["at"], &delivery["next_try_at"]) - latency_ms / 1000
}

async fn newest_delivery(shop: &Shop, endpoint: &str) -> Value {
    shop.deliveries(endpoint).await.remove(0)
}

#[tokio::test]
async fn the_schedule_begins_at_once_then_after_two_and_five_seconds() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::answering(|_| (500, "")).await;
    let (id, _) = shop.endpoint(&receiver.url("/")).await;
    let began = Instant::now();
    shop.place(&least_order()).await;
    // What is planned after each try does not depend on how busy the machine is: two and five seconds and five minutes, a fifth more or less.
    let mut seen = 0;
    let planned = wait_until(SOON, "the third try", async || {
        let delivery = newest_delivery(&shop, &id).await;
        let tries = delivery["tries"].as_u64().filter(|tries| *tries > seen && delivery["last_try"].is_object())?;
        seen = tries;
        let wait = planned_wait(&delivery);
        let fits = match tries {
            1 => (1..=4).contains(&wait),
            2 => (4..=7).contains(&wait),
            _ => (239..=362).contains(&wait),
        };
        assert!(fits, "{delivery}");
        (tries >= 3).then_some(tries)
    });
    assert_eq!(planned.await, 3);
    let heard = receiver.heard_at_least(3).await;
    assert!(heard[0].at - began < SOON, "the first try does not wait for anything");
    let [first, second] = seconds_between(&heard)[..] else { panic!() };
    // A fifth of jitter; late is whatever a busy machine makes of it, but the fourth try, minutes later, is never meant.
    let late = SOON.as_secs_f64();
    assert!((1.6..late).contains(&first) && (4.0..late).contains(&second), "{first} {second}");
    assert!(heard.iter().all(|each| each.body == heard[0].body));
    let ids: Vec<_> = heard.iter().map(|each| each.header("webhook-id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert!(heard[2].header("webhook-timestamp") > heard[0].header("webhook-timestamp"), "the time of each try");
    let delivery = newest_delivery(&shop, &id).await;
    assert_eq!(delivery["status"], "pending");
    assert!(delivery["tries"] != 3 || (239..=362).contains(&planned_wait(&delivery)), "{delivery}");
}

#[tokio::test]
async fn a_later_event_waits_for_the_earlier_one_and_tries_it_again_at_once() {
    let server = Server::start().await;
    let shop = server.shop();
    let works = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&works);
    let receiver = Receiver::answering(move |_| (if state.load(Ordering::SeqCst) { 200 } else { 503 }, "")).await;
    let (id, _) = shop.endpoint(&receiver.url("/")).await;
    let order = shop.place(&least_order()).await;
    receiver.heard_at_least(3).await;
    works.store(true, Ordering::SeqCst);
    // The next try of the schedule would be five minutes away.
    shop.post(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap()), &json!({})).await.expect(200);
    let heard = receiver.heard_at_least(5).await;
    let types: Vec<_> = heard.iter().map(|each| each.event()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["order.created", "order.created", "order.created", "order.created", "order.cancelled"]);
    // By the program's own clock: when a request is heard is the busy machine's affair.
    let sent = |at: usize| heard[at].header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(sent(3) - sent(2) >= 4, "at most every five seconds");
    let deliveries = wait_until(SOON, "both to be delivered", async || {
        Some(shop.deliveries(&id).await).filter(|all| all.iter().all(|each| each["status"] == "delivered"))
    });
    assert_eq!(deliveries.await.len(), 2);
}

#[tokio::test]
async fn a_receiver_is_given_the_time_it_asks_for() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::answering(|_| (429, "retry-after: 4")).await;
    shop.endpoint(&receiver.url("/")).await;
    let greedy = Receiver::answering(|_| (503, "retry-after: 99999999999999999999")).await;
    let (greedy_id, _) = shop.endpoint(&greedy.url("/")).await;
    shop.place(&least_order()).await;
    let wait = seconds_between(&receiver.heard_at_least(2).await)[0];
    assert!((3.9..SOON.as_secs_f64()).contains(&wait), "{wait}");
    let delivery = wait_until(SOON, "the greedy one's first try", async || {
        Some(newest_delivery(&shop, &greedy_id).await).filter(|delivery| delivery["last_try"].is_object())
    })
    .await;
    assert!((3599..=3602).contains(&planned_wait(&delivery)), "an hour at most: {delivery}");
}

#[tokio::test]
async fn gone_disables_an_endpoint_and_the_list_says_so() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::answering(|_| (410, "")).await;
    let (id, _) = shop.endpoint(&receiver.url("/")).await;
    let order = shop.place(&least_order()).await;
    let endpoint = wait_until(SOON, "the endpoint to be disabled", async || {
        shop.list("/v1/webhook_endpoints").await.into_iter().find(|endpoint| endpoint["status"] == "disabled")
    })
    .await;
    assert_eq!((&endpoint["id"], &endpoint["disabled_reason"]), (&json!(id), &json!("gone")));
    crate::harness::instant(&endpoint["disabled_at"]);
    assert_eq!(newest_delivery(&shop, &id).await["status"], "dead");
    shop.place(&least_order()).await;
    assert_eq!(shop.deliveries(&id).await.len(), 1, "nothing more is begun for it");
    let event = shop.history(&order).await[0]["id"].as_str().unwrap().to_owned();
    shop.post_nothing(&format!("/v1/events/{event}/redeliver")).await.problem(409, "no_webhook_endpoint");
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn a_redirection_is_a_failure_and_nobody_follows_it() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver =
        Receiver::answering(|heard| (if heard.path == "/" { 307 } else { 200 }, "location: /elsewhere")).await;
    let (id, _) = shop.endpoint(&receiver.url("/")).await;
    shop.place(&least_order()).await;
    let heard = receiver.heard_at_least(2).await;
    assert!(heard.iter().all(|each| each.path == "/"), "{heard:?}");
    let delivery = newest_delivery(&shop, &id).await;
    assert_eq!((&delivery["status"], &delivery["last_try"]["http_status"]), (&json!("pending"), &json!(307)));
}

/// Half of them refuse the connection, half take it and never answer.
#[tokio::test]
async fn a_hundred_dead_endpoints_do_not_make_a_healthy_one_wait_for_them() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut hanging = Vec::new();
    for number in 0..50 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        shop.endpoint(&format!("http://{}/{number}", listener.local_addr().unwrap())).await;
        hanging.push(listener);
        // Port 1024 and a few above: nothing of these tests listens there.
        shop.endpoint(&format!("http://127.0.0.1:{}/", 1024 + number)).await;
    }
    let receiver = Receiver::start().await;
    shop.endpoint(&receiver.url("/")).await;
    let mut placed = Vec::new();
    for _ in 0..60 {
        let order = shop.place(&least_order()).await;
        placed.push((order["id"].clone(), Instant::now()));
    }
    let heard = receiver.heard_at_least(60).await;
    let mut delays: Vec<Duration> = placed
        .iter()
        .map(|(id, at)| {
            let heard = heard.iter().find(|each| each.event()["data"]["order"]["id"] == *id);
            heard.unwrap_or_else(|| panic!("{id} was not heard of")).at.saturating_duration_since(*at)
        })
        .collect();
    delays.sort();
    println!("100 dead endpoints: the healthy one heard after {:?} (half), {:?} (all of 60)", delays[30], delays[59]);
    // A figure of its own on a quiet machine is far below two seconds; whoever waits for one hanging endpoint waits 15, and there are 50.
    // A busy machine may hold up one or the other, but not half of them.
    assert!(delays[30] < Duration::from_secs(10) && delays[59] < SOON, "{delays:?}");
    drop(hanging);
}
