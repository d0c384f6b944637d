//! The SQL: where orders are kept, and the sealing of what a stolen copy must not show.
//!
//! A change is first brought into rows (`rows`, the same for every database), then into the rows that differ (`writes`);
//! only then a database sees it.

mod rows;
mod seal;
pub mod sqlite;
mod writes;

pub use seal::{SealError, Sealer};
pub use sqlite::{Examination, FILE_NAME, Inspector, KeptStray, OpenError, SqliteStore, StrayMoney};

use crate::domain::time::{Span, Timestamp};
use crate::ports::store::StoreError;
use rows::Unreadable;

/// How long an answer is kept.
const ANSWER_LIFE: Span = Span::hours(30 * 24);

/// Answers given before this moment are forgotten; one given exactly then is still kept.
fn oldest_kept_answer(now: Timestamp) -> Timestamp {
    now - ANSWER_LIFE
}

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
