//! What a trade of a simulated wallet holds, for the audit: the wallet's own word about payments and refunds.

use super::shelf;
use crate::domain::merchant::MerchantId;
use crate::domain::wallet::Wallet;
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradePage;

/// The money that moved in one trade, by the wallet's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Whose trade it is.
    pub merchant: MerchantId,
    /// At which wallet.
    pub wallet: Wallet,
    /// Each payment's transaction number and amount in minor units.
    pub payments: Vec<(String, i64)>,
    /// Each refund's number, the transaction it is of, and its amount in minor units.
    pub refunds: Vec<(String, String, i64)>,
}

impl Tally {
    /// Reads a page of the trade book.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is no record of a simulated wallet.
    pub fn of(page: &TradePage) -> Result<Self, StoreError> {
        let trade = shelf::open(page)?;
        let payments = trade.transactions.into_iter().map(|paid| (paid.transaction_id, paid.amount));
        let refunds = trade.refunds.into_iter().map(|refund| (refund.refund_no, refund.transaction_id, refund.amount));
        Ok(Self {
            merchant: trade.merchant,
            wallet: trade.wallet,
            payments: payments.collect(),
            refunds: refunds.collect(),
        })
    }
}
