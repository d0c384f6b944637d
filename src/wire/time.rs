//! Times on the wire: RFC 3339 in UTC, whole seconds.

use crate::domain::time::Timestamp;

/// `2026-11-22T03:00:00Z`; parts of a second are cut off.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_second(time.seconds()).map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// Reads an RFC 3339 time with any offset.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    // jiff also reads looser forms; the contract's form has a date, a `T` and an offset.
    let strict =
        text.len() <= 40 && text.is_ascii() && text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'));
    let instant: jiff::Timestamp = strict.then(|| text.parse().ok()).flatten()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_whole_seconds_in_utc() {
        assert_eq!(rfc3339(Timestamp::from_millis(1_795_316_400_999)), "2026-11-22T03:00:00Z");
        assert_eq!(parse_rfc3339("2026-11-22T11:00:00+08:00"), Some(Timestamp::from_seconds(1_795_316_400)));
        for text in ["2026-11-22", "2026-11-22T03:00:00", "yesterday", "", "2026-11-22 03:00:00Z"] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(seconds in 0_i64..4_000_000_000) {
            let time = Timestamp::from_seconds(seconds);
            prop_assert_eq!(parse_rfc3339(&rfc3339(time)), Some(time));
        }
    }
}
