//! The one thread that writes: it takes what waits, does it all in one transaction, and answers when that is on the disk.
//!
//! Making a transaction durable costs a wait for the disk, however much is in it. So the requests that arrive during one wait are
//! written together in the next transaction, each in a savepoint of its own, and nobody is told "done" before the commit.

use std::fs::File;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::unavailable;
use crate::ports::store::StoreError;

/// How many requests may wait; more are refused at once rather than kept waiting for seconds.
pub(super) const QUEUE: usize = 4096;
/// How many requests one transaction takes at most.
const GROUP: usize = 256;

/// The queue to the writing thread. Dropping it lets the thread finish what waits, and waits for its end.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

/// Something to write, and somebody who waits for it.
trait Request: Send {
    /// Does the work inside an open transaction. Tells whether it is to stay.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers, with what the work gave, or with why the transaction did not commit.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Waiting<T, W> {
    work: Option<W>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Request for Waiting<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.work.take().map(|work| work(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let answer = match (failure, self.result) {
            (None, Some(result)) => result,
            (Some(failure), _) => Err(failure.clone()),
            (None, None) => Err(StoreError::Unavailable("the write was not tried".to_owned())),
        };
        // Whoever asked may have gone meanwhile; what is written stays written.
        drop(self.reply.send(answer));
    }
}

impl Writer {
    /// Starts the thread. It owns the connection, and the lock that keeps other processes out until the connection is closed.
    pub fn start(connection: Connection, lock: File) -> std::io::Result<Self> {
        let (queue, requests) = sync_channel(QUEUE);
        let thread = Builder::new().name("store-writer".to_owned()).spawn(move || {
            serve(&connection, &requests);
            // Closing the last connection moves the rest of the write-ahead log into the database.
            drop(connection);
            drop(lock);
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does some work in a transaction and answers when it is durable. The work's own error undoes only that work.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Waiting { work: Some(work), result: None, reply });
        let stopped = || StoreError::Unavailable("the writing thread has stopped".to_owned());
        match self.queue.as_ref().ok_or_else(stopped)?.try_send(request) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(stopped())),
            Err(TrySendError::Full(_)) => {
                Err(StoreError::Unavailable(format!("nothing was written: {QUEUE} writes wait already")))
            }
            Err(TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // An error means that the thread panicked; then there is nothing left to wait for.
            drop(thread.join());
        }
    }
}

fn serve(connection: &Connection, requests: &Receiver<Box<dyn Request>>) {
    while let Ok(first) = requests.recv() {
        let mut group = vec![first];
        group.extend(requests.try_iter().take(GROUP - 1));
        let failure = write_group(connection, &mut group).err();
        if failure.is_some() && !connection.is_autocommit() {
            // If this fails too, the next transaction cannot begin and says so.
            drop(connection.execute_batch("ROLLBACK"));
        }
        for request in group {
            request.answer(failure.as_ref());
        }
    }
}

/// An error here is one of the whole group: what any of it saw may have been the uncommitted work of another, so none of the
/// results count.
fn write_group(connection: &Connection, group: &mut [Box<dyn Request>]) -> Result<(), StoreError> {
    let execute = |sql| connection.prepare_cached(sql).and_then(|mut sql| sql.execute([])).map_err(unavailable);
    execute("BEGIN IMMEDIATE")?;
    for request in group {
        execute("SAVEPOINT request")?;
        if !request.run(connection) {
            // A full disk or a failed read can make SQLite end the whole transaction by itself.
            if connection.is_autocommit() {
                return Err(StoreError::Unavailable("the transaction broke off".to_owned()));
            }
            execute("ROLLBACK TO request")?;
        }
        execute("RELEASE request")?;
    }
    execute("COMMIT").map(drop)
}
