//! The end of a schedule: the faults stop, and the world must come to rest with every account balanced (I24, I25).

use pay_handoff::domain::attempt::AttemptStatus;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::RefundStatus;
use pay_handoff::domain::time::{Span, Timestamp};

use super::bank::{Paid, TradeKey};
use super::faults::Faults;
use super::people;
use super::scene::{INSTANCES, State};
use super::shelf::payment_key;
use super::stage::Stage;

/// So long the closes of what has ended may take.
const CLOSES_TAKE: Span = Span::minutes(2);
/// So long after the faults stopped no order that has ended can be paid: the first look after the end has been.
const CLOSED_AFTER: Span = Span::minutes(7);
/// So long after the faults stopped nothing may be left undone whose time has come.
const SETTLED_AFTER: Span = Span::minutes(30);
/// So long after that every schedule of looks has ended.
const LOOKS_END_AFTER: Span = Span::hours(26);
/// More rounds than any rest needs.
const MOST_ROUNDS: usize = 20_000;

/// Stops the faults and follows the world until it rests.
pub fn heal(stage: &mut Stage) {
    let (settled_at, over_at) = stage.scene.with(|state| {
        state.say(|| "the faults stop".to_owned());
        // What wallets decide for good is no fault that heals.
        let Faults { close_race, refund_refused, .. } = state.faults;
        state.faults = Faults { close_race, refund_refused, ..Faults::none() };
        state.turns = false;
        state.offsets_ms = [0; INSTANCES];
        let settled_at = state.now() + SETTLED_AFTER + Span::millis(state.furthest_ahead_ms);
        (settled_at, settled_at + LOOKS_END_AFTER)
    });
    stage.finish_tasks();
    // Payments that are under way arrive before the closes that are due now, or after them.
    if let Some(later) = stage.scene.with(|state| state.chance.coin().then(|| state.now() + CLOSES_TAKE)) {
        rest_until(stage, later);
    }
    stage.scene.with(|state| {
        while !state.bank.under_way.is_empty() {
            people::arrive(state);
        }
    });
    for place in 0..stage.scene.with(|state| state.calls.len()) {
        if stage.scene.with(|state| state.calls.get(place).is_some_and(|call| call.waiting)) {
            stage.begin_deed(place % INSTANCES, people::Deed::CallWithKey(place));
            stage.finish_tasks();
        }
    }
    rest_until(stage, settled_at - SETTLED_AFTER + CLOSED_AFTER);
    stage.scene.with(closed);
    rest_until(stage, settled_at);
    stage.scene.with(settled);
    rest_until(stage, over_at);
    stage.scene.with(over);
}

/// Does whatever comes due, in its time.
pub fn rest_until(stage: &mut Stage, until: Timestamp) {
    for round in 0..MOST_ROUNDS {
        while let Some(letter) = stage.scene.with(super::postman::any_due) {
            stage.deliver(round % INSTANCES, letter);
            stage.finish_tasks();
        }
        let due = stage.scene.with(|state| state.shelf.next_due_at().is_some_and(|at| at <= state.now()));
        if due {
            stage.claim(round % INSTANCES);
            stage.finish_tasks();
            continue;
        }
        let next = stage.scene.with(|state| {
            let letters = state.bank.letters.iter().map(|letter| letter.due_at).min();
            letters.into_iter().chain(state.shelf.next_due_at()).min()
        });
        let Some(next) = next.filter(|next| *next <= until) else {
            return stage.scene.with(|state| state.now_ms = state.now_ms.max(until.millis()));
        };
        stage.scene.with(|state| state.now_ms = state.now_ms.max(next.millis()));
    }
    stage.scene.with(|state| state.broken("I25: the world does not come to rest".to_owned()));
}

/// Half an hour after the faults.
fn settled(state: &mut State) {
    let now = state.now();
    let waiting = state.calls.iter().filter(|call| call.waiting).count();
    state.must(waiting == 0, || format!("I25: {waiting} calls were not answered without faults"));
    let letters = state.bank.letters.len();
    state.must(letters == 0, || format!("I25: {letters} notices were not acknowledged without faults"));
    let mut found = Vec::new();
    for stored in state.shelf.orders.values() {
        let ledger = &stored.ledger;
        let pending = ledger.order.status == OrderStatus::Pending;
        if pending && now >= ledger.order.expires_at {
            found.push(format!("I25: {} is pending after its end", ledger.order.id));
        }
        for attempt in ledger.attempts.iter().filter(|attempt| attempt.status.is_living() && now > attempt.expires_at) {
            found.push(format!("I25: {} is {} after its deadline", attempt.id, attempt.status.as_str()));
        }
    }
    for key in &state.hinted {
        let payments = state.bank.trades.get(key).map(|trade| &trade.payments[..]).unwrap_or_default();
        let known = |paid: &&Paid| state.shelf.payments.contains_key(&payment_key(&paid.proven));
        found.extend(payments.iter().filter(|paid| !known(paid)).map(|paid| {
            format!("I17: payment {} was hinted at, acknowledged, and is not known", paid.proven.transaction_id)
        }));
    }
    for found in found {
        state.broken(found);
    }
}

/// I4: a few minutes after the faults whoever kept an old code of an order that has ended cannot pay it any more.
fn closed(state: &mut State) {
    let now = state.now();
    let mut found = Vec::new();
    let ledgers = state.shelf.orders.values().map(|stored| &stored.ledger);
    for ledger in ledgers.filter(|ledger| ledger.order.status != OrderStatus::Pending) {
        for attempt in &ledger.attempts {
            let key = (ledger.order.merchant.clone(), attempt.wallet, attempt.trade_no.as_str().to_owned());
            let Some(trade) = state.bank.trades.get(&key) else { continue };
            let payable = trade.is_payable(now);
            // An Alipay code that nobody has scanned cannot be closed; it dies by its own deadline.
            let goes_on = attempt.status == AttemptStatus::Closing || trade.is_unscanned_code(attempt.wallet);
            if payable && !goes_on {
                let (id, status) = (attempt.id, attempt.status.as_str());
                found.push(format!("I4: {id} ({status}) can be paid though its order is {}", ledger.order.status));
            }
        }
    }
    for found in found {
        state.broken(found);
    }
}

/// After the last look: everything that moved at a wallet is known, and is where it belongs.
fn over(state: &mut State) {
    let mut found = Vec::new();
    for stored in state.shelf.orders.values() {
        let ledger = &stored.ledger;
        if let Some(due) = stored.due_at {
            found.push(format!("I25: {} still waits for {due:?}", ledger.order.id));
        }
        if ledger.order.status == OrderStatus::Pending {
            found.push(format!("I25: {} is still pending", ledger.order.id));
        }
        if u32::try_from(stored.events.len()) != Ok(ledger.order.history_seq) {
            found.push(format!("I13: {} has {} events", ledger.order.id, stored.events.len()));
        }
        let pending = ledger.refunds.iter().filter(|refund| refund.status == RefundStatus::Pending);
        found.extend(pending.map(|refund| format!("I25: {} is still pending", refund.id)));
    }
    for (key, trade) in &state.bank.trades {
        found.extend(trade.payments.iter().filter_map(|paid| unbalanced(state, key, paid)));
    }
    for found in found {
        state.broken(found);
    }
}

/// I12, seen from the wallet: a payment is known, and as much of it has gone back as the ledger says.
fn unbalanced(state: &State, key: &TradeKey, paid: &Paid) -> Option<String> {
    let name = &paid.proven.transaction_id;
    let order = state.shelf.payments.get(&payment_key(&paid.proven));
    let Some(ledger) = order.and_then(|order| state.shelf.orders.get(order)).map(|stored| &stored.ledger) else {
        return Some(format!("I25: payment {name} of {} was never heard of", key.2));
    };
    let payment = ledger.payments.iter().find(|payment| payment.proven == paid.proven)?;
    let refunds = || ledger.refunds.iter().filter(|refund| refund.payment == payment.id);
    let said: i64 =
        refunds().filter(|refund| refund.status == RefundStatus::Succeeded).map(|refund| refund.amount).sum();
    let gone: i64 = paid.refunds.values().filter(|refund| !refund.refused).map(|refund| refund.amount).sum();
    if said != gone {
        return Some(format!("I12: {gone} of payment {name} went back, the ledger says {said}"));
    }
    let refused = refunds().any(|refund| refund.status == RefundStatus::Failed);
    let kept = matches!(payment.verdict, Verdict::Surplus | Verdict::Late) && gone != paid.proven.amount;
    (kept && !refused).then(|| format!("I3: payment {name} is not ours and was not given back"))
}
