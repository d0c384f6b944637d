//! When nobody crashes the program any more, everything comes to its rest, and the books agree with the wallets.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Receiver, Server, Shop, finished, program, wait_until};

/// Longer than the longest wait that a plan can have here: a delivery that failed three times is tried again after five minutes.
const LONGEST_REST: Duration = Duration::from_secs(420);

/// Audits the database and insists that nothing is found; tells what was said.
pub fn audit(server: &Server) -> String {
    let output = finished(program().arg("audit").arg("--data-dir").arg(server.data_dir()));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}{errors}");
    said
}

/// Waits until no money is on its way, no payment unheard of and every event delivered; tells how many deliveries were repeated.
pub async fn look(server: &mut Server, receiver: &Receiver) -> usize {
    wait_until(LONGEST_REST, "all money to be where it belongs", async || {
        let said = audit(server);
        let at_rest = said.lines().any(|line| {
            let mut words = line.split_whitespace().rev();
            line.trim_start().starts_with("on its way back") && words.next() == Some("0")
        });
        (at_rest && said.contains("; 0 payments are not heard of yet")).then_some(())
    })
    .await;
    let events = all_events(&server.shop()).await;
    let heard = wait_until(LONGEST_REST, "every event to arrive", async || {
        let heard = receiver.heard();
        let ids: HashSet<&str> = heard.iter().map(|each| each.header("webhook-id")).collect();
        let all = events.iter().all(|event| ids.contains(event["id"].as_str().unwrap()));
        all.then(|| heard.clone())
    })
    .await;
    let mut bodies: HashMap<&str, &[u8]> = HashMap::new();
    let mut repeated = 0;
    for each in &heard {
        if let Some(before) = bodies.insert(each.header("webhook-id"), &each.body) {
            assert_eq!(before, each.body, "the same event in other bytes");
            repeated += 1;
        }
    }
    println!("{}", audit(server));
    repeated
}

/// Everything that is sent unasked, oldest first.
async fn all_events(shop: &Shop) -> Vec<Value> {
    let (mut events, mut path) = (Vec::new(), "/v1/events?limit=100".to_owned());
    loop {
        let page = shop.get(&path).await.expect(200).json();
        let unasked = |event: &&Value| !event["type"].as_str().unwrap().starts_with("attempt.");
        events.extend(page["data"].as_array().unwrap().iter().filter(unasked).cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return events };
        path = format!("/v1/events?limit=100&cursor={cursor}");
    }
}
