//! Reading the books of orders: those that changed since the last check, or all.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::{SqliteStore, load, unavailable};
use crate::domain::books::OrderBook;
use crate::domain::id::OrderId;
use crate::domain::time::Timestamp;
use crate::ports::books::{BookMark, BookPage, Books, ChangedBooks};
use crate::ports::store::{LedgerKey, StoreError};
use crate::store::rows::{IdBytes, Unreadable, narrow, word};
use crate::store::seal::Sealer;

/// The book of one order. What no program of ours has written makes the book unreadable; only a failing database is an error.
pub(super) fn page(connection: &Connection, order: IdBytes, sealer: &Sealer) -> Result<BookPage, StoreError> {
    let id = OrderId::new(Uuid::from_bytes(order));
    let ledger = match load::ledger(connection, &LedgerKey::Order(id), sealer) {
        Ok(Some(ledger)) => ledger,
        Ok(None) => return Ok(BookPage { order: id, book: Err("there is no such order".to_owned()) }),
        Err(StoreError::Unavailable(why)) => return Ok(BookPage { order: id, book: Err(why) }),
        Err(error) => return Err(error),
    };
    let due_at: Option<i64> = connection
        .prepare_cached("SELECT due_at FROM orders WHERE id = ?1")
        .and_then(|mut sql| sql.query_one([order], |row| row.get(0)))
        .map_err(unavailable)?;
    let mut sql = connection
        .prepare_cached("SELECT seq, kind FROM events WHERE order_id = ?1 ORDER BY seq")
        .map_err(unavailable)?;
    let told = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let told: Vec<(i64, String)> = sql.query_map([order], told).and_then(|rows| rows.collect()).map_err(unavailable)?;
    let history = told.iter().map(|(seq, kind)| Ok((narrow(*seq, "events.seq")?, word(kind, "events.kind")?)));
    let history: Result<Vec<_>, Unreadable> = history.collect();
    let book = history.map(|history| OrderBook { ledger, history, due_at: due_at.map(Timestamp::from_millis) });
    Ok(BookPage { order: id, book: book.map_err(|error| error.to_string()) })
}

/// The books of all orders, oldest first.
pub(super) fn each(
    connection: &Connection,
    sealer: &Sealer,
    mut visit: impl FnMut(BookPage),
) -> Result<(), StoreError> {
    let mut sql = connection.prepare("SELECT id FROM orders ORDER BY row").map_err(unavailable)?;
    let mut rows = sql.query([]).map_err(unavailable)?;
    while let Some(row) = rows.next().map_err(unavailable)? {
        visit(page(connection, row.get(0).map_err(unavailable)?, sealer)?);
    }
    Ok(())
}

fn mark(connection: &Connection) -> Result<BookMark, StoreError> {
    let read = |row: &Row<'_>| Ok(BookMark { event: row.get(0)?, payment: row.get(1)?, refund: row.get(2)? });
    let noted = connection
        .prepare_cached("SELECT event, payment, refund FROM book_mark")
        .and_then(|mut sql| sql.query_one([], read).optional());
    Ok(noted.map_err(unavailable)?.unwrap_or_default())
}

fn changed_since(
    connection: &Connection,
    mark: BookMark,
    limit: u32,
    sealer: &Sealer,
) -> Result<ChangedBooks, StoreError> {
    let end = |table_end: &str, after: i64| {
        let newest: i64 =
            connection.prepare_cached(table_end).and_then(|mut sql| sql.query_one([], |row| row.get(0)))?;
        // A database brought back from a copy is behind its own mark: then the mark goes back too.
        Ok(newest.min(after.saturating_add(i64::from(limit))))
    };
    let end = |table_end: &str, after: i64| end(table_end, after).map_err(unavailable);
    let up_to = BookMark {
        event: end("SELECT coalesce(max(position), 0) FROM events", mark.event)?,
        payment: end("SELECT coalesce(max(row), 0) FROM payments", mark.payment)?,
        refund: end("SELECT coalesce(max(row), 0) FROM refunds", mark.refund)?,
    };
    let mut sql = connection
        .prepare_cached(
            "SELECT order_id FROM events WHERE position > ?1 AND position <= ?2 \
             UNION SELECT order_id FROM payments WHERE row > ?3 AND row <= ?4 \
             UNION SELECT order_id FROM refunds WHERE row > ?5 AND row <= ?6",
        )
        .map_err(unavailable)?;
    let bounds = params![mark.event, up_to.event, mark.payment, up_to.payment, mark.refund, up_to.refund];
    let orders: Vec<IdBytes> =
        sql.query_map(bounds, |row| row.get(0)).and_then(|rows| rows.collect()).map_err(unavailable)?;
    let pages = orders.into_iter().map(|order| page(connection, order, sealer)).collect::<Result<_, _>>()?;
    Ok(ChangedBooks { pages, up_to })
}

fn note(connection: &Connection, mark: BookMark) -> Result<(), StoreError> {
    let noted = connection
        .prepare_cached("INSERT OR REPLACE INTO book_mark (row, event, payment, refund) VALUES (1, ?, ?, ?)")
        .and_then(|mut sql| sql.execute(params![mark.event, mark.payment, mark.refund]));
    noted.map(drop).map_err(unavailable)
}

#[async_trait]
impl Books for SqliteStore {
    async fn mark(&self) -> Result<BookMark, StoreError> {
        self.readers.read(mark).await
    }

    async fn changed_since(&self, mark: BookMark, limit: u32) -> Result<ChangedBooks, StoreError> {
        let sealer = std::sync::Arc::clone(&self.sealer);
        self.readers.read(move |connection| changed_since(connection, mark, limit, &sealer)).await
    }

    async fn note(&self, mark: BookMark) -> Result<(), StoreError> {
        self.writer.write(move |connection| note(connection, mark)).await
    }
}
