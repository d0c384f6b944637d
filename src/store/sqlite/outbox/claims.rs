//! Claims of due deliveries: which are tried now, so that no endpoint takes the places of the others.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::super::unavailable;
use super::{endpoints, query};
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::domain::merchant::MerchantId;
use crate::domain::time::{Span, Timestamp};
use crate::ports::outbox::{Claim, Lane};
use crate::ports::store::StoreError;
use crate::store::rows::{IdBytes, Unreadable, narrow};
use crate::store::seal::Sealer;

/// Tries that run at once at an endpoint of each lane, at most.
const fn most_at_once(lane: Lane) -> i64 {
    match lane {
        Lane::Prompt => 8,
        Lane::Slow => 2,
    }
}

/// A second try runs beside the first when deliveries have waited this long (since this process looks for them), a third when
/// they have waited twice as long, and so on. So one runs at a time while that keeps up, and no more than that one can be
/// repeated after a crash.
const WAIT_FOR_ONE_MORE: Span = Span::millis(250);

/// A claim from before this process was made by one that has ended: this is the only process with this database.
pub(in crate::store::sqlite) fn drop_claims(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE deliveries SET lease_until = 0 WHERE lease_until > 0", []).map(drop)
}

/// The rows that may be claimed now, the longest due first.
pub(super) fn due(
    connection: &Connection,
    lane: Lane,
    now: Timestamp,
    delivers_since: Timestamp,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    const ENDPOINTS: &str = "SELECT id FROM webhook_endpoints WHERE disabled_at IS NULL AND is_prompt = ?1";
    const HELD: &str = "SELECT count(*) FROM deliveries WHERE endpoint = ?1 AND lease_until > ?2";
    const DUE: &str = "SELECT row, claimable_at FROM deliveries WHERE endpoint = ?1 AND claimable_at <= ?2 \
        ORDER BY claimable_at, row LIMIT ?3";
    let endpoints: Vec<IdBytes> = query(connection, ENDPOINTS, [lane == Lane::Prompt], |row| row.get(0))?;
    let mut due: Vec<(i64, i64)> = Vec::new();
    for endpoint in endpoints {
        let held = query(connection, HELD, params![endpoint, now.millis()], |row| row.get::<_, i64>(0))?;
        let held = held.first().copied().unwrap_or_default();
        let free = most_at_once(lane) - held;
        if free <= 0 {
            continue;
        }
        let longest_due = query(connection, DUE, params![endpoint, now.millis(), free], |row| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(0)?))
        })?;
        let beside = held..;
        let waited = |((since, _), beside): &((i64, i64), i64)| {
            now.millis() - since.max(&delivers_since.millis()) >= beside * WAIT_FOR_ONE_MORE.as_millis()
        };
        due.extend(longest_due.into_iter().zip(beside).take_while(waited).map(|(found, _)| found));
    }
    due.sort_unstable();
    Ok(due.into_iter().take(limit).map(|(_, row)| row).collect())
}

/// Claims these rows, as far as nobody else has meanwhile.
pub(super) fn take(
    connection: &Connection,
    due: &[i64],
    now: Timestamp,
    span: Span,
    sealer: &Sealer,
) -> Result<Vec<Claim>, StoreError> {
    let mut claims = Vec::with_capacity(due.len());
    for row in due {
        claims.extend(take_one(connection, *row, now, span, sealer)?);
    }
    Ok(claims)
}

fn take_one(
    connection: &Connection,
    row: i64,
    now: Timestamp,
    span: Span,
    sealer: &Sealer,
) -> Result<Option<Claim>, StoreError> {
    const TAKE: &str = "UPDATE deliveries SET lease_until = ?1, fence = fence + 1 WHERE row = ?2 AND claimable_at <= ?3 \
        RETURNING endpoint, event, fence";
    const DETAILS: &str =
        "SELECT merchant, url, (SELECT body FROM events WHERE id = ?2) FROM webhook_endpoints WHERE id = ?1";
    let until = (now + span).millis();
    let taken: Option<(IdBytes, IdBytes, i64)> = connection
        .prepare_cached(TAKE)
        .and_then(|mut sql| {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            sql.query_one(params![until, row, now.millis()], read).optional()
        })
        .map_err(unavailable)?;
    let Some((endpoint, event, fence)) = taken else { return Ok(None) };
    let details = query(connection, DETAILS, params![endpoint, event], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let Some((merchant, url, body)) = details.into_iter().next() else { return Ok(None) };
    Ok(Some(Claim {
        endpoint: WebhookEndpointId::new(Uuid::from_bytes(endpoint)),
        event: EventId::new(Uuid::from_bytes(event)),
        fence: narrow(fence, "deliveries.fence")?,
        merchant: MerchantId::new(&merchant).ok_or(Unreadable("webhook_endpoints.merchant"))?,
        url,
        body,
        secrets: endpoints::secrets(connection, endpoint, now, sealer)?,
    }))
}

pub(super) fn next_due_after(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    const SQL: &str = "SELECT claimable_at FROM deliveries WHERE claimable_at > ?1 ORDER BY claimable_at LIMIT 1";
    let next = query(connection, SQL, [now.millis()], |row| row.get(0))?;
    Ok(next.into_iter().next().map(Timestamp::from_millis))
}
