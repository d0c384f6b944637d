//! What must hold after every commit: each check re-derives the rule from the contract instead of asking the program's own code.

use pay_handoff::domain::attempt::{Attempt, AttemptStatus};
use pay_handoff::domain::books::OrderBook;
use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::friend_link::{FriendLink, LinkStatus};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::{Refund, RefundKind, RefundStatus};
use pay_handoff::ports::store::{Change, EventRecord};
use serde_json::json;

use super::changes;
use super::rules;
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
    for found in rules::balance(after).into_iter().chain(rules::shape(after)) {
        state.broken(format!("{}: {found}", after.order.id));
    }
    if let Some(stored) = state.shelf.orders.get(&after.order.id) {
        let history = stored.events.iter().map(|event| (event.seq, event.kind)).collect();
        let book = OrderBook { ledger: stored.ledger.clone(), history, due_at: stored.due_at };
        for fault in book.faults() {
            state.broken(format!("the program's own audit of {}: {fault}", after.order.id));
        }
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
        (EventKind::OrderRefunded, given_back(after) - given_back(before)),
        (EventKind::AttemptClosed, attempts_ended(before, after, |end| end != AttemptStatus::Failed)),
        (EventKind::AttemptFailed, attempts_ended(before, after, |end| end == AttemptStatus::Failed)),
        (EventKind::FriendLinkPaid, links_ended(before, after, LinkStatus::Paid)),
        (EventKind::FriendLinkDeclined, links_ended(before, after, LinkStatus::Declined)),
        (EventKind::FriendLinkRevoked, links_ended(before, after, LinkStatus::Revoked)),
    ];
    // A report changes nothing but the history; every other event has its cause among these.
    let causes = pairs.iter().map(|(_, happened)| happened).sum::<usize>() + told(EventKind::FriendLinkReported);
    if change.events.len() != causes {
        found.push(format!("I13: {} events for {causes} causes", change.events.len()));
    }
    found.extend(change.events.iter().filter_map(|event| told_wrongly(event, after)));
    for (kind, happened) in pairs {
        if told(kind) != happened {
            found.push(format!("I13: {} told {} times, happened {happened} times", kind.as_str(), told(kind)));
        }
    }
    found
}

fn given_back(ledger: &Ledger) -> usize {
    let back = |refund: &&Refund| refund.kind == RefundKind::Merchant && refund.status == RefundStatus::Succeeded;
    ledger.refunds.iter().filter(back).count()
}

fn attempts_ended(before: &Ledger, after: &Ledger, matches: impl Fn(AttemptStatus) -> bool) -> usize {
    let ends = |(place, new): &(usize, &Attempt)| {
        let lived = before.attempts.get(*place).is_none_or(|old| old.status.is_living());
        lived && !new.status.is_living() && new.status != AttemptStatus::Succeeded && matches(new.status)
    };
    after.attempts.iter().enumerate().filter(ends).count()
}

fn links_ended(before: &Ledger, after: &Ledger, status: LinkStatus) -> usize {
    let ends = |(place, new): &(usize, &FriendLink)| {
        new.status == status && before.friend_links.get(*place).is_none_or(|old| old.status != status)
    };
    after.friend_links.iter().enumerate().filter(ends).count()
}

/// What will be sent says of itself what it is, and of the order what is true with this commit.
fn told_wrongly(event: &EventRecord, after: &Ledger) -> Option<String> {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&event.body) else {
        return Some(format!("I13: event {} cannot be read", event.seq));
    };
    let order = &body["data"]["order"];
    let says = [&body["id"], &body["type"], &body["data"]["seq"], &order["id"], &order["status"]];
    let is = [
        json!(event.id.to_string()),
        json!(event.kind.as_str()),
        json!(event.seq),
        json!(after.order.id.to_string()),
        json!(after.order.status.as_str()),
    ];
    (!says.into_iter().eq(is.iter())).then(|| format!("I13: event {} says {body}", event.seq))
}

fn first(change: &Change) -> Vec<String> {
    let kinds: Vec<EventKind> = change.events.iter().map(|event| event.kind).collect();
    let as_placed = kinds == [EventKind::OrderCreated] && change.after.order.history_seq == 1;
    if as_placed { Vec::new() } else { vec![format!("I13: an order begins with {kinds:?}")] }
}
