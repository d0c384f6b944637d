//! Plays many schedules of the simulated world and tells how fast, how varied, and what broke.
//!
//! `cargo run --release --example simulate -- --seeds 1000000 [--from N]`, or one again: `-- --seed N --trace`.

#[path = "../tests/simulation/mod.rs"]
mod simulation;

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
    if let Some(seed) = arguments.seed {
        return play_one(seed, arguments.trace);
    }
    let (from, seeds) = (arguments.from, arguments.seeds);
    let began = Instant::now();
    let sum = simulation::play_all(from..from.saturating_add(seeds));
    let seconds = began.elapsed().as_secs_f64();
    for (seed, violations) in sum.broken.iter().take(20) {
        println!("seed {seed}: {violations:#?}");
    }
    for (what, often) in &sum.counts {
        println!("{often:>12} {what}");
    }
    println!("{}", simulation::detection(sum.found_after_ms));
    let (per_second, broken) = (seeds as f64 / seconds, sum.broken.len());
    println!("{seeds} schedules from seed {from} in {seconds:.1} s ({per_second:.0}/s), {broken} with violations");
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play_one(seed: u64, keeps_trace: bool) -> ExitCode {
    if keeps_trace {
        // What the program itself says, between the lines of the history.
        tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().init();
    }
    let outcome = simulation::play(seed, keeps_trace);
    print!("{}", outcome.trace);
    println!("seed {seed}: {:#?}", outcome.violations);
    if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
