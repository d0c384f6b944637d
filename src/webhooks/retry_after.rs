//! What a receiver asks for with `Retry-After`: seconds or a date, clamped before it is converted.

use jiff::fmt::rfc2822::DateTimeParser;

use crate::domain::time::{Span, Timestamp};

/// Nobody is asked to wait longer: what is more is this.
const LONGEST: Span = Span::hours(365 * 24);
/// A number with more digits is taken for longer than that.
const MOST_DIGITS: usize = 8;

/// Reads the header's value as of `now`; `None` when it is neither a number of seconds nor a date.
#[must_use]
pub fn read(value: &str, now: Timestamp) -> Option<Span> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = if value.len() > MOST_DIGITS { None } else { value.parse().ok() };
        return Some(seconds.map_or(LONGEST, |seconds| Span::seconds(seconds).min(LONGEST)));
    }
    let date = (value.len() <= 40).then(|| DateTimeParser::new().parse_timestamp(value).ok()).flatten()?;
    let wait = Timestamp::from_millis(date.as_millisecond()) - now;
    Some(wait.min(LONGEST).max(Span::millis(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(784_111_777);

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else_is() {
        for (value, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("31536001", 31_536_000),
            ("99999999999999999999999999999999", 31_536_000),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
            ("Thu, 31 Dec 9998 23:59:59 GMT", 31_536_000),
        ] {
            assert_eq!(read(value, NOW).map(Span::as_seconds), Some(seconds), "{value}");
        }
        for value in ["", "-1", "+1", "1.5", "1e9", "soon", "１２", "0x10", "Sunday", "1994-11-06T08:49:37Z"] {
            assert_eq!(read(value, NOW), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_value_breaks_it_or_leaves_the_bounds(value in "\\PC{0,60}|[0-9]{1,60}|[A-Za-z]{3}, [0-9]{1,3} [A-Za-z]{3} [0-9]{1,9} [0-9:]{1,9} [A-Z+0-9]{1,6}") {
            if let Some(span) = read(&value, NOW) {
                prop_assert!((0..=31_536_000_000).contains(&span.as_millis()), "{value}");
            }
        }
    }
}
