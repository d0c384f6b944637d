//! Webhook endpoints: making, listing, removing, new secrets, and sending an event again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Answer, Once};
use super::refusal::Refusal;
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::domain::merchant::{Merchant, MerchantId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, SECRET_OVERLAP, Standing, WebhookEndpoint, WebhookSecret};
use crate::ports::clock::Clock;
use crate::ports::courier::{Courier, Reach};
use crate::ports::entropy::Entropy;
use crate::ports::outbox::{DeliveryQuery, Outbox};
use crate::wire::webhook::{NewSecretJson, RedeliveryJson, WebhookEndpointJson, WebhookEndpointWish};

/// The use cases around webhooks, with the ports that only they need.
pub struct Webhooks {
    /// Endpoints and deliveries.
    pub outbox: Arc<dyn Outbox>,
    /// Who carries events.
    pub courier: Arc<dyn Courier>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The merchants by their identifiers.
    pub merchants: BTreeMap<MerchantId, Arc<Merchant>>,
}

/// How far the endpoints of a merchant may lead.
pub(super) fn reach(merchant: &Merchant) -> Reach {
    if merchant.is_sandbox() { Reach::Sandbox } else { Reach::Public }
}

impl Webhooks {
    /// Whether this merchant may have an endpoint at this address.
    ///
    /// # Errors
    /// The broken rule, for him to read.
    pub fn admit(&self, merchant: &Merchant, url: &str) -> Result<(), String> {
        self.courier.admit(url, reach(merchant))
    }

    /// Adds an endpoint; its answer is the only one that shows the secret.
    ///
    /// # Errors
    /// [`Refusal::TooManyWebhookEndpoints`], [`Refusal::KeyInUse`], [`Refusal::Unavailable`].
    pub async fn add_endpoint(
        &self,
        merchant: &Merchant,
        wish: WebhookEndpointWish,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let now = self.clock.now();
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::new(self.entropy.uuid(now)),
            merchant: merchant.id.clone(),
            url: wish.url,
            kinds: wish.kinds,
            created_at: now,
            standing: Standing::default(),
        };
        let secret = self.new_secret();
        let json = WebhookEndpointJson::of(&endpoint, merchant.is_sandbox());
        let answer = Answer::of(201, &NewSecretJson::of(json, &secret, None));
        let kept = once.map(|once| once.keep(&answer, now));
        let added = self.outbox.add_endpoint(endpoint, secret, kept).await?;
        if added { Ok(answer) } else { Err(Refusal::TooManyWebhookEndpoints) }
    }

    fn new_secret(&self) -> WebhookSecret {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        WebhookSecret::from_bytes(bytes)
    }

    /// A merchant's endpoints, newest first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn endpoints(&self, merchant: &MerchantId) -> Result<Vec<WebhookEndpoint>, Refusal> {
        Ok(self.outbox.endpoints(merchant).await?)
    }

    /// One endpoint of a merchant's.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn endpoint(&self, merchant: &MerchantId, id: WebhookEndpointId) -> Result<WebhookEndpoint, Refusal> {
        let endpoints = self.endpoints(merchant).await?;
        endpoints.into_iter().find(|endpoint| endpoint.id == id).ok_or(Refusal::NotFound)
    }

    /// Removes an endpoint with everything that belongs to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn remove_endpoint(&self, merchant: &MerchantId, id: WebhookEndpointId) -> Result<(), Refusal> {
        if self.outbox.remove_endpoint(merchant, id).await? { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Gives an endpoint a new secret; the old one goes on signing for a day.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::KeyInUse`], [`Refusal::Unavailable`].
    pub async fn rotate_secret(
        &self,
        merchant: &Merchant,
        id: WebhookEndpointId,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let endpoint = self.endpoint(&merchant.id, id).await?;
        let (now, secret) = (self.clock.now(), self.new_secret());
        let json = WebhookEndpointJson::of(&endpoint, merchant.is_sandbox());
        let answer = Answer::of(200, &NewSecretJson::of(json, &secret, Some(now + SECRET_OVERLAP)));
        let kept = once.map(|once| once.keep(&answer, now));
        let rotated = self.outbox.rotate_secret(&merchant.id, id, secret, now, kept).await?;
        if rotated { Ok(answer) } else { Err(Refusal::NotFound) }
    }

    /// The deliveries to an endpoint of this merchant's, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn deliveries(&self, merchant: &MerchantId, query: DeliveryQuery) -> Result<Vec<Delivery>, Refusal> {
        self.endpoint(merchant, query.endpoint).await?;
        Ok(self.outbox.deliveries(query).await?)
    }

    /// Sends an event again: to the endpoint named, or to every one that is enabled and wants events of its kind.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NoWebhookEndpoint`], [`Refusal::KeyInUse`], [`Refusal::Unavailable`].
    pub async fn redeliver(
        &self,
        merchant: &MerchantId,
        event: EventId,
        only: Option<WebhookEndpointId>,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let kind = self.outbox.event(merchant, event).await?.ok_or(Refusal::NotFound)?.kind;
        let mut endpoints = match only {
            Some(id) => vec![self.endpoint(merchant, id).await?],
            None => self.endpoints(merchant).await?,
        };
        endpoints.retain(|endpoint| endpoint.standing.disabled.is_none() && (only.is_some() || endpoint.wants(kind)));
        if endpoints.is_empty() {
            return Err(Refusal::NoWebhookEndpoint);
        }
        let now: Timestamp = self.clock.now();
        let endpoint_ids = endpoints.iter().map(|endpoint| endpoint.id.to_string()).collect();
        let answer = Answer::of(202, &RedeliveryJson { event_id: event.to_string(), endpoint_ids });
        let kept = once.map(|once| once.keep(&answer, now));
        let ids = endpoints.iter().map(|endpoint| endpoint.id).collect();
        self.outbox.redeliver(event, ids, now, kept).await?;
        Ok(answer)
    }
}
