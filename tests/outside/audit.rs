//! The audit and the doctor: silent about what is sound, and never about what somebody has tampered with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{SOON, Server, finished, program, wait_until};

fn run(command: &str, data_dir: &Path) -> Output {
    finished(program().arg(command).arg("--data-dir").arg(data_dir))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A shop's day: an order of every fate, and all money that had to go back is back.
struct Day {
    server: Server,
    orders: Vec<Value>,
    refunded: Value,
}

async fn day() -> Day {
    let server = Server::start().await;
    let shop = server.shop();
    let mut orders = Vec::new();
    for outcome in ["paid", "paid_twice", "paid_late", "paid_wrong_amount", "failed"] {
        let order = shop.place_with(json!({})).await;
        server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
        server.play(&shop, &order, outcome).await;
        orders.push(order);
    }
    server.await_status(&shop, &orders[0], "paid").await;
    server.await_status(&shop, &orders[1], "paid").await;
    let refunded = orders[0].clone();
    let path = format!("/v1/orders/{}/refunds", refunded["id"].as_str().unwrap());
    shop.post(&path, &json!({ "amount": 900 })).await.expect(201);
    let cancelled = shop.place_with(json!({})).await;
    shop.post_nothing(&format!("/v1/orders/{}/cancel", cancelled["id"].as_str().unwrap())).await.expect(200);
    shop.ask_friend(&shop.place_with(json!({})).await, json!({})).await;
    let back = |refunds: &[Value], count: usize| {
        refunds.len() == count && refunds.iter().all(|refund| refund["status"] == "succeeded")
    };
    wait_until(SOON, "all money to be back", async || {
        let mut is_back = true;
        for order in &orders[..3] {
            is_back &= back(&shop.refunds(order).await, 1);
        }
        is_back.then_some(())
    })
    .await;
    wait_until(SOON, "the last two outcomes to be heard of", async || {
        let (wrong, failed) = (shop.attempts(&orders[3]).await, shop.attempts(&orders[4]).await);
        (wrong[0]["payments"][0]["result"] == "mismatch" && failed[0]["status"] == "failed").then_some(())
    })
    .await;
    Day { server, orders, refunded }
}

/// A copy of a data directory whose program has ended.
fn copy(data_dir: &Path) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data_dir).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let path = folder.path().to_owned();
    (folder, path)
}

fn tamper(data_dir: &Path, sql: &str) {
    let connection = Connection::open(data_dir.join("pay-handoff.db")).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// What somebody may have done to the database, and the rule that must be named.
const DEEDS: [(&str, &str, &str); 14] = [
    ("an order is called paid", "UPDATE orders SET status = 'paid' WHERE status = 'cancelled'", "status follows"),
    ("a price is changed", "UPDATE orders SET amount = amount + 1 WHERE winner IS NOT NULL", "accounted for"),
    ("a refund grows", "UPDATE refunds SET amount = amount + 1 WHERE kind = 'surplus'", "more goes back than"),
    (
        "a refund is made twice",
        "INSERT INTO refunds (id, order_id, payment, wallet, amount, currency, kind, created_at, status, tries) \
         SELECT randomblob(16), order_id, payment, wallet, amount, currency, kind, created_at, status, tries \
         FROM refunds WHERE kind = 'late'",
        "once and whole",
    ),
    ("a refund vanishes", "DELETE FROM refunds WHERE kind = 'surplus'", "accounted for"),
    ("a refund is called done", "UPDATE refunds SET status = 'pending' WHERE kind = 'merchant'", "is planned"),
    (
        "a fact vanishes",
        "DROP TRIGGER payments_stay; DELETE FROM payments WHERE verdict = 'winner'",
        "names the payment that won",
    ),
    (
        "a fact is rewritten",
        "DROP TRIGGER payments_are_facts; UPDATE payments SET verdict = 'mismatch' WHERE verdict = 'surplus'",
        "for what it is",
    ),
    (
        "a fact is of another amount",
        "DROP TRIGGER payments_are_facts; UPDATE payments SET amount = amount - 1 WHERE verdict = 'winner'",
        "paid what was asked",
    ),
    (
        "a fact is recorded twice",
        "DROP INDEX payments_by_transaction; \
         INSERT INTO payments (id, order_id, attempt, wallet, account, trade_no, transaction_id, amount, currency, paid_at, heard_at, \
         verdict) SELECT randomblob(16), order_id, attempt, wallet, account, trade_no, transaction_id, amount, currency, paid_at, \
         heard_at, verdict FROM payments WHERE verdict = 'mismatch'",
        "recorded more than once",
    ),
    ("an event vanishes", "DELETE FROM deliveries; DELETE FROM events WHERE kind = 'order.paid'", "without a gap"),
    ("work is forgotten", "UPDATE orders SET due_at = NULL WHERE status = 'pending'", "planned for its next work"),
    ("a word is nonsense", "UPDATE orders SET currency = 'XXX' WHERE status = 'cancelled'", "cannot be read"),
    ("what a merchant gave back is denied", "UPDATE orders SET amount_refunded = 0", "knows what its merchant"),
];

#[tokio::test]
async fn the_audit_is_silent_about_sound_books_and_finds_every_deed_of_a_tamperer() {
    let Day { mut server, orders, refunded } = day().await;
    let data_dir = server.data_dir();
    let beside = run("audit", &data_dir);
    assert_eq!(beside.status.code(), Some(0), "{}", text(&beside));
    assert!(text(&beside).contains("The program is running"), "{}", text(&beside));
    server.kill();
    let sound = run("audit", &data_dir);
    let said = text(&sound);
    assert_eq!(sound.status.code(), Some(0), "{said}");
    assert!(!said.contains("is running") && said.contains("The books balance"), "{said}");
    // One winner, a winner with a surplus, one late, one of a wrong amount.
    assert!(said.contains("7 orders, 5 payments, 3 refunds"), "{said}");
    for (name, sum) in [
        ("proven by wallets", 5 * 12_900 - 1),
        ("paid orders", 2 * 12_900),
        ("gone back by itself", 2 * 12_900),
        ("of a wrong amount", 12_899),
        ("unaccounted for", 0),
    ] {
        let line = said.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert_eq!(line.split_whitespace().last(), Some(sum.to_string().as_str()), "{said}");
    }
    for (deed, sql, rule) in DEEDS {
        let (_folder, copy) = copy(&data_dir);
        tamper(&copy, sql);
        let found = run("audit", &copy);
        let said = text(&found);
        assert_eq!(found.status.code(), Some(1), "{deed}: {said}");
        assert!(said.contains("finding: ") && said.contains(rule), "{deed}: {said}");
        for secret in orders.iter().filter_map(|order| order["qr"]["payload"].as_str()) {
            let token = secret.rsplit('/').next().unwrap();
            assert!(!said.contains(token), "{deed}: a permission is printed: {said}");
        }
    }
    let (_folder, copy) = copy(&data_dir);
    tamper(&copy, "UPDATE orders SET amount_refunded = 0");
    assert!(text(&run("audit", &copy)).contains(refunded["id"].as_str().unwrap()), "the order is named");
}

#[tokio::test]
async fn what_changed_since_the_last_check_is_checked_at_the_next_start() {
    let Day { mut server, refunded, .. } = day().await;
    server.restart().await;
    let checked = |server: &Server| server.errors().contains("the books were checked");
    wait_until(SOON, "the first check", async || checked(&server).then_some(())).await;
    assert!(server.errors().contains("faults=0") && !server.errors().contains("do not hold"), "{}", server.errors());
    server.kill();
    tamper(&server.data_dir(), "UPDATE orders SET amount_refunded = 0");
    server.restart().await;
    // Nothing happened to that order since the check, so the start does not look at it again: the full audit does.
    assert_eq!(run("audit", &server.data_dir()).status.code(), Some(1));
    let path = format!("/v1/orders/{}/refunds", refunded["id"].as_str().unwrap());
    server.shop().post(&path, &json!({ "amount": 1 })).await.expect(201);
    server.kill();
    // The start before may have been so slow to look that it has met the fault already.
    let earlier = server.errors();
    server.restart().await;
    wait_until(SOON, "the fault to be told", async || {
        let errors = earlier.clone() + &server.errors();
        let told = errors.lines().find(|line| line.contains("the books do not hold"))?;
        assert!(told.contains(refunded["id"].as_str().unwrap()), "{told}");
        Some(())
    })
    .await;
}

/// Overwrites the first page of an index. What lies in the middle of the file is another thing each time, and without some pages the
/// database cannot even be opened.
fn damage(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'payments_by_transaction'";
    let root: u32 = connection.query_one(root, [], |row| row.get(0)).unwrap();
    drop(connection);
    let mut bytes = fs::read(file).unwrap();
    bytes[((root - 1) * page) as usize..(root * page) as usize].fill(0xa5);
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn the_doctor_finds_nothing_in_a_sound_installation_and_says_of_each_fault_what_to_do() {
    let mut server = Server::start().await;
    let shop = server.shop();
    for _ in 0..30 {
        shop.place_with(json!({})).await;
    }
    let data_dir = server.data_dir();
    let beside = text(&run("doctor", &data_dir));
    assert!(beside.contains("note   the program is running"), "{beside}");
    server.ask_to_end();
    server.ended(SOON).await;
    let sound = run("doctor", &data_dir);
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound));
    assert!(!text(&sound).contains("FAULT"), "{}", text(&sound));

    let ails = |deed: &dyn Fn(&Path), word: &str| {
        let (_folder, copy) = copy(&data_dir);
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o700)).unwrap();
        deed(&copy);
        let output = run("doctor", &copy);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let fault = said.lines().position(|line| line.starts_with("FAULT") && line.contains(word));
        let fault = fault.unwrap_or_else(|| panic!("{word} is no fault in: {said}"));
        assert!(said.lines().nth(fault + 1).is_some_and(|line| line.starts_with("       ")), "no remedy: {said}");
    };
    ails(&|copy| damage(&copy.join("pay-handoff.db")), "damaged");
    ails(&|copy| fs::write(copy.join("pay-handoff.db"), "not a database at all ".repeat(400)).unwrap(), "examined");
    ails(
        &|copy| fs::write(copy.join("server.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap(),
        "server key",
    );
    ails(&|copy| fs::remove_file(copy.join("server.key")).unwrap(), "no server key");
    ails(&|copy| fs::set_permissions(copy, fs::Permissions::from_mode(0o755)).unwrap(), "others than its owner");
    ails(&|copy| tamper(copy, "PRAGMA user_version = 99"), "newer");
    ails(&|copy| tamper(copy, "PRAGMA application_id = 7"), "not a database of this program");
    ails(&|copy| tamper(copy, "DELETE FROM orders WHERE row = 1"), "rows that are not there");
    ails(
        &|copy| {
            tamper(
                copy,
                "INSERT INTO events SELECT 1000, randomblob(16), order_id, merchant, 99, kind, at + 86400000, body FROM events WHERE position = 1",
            )
        },
        "before the newest event",
    );
    ails(&|copy| tamper(copy, "PRAGMA journal_mode = DELETE"), "journal mode");
}

#[test]
fn without_an_installation_both_say_so_and_make_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    for command in ["audit", "doctor"] {
        let output = run(command, &nowhere);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("there is no data directory"), "{}", text(&output));
    }
    assert!(!nowhere.exists());
}
