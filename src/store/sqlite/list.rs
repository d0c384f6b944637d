//! Reading: lists of orders and of events, and one kept answer.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};

use super::load::order_row;
use super::unavailable;
use crate::domain::merchant::MerchantId;
use crate::domain::order::Order;
use crate::domain::time::Timestamp;
use crate::ports::store::{EventQuery, EventRecord, KeptAnswer, OrderQuery, StoreError};
use crate::store::oldest_kept_answer;
use crate::store::rows::{AnswerRow, EventRow};
use crate::store::seal::Sealer;

/// The conditions of a list with the values they compare with. Only the conditions asked for are in the text, so that SQLite
/// can choose the index for just these.
struct Conditions {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    fn of_merchant(merchant: &MerchantId) -> Self {
        Self { sql: "merchant = ?".to_owned(), values: vec![Box::new(merchant.as_str().to_owned())] }
    }

    fn add<V: ToSql + 'static>(&mut self, condition: &str, value: Option<V>) {
        if let Some(value) = value {
            self.sql.push_str(" AND ");
            self.sql.push_str(condition);
            self.values.push(Box::new(value));
        }
    }

    fn values(&self) -> impl Iterator<Item = ToSqlOutput<'_>> {
        self.values.iter().filter_map(|value| value.to_sql().ok())
    }
}

fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn orders(connection: &Connection, query: &OrderQuery, sealer: &Sealer) -> Result<Vec<Order>, StoreError> {
    let mut conditions = Conditions::of_merchant(&query.merchant);
    conditions.add("merchant_order_no = ?", query.merchant_order_no.as_ref().map(|number| number.as_str().to_owned()));
    conditions.add("status = ?", query.status.map(|status| status.as_str()));
    conditions.add("created_at > ?", query.created_after.map(Timestamp::millis));
    conditions.add("created_at < ?", query.created_before.map(Timestamp::millis));
    conditions.add(
        "(created_at, id) < (SELECT older.created_at, older.id FROM orders AS older WHERE older.id = ?)",
        query.older_than.map(|order| order.uuid().into_bytes()),
    );
    let sql = format!(
        "SELECT * FROM orders WHERE {} ORDER BY created_at DESC, id DESC LIMIT {}",
        conditions.sql,
        limit(query.limit)
    );
    let mut sql = connection.prepare_cached(&sql).map_err(unavailable)?;
    let rows = sql.query_map(params_from_iter(conditions.values()), order_row).map_err(unavailable)?;
    rows.map(|row| row.map_err(unavailable)?.into_order(sealer)).collect()
}

pub(super) fn events(connection: &Connection, query: &EventQuery) -> Result<Vec<EventRecord>, StoreError> {
    let after = match query.after {
        None => None,
        Some(event) => {
            let position: Option<i64> = connection
                .prepare_cached("SELECT position FROM events WHERE id = ?1 AND merchant = ?2")
                .and_then(|mut sql| {
                    let parameters = params![event.uuid().into_bytes(), query.merchant.as_str()];
                    sql.query_one(parameters, |row| row.get(0)).optional()
                })
                .map_err(unavailable)?;
            Some(position.ok_or(StoreError::NoSuchEvent)?)
        }
    };
    let mut conditions = Conditions::of_merchant(&query.merchant);
    conditions.add("position > ?", after);
    conditions.add("kind = ?", query.kind.map(|kind| kind.as_str()));
    conditions.add("order_id = ?", query.order.map(|order| order.uuid().into_bytes()));
    // Left to itself SQLite would walk through all events of the merchant to find those of one order.
    let index = if query.order.is_some() { "INDEXED BY events_by_seq" } else { "" };
    let sql = format!(
        "SELECT id, seq, kind, at, body FROM events {index} WHERE {} ORDER BY position LIMIT {}",
        conditions.sql,
        limit(query.limit)
    );
    let mut sql = connection.prepare_cached(&sql).map_err(unavailable)?;
    let rows = sql.query_map(params_from_iter(conditions.values()), event_row).map_err(unavailable)?;
    rows.map(|row| Ok(row.map_err(unavailable)?.into_event()?)).collect()
}

pub(super) fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        id: row.get("id")?,
        seq: row.get("seq")?,
        kind: row.get("kind")?,
        at: row.get("at")?,
        body: row.get("body")?,
    })
}

pub(super) fn kept_answer(
    connection: &Connection,
    merchant: &MerchantId,
    key: &str,
    now: Timestamp,
    sealer: &Sealer,
) -> Result<Option<KeptAnswer>, StoreError> {
    let oldest = oldest_kept_answer(now).millis();
    let row = connection
        .prepare_cached("SELECT * FROM kept_answers WHERE merchant = ?1 AND key = ?2 AND at >= ?3")
        .and_then(|mut sql| sql.query_one(params![merchant.as_str(), key, oldest], answer_row).optional())
        .map_err(unavailable)?;
    row.map(|row| row.into_answer(sealer)).transpose()
}

fn answer_row(row: &Row<'_>) -> rusqlite::Result<AnswerRow> {
    Ok(AnswerRow {
        merchant: row.get("merchant")?,
        key: row.get("key")?,
        fingerprint: row.get("fingerprint")?,
        status: row.get("status")?,
        body_sealed: row.get("body_sealed")?,
        at: row.get("at")?,
    })
}
