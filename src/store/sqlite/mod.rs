//! The store in one SQLite file: one writer that commits many requests at once, readers beside it.

mod books;
mod inspection;
mod leases;
mod list;
mod load;
mod outbox;
#[cfg(test)]
mod power_cut;
mod readers;
mod save;
mod schema;
mod strays;
mod trades;
mod writer;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Notify;

use super::rows::AnswerRow;
use super::seal::{SealError, Sealer};
use super::writes::Writes;
use crate::domain::attempt::TradeNo;
use crate::domain::ledger::Ledger;
use crate::domain::merchant::MerchantId;
use crate::domain::order::Order;
use crate::domain::time::{Span, Timestamp};
use crate::drill::is_planted;
use crate::ports::store::{
    Change, EventQuery, EventRecord, KeptAnswer, Lease, LedgerKey, OrderQuery, Store, StoreError, Stray,
};
use crate::ports::trade_book::{TradeBook, TradePage};
pub use inspection::{Examination, Inspector};
use readers::Readers;
pub use strays::{KeptStray, StrayMoney};
use writer::Writer;

/// SQLite 3.51.3: the first without the fault that can corrupt a database in write-ahead mode when its log is reset.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a connection waits for another one's lock. Only a foreign tool in the file can make it wait.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// After so many pages in the write-ahead log (16 MiB) a commit of the writer moves them into the database.
const CHECKPOINT_PAGES: i64 = 4096;
/// The writer's page cache; it must hold what a full group changes, or pages are written twice.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// How many old answers one transaction forgets, so that nothing else waits long for it.
const FORGET_AT_ONCE: usize = 1000;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite is too old to be trusted with a database in write-ahead mode.
    #[error("SQLite {0} is too old: versions before 3.51.3 can corrupt the database")]
    SqliteTooOld(&'static str),
    /// Another process has it open.
    #[error("the database is in use: another process holds {0}")]
    InUse(PathBuf),
    /// A newer program has worked with it.
    #[error(
        "the database has version {found}, but this program knows only versions up to {known}; use the newer program"
    )]
    Newer {
        /// The database's version.
        found: usize,
        /// The newest version this program knows.
        known: usize,
    },
    /// Its tables are those of an older program.
    #[error(
        "the database has version {found} and this program works with version {known}; start the program once, which brings the tables \
         up to date"
    )]
    Older {
        /// The database's version.
        found: usize,
        /// The version this program works with.
        known: usize,
    },
    /// What is kept cannot be read.
    #[error("the database cannot be read: {0}")]
    Unreadable(String),
    /// The file is a database of something else.
    #[error("the file is not a database of this program")]
    NotOurs,
    /// Its tokens and answers were sealed under another key.
    #[error("the server key is not the one this database was made with")]
    WrongKey,
    /// The file system cannot hold a write-ahead log; readers would stand in the writer's way.
    #[error("the database cannot have a write-ahead log here: SQLite keeps to journal mode {0}")]
    NoWriteAheadLog(String),
    /// The system gave no random bytes.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The file or its lock cannot be used.
    #[error("the database file cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// SQLite refused.
    #[error("the database cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Orders in a SQLite file. Dropping it waits until everything asked for is written and the file is closed.
pub struct SqliteStore {
    // Fields are dropped in this order: the writer closes last and leaves a single tidy file.
    readers: Arc<Readers>,
    writer: Writer,
    sealer: Arc<Sealer>,
    /// Rung when a delivery may have come due.
    stirred: Notify,
    /// When this process first looked for due deliveries.
    delivers_since: OnceLock<Timestamp>,
}

/// The name of the database in its data directory.
pub const FILE_NAME: &str = "pay-handoff.db";

impl SqliteStore {
    /// Opens the database of this path, making it if there is none, and brings its tables up to date. Beside it lie its
    /// write-ahead log and a lock file, which keeps a second process out.
    ///
    /// # Errors
    /// [`OpenError`], each naming what the operator can do something about.
    pub fn open(path: &Path, sealer: Sealer) -> Result<Self, OpenError> {
        Self::open_with(path, sealer, if is_planted("synchronous=NORMAL") { "NORMAL" } else { "FULL" })
    }

    /// The same with another word for how long a commit waits: only a test that must see rows lost says anything but `FULL`.
    fn open_with(path: &Path, sealer: Sealer, synchronous: &str) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(OpenError::SqliteTooOld(rusqlite::version()));
        }
        let lock = lock(path)?;
        // Made before SQLite makes it, so that it and its log are for the owner alone.
        private_file(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        tune(&connection)?;
        // Some file systems cannot hold a write-ahead log, and SQLite then keeps silently to what it had.
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(OpenError::NoWriteAheadLog(mode));
        }
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        schema::prepare(&mut connection, &sealer)?;
        leases::end_all(&connection)?;
        outbox::drop_claims(&connection)?;
        Ok(Self {
            readers: Readers::new(path.to_path_buf()),
            writer: Writer::start(connection, lock)?,
            sealer: Arc::new(sealer),
            stirred: Notify::new(),
            delivers_since: OnceLock::new(),
        })
    }
}

/// What every connection needs.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A mapped file lets a stray write through a pointer, or a failing disk, do more harm than an error.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The file beside a database whose lock keeps a second process out.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = lock_path(path);
    let file = private_file(&lock_path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(lock_path)),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Whether a row was refused because something in it must be unique and is not.
fn known_already(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY))
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let writes = Writes::of(change, &self.sealer)?;
        let writes = Arc::new(writes);
        if is_planted("deliveries begun in a commit of their own") {
            let writes = Arc::clone(&writes);
            self.writer.write(move |connection| save::commit(connection, &writes)).await?;
        }
        let commit = move |connection: &Connection| {
            if !is_planted("deliveries begun in a commit of their own") {
                save::commit(connection, &writes)?;
            }
            outbox::begin_deliveries(connection, &writes)
        };
        if self.writer.write(commit).await? {
            self.stirred.notify_one();
        }
        Ok(())
    }

    async fn ledger(&self, key: LedgerKey) -> Result<Option<Ledger>, StoreError> {
        let sealer = Arc::clone(&self.sealer);
        self.readers.read(move |connection| load::ledger(connection, &key, &sealer)).await
    }

    async fn orders(&self, query: OrderQuery) -> Result<Vec<Order>, StoreError> {
        let sealer = Arc::clone(&self.sealer);
        self.readers.read(move |connection| list::orders(connection, &query, &sealer)).await
    }

    async fn events(&self, query: EventQuery) -> Result<Vec<EventRecord>, StoreError> {
        self.readers.read(move |connection| list::events(connection, &query)).await
    }

    async fn kept_answer(
        &self,
        merchant: &MerchantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        let (merchant, key, sealer) = (merchant.clone(), key.to_owned(), Arc::clone(&self.sealer));
        self.readers.read(move |connection| list::kept_answer(connection, &merchant, &key, now, &sealer)).await
    }

    async fn keep_answer(&self, answer: KeptAnswer) -> Result<(), StoreError> {
        let row = AnswerRow::of(&answer, &self.sealer)?;
        self.writer.write(move |connection| save::keep_answer(connection, &row)).await
    }

    async fn claim_due(&self, now: Timestamp, span: Span, limit: usize) -> Result<Vec<Lease>, StoreError> {
        // Looking costs no transaction of the writer; most of the time nothing is due.
        if self.next_due_at().await?.is_none_or(|due_at| due_at > now) {
            return Ok(Vec::new());
        }
        self.writer.write(move |connection| leases::claim(connection, now, span, limit)).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.writer.write(move |connection| leases::release(connection, &lease)).await
    }

    async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(leases::next_due_at).await
    }

    async fn keep_stray(&self, stray: Stray) -> Result<(), StoreError> {
        self.writer.write(move |connection| strays::keep(connection, &stray)).await
    }

    async fn forget_old_answers(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        loop {
            let forget = move |connection: &Connection| save::forget_old_answers(connection, now, FORGET_AT_ONCE);
            let these = self.writer.write(forget).await?;
            forgotten += these;
            if these < FORGET_AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.write(save::prove_writing).await?;
        self.readers.read(leases::next_due_at).await.map(drop)
    }
}

#[async_trait]
impl TradeBook for SqliteStore {
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<TradePage>, StoreError> {
        let trade_no = trade_no.clone();
        let page = self.readers.read(move |connection| trades::trade(connection, &trade_no)).await?;
        page.map(|page| trades::open(page, &self.sealer)).transpose()
    }

    async fn write_trade(&self, page: TradePage) -> Result<(), StoreError> {
        let page = trades::seal(page, &self.sealer)?;
        self.writer.write(move |connection| trades::write_trade(connection, &page)).await
    }

    async fn due_trades(&self, now: Timestamp, limit: usize) -> Result<Vec<TradePage>, StoreError> {
        let pages = self.readers.read(move |connection| trades::due_trades(connection, now, limit)).await?;
        pages.into_iter().map(|page| trades::open(page, &self.sealer)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_waits_for_the_disk_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("orders.db"), Sealer::new([0; 32])).unwrap();
        let pragmas = |connection: &Connection| {
            let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
            Ok(["synchronous", "foreign_keys", "mmap_size", "wal_autocheckpoint"].map(read))
        };
        let written = store.writer.write(pragmas).await;
        assert_eq!(written, Ok([2, 1, 0, CHECKPOINT_PAGES]), "FULL is 2");
        let refused = store.readers.read(|connection| {
            let written = connection.execute_batch("UPDATE key_proof SET checks = 7");
            written.map_err(unavailable)
        });
        assert!(matches!(refused.await, Err(StoreError::Unavailable(_))));
    }
}
