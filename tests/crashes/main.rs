//! Crashes of the real program under load, at every named point and at random moments: whatever was acknowledged is there afterwards,
//! and nothing happened twice.
//!
//! `cargo test --all-features --test crashes`. `PAY_HANDOFF_CRASHES` sets the number of kills (50 otherwise),
//! `PAY_HANDOFF_NOTICE_CRASHES` that of those among notices (20), `PAY_HANDOFF_CRASH_SEED` repeats a run.

#![cfg(test)]

#[expect(dead_code, unused_imports, reason = "the tests from outside need more of it")]
#[path = "../outside/harness/mod.rs"]
mod harness;

#[expect(dead_code, unused_imports, reason = "the tests from outside need more of it")]
#[path = "../outside/pretended/mod.rs"]
mod pretended;
#[expect(dead_code, unused_imports, reason = "the tests from outside need more of it")]
#[path = "../outside/wechat/mod.rs"]
mod wechat;

mod acknowledged;
mod load;
mod notices;
mod rest;

use std::ops::Range;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicU64, Ordering};
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
/// How many installations are killed side by side.
const AT_ONCE: usize = 2;
/// A program that has not come to its point by then is killed anyhow, …
const LONGEST_ROUND: Duration = Duration::from_secs(6);
/// … but at a point's first passage, which must be met, only after as long as a very busy machine may take to come there.
const LONGEST_FIRST: Duration = Duration::from_secs(120);
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
    fn add(&mut self, other: Self) {
        self.restarts.extend(other.restarts);
        self.at_points += other.at_points;
        self.orders += other.orders;
        self.paid += other.paid;
        self.refunds += other.refunds;
        self.cancelled += other.cancelled;
        self.repeated += other.repeated;
    }

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
    let limit = match kill {
        Kill::After(limit) => limit,
        Kill::At(_, 1) => LONGEST_FIRST,
        Kill::At(..) => LONGEST_ROUND,
    };
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

/// Kills one installation again and again, and looks at its end.
async fn installation(seed: u64, rounds: Range<u64>) -> Tally {
    let mut tally = Tally::default();
    let mut server = Server::start_with(Settings::default()).await;
    let receiver = Receiver::start().await;
    server.shop().endpoint(&receiver.url("/")).await;
    let kills = rounds.end - rounds.start;
    for number in rounds {
        round(&mut server, seed, number, &mut tally).await;
    }
    tally.repeated = rest::look(&mut server, &receiver).await;
    // Few tries run at once, and each kill cuts off what runs.
    assert!(tally.repeated as u64 <= 4 * kills, "{} deliveries were repeated", tally.repeated);
    tally
}

fn chosen(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect(variable))
}

/// Takes one installation after another until all are done.
fn installations(seed: u64, rounds: u64, next: &AtomicU64, tally: &Mutex<Tally>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    loop {
        let first = next.fetch_add(KILLS_OF_ONE, Ordering::Relaxed);
        if first >= rounds {
            return;
        }
        let one = runtime.block_on(installation(seed, first..rounds.min(first + KILLS_OF_ONE)));
        let mut tally = tally.lock().unwrap();
        tally.add(one);
        println!("{} kills: {} orders acknowledged, none lost", tally.restarts.len(), tally.orders);
    }
}

#[test]
fn whatever_was_acknowledged_outlives_every_crash_and_nothing_happens_twice() {
    let seed = chosen("PAY_HANDOFF_CRASH_SEED", 0x5eed);
    let rounds = chosen("PAY_HANDOFF_CRASHES", 50);
    let (next, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| installations(seed, rounds, &next, &tally));
        }
    });
    let tally = tally.into_inner().unwrap();
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
