//! A refund on the wire.

use crate::wire::words::{RefundKindWord, RefundStatusWord, WalletWord};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::{self, Fields};
use super::json::Json;
use super::problem::FieldError;
use super::time::rfc3339;
use crate::domain::ledger::Ledger;
use crate::domain::money::Amount;
use crate::domain::refund::Refund;
use crate::domain::text;

/// A refund.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundJson {
    /// Identifier: `rfd_` and 32 hexadecimal digits.
    pub id: String,
    /// Its order.
    pub order_id: String,
    /// The payment whose money goes back.
    pub payment_id: String,
    /// The wallet it goes back through.
    #[schema(value_type = WalletWord)]
    pub wallet: &'static str,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// `pending`, `succeeded` or `failed`.
    #[schema(value_type = RefundStatusWord)]
    pub status: &'static str,
    /// The merchant's words.
    #[schema(required)]
    pub reason: Option<String>,
    /// `merchant`, `surplus`, `late` or `mismatch`.
    #[schema(value_type = RefundKindWord)]
    pub kind: &'static str,
    /// When it was decided.
    pub created_at: String,
    /// Whether it is simulated.
    pub sandbox: bool,
}

impl RefundJson {
    /// A refund of this ledger.
    #[must_use]
    pub fn of(refund: &Refund, ledger: &Ledger) -> Self {
        Self {
            id: refund.id.to_string(),
            order_id: ledger.order.id.to_string(),
            payment_id: refund.payment.to_string(),
            wallet: refund.wallet.as_str(),
            amount: refund.amount,
            currency: refund.currency.clone(),
            status: refund.status.as_str(),
            reason: refund.reason.clone(),
            kind: refund.kind.as_str(),
            created_at: rfc3339(refund.created_at),
            sandbox: ledger.order.sandbox,
        }
    }
}

/// What a merchant wants given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundWish {
    /// In minor units; `None`: whatever is left.
    pub amount: Option<i64>,
    /// His words, 1–80 characters.
    pub reason: Option<String>,
}

impl RefundWish {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Every bad field.
    pub fn read(body: Json) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let amount = fields.optional("amount", |value| fields::integer(value, 1, Amount::MAX));
        let reason =
            fields.optional("reason", |value| text::line(&fields::text(value)?, 80).map_err(|error| error.to_string()));
        fields.finish(Some(Self { amount, reason }))
    }
}

/// Reads a body that must have no members.
///
/// # Errors
/// Every member it has.
pub fn read_nothing(body: Json) -> Result<(), Vec<FieldError>> {
    Fields::of(body)?.finish(Some(()))
}
