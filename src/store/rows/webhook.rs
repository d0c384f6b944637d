//! The rows of webhook endpoints and of deliveries.

use serde_json::json;
use uuid::Uuid;

use super::{IdBytes, Unreadable, json, millis, moment, narrow, word};
use crate::domain::event::EventKind;
use crate::domain::id::{EventId, OrderId, WebhookEndpointId};
use crate::domain::merchant::MerchantId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{
    Attempted, Delivery, Disabled, Progress, Standing, TryResult, WebhookEndpoint, WebhookSecret,
};
use crate::ports::store::StoreError;
use crate::store::seal::{Purpose, SealError, Sealer};

/// An endpoint as it is stored.
#[derive(Debug)]
pub(in crate::store) struct EndpointRow {
    pub id: IdBytes,
    pub merchant: String,
    pub url: String,
    pub kinds: Option<String>,
    pub created_at: i64,
    pub standing: StandingRow,
}

/// The part of an endpoint that changes.
#[derive(Debug)]
pub(in crate::store) struct StandingRow {
    pub failing_since: Option<i64>,
    pub is_prompt: bool,
    pub disabled_at: Option<i64>,
    pub disabled_why: Option<String>,
}

impl EndpointRow {
    pub fn of(endpoint: &WebhookEndpoint) -> Self {
        let words = |kinds: &Vec<EventKind>| -> Vec<&str> { kinds.iter().map(|kind| kind.as_str()).collect() };
        Self {
            id: endpoint.id.uuid().into_bytes(),
            merchant: endpoint.merchant.as_str().to_owned(),
            url: endpoint.url.clone(),
            kinds: endpoint.kinds.as_ref().map(|kinds| json!(words(kinds)).to_string()),
            created_at: endpoint.created_at.millis(),
            standing: StandingRow::of(&endpoint.standing),
        }
    }

    pub fn into_endpoint(self) -> Result<WebhookEndpoint, Unreadable> {
        Ok(WebhookEndpoint {
            id: WebhookEndpointId::new(Uuid::from_bytes(self.id)),
            merchant: MerchantId::new(&self.merchant).ok_or(Unreadable("webhook_endpoints.merchant"))?,
            url: self.url,
            kinds: self.kinds.as_deref().map(kinds).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
            standing: self.standing.into_standing()?,
        })
    }
}

fn kinds(text: &str) -> Result<Vec<EventKind>, Unreadable> {
    const COLUMN: &str = "webhook_endpoints.kinds";
    json::<Vec<String>>(text, COLUMN)?.iter().map(|kind| word(kind, COLUMN)).collect()
}

impl StandingRow {
    pub fn of(standing: &Standing) -> Self {
        Self {
            failing_since: millis(standing.failing_since),
            is_prompt: standing.is_prompt,
            disabled_at: standing.disabled.map(|disabled| disabled.at.millis()),
            disabled_why: standing.disabled.map(|disabled| disabled.why.as_str().to_owned()),
        }
    }

    pub fn into_standing(self) -> Result<Standing, Unreadable> {
        let disabled = match (self.disabled_at, self.disabled_why) {
            (Some(at), Some(why)) => {
                Some(Disabled { at: Timestamp::from_millis(at), why: word(&why, "webhook_endpoints.disabled_why")? })
            }
            _ => None,
        };
        Ok(Standing { failing_since: moment(self.failing_since), is_prompt: self.is_prompt, disabled })
    }
}

/// A secret sealed to its endpoint.
pub(in crate::store) fn seal_secret(
    endpoint: &IdBytes,
    secret: &WebhookSecret,
    sealer: &Sealer,
) -> Result<Vec<u8>, SealError> {
    sealer.seal(Purpose::WebhookSecret, endpoint, secret.expose_bytes())
}

/// The secret of an endpoint that was sealed so.
pub(in crate::store) fn open_secret(
    endpoint: &IdBytes,
    sealed: &[u8],
    sealer: &Sealer,
) -> Result<WebhookSecret, SealError> {
    let bytes = sealer.open(Purpose::WebhookSecret, endpoint, sealed)?;
    bytes.try_into().map(WebhookSecret::from_bytes).map_err(|_| SealError::NotOurs)
}

/// A delivery as it is stored, with the kind of its event.
#[derive(Debug)]
pub(in crate::store) struct DeliveryRow {
    pub endpoint: IdBytes,
    pub event: IdBytes,
    pub kind: String,
    pub order_id: IdBytes,
    pub seq: i64,
    pub created_at: i64,
    pub progress: ProgressRow,
    pub last: Option<AttemptedRow>,
}

/// How far a delivery has come, as it is stored.
#[derive(Debug)]
pub(in crate::store) struct ProgressRow {
    pub status: String,
    pub tries: i64,
    pub scheduled_tries: i64,
    pub scheduled_at: i64,
    pub earliest_at: i64,
    pub due_at: Option<i64>,
    pub ended_at: Option<i64>,
}

/// The last try of a delivery, as it is stored.
#[derive(Debug)]
pub(in crate::store) struct AttemptedRow {
    pub tried_at: i64,
    pub latency: i64,
    pub http_status: Option<i64>,
    pub failure: Option<String>,
    pub answer: Vec<u8>,
}

impl ProgressRow {
    pub fn of(progress: &Progress) -> Self {
        Self {
            status: progress.status.as_str().to_owned(),
            tries: i64::from(progress.tries),
            scheduled_tries: i64::from(progress.scheduled_tries),
            scheduled_at: progress.scheduled_at.millis(),
            earliest_at: progress.earliest_at.millis(),
            due_at: millis(progress.due_at),
            ended_at: millis(progress.ended_at),
        }
    }

    pub fn into_progress(self) -> Result<Progress, Unreadable> {
        Ok(Progress {
            status: word(&self.status, "deliveries.status")?,
            tries: narrow(self.tries, "deliveries.tries")?,
            scheduled_tries: narrow(self.scheduled_tries, "deliveries.scheduled_tries")?,
            scheduled_at: Timestamp::from_millis(self.scheduled_at),
            earliest_at: Timestamp::from_millis(self.earliest_at),
            due_at: moment(self.due_at),
            ended_at: moment(self.ended_at),
        })
    }
}

impl AttemptedRow {
    pub fn of(attempted: &Attempted) -> Self {
        let (http_status, failure) = match &attempted.result {
            TryResult::Answered(status) => (Some(i64::from(*status)), None),
            TryResult::NoAnswer(why) => (None, Some(why.clone())),
        };
        Self {
            tried_at: attempted.at.millis(),
            latency: attempted.latency.as_millis(),
            http_status,
            failure,
            answer: attempted.answer.clone(),
        }
    }

    fn into_attempted(self) -> Result<Attempted, Unreadable> {
        let result = match (self.http_status, self.failure) {
            (Some(status), _) => TryResult::Answered(narrow(status, "deliveries.http_status")?),
            (None, failure) => TryResult::NoAnswer(failure.ok_or(Unreadable("deliveries.failure"))?),
        };
        Ok(Attempted {
            at: Timestamp::from_millis(self.tried_at),
            latency: Span::millis(self.latency),
            result,
            retry_after: None,
            answer: self.answer,
        })
    }
}

impl DeliveryRow {
    pub fn into_delivery(self) -> Result<Delivery, StoreError> {
        Ok(Delivery {
            endpoint: WebhookEndpointId::new(Uuid::from_bytes(self.endpoint)),
            event: EventId::new(Uuid::from_bytes(self.event)),
            kind: word(&self.kind, "events.kind")?,
            order: OrderId::new(Uuid::from_bytes(self.order_id)),
            seq: narrow(self.seq, "deliveries.seq")?,
            created_at: Timestamp::from_millis(self.created_at),
            progress: self.progress.into_progress()?,
            last: self.last.map(AttemptedRow::into_attempted).transpose()?,
        })
    }
}
