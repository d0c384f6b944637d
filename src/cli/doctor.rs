//! `pay-handoff doctor`: examines an installation and says of each fault what it means and what to do.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::app;
use crate::cli::standing::{self, NotStanding, Standing, utc_now};
use crate::config::DataOptions;
use crate::domain::time::Timestamp;
use crate::ports::clock::{Clock, EARLIEST, TOLERATED_DIFFERENCE};
use crate::store::{Examination, FILE_NAME, Inspector, OpenError};
use crate::system::SystemClock;

/// With less free space than this, in KiB, the log and the database may soon find none.
const LITTLE_SPACE_KIB: u64 = 512 * 1024;
/// With less than this, in KiB, commits are about to fail.
const NO_SPACE_KIB: u64 = 64 * 1024;

/// Which installation to examine.
#[derive(Debug, clap::Args)]
pub struct DoctorArguments {
    #[command(flatten)]
    data: DataOptions,
}

/// Why nothing could be examined.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// The data cannot be found with what was said.
    #[error(transparent)]
    NotStanding(#[from] NotStanding),
    /// The output takes nothing.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// What one look brought.
enum Found {
    /// All is well.
    Well(String),
    /// Not a fault, but worth knowing.
    Note(String),
    /// A fault, and what to do.
    Fault(String, &'static str),
}
use Found::{Fault, Note, Well};

/// Examines and prints one line for each look. True when there is no fault.
///
/// # Errors
/// [`DoctorError`].
pub fn run(arguments: &DoctorArguments, output: &mut dyn Write) -> Result<bool, DoctorError> {
    let standing = standing::find(&arguments.data)?;
    let path = standing.data_dir.join(FILE_NAME);
    let mut findings: Vec<Found> = standing.warnings.iter().map(|warning| Note(warning.clone())).collect();
    findings.push(directory(&standing.data_dir));
    findings.push(space(&standing.data_dir));
    if path.exists() {
        findings.extend(in_use(&path));
        findings.extend(database(&standing, &path));
    } else {
        findings.push(Note(format!("there is no database yet; the first start makes {}", path.display())));
        findings.extend(clock(None));
    }
    let mut faults = 0;
    for found in &findings {
        match found {
            Well(what) => writeln!(output, "well   {what}")?,
            Note(what) => writeln!(output, "note   {what}")?,
            Fault(what, remedy) => {
                faults += 1;
                writeln!(output, "FAULT  {what}\n       {remedy}")?;
            }
        }
    }
    match faults {
        0 => writeln!(output, "No faults. Whether the books balance is told by: pay-handoff audit")?,
        count => writeln!(output, "{count} faults.")?,
    }
    output.flush()?;
    Ok(faults == 0)
}

fn directory(data_dir: &Path) -> Found {
    let shown = data_dir.display();
    match std::fs::metadata(data_dir) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => Fault(
            format!("{shown} can be opened by others than its owner"),
            "It holds every order and the server key. Run: chmod 700 on it.",
        ),
        Ok(_) => Well(format!("{shown} is for its owner alone")),
        Err(error) => {
            Fault(format!("{shown} cannot be looked at: {error}"), "Run this as the user that runs the program.")
        }
    }
}

/// Free space, as the system's own `df` tells it: the standard library has no word for it.
fn space(data_dir: &Path) -> Found {
    let told = Command::new("df").arg("-Pk").arg(data_dir).env("LC_ALL", "C").output();
    let free = told.ok().filter(|told| told.status.success()).and_then(|told| {
        let text = String::from_utf8(told.stdout).ok()?;
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    match free {
        None => Note("how much disk space is free cannot be found out: there is no df here".to_owned()),
        Some(kib) if kib < NO_SPACE_KIB => Fault(
            format!("only {} MiB of disk space are free", kib / 1024),
            "Commits fail when nothing is left; nothing acknowledged is lost. Make space before that.",
        ),
        Some(kib) if kib < LITTLE_SPACE_KIB => Note(format!("{} MiB of disk space are free; watch it", kib / 1024)),
        Some(kib) => Well(format!("{} MiB of disk space are free", kib / 1024)),
    }
}

fn in_use(path: &Path) -> Option<Found> {
    match Inspector::in_use(path) {
        Ok(true) => Some(Note(
            "the program is running; looking beside it is safe, but its log cannot be cleared away meanwhile"
                .to_owned(),
        )),
        Ok(false) => Some(Well("no program holds the database".to_owned())),
        Err(error) => Some(Note(format!("whether the program is running cannot be found out: {error}"))),
    }
}

fn database(standing: &Standing, path: &Path) -> Vec<Found> {
    let sealer = standing.server_key.as_ref().map(app::store_sealer);
    match Inspector::open(path).and_then(|inspector| inspector.examine(sealer.as_ref())) {
        Ok(examination) => {
            let mut found = file(&examination);
            found.push(key(standing, &examination));
            found.extend(clock(examination.newest_event));
            found
        }
        Err(error @ OpenError::Newer { .. }) => {
            vec![Fault(error.to_string(), "Install the newer program; this one would not understand what is kept.")]
        }
        Err(error @ OpenError::NotOurs) => {
            vec![Fault(error.to_string(), "Name the right data directory with --data-dir or --config.")]
        }
        Err(error) => vec![Fault(
            format!("the database cannot be examined: {error}"),
            "Stop the program, keep a copy of the whole data directory, and go back to the last backup.",
        )],
    }
}

fn file(examination: &Examination) -> Vec<Found> {
    let (version, is_new_enough) = examination.sqlite;
    let (has, known) = examination.migrations;
    let mut found = vec![match is_new_enough {
        true => Well(format!("SQLite {version}; commits wait for the disk (synchronous=FULL is set at every start)")),
        false => Fault(
            format!("SQLite {version} can corrupt a database with a write-ahead log"),
            "Use a build with SQLite 3.51.3 or newer; the program refuses to start with this one.",
        ),
    }];
    found.push(match examination.journal_mode.as_str() {
        "wal" => Well("the database keeps a write-ahead log".to_owned()),
        mode if has == 0 => Note(format!("the database is empty and its journal mode is {mode}; a start sets it up")),
        mode => Fault(
            format!("the database's journal mode is {mode}, not wal"),
            "Something else changed it; the program sets it back at its next start, or says why it cannot.",
        ),
    });
    found.push(match has == known {
        true => Well(format!("the tables have the version {known} of this program")),
        false => Note(format!("the tables have version {has}; the next start brings them to {known}")),
    });
    if examination.damage.is_empty() {
        found.push(Well("every page of the database is sound".to_owned()));
    } else {
        found.push(Fault(
            format!("the database is damaged: {}", examination.damage.join("; ")),
            "Stop the program, keep a copy of the whole data directory, look at the disk, and go back to the last backup.",
        ));
    }
    if examination.dangling > 0 {
        found.push(Fault(
            format!("{} rows point at rows that are not there", examination.dangling),
            "No version of this program does that. See which orders with: pay-handoff audit",
        ));
    }
    if examination.strays > 0 {
        found.push(Note(format!(
            "{} stray notices are kept: proven by a wallet and of no order here; see them with: pay-handoff audit",
            examination.strays
        )));
    }
    found
}

fn key(standing: &Standing, examination: &Examination) -> Found {
    const REMEDY: &str = "Give the key this database was made with (--key-file, PAY_HANDOFF_SERVER_KEY, or server.key in the data \
                          directory); without it no page opens and nothing sealed can be read.";
    match (&standing.server_key, examination.key_fits) {
        (None, _) => Fault("there is no server key".to_owned(), REMEDY),
        (Some(_), Some(true)) => Well("the server key is the one the database was made with".to_owned()),
        (Some(_), Some(false)) => Fault("the server key is not the one the database was made with".to_owned(), REMEDY),
        (Some(_), None) => Note("the database has not been sealed under any key yet".to_owned()),
    }
}

fn clock(newest_event: Option<Timestamp>) -> Vec<Found> {
    const REMEDY: &str = "Set the clock and keep it set by NTP: deadlines and the wallets' signatures depend on it.";
    let now = SystemClock.now();
    if now < EARLIEST {
        return vec![Fault(format!("the clock shows {}, which is in the past", utc_now()), REMEDY)];
    }
    match newest_event {
        Some(newest) if now + TOLERATED_DIFFERENCE < newest => vec![Fault(
            format!("the clock stands {} s before the newest event in the database", (newest - now).as_seconds()),
            REMEDY,
        )],
        _ => vec![Well(format!("the clock shows {} (UTC), after everything that is kept", utc_now()))],
    }
}
