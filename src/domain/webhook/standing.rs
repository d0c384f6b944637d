//! How an endpoint has answered so far, and what follows for what else is sent to it.

use std::str::FromStr;

use super::delivery::{Attempted, TryResult};
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::UnknownWord;

/// An endpoint that has done nothing but fail for so long is disabled.
const PATIENCE: Span = Span::hours(120);
/// An endpoint that takes longer to answer does not share the places of those that are quick.
const PROMPT: Span = Span::seconds(1);

/// Why an endpoint is sent nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledWhy {
    /// It answered 410.
    Gone,
    /// It has done nothing but fail for 120 hours.
    Failing,
}

impl DisabledWhy {
    /// The word that stands for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl FromStr for DisabledWhy {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Gone, Self::Failing].into_iter().find(|why| why.as_str() == text).ok_or(UnknownWord)
    }
}

/// When and why an endpoint was disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: DisabledWhy,
}

/// How an endpoint has answered so far. A new one has answered nothing and counts as slow until it has been quick once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when it has done nothing but fail.
    pub failing_since: Option<Timestamp>,
    /// Whether its last answer was 2xx and came within a second.
    pub is_prompt: bool,
    /// Set once and for good.
    pub disabled: Option<Disabled>,
}

impl Standing {
    /// The standing after one more try.
    #[must_use]
    pub fn after(self, attempted: &Attempted) -> Self {
        let ended_at = attempted.at + attempted.latency;
        if attempted.result.is_delivered() {
            return Self { failing_since: None, is_prompt: attempted.latency <= PROMPT, ..self };
        }
        let since = self.failing_since.unwrap_or(attempted.at);
        let why = match attempted.result {
            TryResult::Answered(410) => Some(DisabledWhy::Gone),
            _ if (ended_at - since) >= PATIENCE => Some(DisabledWhy::Failing),
            _ => None,
        };
        let disabled = self.disabled.or(why.map(|why| Disabled { at: ended_at, why }));
        Self { failing_since: Some(since), is_prompt: false, disabled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempted(hours: i64, status: u16, latency: Span) -> Attempted {
        let at = Timestamp::from_seconds(0) + Span::hours(hours);
        Attempted { at, latency, result: TryResult::Answered(status), retry_after: None, answer: Vec::new() }
    }

    fn after(standing: Standing, hours: i64, status: u16) -> Standing {
        standing.after(&attempted(hours, status, Span::millis(20)))
    }

    #[test]
    fn gone_disables_at_once_and_nothing_enables_again() {
        let gone = after(Standing::default(), 1, 410);
        assert_eq!(gone.disabled.map(|disabled| disabled.why), Some(DisabledWhy::Gone));
        assert_eq!(after(gone, 2, 200).disabled, gone.disabled);
    }

    #[test]
    fn only_120_hours_of_nothing_but_failures_disable() {
        let mut standing = Standing::default();
        for hour in 0..120 {
            standing = after(standing, hour, if hour % 3 == 0 { 500 } else { 302 });
            assert_eq!(standing.disabled, None, "{hour}");
        }
        let forgiven = after(after(standing, 119, 204), 120, 500);
        assert_eq!((forgiven.disabled, forgiven.failing_since), (None, Some(Timestamp::from_seconds(432_000))));
        let disabled = after(standing, 120, 500).disabled;
        assert_eq!(disabled.map(|disabled| disabled.why), Some(DisabledWhy::Failing));
    }

    #[test]
    fn only_a_quick_success_is_prompt() {
        assert!(!Standing::default().is_prompt);
        let prompt = after(Standing::default(), 0, 200);
        assert!(prompt.is_prompt);
        assert!(!after(prompt, 1, 503).is_prompt);
        assert!(!prompt.after(&attempted(1, 200, Span::millis(1001))).is_prompt);
    }
}
