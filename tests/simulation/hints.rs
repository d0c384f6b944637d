//! Hints of UnionPay, played by hand: one that was acknowledged is asked about until the wallet knows, whatever lies in between.

use pay_handoff::domain::attempt::AttemptStatus;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::wallet::Notice;

use crate::scenes::{all_is_well, begin, only_ledger, only_trade, stage_with_an_order};
use crate::simulation::bank::{Letter, Manner};
use crate::simulation::faults::Faults;
use crate::simulation::people::Deed;
use crate::simulation::stage::Stage;

/// A stage with an order and its trade at UnionPay.
fn begun() -> Stage {
    let (mut stage, ledger) = stage_with_an_order();
    begin(&mut stage, &ledger, Wallet::Unionpay);
    stage.finish_tasks();
    stage
}

/// The trade is paid; the notice of it.
fn paid(stage: &Stage) -> Letter {
    let trade = only_trade(stage);
    stage.scene.with(|state| {
        state.pay(&trade, Manner::Right, state.now(), 1);
        let letter = state.bank.letters.pop().unwrap();
        assert!(matches!(letter.notice, Notice::Hint(_)), "{:?}", letter.notice);
        letter
    })
}

fn deliver(stage: &mut Stage, letter: &Letter) {
    let acknowledged = |stage: &Stage| stage.scene.with(|state| state.counts.get("hint acknowledged").copied());
    let before = acknowledged(stage).unwrap_or(0);
    stage.deliver(1, letter.clone());
    stage.finish_tasks();
    assert_eq!(acknowledged(stage), Some(before + 1));
}

/// Does whatever comes due next, at its time; `false` when nothing does any more.
fn tend_next(stage: &mut Stage) -> bool {
    let next = stage.scene.with(|state| state.shelf.next_due_at());
    let Some(next) = next else { return false };
    stage.scene.with(|state| state.now_ms = state.now_ms.max(next.millis()));
    stage.claim(0);
    stage.finish_tasks();
    true
}

fn asked(stage: &Stage) -> usize {
    stage.scene.trace().matches("is asked: ").count()
}

#[test]
fn a_hint_after_the_last_look_is_asked_about_until_the_wallet_knows() {
    for faults in [
        Faults { wallet_behind: 1000, ..Faults::none() },
        Faults { wallet_down: 1000, ..Faults::none() },
        Faults { wallet_later: 1000, ..Faults::none() },
    ] {
        let mut stage = begun();
        stage.begin_deed(1, Deed::CancelAsBuyer(only_ledger(&stage)));
        stage.finish_tasks();
        while tend_next(&mut stage) {}
        stage.scene.with(|state| {
            state.now_ms += Span::hours(48).as_millis();
            state.faults = faults;
        });
        assert_eq!(only_ledger(&stage).attempts[0].status, AttemptStatus::Closed);
        let letter = paid(&stage);
        deliver(&mut stage, &letter);
        assert!(tend_next(&mut stage), "somebody is to ask");
        assert!(only_ledger(&stage).payments.is_empty(), "the wallet does not say yet");
        let stage = all_is_well(stage);
        assert_eq!(only_ledger(&stage).payments[0].verdict, Verdict::Late);
    }
}

#[test]
fn a_hint_after_the_deadline_is_asked_about_though_the_order_was_to_end() {
    let mut stage = begun();
    let end = only_ledger(&stage).order.expires_at;
    // Paid in time, and told of later.
    let letter = paid(&stage);
    stage.scene.with(|state| state.now_ms = end.millis());
    deliver(&mut stage, &letter);
    assert_eq!(asked(&stage), 0, "acknowledged before anybody was asked");
    tend_next(&mut stage);
    assert_eq!(only_ledger(&stage).order.status, OrderStatus::Paid);
    all_is_well(stage);
}

#[test]
fn the_same_hint_again_and_again_costs_no_questions() {
    let mut stage = begun();
    let letter = paid(&stage);
    for _ in 0..200 {
        deliver(&mut stage, &letter);
    }
    let version = only_ledger(&stage).order.version;
    tend_next(&mut stage);
    let (ledger, questions) = (only_ledger(&stage), asked(&stage));
    assert_eq!((ledger.order.status, questions), (OrderStatus::Paid, 1));
    assert!(ledger.order.version <= version + 2, "recorded, and noted that it was looked at");
    for _ in 0..200 {
        deliver(&mut stage, &letter);
    }
    assert_eq!(only_ledger(&stage), ledger, "of what is recorded there is nothing to ask");
    all_is_well(stage);
}

#[test]
fn a_hint_that_comes_while_the_wallet_answers_that_nobody_paid_is_asked_about_at_once() {
    let mut stage = begun();
    stage.scene.with(|state| state.now_ms += Span::seconds(5).as_millis());
    stage.claim(0);
    for _ in 0..1000 {
        if asked(&stage) > 0 {
            break;
        }
        stage.turn(0);
    }
    assert_eq!(asked(&stage), 1);
    let letter = paid(&stage);
    stage.deliver(1, letter);
    // The delivery is done while the answer is on its way.
    stage.finish_tasks();
    assert_eq!(only_ledger(&stage).order.status, OrderStatus::Paid, "{}", stage.scene.trace());
    all_is_well(stage);
}
