//! The books: what must hold of every ledger at rest, and the sums that say where all the money is.
//!
//! The law of conservation: what wallets proved is the sum of what paid orders, what has gone back, what is on its way back, what wallets
//! refused to take back, and what waits for a merchant because its amount was another one. Both sides are read from different places (the
//! one from the payments, the other from the orders and the refunds), so that neither can follow a fault of the other.

use std::collections::BTreeMap;
use std::fmt;

use super::attempt::AttemptStatus;
use super::event::EventKind;
use super::friend_link::LinkStatus;
use super::ledger::Ledger;
use super::merchant::MerchantId;
use super::order::OrderStatus;
use super::payment::{Payment, Verdict};
use super::refund::{Refund, RefundKind, RefundStatus};
use super::time::Timestamp;

/// Everything that is kept of one order, to be held against itself.
#[derive(Clone, Debug)]
pub struct OrderBook {
    /// The order with all that happened to it.
    pub ledger: Ledger,
    /// The numbers and kinds of its events, in the order of their numbers.
    pub history: Vec<(u32, EventKind)>,
    /// When its next work is planned.
    pub due_at: Option<Timestamp>,
}

/// Where the money of one merchant in one currency is, in minor units. Wide enough for sums that a damaged database may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// What wallets proved.
    pub proven: i128,
    /// What paid orders; merchants' refunds are taken from this and are not counted again.
    pub won: i128,
    /// What was not ours to keep and is back.
    pub returned: i128,
    /// What is on its way back.
    pub returning: i128,
    /// What is not ours to keep and a wallet refused to take back: the merchant has been told.
    pub refused: i128,
    /// What was of another amount or currency than asked, and waits for the merchant.
    pub mismatched: i128,
}

impl Sums {
    /// What was proven and is nowhere; negative: what is somewhere and was never proven. 0 when the law of conservation holds.
    #[must_use]
    pub const fn missing(&self) -> i128 {
        self.proven - self.won - self.returned - self.returning - self.refused - self.mismatched
    }
}

/// The sums of many ledgers, by merchant and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<(String, String), Sums>);

impl Totals {
    /// Adds what a ledger holds.
    pub fn add(&mut self, ledger: &Ledger) {
        let merchant = &ledger.order.merchant;
        for payment in &ledger.payments {
            self.of(merchant, &payment.proven.currency).proven += i128::from(payment.proven.amount);
        }
        if ledger.order.winner.is_some() {
            let money = ledger.order.request.money;
            self.of(merchant, money.currency.as_str()).won += i128::from(money.amount.minor_units());
        }
        for refund in ledger.refunds.iter().filter(|refund| refund.kind != RefundKind::Merchant) {
            let sums = self.of(merchant, &refund.currency);
            match refund.status {
                RefundStatus::Succeeded => sums.returned += i128::from(refund.amount),
                RefundStatus::Pending => sums.returning += i128::from(refund.amount),
                RefundStatus::Failed => {}
            }
        }
        for payment in ledger.payments.iter().filter(|payment| payment.verdict != Verdict::Winner) {
            let refunds: Vec<&Refund> = refunds_of(ledger, payment).collect();
            let sums = self.of(merchant, &payment.proven.currency);
            if !refunds.is_empty() && refunds.iter().all(|refund| refund.status == RefundStatus::Failed) {
                sums.refused += i128::from(payment.proven.amount);
            } else if refunds.is_empty() && payment.verdict == Verdict::Mismatch {
                sums.mismatched += i128::from(payment.proven.amount);
            }
        }
    }

    /// Each merchant's identifier, currency and sums, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Sums)> {
        self.0.iter().map(|((merchant, currency), sums)| (merchant.as_str(), currency.as_str(), sums))
    }

    fn of(&mut self, merchant: &MerchantId, currency: &str) -> &mut Sums {
        self.0.entry((merchant.as_str().to_owned(), currency.to_owned())).or_default()
    }
}

/// Something in the books that cannot be: a fault of the program, or somebody else's hand in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    rule: &'static str,
    found: String,
}

impl Fault {
    /// The rule that is broken, in plain words.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.rule
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.rule, self.found)
    }
}

/// Collects what is broken.
#[derive(Default)]
struct Findings(Vec<Fault>);

impl Findings {
    fn expect(&mut self, holds: bool, rule: &'static str, found: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Fault { rule, found: found() });
        }
    }
}

impl OrderBook {
    /// Everything that does not hold; empty for a sound order. Names identifiers and amounts, never a permission.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut findings = Findings::default();
        conservation(&self.ledger, &mut findings);
        winner(&self.ledger, &mut findings);
        for payment in &self.ledger.payments {
            ownership(&self.ledger, payment, &mut findings);
            money_back(&self.ledger, payment, &mut findings);
        }
        refunds(&self.ledger, &mut findings);
        plans(self, &mut findings);
        history(self, &mut findings);
        findings.0
    }
}

fn refunds_of<'ledger>(ledger: &'ledger Ledger, payment: &Payment) -> impl Iterator<Item = &'ledger Refund> {
    let id = payment.id;
    ledger.refunds.iter().filter(move |refund| refund.payment == id)
}

fn conservation(ledger: &Ledger, findings: &mut Findings) {
    let mut totals = Totals::default();
    totals.add(ledger);
    for (_, currency, sums) in totals.iter() {
        findings.expect(sums.missing() == 0, "every proven payment is accounted for exactly once", || {
            format!("{} of {} in minor units of {currency} cannot be accounted for", sums.missing(), sums.proven)
        });
    }
}

fn winner(ledger: &Ledger, findings: &mut Findings) {
    let order = &ledger.order;
    let winners: Vec<&Payment> = ledger.payments.iter().filter(|payment| payment.verdict == Verdict::Winner).collect();
    findings.expect(winners.len() <= 1, "an order has at most one winner", || format!("{} winners", winners.len()));
    let named = order.winner.map(|winner| (winner.payment, winner.wallet, winner.paid_at));
    let won = winners.first().map(|payment| (payment.id, payment.proven.wallet, payment.proven.paid_at));
    findings.expect(named == won, "an order names the payment that won", || {
        format!("it names {}, {} won", named_or_none(named.map(|it| it.0)), named_or_none(won.map(|it| it.0)))
    });
    let money = order.request.money;
    for payment in winners {
        let proven = &payment.proven;
        let fits = proven.amount == money.amount.minor_units() && proven.currency == money.currency.as_str();
        findings.expect(fits, "a winner paid what was asked", || {
            format!("{} of {} {} for {}", payment.id, proven.amount, proven.currency, money.amount.minor_units())
        });
    }
    let back = merchant_refunds(ledger, |status| status == RefundStatus::Succeeded);
    let expected = match (order.winner.is_some(), back) {
        (false, _) => None,
        (true, 0) => Some(OrderStatus::Paid),
        (true, back) if back < i128::from(money.amount.minor_units()) => Some(OrderStatus::PartiallyRefunded),
        (true, _) => Some(OrderStatus::Refunded),
    };
    let fits = expected.map_or(!order.status.was_paid(), |expected| order.status == expected);
    findings.expect(fits, "an order's status follows from its money", || {
        format!("{} with {} winners and {back} given back", order.status, usize::from(order.winner.is_some()))
    });
    findings.expect(i128::from(order.amount_refunded) == back, "an order knows what its merchant gave back", || {
        format!("it says {}, the refunds say {back}", order.amount_refunded)
    });
    findings.expect(
        (order.status != OrderStatus::Cancelled) || order.cancelled_at.is_some(),
        "a cancelled order knows when it was cancelled",
        || "it does not".to_owned(),
    );
}

fn named_or_none(id: Option<impl fmt::Display>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn merchant_refunds(ledger: &Ledger, counts: impl Fn(RefundStatus) -> bool) -> i128 {
    let counted = ledger.refunds.iter().filter(|refund| refund.kind == RefundKind::Merchant && counts(refund.status));
    counted.map(|refund| i128::from(refund.amount)).sum()
}

/// A payment is of a trade of its own order, and known once.
fn ownership(ledger: &Ledger, payment: &Payment, findings: &mut Findings) {
    let proven = &payment.proven;
    let attempt = ledger.attempt(payment.attempt);
    let own = attempt.is_some_and(|attempt| attempt.wallet == proven.wallet && attempt.trade_no == proven.trade_no);
    findings.expect(own, "a payment is of its attempt's trade", || payment.id.to_string());
    let succeeded = attempt.is_none_or(|attempt| attempt.status == AttemptStatus::Succeeded);
    findings.expect(
        payment.verdict == Verdict::Mismatch || succeeded,
        "an attempt with a right payment has succeeded",
        || payment.attempt.to_string(),
    );
    let same = ledger.payments.iter().filter(|other| {
        let (wallet, account) = (other.proven.wallet, &other.proven.account);
        (wallet, account, &other.proven.transaction_id) == (proven.wallet, &proven.account, &proven.transaction_id)
    });
    findings.expect(same.count() == 1, "a payment is recorded once", || payment.id.to_string());
}

/// What is not ours to keep goes back once and whole; nothing goes back twice.
fn money_back(ledger: &Ledger, payment: &Payment, findings: &mut Findings) {
    let refunds: Vec<&Refund> = refunds_of(ledger, payment).collect();
    let standing: Vec<&&Refund> = refunds.iter().filter(|refund| refund.status != RefundStatus::Failed).collect();
    let sum: i128 = standing.iter().map(|refund| i128::from(refund.amount)).sum();
    findings.expect(sum <= i128::from(payment.proven.amount), "no more goes back than was paid", || {
        format!("{sum} of {} of {}", payment.proven.amount, payment.id)
    });
    let kind = match payment.verdict {
        Verdict::Winner => RefundKind::Merchant,
        Verdict::Surplus => RefundKind::Surplus,
        Verdict::Late => RefundKind::Late,
        Verdict::Mismatch => RefundKind::Mismatch,
    };
    findings.expect(refunds.iter().all(|refund| refund.kind == kind), "money goes back for what it is", || {
        format!("{} payment {} has a refund of another kind", payment.verdict.as_str(), payment.id)
    });
    if payment.verdict == Verdict::Winner {
        return;
    }
    let least = usize::from(payment.verdict != Verdict::Mismatch);
    let whole = refunds.iter().all(|refund| refund.amount == payment.proven.amount);
    findings.expect(
        refunds.len() >= least && standing.len() <= 1 && whole,
        "what is not ours to keep goes back once and whole",
        || format!("{} payment {} has {} refunds", payment.verdict.as_str(), payment.id, refunds.len()),
    );
    let named = payment.refund.is_some_and(|id| refunds.iter().any(|refund| refund.id == id));
    findings.expect(
        if refunds.is_empty() { payment.refund.is_none() } else { named },
        "a payment names its refund",
        || payment.id.to_string(),
    );
}

fn refunds(ledger: &Ledger, findings: &mut Findings) {
    for refund in &ledger.refunds {
        findings.expect(refund.amount > 0, "a refund is of something", || refund.id.to_string());
        let payment = ledger.payment(refund.payment);
        let fits = payment.is_some_and(|payment| {
            payment.proven.wallet == refund.wallet && payment.proven.currency == refund.currency
        });
        findings.expect(fits, "a refund takes the way of its payment", || refund.id.to_string());
        findings.expect(
            (refund.status == RefundStatus::Pending) == refund.next_try_at.is_some(),
            "a pending refund is planned, an ended one is not",
            || format!("{} is {}", refund.id, refund.status.as_str()),
        );
    }
}

/// Nothing waits for work that nobody will do.
fn plans(book: &OrderBook, findings: &mut Findings) {
    let ledger = &book.ledger;
    let ended = ledger.order.status != OrderStatus::Pending;
    for attempt in &ledger.attempts {
        findings.expect(
            !(ended && attempt.status == AttemptStatus::Open),
            "an ended order has nothing open to pay",
            || attempt.id.to_string(),
        );
        findings.expect(
            !attempt.status.is_living() || attempt.next_look_at.is_some(),
            "a living attempt is looked after",
            || attempt.id.to_string(),
        );
    }
    let open_link = ledger.friend_links.iter().find(|link| link.status == LinkStatus::Open);
    findings.expect(!ended || open_link.is_none(), "an ended order has no open friend link", || {
        named_or_none(open_link.map(|link| link.id))
    });
    findings.expect(book.due_at == ledger.due_at(), "an order is planned for its next work", || {
        let millis = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.millis().to_string());
        format!("planned for {}, its next work is at {}", millis(book.due_at), millis(ledger.due_at()))
    });
}

/// The history has no gap and tells what happened, each thing once.
fn history(book: &OrderBook, findings: &mut Findings) {
    let ledger = &book.ledger;
    let gapless = book.history.iter().map(|(seq, _)| *seq).eq(1..=ledger.order.history_seq);
    findings.expect(gapless, "the history is numbered without a gap", || {
        format!("{} events, the last has number {}", book.history.len(), ledger.order.history_seq)
    });
    let verdicts = |verdict| ledger.payments.iter().filter(|payment| payment.verdict == verdict).count();
    let ends = |status| ledger.refunds.iter().filter(|refund| refund.status == status).count();
    let happened: [(EventKind, usize); 9] = [
        (EventKind::OrderCreated, 1),
        (EventKind::OrderPaid, verdicts(Verdict::Winner)),
        (EventKind::PaymentSurplus, verdicts(Verdict::Surplus)),
        (EventKind::PaymentLate, verdicts(Verdict::Late)),
        (EventKind::PaymentMismatch, verdicts(Verdict::Mismatch)),
        (EventKind::AttemptCreated, ledger.attempts.len()),
        (EventKind::FriendLinkCreated, ledger.friend_links.len()),
        (EventKind::RefundSucceeded, ends(RefundStatus::Succeeded)),
        (EventKind::RefundFailed, ends(RefundStatus::Failed)),
    ];
    for (kind, times) in happened {
        let told = book.history.iter().filter(|(_, told)| *told == kind).count();
        findings.expect(told == times, "the history tells what happened, once", || {
            format!("{} told {told} times, happened {times} times", kind.as_str())
        });
    }
    let is_told = |kind| book.history.iter().any(|(_, told)| *told == kind);
    let ended = match ledger.order.status {
        OrderStatus::Expired => is_told(EventKind::OrderExpired),
        OrderStatus::Cancelled => is_told(EventKind::OrderCancelled),
        OrderStatus::Pending | OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded => true,
    };
    findings.expect(ended, "the history tells how the order ended", || ledger.order.status.to_string());
}
