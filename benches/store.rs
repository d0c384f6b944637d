//! Durable orders a second: one committer, 64 at once, and the floor of one commit for each row on the same disk in the same run.

#![expect(clippy::expect_used, reason = "a bench that cannot go on stops")]

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use pay_handoff::domain::code_mask::CodeMask;
use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::id::{EventId, OrderId};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::money::{Amount, Currency, Money};
use pay_handoff::domain::order::{MerchantOrderNo, Order, OrderRequest, OrderStatus};
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::token::{Token, sha256};
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::store::{Change, EventRecord, KeptAnswer, LedgerKey, Store};
use pay_handoff::store::{Sealer, SqliteStore};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::{Builder, Uuid};

/// Orders placed in each measured round.
const ROUND: u64 = 1024;

fn main() {
    divan::main();
}

fn bytes(number: u64) -> [u8; 32] {
    sha256(&number.to_be_bytes())
}

fn uuid(number: u64) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&bytes(number)[..10]);
    Builder::from_unix_timestamp_millis(1_795_300_000_000 + number / 8, &random).into_uuid()
}

fn token(number: u64) -> Token {
    let mut random = [0; 16];
    random.copy_from_slice(&bytes(number)[..16]);
    Token::from_bytes(random)
}

/// What `POST /v1/orders` commits: the order, its first event with a body of usual size, and the kept answer.
fn placing(number: u64) -> Change {
    let merchant = MerchantId::new("teashop").expect("a name");
    let now = Timestamp::from_seconds(1_795_300_000);
    let order = Order {
        id: OrderId::new(uuid(number)),
        merchant: merchant.clone(),
        sandbox: false,
        request: OrderRequest {
            merchant_order_no: MerchantOrderNo::new(&format!("T20261122{number:010}")).expect("a number"),
            money: Money { amount: Amount::new(12_900).expect("an amount"), currency: Currency::Cny },
            subject: "青瓷茶壶".to_owned(),
            wallets: vec![Wallet::WechatPay, Wallet::Alipay],
            expires_in: Span::seconds(900),
            return_url: Some("https://shop.example/thanks".to_owned()),
            locale: None,
            metadata: vec![("cart".to_owned(), "17".to_owned())],
        },
        created_at: now,
        expires_at: now + Span::seconds(900),
        status: OrderStatus::Pending,
        cancelled_at: None,
        winner: None,
        amount_refunded: 0,
        checkout_token: token(number << 32),
        scan_token: token(number << 32 | 1),
        scan_mask: CodeMask::default(),
        history_seq: 0,
        view_seq: 1,
        version: 0,
    };
    let event = EventRecord {
        id: EventId::new(uuid(number)),
        seq: 1,
        kind: EventKind::OrderCreated,
        at: now,
        body: vec![b'e'; 500],
    };
    let answer = KeptAnswer {
        merchant,
        key: format!("key-{number}"),
        fingerprint: bytes(number),
        status: 201,
        body: vec![b'a'; 1500],
        at: now,
    };
    let after = Ledger::place(order);
    Change { before: None, after, events: vec![event], answer: Some(answer), lease: None }
}

struct Bed {
    store: Arc<SqliteStore>,
    runtime: Runtime,
    next: AtomicU64,
    // Dropped last: the store closes in it.
    _folder: TempDir,
}

impl Bed {
    fn new() -> Self {
        let folder = TempDir::new_in(".").expect("a folder on the disk that is measured");
        let store = SqliteStore::open(&folder.path().join("orders.db"), Sealer::new([1; 32])).expect("a store");
        let runtime = Runtime::new().expect("a runtime");
        Self { store: Arc::new(store), runtime, next: AtomicU64::new(0), _folder: folder }
    }

    fn place(&self, orders: u64, committers: u64) {
        let first = self.next.fetch_add(orders, Ordering::Relaxed);
        let tasks: Vec<_> = (0..committers)
            .map(|committer| {
                let store = Arc::clone(&self.store);
                self.runtime.spawn(async move {
                    for number in (first + committer..first + orders).step_by(committers as usize) {
                        store.commit(placing(number)).await.expect("a commit");
                    }
                })
            })
            .collect();
        self.runtime.block_on(async {
            for task in tasks {
                task.await.expect("a task");
            }
        });
    }
}

/// The least a durable row costs here: a bare table, one insert and one commit at a time.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn floor_one_commit_each(bencher: Bencher) {
    let folder = TempDir::new_in(".").expect("a folder on the disk that is measured");
    let connection = rusqlite::Connection::open(folder.path().join("floor.db")).expect("a database");
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB)")
        .expect("a table");
    let next = Cell::new(0_i64);
    bencher.counter(ItemsCount::new(ROUND / 8)).bench_local(|| {
        for _ in 0..ROUND / 8 {
            next.set(next.get() + 1);
            let insert = connection.prepare_cached("INSERT INTO rows VALUES (?1, ?2)");
            insert.and_then(|mut insert| insert.execute((next.get(), [0_u8; 500]))).expect("a row");
        }
    });
}

/// Orders with their event and kept answer, from so many committers at once.
#[divan::bench(args = [1, 8, 64, 256], sample_count = 10, sample_size = 1)]
fn orders_committed(bencher: Bencher, committers: u64) {
    let bed = Bed::new();
    let orders = if committers == 1 { ROUND / 8 } else { ROUND * 2 };
    bencher.counter(ItemsCount::new(orders)).bench_local(|| bed.place(orders, committers));
}

/// Ledgers read beside nothing else, 64 readers at once.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn ledgers_read(bencher: Bencher) {
    let bed = Bed::new();
    bed.place(ROUND, 64);
    bencher.counter(ItemsCount::new(ROUND)).bench_local(|| {
        let reads = (0..64_u64).map(|reader| {
            let store = Arc::clone(&bed.store);
            bed.runtime.spawn(async move {
                for number in (reader..ROUND).step_by(64) {
                    let key = LedgerKey::ScanToken(token(number << 32 | 1));
                    assert!(store.ledger(key).await.expect("a read").is_some());
                }
            })
        });
        let reads: Vec<_> = reads.collect();
        bed.runtime.block_on(async {
            for read in reads {
                read.await.expect("a task");
            }
        });
    });
}
