//! A power cut, rebuilt: every write and every wait for the disk of a working store is recorded by strace, and the files are put together
//! again as a disk could hold them at some moment. What was not waited for may be there or not.
//!
//! `PAY_HANDOFF_POWER_CUTS` sets the number of moments (120 otherwise): drawn ones of one recording by `PAY_HANDOFF_POWER_CUT_SEED`, or all
//! of one recording after another. The model: waiting for a file makes all its earlier writes durable, and every file's earlier removal,
//! as ext4 does it.

mod recording;
mod work;

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use super::SqliteStore;
use crate::store::Sealer;
use recording::{Chance, Fate, Recording};
use work::{ORDERS, STEPS};

/// So many orders go their way at once, …
const AT_ONCE: usize = 6;
/// … while its log is moved into the database after so many pages, so that this is met too.
const CHECKPOINT_PAGES: i64 = 60;
const DATABASE: &str = "orders.db";
const FOLDER: &str = "POWER_CUT_FOLDER";
const SYNCHRONOUS: &str = "POWER_CUT_SYNCHRONOUS";

/// The store that is watched: it does its work and writes the number of each step down as soon as it is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the tests below run it under strace"]
async fn a_store_works() {
    let folder = PathBuf::from(std::env::var(FOLDER).expect("it is run by the tests of power cuts"));
    let path = folder.join(DATABASE);
    let store = match std::env::var(SYNCHRONOUS) {
        Ok(word) => SqliteStore::open_with(&path, Sealer::new([0; 32]), &word),
        Err(_) => SqliteStore::open(&path, Sealer::new([0; 32])),
    };
    let store = Arc::new(store.unwrap());
    let checkpoint = |connection: &Connection| {
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(super::unavailable)
    };
    store.writer.write(checkpoint).await.unwrap();
    work::prepare(&store).await;
    let acknowledged = Arc::new(Mutex::new(File::create(folder.join("acknowledged")).unwrap()));
    let workers = (0..AT_ONCE).map(|worker| {
        let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            for order in (worker..ORDERS).step_by(AT_ONCE) {
                work::go(&store, order, |number| {
                    acknowledged.lock().unwrap().write_all(format!("{number}\n").as_bytes()).unwrap();
                })
                .await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
}

/// Lets a store work under strace and reads what it did.
fn record(folder: &Path, synchronous: Option<&str>) -> Recording {
    let trace = folder.join("trace");
    let mut command = Command::new("strace");
    command.args([
        "-f",
        "-y",
        "-xx",
        "-s",
        "300000",
        "-e",
        "trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink",
        "-o",
    ]);
    command.arg(&trace);
    for file in [DATABASE, "orders.db-wal", "orders.db-journal", "acknowledged"] {
        command.arg("-P").arg(folder.join(file));
    }
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "store::sqlite::power_cut::a_store_works", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder).stdout(Stdio::null());
    if let Some(word) = synchronous {
        command.env(SYNCHRONOUS, word);
    }
    let status = command.status().expect("strace is installed (apt-get install strace)");
    assert!(status.success(), "the watched store failed");
    let recording = Recording::read(&fs::read_to_string(trace).unwrap());
    assert_eq!(recording.acknowledged(usize::MAX).len(), ORDERS * STEPS, "the recording is not whole");
    recording
}

/// What the moments looked at showed, for one fate of what was not waited for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    moments: usize,
    losing: usize,
    most_lost: usize,
    damaged: usize,
    /// Which steps were ever lost.
    steps_lost: BTreeSet<usize>,
}

/// The numbers of the steps that a database has; `None` when it is damaged.
fn present(path: &Path) -> Option<HashSet<usize>> {
    let connection = Connection::open(path).ok()?;
    let verdict: String = connection.query_one("PRAGMA integrity_check", [], |row| row.get(0)).ok()?;
    if verdict == "ok" { work::present(&connection).ok() } else { None }
}

/// So many moments of a recording: all of them when so many are asked for, else drawn ones.
fn moments_of(recording: &Recording, wanted: usize, chance: &mut Chance) -> Vec<usize> {
    let all = recording.len() + 1;
    if wanted >= all { (0..all).collect() } else { (0..wanted).map(|_| chance.below(all)).collect() }
}

fn cut(recording: &Recording, fate: Fate, wanted: usize, seed: u64) -> Tally {
    let mut chance = Chance::new(seed);
    let moments = moments_of(recording, wanted, &mut chance);
    let mut tally = Tally { moments: moments.len(), ..Tally::default() };
    for (number, moment) in moments.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        recording.rebuild(moment, fate, &mut chance, folder.path());
        let path = folder.path().join(DATABASE);
        let Some(present) = present(&path) else {
            println!("{fate:?}: damaged at moment {moment}");
            tally.damaged += 1;
            continue;
        };
        let acknowledged = recording.acknowledged(moment);
        let lost: Vec<usize> = acknowledged.difference(&present).copied().collect();
        tally.losing += usize::from(!lost.is_empty());
        tally.most_lost = tally.most_lost.max(lost.len());
        tally.steps_lost.extend(lost.into_iter().map(|number| number % STEPS));
        // The program itself starts on it, too.
        if number % 16 == 0 {
            SqliteStore::open(&path, Sealer::new([0; 32])).unwrap();
        }
    }
    println!("{fate:?}: {tally:?}, seed {seed}");
    tally
}

fn chosen(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

fn moments() -> usize {
    usize::try_from(chosen("PAY_HANDOFF_POWER_CUTS", 120)).unwrap()
}

fn seed() -> u64 {
    chosen("PAY_HANDOFF_POWER_CUT_SEED", 0x5eed)
}

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut_whatever_the_disk_had_not_written_yet() {
    let mut seen = 0;
    while seen < moments() {
        let folder = tempfile::tempdir().unwrap();
        let recording = record(&folder.path().canonicalize().unwrap(), None);
        println!("recorded: {recording}");
        let mut looked_at = 0;
        for fate in Fate::ALL {
            let tally = cut(&recording, fate, moments() - seen, seed() + seen as u64);
            assert_eq!((tally.losing, tally.damaged), (0, 0), "{fate:?}: {tally:?}");
            looked_at = tally.moments;
        }
        seen += looked_at;
    }
    println!("{seen} moments for each of {} fates", Fate::ALL.len());
}

#[test]
fn the_same_power_cuts_lose_much_of_a_store_that_waits_less_so_they_would_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let recording = record(&folder.path().canonicalize().unwrap(), Some("NORMAL"));
    println!("recorded with synchronous=NORMAL: {recording}");
    let dropped = cut(&recording, Fate::Dropped, moments(), seed());
    assert!(dropped.losing > dropped.moments / 4, "{dropped:?}");
    assert_eq!(
        dropped.steps_lost.len(),
        STEPS,
        "of each kind something is lost, so that it would be seen: {dropped:?}"
    );
    // A killed process loses nothing all the same: what it wrote is in the system's hands.
    let kept = cut(&recording, Fate::Kept, moments() / 4, seed());
    assert_eq!((kept.losing, kept.damaged), (0, 0), "{kept:?}");
}
