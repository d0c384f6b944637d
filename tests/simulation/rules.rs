//! What must be true of every ledger at every moment, worked out a second time from the contract's words.

use std::collections::BTreeSet;

use pay_handoff::domain::attempt::AttemptStatus;
use pay_handoff::domain::friend_link::LinkStatus;
use pay_handoff::domain::id::AttemptId;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::LatePayment;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::{ProvenPayment, Verdict};
use pay_handoff::domain::refund::{RefundKind, RefundStatus};

/// The verdict that the contract gives.
pub fn expected(
    before: &Ledger,
    is_won: bool,
    attempt: AttemptId,
    proven: &ProvenPayment,
    late: LatePayment,
) -> Verdict {
    let order = &before.order;
    let asked = order.request.money;
    if proven.amount != asked.amount.minor_units() || proven.currency != asked.currency.as_str() {
        return Verdict::Mismatch;
    }
    if is_won {
        return Verdict::Surplus;
    }
    let ended = matches!(order.status, OrderStatus::Expired | OrderStatus::Cancelled);
    match (is_late(before, attempt, proven), late) {
        (false, _) => Verdict::Winner,
        (true, LatePayment::Accept) if ended => Verdict::Winner,
        (true, _) => Verdict::Late,
    }
}

/// Whether a payment came after its attempt's deadline, or once its order was cancelled.
pub fn is_late(before: &Ledger, attempt: AttemptId, proven: &ProvenPayment) -> bool {
    let by_deadline = before.attempt(attempt).is_some_and(|attempt| proven.paid_at <= attempt.expires_at);
    let cancelled_at = before.order.cancelled_at;
    let by_cancel = cancelled_at.is_none_or(|cancelled| proven.paid_at.seconds() < cancelled.seconds());
    !(by_deadline && by_cancel)
}

/// I1, I3, I12, I19: every payment is exactly one thing, and whatever is not ours has exactly one refund on its way.
pub fn balance(ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |words: String| found.push(words);
    let winners: Vec<_> = ledger.payments.iter().filter(|payment| payment.verdict == Verdict::Winner).collect();
    let named = ledger.order.winner.map(|winner| winner.payment);
    if winners.len() > 1 || winners.first().map(|winner| winner.id) != named {
        say(format!("I1: {} winners, the order names {named:?}", winners.len()));
    }
    if ledger.order.status.was_paid() != named.is_some() {
        say(format!("I1: {} with winner {named:?}", ledger.order.status));
    }
    for payment in &ledger.payments {
        let refunds: Vec<_> = ledger.refunds.iter().filter(|refund| refund.payment == payment.id).collect();
        let standing: Vec<_> = refunds.iter().filter(|refund| refund.status != RefundStatus::Failed).collect();
        let (kind, wanted) = match payment.verdict {
            Verdict::Winner => (RefundKind::Merchant, None),
            Verdict::Surplus => (RefundKind::Surplus, Some(1..=1)),
            Verdict::Late => (RefundKind::Late, Some(1..=1)),
            Verdict::Mismatch => (RefundKind::Mismatch, Some(0..=1)),
        };
        if refunds.iter().any(|refund| refund.kind != kind || refund.currency != payment.proven.currency) {
            say(format!("I3: a refund of payment {} is of another kind or currency", payment.id));
        }
        let sum: i64 = standing.iter().map(|refund| refund.amount).sum();
        if sum > payment.proven.amount || refunds.iter().any(|refund| refund.amount < 1) {
            say(format!("I19: {sum} given back of payment {} of {}", payment.id, payment.proven.amount));
        }
        if let Some(wanted) = wanted {
            let whole = refunds.iter().all(|refund| refund.amount == payment.proven.amount);
            let points = payment.refund.is_none_or(|id| refunds.iter().any(|refund| refund.id == id));
            let enough = refunds.len() >= *wanted.start() && standing.len() <= *wanted.end();
            if !whole || !points || !enough || refunds.is_empty() != payment.refund.is_none() {
                say(format!("I3: {:?} payment {} has {} refunds", payment.verdict, payment.id, refunds.len()));
            }
        }
    }
    let merchant = ledger.refunds.iter().filter(|refund| refund.kind == RefundKind::Merchant);
    let back: i64 =
        merchant.filter(|refund| refund.status == RefundStatus::Succeeded).map(|refund| refund.amount).sum();
    if back != ledger.order.amount_refunded {
        say(format!("I12: {back} has gone back, the order says {}", ledger.order.amount_refunded));
    }
    let price = ledger.order.request.money.amount.minor_units();
    let by_money = match (named.is_some(), back) {
        (false, _) => None,
        (true, 0) => Some(OrderStatus::Paid),
        (true, back) if back < price => Some(OrderStatus::PartiallyRefunded),
        (true, _) => Some(OrderStatus::Refunded),
    };
    if by_money.is_some_and(|status| status != ledger.order.status) {
        say(format!("I12: {back} of {price} has gone back, but the order is {}", ledger.order.status));
    }
    found
}

/// I4 and the plan: nothing waits for work without a time at which it will be done.
pub fn shape(ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    let ended = ledger.order.status != OrderStatus::Pending;
    for attempt in &ledger.attempts {
        if ended && attempt.status == AttemptStatus::Open {
            found.push(format!("I4: {} is open though the order is {}", attempt.id, ledger.order.status));
        }
        if attempt.status.is_living() && attempt.next_look_at.is_none() {
            found.push(format!("I25: {} lives and nobody will look", attempt.id));
        }
        let paid = ledger.payments.iter().any(|p| p.attempt == attempt.id && p.verdict != Verdict::Mismatch);
        if paid && attempt.status != AttemptStatus::Succeeded {
            found.push(format!("I7: {} was paid and is {}", attempt.id, attempt.status.as_str()));
        }
    }
    for refund in &ledger.refunds {
        if (refund.status == RefundStatus::Pending) != refund.next_try_at.is_some() {
            found.push(format!("I25: {} is {} with plan {:?}", refund.id, refund.status.as_str(), refund.next_try_at));
        }
    }
    if ended && ledger.friend_links.iter().any(|link| link.status == LinkStatus::Open) {
        found.push("I5: a friend link is open though the order has ended".to_owned());
    }
    if ledger.friend_links.iter().any(|link| link.expires_at > ledger.order.expires_at) {
        found.push("a friend link outlives its order".to_owned());
    }
    for link in &ledger.friend_links {
        let open = ledger.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::Open);
        let browsers: BTreeSet<_> =
            open.filter(|attempt| attempt.friend_link == Some(link.id)).map(|attempt| attempt.browser).collect();
        if browsers.len() > 1 {
            found.push(format!("holds: {} browsers can pay through {}", browsers.len(), link.id));
        }
    }
    let numbers: BTreeSet<&str> = ledger.attempts.iter().map(|attempt| attempt.trade_no.as_str()).collect();
    if numbers.len() != ledger.attempts.len() {
        found.push("two attempts have one trade number".to_owned());
    }
    found
}
