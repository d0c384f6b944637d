//! The trades of the simulated wallets.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::unavailable;
use crate::domain::attempt::TradeNo;
use crate::domain::time::Timestamp;
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradePage;
use crate::store::rows::{Unreadable, narrow, widen};
use crate::store::seal::{Purpose, Sealer};

pub(super) fn trade(connection: &Connection, trade_no: &TradeNo) -> Result<Option<TradePage>, StoreError> {
    let row = connection
        .prepare_cached("SELECT trade_no, version, due_at, body FROM trades WHERE trade_no = ?1")
        .and_then(|mut sql| sql.query_one([trade_no.as_str()], TradeRow::read).optional())
        .map_err(unavailable)?;
    Ok(row.map(TradeRow::into_page).transpose()?)
}

pub(super) fn due_trades(connection: &Connection, now: Timestamp, limit: usize) -> Result<Vec<TradePage>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut sql = connection
        .prepare_cached(
            "SELECT trade_no, version, due_at, body FROM trades WHERE due_at <= ?1 ORDER BY due_at, row LIMIT ?2",
        )
        .map_err(unavailable)?;
    let rows = sql.query_map(params![now.millis(), limit], TradeRow::read).map_err(unavailable)?;
    rows.map(|row| Ok(row.map_err(unavailable)?.into_page()?)).collect()
}

/// Visits every trade, oldest first; their bodies are still sealed.
pub(super) fn each(
    connection: &Connection,
    mut visit: impl FnMut(TradePage) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut sql =
        connection.prepare("SELECT trade_no, version, due_at, body FROM trades ORDER BY row").map_err(unavailable)?;
    let rows = sql.query_map([], TradeRow::read).map_err(unavailable)?;
    for row in rows {
        visit(row.map_err(unavailable)?.into_page()?)?;
    }
    Ok(())
}

/// Version 0 writes a new trade, any other one replaces just that version.
pub(super) fn write_trade(connection: &Connection, page: &TradePage) -> Result<(), StoreError> {
    let due_at = page.due_at.map(Timestamp::millis);
    let written = if page.version == 0 {
        connection
            .prepare_cached(
                "INSERT INTO trades (trade_no, version, due_at, body) VALUES (?, 1, ?, ?) ON CONFLICT (trade_no) DO NOTHING",
            )
            .and_then(|mut sql| sql.execute(params![page.trade_no.as_str(), due_at, page.body]))
    } else {
        connection
            .prepare_cached(
                "UPDATE trades SET version = version + 1, due_at = ?, body = ? WHERE trade_no = ? AND version = ?",
            )
            .and_then(|mut sql| sql.execute(params![due_at, page.body, page.trade_no.as_str(), widen(page.version)]))
    };
    match written.map_err(unavailable)? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// A trade's record tells where its payer returns to, and that address is a permission: it is stored sealed.
pub(super) fn seal(page: TradePage, sealer: &Sealer) -> Result<TradePage, StoreError> {
    let body = sealer.seal(Purpose::Trade, page.trade_no.as_str().as_bytes(), &page.body)?;
    Ok(TradePage { body, ..page })
}

pub(super) fn open(page: TradePage, sealer: &Sealer) -> Result<TradePage, StoreError> {
    let body = sealer.open(Purpose::Trade, page.trade_no.as_str().as_bytes(), &page.body)?;
    Ok(TradePage { body, ..page })
}

struct TradeRow {
    trade_no: String,
    version: i64,
    due_at: Option<i64>,
    body: Vec<u8>,
}

impl TradeRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            trade_no: row.get("trade_no")?,
            version: row.get("version")?,
            due_at: row.get("due_at")?,
            body: row.get("body")?,
        })
    }

    fn into_page(self) -> Result<TradePage, Unreadable> {
        Ok(TradePage {
            trade_no: TradeNo::new(&self.trade_no).ok_or(Unreadable("trades.trade_no"))?,
            version: narrow(self.version, "trades.version")?,
            due_at: self.due_at.map(Timestamp::from_millis),
            body: self.body,
        })
    }
}
