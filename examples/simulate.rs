//! Plays many schedules of the simulated world and tells how fast, how varied, and what broke.
//!
//! `cargo run --release --example simulate -- --seeds 1000000 [--from N]`, or one again: `-- --seed N --trace`.

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

/// Plays seeded schedules of the simulated world.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to play.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Play only this one.
    #[arg(long)]
    seed: Option<u64>,
    /// Print its history.
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (from, seeds) = match arguments.seed {
        Some(seed) => (seed, 1),
        None => (arguments.from, arguments.seeds),
    };
    let began = Instant::now();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut broken = 0_u64;
    for seed in from..from.saturating_add(seeds) {
        let outcome = simulation::play(seed, arguments.trace);
        print!("{}", outcome.trace);
        if !outcome.violations.is_empty() {
            broken += 1;
            if broken <= 20 {
                println!("seed {seed}: {:#?}", outcome.violations);
            }
        }
        for (what, often) in outcome.counts {
            *counts.entry(what).or_default() += often;
        }
    }
    for (what, often) in &counts {
        println!("{often:>12} {what}");
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{seeds} schedules from seed {from} in {seconds:.1} s ({:.0}/s), {broken} with violations",
        seeds as f64 / seconds
    );
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
