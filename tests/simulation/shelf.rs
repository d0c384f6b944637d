//! The simulated store's contents and its promises: version check, uniqueness, leases with fences, kept answers.

use std::collections::{BTreeMap, BTreeSet};

use pay_handoff::domain::friend_link::{FriendLink, LinkStatus};
use pay_handoff::domain::id::OrderId;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::payment::ProvenPayment;
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::store::{Change, EventRecord, KeptAnswer, Lease, LedgerKey, StoreError, Stray};

/// How long an answer is kept.
const ANSWER_LIFE: Span = Span::hours(30 * 24);

/// An order as it is stored.
pub struct Stored {
    /// Everything about it.
    pub ledger: Ledger,
    /// Its history.
    pub events: Vec<EventRecord>,
    /// When its next work is due.
    pub due_at: Option<Timestamp>,
    /// Until when it is claimed.
    pub lease_until: Timestamp,
    /// How often it was claimed.
    pub fence: u64,
}

impl Stored {
    /// From when it can be claimed.
    fn claimable_at(&self) -> Option<Timestamp> {
        self.due_at.map(|due| due.max(self.lease_until))
    }
}

/// What makes a payment the same payment.
pub type PaymentKey = (Wallet, String, String);

/// The key of a payment.
pub fn payment_key(proven: &ProvenPayment) -> PaymentKey {
    (proven.wallet, proven.account.clone(), proven.transaction_id.clone())
}

/// Everything that is stored.
#[derive(Default)]
pub struct Shelf {
    /// The orders.
    pub orders: BTreeMap<OrderId, Stored>,
    /// Where each payment is recorded.
    pub payments: BTreeMap<PaymentKey, OrderId>,
    /// Notices that belong to nothing.
    pub strays: Vec<Stray>,
    trades: BTreeMap<(Wallet, String), OrderId>,
    numbers: BTreeMap<(MerchantId, String), OrderId>,
    answers: BTreeMap<(MerchantId, String), KeptAnswer>,
}

impl Shelf {
    /// The order that a key names.
    pub fn find(&self, key: &LedgerKey) -> Option<&Stored> {
        let any = |matches: &dyn Fn(&Ledger) -> bool| self.orders.values().find(|stored| matches(&stored.ledger));
        match key {
            LedgerKey::Order(id) => self.orders.get(id),
            LedgerKey::MerchantOrderNo(merchant, number) => {
                self.orders.get(self.numbers.get(&(merchant.clone(), number.as_str().to_owned()))?)
            }
            LedgerKey::CheckoutToken(token) => any(&|ledger| ledger.order.checkout_token == *token),
            LedgerKey::ScanToken(token) => any(&|ledger| ledger.order.scan_token == *token),
            LedgerKey::FriendToken(token) => {
                let opens = |link: &FriendLink| link.token == *token && link.status != LinkStatus::Revoked;
                any(&|ledger| ledger.friend_links.iter().any(opens))
            }
            LedgerKey::AnyFriendToken(token) => {
                any(&|ledger| ledger.friend_links.iter().any(|link| link.token == *token))
            }
            LedgerKey::FriendLink(id) => any(&|ledger| ledger.friend_link(*id).is_some()),
            LedgerKey::TradeNo(merchant, wallet, trade_no) => {
                let stored = self.orders.get(self.trades.get(&(*wallet, trade_no.as_str().to_owned()))?)?;
                (stored.ledger.order.merchant == *merchant).then_some(stored)
            }
            LedgerKey::Payment(id) => any(&|ledger| ledger.payment(*id).is_some()),
        }
    }

    /// Writes a change, all of it or nothing; gives the ledger that it replaced.
    pub fn commit(&mut self, change: &Change) -> Result<Option<Ledger>, StoreError> {
        self.check(change)?;
        let after = &change.after;
        let id = after.order.id;
        let mut ledger = after.clone();
        ledger.news.clear();
        ledger.order.version += 1;
        for attempt in &after.attempts {
            self.trades.insert((attempt.wallet, attempt.trade_no.as_str().to_owned()), id);
        }
        for payment in &after.payments {
            self.payments.insert(payment_key(&payment.proven), id);
        }
        if let Some(answer) = &change.answer {
            self.answers.insert((answer.merchant.clone(), answer.key.clone()), answer.clone());
        }
        let number = (after.order.merchant.clone(), after.order.request.merchant_order_no.as_str().to_owned());
        self.numbers.insert(number, id);
        let due_at = after.due_at();
        let Some(stored) = self.orders.get_mut(&id) else {
            let (lease_until, fence) = (Timestamp::from_millis(0), 0);
            let events = change.events.clone();
            self.orders.insert(id, Stored { ledger, events, due_at, lease_until, fence });
            return Ok(None);
        };
        stored.events.extend(change.events.iter().cloned());
        stored.due_at = due_at;
        Ok(Some(std::mem::replace(&mut stored.ledger, ledger)))
    }

    fn check(&self, change: &Change) -> Result<(), StoreError> {
        let after = &change.after;
        let id = after.order.id;
        let stored = self.orders.get(&id);
        if let Some(lease) = change.lease
            && (lease.order != id || stored.is_none_or(|stored| stored.fence != lease.fence))
        {
            return Err(StoreError::LeaseLost);
        }
        if let Some(answer) = &change.answer {
            self.can_keep(answer)?;
        }
        match (&change.before, stored) {
            (None, _) => {
                let number = (after.order.merchant.clone(), after.order.request.merchant_order_no.as_str().to_owned());
                if self.numbers.contains_key(&number) {
                    return Err(StoreError::MerchantOrderNoTaken);
                }
            }
            (Some(before), Some(stored)) if stored.ledger.order.version == before.order.version => {}
            (Some(_), _) => return Err(StoreError::Conflict),
        }
        self.check_unique(change)
    }

    fn check_unique(&self, change: &Change) -> Result<(), StoreError> {
        let (known_attempts, known_payments) =
            change.before.as_ref().map_or((0, 0), |before| (before.attempts.len(), before.payments.len()));
        let taken = |trade: &(Wallet, String)| self.trades.contains_key(trade);
        let mut attempts = change.after.attempts.iter().skip(known_attempts);
        if attempts.any(|attempt| taken(&(attempt.wallet, attempt.trade_no.as_str().to_owned()))) {
            return Err(StoreError::Conflict);
        }
        let mut fresh = BTreeSet::new();
        for payment in change.after.payments.iter().skip(known_payments) {
            let key = payment_key(&payment.proven);
            if self.payments.contains_key(&key) || !fresh.insert(key) {
                return Err(StoreError::PaymentKnown(payment.proven.transaction_id.clone()));
            }
        }
        Ok(())
    }

    fn can_keep(&self, answer: &KeptAnswer) -> Result<(), StoreError> {
        match self.kept(&answer.merchant, &answer.key, answer.at) {
            Some(_) => Err(StoreError::AnswerKept),
            None => Ok(()),
        }
    }

    /// The answer kept under a key.
    pub fn kept(&self, merchant: &MerchantId, key: &str, now: Timestamp) -> Option<&KeptAnswer> {
        self.answers.get(&(merchant.clone(), key.to_owned())).filter(|kept| now - kept.at <= ANSWER_LIFE)
    }

    /// Keeps an answer.
    pub fn keep(&mut self, answer: KeptAnswer) -> Result<(), StoreError> {
        self.can_keep(&answer)?;
        self.answers.insert((answer.merchant.clone(), answer.key.clone()), answer);
        Ok(())
    }

    /// Claims due orders, the longest due first.
    pub fn claim(&mut self, now: Timestamp, span: Span, limit: usize) -> Vec<Lease> {
        let due = |stored: &Stored| stored.claimable_at().filter(|at| *at <= now);
        let mut found: Vec<(Timestamp, OrderId)> =
            self.orders.iter().filter_map(|(id, stored)| Some((due(stored)?, *id))).collect();
        found.sort_unstable();
        found.truncate(limit);
        let mut leases = Vec::with_capacity(found.len());
        for (_, order) in found {
            if let Some(stored) = self.orders.get_mut(&order) {
                stored.fence += 1;
                stored.lease_until = now + span;
                leases.push(Lease { order, fence: stored.fence });
            }
        }
        leases
    }

    /// Ends a claim that nobody has taken over.
    pub fn release(&mut self, lease: Lease) {
        if let Some(stored) = self.orders.get_mut(&lease.order).filter(|stored| stored.fence == lease.fence) {
            stored.lease_until = Timestamp::from_millis(0);
        }
    }

    /// When the next order can be claimed.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.orders.values().filter_map(Stored::claimable_at).min()
    }
}
