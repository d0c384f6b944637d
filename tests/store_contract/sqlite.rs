//! The SQLite store as a bed for the checks, and what only it promises.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use pay_handoff::domain::attempt::Handover;
use pay_handoff::domain::id::OrderId;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::outbox::Outbox;
use pay_handoff::ports::store::{Lease, Store, StoreError, Stray};
use pay_handoff::store::{Inspector, OpenError, Sealer, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::bed::Bed;
use crate::round_trips::full_ledger;
use crate::samples::{NOW, Samples, read, stored, teashop};

const KEY: [u8; 32] = [42; 32];

/// A SQLite store in a folder of its own.
pub struct SqliteBed {
    store: Arc<SqliteStore>,
    folder: TempDir,
}

impl SqliteBed {
    fn path(&self) -> PathBuf {
        self.folder.path().join("orders.db")
    }

    /// Closes the store and leaves its folder.
    fn closed(self) -> TempDir {
        drop(Arc::into_inner(self.store).expect("somebody still holds the store"));
        self.folder
    }
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, Sealer::new(KEY))
}

impl Bed for SqliteBed {
    type Kept = SqliteStore;

    async fn fresh() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(open(&folder.path().join("orders.db")).unwrap());
        Self { store, folder }
    }

    fn store(&self) -> Arc<SqliteStore> {
        Arc::clone(&self.store)
    }

    async fn reopened(self) -> Self {
        let folder = self.closed();
        let store = Arc::new(open(&folder.path().join("orders.db")).unwrap());
        Self { store, folder }
    }
}

/// Every byte the store has written: the database, its log and everything else in the folder.
fn bytes_on_disk(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().concat()
}

fn holds(disk: &[u8], needle: &[u8]) -> bool {
    disk.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn a_stolen_copy_holds_no_token_no_answer_and_no_handover() {
    let bed = SqliteBed::fresh().await;
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut ledger = samples.order();
    ledger.order.request.subject = "a subject that anybody may read".to_owned();
    ledger.friend_links.push(samples.friend_link());
    let mut attempt = samples.attempt(Wallet::Alipay);
    attempt.handover = Some(Handover::Redirect("https://wallet.example/pay-me-here".to_owned()));
    ledger.attempts.push(attempt);
    let mut answer = samples.answer("the key of the request");
    answer.body = b"{\"checkout_url\": \"https://pay.example/c/only-for-the-shop\"}".to_vec();
    let mut change = samples.change(None, &ledger);
    change.answer = Some(answer.clone());
    store.commit(change).await.unwrap();
    // Once more, so that an update and a second kept answer are on the disk too.
    let before = stored(&ledger, 1);
    let mut after = before.clone();
    after.attempts[0].handover = Some(Handover::Code("weixin://wxpay/secret-code".to_owned()));
    samples.moved(&*store, &before, &after).await.unwrap();

    let tokens = [ledger.order.checkout_token, ledger.order.scan_token, ledger.friend_links[0].token];
    let log = fs::read(bed.folder.path().join("orders.db-wal")).unwrap();
    assert!(holds(&log, ledger.order.request.subject.as_bytes()), "the log is where fresh rows are");
    drop(store);
    let open_disk = bytes_on_disk(bed.folder.path());
    let folder = bed.closed();
    let closed_disk = bytes_on_disk(folder.path());
    for disk in [open_disk, closed_disk] {
        assert!(holds(&disk, ledger.order.request.subject.as_bytes()), "the scan sees what is not sealed");
        for token in tokens {
            assert!(holds(&disk, &token.hash()), "the hash is what tokens are found by");
            assert!(!holds(&disk, token.expose_bytes()));
            assert!(!holds(&disk, token.expose().as_bytes()));
        }
        for secret in ["only-for-the-shop", "checkout_url", "pay-me-here", "secret-code"] {
            assert!(!holds(&disk, secret.as_bytes()), "{secret}");
        }
        assert!(!holds(&disk, &KEY));
    }
}

#[tokio::test]
async fn a_stolen_copy_holds_no_webhook_secret() {
    let bed = SqliteBed::fresh().await;
    let (store, mut samples) = (bed.store(), Samples::default());
    let (endpoint, first, second) = (samples.endpoint(), samples.secret(), samples.secret());
    store.add_endpoint(endpoint.clone(), first.clone(), None).await.unwrap();
    store.rotate_secret(&teashop(), endpoint.id, second.clone(), NOW, None).await.unwrap();
    drop(store);
    let disk = bytes_on_disk(bed.closed().path());
    assert!(holds(&disk, endpoint.url.as_bytes()), "the scan sees what is not sealed");
    for secret in [first, second] {
        assert!(!holds(&disk, secret.expose_bytes()));
        assert!(!holds(&disk, secret.expose().trim_start_matches("whsec_").as_bytes()));
    }
}

#[tokio::test]
async fn a_second_process_is_kept_out_until_the_first_is_done() {
    let bed = SqliteBed::fresh().await;
    assert!(matches!(open(&bed.path()), Err(OpenError::InUse(_))));
    let folder = bed.closed();
    assert!(open(&folder.path().join("orders.db")).is_ok());
}

#[tokio::test]
async fn another_key_is_refused_at_the_start() {
    let folder = SqliteBed::fresh().await.closed();
    let path = folder.path().join("orders.db");
    assert!(matches!(SqliteStore::open(&path, Sealer::new([1; 32])), Err(OpenError::WrongKey)));
    assert!(open(&path).is_ok());
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let folder = SqliteBed::fresh().await.closed();
    let path = folder.path().join("orders.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = open(&path).map(drop).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 99, .. }), "{refused}");
    assert!(refused.to_string().contains("version 99"), "{refused}");
    let version: i64 = Connection::open(&path).unwrap().query_one("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_database_of_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(open(&foreign), Err(OpenError::NotOurs)));
    let text = folder.path().join("text.db");
    fs::write(&text, "this is not a database at all, but it is long enough to look like one. ".repeat(20)).unwrap();
    assert!(matches!(open(&text), Err(OpenError::Sqlite(_))));
    assert!(matches!(open(&folder.path().join("no/such/folder.db")), Err(OpenError::File(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bed = SqliteBed::fresh().await;
    bed.store().check().await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(bed.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["orders.db", "orders.db-shm", "orders.db-wal", "orders.db.lock"]);
}

#[tokio::test]
async fn closing_leaves_one_whole_file() {
    let bed = SqliteBed::fresh().await;
    let mut samples = Samples::default();
    let ledger = full_ledger(&mut samples);
    samples.placed(&*bed.store(), &ledger).await;
    read(&*bed.store(), ledger.order.id).await;
    let folder = bed.closed();
    assert!(!folder.path().join("orders.db-wal").exists());
    let connection = Connection::open(folder.path().join("orders.db")).unwrap();
    let verdict: String = connection.query_one("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let broken: i64 =
        connection.query_one("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
}

#[tokio::test]
async fn a_stray_notice_is_kept_as_it_came_and_shown_once_however_often_it_comes() {
    let bed = SqliteBed::fresh().await;
    let body: Vec<u8> = (0..=255).collect();
    let mut samples = Samples::default();
    let attempt = samples.attempt(Wallet::Unionpay);
    let proven = samples.payment(&attempt, Verdict::Late).proven;
    let mut stray = Stray {
        merchant: teashop(),
        wallet: Wallet::Unionpay,
        at: NOW,
        reason: "no such trade".to_owned(),
        trade_no: Some(proven.trade_no.clone()),
        payment: Some(proven.clone()),
        body: body.clone(),
    };
    bed.store().keep_stray(stray.clone()).await.unwrap();
    stray.at = NOW + Span::minutes(1);
    bed.store().keep_stray(stray.clone()).await.unwrap();
    stray.payment = None;
    bed.store().keep_stray(stray).await.unwrap();
    let folder = bed.closed();
    let file = folder.path().join("orders.db");
    let connection = Connection::open(&file).unwrap();
    let before = "INSERT INTO strays (merchant, wallet, at, reason, body) VALUES ('teashop', 'alipay', 1, 'of an older program', x'00')";
    connection.execute(before, []).unwrap();
    let kept: Vec<u8> = connection.query_one("SELECT body FROM strays WHERE row = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, body);
    let strays = Inspector::open(&file).unwrap().strays().unwrap();
    let [twice, without_money, older] = strays.as_slice() else { panic!("{strays:?}") };
    let money = twice.money.as_ref().unwrap();
    assert_eq!((twice.times, twice.first_at, twice.last_at), (2, NOW, NOW + Span::minutes(1)));
    assert_eq!((twice.merchant.as_str(), twice.wallet.as_str()), ("teashop", "unionpay"));
    assert_eq!(twice.reason, "no such trade");
    assert_eq!(twice.trade_no.as_deref(), Some(proven.trade_no.as_str()));
    assert_eq!((&money.account, &money.transaction_id), (&proven.account, &proven.transaction_id));
    assert_eq!((money.amount, &money.currency, money.paid_at), (proven.amount, &proven.currency, proven.paid_at));
    assert_eq!((&without_money.trade_no, &without_money.money), (&twice.trade_no, &None));
    assert_eq!((older.reason.as_str(), &older.trade_no, &older.money), ("of an older program", &None, &None));
}

#[tokio::test]
async fn a_fact_stands_even_against_sql() {
    let bed = SqliteBed::fresh().await;
    let mut samples = Samples::default();
    let ledger = full_ledger(&mut samples);
    samples.placed(&*bed.store(), &ledger).await;
    let folder = bed.closed();
    let connection = Connection::open(folder.path().join("orders.db")).unwrap();
    for forgery in [
        "UPDATE payments SET amount = 1",
        "UPDATE payments SET verdict = 'late'",
        "DELETE FROM payments",
        "UPDATE events SET body = x'00'",
        "UPDATE orders SET status = 'free'",
        "UPDATE attempts SET status = 'paid'",
        "UPDATE orders SET winner = x'00112233445566778899aabbccddeeff'",
    ] {
        assert!(connection.execute(forgery, []).is_err(), "{forgery}");
    }
    assert!(connection.execute("UPDATE payments SET refund = NULL", []).is_ok());
}

#[tokio::test]
async fn too_many_waiting_writes_are_refused_at_once_and_the_others_are_done() {
    const WRITES: usize = 5000;
    let bed = SqliteBed::fresh().await;
    let store = bed.store();
    let blocker = Connection::open(bed.path()).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let nothing = Lease { order: OrderId::new(uuid::Uuid::nil()), fence: 1 };
    let mut writes: FuturesUnordered<_> = (0..WRITES).map(|_| store.release(nothing)).collect();
    let (mut done, mut refused) = (0, 0);
    while let Some(outcome) = writes.next().await {
        match outcome {
            Ok(()) => done += 1,
            Err(StoreError::Unavailable(text)) => {
                assert!(text.contains("nothing was written"), "{text}");
                if refused == 0 {
                    blocker.execute_batch("ROLLBACK").unwrap();
                }
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0);
    assert!(done >= 4096, "{done}");
    assert_eq!(done + refused, WRITES);
    assert_eq!(store.check().await, Ok(()));
}

#[tokio::test]
async fn dropping_the_store_finishes_what_waits() {
    let bed = SqliteBed::fresh().await;
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledgers: Vec<_> = (0..50).map(|_| samples.order()).collect();
    {
        // Polled once each, so that they are queued, and then forgotten: whoever asked has gone.
        let writes = ledgers.iter().map(|ledger| store.commit(samples.change(None, ledger)));
        let mut writes: FuturesUnordered<_> = writes.collect();
        drop(writes.next().await);
    }
    drop(store);
    let bed = bed.reopened().await;
    for ledger in &ledgers {
        assert_eq!(read(&*bed.store(), ledger.order.id).await, stored(ledger, 1));
    }
}

#[tokio::test]
async fn work_that_a_dead_process_had_claimed_is_free_at_the_start_but_its_claim_is_refused() {
    let bed = SqliteBed::fresh().await;
    let mut samples = Samples::default();
    let mut ledger = samples.order();
    ledger.order.expires_at = NOW;
    samples.placed(&*bed.store(), &ledger).await;
    let minute = Span::seconds(60);
    let dead = bed.store().claim_due(NOW, minute, 1).await.unwrap()[0];
    assert_eq!(bed.store().claim_due(NOW, minute, 1).await, Ok(Vec::new()));
    let bed = bed.reopened().await;
    let alive = bed.store().claim_due(NOW, minute, 1).await.unwrap()[0];
    assert!(alive.fence > dead.fence);
    bed.store().release(dead).await.unwrap();
    assert_eq!(bed.store().claim_due(NOW, minute, 1).await, Ok(Vec::new()), "a stale release frees nothing");
}
