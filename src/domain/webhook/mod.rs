//! Webhook endpoints: which events a merchant wants to be sent, where to, and signed with what.

mod delivery;
mod schedule;
mod standing;

pub use delivery::{Attempted, Delivery, DeliveryStatus, Progress, TryResult};
pub use schedule::{Jitter, TRIES};
pub use standing::{Disabled, DisabledWhy, Standing};

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::event::EventKind;
use super::id::WebhookEndpointId;
use super::merchant::MerchantId;
use super::time::{Span, Timestamp};

/// After a rotation the old secret goes on signing for so long.
pub const SECRET_OVERLAP: Span = Span::hours(24);
/// So many secrets of an endpoint sign at once, however often it is rotated: each makes the signature header longer.
pub const MOST_SECRETS: usize = 8;
/// A merchant has so many endpoints at most: each event is written once for every one of them.
pub const MOST_ENDPOINTS: usize = 256;
/// Of an answer so many bytes are kept, to be looked at.
pub const ANSWER_KEPT_BYTES: usize = 1024;

/// An address of the merchant's that is told of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its identifier.
    pub id: WebhookEndpointId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Where events are sent.
    pub url: String,
    /// The kinds it asked for; `None`: [`EventKind::is_sent_unasked`], also those that come with later programs.
    pub kinds: Option<Vec<EventKind>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How it has answered so far.
    pub standing: Standing,
}

impl WebhookEndpoint {
    /// Whether an event of this kind is sent to it.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.kinds.as_ref().map_or_else(|| kind.is_sent_unasked(), |kinds| kinds.contains(&kind))
    }
}

/// What an endpoint's signatures are made with: 32 bytes of chance, written `whsec_` and base64. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

/// The text is not `whsec_` and the base64 of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret")]
pub struct NotASecret;

impl WebhookSecret {
    const PREFIX: &str = "whsec_";

    /// A secret of these bytes, which must come from the system's generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes that sign.
    #[must_use]
    pub const fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text that the merchant is shown once.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{}{}", Self::PREFIX, STANDARD.encode(self.0))
    }
}

impl FromStr for WebhookSecret {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.strip_prefix(Self::PREFIX).ok_or(NotASecret)?).map_err(|_| NotASecret)?;
        bytes.try_into().map(Self).map_err(|_| NotASecret)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn endpoint(kinds: Option<Vec<EventKind>>) -> WebhookEndpoint {
        WebhookEndpoint {
            id: WebhookEndpointId::new(Uuid::nil()),
            merchant: MerchantId::new("teashop").unwrap(),
            url: "https://shop.example/hook".to_owned(),
            kinds,
            created_at: Timestamp::from_seconds(0),
            standing: Standing::default(),
        }
    }

    #[test]
    fn what_was_not_asked_for_is_everything_but_the_attempts() {
        let (unasked, only_paid) = (endpoint(None), endpoint(Some(vec![EventKind::OrderPaid])));
        for kind in EventKind::ALL {
            assert_eq!(unasked.wants(*kind), !kind.as_str().starts_with("attempt."), "{}", kind.as_str());
            assert_eq!(only_paid.wants(*kind), *kind == EventKind::OrderPaid);
        }
        assert!(endpoint(Some(vec![EventKind::AttemptCreated])).wants(EventKind::AttemptCreated));
    }

    #[test]
    fn a_secret_is_read_back_from_its_text_and_shows_itself_nowhere_else() {
        let secret = WebhookSecret::from_bytes([0xa7; 32]);
        let text = secret.expose();
        assert_eq!(text.len(), "whsec_".len() + 44);
        assert_eq!(text.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
        for wrong in ["", "whsec_", "whsec_AAAA", &text[6..], &text.to_uppercase(), &format!("{text}AAAA")] {
            assert_eq!(wrong.parse::<WebhookSecret>(), Err(NotASecret), "{wrong}");
        }
    }
}
