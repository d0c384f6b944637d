//! The machine's own clock and generator of chance, behind the ports: the only place that asks them.

mod stop_signals;

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};

use crate::domain::time::Timestamp;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;

pub use stop_signals::StopSignals;

/// The machine's time of day.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter through which everything else asks for the time"
    )]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 is as wrong as one that stands at 1970, and the latter breaks nothing.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's generator of random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Ends the process when the system has no randomness to give: going on would make keys and tokens that can be guessed.
    fn fill(&self, bytes: &mut [u8]) {
        if SystemRandom::new().fill(bytes).is_err() {
            // Nobody is left to hear about a failing standard error.
            let _ = writeln!(std::io::stderr(), "the operating system gives no random bytes; stopping");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_after_this_was_written_and_counts_milliseconds() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_seconds(1_767_225_600), "{now:?} lies before 2026");
        assert!(now < Timestamp::from_seconds(7_258_118_400), "{now:?} lies after 2200");
    }

    #[test]
    fn two_drawings_differ_and_fill_the_whole_slice() {
        let (mut first, mut second) = ([0; 64], [0; 64]);
        SystemEntropy.fill(&mut first);
        SystemEntropy.fill(&mut second);
        assert_ne!(first, second);
        assert_ne!(first[48..], [0; 16]);
    }
}
