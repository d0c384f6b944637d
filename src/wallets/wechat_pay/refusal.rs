//! What WeChat Pay refuses, and what its support and the operator need to know of any answer that brought nothing.

use hyper::header::{DATE, HeaderMap};
use jiff::fmt::rfc2822;
use serde::Deserialize;

use super::proof::sent_at;
use crate::domain::time::{Span, Timestamp};
use crate::exchange::Answer;
use crate::ports::clock::TOLERATED_DIFFERENCE;
use crate::ports::wallet::WalletError;

/// Of a wallet's own words so many characters reach the log.
const WORDS_KEPT: usize = 200;
/// WeChat Pay's support asks for this number first.
const REQUEST_ID: &str = "request-id";
/// Longer ones are none of WeChat Pay's.
const LONGEST_REQUEST_ID: usize = 64;

/// A refusal in the wallet's words.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The stable word: `ORDERPAID`.
    pub code: String,
    /// A sentence for people.
    message: String,
    /// See [`remarks`].
    remarks: String,
    /// Whether WeChat Pay signed it: what came from something on the way decides nothing.
    pub is_proven: bool,
}

#[derive(Deserialize)]
struct RefusalBody {
    code: String,
    #[serde(default)]
    message: String,
}

impl Refusal {
    pub(super) fn read(answer: &Answer, is_proven: bool, now: Timestamp) -> Self {
        let body: Option<RefusalBody> = serde_json::from_slice(&answer.body).ok();
        let (code, message) = body.map_or_else(Default::default, |body| (body.code, body.message));
        let plain = |text: String| text.chars().filter(|letter| !letter.is_control()).take(WORDS_KEPT).collect();
        let code = if code.is_empty() { format!("HTTP {}", answer.status) } else { plain(code) };
        Self { code, message: plain(message), remarks: remarks(&answer.headers, now), is_proven }
    }

    /// Whether the code is one of these.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Refused for good, if WeChat Pay said so itself; nothing is known otherwise.
    pub(super) fn for_good(&self) -> WalletError {
        if self.is_proven { WalletError::Refused(self.to_string()) } else { self.unknown() }
    }

    /// Not now, if WeChat Pay said so itself; nothing is known otherwise.
    pub(super) fn for_now(&self) -> WalletError {
        if self.is_proven { WalletError::Later(self.to_string()) } else { self.unknown() }
    }

    /// It says nothing about what became of the trade.
    pub(super) fn unknown(&self) -> WalletError {
        WalletError::Unknown(self.to_string())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signed = if self.is_proven { "" } else { ", unsigned" };
        write!(formatter, "{} {}{signed}{}", self.code, self.message, self.remarks)
    }
}

/// What belongs behind the words about an answer that brought nothing: its number at WeChat Pay, and how far this machine's clock is
/// from the answer's own time when that is far. Nobody has proven either: they are for people.
pub(super) fn remarks(headers: &HeaderMap, now: Timestamp) -> String {
    let is_number = |text: &&str| {
        (1..=LONGEST_REQUEST_ID).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_graphic())
    };
    let number = single(headers, REQUEST_ID).filter(is_number);
    let number = number.map_or_else(String::new, |number| format!("; Request-Id {number}"));
    let clock = match told_time(headers) {
        Some(told) if now - told > TOLERATED_DIFFERENCE => off(now - told, "ahead of"),
        Some(told) if told - now > TOLERATED_DIFFERENCE => off(told - now, "behind"),
        _ => String::new(),
    };
    number + &clock
}

fn off(by: Span, side: &str) -> String {
    format!(
        "; this machine's clock is {} s off, {side} the answer's time: set it, and keep it set by NTP",
        by.as_seconds()
    )
}

/// When the answer says that it was written.
fn told_time(headers: &HeaderMap) -> Option<Timestamp> {
    let seconds = || single(headers, "wechatpay-timestamp").and_then(sent_at);
    let date = || {
        let date = rfc2822::parse(single(headers, DATE.as_str())?).ok()?;
        Some(Timestamp::from_seconds(date.timestamp().as_second()))
    };
    seconds().or_else(date)
}

/// The value of a header that came exactly once: of two values, another reader might believe the other one.
pub(super) fn single<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    const NOW: Timestamp = Timestamp::from_seconds(1_795_320_000);

    fn said(fields: &[(&'static str, &str)]) -> String {
        let field = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        remarks(&fields.iter().map(field).collect(), NOW)
    }

    #[test]
    fn the_number_of_an_answer_is_told_when_it_is_one() {
        assert_eq!(said(&[("request-id", "08F1C5-268")]), "; Request-Id 08F1C5-268");
        let long = "8".repeat(65);
        for number in ["", "a b", "\u{fc}", &long] {
            assert_eq!(said(&[("request-id", number)]), "", "{number:?}");
        }
    }

    #[test]
    fn a_clock_far_from_the_answers_time_is_told_with_its_distance() {
        for (sent, words) in [
            (NOW.seconds() - 620, "; this machine's clock is 620 s off, ahead of the answer's time"),
            (NOW.seconds() + 31, "; this machine's clock is 31 s off, behind the answer's time"),
        ] {
            assert!(said(&[("wechatpay-timestamp", &sent.to_string())]).starts_with(words), "{sent}");
        }
        for near in [NOW.seconds() - 30, NOW.seconds(), NOW.seconds() + 30] {
            assert_eq!(said(&[("wechatpay-timestamp", &near.to_string())]), "");
        }
        assert!(said(&[("date", "Sun, 22 Nov 2026 03:50:00 GMT")]).contains("600 s off, ahead of"));
        assert_eq!(said(&[("date", "yesterday"), ("wechatpay-timestamp", "soon")]), "");
    }
}
