//! The time of day, as an argument.

use crate::domain::time::{Span, Timestamp};

/// No clock of a machine that runs this program can show an earlier time: 2026-01-01.
pub const EARLIEST: Timestamp = Timestamp::from_seconds(1_767_225_600);
/// A clock that differs by more than this from what is certain is wrong: wallets' notices are refused with a clock off by minutes.
pub const TOLERATED_DIFFERENCE: Span = Span::seconds(30);

/// Tells the time. May be stepped by an operator: nothing may rely on it never going back.
pub trait Clock: Send + Sync {
    /// This moment, in whole milliseconds.
    fn now(&self) -> Timestamp;
}
