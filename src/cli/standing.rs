//! What already stands of an installation, for the commands that look at it: its data directory and its key. Nothing is made.

use std::path::PathBuf;

use crate::config::{self, ConfigFaults, DataOptions, ServerKey};
use crate::ports::clock::Clock;
use crate::system::SystemClock;

/// An installation as it is found.
pub struct Standing {
    /// The data directory, which exists.
    pub data_dir: PathBuf,
    /// The server key; `None` when there is none.
    pub server_key: Option<ServerKey>,
    /// What is allowed and yet worth a word.
    pub warnings: Vec<String>,
}

/// Why there is nothing to look at.
#[derive(Debug, thiserror::Error)]
pub enum NotStanding {
    /// The configuration has faults.
    #[error(transparent)]
    Config(#[from] ConfigFaults),
    /// There is no data directory.
    #[error("there is no data directory {0}; name the right one with --data-dir or --config")]
    NoDirectory(PathBuf),
    /// There is no server key.
    #[error("there is no server key; name it with --key-file or PAY_HANDOFF_SERVER_KEY, as for the program itself")]
    NoServerKey,
}

/// Finds what the program would use if it were started with these options.
///
/// # Errors
/// [`NotStanding`].
pub fn find(options: &DataOptions) -> Result<Standing, NotStanding> {
    let (data_dir, server_key, warnings) = config::find_data(options, super::outside())?;
    if !data_dir.is_dir() {
        return Err(NotStanding::NoDirectory(data_dir));
    }
    Ok(Standing { data_dir, server_key, warnings })
}

/// This moment, as RFC 3339 in UTC.
pub fn utc_now() -> String {
    let now = jiff::Timestamp::from_second(SystemClock.now().seconds());
    now.map_or_else(|_| "an impossible time".to_owned(), |now| now.to_string())
}
