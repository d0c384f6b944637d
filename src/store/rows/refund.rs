//! The row of a refund.

use uuid::Uuid;

use super::{IdBytes, Unreadable, millis, moment, narrow, word};
use crate::domain::id::{PaymentId, RefundId};
use crate::domain::refund::Refund;
use crate::domain::time::Timestamp;

/// A refund as it is stored, without the order it belongs to.
#[derive(Debug)]
pub(in crate::store) struct RefundRow {
    pub id: IdBytes,
    pub payment: IdBytes,
    pub wallet: String,
    pub amount: i64,
    pub currency: String,
    pub kind: String,
    pub reason: Option<String>,
    pub created_at: i64,
    pub status: String,
    pub tries: i64,
    pub next_try_at: Option<i64>,
}

impl RefundRow {
    pub fn of(refund: &Refund) -> Self {
        Self {
            id: refund.id.uuid().into_bytes(),
            payment: refund.payment.uuid().into_bytes(),
            wallet: refund.wallet.as_str().to_owned(),
            amount: refund.amount,
            currency: refund.currency.clone(),
            kind: refund.kind.as_str().to_owned(),
            reason: refund.reason.clone(),
            created_at: refund.created_at.millis(),
            status: refund.status.as_str().to_owned(),
            tries: i64::from(refund.tries),
            next_try_at: millis(refund.next_try_at),
        }
    }

    pub fn into_refund(self) -> Result<Refund, Unreadable> {
        Ok(Refund {
            id: RefundId::new(Uuid::from_bytes(self.id)),
            payment: PaymentId::new(Uuid::from_bytes(self.payment)),
            wallet: word(&self.wallet, "refunds.wallet")?,
            amount: self.amount,
            currency: self.currency,
            kind: word(&self.kind, "refunds.kind")?,
            reason: self.reason,
            status: word(&self.status, "refunds.status")?,
            created_at: Timestamp::from_millis(self.created_at),
            tries: narrow(self.tries, "refunds.tries")?,
            next_try_at: moment(self.next_try_at),
        })
    }

    /// Whether the second is the first with nothing changed but what an update writes.
    pub fn may_become(before: &Refund, after: &Refund) -> bool {
        let progressed =
            Refund { status: after.status, tries: after.tries, next_try_at: after.next_try_at, ..before.clone() };
        progressed == *after
    }
}
