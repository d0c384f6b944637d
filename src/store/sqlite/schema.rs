//! The tables of a SQLite database, brought up to date when it is opened.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::OpenError;
use crate::store::seal::{Purpose, Sealer};

/// Every migration, oldest first; the version of a database is how many of them it has.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/sqlite/0001_orders.sql"),
    include_str!("../migrations/sqlite/0002_webhooks.sql"),
    include_str!("../migrations/sqlite/0003_book_mark.sql"),
    include_str!("../migrations/sqlite/0004_hints.sql"),
    include_str!("../migrations/sqlite/0005_stray_payments.sql"),
];

/// Marks a SQLite file as ours: "pyhf".
const APPLICATION_ID: i64 = 0x7079_6866;

/// What the key proof of a database says when it is opened with the right key.
const PROOF: &[u8] = b"pay-handoff";

/// How many migrations this program knows.
pub(super) const KNOWN: usize = MIGRATIONS.len();

/// How many migrations a database has.
pub(super) fn version(connection: &Connection) -> Result<usize, OpenError> {
    let version: i64 = connection.query_one("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = connection.query_one("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0) {
        return Err(OpenError::NotOurs);
    }
    let found = usize::try_from(version).unwrap_or(usize::MAX);
    if found > KNOWN { Err(OpenError::Newer { found, known: KNOWN }) } else { Ok(found) }
}

/// Brings the tables up to date, one transaction a migration, and makes or checks the key proof.
pub(super) fn prepare(connection: &mut Connection, sealer: &Sealer) -> Result<(), OpenError> {
    let version = version(connection)?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(version) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.commit()?;
    }
    prove_key(connection, sealer)
}

/// Whether the key is the one the database was made with; `None` when no key has been proven yet.
pub(super) fn key_fits(connection: &Connection, sealer: &Sealer) -> Result<Option<bool>, OpenError> {
    let stored: Option<Vec<u8>> =
        connection.query_one("SELECT sealed FROM key_proof", [], |row| row.get(0)).optional()?;
    Ok(stored.map(|sealed| sealer.open(Purpose::KeyProof, &[], &sealed).is_ok_and(|text| text == PROOF)))
}

/// A wrong key must be told at the start, not when the first page fails to open.
fn prove_key(connection: &Connection, sealer: &Sealer) -> Result<(), OpenError> {
    match key_fits(connection, sealer)? {
        Some(true) => Ok(()),
        Some(false) => Err(OpenError::WrongKey),
        None => {
            let sealed = sealer.seal(Purpose::KeyProof, &[], PROOF)?;
            connection.execute("INSERT INTO key_proof (row, sealed) VALUES (1, ?1)", [sealed])?;
            Ok(())
        }
    }
}
