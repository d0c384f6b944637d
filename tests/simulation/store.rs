//! The store port over the shelf, with the faults that a real store has.

use std::sync::Arc;

use async_trait::async_trait;

use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::order::Order;
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::ports::store::{
    Change, EventQuery, EventRecord, KeptAnswer, Lease, LedgerKey, OrderQuery, Store, StoreError, Stray,
};

use super::audit;
use super::scene::{Scene, State};

/// One instance's connection to the shared store.
pub struct SimulatedStore {
    /// The world.
    pub scene: Arc<Scene>,
}

fn down() -> StoreError {
    StoreError::Unavailable("simulated".to_owned())
}

/// Does the work of one transaction, or not, and answers truly, or not.
fn transaction<T>(state: &mut State, work: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
    if state.strikes(state.faults.store_down) {
        state.count("store: unavailable");
        return Err(down());
    }
    let done = work(state)?;
    if state.strikes(state.faults.store_unknown) {
        state.count("store: done, answer lost");
        state.say(|| "the store did the work, but its answer is lost".to_owned());
        return Err(down());
    }
    Ok(done)
}

fn commit(state: &mut State, change: &Change) -> Result<(), StoreError> {
    if change.before.is_some() && state.strikes(state.faults.store_conflict) {
        state.count("store: conflict made up");
        return Err(StoreError::Conflict);
    }
    let result = state.shelf.commit(change);
    match &result {
        Ok(before) => audit::commit(state, before.as_ref(), change),
        Err(StoreError::Conflict) => state.count("store: conflict"),
        Err(StoreError::LeaseLost) => state.count("store: stale lease refused"),
        Err(StoreError::AnswerKept) => state.count("store: answer kept already"),
        Err(_) => {}
    }
    if let Err(error) = &result {
        state.say(|| format!("{} not committed: {error}", change.after.order.id));
    }
    result.map(drop)
}

impl SimulatedStore {
    async fn call<T>(&self, work: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.scene.turn().await;
        let result = self.scene.with(|state| transaction(state, work));
        self.scene.turn().await;
        result
    }
}

#[async_trait]
impl Store for SimulatedStore {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.call(move |state| commit(state, &change)).await
    }

    async fn ledger(&self, key: LedgerKey) -> Result<Option<Ledger>, StoreError> {
        self.call(move |state| Ok(state.shelf.find(&key).map(|stored| stored.ledger.clone()))).await
    }

    async fn orders(&self, query: OrderQuery) -> Result<Vec<Order>, StoreError> {
        let mine = move |order: &&Order| order.merchant == query.merchant;
        self.call(move |state| {
            Ok(state.shelf.orders.values().map(|stored| &stored.ledger.order).filter(mine).cloned().collect())
        })
        .await
    }

    async fn events(&self, query: EventQuery) -> Result<Vec<EventRecord>, StoreError> {
        self.call(move |state| {
            let stored = query.order.and_then(|order| state.shelf.orders.get(&order));
            Ok(stored.map(|stored| stored.events.clone()).unwrap_or_default())
        })
        .await
    }

    async fn kept_answer(
        &self,
        merchant: &MerchantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        self.call(|state| Ok(state.shelf.kept(merchant, key, now).cloned())).await
    }

    async fn keep_answer(&self, answer: KeptAnswer) -> Result<(), StoreError> {
        self.call(move |state| state.shelf.keep(answer)).await
    }

    async fn claim_due(&self, now: Timestamp, span: Span, limit: usize) -> Result<Vec<Lease>, StoreError> {
        self.call(move |state| Ok(state.shelf.claim(now, span, limit))).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.call(move |state| {
            state.shelf.release(lease);
            Ok(())
        })
        .await
    }

    async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.call(|state| Ok(state.shelf.next_due_at())).await
    }

    async fn keep_stray(&self, stray: Stray) -> Result<(), StoreError> {
        self.call(move |state| {
            state.count("stray kept");
            state.shelf.strays.push(stray);
            Ok(())
        })
        .await
    }

    async fn forget_old_answers(&self, _now: Timestamp) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.call(|_| Ok(())).await
    }
}
