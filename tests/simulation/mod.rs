//! A whole world in one thread: two instances of the program over one store, wallets, clocks and people, driven by a seed.
//!
//! The use cases are the real ones; only the ports are simulated. Every call to a port takes turns with everything else, so that
//! any two things can come in either order and a crash can strike between any two steps. After every commit the rules are checked
//! (`audit`, `changes`, `verdict`); at the end the faults stop and the world must come to rest (`ending`). The same seed gives
//! the same history, byte for byte.

mod audit;
pub mod bank;
mod chance;
mod changes;
pub mod clients;
pub mod ending;
pub mod faults;
mod gateway;
pub mod people;
mod postman;
mod rules;
pub mod scene;
mod shelf;
pub mod stage;
mod store;
mod verdict;

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

/// What became of one schedule.
pub struct Outcome {
    /// Broken promises.
    pub violations: Vec<String>,
    /// What happened how often.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long after its arrival each payment was recorded that nobody told us of, in milliseconds.
    pub found_after_ms: Vec<i64>,
    /// The history, when it was asked for.
    pub trace: String,
}

/// Plays the schedule of a seed.
pub fn play(seed: u64, keeps_trace: bool) -> Outcome {
    let mut stage = stage::Stage::set(seed, keeps_trace);
    let steps = stage.scene.with(|state| {
        let faults = state.faults.clone();
        state.say(|| format!("seed {seed}, {faults:?}"));
        state.chance.between(100, 800)
    });
    for _ in 0..steps {
        stage.step();
    }
    ending::heal(&mut stage);
    let trace = stage.scene.trace();
    stage.scene.with(|state| Outcome {
        violations: std::mem::take(&mut state.violations),
        counts: std::mem::take(&mut state.counts),
        found_after_ms: std::mem::take(&mut state.found_after_ms),
        trace,
    })
}

/// What became of many schedules.
#[derive(Default)]
pub struct Sum {
    /// The seeds that broke promises, lowest first, and which.
    pub broken: BTreeMap<u64, Vec<String>>,
    /// What happened how often.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long after its arrival each payment was recorded that nobody told us of, in milliseconds.
    pub found_after_ms: Vec<i64>,
}

/// I17, in a line: how long it took to find the payments whose notices were lost.
pub fn detection(mut found_after_ms: Vec<i64>) -> String {
    found_after_ms.sort_unstable();
    let Some(last) = found_after_ms.len().checked_sub(1) else { return "no notice was lost".to_owned() };
    let at = |percent: usize| found_after_ms[last * percent / 100] as f64 / 1000.0;
    let (all, p50, p99, most) = (last + 1, at(50), at(99), at(100));
    format!("{all} payments of which nobody told were found after p50 {p50:.1} s, p99 {p99:.1} s, at most {most:.1} s")
}

/// Plays the schedules of many seeds, one world at a time in each of the machine's threads.
pub fn play_all(seeds: Range<u64>) -> Sum {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let play_share = &|first: usize| {
        let mut sum = Sum::default();
        for seed in seeds.clone().skip(first).step_by(threads) {
            let outcome = play(seed, false);
            if !outcome.violations.is_empty() {
                sum.broken.insert(seed, outcome.violations);
            }
            sum.found_after_ms.extend(outcome.found_after_ms);
            for (what, often) in outcome.counts {
                *sum.counts.entry(what).or_default() += often;
            }
        }
        sum
    };
    thread::scope(|scope| {
        let shares: Vec<_> = (0..threads).map(|first| scope.spawn(move || play_share(first))).collect();
        let mut sum = Sum::default();
        for share in shares {
            let share = share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            sum.broken.extend(share.broken);
            sum.found_after_ms.extend(share.found_after_ms);
            for (what, often) in share.counts {
                *sum.counts.entry(what).or_default() += often;
            }
        }
        sum
    })
}
