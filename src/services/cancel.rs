//! Cancelling an order: the wallets close first, and what they answer is heard.

use super::answer::{Answer, Once};
use super::refusal::Refusal;
use super::{Services, Terms};
use crate::domain::id::OrderId;
use crate::domain::ledger::Ledger;
use crate::domain::merchant::MerchantId;
use crate::domain::order::OrderStatus;
use crate::domain::time::Timestamp;
use crate::drill::crash_point;

impl Services {
    /// Cancels an order for its merchant.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPending`], also when a wallet answers that it has just been paid; [`Refusal::NotFound`],
    /// [`Refusal::Unavailable`].
    pub async fn cancel_order(
        &self,
        merchant: &MerchantId,
        order: OrderId,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let ledger = self.read(self.by_id(order)).await?;
        if ledger.order.merchant != *merchant {
            return Err(Refusal::NotFound);
        }
        if ledger.order.status != OrderStatus::Pending {
            return Err(Refusal::OrderNotPending);
        }
        self.close_everything(order, None).await?;
        crash_point("cancel.closed");
        let terms = Terms { merchant: Some(merchant), once, lease: None };
        let decide = |ledger: &mut Ledger, now: Timestamp| {
            ledger.cancel(now)?;
            self.full_order(200, &ledger.order)
        };
        let changed = self.change(self.by_id(order), terms, decide, |_, answer, _| Some(answer.clone())).await;
        self.or_kept(changed.map(|changed| changed.outcome), once).await
    }

    /// Cancels an order for its buyer.
    ///
    /// # Errors
    /// As [`Services::cancel_order`].
    pub async fn cancel_by_buyer(&self, ledger: &Ledger) -> Result<(), Refusal> {
        self.cancel_order(&ledger.order.merchant, ledger.order.id, None).await.map(|_| ())
    }
}
