//! Deliveries: begun with their events, moved on by what their tries bring, in the order of each order's history.

use rusqlite::{Connection, Row, params};

use super::{endpoints, execute, query};
use crate::domain::event::EventKind;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{Attempted, Delivery, DeliveryStatus, Disabled, Jitter, Progress};
use crate::ports::outbox::DeliveryQuery;
use crate::ports::store::{EventRecord, StoreError};
use crate::store::rows::{AttemptedRow, DeliveryRow, EventRow, IdBytes, ProgressRow, StandingRow, widen, word};
use crate::store::writes::Writes;

/// How long a delivery that has ended can be looked at.
const KEPT: Span = Span::hours(30 * 24);

/// Begins the deliveries of a change's events; tells whether there are any.
pub(in crate::store::sqlite) fn begin_deliveries(connection: &Connection, writes: &Writes) -> Result<bool, StoreError> {
    if writes.events.is_empty() {
        return Ok(false);
    }
    let mut begun = false;
    for endpoint in endpoints::enabled(connection, &writes.merchant)? {
        let id = endpoint.id.uuid().into_bytes();
        let mut last = None;
        for event in &writes.events {
            if endpoint.wants(word::<EventKind>(&event.kind, "events.kind")?) {
                let now = Timestamp::from_millis(event.at);
                insert(connection, id, (event.id, writes.order_id, event.seq), now)?;
                last = Some(now);
            }
        }
        if let Some(now) = last {
            line_up(connection, id, writes.order_id, now)?;
            begun = true;
        }
    }
    Ok(begun)
}

/// Begins the delivery of an event, which is named by its identifier, its order and its place there; one that is there already
/// begins anew.
fn insert(
    connection: &Connection,
    endpoint: IdBytes,
    (event, order, seq): (IdBytes, IdBytes, i64),
    now: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO deliveries (endpoint, event, order_id, seq, created_at, \
        status, tries, scheduled_tries, scheduled_at, earliest_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
        ON CONFLICT (endpoint, event) DO UPDATE SET status = excluded.status, scheduled_tries = excluded.scheduled_tries, \
        scheduled_at = excluded.scheduled_at, earliest_at = excluded.earliest_at, due_at = NULL, ended_at = NULL";
    let row = ProgressRow::of(&Progress::new(now));
    let values = params![
        endpoint,
        event,
        order,
        seq,
        now.millis(),
        row.status,
        row.tries,
        row.scheduled_tries,
        row.scheduled_at,
        row.earliest_at,
    ];
    execute(connection, SQL, values).map(drop)
}

/// Puts the oldest pending delivery of an order in turn, hurrying it when it waits, and no other.
fn line_up(connection: &Connection, endpoint: IdBytes, order: IdBytes, now: Timestamp) -> Result<(), StoreError> {
    const FIRST: &str =
        "SELECT * FROM deliveries WHERE endpoint = ?1 AND order_id = ?2 AND status = 'pending' ORDER BY seq LIMIT 1";
    const OTHERS: &str = "UPDATE deliveries SET due_at = NULL \
        WHERE endpoint = ?1 AND order_id = ?2 AND status = 'pending' AND seq > ?3 AND due_at IS NOT NULL";
    let first = query(connection, FIRST, params![endpoint, order], |row| {
        Ok((row.get::<_, IdBytes>("event")?, row.get::<_, i64>("seq")?, progress_row(row)?))
    })?;
    let Some((event, seq, progress)) = first.into_iter().next() else { return Ok(()) };
    execute(connection, OTHERS, params![endpoint, order, seq])?;
    set_progress(connection, (endpoint, event), progress.into_progress()?.in_turn(now))
}

/// Begins the delivery of an event to an endpoint anew, unless the endpoint is gone or disabled.
pub(super) fn begin_again(
    connection: &Connection,
    endpoint: IdBytes,
    event: IdBytes,
    now: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "SELECT events.order_id, events.seq FROM events \
        JOIN webhook_endpoints ON webhook_endpoints.merchant = events.merchant \
        WHERE events.id = ?1 AND webhook_endpoints.id = ?2 AND webhook_endpoints.disabled_at IS NULL";
    let found = query(connection, SQL, params![event, endpoint], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((order, seq)) = found.into_iter().next() else { return Ok(()) };
    insert(connection, endpoint, (event, order, seq), now)?;
    line_up(connection, endpoint, order, now)
}

/// A delivery, when its claim is still the one of this fence.
struct Held {
    order: IdBytes,
    seq: i64,
    progress: ProgressRow,
    standing: StandingRow,
}

pub(super) fn note(
    connection: &Connection,
    (endpoint, event): (IdBytes, IdBytes),
    fence: u64,
    attempted: &Attempted,
    jitter: Jitter,
) -> Result<Option<Disabled>, StoreError> {
    const HELD: &str = "SELECT deliveries.*, failing_since, is_prompt, disabled_at, disabled_why FROM deliveries \
        JOIN webhook_endpoints ON webhook_endpoints.id = deliveries.endpoint \
        WHERE endpoint = ?1 AND event = ?2 AND fence = ?3";
    const NEWER: &str = "SELECT 1 FROM deliveries \
        WHERE endpoint = ?1 AND order_id = ?2 AND status = 'pending' AND seq > ?3 AND created_at >= ?4 LIMIT 1";
    let held = query(connection, HELD, params![endpoint, event, widen(fence)], |row| {
        Ok(Held {
            order: row.get("order_id")?,
            seq: row.get("seq")?,
            progress: progress_row(row)?,
            standing: endpoints::standing_row(row)?,
        })
    })?;
    let Some(held) = held.into_iter().next() else { return Ok(None) };
    let newer = params![endpoint, held.order, held.seq, attempted.at.millis()];
    let hurried = !query(connection, NEWER, newer, |_| Ok(()))?.is_empty();
    let progress = held.progress.into_progress()?.after(attempted, hurried, jitter);
    set_progress(connection, (endpoint, event), progress)?;
    set_last(connection, (endpoint, event), attempted)?;
    let before = held.standing.into_standing()?;
    let standing = before.after(attempted);
    if standing != before {
        endpoints::set_standing(connection, endpoint, standing)?;
    }
    let ended_at = attempted.at + attempted.latency;
    if standing.disabled.is_some() {
        give_up(connection, endpoint, ended_at)?;
    } else if progress.status == DeliveryStatus::Pending {
        keep_turn(connection, endpoint, held.order, (held.seq, event), progress)?;
    } else {
        line_up(connection, endpoint, held.order, ended_at)?;
    }
    Ok(standing.disabled.filter(|_| before.disabled.is_none()))
}

/// A delivery that goes on waiting keeps its turn, unless an earlier one was begun anew meanwhile.
fn keep_turn(
    connection: &Connection,
    endpoint: IdBytes,
    order: IdBytes,
    (seq, event): (i64, IdBytes),
    progress: Progress,
) -> Result<(), StoreError> {
    const EARLIER: &str = "SELECT 1 FROM deliveries \
        WHERE endpoint = ?1 AND order_id = ?2 AND status = 'pending' AND seq < ?3 LIMIT 1";
    if query(connection, EARLIER, params![endpoint, order, seq], |_| Ok(()))?.is_empty() {
        return Ok(());
    }
    set_progress(connection, (endpoint, event), progress.not_in_turn())
}

/// Nothing more is sent to a disabled endpoint.
fn give_up(connection: &Connection, endpoint: IdBytes, now: Timestamp) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE deliveries SET status = 'dead', due_at = NULL, ended_at = ?1 \
        WHERE endpoint = ?2 AND status = 'pending'";
    execute(connection, SQL, params![now.millis(), endpoint]).map(drop)
}

fn set_progress(
    connection: &Connection,
    (endpoint, event): (IdBytes, IdBytes),
    progress: Progress,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE deliveries SET status = ?1, tries = ?2, scheduled_tries = ?3, scheduled_at = ?4, \
        earliest_at = ?5, due_at = ?6, ended_at = ?7 WHERE endpoint = ?8 AND event = ?9";
    let row = ProgressRow::of(&progress);
    let values = params![
        row.status,
        row.tries,
        row.scheduled_tries,
        row.scheduled_at,
        row.earliest_at,
        row.due_at,
        row.ended_at,
        endpoint,
        event,
    ];
    execute(connection, SQL, values).map(drop)
}

/// Notes the last try, and ends the claim under which it was made.
fn set_last(
    connection: &Connection,
    (endpoint, event): (IdBytes, IdBytes),
    attempted: &Attempted,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE deliveries SET tried_at = ?1, latency = ?2, http_status = ?3, failure = ?4, answer = ?5, \
        lease_until = 0 WHERE endpoint = ?6 AND event = ?7";
    let row = AttemptedRow::of(attempted);
    let values = params![row.tried_at, row.latency, row.http_status, row.failure, row.answer, endpoint, event];
    execute(connection, SQL, values).map(drop)
}

pub(super) fn list(connection: &Connection, wanted: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
    const SQL: &str = "SELECT deliveries.*, events.kind FROM deliveries JOIN events ON events.id = deliveries.event \
        WHERE endpoint = ?1 AND deliveries.row < coalesce((SELECT row FROM deliveries WHERE endpoint = ?1 AND event = ?2), \
        9223372036854775807) ORDER BY deliveries.row DESC LIMIT ?3";
    let older_than = wanted.older_than.map(|event| event.uuid().into_bytes());
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let values = params![wanted.endpoint.uuid().into_bytes(), older_than, limit];
    query(connection, SQL, values, delivery_row)?.into_iter().map(DeliveryRow::into_delivery).collect()
}

fn delivery_row(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    let tried_at: Option<i64> = row.get("tried_at")?;
    let last = |tried_at| -> rusqlite::Result<AttemptedRow> {
        Ok(AttemptedRow {
            tried_at,
            latency: row.get("latency")?,
            http_status: row.get("http_status")?,
            failure: row.get("failure")?,
            answer: row.get("answer")?,
        })
    };
    Ok(DeliveryRow {
        endpoint: row.get("endpoint")?,
        event: row.get("event")?,
        kind: row.get("kind")?,
        order_id: row.get("order_id")?,
        seq: row.get("seq")?,
        created_at: row.get("created_at")?,
        progress: progress_row(row)?,
        last: tried_at.map(last).transpose()?,
    })
}

fn progress_row(row: &Row<'_>) -> rusqlite::Result<ProgressRow> {
    Ok(ProgressRow {
        status: row.get("status")?,
        tries: row.get("tries")?,
        scheduled_tries: row.get("scheduled_tries")?,
        scheduled_at: row.get("scheduled_at")?,
        earliest_at: row.get("earliest_at")?,
        due_at: row.get("due_at")?,
        ended_at: row.get("ended_at")?,
    })
}

pub(super) fn event(
    connection: &Connection,
    merchant: &str,
    event: IdBytes,
) -> Result<Option<EventRecord>, StoreError> {
    const SQL: &str = "SELECT id, seq, kind, at, body FROM events WHERE id = ?1 AND merchant = ?2";
    let rows = query(connection, SQL, params![event, merchant], super::super::list::event_row)?;
    Ok(rows.into_iter().next().map(EventRow::into_event).transpose()?)
}

/// Forgets at most so many deliveries that ended too long ago; tells how many it were.
pub(super) fn forget(connection: &Connection, now: Timestamp, at_most: usize) -> Result<usize, StoreError> {
    const SQL: &str = "DELETE FROM deliveries WHERE row IN (SELECT row FROM deliveries WHERE ended_at < ?1 LIMIT ?2)";
    execute(connection, SQL, params![(now - KEPT).millis(), i64::try_from(at_most).unwrap_or(i64::MAX)])
}
