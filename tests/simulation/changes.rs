//! What a change may turn into what: the tables of statuses, and the things that are fixed once.

use pay_handoff::domain::attempt::{Attempt, AttemptStatus};
use pay_handoff::domain::friend_link::{FriendLink, LinkStatus};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Payment;
use pay_handoff::domain::refund::{Refund, RefundStatus};

/// Everything that a change did and may not do (I1, I7, I16, I18).
pub fn between(before: &Ledger, after: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    let (old, new) = (&before.order, &after.order);
    if !order_may(old.status, new.status) {
        found.push(format!("I7: order {} to {}", old.status, new.status));
    }
    if old.winner.is_some() && old.winner != new.winner {
        found.push(format!("I1: the winner changed from {:?} to {:?}", old.winner, new.winner));
    }
    if new.expires_at < old.expires_at || old.cancelled_at.is_some() && old.cancelled_at != new.cancelled_at {
        found.push("I7: an order's end moved back".to_owned());
    }
    if new.expires_at > old.expires_at && old.status != OrderStatus::Pending {
        found.push("I7: an order that has ended was prolonged".to_owned());
    }
    let fixed = old.id == new.id
        && old.merchant == new.merchant
        && old.request == new.request
        && old.created_at == new.created_at
        && old.checkout_token == new.checkout_token
        && old.scan_token == new.scan_token;
    if !fixed {
        found.push("I7: something fixed about the order changed".to_owned());
    }
    let seen = |order: &pay_handoff::domain::order::Order| (order.status, order.expires_at, order.amount_refunded);
    if new.view_seq < old.view_seq || seen(old) != seen(new) && new.view_seq == old.view_seq {
        found.push(format!("I16: the page changed, its number did not ({} to {})", old.view_seq, new.view_seq));
    }
    pairs("attempt", &before.attempts, &after.attempts, attempt_may, &mut found);
    pairs("payment", &before.payments, &after.payments, payment_may, &mut found);
    pairs("friend link", &before.friend_links, &after.friend_links, link_may, &mut found);
    pairs("refund", &before.refunds, &after.refunds, refund_may, &mut found);
    found
}

fn pairs<T: PartialEq + std::fmt::Debug>(
    what: &str,
    before: &[T],
    after: &[T],
    may_become: impl Fn(&T, &T) -> bool,
    found: &mut Vec<String>,
) {
    if after.len() < before.len() {
        found.push(format!("I2: a {what} is gone"));
    }
    for (old, new) in before.iter().zip(after).filter(|(old, new)| old != new && !may_become(old, new)) {
        found.push(format!("I7: {what} {old:?} became {new:?}"));
    }
}

fn order_may(old: OrderStatus, new: OrderStatus) -> bool {
    use OrderStatus as S;
    match old {
        S::Pending => matches!(new, S::Pending | S::Paid | S::Expired | S::Cancelled),
        S::Expired => matches!(new, S::Expired | S::Paid),
        S::Cancelled => matches!(new, S::Cancelled | S::Paid),
        S::Paid => matches!(new, S::Paid | S::PartiallyRefunded | S::Refunded),
        S::PartiallyRefunded => matches!(new, S::PartiallyRefunded | S::Refunded),
        S::Refunded => new == S::Refunded,
    }
}

fn attempt_may(old: &Attempt, new: &Attempt) -> bool {
    use AttemptStatus as S;
    let moves = match old.status {
        S::Open => true,
        S::Closing => new.status != S::Open,
        S::Closed | S::Failed | S::Expired => new.status == old.status || new.status == S::Succeeded,
        S::Succeeded => new.status == S::Succeeded,
    };
    let told_once = old.handover.is_none() || new.handover.is_some();
    let ended_once = old.ended_at.is_none() || old.ended_at == new.ended_at;
    let fixed = Attempt {
        status: new.status,
        handover: new.handover.clone(),
        ended_at: new.ended_at,
        hinted_at: new.hinted_at,
        next_look_at: new.next_look_at,
        ..old.clone()
    } == *new;
    moves && told_once && ended_once && fixed
}

fn payment_may(old: &Payment, new: &Payment) -> bool {
    let refund_stays = old.refund.is_none() || new.refund.is_some();
    refund_stays && Payment { refund: new.refund, ..old.clone() } == *new
}

fn link_may(old: &FriendLink, new: &FriendLink) -> bool {
    use LinkStatus as S;
    let moves = match old.status {
        S::Open => true,
        S::Paid => new.status == S::Paid,
        S::Declined | S::Expired | S::Revoked => new.status == old.status || new.status == S::Paid,
    };
    let counted =
        new.view_changes >= old.view_changes && (old.status == new.status || new.view_changes > old.view_changes);
    moves && counted && old.id == new.id && old.token == new.token && old.expires_at == new.expires_at
}

fn refund_may(old: &Refund, new: &Refund) -> bool {
    let moves = old.status == RefundStatus::Pending || old.status == new.status;
    let fixed = Refund { status: new.status, tries: new.tries, next_try_at: new.next_try_at, ..old.clone() } == *new;
    moves && new.tries >= old.tries && fixed
}
