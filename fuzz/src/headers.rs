//! What strangers put into header fields and addresses.

use pay_handoff::domain::handoff::host_app::detect;
use pay_handoff::domain::locale::Locale;
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::links::TokenPage;
use pay_handoff::ports::courier::Reach;
use pay_handoff::webhooks::guard::Target;
use pay_handoff::webhooks::retry_after;
use pay_handoff::wire::time::{parse_rfc3339, rfc3339};

use super::parts::Parts;

/// Two parts: a clock and a text, which is read as each of these fields.
pub fn check(input: &[u8]) {
    let mut parts = Parts::of(input);
    let now = Timestamp::from_seconds((parts.number() % 250_000_000_000) as i64);
    let text = parts.text();
    let _ = (detect(&text), Locale::from_accept_language(&text));
    if let Some(wait) = retry_after::read(&text, now) {
        assert!(Span::millis(0) <= wait && wait <= Span::hours(365 * 24), "{wait:?}");
    }
    if let Some(page) = TokenPage::parse(&text) {
        assert_eq!(page.to_string(), text, "an address has one spelling");
    }
    if let Some(time) = parse_rfc3339(&text) {
        assert_eq!(parse_rfc3339(&rfc3339(time)), Some(time.floor_to_second()));
    }
    for reach in [Reach::Public, Reach::Sandbox] {
        if let Ok(target) = Target::read(&text, reach) {
            let scheme = if target.is_https() { "https:" } else { "http:" };
            assert!(text.to_ascii_lowercase().starts_with(scheme), "{text}");
            assert!(target.is_https() || reach == Reach::Sandbox, "{text}");
            assert!(target.path_and_query().starts_with('/') && !target.host().is_empty());
        }
    }
}
