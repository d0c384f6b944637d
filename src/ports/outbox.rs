//! The events that wait to be sent: a merchant's webhook endpoints and the deliveries to each.
//!
//! Deliveries begin in [`super::store::Store::commit`]: every event gets one for each endpoint of its merchant that wants it and
//! is not disabled, in the same transaction. A new event of an order puts the waiting delivery before it in turn again.

use async_trait::async_trait;

use super::store::{EventRecord, KeptAnswer, StoreError};
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::domain::merchant::MerchantId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{Attempted, Delivery, Disabled, Jitter, WebhookEndpoint, WebhookSecret};

/// Which endpoints are served: those that answered well the last time do not share their places with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Endpoints whose last answer was 2xx and quick.
    Prompt,
    /// All others, new ones among them.
    Slow,
}

/// One instance's claim to try a delivery once, with everything it needs for that.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where to.
    pub endpoint: WebhookEndpointId,
    /// What.
    pub event: EventId,
    /// Grows with every claim of this delivery; what an older one brings back is not noted.
    pub fence: u64,
    /// Whose both are.
    pub merchant: MerchantId,
    /// The endpoint's address.
    pub url: String,
    /// The event's bytes.
    pub body: Vec<u8>,
    /// Every secret that signs at the moment of the claim, the newest first; at least one.
    pub secrets: Vec<WebhookSecret>,
}

/// Which deliveries to list. Newest first.
#[derive(Clone, Debug)]
pub struct DeliveryQuery {
    /// To which endpoint.
    pub endpoint: WebhookEndpointId,
    /// Only those that began before the delivery of this event: where the last page ended.
    pub older_than: Option<EventId>,
    /// At most so many.
    pub limit: usize,
}

/// Keeps endpoints and deliveries. Each method is one transaction. "Not found" is `None`, `false` or an empty list, never an
/// error. A merchant's things are not found for another.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Adds an endpoint with its first secret, and keeps the answer with it. `false`, and nothing is added, when the merchant
    /// has [`crate::domain::webhook::MOST_ENDPOINTS`] already.
    ///
    /// # Errors
    /// [`StoreError::AnswerKept`], [`StoreError::Unavailable`].
    async fn add_endpoint(
        &self,
        endpoint: WebhookEndpoint,
        secret: WebhookSecret,
        answer: Option<KeptAnswer>,
    ) -> Result<bool, StoreError>;

    /// A merchant's endpoints, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn endpoints(&self, merchant: &MerchantId) -> Result<Vec<WebhookEndpoint>, StoreError>;

    /// Removes an endpoint with its secrets and deliveries.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn remove_endpoint(&self, merchant: &MerchantId, endpoint: WebhookEndpointId) -> Result<bool, StoreError>;

    /// Gives an endpoint a new secret and keeps the answer with it. The others go on signing for
    /// [`crate::domain::webhook::SECRET_OVERLAP`] from `now`, the newest [`crate::domain::webhook::MOST_SECRETS`] of all.
    ///
    /// # Errors
    /// [`StoreError::AnswerKept`], [`StoreError::Unavailable`].
    async fn rotate_secret(
        &self,
        merchant: &MerchantId,
        endpoint: WebhookEndpointId,
        secret: WebhookSecret,
        now: Timestamp,
        answer: Option<KeptAnswer>,
    ) -> Result<bool, StoreError>;

    /// One event of a merchant's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn event(&self, merchant: &MerchantId, event: EventId) -> Result<Option<EventRecord>, StoreError>;

    /// Begins the deliveries of an event to these endpoints anew, whatever became of them, and keeps the answer with it.
    /// Endpoints that are gone or disabled are left out. Later events of the order that are not delivered yet wait for it.
    ///
    /// # Errors
    /// [`StoreError::AnswerKept`], [`StoreError::Unavailable`].
    async fn redeliver(
        &self,
        event: EventId,
        endpoints: Vec<WebhookEndpointId>,
        now: Timestamp,
        answer: Option<KeptAnswer>,
    ) -> Result<(), StoreError>;

    /// Lists the deliveries to an endpoint.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn deliveries(&self, query: DeliveryQuery) -> Result<Vec<Delivery>, StoreError>;

    /// Claims up to `limit` due deliveries of this lane for `span` from `now`; of one order and endpoint never more than the
    /// oldest pending one. An endpoint gets one at a time while that keeps up, and more only when its deliveries wait.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn claim(&self, lane: Lane, now: Timestamp, span: Span, limit: usize) -> Result<Vec<Claim>, StoreError>;

    /// Notes a try: what follows for the delivery and its endpoint is decided by `domain::webhook`, and the order's next
    /// delivery comes into turn when this one has ended. Does nothing when the claim was taken over, or its delivery is gone.
    /// Tells when and why the endpoint was disabled, if this very try did it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn note(
        &self,
        endpoint: WebhookEndpointId,
        event: EventId,
        fence: u64,
        attempted: Attempted,
        jitter: Jitter,
    ) -> Result<Option<Disabled>, StoreError>;

    /// The first moment after `now` when a delivery comes due or a claim ends; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn next_due_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Forgets deliveries that ended more than 30 days ago; tells how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn forget_old_deliveries(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// Returns when a delivery may have come due that was not due before. May return for nothing, and never misses what was
    /// committed by this instance since it returned the last time.
    async fn stirred(&self);
}
