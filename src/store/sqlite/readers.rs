//! Read-only connections beside the writer, used on the threads that tokio keeps for blocking work.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{tune, unavailable};
use crate::ports::store::StoreError;

/// How many reads run at once.
const READERS: usize = 4;

/// A pool of read-only connections, opened when first needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, idle: Mutex::new(Vec::new()), permits: Semaphore::new(READERS) })
    }

    /// Reads as of one moment.
    pub async fn read<T, W>(self: &Arc<Self>, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let failed = |error: &dyn std::error::Error| StoreError::Unavailable(format!("reading stopped: {error}"));
        let permit = self.permits.acquire().await.map_err(|error| failed(&error))?;
        let readers = Arc::clone(self);
        let result = spawn_blocking(move || readers.read_now(work)).await.map_err(|error| failed(&error))?;
        drop(permit);
        result
    }

    fn read_now<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().map_err(unavailable)?,
        };
        // A transaction that is never committed: all its reads see the same snapshot.
        let snapshot = connection.unchecked_transaction().map_err(unavailable)?;
        let result = work(&snapshot);
        drop(snapshot);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        tune(&connection)?;
        Ok(connection)
    }
}
