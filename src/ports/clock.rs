//! The time of day, as an argument.

use crate::domain::time::Timestamp;

/// Tells the time. May be stepped by an operator: nothing may rely on it never going back.
pub trait Clock: Send + Sync {
    /// This moment, in whole milliseconds.
    fn now(&self) -> Timestamp;
}
