//! One event on its way to one endpoint: what a try does to it.
//!
//! | status | 2xx | any other end of a try | 12th failure of the schedule | its endpoint is disabled |
//! | --- | --- | --- | --- | --- |
//! | `pending` | `delivered` | `pending`, due later | `dead` | `dead` |
//! | `delivered`, `dead` | `delivered` | stays | stays | stays |
//!
//! Sending it again by hand makes it `pending` with the whole schedule before it, from any status.

use std::str::FromStr;

use super::schedule::{Jitter, TRIES, granted, wait_after};
use crate::domain::event::EventKind;
use crate::domain::id::{EventId, OrderId, WebhookEndpointId};
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::UnknownWord;

/// A waiting delivery that is hurried by a new event of its order is tried at most this often.
const HURRIED_AT_MOST_EVERY: Span = Span::seconds(5);

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It is tried, or waits for its turn.
    Pending,
    /// The endpoint answered 2xx.
    Delivered,
    /// It is given up.
    Dead,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The word that stands for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

impl FromStr for DeliveryStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownWord)
    }
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryResult {
    /// With this HTTP status.
    Answered(u16),
    /// Without an answer; the text says why, for the merchant to read.
    NoAnswer(String),
}

impl TryResult {
    /// Only 2xx is a delivery; a redirection is none.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// One try, as it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub latency: Span,
    /// How it ended.
    pub result: TryResult,
    /// What the endpoint asked for with `Retry-After`.
    pub retry_after: Option<Span>,
    /// The beginning of the answer's body, at most [`super::ANSWER_KEPT_BYTES`].
    pub answer: Vec<u8>,
}

/// How far a delivery has come, and when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How it stands.
    pub status: DeliveryStatus,
    /// How often it was tried, whether by the schedule or because it was hurried.
    pub tries: u32,
    /// How many tries of the schedule are done, 0 … 12. A hurried try between two of them does not count.
    pub scheduled_tries: u32,
    /// When the schedule's next try is.
    pub scheduled_at: Timestamp,
    /// No try begins earlier, whoever hurries.
    pub earliest_at: Timestamp,
    /// When it is tried next; `None` when it is not pending, or when an earlier event of its order goes first.
    pub due_at: Option<Timestamp>,
    /// When it became delivered or dead.
    pub ended_at: Option<Timestamp>,
}

impl Progress {
    /// A delivery that begins now, not yet in turn.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            status: DeliveryStatus::Pending,
            tries: 0,
            scheduled_tries: 0,
            scheduled_at: now,
            earliest_at: now,
            due_at: None,
            ended_at: None,
        }
    }

    /// The progress after a try. `hurried` says that a new event of the order came while it ran.
    #[must_use]
    pub fn after(self, attempted: &Attempted, hurried: bool, jitter: Jitter) -> Self {
        let ended_at = attempted.at + attempted.latency;
        let tried = Self { tries: self.tries.saturating_add(1), due_at: None, ..self };
        if attempted.result.is_delivered() {
            return Self { status: DeliveryStatus::Delivered, ended_at: Some(ended_at), ..tried };
        }
        if self.status != DeliveryStatus::Pending {
            return tried;
        }
        let counts = attempted.at >= self.scheduled_at;
        let scheduled_tries = self.scheduled_tries + u32::from(counts);
        if scheduled_tries >= TRIES {
            let status = DeliveryStatus::Dead;
            return Self { status, scheduled_tries, ended_at: Some(ended_at), ..tried };
        }
        let scheduled_at = match wait_after(scheduled_tries, attempted.retry_after, jitter) {
            Some(wait) if counts => ended_at + wait,
            _ => self.scheduled_at,
        };
        let asked = attempted.retry_after.map_or(attempted.at, |asked| ended_at + granted(asked, Span::millis(0)));
        let earliest_at = asked.max(attempted.at + HURRIED_AT_MOST_EVERY);
        let progress = Self { scheduled_tries, scheduled_at: scheduled_at.max(asked), earliest_at, ..tried };
        if hurried { progress.in_turn(ended_at) } else { Self { due_at: Some(progress.scheduled_at), ..progress } }
    }

    /// It is this delivery's turn, or a new event of its order came: it is tried at once, but not too often.
    #[must_use]
    pub fn in_turn(self, now: Timestamp) -> Self {
        let soon = now.max(self.earliest_at);
        // A hurried try is an extra one: it never puts off what is planned already.
        let planned = self.due_at.unwrap_or(soon).min(self.scheduled_at.max(now));
        Self { due_at: Some(soon.min(planned)), ..self }
    }

    /// An earlier event of the order goes first.
    #[must_use]
    pub const fn not_in_turn(self) -> Self {
        Self { due_at: None, ..self }
    }
}

/// One event on its way to one endpoint, as its merchant looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub endpoint: WebhookEndpointId,
    /// What.
    pub event: EventId,
    /// What happened.
    pub kind: EventKind,
    /// To which order.
    pub order: OrderId,
    /// The event's place in the order's history.
    pub seq: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// Its last try.
    pub last: Option<Attempted>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_seconds(1_000_000);

    fn attempted(at: Timestamp, status: u16) -> Attempted {
        let result = TryResult::Answered(status);
        Attempted { at, latency: Span::millis(0), result, retry_after: None, answer: Vec::new() }
    }

    #[test]
    fn twelve_tries_on_the_schedule_and_then_dead() {
        let mut progress = Progress::new(START).in_turn(START);
        let mut waits = Vec::new();
        let mut now = START;
        while let Some(due_at) = progress.due_at {
            waits.push((due_at - now).as_seconds());
            now = due_at;
            progress = progress.after(&attempted(now, 500), false, Jitter::NONE);
        }
        assert_eq!(waits, [0, 2, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400]);
        assert_eq!((progress.status, progress.tries), (DeliveryStatus::Dead, 12));
    }

    #[test]
    fn only_2xx_is_delivered() {
        for status in 100..1000 {
            let progress = Progress::new(START).after(&attempted(START, status), false, Jitter::NONE);
            let delivered = progress.status == DeliveryStatus::Delivered;
            assert_eq!(delivered, (200..300).contains(&status), "{status}");
            assert_eq!(delivered, progress.due_at.is_none(), "{status}");
        }
    }

    #[test]
    fn hurrying_uses_up_no_try_of_the_schedule_and_happens_at_most_every_five_seconds() {
        let mut progress = Progress::new(START);
        for seconds in [0, 2, 7] {
            progress = progress.after(&attempted(START + Span::seconds(seconds), 500), false, Jitter::NONE);
        }
        assert_eq!((progress.scheduled_tries, progress.due_at), (3, Some(START + Span::seconds(307))));
        let mut tries = Vec::new();
        for second in 8..300 {
            let now = START + Span::seconds(second);
            progress = progress.in_turn(now);
            if progress.due_at == Some(now) {
                tries.push(second);
                progress = progress.after(&attempted(now, 500), false, Jitter::NONE);
            }
        }
        assert_eq!(tries.first(), Some(&12));
        assert!(tries.windows(2).all(|pair| pair[1] - pair[0] == 5), "{tries:?}");
        assert_eq!((progress.scheduled_tries, progress.scheduled_at), (3, START + Span::seconds(307)));
    }

    #[test]
    fn an_event_that_comes_while_a_try_runs_hurries_the_next_one() {
        let tried = Attempted { latency: Span::seconds(15), ..attempted(START, 500) };
        assert_eq!(Progress::new(START).after(&tried, true, Jitter::NONE).due_at, Some(START + Span::seconds(15)));
        let quick = attempted(START, 500);
        // The schedule's own next try, after 2 s, is not put off by hurrying.
        assert_eq!(Progress::new(START).after(&quick, true, Jitter::NONE).due_at, Some(START + Span::seconds(2)));
    }

    #[test]
    fn nobody_hurries_against_a_receivers_wish() {
        let asked = Attempted { retry_after: Some(Span::seconds(60)), ..attempted(START, 429) };
        let progress = Progress::new(START).after(&asked, true, Jitter::NONE);
        assert_eq!(progress.due_at, Some(START + Span::seconds(60)));
        assert_eq!(progress.in_turn(START + Span::seconds(30)).due_at, Some(START + Span::seconds(60)));
        let endless = Attempted { retry_after: Some(Span::hours(1_000_000)), ..attempted(START, 503) };
        assert_eq!(Progress::new(START).after(&endless, false, Jitter::NONE).due_at, Some(START + Span::hours(1)));
    }

    #[test]
    fn hurrying_never_puts_off_a_delivery_that_was_not_tried_yet() {
        let due = Progress::new(START).in_turn(START);
        assert_eq!(due.in_turn(START + Span::seconds(3)).due_at, Some(START));
        assert_eq!(due.not_in_turn().in_turn(START + Span::seconds(3)).due_at, Some(START + Span::seconds(3)));
    }

    #[test]
    fn a_success_counts_even_after_the_delivery_was_given_up() {
        let dead = Progress { status: DeliveryStatus::Dead, ..Progress::new(START) };
        assert_eq!(dead.after(&attempted(START, 500), false, Jitter::NONE).status, DeliveryStatus::Dead);
        assert_eq!(dead.after(&attempted(START, 204), false, Jitter::NONE).status, DeliveryStatus::Delivered);
    }

    proptest! {
        #[test]
        fn whatever_happens_a_delivery_ends_within_twelve_tries_of_the_schedule(
            steps in prop::collection::vec((any::<bool>(), any::<u16>(), prop::option::of(0_i64..1_000_000_000)), 500)
        ) {
            let mut progress = Progress::new(START).in_turn(START);
            let mut scheduled = 0;
            for (hurried, random, retry_after) in steps {
                let Some(due_at) = progress.due_at else { break };
                let mut tried = attempted(due_at, 500);
                tried.retry_after = retry_after.map(Span::seconds);
                let after = progress.after(&tried, hurried, Jitter::from_random(random));
                prop_assert!(after.due_at.is_none_or(|next| next > due_at));
                prop_assert!(after.due_at.is_none_or(|next| next <= due_at + Span::hours(29)));
                prop_assert!(after.scheduled_tries - progress.scheduled_tries <= 1);
                scheduled += after.scheduled_tries - progress.scheduled_tries;
                progress = after;
            }
            prop_assert_eq!(scheduled, progress.scheduled_tries);
            prop_assert!(progress.scheduled_tries <= TRIES);
            prop_assert_eq!(progress.status == DeliveryStatus::Dead, progress.scheduled_tries == TRIES);
        }
    }
}
