//! Claims of due work: an order is held by one claimer for a while, and each claim has a higher fence than the last.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::unavailable;
use crate::domain::id::OrderId;
use crate::domain::time::{Span, Timestamp};
use crate::ports::store::{Lease, StoreError};
use crate::store::rows::{IdBytes, Unreadable, narrow, widen};

/// The moment from which an order can next be claimed, over all orders: its work is due and no claim holds it.
pub(super) fn next_due_at(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = connection
        .prepare_cached("SELECT claimable_at FROM orders WHERE claimable_at IS NOT NULL ORDER BY claimable_at LIMIT 1")
        .and_then(|mut sql| sql.query_one([], |row| row.get(0)).optional())
        .map_err(unavailable)?;
    Ok(at.map(Timestamp::from_millis))
}

/// Claims what is due, the longest due first.
pub(super) fn claim(
    connection: &Connection,
    now: Timestamp,
    span: Span,
    limit: usize,
) -> Result<Vec<Lease>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due: Vec<IdBytes> = connection
        .prepare_cached("SELECT id FROM orders WHERE claimable_at <= ?1 ORDER BY claimable_at LIMIT ?2")
        .and_then(|mut sql| sql.query_map(params![now.millis(), limit], |row| row.get(0))?.collect())
        .map_err(unavailable)?;
    let mut take = connection
        .prepare_cached("UPDATE orders SET lease_until = ?1, fence = fence + 1 WHERE id = ?2 RETURNING fence")
        .map_err(unavailable)?;
    let until = (now + span).millis();
    due.into_iter()
        .map(|id| {
            let fence: i64 = take.query_one(params![until, id], |row| row.get(0)).map_err(unavailable)?;
            let fence = narrow(fence, "orders.fence").map_err(|error: Unreadable| StoreError::from(error))?;
            Ok(Lease { order: OrderId::new(Uuid::from_bytes(id)), fence })
        })
        .collect()
}

/// Ends a claim, unless a later one has taken its place.
/// Ends the claims of a process that is gone: the lock file says that nobody else is at work, so what it left need not wait for its
/// leases to run out. The fences stay, so a claim made before is still refused.
pub(super) fn end_all(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE orders SET lease_until = 0 WHERE claimable_at IS NOT NULL AND lease_until > 0", [])
        .map(drop)
}

pub(super) fn release(connection: &Connection, lease: &Lease) -> Result<(), StoreError> {
    let order = lease.order.uuid().into_bytes();
    connection
        .prepare_cached("UPDATE orders SET lease_until = 0 WHERE id = ?1 AND fence = ?2")
        .and_then(|mut sql| sql.execute(params![order, widen(lease.fence)]))
        .map(drop)
        .map_err(unavailable)
}
