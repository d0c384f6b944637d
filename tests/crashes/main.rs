//! Crashes of the real program under load, at every named point and at random moments: whatever was acknowledged is there afterwards,
//! and nothing happened twice.
//!
//! `cargo test --all-features --test crashes`. `PAY_HANDOFF_CRASHES` sets the number of kills (50 otherwise),
//! `PAY_HANDOFF_CRASH_SEED` repeats a run.

#![cfg(test)]

#[expect(dead_code, unused_imports, reason = "the tests from outside need more of it")]
#[path = "../outside/harness/mod.rs"]
mod harness;

mod acknowledged;
mod load;
mod rest;

use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acknowledged::Acknowledged;
use harness::{Receiver, Server, Settings, drawn};

/// The points at which the program can be told to crash, and among how many passages the one is drawn that does.
const POINTS: [(&str, u64); 21] = [
    ("commit.before", 60),
    ("commit.after", 60),
    ("answer.after", 60),
    ("settle.before", 6),
    ("settle.after", 6),
    ("notice.acknowledge", 6),
    ("request.done", 12),
    ("begin.before", 8),
    ("begin.after", 8),
    ("close.before", 4),
    ("close.after", 4),
    ("query.before", 2),
    ("query.after", 2),
    ("cancel.closed", 3),
    ("refund.before", 3),
    ("refund.after", 3),
    ("delivery.before", 30),
    ("delivery.carried", 30),
    ("delivery.noted", 30),
    ("lease.claimed", 3),
    ("lease.done", 3),
];
/// How many kills one installation goes through before its end is looked at and another one begins.
const KILLS_OF_ONE: u64 = 200;
/// A program that has not come to its point by then is killed anyhow.
const LONGEST_ROUND: Duration = Duration::from_secs(6);
/// How many people and shops call at once.
const WORKERS: u64 = 4;

/// How the program is to end in a round.
enum Kill {
    /// At a passage of a named point.
    At(&'static str, u64),
    /// After so long.
    After(Duration),
}

/// Every point once, at its first passage; then points at drawn passages and drawn moments in turn.
fn kill_of(seed: u64, round: u64) -> Kill {
    let points = POINTS.len() as u64;
    if let Some((name, _)) = usize::try_from(round).ok().and_then(|round| POINTS.get(round)) {
        return Kill::At(name, 1);
    }
    if drawn(seed, round + 1, 2) == 0 {
        return Kill::After(Duration::from_millis(60 + drawn(seed, round + 2, 600)));
    }
    let (name, passages) = POINTS[usize::try_from(drawn(seed, round + 3, points)).unwrap()];
    Kill::At(name, 1 + drawn(seed, round + 4, passages))
}

/// What all rounds together did.
#[derive(Default)]
struct Tally {
    at_points: u64,
    restarts: Vec<Duration>,
    orders: usize,
    paid: usize,
    refunds: usize,
    cancelled: usize,
    repeated: usize,
}

impl Tally {
    /// The restart that so many of a hundred are not slower than.
    fn restart_at(&self, percent: usize) -> Duration {
        let mut sorted = self.restarts.clone();
        sorted.sort();
        sorted[(sorted.len() - 1) * percent / 100]
    }
}

/// Lets the program work until it crashes or is killed, and holds it to its word after its restart.
async fn round(server: &mut Server, seed: u64, number: u64, tally: &mut Tally) {
    let kill = kill_of(seed, number);
    let variables = match &kill {
        Kill::At(name, passage) => vec![("DRILL_CRASH_AT".to_owned(), format!("{name}:{passage}"))],
        Kill::After(_) => Vec::new(),
    };
    server.restart_with(variables).await;
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let name = format!("r{number}w{worker}");
            tokio::spawn(load::go_on(server.shop(), server.base(), name, worker, Arc::clone(&acknowledged)))
        })
        .collect();
    let began = Instant::now();
    let limit = if let Kill::After(limit) = kill { limit } else { LONGEST_ROUND };
    let ended = loop {
        if let Some(status) = server.end() {
            break Some(status);
        }
        if began.elapsed() >= limit {
            break None;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    server.kill();
    let crashed = ended.is_some_and(|status| status.signal() == Some(6));
    assert_eq!(ended.is_some(), crashed, "round {number} of seed {seed}: it ended by itself: {}", server.errors());
    tally.at_points += u64::from(crashed);
    if let Kill::At(name, 1) = kill {
        assert!(crashed, "round {number} of seed {seed}: {name} was never reached");
    }
    for worker in workers {
        worker.await.unwrap_or_else(|error| panic!("round {number} of seed {seed}: {error}"));
    }
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    if number.is_multiple_of(10) {
        rest::audit(server);
    }
    let began = Instant::now();
    server.restart_with(Vec::new()).await;
    tally.restarts.push(began.elapsed());
    acknowledged.check(&server.shop(), &format!("round {number} of seed {seed}")).await;
    tally.orders += acknowledged.orders.len();
    tally.paid += acknowledged.paid.len();
    tally.refunds += acknowledged.refunds.len();
    tally.cancelled += acknowledged.cancelled.len();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_outlives_every_crash_and_nothing_happens_twice() {
    let seed = std::env::var("PAY_HANDOFF_CRASH_SEED").map_or(0x5eed, |text| text.parse().expect("a seed"));
    let rounds: u64 = std::env::var("PAY_HANDOFF_CRASHES").map_or(50, |text| text.parse().expect("a number of kills"));
    let mut tally = Tally::default();
    for first in (0..rounds).step_by(usize::try_from(KILLS_OF_ONE).unwrap()) {
        let mut server = Server::start_with(Settings::default()).await;
        let receiver = Receiver::start().await;
        server.shop().endpoint(&receiver.url("/")).await;
        let last = rounds.min(first + KILLS_OF_ONE);
        for number in first..last {
            round(&mut server, seed, number, &mut tally).await;
        }
        let repeated = rest::look(&mut server, &receiver).await;
        // Few tries run at once, and each kill cuts off what runs.
        assert!(repeated as u64 <= 4 * (last - first), "{repeated} deliveries were repeated");
        tally.repeated += repeated;
    }
    let done = [tally.orders, tally.paid, tally.refunds, tally.cancelled];
    assert!(done.iter().all(|count| *count > 0), "the load did too little: {done:?}");
    println!(
        "seed {seed}, {rounds} kills, {} of them at named points: {} orders, {} payments, {} refunds, {} cancellings acknowledged, none \
         lost; {} deliveries repeated; restart p50 {:?}, p99 {:?}, longest {:?}",
        tally.at_points,
        tally.orders,
        tally.paid,
        tally.refunds,
        tally.cancelled,
        tally.repeated,
        tally.restart_at(50),
        tally.restart_at(99),
        tally.restart_at(100),
    );
}
