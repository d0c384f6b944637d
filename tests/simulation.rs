//! Thousands of seeded schedules of a whole simulated world: no promise may break in any of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "simulation/hints.rs"]
mod hints;
#[path = "simulation/holds.rs"]
mod holds;
#[path = "simulation/lost_notices.rs"]
mod lost_notices;
#[path = "simulation/scenes.rs"]
mod scenes;
#[path = "simulation/mod.rs"]
mod simulation;

use std::process::Command;

/// How many schedules one run of the tests plays.
const SCHEDULES: u64 = 5_000;

/// What the schedules together must have met: a world in which it never happens proves nothing about it.
const MET: [&str; 29] = [
    "answer replayed",
    "crash",
    "hint acknowledged",
    "notice acknowledged",
    "notice lost",
    "notice misdirected",
    "notice not acknowledged",
    "payment in time, heard after the end",
    "payment late",
    "payment late, accepted",
    "payment mismatch",
    "payment surplus",
    "payment won",
    "refused: link ended",
    "refused: link held",
    "store: answer kept already",
    "store: conflict",
    "store: done, answer lost",
    "store: stale lease refused",
    "store: unavailable",
    "stray kept",
    "task overslept",
    "wallet: answers behind its notice",
    "wallet: begin refused",
    "wallet: done, answer lost",
    "wallet: not now",
    "wallet: paid after its close",
    "wallet: refund refused",
    "wallet: refund stuck",
];

/// Where the seeds begin: at `PAY_HANDOFF_SEED`, else at a number that each commit has of its own.
fn first_seed() -> u64 {
    if let Ok(text) = std::env::var("PAY_HANDOFF_SEED") {
        return text.parse().unwrap();
    }
    let head = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let commit = head.map(|head| String::from_utf8_lossy(&head.stdout).into_owned()).unwrap_or_default();
    // Eight hexadecimal digits, with room for the schedules between one commit and the next.
    commit.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0) * SCHEDULES
}

#[test]
fn no_promise_breaks_in_thousands_of_schedules() {
    let from = first_seed();
    let simulation::Sum { broken, counts, found_after_ms } = simulation::play_all(from..from + SCHEDULES);
    if let Some((seed, violations)) = broken.first_key_value() {
        let history = simulation::play(*seed, true).trace;
        panic!(
            "{history}\nseed {seed}, the first of {} that break something: {violations:#?}\n\
             again: cargo run --example simulate -- --seed {seed} --trace",
            broken.len()
        );
    }
    println!("{SCHEDULES} schedules from seed {from}: {counts:#?}\n{}", simulation::detection(found_after_ms));
    let never: Vec<&str> = MET.into_iter().filter(|what| !counts.contains_key(what)).collect();
    assert!(never.is_empty(), "never happened from seed {from}: {never:?}");
}

#[test]
fn the_same_seed_gives_the_same_history_byte_for_byte() {
    let mut told = 0;
    for seed in first_seed()..first_seed() + 50 {
        let (first, second) = (simulation::play(seed, true).trace, simulation::play(seed, true).trace);
        assert!(first == second, "seed {seed} has two histories");
        told += first.len();
    }
    // A schedule may be short; fifty are not.
    assert!(told > 50_000, "they tell nothing: {told} characters");
}
