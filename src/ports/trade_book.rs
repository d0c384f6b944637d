//! Where the simulated wallets keep their trades, as real wallets keep theirs: apart from our orders.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::attempt::TradeNo;
use crate::domain::time::Timestamp;

/// A trade of a simulated wallet, as the wallet wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradePage {
    /// The trade number it is kept under.
    pub trade_no: TradeNo,
    /// Counts writes; 0 for a trade that was never written.
    pub version: u64,
    /// When the wallet wants to be woken for it.
    pub due_at: Option<Timestamp>,
    /// The wallet's own record.
    pub body: Vec<u8>,
}

/// Keeps trades durably.
#[async_trait]
pub trait TradeBook: Send + Sync {
    /// The trade of this number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<TradePage>, StoreError>;

    /// Writes a trade if its stored version is still `page.version` (0: not stored yet); it is one higher afterwards.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not, [`StoreError::Unavailable`].
    async fn write_trade(&self, page: TradePage) -> Result<(), StoreError>;

    /// Trades that want to be woken by now, soonest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn due_trades(&self, now: Timestamp, limit: usize) -> Result<Vec<TradePage>, StoreError>;
}
