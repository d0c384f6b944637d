//! What a simulated wallet writes in the body of a notice.

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::kept;
use super::trade::Transaction;
use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::payment::ProvenPayment;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::ports::wallet::{Notice, Unproven};

/// The body, as JSON. Unknown, missing and repeated fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeBody {
    /// The same for every repetition of one notice.
    pub notice_id: String,
    /// Whose account it speaks of, …
    #[serde(with = "kept")]
    pub merchant: MerchantId,
    /// … at which wallet, …
    #[serde(with = "kept")]
    pub wallet: Wallet,
    /// … and how the wallet calls it.
    pub account: String,
    /// The merchant's number for the trade.
    #[serde(with = "kept")]
    pub trade_no: TradeNo,
    /// What happened.
    pub event: NoticeEvent,
}

/// What a notice tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum NoticeEvent {
    /// The trade was paid.
    Payment {
        /// The wallet's number for the payment.
        transaction_id: String,
        /// Minor units.
        amount: i64,
        /// ISO 4217.
        currency: String,
        /// The wallet's payment time, milliseconds since 1970.
        #[serde(with = "kept")]
        paid_at: Timestamp,
    },
    /// The payer tried, and it failed.
    Failed {},
}

impl NoticeEvent {
    /// Tells of this transaction.
    pub(super) fn payment(transaction: &Transaction) -> Self {
        Self::Payment {
            transaction_id: transaction.transaction_id.clone(),
            amount: transaction.amount,
            currency: transaction.currency.as_str().to_owned(),
            paid_at: transaction.paid_at,
        }
    }
}

/// Reads a body whose signature was proven. It must speak of this very account: a good signature of another one is worth nothing here.
pub(super) fn read(account: &Account, body: &[u8]) -> Result<Notice, Unproven> {
    let body: NoticeBody = serde_json::from_slice(body).map_err(|_| Unproven::Unreadable)?;
    if body.merchant != account.merchant || body.wallet != account.wallet || body.account != account.name() {
        return Err(Unproven::NotProven);
    }
    Ok(match body.event {
        NoticeEvent::Payment { transaction_id, amount, currency, paid_at } => Notice::Paid(ProvenPayment {
            wallet: body.wallet,
            account: body.account,
            trade_no: body.trade_no,
            transaction_id,
            amount,
            currency,
            paid_at,
        }),
        NoticeEvent::Failed {} => Notice::Failed(body.trade_no),
    })
}
