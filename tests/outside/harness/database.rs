//! The program's database, read beside it: every row of every table, to see whether anything changed.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// Columns that the program's own worker moves while a payment is open: when it looks next, its claims, and the seal that it puts anew
/// on what it writes back.
const WORKERS: [(&str, &[&str]); 2] = [
    ("orders", &["version", "due_at", "lease_until", "fence", "claimable_at"]),
    ("attempts", &["next_look_at", "handover_sealed"]),
];

/// Tables of which no order is a part: whether the disk can be written is tried out in the first, and the auditor notes in the second
/// how far he has read.
const ITS_OWN: [&str; 2] = ["key_proof", "book_mark"];

/// Every row of every table, by table and key, as text.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows(BTreeMap<String, String>);

impl Rows {
    /// Reads the database in a data directory. The worker's own columns are left out for the orders whose numbers are named, because
    /// their open payments are looked at meanwhile; of all other orders every column counts.
    pub fn of(data_dir: &Path, with_open_payments: &[&str]) -> Self {
        let file = data_dir.join("pay-handoff.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(&file, flags).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        // One transaction, so that all tables are seen at the same moment.
        database.execute_batch("BEGIN").expect("a transaction");
        let looked_at = open_orders(&database, with_open_payments);
        let mut tables =
            database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").expect("SQL");
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).expect("tables").map(|name| name.expect("a name")).collect();
        assert!(names.len() >= 8, "these are not all tables: {names:?}");
        let names = names.into_iter().filter(|name| !ITS_OWN.contains(&name.as_str()));
        Self(names.flat_map(|name| rows_of(&database, &name, &looked_at)).collect())
    }

    /// The rows that differ.
    pub fn changes(&self, later: &Self) -> Vec<String> {
        let keys = self.0.keys().chain(later.0.keys().filter(|key| !self.0.contains_key(*key)));
        keys.filter(|key| self.0.get(*key) != later.0.get(*key))
            .map(|key| format!("{key}: {:?} became {:?}", self.0.get(key), later.0.get(key)))
            .collect()
    }
}

/// The stray notices that are kept in a data directory: merchant, wallet, reason and body, oldest first.
pub fn strays(data_dir: &Path) -> Vec<[String; 4]> {
    let database = Connection::open_with_flags(data_dir.join("pay-handoff.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let database = database.expect("a database");
    let mut statement =
        database.prepare("SELECT merchant, wallet, reason, CAST(body AS TEXT) FROM strays ORDER BY row").expect("SQL");
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

fn open_orders(database: &Connection, numbers: &[&str]) -> Vec<Value> {
    let id = |number: &&str| {
        database
            .query_row("SELECT id FROM orders WHERE merchant_order_no = ?1", [number], |row| row.get(0))
            .expect("an order")
    };
    numbers.iter().map(id).collect()
}

fn rows_of(database: &Connection, table: &str, looked_at: &[Value]) -> Vec<(String, String)> {
    let workers: &[&str] = WORKERS.iter().find(|(name, _)| *name == table).map_or(&[], |(_, columns)| columns);
    let mut statement = database.prepare(&format!("SELECT rowid AS place, * FROM {table}")).expect("SQL");
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).expect("rows");
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let values: Vec<Value> = (0..columns.len()).map(|at| row.get(at).expect("a value")).collect();
        let open = values.iter().any(|value| looked_at.contains(value));
        let named = columns.iter().zip(&values).filter(|(column, _)| !(open && workers.contains(&column.as_str())));
        let text: Vec<String> = named.map(|(column, value)| format!("{column}={value:?}")).collect();
        found.push((format!("{table} {:?}", values[0]), text.join(" ")));
    }
    found
}
