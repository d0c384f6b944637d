//! The one thread that writes: it takes what waits, does it all in one transaction, and answers when that is on the disk.
//!
//! Making a transaction durable costs a wait for the disk, however much is in it. So the requests that arrive during one wait are
//! written together in the next transaction, and nobody is told "done" before the commit.
//!
//! A refused request must leave nothing behind. Most are refused before they changed anything. When one was not, the group is
//! undone and done again with each request in a savepoint of its own. Not from the start, because SQLite copies every page that
//! changes under a savepoint into a temporary file: measured, three quarters of all writes.

use std::fs::File;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::unavailable;
use crate::drill::{crash_point, is_planted};
use crate::ports::store::StoreError;

/// How many requests may wait; more are refused at once rather than kept waiting for seconds.
pub(super) const QUEUE: usize = 4096;
/// How many requests one transaction takes at most.
const GROUP: usize = 256;
/// How long a group waits for those who were in the last one: less than a disk takes to make anything durable.
const LINGER: Duration = Duration::from_micros(200);

/// The queue to the writing thread. Dropping it lets the thread finish what waits, and waits for its end.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

/// Something to write, and somebody who waits for it.
trait Request: Send {
    /// Does the work inside an open transaction, perhaps for the second time. Tells whether it is to stay.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers, with what the work gave, or with why the transaction did not commit.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Waiting<T, W> {
    work: W,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Request for Waiting<T, W>
where
    T: Send,
    W: Fn(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let result = (self.work)(connection);
        let stays = result.is_ok();
        self.result = Some(result);
        stays
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

    /// Does some work in a transaction and answers when it is durable. The work's own error undoes only that work. What was
    /// undone may be done once more, so the work may have no effect but on the database.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Waiting { work, result: None, reply });
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
    let mut last_group = 1;
    while let Ok(first) = requests.recv() {
        let mut group = gather(first, requests, last_group);
        last_group = group.len();
        let failure = write_group(connection, &mut group).err();
        if failure.is_some() && !connection.is_autocommit() {
            // If this fails too, the next transaction cannot begin and says so.
            drop(connection.execute_batch("ROLLBACK"));
        }
        crash_point("commit.after");
        for request in group {
            request.answer(failure.as_ref());
        }
        crash_point("answer.after");
        if is_planted("answered before the commit") {
            drop(connection.execute_batch("COMMIT"));
        }
    }
}

/// Takes what waits. Those who were answered together tend to ask again together, but not in the same microsecond: as long as
/// fewer have come than last time, a moment is spent on waiting for the rest. Whoever writes alone never waits.
fn gather(first: Box<dyn Request>, requests: &Receiver<Box<dyn Request>>, last_group: usize) -> Vec<Box<dyn Request>> {
    let mut group = vec![first];
    let until = Instant::now() + LINGER;
    while group.len() < GROUP {
        group.extend(requests.try_iter().take(GROUP - group.len()));
        if group.len() >= last_group {
            break;
        }
        match requests.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(request) => group.push(request),
            Err(_) => break,
        }
    }
    group
}

/// An error here is one of the whole group: what any of it saw may have been the uncommitted work of another, so none of the
/// results count.
fn write_group(connection: &Connection, group: &mut [Box<dyn Request>]) -> Result<(), StoreError> {
    match try_group(connection, group, Undo::Group)? {
        Outcome::Committed => Ok(()),
        Outcome::Undone => try_group(connection, group, Undo::Request).map(drop),
    }
}

/// What is undone when a request is refused after it has changed something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    Group,
    Request,
}

enum Outcome {
    Committed,
    Undone,
}

fn try_group(connection: &Connection, group: &mut [Box<dyn Request>], undo: Undo) -> Result<Outcome, StoreError> {
    let execute = |sql| connection.prepare_cached(sql).and_then(|mut sql| sql.execute([])).map_err(unavailable);
    execute("BEGIN IMMEDIATE")?;
    for request in group {
        if undo == Undo::Request {
            execute("SAVEPOINT request")?;
        }
        let changes = connection.total_changes();
        let stays = request.run(connection);
        // A full disk or a failed read can make SQLite end the whole transaction by itself.
        if connection.is_autocommit() {
            return Err(StoreError::Unavailable("the transaction broke off".to_owned()));
        }
        if !stays && connection.total_changes() != changes {
            if undo == Undo::Group {
                execute("ROLLBACK")?;
                return Ok(Outcome::Undone);
            }
            execute("ROLLBACK TO request")?;
        }
        if undo == Undo::Request {
            execute("RELEASE request")?;
        }
    }
    crash_point("commit.before");
    if !is_planted("answered before the commit") {
        execute("COMMIT")?;
    }
    Ok(Outcome::Committed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    /// A database in which a child without a parent is only noticed at the commit.
    fn writer(folder: &tempfile::TempDir) -> Writer {
        let connection = Connection::open(folder.path().join("test.db")).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;
                 CREATE TABLE parents (id INTEGER PRIMARY KEY);
                 CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        Writer::start(connection, File::create(folder.path().join("lock")).unwrap()).unwrap()
    }

    fn run(sql: &str) -> impl Fn(&Connection) -> Result<(), StoreError> + Send + use<> {
        let sql = sql.to_owned();
        move |connection| connection.execute_batch(&sql).map_err(unavailable)
    }

    async fn parents(writer: &Writer) -> Vec<i64> {
        let read = |connection: &Connection| {
            let mut sql = connection.prepare("SELECT id FROM parents ORDER BY id").map_err(unavailable)?;
            let rows = sql.query_map([], |row| row.get(0)).map_err(unavailable)?;
            rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
        };
        writer.write(read).await.unwrap()
    }

    type Work = Box<dyn Fn(&Connection) -> Result<(), StoreError> + Send>;

    /// Does all the work in one group: the thread is held with a group it has already begun until everything is queued.
    async fn as_one_group(writer: &Writer, work: Vec<Work>) -> Vec<Result<(), StoreError>> {
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let (open, gate) = std::sync::mpsc::channel();
        let held = writer.write(move |_| {
            begin.send(()).unwrap();
            gate.recv().unwrap();
            Ok(())
        });
        let group = async {
            begun.recv().await.unwrap();
            let group = join_all(work.into_iter().map(|work| writer.write(work)));
            // Joined futures are polled in this order: the whole group is queued when the gate opens.
            tokio::join!(group, async { open.send(()).unwrap() }).0
        };
        let (held, answers) = tokio::join!(held, group);
        assert_eq!(held, Ok(()));
        answers
    }

    #[tokio::test]
    async fn a_failed_request_undoes_only_its_own_work() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let refuse = |connection: &Connection| {
            connection.execute_batch("INSERT INTO parents VALUES (2)").map_err(unavailable)?;
            Err(StoreError::Conflict)
        };
        let insert = |id: i64| run(&format!("INSERT INTO parents VALUES ({id})"));
        let untouched = |_: &Connection| Err(StoreError::LeaseLost);
        let work: Vec<Work> = vec![
            Box::new(insert(1)),
            Box::new(untouched),
            Box::new(refuse),
            Box::new(insert(3)),
            Box::new(refuse),
            Box::new(insert(2)),
        ];
        let answers = as_one_group(&writer, work).await;
        let (lost, conflict) = (Err(StoreError::LeaseLost), Err(StoreError::Conflict));
        assert_eq!(answers, [Ok(()), lost, conflict.clone(), Ok(()), conflict, Ok(())]);
        assert_eq!(parents(&writer).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn when_the_commit_fails_nobody_is_told_anything_else() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let answers = as_one_group(
            &writer,
            vec![
                Box::new(run("INSERT INTO parents VALUES (1)")),
                // What this one saw was never committed, so its conflict may not be one.
                Box::new(|_: &Connection| Err(StoreError::Conflict)),
                Box::new(run("INSERT INTO children VALUES (7)")),
            ],
        )
        .await;
        assert_eq!(answers.len(), 3);
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))), "{answers:?}");
        assert_eq!(parents(&writer).await, Vec::<i64>::new());
        assert_eq!(writer.write(run("INSERT INTO parents VALUES (7)")).await, Ok(()), "the thread goes on");
        assert_eq!(parents(&writer).await, [7]);
    }

    #[tokio::test]
    async fn when_sqlite_ends_the_transaction_by_itself_all_of_the_group_fails() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let answers = as_one_group(
            &writer,
            vec![
                Box::new(run("INSERT INTO parents VALUES (1)")),
                Box::new(run("INSERT OR ROLLBACK INTO parents VALUES (1)")),
                Box::new(run("INSERT INTO parents VALUES (3)")),
            ],
        )
        .await;
        assert_eq!(answers, vec![Err(StoreError::Unavailable("the transaction broke off".to_owned())); 3]);
        assert_eq!(parents(&writer).await, Vec::<i64>::new());
    }
}
