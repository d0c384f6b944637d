//! Stops calls that keep failing, so that nobody waits for them and whoever is called can recover.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many failures in a row open the breaker.
const FAILURES_THAT_OPEN: u32 = 5;
/// An open breaker lets nothing through for so long, then one call to see.
const PAUSE: Duration = Duration::from_secs(10);

/// Counts failures in a row; five open it.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    in_a_row: u32,
    /// Nothing is let through before this.
    closed_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made now. Of an open one only each first call after a pause may.
    pub(super) fn lets_through(&self, now: Instant) -> bool {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.closed_until {
            Some(until) if now < until => false,
            Some(_) => {
                // This one call tries; the next ones wait for what becomes of it.
                failures.closed_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Notes what became of a call.
    pub(super) fn note(&self, is_failure: bool, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_failure {
            *failures = Failures::default();
            return;
        }
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        if failures.in_a_row >= FAILURES_THAT_OPEN {
            failures.closed_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_stop_the_calls_until_one_that_tries_succeeds() {
        let breaker = Breaker::default();
        let begin = Instant::now();
        for _ in 0..4 {
            breaker.note(true, begin);
        }
        breaker.note(false, begin);
        for _ in 0..4 {
            breaker.note(true, begin);
            assert!(breaker.lets_through(begin));
        }
        breaker.note(true, begin);
        assert!(!breaker.lets_through(begin + PAUSE - Duration::from_millis(1)));
        let after = begin + PAUSE;
        assert!(breaker.lets_through(after), "one tries");
        assert!(!breaker.lets_through(after), "and only one");
        breaker.note(true, after);
        assert!(!breaker.lets_through(after + Duration::from_secs(1)), "it failed again");
        assert!(breaker.lets_through(after + PAUSE));
        breaker.note(false, after + PAUSE);
        assert!(breaker.lets_through(after + PAUSE) && breaker.lets_through(after + PAUSE));
    }
}
