//! Single scenes that the schedules once stumbled over, each played by hand.

use pay_handoff::domain::attempt::{AttemptStatus, BrowserKey};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::RefundStatus;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::links::TokenPage;
use pay_handoff::ports::wallet::KnownPayer;
use pay_handoff::services::begin_attempt::PaymentWish;

use crate::simulation::bank::{Manner, TradeKey};
use crate::simulation::ending;
use crate::simulation::faults::Faults;
use crate::simulation::people::Deed;
use crate::simulation::stage::Stage;

const BROWSER: BrowserKey = [7; 32];

/// A stage without faults on which the tea shop has one order, of which this is the ledger.
pub fn stage_with_an_order() -> (Stage, Ledger) {
    let mut stage = Stage::set(0, true);
    stage.scene.with(|state| state.faults = Faults::none());
    let shop = stage.scene.with(|state| state.merchants.values().last().cloned().unwrap());
    stage.begin_deed(0, Deed::Place(shop, "T1".to_owned(), 100, 600));
    stage.finish_tasks();
    let ledger = only_ledger(&stage);
    (stage, ledger)
}

pub fn only_ledger(stage: &Stage) -> Ledger {
    stage.scene.with(|state| state.shelf.orders.values().next().unwrap().ledger.clone())
}

pub fn begin(stage: &mut Stage, ledger: &Ledger, wallet: Wallet) {
    let wish = PaymentWish {
        page: TokenPage::Scan(ledger.order.scan_token),
        friend_link: None,
        wallet,
        product: Some(Product::Code),
        default_product: Product::Code,
        browser: BROWSER,
        payer: KnownPayer::default(),
    };
    stage.begin_deed(0, Deed::Begin(ledger.order.id, wish));
}

pub fn only_trade(stage: &Stage) -> TradeKey {
    stage.scene.with(|state| state.bank.trades.keys().next().unwrap().clone())
}

/// Whatever remains to be done is done; then nothing may be broken.
pub fn all_is_well(mut stage: Stage) -> Stage {
    ending::heal(&mut stage);
    let violations = stage.scene.with(|state| state.violations.clone());
    assert!(violations.is_empty(), "{violations:#?}\n{}", stage.scene.trace());
    stage
}

#[test]
fn a_crash_between_two_payments_of_one_answer_loses_neither() {
    let (mut stage, ledger) = stage_with_an_order();
    begin(&mut stage, &ledger, Wallet::WechatPay);
    stage.finish_tasks();
    let trade = only_trade(&stage);
    stage.scene.with(|state| {
        state.pay(&trade, Manner::Right, state.now(), 2);
        state.bank.letters.clear();
        state.now_ms += Span::seconds(5).as_millis();
    });
    stage.claim(0);
    for _ in 0..1000 {
        stage.turn(0);
        if !only_ledger(&stage).payments.is_empty() {
            break;
        }
    }
    stage.crash(0);
    all_is_well(stage);
}

#[test]
fn a_payment_that_is_known_on_another_order_keeps_no_other_of_its_answer_from_being_recorded() {
    let (mut stage, first) = stage_with_an_order();
    begin(&mut stage, &first, Wallet::WechatPay);
    stage.finish_tasks();
    let known = only_trade(&stage);
    let letter = stage.scene.with(|state| {
        state.pay(&known, Manner::Right, state.now(), 1);
        state.bank.letters.pop().unwrap()
    });
    stage.deliver(0, letter);
    stage.finish_tasks();
    let transaction = only_ledger(&stage).payments[0].proven.transaction_id.clone();
    let shop = stage.scene.with(|state| state.merchants.values().last().cloned().unwrap());
    stage.begin_deed(0, Deed::Place(shop, "T2".to_owned(), 100, 600));
    stage.finish_tasks();
    let second = |stage: &Stage| {
        stage.scene.with(|state| {
            let others = |ledger: &&Ledger| ledger.order.id != first.order.id;
            state.shelf.orders.values().map(|stored| &stored.ledger).find(others).cloned().unwrap()
        })
    };
    let ledger = second(&stage);
    begin(&mut stage, &ledger, Wallet::WechatPay);
    stage.finish_tasks();
    stage.scene.with(|state| {
        let trade = state.bank.trades.keys().find(|trade| **trade != known).cloned().unwrap();
        state.pay(&trade, Manner::Right, state.now(), 3);
        state.bank.letters.clear();
        state.bank.trades.get_mut(&trade).unwrap().payments[1].proven.transaction_id = transaction.clone();
        state.now_ms += Span::seconds(5).as_millis();
    });
    stage.claim(0);
    stage.finish_tasks();
    let verdicts: Vec<Verdict> = second(&stage).payments.iter().map(|payment| payment.verdict).collect();
    assert_eq!(verdicts, [Verdict::Winner, Verdict::Surplus]);
    let strays = stage.scene.with(|state| state.shelf.strays.clone());
    let proven: Vec<_> = strays.iter().filter_map(|stray| stray.payment.as_ref()).collect();
    assert!(proven.len() == 1 && proven[0].transaction_id == transaction, "{strays:?}");
    assert!(strays[0].reason.contains("another order"), "{strays:?}");
}

#[test]
fn a_trade_that_is_entered_after_its_close_is_closed_again() {
    let (mut stage, ledger) = stage_with_an_order();
    begin(&mut stage, &ledger, Wallet::WechatPay);
    for _ in 0..1000 {
        if !only_ledger(&stage).attempts.is_empty() {
            break;
        }
        stage.turn(0);
    }
    // The wallet does not know the trade yet, so for it there is nothing to close.
    let ledger = only_ledger(&stage);
    stage.begin_deed(1, Deed::CancelAsBuyer(ledger));
    for _ in 0..1000 {
        stage.turn(1);
    }
    assert_eq!(only_ledger(&stage).order.status, OrderStatus::Cancelled);
    assert!(stage.scene.with(|state| state.bank.trades.is_empty()));
    stage.finish_tasks();
    assert!(stage.scene.with(|state| !state.bank.trades.is_empty()));
    all_is_well(stage);
}

#[test]
fn a_payment_that_lost_the_race_against_its_close_is_found_though_nobody_tells_of_it() {
    let (mut stage, ledger) = stage_with_an_order();
    begin(&mut stage, &ledger, Wallet::WechatPay);
    stage.finish_tasks();
    stage.begin_deed(1, Deed::CancelAsBuyer(only_ledger(&stage)));
    stage.finish_tasks();
    assert_eq!(only_ledger(&stage).attempts[0].status, AttemptStatus::Closed);
    let trade = only_trade(&stage);
    stage.scene.with(|state| {
        state.pay(&trade, Manner::Right, state.now(), 1);
        state.bank.letters.clear();
    });
    let stage = all_is_well(stage);
    let ledger = only_ledger(&stage);
    assert_eq!(ledger.payments[0].verdict, Verdict::Late);
    assert_eq!(ledger.refunds[0].status, RefundStatus::Succeeded);
}

#[test]
fn a_look_that_the_wallet_does_not_answer_counts_as_none_even_when_it_was_the_last_one_planned() {
    let (mut stage, ledger) = stage_with_an_order();
    begin(&mut stage, &ledger, Wallet::WechatPay);
    stage.finish_tasks();
    stage.begin_deed(1, Deed::CancelAsBuyer(only_ledger(&stage)));
    stage.finish_tasks();
    let trade = only_trade(&stage);
    stage.scene.with(|state| {
        state.pay(&trade, Manner::Right, state.now(), 1);
        state.bank.letters.clear();
        state.faults = Faults { wallet_unknown: 1000, ..Faults::none() };
    });
    for _ in 0..6 {
        stage.scene.with(|state| {
            let due_at = state.shelf.next_due_at().unwrap();
            state.now_ms = state.now_ms.max(due_at.millis());
        });
        stage.claim(0);
        stage.finish_tasks();
    }
    assert!(only_ledger(&stage).payments.is_empty());
    let stage = all_is_well(stage);
    assert_eq!(only_ledger(&stage).payments[0].verdict, Verdict::Late);
}
