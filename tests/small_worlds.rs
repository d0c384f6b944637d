//! Small worlds, all of them: every order in which two attempts, three payments, a cancel, an expiry, an extension, closes, refunds
//! (done, not done now, refused and begun anew) and one crash or one refusal can come, breadth first, with every rule checked in every state and every state led to its rest.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "small_worlds/beginning.rs"]
mod beginning;
#[path = "simulation/changes.rs"]
mod changes;
#[path = "simulation/rules.rs"]
mod rules;
#[path = "small_worlds/world.rs"]
mod world;

use std::collections::HashSet;

use pay_handoff::domain::merchant::LatePayment;
use world::{Payer, Trouble, World};

/// What exploring a world showed.
struct Explored {
    states: usize,
    steps: usize,
    depth: usize,
    ends: HashSet<&'static str>,
}

/// Visits every state that can be reached.
fn explore(first: World) -> Explored {
    let mut explored = Explored { states: 0, steps: 0, depth: 0, ends: HashSet::new() };
    let mut seen = HashSet::from([first.fingerprint()]);
    let mut frontier = vec![first];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for world in frontier {
            explored.states += 1;
            explored.ends.insert(world.order_status());
            world.check_state();
            world.check_rest();
            for action in world.possible() {
                explored.steps += 1;
                let after = world.after(action);
                if seen.insert(after.fingerprint()) {
                    next.push(after);
                }
            }
        }
        explored.depth += usize::from(!next.is_empty());
        frontier = next;
    }
    explored
}

fn explore_with(third: Payer, late: LatePayment, trouble: Trouble) {
    let explored = explore(World::new(late, third, trouble));
    println!(
        "third payment: {third:?}, late money: {late:?}, trouble: {trouble:?}: {} states, {} steps, depth {}",
        explored.states, explored.steps, explored.depth
    );
    for status in ["pending", "paid", "expired", "cancelled"] {
        assert!(explored.ends.contains(status), "no state is {status}");
    }
    assert!(explored.states > 20_000, "only {} states were reached", explored.states);
}

#[test]
fn every_order_of_events_keeps_every_rule_when_one_trade_is_paid_twice_and_late_money_goes_back() {
    explore_with(Payer::Again, LatePayment::Refund, Trouble::Crash);
}

#[test]
fn every_order_of_events_keeps_every_rule_when_one_trade_is_paid_twice_and_late_money_is_taken() {
    explore_with(Payer::Again, LatePayment::Accept, Trouble::Crash);
}

#[test]
fn every_order_of_events_keeps_every_rule_when_one_amount_is_wrong_and_late_money_goes_back() {
    explore_with(Payer::OtherAmount, LatePayment::Refund, Trouble::Crash);
}

#[test]
fn every_order_of_events_keeps_every_rule_when_one_amount_is_wrong_and_late_money_is_taken() {
    explore_with(Payer::OtherAmount, LatePayment::Accept, Trouble::Crash);
}

#[test]
fn every_order_of_events_keeps_every_rule_when_a_wallet_refuses_a_refund_and_the_merchant_begins_it_anew() {
    explore_with(Payer::OtherAmount, LatePayment::Refund, Trouble::Refusal);
}

/// A short look at what the tests above look at in full.
#[test]
fn random_walks_keep_every_rule() {
    let mut state = 0x5eed_u64;
    let mut drawn = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for walk in 0..400 {
        let third = if walk % 2 == 0 { Payer::Again } else { Payer::OtherAmount };
        let late = if walk % 4 < 2 { LatePayment::Refund } else { LatePayment::Accept };
        let trouble = if walk % 8 < 4 { Trouble::Crash } else { Trouble::Refusal };
        let mut world = World::new(late, third, trouble);
        for _ in 0..30 {
            let possible = world.possible();
            let Some(action) = possible.get(drawn(possible.len().max(1))) else { break };
            world = world.after(*action);
            world.check_state();
            world.check_rest();
        }
    }
}
