//! Giving money back: recording the wish, and pushing it until the wallet says how it ended.

use super::answer::{Answer, Once};
use super::refusal::Refusal;
use super::{Services, Terms};
use crate::domain::id::{OrderId, PaymentId, RefundId};
use crate::domain::ledger::Ledger;
use crate::domain::merchant::MerchantId;
use crate::domain::refund::RefundStatus;
use crate::domain::time::Timestamp;
use crate::drill::{crash_point, is_planted};
use crate::ports::store::{Lease, LedgerKey};
use crate::ports::wallet::{NewRefund, RefundState, WalletError};
use crate::wire::refund::{RefundJson, RefundWish};

impl Services {
    /// Records a merchant's refund; the wallet is asked right after.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPaid`], [`Refusal::RefundExceedsPayment`], [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn refund_order(
        &self,
        merchant: &MerchantId,
        order: OrderId,
        wish: RefundWish,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let decide = |ledger: &mut Ledger, now: Timestamp| {
            let id = RefundId::new(self.entropy.uuid(now));
            ledger.ask_refund(id, wish.amount, wish.reason.clone(), now).map_err(Refusal::from)
        };
        self.answer_refund(self.by_id(order), merchant, once, decide).await
    }

    /// Gives back a payment that no rule gives back by itself.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotReturnable`], [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn return_payment(
        &self,
        merchant: &MerchantId,
        payment: PaymentId,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let decide = |ledger: &mut Ledger, now: Timestamp| {
            let id = RefundId::new(self.entropy.uuid(now));
            ledger.return_payment(payment, id, now).map_err(Refusal::from)
        };
        self.answer_refund(LedgerKey::Payment(payment), merchant, once, decide).await
    }

    async fn answer_refund(
        &self,
        key: LedgerKey,
        merchant: &MerchantId,
        once: Option<&Once>,
        decide: impl Fn(&mut Ledger, Timestamp) -> Result<RefundId, Refusal>,
    ) -> Result<Answer, Refusal> {
        let terms = Terms { merchant: Some(merchant), once, lease: None };
        let respond = |ledger: &Ledger, id: &RefundId, _: Timestamp| {
            ledger.refund(*id).map(|refund| Answer::of(201, &RefundJson::of(refund, ledger)))
        };
        let changed = self.change(key, terms, decide, respond).await;
        let answer = changed.and_then(|changed| changed.answer.ok_or(Refusal::NotFound));
        self.or_kept(answer, once).await
    }

    /// Asks the wallet for a pending refund, or how it went. The number is fixed, so asking again is harmless.
    pub(crate) async fn push_refund(&self, ledger: &Ledger, id: RefundId, lease: Lease) -> Result<(), Refusal> {
        let Some(refund) = ledger.refund(id) else { return Ok(()) };
        let Some(payment) = ledger.payment(refund.payment) else { return Ok(()) };
        let gateway = self.gateway(&ledger.order.merchant, refund.wallet)?;
        let refund_no = match is_planted("a new refund number on each try") {
            true => self.entropy.alphanumeric(32),
            false => refund.refund_no(),
        };
        let asked = NewRefund {
            refund_no,
            trade_no: payment.proven.trade_no.clone(),
            transaction_id: payment.proven.transaction_id.clone(),
            amount: refund.amount,
            paid: payment.proven.amount,
            currency: refund.currency.clone(),
            reason: refund.reason.clone(),
        };
        crash_point("refund.before");
        let state = gateway.refund(&asked).await;
        crash_point("refund.after");
        if let Err(error) = &state {
            tracing::warn!(order = %ledger.order.id, refund = %id, %error, "a wallet did not take a refund");
        }
        let noted = self.amend(self.by_id(ledger.order.id), Some(lease), |ledger, now| {
            match &state {
                Ok(RefundState::Succeeded) => ledger.end_refund(id, RefundStatus::Succeeded, now),
                Ok(RefundState::Refused) | Err(WalletError::Refused(_)) => {
                    ledger.end_refund(id, RefundStatus::Failed, now)
                }
                Ok(RefundState::Processing) | Err(WalletError::Unknown(_) | WalletError::Later(_)) => {
                    ledger.refund_pushed(id, now);
                }
            }
            Ok(())
        });
        noted.await.map(|_| ())
    }
}
