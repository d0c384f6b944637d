//! The row of a payment.

use uuid::Uuid;

use super::{IdBytes, Unreadable, trade_no, word};
use crate::domain::id::{AttemptId, PaymentId, RefundId};
use crate::domain::payment::{Payment, ProvenPayment};
use crate::domain::time::Timestamp;

/// A payment as it is stored, without the order it belongs to.
#[derive(Debug)]
pub(in crate::store) struct PaymentRow {
    pub id: IdBytes,
    pub attempt: IdBytes,
    pub wallet: String,
    pub account: String,
    pub trade_no: String,
    pub transaction_id: String,
    pub amount: i64,
    pub currency: String,
    pub paid_at: i64,
    pub heard_at: i64,
    pub verdict: String,
    pub refund: Option<IdBytes>,
}

impl PaymentRow {
    pub fn of(payment: &Payment) -> Self {
        let proven = &payment.proven;
        Self {
            id: payment.id.uuid().into_bytes(),
            attempt: payment.attempt.uuid().into_bytes(),
            wallet: proven.wallet.as_str().to_owned(),
            account: proven.account.clone(),
            trade_no: proven.trade_no.as_str().to_owned(),
            transaction_id: proven.transaction_id.clone(),
            amount: proven.amount,
            currency: proven.currency.clone(),
            paid_at: proven.paid_at.millis(),
            heard_at: payment.heard_at.millis(),
            verdict: payment.verdict.as_str().to_owned(),
            refund: payment.refund.map(|refund| refund.uuid().into_bytes()),
        }
    }

    pub fn into_payment(self) -> Result<Payment, Unreadable> {
        Ok(Payment {
            id: PaymentId::new(Uuid::from_bytes(self.id)),
            attempt: AttemptId::new(Uuid::from_bytes(self.attempt)),
            proven: ProvenPayment {
                wallet: word(&self.wallet, "payments.wallet")?,
                account: self.account,
                trade_no: trade_no(&self.trade_no, "payments.trade_no")?,
                transaction_id: self.transaction_id,
                amount: self.amount,
                currency: self.currency,
                paid_at: Timestamp::from_millis(self.paid_at),
            },
            heard_at: Timestamp::from_millis(self.heard_at),
            verdict: word(&self.verdict, "payments.verdict")?,
            refund: self.refund.map(|refund| RefundId::new(Uuid::from_bytes(refund))),
        })
    }

    /// Whether the second is the first with nothing changed but its refund. The rest is a fact.
    pub fn may_become(before: &Payment, after: &Payment) -> bool {
        Payment { refund: after.refund, ..before.clone() } == *after
    }
}
