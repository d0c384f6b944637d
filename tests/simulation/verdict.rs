//! What a payment must turn out to be, worked out a second time from the contract's words, and what must be true of it.

use pay_handoff::domain::attempt::AttemptStatus;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::LatePayment;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::{Payment, Verdict};

use super::rules;
use super::scene::State;

/// Checks what a change claims of the wallets: the payments it recorded (I1, I6, I9, I10) and the ends of attempts (I4).
pub fn check(state: &mut State, before: &Ledger, after: &Ledger) {
    for (old, new) in before.attempts.iter().zip(&after.attempts).filter(|(old, _)| old.status.is_living()) {
        let key = (after.order.merchant.clone(), new.wallet, new.trade_no.as_str().to_owned());
        // Whichever clock said that its deadline had passed: it may have been stepped back since.
        let latest_ms = state.now_ms + state.furthest_ahead_ms;
        let by_itself = new.status == AttemptStatus::Expired && latest_ms >= old.expires_at.millis();
        let claims_an_end = matches!(new.status, AttemptStatus::Closed | AttemptStatus::Expired);
        let is_true = by_itself || state.bank.closed.contains(&key);
        state.must(!claims_an_end || is_true, || format!("I4: {} counts as closed and nobody closed it", new.id));
    }
    let merchant = state.merchants.get(&after.order.merchant).map(|merchant| merchant.late_payment);
    let mut is_won = before.order.winner.is_some();
    for payment in after.payments.iter().skip(before.payments.len()) {
        truth(state, after, payment);
        let late = merchant.unwrap_or(LatePayment::Refund);
        let expected = rules::expected(before, is_won, payment.attempt, &payment.proven, late);
        is_won |= expected == Verdict::Winner;
        state.must(expected == payment.verdict, || {
            format!("I6: payment {} is {:?}, it should be {expected:?}", payment.proven.transaction_id, payment.verdict)
        });
        state.found(&payment.proven.transaction_id);
        let is_late = rules::is_late(before, payment.attempt, &payment.proven);
        state.count(match payment.verdict {
            Verdict::Winner if before.order.status == OrderStatus::Pending => "payment won",
            Verdict::Winner if is_late => "payment late, accepted",
            Verdict::Winner => "payment in time, heard after the end",
            Verdict::Surplus => "payment surplus",
            Verdict::Late => "payment late",
            Verdict::Mismatch => "payment mismatch",
        });
    }
}

/// A recorded payment is one that its wallet really has, for the very trade of the attempt it is recorded on.
fn truth(state: &mut State, after: &Ledger, payment: &Payment) {
    let attempt = after.attempt(payment.attempt);
    let proven = &payment.proven;
    let key = (after.order.merchant.clone(), proven.wallet, proven.trade_no.as_str().to_owned());
    let real =
        state.bank.trades.get(&key).is_some_and(|trade| trade.payments.iter().any(|paid| paid.proven == *proven));
    let own = attempt.is_some_and(|attempt| attempt.wallet == proven.wallet && attempt.trade_no == proven.trade_no);
    state.must(real && own, || format!("I10: payment {} is not of this trade", proven.transaction_id));
}
