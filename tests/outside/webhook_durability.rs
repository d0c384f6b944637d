//! Killed at random moments while events are being sent: none is lost, and what comes twice is recognisable.
//!
//! `PAY_HANDOFF_KILL_ROUNDS` sets the number of rounds (20 otherwise), `PAY_HANDOFF_KILL_SEED` repeats a run.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::durability::rounds;
use crate::harness::{Heard, Receiver, SOON, Server, Shop, drawn, least_order, wait_until};

/// Places orders and cancels them until the program is gone; counts the ones it has placed.
async fn load(shop: Shop, placed: Arc<AtomicUsize>) {
    loop {
        // Longer than any run: nothing expires after the events were listed.
        let mut order = least_order();
        order["expires_in"] = 604_800.into();
        let place = shop.request(reqwest::Method::POST, "/v1/orders").json(&order).send().await;
        let Ok(answer) = place else { return };
        let Ok(order) = answer.json::<Value>().await else { return };
        let Some(id) = order["id"].as_str() else { return };
        placed.fetch_add(1, Ordering::SeqCst);
        let cancel = shop.request(reqwest::Method::POST, &format!("/v1/orders/{id}/cancel")).send().await;
        if cancel.is_err() {
            return;
        }
    }
}

/// Every event of the merchant's that is sent unasked, oldest first.
async fn all_events(shop: &Shop) -> Vec<Value> {
    let (mut events, mut path) = (Vec::new(), "/v1/events?limit=100".to_owned());
    loop {
        let page = shop.get(&path).await.expect(200).json();
        events.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return events };
        path = format!("/v1/events?limit=100&cursor={cursor}");
    }
}

/// Waits until each of these events has arrived, as long as more of them do; gives everything heard.
async fn every_one(receiver: &Receiver, events: &[Value]) -> Vec<Heard> {
    let mut missing = events.len();
    while missing > 0 {
        missing = wait_until(2 * SOON, &format!("one more of {missing} events to arrive"), async || {
            let heard = receiver.heard();
            let ids: HashSet<&str> = heard.iter().map(|each| each.header("webhook-id")).collect();
            let left = events.iter().filter(|event| !ids.contains(event["id"].as_str().unwrap())).count();
            (left < missing || left == 0).then_some(left)
        })
        .await;
    }
    receiver.heard()
}

#[tokio::test]
async fn no_event_is_lost_by_being_killed_and_what_comes_twice_is_the_same() {
    let seed = std::env::var("PAY_HANDOFF_KILL_SEED").map_or(0xe7e27, |text| text.parse().expect("a seed"));
    let mut server = Server::start().await;
    let receiver = Receiver::start().await;
    let (_, secret) = server.shop().endpoint(&receiver.url("/")).await;
    for round in 0..rounds() {
        let placed = Arc::new(AtomicUsize::new(0));
        let workers: Vec<_> = (0..2).map(|_| tokio::spawn(load(server.shop(), Arc::clone(&placed)))).collect();
        wait_until(SOON, "the first order", async || (placed.load(Ordering::SeqCst) > 0).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(50 + drawn(seed, round + 1, 400))).await;
        server.kill();
        for worker in workers {
            worker.await.unwrap_or_else(|error| panic!("round {round} of seed {seed}: {error}"));
        }
        server.restart().await;
    }
    let shop = server.shop();
    let events = all_events(&shop).await;
    assert!(events.len() >= usize::try_from(rounds()).unwrap(), "the load did nothing: {}", events.len());
    let heard = every_one(&receiver, &events).await;

    let mut bodies: HashMap<String, Vec<u8>> = HashMap::new();
    let mut last_seq: HashMap<String, u64> = HashMap::new();
    let mut repeated = 0;
    for each in &heard {
        assert!(each.is_signed_with(&secret));
        let event = each.event();
        let (id, seq) = (each.header("webhook-id").to_owned(), event["data"]["seq"].as_u64().unwrap());
        if let Some(before) = bodies.insert(id, each.body.clone()) {
            assert_eq!(before, each.body, "the same event in other bytes");
            repeated += 1;
            continue;
        }
        let order = event["data"]["order"]["id"].as_str().unwrap().to_owned();
        let before = last_seq.insert(order, seq).unwrap_or_default();
        assert!(seq > before, "an event of {event} came before an earlier one");
    }
    assert_eq!(bodies.len(), events.len(), "an event that is in no list");
    println!("seed {seed}, {} kills: {} events, none lost, {repeated} repeated", rounds(), events.len());
    // One try runs at a time while that keeps up, eight at most, and a kill cuts off what runs.
    assert!(repeated <= 8 * usize::try_from(rounds()).unwrap(), "{repeated}");
}
