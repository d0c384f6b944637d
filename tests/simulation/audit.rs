//! What must hold after every commit: each check re-derives the rule from the contract instead of asking the program's own code.

use std::collections::BTreeSet;

use pay_handoff::domain::attempt::AttemptStatus;
use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::{RefundKind, RefundStatus};
use pay_handoff::ports::store::Change;

use super::changes;
use super::scene::State;
use super::verdict;

/// Checks a commit that has just been made; `before` is what it replaced.
pub fn commit(state: &mut State, before: Option<&Ledger>, change: &Change) {
    let after = &change.after;
    state.count("commit");
    state.say(|| {
        let kinds: Vec<&str> = change.events.iter().map(|event| event.kind.as_str()).collect();
        format!("{} v{} {} {}", after.order.id, after.order.version + 1, after.order.status, kinds.join(" "))
    });
    for found in balance(after).into_iter().chain(shape(after)) {
        state.broken(format!("{}: {found}", after.order.id));
    }
    let found = match before {
        None => first(change),
        Some(before) => {
            stale_work(state, before, change);
            let mut found = changes::between(before, after);
            found.extend(history(before, change));
            found
        }
    };
    for found in found {
        state.broken(format!("{}: {found}", after.order.id));
    }
    if let Some(before) = before {
        verdict::check(state, before, after);
        // I19, I22: what an order's end says must be true by the clock that said it.
        let expired = change.events.iter().find(|event| event.kind == EventKind::OrderExpired);
        if let Some(event) = expired
            && event.at < after.order.expires_at
        {
            state.broken(format!("I22: {} expired before its time", after.order.id));
        }
    }
}

/// I24: a worker that wakes under a lease that another has taken over may still report money, nothing else.
fn stale_work(state: &mut State, before: &Ledger, change: &Change) {
    let Some(lease) = state.working_under.filter(|lease| lease.order == before.order.id) else { return };
    let fence = state.shelf.orders.get(&lease.order).map(|stored| stored.fence);
    if fence != Some(lease.fence) {
        let reports_money = change.after.payments.len() > before.payments.len();
        state.must(reports_money, || format!("leases: {} was changed under a stale lease", lease.order));
    }
}

/// I13: the history is numbered without gaps and says what happened.
fn history(before: &Ledger, change: &Change) -> Vec<String> {
    let after = &change.after;
    let mut found = Vec::new();
    let expected: Vec<u32> = (before.order.history_seq + 1..=after.order.history_seq).collect();
    let written: Vec<u32> = change.events.iter().map(|event| event.seq).collect();
    if expected != written {
        found.push(format!("I13: history {written:?} after {}", before.order.history_seq));
    }
    let told = |kind: EventKind| change.events.iter().filter(|event| event.kind == kind).count();
    let fresh =
        |verdict: Verdict| after.payments.iter().skip(before.payments.len()).filter(|p| p.verdict == verdict).count();
    let moved = |status: OrderStatus| usize::from(before.order.status != status && after.order.status == status);
    let ended = |status: RefundStatus| {
        let ended = |ledger: &Ledger| ledger.refunds.iter().filter(|refund| refund.status == status).count();
        ended(after) - ended(before)
    };
    let pairs = [
        (EventKind::OrderPaid, fresh(Verdict::Winner)),
        (EventKind::PaymentSurplus, fresh(Verdict::Surplus)),
        (EventKind::PaymentLate, fresh(Verdict::Late)),
        (EventKind::PaymentMismatch, fresh(Verdict::Mismatch)),
        (EventKind::OrderExpired, moved(OrderStatus::Expired)),
        (EventKind::OrderCancelled, moved(OrderStatus::Cancelled)),
        (EventKind::OrderExtended, usize::from(before.order.expires_at != after.order.expires_at)),
        (EventKind::AttemptCreated, after.attempts.len() - before.attempts.len()),
        (EventKind::FriendLinkCreated, after.friend_links.len() - before.friend_links.len()),
        (EventKind::RefundSucceeded, ended(RefundStatus::Succeeded)),
        (EventKind::RefundFailed, ended(RefundStatus::Failed)),
    ];
    for (kind, happened) in pairs {
        if told(kind) != happened {
            found.push(format!("I13: {} told {} times, happened {happened} times", kind.as_str(), told(kind)));
        }
    }
    found
}

fn first(change: &Change) -> Vec<String> {
    let kinds: Vec<EventKind> = change.events.iter().map(|event| event.kind).collect();
    let as_placed = kinds == [EventKind::OrderCreated] && change.after.order.history_seq == 1;
    if as_placed { Vec::new() } else { vec![format!("I13: an order begins with {kinds:?}")] }
}

/// I1, I3, I12, I19: every payment is exactly one thing, and whatever is not ours has exactly one refund on its way.
fn balance(ledger: &Ledger) -> Vec<String> {
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
fn shape(ledger: &Ledger) -> Vec<String> {
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
    if ended && ledger.friend_links.iter().any(|link| link.status == pay_handoff::domain::friend_link::LinkStatus::Open)
    {
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
