//! Reading for the merchant: lists and single things, only his own.

use super::Services;
use super::refusal::Refusal;
use crate::domain::id::OrderId;
use crate::domain::ledger::Ledger;
use crate::domain::merchant::MerchantId;
use crate::domain::order::Order;
use crate::ports::store::{EventQuery, EventRecord, OrderQuery};

impl Services {
    /// An order of this merchant with everything that happened to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for another merchant's; [`Refusal::Unavailable`].
    pub async fn merchant_ledger(&self, merchant: &MerchantId, order: OrderId) -> Result<Ledger, Refusal> {
        let ledger = self.read(self.by_id(order)).await?;
        if ledger.order.merchant == *merchant { Ok(ledger) } else { Err(Refusal::NotFound) }
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn list_orders(&self, query: OrderQuery) -> Result<Vec<Order>, Refusal> {
        Ok(self.store.orders(query).await?)
    }

    /// Events, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NoSuchEvent`], [`Refusal::Unavailable`].
    pub async fn list_events(&self, query: EventQuery) -> Result<Vec<EventRecord>, Refusal> {
        Ok(self.store.events(query).await?)
    }
}
