//! Whoever carries an event to a webhook endpoint, and says where endpoints may be at all.

use async_trait::async_trait;

use crate::domain::id::EventId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{TryResult, WebhookSecret};

/// How far an endpoint's address may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A merchant with real money: https on port 443, at public addresses alone.
    Public,
    /// A sandbox merchant: also http on port 80, and both on loopback addresses with a port from 1024.
    Sandbox,
}

/// One event to be carried to one endpoint.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Where to. Checked again on every way.
    pub url: String,
    /// How far that may lead.
    pub reach: Reach,
    /// The event: the same on every try.
    pub event: EventId,
    /// The event's bytes.
    pub body: Vec<u8>,
    /// Every secret that signs, the newest first.
    pub secrets: Vec<WebhookSecret>,
    /// When this try begins.
    pub at: Timestamp,
}

/// What came of carrying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// How it ended.
    pub result: TryResult,
    /// What the endpoint asked for with `Retry-After`; never negative, at most a year.
    pub retry_after: Option<Span>,
    /// The beginning of the answer's body, at most [`crate::domain::webhook::ANSWER_KEPT_BYTES`].
    pub answer: Vec<u8>,
}

/// Carries events.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Whether an endpoint may be at this address.
    ///
    /// # Errors
    /// The broken rule, for the merchant to read.
    fn admit(&self, url: &str, reach: Reach) -> Result<(), String>;

    /// Carries one event once. Answers within 16 seconds, whatever the endpoint does, and never connects to an address that
    /// is not allowed, whatever the name in the URL resolves to.
    async fn carry(&self, parcel: Parcel) -> Carried;
}
