//! When a delivery is tried again: the schedule of the public contract, as data.

use crate::domain::time::Span;

/// The waits between one try of the schedule and the next, in seconds: 2 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, 24 h.
const WAITS_S: [i64; 11] = [2, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400];
/// How many tries the schedule has.
pub const TRIES: u32 = 12;
/// What a receiver asks for with `Retry-After` is granted up to this, or up to the wait of the schedule when that is longer.
const LONGEST_GRANTED: Span = Span::hours(1);

/// How much a wait is stretched or shortened, so that what failed together does not come back together: thousandths, −200 … 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(i64);

impl Jitter {
    /// Exactly the wait of the schedule.
    pub const NONE: Self = Self(0);

    /// The jitter that a random number stands for; all 401 are (to one part in a hundred) equally likely.
    #[must_use]
    pub fn from_random(number: u16) -> Self {
        Self(i64::from(number % 401) - 200)
    }

    fn of(self, wait: Span) -> Span {
        // The longest wait is a day in milliseconds: the product stays far below 2⁶³.
        Span::millis(wait.as_millis() + wait.as_millis() * self.0 / 1000)
    }
}

/// How long to wait after this many tries of the schedule, when the receiver asked for `retry_after`; `None` when there is no
/// further try.
pub(super) fn wait_after(tries: u32, retry_after: Option<Span>, jitter: Jitter) -> Option<Span> {
    let planned = *WAITS_S.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    let planned = jitter.of(Span::seconds(planned));
    Some(retry_after.map_or(planned, |asked| granted(asked, planned)))
}

/// What is granted of a `Retry-After`: never less than planned, never much longer.
pub(super) fn granted(asked: Span, planned: Span) -> Span {
    asked.min(LONGEST_GRANTED).max(planned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_is_the_contracts_and_lasts_longer_than_76_hours_even_when_every_wait_is_shortened() {
        let waits = |jitter| -> Vec<i64> {
            (1..=20).map_while(|tries| wait_after(tries, None, jitter)).map(Span::as_millis).collect()
        };
        let plain: Vec<i64> = waits(Jitter::NONE).iter().map(|millis| millis / 1000).collect();
        assert_eq!(plain, [2, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400]);
        assert_eq!(plain.len() + 1, TRIES as usize);
        assert!(waits(Jitter(-200)).iter().sum::<i64>() >= 76 * 3_600_000);
        assert_eq!(wait_after(0, None, Jitter::NONE), None);
    }

    #[test]
    fn jitter_stays_within_a_fifth_and_reaches_both_ends() {
        let jittered: Vec<i64> = (0..=u16::MAX)
            .filter_map(|number| wait_after(3, None, Jitter::from_random(number)))
            .map(Span::as_millis)
            .collect();
        assert_eq!(jittered.iter().min(), Some(&240_000));
        assert_eq!(jittered.iter().max(), Some(&360_000));
        assert_eq!(jittered.len(), 65_536);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_within_bounds_and_never_for_less() {
        let wait = |tries, asked| wait_after(tries, Some(Span::seconds(asked)), Jitter::NONE).unwrap().as_seconds();
        assert_eq!(wait(1, 0), 2);
        assert_eq!(wait(1, 1), 2);
        assert_eq!(wait(1, 60), 60);
        assert_eq!(wait(1, 3600), 3600);
        assert_eq!(wait(1, 3601), 3600);
        assert_eq!(wait(1, i64::MAX), 3600);
        assert_eq!(wait(5, i64::MAX), 7200, "longer than planned only up to an hour");
    }
}
