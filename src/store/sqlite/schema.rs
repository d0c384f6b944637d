//! The tables of a SQLite database, brought up to date when it is opened.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::OpenError;
use crate::store::seal::{Purpose, Sealer};

/// Every migration, oldest first; the version of a database is how many of them it has.
const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/sqlite/0001_orders.sql"), include_str!("../migrations/sqlite/0002_webhooks.sql")];

/// Marks a SQLite file as ours: "pyhf".
const APPLICATION_ID: i64 = 0x7079_6866;

/// What the key proof of a database says when it is opened with the right key.
const PROOF: &[u8] = b"pay-handoff";

/// Brings the tables up to date, one transaction a migration, and makes or checks the key proof.
pub(super) fn prepare(connection: &mut Connection, sealer: &Sealer) -> Result<(), OpenError> {
    let version: i64 = connection.query_one("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = connection.query_one("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0) {
        return Err(OpenError::NotOurs);
    }
    let known = MIGRATIONS.len();
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > known {
        return Err(OpenError::Newer { found: version, known });
    }
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(version) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.commit()?;
    }
    prove_key(connection, sealer)
}

/// A wrong key must be told at the start, not when the first page fails to open.
fn prove_key(connection: &Connection, sealer: &Sealer) -> Result<(), OpenError> {
    let stored: Option<Vec<u8>> =
        connection.query_one("SELECT sealed FROM key_proof", [], |row| row.get(0)).optional()?;
    match stored {
        Some(sealed) => match sealer.open(Purpose::KeyProof, &[], &sealed) {
            Ok(text) if text == PROOF => Ok(()),
            _ => Err(OpenError::WrongKey),
        },
        None => {
            let sealed = sealer.seal(Purpose::KeyProof, &[], PROOF)?;
            connection.execute("INSERT INTO key_proof (row, sealed) VALUES (1, ?1)", [sealed])?;
            Ok(())
        }
    }
}
