//! What the checks need of a store: a fresh one, and the same one closed and opened again.

use std::sync::Arc;

use pay_handoff::ports::outbox::Outbox;
use pay_handoff::ports::store::Store;
use pay_handoff::ports::trade_book::TradeBook;

/// A store of its own for one check, gone with it.
pub trait Bed: Sized {
    /// The store under test.
    type Kept: Store + Outbox + TradeBook + 'static;

    /// An empty store.
    async fn fresh() -> Self;

    /// The store, to be shared among tasks.
    fn store(&self) -> Arc<Self::Kept>;

    /// Closes the store and opens what it kept. Nobody may hold it any more.
    async fn reopened(self) -> Self;
}
