//! The trades of the sandbox on their shelf, the trade book: reading one, and changing one against everybody else who changes it.

use std::sync::Arc;

use super::trade::Trade;
use crate::domain::attempt::TradeNo;
use crate::ports::store::StoreError;
use crate::ports::trade_book::{TradeBook, TradePage};

/// How often a change is decided anew when others were faster. Each round somebody wins, so this many can meet at one trade.
const ROUNDS: usize = 32;

/// All trades, of whichever account.
#[derive(Clone)]
pub(super) struct Shelf(Arc<dyn TradeBook>);

impl Shelf {
    pub(super) fn new(book: Arc<dyn TradeBook>) -> Self {
        Self(book)
    }

    /// The book below.
    pub(super) fn book(&self) -> &dyn TradeBook {
        self.0.as_ref()
    }

    /// The trade of this number.
    pub(super) async fn read(&self, trade_no: &TradeNo) -> Result<Option<Trade>, StoreError> {
        self.0.trade(trade_no).await?.as_ref().map(open).transpose()
    }

    /// Reads a trade, lets `decide` change it (or make it), and writes it if it differs. When this answers `Ok`, the change is
    /// durable. `decide` is asked again when somebody else changed the trade meanwhile.
    pub(super) async fn change<Answer: Send>(
        &self,
        trade_no: &TradeNo,
        mut decide: impl FnMut(&mut Option<Trade>) -> Answer + Send,
    ) -> Result<Answer, StoreError> {
        for _ in 0..ROUNDS {
            let page = self.0.trade(trade_no).await?;
            let before = page.as_ref().map(open).transpose()?;
            let mut after = before.clone();
            let answer = decide(&mut after);
            let Some(trade) = after.filter(|trade| before.as_ref() != Some(trade)) else { return Ok(answer) };
            let version = page.map_or(0, |page| page.version);
            match self.0.write_trade(close(&trade, version)?).await {
                Ok(()) => return Ok(answer),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }
}

/// Reads a page.
pub(super) fn open(page: &TradePage) -> Result<Trade, StoreError> {
    serde_json::from_slice(&page.body)
        .map_err(|error| StoreError::Unavailable(format!("a sandbox trade cannot be read: {error}")))
}

fn close(trade: &Trade, version: u64) -> Result<TradePage, StoreError> {
    let body = serde_json::to_vec(trade)
        .map_err(|error| StoreError::Unavailable(format!("a sandbox trade cannot be written: {error}")))?;
    Ok(TradePage { trade_no: trade.trade_no.clone(), version, due_at: trade.due_at(), body })
}
