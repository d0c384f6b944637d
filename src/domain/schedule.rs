//! When things are tried again: the schedules of the public contract, as data.

use super::time::{Span, Timestamp};

/// After its beginning an open attempt is asked about at these moments (seconds), …
const LOOKS_AFTER_BEGIN_S: [i64; 4] = [5, 10, 20, 40];
/// … then every so often, …
const LOOKS_THEN_EVERY_S: i64 = 60;
/// … and after its end at these.
const LOOKS_AFTER_END: [Span; 3] = [Span::minutes(5), Span::hours(1), Span::hours(24)];
/// Hints that come so soon after one are one with it.
pub const ONE_HINT: Span = Span::seconds(LOOKS_AFTER_BEGIN_S[0]);
/// How soon a wallet that did not answer a close is asked again.
pub const CLOSE_RETRY: Span = Span::seconds(10);
/// Waits between tries of a refund; the last one repeats.
const REFUND_TRIES_S: [i64; 8] = [1, 2, 5, 15, 60, 300, 1800, 7200];

/// When to ask a wallet about an attempt next, strictly after `now`; `None` when it need not be asked any more.
#[must_use]
pub fn next_look(began: Timestamp, ended: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if let Some(ended) = ended {
        return LOOKS_AFTER_END.into_iter().map(|after| ended + after).find(|look| *look > now);
    }
    let early = LOOKS_AFTER_BEGIN_S.into_iter().map(|after| began + Span::seconds(after)).find(|look| *look > now);
    let last_early = began + Span::seconds(LOOKS_AFTER_BEGIN_S[LOOKS_AFTER_BEGIN_S.len() - 1]);
    early.or_else(|| {
        let passed = (now - last_early).as_millis().div_euclid(LOOKS_THEN_EVERY_S * 1000);
        Some(last_early + Span::seconds((passed + 1).saturating_mul(LOOKS_THEN_EVERY_S)))
    })
}

/// When to ask about an attempt next of which its wallet hinted that something happened to it: as after its beginning, then as after its
/// end, strictly after `now`.
#[must_use]
pub fn next_look_after_hint(hinted: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let after = LOOKS_AFTER_BEGIN_S.into_iter().map(Span::seconds).chain(LOOKS_AFTER_END);
    after.map(|after| hinted + after).find(|look| *look > now)
}

/// How long to wait before a wallet that did not answer is asked again about an attempt that ended so long ago: half that time, and between
/// five minutes and six hours.
#[must_use]
pub fn unanswered_wait(since_end: Span) -> Span {
    Span::millis(since_end.as_millis() / 2).clamp(Span::minutes(5), Span::hours(6))
}

/// How long to wait before a refund is tried (or asked about) again, after so many tries.
#[must_use]
pub fn refund_wait(tries: u32) -> Span {
    let index = usize::try_from(tries).unwrap_or(usize::MAX).min(REFUND_TRIES_S.len() - 1);
    Span::seconds(REFUND_TRIES_S[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_attempt_is_asked_about_on_the_contracts_schedule() {
        let began = Timestamp::from_seconds(1000);
        let mut now = began;
        let mut looks = Vec::new();
        while looks.len() < 7 {
            let Some(look) = next_look(began, None, now) else { break };
            looks.push((look - began).as_seconds());
            now = look;
        }
        assert_eq!(looks, [5, 10, 20, 40, 100, 160, 220]);
    }

    #[test]
    fn an_ended_attempt_is_asked_about_three_times_more() {
        let (began, ended) = (Timestamp::from_seconds(0), Timestamp::from_seconds(900));
        let mut now = ended;
        let mut looks = Vec::new();
        while let Some(look) = next_look(began, Some(ended), now) {
            looks.push((look - ended).as_seconds());
            now = look;
        }
        assert_eq!(looks, [300, 3600, 86_400]);
    }

    #[test]
    fn after_a_hint_an_attempt_is_asked_about_as_if_it_had_just_begun_and_just_ended() {
        let hinted = Timestamp::from_seconds(1_000_000);
        let mut now = hinted;
        let mut looks = Vec::new();
        while let Some(look) = next_look_after_hint(hinted, now) {
            looks.push((look - hinted).as_seconds());
            now = look;
        }
        assert_eq!(looks, [5, 10, 20, 40, 300, 3600, 86_400]);
    }

    #[test]
    fn a_wallet_that_does_not_answer_is_asked_again_ever_more_rarely_but_for_ever() {
        let waits = [0, 600, 3600, 86_400, 864_000].map(|seconds| unanswered_wait(Span::seconds(seconds)).as_seconds());
        assert_eq!(waits, [300, 300, 1800, 21_600, 21_600]);
        // A clock that was set back does not make it sooner.
        assert_eq!(unanswered_wait(Span::seconds(-9)), Span::minutes(5));
    }

    #[test]
    fn a_refund_is_tried_ever_more_rarely_and_never_given_up() {
        let waits = (0..10).map(|tries| refund_wait(tries).as_seconds());
        assert_eq!(waits.collect::<Vec<_>>(), [1, 2, 5, 15, 60, 300, 1800, 7200, 7200, 7200]);
        assert_eq!(refund_wait(u32::MAX), Span::hours(2));
        assert_eq!(CLOSE_RETRY, Span::seconds(10));
    }

    #[test]
    fn a_late_riser_is_not_sent_into_the_past() {
        let began = Timestamp::from_seconds(0);
        for second in 0..400 {
            let now = Timestamp::from_seconds(second);
            assert!(next_look(began, None, now).is_some_and(|look| look > now && look <= now + Span::seconds(60)));
        }
    }
}
