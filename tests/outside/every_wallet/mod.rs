//! Every wallet, every product, every outcome: the same order flow against each pretended gateway, as one table.

mod column;
mod money_cells;
pub mod row;
pub mod scene;
mod time_cells;
mod trust_cells;

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use futures_util::future::{FutureExt, join};
use futures_util::stream::{self, StreamExt};

use column::Column;
use row::{ROWS, Row};
use scene::Scene;

/// So many rows are worked on at once: the machine is small, and a wallet has five seconds to answer.
const ROWS_AT_ONCE: usize = 6;

/// What a cell of the table came to.
enum Outcome {
    /// It holds.
    Holds,
    /// The wallet has no such thing, for this reason.
    Never(&'static str),
    /// It does not hold.
    Broken(String),
}

async fn outcome(scene: &Scene, column: Column) -> Outcome {
    if let Some(reason) = scene.row.never(column) {
        return Outcome::Never(reason);
    }
    match AssertUnwindSafe(column.check(scene)).catch_unwind().await {
        Ok(()) => Outcome::Holds,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
            Outcome::Broken(words.unwrap_or_else(|| "no words".to_owned()))
        }
    }
}

/// The cells of a row that are of this kind, one after another in a world of their own.
async fn cells(row: &'static Row, waits: bool) -> Vec<(Column, Outcome)> {
    let mut scene = Scene::new(row).await;
    let mut all = Vec::new();
    for column in Column::ALL.into_iter().filter(|column| column.waits() == waits) {
        let came = outcome(&scene, column).await;
        if matches!(came, Outcome::Broken(_)) {
            // What it left behind is nobody else's fault.
            scene = Scene::new(row).await;
        }
        all.push((column, came));
    }
    let log = scene.server.errors();
    assert!(!log.contains("canary") && !log.contains("BEGIN "), "no secret in the log: {log}");
    all
}

type Done = Vec<(&'static Row, Vec<(Column, Outcome)>)>;

/// The table for people: a line for each row, a letter for each column, and the reasons why something is never so.
fn drawn(done: &Done) -> String {
    let mut text = String::from("\n");
    for (number, column) in Column::ALL.into_iter().enumerate() {
        let _ = writeln!(text, "{:>3}  {}", number + 1, column.name());
    }
    let head: String = (1..=Column::ALL.len()).map(|number| format!("{number:>3}")).collect();
    let _ = writeln!(text, "\n{:<46}{head}", "wallet, product, account");
    let mut reasons: Vec<&str> = Vec::new();
    for (row, cells) in done {
        let _ = write!(text, "{:<46}", row.name());
        for column in Column::ALL {
            let sign = match cells.iter().find(|(known, _)| *known == column).map(|(_, outcome)| outcome) {
                Some(Outcome::Holds) => "ok".to_owned(),
                Some(Outcome::Never(reason)) => {
                    let at = reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                        reasons.push(reason);
                        reasons.len() - 1
                    });
                    char::from_u32('a' as u32 + u32::try_from(at).unwrap_or_default())
                        .map_or_else(String::new, String::from)
                }
                Some(Outcome::Broken(_)) | None => "!!".to_owned(),
            };
            let _ = write!(text, "{sign:>3}");
        }
        text.push('\n');
    }
    for (letter, reason) in ('a'..).zip(reasons) {
        let _ = writeln!(text, "  {letter}: {reason}");
    }
    text
}

/// The rows with this variable's words in their names, or all.
fn rows() -> Vec<&'static Row> {
    let words = std::env::var("ROWS").unwrap_or_default();
    ROWS.iter().filter(|row| row.name().contains(&words)).collect()
}

/// Cells that wait for the clock run for all rows at once: each lives a little over a minute and asks for next to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn every_wallet_product_and_outcome() {
    let rows = rows();
    let cells = |waits| stream::iter(rows.clone()).map(move |row| cells(row, waits));
    let waiting = cells(true).buffered(ROWS.len()).collect::<Vec<_>>();
    let others = cells(false).buffered(ROWS_AT_ONCE).collect::<Vec<_>>();
    let (waiting, others) = join(waiting, others).await;
    let both = waiting.into_iter().zip(others).map(|(one, other)| one.into_iter().chain(other).collect());
    let done: Done = rows.iter().copied().zip(both).collect();
    println!("{}", drawn(&done));
    let broken: Vec<String> = done
        .iter()
        .flat_map(|(row, cells)| {
            cells.iter().filter_map(|(column, outcome)| match outcome {
                Outcome::Broken(words) => Some(format!("{} / {}: {words}", row.name(), column.name())),
                Outcome::Holds | Outcome::Never(_) => None,
            })
        })
        .collect();
    assert!(broken.is_empty(), "{} cells do not hold:\n{}", broken.len(), broken.join("\n"));
}
