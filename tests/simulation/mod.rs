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
            for (what, often) in share.counts {
                *sum.counts.entry(what).or_default() += often;
            }
        }
        sum
    })
}
