//! Endpoints and their secrets.

use rusqlite::{Connection, Row, params};

use super::{execute, query};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{MOST_ENDPOINTS, MOST_SECRETS, SECRET_OVERLAP, Standing, WebhookEndpoint, WebhookSecret};
use crate::ports::store::StoreError;
use crate::store::rows::{EndpointRow, IdBytes, StandingRow, open_secret};
use crate::store::seal::Sealer;

pub(super) fn add(connection: &Connection, row: &EndpointRow, sealed: &[u8]) -> Result<bool, StoreError> {
    const SQL: &str = "INSERT INTO webhook_endpoints (id, merchant, url, kinds, created_at) \
        SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM webhook_endpoints WHERE merchant = ?2) < ?6";
    let most = i64::try_from(MOST_ENDPOINTS).unwrap_or(i64::MAX);
    if execute(connection, SQL, params![row.id, row.merchant, row.url, row.kinds, row.created_at, most])? == 0 {
        return Ok(false);
    }
    add_secret(connection, row.id, sealed).map(|()| true)
}

fn add_secret(connection: &Connection, endpoint: IdBytes, sealed: &[u8]) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO webhook_secrets (endpoint, sealed) VALUES (?1, ?2)";
    execute(connection, SQL, params![endpoint, sealed]).map(drop)
}

pub(super) fn list(connection: &Connection, merchant: &str) -> Result<Vec<WebhookEndpoint>, StoreError> {
    const SQL: &str = "SELECT * FROM webhook_endpoints WHERE merchant = ?1 ORDER BY row DESC";
    let rows = query(connection, SQL, [merchant], endpoint_row)?;
    rows.into_iter().map(|row| Ok(row.into_endpoint()?)).collect()
}

/// The endpoints of a merchant that are sent anything.
pub(super) fn enabled(connection: &Connection, merchant: &str) -> Result<Vec<WebhookEndpoint>, StoreError> {
    const SQL: &str = "SELECT * FROM webhook_endpoints WHERE merchant = ?1 AND disabled_at IS NULL ORDER BY row";
    let rows = query(connection, SQL, [merchant], endpoint_row)?;
    rows.into_iter().map(|row| Ok(row.into_endpoint()?)).collect()
}

fn endpoint_row(row: &Row<'_>) -> rusqlite::Result<EndpointRow> {
    Ok(EndpointRow {
        id: row.get("id")?,
        merchant: row.get("merchant")?,
        url: row.get("url")?,
        kinds: row.get("kinds")?,
        created_at: row.get("created_at")?,
        standing: standing_row(row)?,
    })
}

pub(super) fn standing_row(row: &Row<'_>) -> rusqlite::Result<StandingRow> {
    Ok(StandingRow {
        failing_since: row.get("failing_since")?,
        is_prompt: row.get("is_prompt")?,
        disabled_at: row.get("disabled_at")?,
        disabled_why: row.get("disabled_why")?,
    })
}

pub(super) fn set_standing(connection: &Connection, endpoint: IdBytes, standing: Standing) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE webhook_endpoints \
        SET failing_since = ?1, is_prompt = ?2, disabled_at = ?3, disabled_why = ?4 WHERE id = ?5";
    let row = StandingRow::of(&standing);
    let values = params![row.failing_since, row.is_prompt, row.disabled_at, row.disabled_why, endpoint];
    execute(connection, SQL, values).map(drop)
}

pub(super) fn remove(connection: &Connection, merchant: &str, endpoint: IdBytes) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM webhook_endpoints WHERE id = ?1 AND merchant = ?2";
    Ok(execute(connection, SQL, params![endpoint, merchant])? == 1)
}

pub(super) fn rotate(
    connection: &Connection,
    merchant: &str,
    endpoint: IdBytes,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool, StoreError> {
    const OWNED: &str = "SELECT 1 FROM webhook_endpoints WHERE id = ?1 AND merchant = ?2";
    const RETIRE: &str = "UPDATE webhook_secrets SET retires_at = ?1 WHERE endpoint = ?2 AND retires_at IS NULL";
    // What does not sign any more is not kept either: the newest, and of the retiring ones those with time left.
    const FORGET: &str = "DELETE FROM webhook_secrets WHERE endpoint = ?1 AND (retires_at <= ?2 OR row NOT IN \
        (SELECT row FROM webhook_secrets WHERE endpoint = ?1 ORDER BY row DESC LIMIT ?3))";
    if query(connection, OWNED, params![endpoint, merchant], |_| Ok(()))?.is_empty() {
        return Ok(false);
    }
    execute(connection, RETIRE, params![(now + SECRET_OVERLAP).millis(), endpoint])?;
    add_secret(connection, endpoint, sealed)?;
    let most = i64::try_from(MOST_SECRETS).unwrap_or(i64::MAX);
    execute(connection, FORGET, params![endpoint, now.millis(), most])?;
    Ok(true)
}

/// The secrets that sign at this moment, the newest first.
pub(super) fn secrets(
    connection: &Connection,
    endpoint: IdBytes,
    now: Timestamp,
    sealer: &Sealer,
) -> Result<Vec<WebhookSecret>, StoreError> {
    const SQL: &str = "SELECT sealed FROM webhook_secrets \
        WHERE endpoint = ?1 AND (retires_at IS NULL OR retires_at > ?2) ORDER BY row DESC";
    let sealed: Vec<Vec<u8>> = query(connection, SQL, params![endpoint, now.millis()], |row| row.get(0))?;
    sealed.iter().map(|sealed| Ok(open_secret(&endpoint, sealed, sealer)?)).collect()
}
