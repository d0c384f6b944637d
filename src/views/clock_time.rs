//! Moments as people in China read them: every wallet of these pages lives on UTC+8, and the pages say so.

use jiff::tz::{self, Offset};

use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

const CHINA: Offset = tz::offset(8);

/// `None` for moments outside of the calendar (before the year −9999 or after 9999).
fn civil(at: Timestamp) -> Option<jiff::civil::DateTime> {
    let instant = jiff::Timestamp::from_second(at.seconds()).ok()?;
    Some(CHINA.to_datetime(instant))
}

/// `21:30`, or with its day when that is another day than the one of `now`: `11月23日 21:30`, `23 Nov 21:30`.
pub(super) fn near(locale: Locale, at: Timestamp, now: Timestamp) -> String {
    let Some(time) = civil(at) else { return String::new() };
    let same_day = civil(now).is_some_and(|today| today.date() == time.date());
    match (same_day, locale) {
        (true, _) => time.strftime("%H:%M").to_string(),
        (false, Locale::ZhCn) => time.strftime("%-m月%-d日 %H:%M").to_string(),
        (false, Locale::En) => time.strftime("%-d %b %H:%M").to_string(),
    }
}

/// `11月22日 21:30`, `22 Nov, 21:30`: what still says something when it is found again another day.
pub(super) fn dated(locale: Locale, at: Timestamp) -> String {
    let format = match locale {
        Locale::ZhCn => "%-m月%-d日 %H:%M",
        Locale::En => "%-d %b, %H:%M",
    };
    civil(at).map(|time| time.strftime(format).to_string()).unwrap_or_default()
}

/// `2026-11-22 21:30:05`.
pub(super) fn full(at: Timestamp) -> String {
    civil(at).map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// RFC 3339 in UTC with whole seconds, for the `datetime` attribute.
pub(super) fn machine(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).map(|instant| instant.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T13:30:05Z.
    const AT: Timestamp = Timestamp::from_seconds(1_795_354_205);

    #[test]
    fn a_moment_of_today_is_shown_without_its_day() {
        assert_eq!(near(Locale::ZhCn, AT, AT), "21:30");
        assert_eq!(near(Locale::En, AT, Timestamp::from_seconds(1_795_354_205 - 86_400)), "22 Nov 21:30");
        assert_eq!(near(Locale::ZhCn, AT, Timestamp::from_seconds(1_795_354_205 - 86_400)), "11月22日 21:30");
    }

    #[test]
    fn a_moment_on_a_card_has_its_day() {
        assert_eq!(dated(Locale::ZhCn, AT), "11月22日 21:30");
        assert_eq!(dated(Locale::En, AT), "22 Nov, 21:30");
    }

    #[test]
    fn receipts_and_machines_get_the_whole_moment() {
        assert_eq!(full(AT), "2026-11-22 21:30:05");
        assert_eq!(machine(AT), "2026-11-22T13:30:05Z");
    }

    #[test]
    fn a_moment_outside_the_calendar_is_no_panic() {
        assert_eq!(full(Timestamp::from_millis(i64::MAX)), "");
    }
}
