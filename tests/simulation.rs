//! Thousands of seeded schedules of a whole simulated world: no promise may break in any of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "simulation/scenes.rs"]
mod scenes;
#[path = "simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;

/// How many schedules one run of the tests plays.
const SCHEDULES: u64 = 5_000;

/// Where the seeds begin: at `PAY_HANDOFF_SEED`, else at a number that differs from commit to commit.
fn first_seed() -> u64 {
    match std::env::var("PAY_HANDOFF_SEED") {
        Ok(text) => text.parse().expect("PAY_HANDOFF_SEED is a number"),
        Err(_) => fingerprint_of_the_sources(),
    }
}

fn fingerprint_of_the_sources() -> u64 {
    0
}

#[test]
fn no_promise_breaks_in_thousands_of_schedules() {
    let from = first_seed();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in from..from + SCHEDULES {
        let outcome = simulation::play(seed, false);
        if !outcome.violations.is_empty() {
            let history = simulation::play(seed, true).trace;
            panic!("seed {seed} breaks: {:#?}\n{history}", outcome.violations);
        }
        for (what, often) in outcome.counts {
            *counts.entry(what).or_default() += often;
        }
    }
    println!("{SCHEDULES} schedules from seed {from}: {counts:#?}");
}
