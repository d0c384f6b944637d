//! Looking at a database from outside, without changing it: for the audit of the books and for finding out what ails it.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::strays::{self, KeptStray};
use super::{OLDEST_SQLITE, OpenError, books, schema, trades, tune};
use crate::domain::time::Timestamp;
use crate::ports::books::BookPage;
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradePage;
use crate::store::seal::Sealer;

/// How many complaints of SQLite are listed; a damaged file can have one for each page.
const COMPLAINTS: usize = 20;

/// A database opened for looking alone. It takes no lock that a running program would notice, and sees one moment of its work; while it
/// looks, the program's write-ahead log can only grow.
pub struct Inspector(Connection);

/// How a database is.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The version of SQLite in this program, and whether it is new enough to be trusted.
    pub sqlite: (&'static str, bool),
    /// How many migrations the database has, and how many this program knows.
    pub migrations: (usize, usize),
    /// SQLite's word for how it keeps its journal; `wal` is what this program sets.
    pub journal_mode: String,
    /// What the full check of the file complains of, at most twenty complaints; empty for a sound file.
    pub damage: Vec<String>,
    /// How many rows point at rows that are not there.
    pub dangling: usize,
    /// Whether the server key is the one the database was made with; `None` when there is no key to try, or none was proven yet.
    pub key_fits: Option<bool>,
    /// How many stray notices are kept.
    pub strays: u64,
    /// When the newest event happened.
    pub newest_event: Option<Timestamp>,
}

impl Inspector {
    /// Opens a database that exists.
    ///
    /// # Errors
    /// [`OpenError`], also when the file is damaged at its very beginning.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        // SQLite would only say that it is unable to.
        drop(File::open(path)?);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        tune(&connection)?;
        schema::version(&connection)?;
        Ok(Self(connection))
    }

    /// Whether the program has the database open at this moment.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub fn in_use(path: &Path) -> std::io::Result<bool> {
        match File::open(super::lock_path(path)) {
            Ok(file) => Ok(matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Shows the book of every order and every trade of the simulated wallets, all as of one moment, and tells what else is wrong: rows
    /// that belong to nothing, payments that are recorded on two orders.
    ///
    /// # Errors
    /// [`OpenError::WrongKey`], [`OpenError::Older`], or the database fails.
    pub fn audit(
        &self,
        sealer: &Sealer,
        visit_book: impl FnMut(BookPage),
        mut visit_trade: impl FnMut(TradePage),
    ) -> Result<Vec<String>, OpenError> {
        let snapshot = self.0.unchecked_transaction()?;
        let found = schema::version(&snapshot)?;
        if found < schema::KNOWN {
            return Err(OpenError::Older { found, known: schema::KNOWN });
        }
        if schema::key_fits(&snapshot, sealer)? == Some(false) {
            return Err(OpenError::WrongKey);
        }
        books::each(&snapshot, sealer, visit_book).map_err(failed)?;
        trades::each(&snapshot, |page| {
            visit_trade(trades::open(page, sealer)?);
            Ok(())
        })
        .map_err(failed)?;
        let mut found = Vec::new();
        match dangling(&snapshot)? {
            0 => {}
            count => found.push(format!("{count} rows belong to nothing")),
        }
        let twice: i64 = snapshot.query_one(
            "SELECT count(*) FROM (SELECT 1 FROM payments NOT INDEXED \
             GROUP BY wallet, account, transaction_id HAVING count(*) > 1)",
            [],
            |row| row.get(0),
        )?;
        if twice > 0 {
            found.push(format!("{twice} payments are recorded more than once"));
        }
        Ok(found)
    }

    /// What was proven and belongs to no order, each once, oldest first.
    ///
    /// # Errors
    /// The database fails, or is of an older program.
    pub fn strays(&self) -> Result<Vec<KeptStray>, OpenError> {
        Ok(strays::list(&self.0)?)
    }

    /// Examines the database in full; reads every page of it.
    ///
    /// # Errors
    /// The database is too damaged to be asked.
    pub fn examine(&self, sealer: Option<&Sealer>) -> Result<Examination, OpenError> {
        let connection = &self.0;
        let mut complaints = connection.prepare(&format!("PRAGMA integrity_check({COMPLAINTS})"))?;
        let complaints: Vec<String> = complaints.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let version = schema::version(connection)?;
        let has_tables = version > 0;
        Ok(Examination {
            sqlite: (rusqlite::version(), rusqlite::version_number() >= OLDEST_SQLITE),
            migrations: (version, schema::KNOWN),
            journal_mode: connection.query_one("PRAGMA journal_mode", [], |row| row.get(0))?,
            // One complaint may have many lines, whatever limit was asked for.
            damage: complaints
                .iter()
                .flat_map(|complaint| complaint.lines())
                .filter(|line| *line != "ok")
                .take(COMPLAINTS)
                .map(str::to_owned)
                .collect(),
            dangling: dangling(connection)?,
            key_fits: match sealer.filter(|_| has_tables) {
                Some(sealer) => schema::key_fits(connection, sealer)?,
                None => None,
            },
            strays: match has_tables {
                true => connection.query_one("SELECT count(*) FROM strays", [], |row| row.get::<_, i64>(0))?,
                false => 0,
            }
            .unsigned_abs(),
            newest_event: match has_tables {
                true => {
                    let newest: Option<i64> =
                        connection.query_one("SELECT max(at) FROM events", [], |row| row.get(0))?;
                    newest.map(Timestamp::from_millis)
                }
                false => None,
            },
        })
    }
}

fn dangling(connection: &Connection) -> rusqlite::Result<usize> {
    let mut sql = connection.prepare("PRAGMA foreign_key_check")?;
    Ok(sql.query_map([], |_| Ok(()))?.count())
}

fn failed(error: StoreError) -> OpenError {
    OpenError::Unreadable(error.to_string())
}
