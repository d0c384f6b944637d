//! Moments as Alipay and UnionPay write them: China's time, which knows no summer time, without saying so.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::domain::time::Timestamp;

/// How the parts of a moment are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `2026-11-22 12:00:01`
    Spaced,
    /// `20261122120001`
    Joined,
}

impl Form {
    const fn pattern(self) -> &'static str {
        match self {
            Self::Spaced => "%Y-%m-%d %H:%M:%S",
            Self::Joined => "%Y%m%d%H%M%S",
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Spaced => 19,
            Self::Joined => 14,
        }
    }

    /// Writes a moment; parts of a second are cut off.
    pub(super) fn write(self, at: Timestamp) -> String {
        let instant = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
        instant.to_zoned(china()).strftime(self.pattern()).to_string()
    }

    /// Reads a moment.
    pub(super) fn read(self, text: &str) -> Option<Timestamp> {
        if text.len() != self.length() {
            return None;
        }
        let civil = DateTime::strptime(self.pattern(), text).ok()?;
        Some(Timestamp::from_seconds(civil.to_zoned(china()).ok()?.timestamp().as_second()))
    }
}

fn china() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_chinas_time() {
        let moment = Timestamp::from_millis(1_795_320_001_999);
        assert_eq!(Form::Spaced.write(moment), "2026-11-22 12:00:01");
        assert_eq!(Form::Spaced.read("2026-11-22 12:00:01"), Some(moment.floor_to_second()));
        assert_eq!(Form::Joined.write(moment), "20261122120001");
        assert_eq!(Form::Joined.read("20261122120001"), Some(moment.floor_to_second()));
        for text in ["", "2026-11-22T12:00:01", "2026-13-22 12:00:01", "2026-11-22 12:00:0", " 2026-1-2 12:00:01 "] {
            assert_eq!(Form::Spaced.read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0_i64..4_000_000_000) {
            let moment = Timestamp::from_seconds(seconds);
            prop_assert_eq!(Form::Spaced.read(&Form::Spaced.write(moment)), Some(moment));
        }
    }
}
