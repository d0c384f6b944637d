//! A payment attempt on the wire, with the payments that were proven for it.

use crate::wire::words::{AttemptStatusWord, PayerWord, ProductWord, VerdictWord, WalletWord};
use serde::Serialize;
use utoipa::ToSchema;

use super::time::rfc3339;
use crate::domain::attempt::Attempt;
use crate::domain::ledger::Ledger;
use crate::domain::payment::Payment;

/// A proven payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentJson {
    /// Identifier: `pay_` and 32 hexadecimal digits.
    pub id: String,
    /// The wallet's own number for it.
    pub transaction_id: String,
    /// In minor units, as the wallet said it.
    pub amount: i64,
    /// ISO 4217 code, as the wallet said it.
    pub currency: String,
    /// The wallet's payment time.
    pub paid_at: String,
    /// `winner`, `surplus`, `late` or `mismatch`.
    #[schema(value_type = VerdictWord)]
    pub result: &'static str,
    /// The refund that gives it back.
    #[schema(required)]
    pub refund_id: Option<String>,
    /// Whether it is simulated.
    pub sandbox: bool,
}

/// A payment attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttemptJson {
    /// Identifier: `att_` and 32 hexadecimal digits.
    pub id: String,
    /// Its order.
    pub order_id: String,
    /// At which wallet.
    #[schema(value_type = WalletWord)]
    pub wallet: &'static str,
    /// `code`, `in_app` or `browser`.
    #[schema(value_type = ProductWord)]
    pub product: &'static str,
    /// The wallet's number for it.
    pub trade_no: String,
    /// `open`, `closing`, `closed`, `succeeded`, `failed` or `expired`.
    #[schema(value_type = AttemptStatusWord)]
    pub status: &'static str,
    /// `buyer` or `friend`.
    #[schema(value_type = PayerWord)]
    pub payer: &'static str,
    /// The friend link through which it was begun.
    #[schema(required)]
    pub friend_link_id: Option<String>,
    /// When it was begun.
    pub created_at: String,
    /// Until when it can be paid.
    pub expires_at: String,
    /// The payments proven for it.
    pub payments: Vec<PaymentJson>,
    /// Whether it is simulated.
    pub sandbox: bool,
}

impl PaymentJson {
    /// A payment.
    #[must_use]
    pub fn of(payment: &Payment, ledger: &Ledger) -> Self {
        Self {
            id: payment.id.to_string(),
            transaction_id: payment.proven.transaction_id.clone(),
            amount: payment.proven.amount,
            currency: payment.proven.currency.clone(),
            paid_at: rfc3339(payment.proven.paid_at),
            result: payment.verdict.as_str(),
            refund_id: payment.refund.map(|id| id.to_string()),
            sandbox: ledger.order.sandbox,
        }
    }
}

impl AttemptJson {
    /// An attempt of this ledger.
    #[must_use]
    pub fn of(attempt: &Attempt, ledger: &Ledger) -> Self {
        let payments = ledger.payments.iter().filter(|payment| payment.attempt == attempt.id);
        Self {
            id: attempt.id.to_string(),
            order_id: ledger.order.id.to_string(),
            wallet: attempt.wallet.as_str(),
            product: attempt.product.as_str(),
            trade_no: attempt.trade_no.as_str().to_owned(),
            status: attempt.status.as_str(),
            payer: attempt.payer().as_str(),
            friend_link_id: attempt.friend_link.map(|id| id.to_string()),
            created_at: rfc3339(attempt.created_at),
            expires_at: rfc3339(attempt.expires_at),
            payments: payments.map(|payment| PaymentJson::of(payment, ledger)).collect(),
            sandbox: ledger.order.sandbox,
        }
    }
}
