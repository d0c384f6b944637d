//! Giving money back: by itself when it is not ours to keep, and by the merchant's wish.

use super::Ledger;
use crate::domain::event::{About, EventKind};
use crate::domain::id::{PaymentId, RefundId};
use crate::domain::order_state::{self, Input};
use crate::domain::payment::Verdict;
use crate::domain::refund::{Refund, RefundKind, RefundStatus};
use crate::domain::schedule;
use crate::domain::time::Timestamp;

/// Why a merchant's refund is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundRefused {
    /// The order has no winning payment.
    NotPaid,
    /// Together with the refunds that are pending or done it would exceed what was paid.
    ExceedsPayment,
    /// This payment goes back by itself, or has gone back, or is the one that paid the order.
    NotReturnable,
}

impl Ledger {
    /// Records the refund of a payment that is not ours to keep; the wallet is to be asked at once.
    pub(super) fn give_back(&mut self, payment: PaymentId, refund: RefundId, kind: RefundKind, now: Timestamp) {
        let Some(stored) = self.payments.iter_mut().find(|candidate| candidate.id == payment) else { return };
        stored.refund = Some(refund);
        let (wallet, amount, currency) = (stored.proven.wallet, stored.proven.amount, stored.proven.currency.clone());
        self.refunds.push(Refund {
            id: refund,
            payment,
            wallet,
            amount,
            currency,
            kind,
            reason: None,
            status: RefundStatus::Pending,
            created_at: now,
            tries: 0,
            next_try_at: Some(now),
        });
    }

    /// Records a merchant's refund of the winning payment; `amount` `None`: whatever is left.
    ///
    /// # Errors
    /// [`RefundRefused`]; pending and succeeded merchant refunds together never exceed what was paid.
    pub fn ask_refund(
        &mut self,
        id: RefundId,
        amount: Option<i64>,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<RefundId, RefundRefused> {
        order_state::next(self.order.status, Input::AskRefund).map_err(|_| RefundRefused::NotPaid)?;
        let winner = self.order.winner.ok_or(RefundRefused::NotPaid)?;
        let paid = self.payment(winner.payment).ok_or(RefundRefused::NotPaid)?;
        let left = paid.proven.amount.saturating_sub(self.merchant_refunds(|status| status != RefundStatus::Failed));
        let amount = amount.unwrap_or(left);
        if amount < 1 || amount > left {
            return Err(RefundRefused::ExceedsPayment);
        }
        let currency = paid.proven.currency.clone();
        self.refunds.push(Refund {
            id,
            payment: winner.payment,
            wallet: winner.wallet,
            amount,
            currency,
            kind: RefundKind::Merchant,
            reason,
            status: RefundStatus::Pending,
            created_at: now,
            tries: 0,
            next_try_at: Some(now),
        });
        Ok(id)
    }

    /// Gives back a payment that is not ours to keep and that no rule gives back by itself: a mismatch, or a surplus or late payment
    /// whose own refund the wallet refused.
    ///
    /// # Errors
    /// [`RefundRefused::NotReturnable`] for the winner, and for a payment whose refund is under way or done.
    pub fn return_payment(
        &mut self,
        payment: PaymentId,
        refund: RefundId,
        now: Timestamp,
    ) -> Result<RefundId, RefundRefused> {
        let stored = self.payment(payment).ok_or(RefundRefused::NotReturnable)?;
        let under_way =
            stored.refund.and_then(|id| self.refund(id)).is_some_and(|refund| refund.status != RefundStatus::Failed);
        let kind = match stored.verdict {
            Verdict::Winner => return Err(RefundRefused::NotReturnable),
            Verdict::Surplus => RefundKind::Surplus,
            Verdict::Late => RefundKind::Late,
            Verdict::Mismatch => RefundKind::Mismatch,
        };
        if under_way {
            return Err(RefundRefused::NotReturnable);
        }
        self.give_back(payment, refund, kind, now);
        Ok(refund)
    }

    fn merchant_refunds(&self, counts: impl Fn(RefundStatus) -> bool) -> i64 {
        let mine = self.refunds.iter().filter(|refund| refund.kind == RefundKind::Merchant && counts(refund.status));
        mine.map(|refund| refund.amount).sum()
    }

    /// Notes that the wallet was asked for a refund and has not finished it.
    pub fn refund_pushed(&mut self, id: RefundId, now: Timestamp) {
        if let Some(refund) =
            self.refunds.iter_mut().find(|refund| refund.id == id && refund.status == RefundStatus::Pending)
        {
            refund.next_try_at = Some(now + schedule::refund_wait(refund.tries));
            refund.tries += 1;
        }
    }

    /// Ends a pending refund. A refund that has its end keeps it.
    pub fn end_refund(&mut self, id: RefundId, status: RefundStatus, now: Timestamp) {
        let pending = self.refunds.iter_mut().find(|refund| refund.id == id && refund.status == RefundStatus::Pending);
        let Some(refund) = pending else { return };
        refund.status = status;
        refund.next_try_at = None;
        refund.tries += 1;
        let kind = refund.kind;
        match status {
            RefundStatus::Succeeded => self.happen(EventKind::RefundSucceeded, now, About::Refund(id)),
            RefundStatus::Failed => self.happen(EventKind::RefundFailed, now, About::Refund(id)),
            RefundStatus::Pending => {}
        }
        if kind == RefundKind::Merchant && status == RefundStatus::Succeeded {
            self.count_merchant_refund(id, now);
        }
    }

    fn count_merchant_refund(&mut self, id: RefundId, now: Timestamp) {
        let back = self.merchant_refunds(|status| status == RefundStatus::Succeeded);
        let everything = back >= self.order.request.money.amount.minor_units();
        if let Ok((status, _)) = order_state::next(self.order.status, Input::Refunded { everything }) {
            self.order.status = status;
            self.order.amount_refunded = back;
            self.view_changed();
            self.happen(EventKind::OrderRefunded, now, About::Refund(id));
        }
    }
}
