//! The use cases: load, let the domain decide, commit; then tell whoever waits.

pub mod answer;
pub mod ask_friend;
pub mod begin_attempt;
pub mod cancel;
pub mod check_books;
pub mod deliver;
pub mod expire;
pub mod lasting_code;
pub mod live;
pub mod look_up;
pub mod open_order;
pub mod proven_codes;
pub mod reconcile;
pub mod refund;
pub mod refusal;
pub mod settle;
pub mod webhook_endpoints;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::domain::id::{EventId, OrderId};
use crate::domain::ledger::Ledger;
use crate::domain::merchant::{Merchant, MerchantId};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::links::Links;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::store::{Change, EventRecord, KeptAnswer, Lease, LedgerKey, Store, StoreError};
use crate::ports::wallet::{WalletDirectory, WalletGateway};
use crate::wire::event::EventJson;

use answer::{Answer, Once, Running};
use lasting_code::LastingCodes;
use live::LiveHub;
use proven_codes::ProvenCodes;
use refusal::Refusal;

/// How often a decision is taken again when somebody else committed in between.
const MOST_TRIES: usize = 64;

/// Everything the use cases work with; the ports are filled in by the program's wiring.
pub struct Services {
    /// The store of orders.
    pub store: Arc<dyn Store>,
    /// The merchants' wallets.
    pub wallets: Arc<dyn WalletDirectory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Public addresses.
    pub links: Links,
    /// The merchants by their identifiers.
    pub merchants: BTreeMap<MerchantId, Arc<Merchant>>,
    /// Who watches which order.
    pub live: LiveHub,
    /// Rung after each commit, so that due work is found at once.
    pub work: Arc<Notify>,
    /// Requests with an idempotency key that are running in this process.
    pub running: Running,
    /// Makes the codes of orders and friend links.
    pub codes: ProvenCodes,
    /// Codes whose pictures were asked for lately.
    pub lasting_codes: LastingCodes,
}

/// Under what a change is made, besides the decision itself.
#[derive(Clone, Copy, Default)]
pub struct Terms<'a> {
    /// The merchant who must own the order; anybody else's is not found.
    pub merchant: Option<&'a MerchantId>,
    /// The request whose answer is to be kept.
    pub once: Option<&'a Once>,
    /// The lease under which work is done.
    pub lease: Option<Lease>,
}

/// A ledger after a change, with what the decision gave.
pub struct Changed<T> {
    /// The ledger as committed.
    pub ledger: Ledger,
    /// The decision's result.
    pub outcome: T,
    /// The answer, when one was made.
    pub answer: Option<Answer>,
}

impl Services {
    /// The merchant of an order. Orders outlive the configuration: one of a merchant who is gone is not served.
    pub(crate) fn merchant(&self, id: &MerchantId) -> Result<&Arc<Merchant>, Refusal> {
        self.merchants.get(id).ok_or(Refusal::NotFound)
    }

    pub(crate) fn gateway(&self, merchant: &MerchantId, wallet: Wallet) -> Result<&dyn WalletGateway, Refusal> {
        self.wallets.gateway(merchant, wallet).ok_or(Refusal::WalletNotAllowed)
    }

    /// Reads one ledger.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn read(&self, key: LedgerKey) -> Result<Ledger, Refusal> {
        self.store.ledger(key).await?.ok_or(Refusal::NotFound)
    }

    /// Changes one ledger: reads it, lets `decide` change it, makes the answer, commits all of it together. Taken again from
    /// the start when somebody else committed in between, so `decide` must have no effects of its own.
    pub(crate) async fn change<T>(
        &self,
        key: LedgerKey,
        terms: Terms<'_>,
        decide: impl Fn(&mut Ledger, Timestamp) -> Result<T, Refusal>,
        respond: impl Fn(&Ledger, &T, Timestamp) -> Option<Answer>,
    ) -> Result<Changed<T>, Refusal> {
        for _ in 0..MOST_TRIES {
            let before = self.read(key.clone()).await?;
            if terms.merchant.is_some_and(|merchant| *merchant != before.order.merchant) {
                return Err(Refusal::NotFound);
            }
            let now = self.clock.now();
            let mut after = before.clone();
            let outcome = decide(&mut after, now)?;
            let answer = respond(&after, &outcome, now);
            let kept = terms.once.zip(answer.as_ref()).map(|(once, answer)| once.keep(answer, now));
            match self.commit(Some(before), after, kept, terms.lease, now).await {
                Ok(ledger) => return Ok(Changed { ledger, outcome, answer }),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Unavailable("the order kept changing".to_owned()))
    }

    /// Changes one ledger without an answer to keep.
    pub(crate) async fn amend<T>(
        &self,
        key: LedgerKey,
        lease: Option<Lease>,
        decide: impl Fn(&mut Ledger, Timestamp) -> Result<T, Refusal>,
    ) -> Result<Changed<T>, Refusal> {
        self.change(key, Terms { lease, ..Terms::default() }, decide, |_, _, _| None).await
    }

    /// Writes a ledger with its news and rings everybody who waits for it.
    pub(crate) async fn commit(
        &self,
        before: Option<Ledger>,
        mut after: Ledger,
        answer: Option<KeptAnswer>,
        lease: Option<Lease>,
        now: Timestamp,
    ) -> Result<Ledger, StoreError> {
        if before.as_ref() == Some(&after) {
            if let Some(answer) = answer {
                self.store.keep_answer(answer).await?;
            }
            return Ok(after);
        }
        let events = self.write_out(&after, now)?;
        self.store.commit(Change { before, after: after.clone(), events, answer, lease }).await?;
        after.news.clear();
        after.order.version += 1;
        self.live.changed(after.order.id);
        self.work.notify_one();
        Ok(after)
    }

    fn write_out(&self, ledger: &Ledger, now: Timestamp) -> Result<Vec<EventRecord>, StoreError> {
        let record = |happening: &crate::domain::event::Happening| {
            let id = EventId::new(self.entropy.uuid(now));
            let body = serde_json::to_vec(&EventJson::of(id, happening, ledger))
                .map_err(|error| StoreError::Unavailable(format!("an event cannot be written: {error}")))?;
            Ok(EventRecord { id, seq: happening.seq, kind: happening.kind, at: happening.at, body })
        };
        ledger.news.iter().map(record).collect()
    }

    pub(crate) fn by_id(&self, id: OrderId) -> LedgerKey {
        LedgerKey::Order(id)
    }
}
