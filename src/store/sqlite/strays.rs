//! Stray notices: kept as they came, and shown to whoever audits.

use rusqlite::{Connection, Row, params};

use super::unavailable;
use crate::domain::attempt::TradeNo;
use crate::domain::time::Timestamp;
use crate::ports::store::{StoreError, Stray};

/// What was heard, once or many times, and belongs to no order. Names what a wallet's own records name; never a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptStray {
    /// Whose notification address it came to.
    pub merchant: String,
    /// From which wallet.
    pub wallet: String,
    /// Why it belongs to nothing.
    pub reason: String,
    /// The trade it names; `None` for one that was kept before this was noted.
    pub trade_no: Option<String>,
    /// The money that was proven, if any.
    pub money: Option<StrayMoney>,
    /// When it was heard of first.
    pub first_at: Timestamp,
    /// When it was heard of last.
    pub last_at: Timestamp,
    /// How often.
    pub times: u64,
}

/// Money that a wallet proved and that is on no order here for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayMoney {
    /// The merchant's account at the wallet, as the wallet named it.
    pub account: String,
    /// The wallet's own number for the payment.
    pub transaction_id: String,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217 code, as the wallet said it.
    pub currency: String,
    /// The wallet's own payment time.
    pub paid_at: Timestamp,
}

pub(super) fn keep(connection: &Connection, stray: &Stray) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO strays (\
        merchant, wallet, at, reason, body, trade_no, account, transaction_id, amount, currency, paid_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let money = stray.payment.as_ref();
    let values = params![
        stray.merchant.as_str(),
        stray.wallet.as_str(),
        stray.at.millis(),
        stray.reason,
        stray.body,
        stray.trade_no.as_ref().map(TradeNo::as_str),
        money.map(|proven| &proven.account),
        money.map(|proven| &proven.transaction_id),
        money.map(|proven| proven.amount),
        money.map(|proven| &proven.currency),
        money.map(|proven| proven.paid_at.millis()),
    ];
    let kept = connection.prepare_cached(SQL).and_then(|mut sql| sql.execute(values));
    kept.map(drop).map_err(unavailable)
}

/// All of them, each once however often it was heard of, in the order of their first coming.
pub(super) fn list(connection: &Connection) -> rusqlite::Result<Vec<KeptStray>> {
    const SQL: &str = "SELECT merchant, wallet, reason, trade_no, account, transaction_id, amount, currency, paid_at, \
        min(at), max(at), count(*) FROM strays GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY min(row)";
    connection.prepare(SQL)?.query_map([], kept)?.collect()
}

fn kept(row: &Row<'_>) -> rusqlite::Result<KeptStray> {
    let transaction_id: Option<String> = row.get(5)?;
    let money = match transaction_id {
        None => None,
        Some(transaction_id) => Some(StrayMoney {
            account: row.get(4)?,
            transaction_id,
            amount: row.get(6)?,
            currency: row.get(7)?,
            paid_at: Timestamp::from_millis(row.get(8)?),
        }),
    };
    Ok(KeptStray {
        merchant: row.get(0)?,
        wallet: row.get(1)?,
        reason: row.get(2)?,
        trade_no: row.get(3)?,
        money,
        first_at: Timestamp::from_millis(row.get(9)?),
        last_at: Timestamp::from_millis(row.get(10)?),
        times: row.get::<_, i64>(11)?.unsigned_abs(),
    })
}
