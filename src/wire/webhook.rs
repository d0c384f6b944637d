//! Webhook endpoints and deliveries on the wire.

use crate::wire::words::{DeliveryStatusWord, EventWord};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::{self, Fields};
use super::json::Json;
use super::problem::FieldError;
use super::time::rfc3339;
use crate::domain::event::EventKind;
use crate::domain::id::WebhookEndpointId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, TryResult, WebhookEndpoint, WebhookSecret};

/// A webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookEndpointJson {
    /// Identifier: `whe_` and 32 hexadecimal digits.
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// The types that are sent.
    #[schema(value_type = Vec<EventWord>)]
    pub events: Vec<&'static str>,
    /// `enabled` or `disabled`.
    pub status: &'static str,
    /// When it was disabled.
    #[schema(required)]
    pub disabled_at: Option<String>,
    /// Why it was disabled: `gone` (it answered 410) or `failing` (120 hours of nothing but failures).
    #[schema(required)]
    pub disabled_reason: Option<&'static str>,
    /// Since when it has done nothing but fail; null when its last delivery went well.
    #[schema(required)]
    pub failing_since: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// Whether it is simulated.
    pub sandbox: bool,
}

impl WebhookEndpointJson {
    /// An endpoint of a merchant of this mode.
    #[must_use]
    pub fn of(endpoint: &WebhookEndpoint, sandbox: bool) -> Self {
        let disabled = endpoint.standing.disabled;
        let wanted = EventKind::ALL.iter().filter(|kind| endpoint.wants(**kind));
        Self {
            id: endpoint.id.to_string(),
            url: endpoint.url.clone(),
            events: wanted.map(|kind| kind.as_str()).collect(),
            status: if disabled.is_some() { "disabled" } else { "enabled" },
            disabled_at: disabled.map(|disabled| rfc3339(disabled.at)),
            disabled_reason: disabled.map(|disabled| disabled.why.as_str()),
            failing_since: endpoint.standing.failing_since.map(rfc3339),
            created_at: rfc3339(endpoint.created_at),
            sandbox,
        }
    }
}

/// A webhook endpoint with the secret that was made for it: the only time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewSecretJson {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: WebhookEndpointJson,
    /// `whsec_` and the base64 of 32 bytes.
    pub secret: String,
    /// After a rotation: until when the old secret goes on signing beside the new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_secret_expires_at: Option<String>,
}

impl NewSecretJson {
    /// An endpoint with its new secret.
    #[must_use]
    pub fn of(endpoint: WebhookEndpointJson, secret: &WebhookSecret, old_expires_at: Option<Timestamp>) -> Self {
        Self { endpoint, secret: secret.expose(), old_secret_expires_at: old_expires_at.map(rfc3339) }
    }
}

/// A delivery of one event to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryJson {
    /// The event.
    pub event_id: String,
    /// Its type.
    #[schema(value_type = EventWord)]
    pub event_type: &'static str,
    /// Its order.
    pub order_id: String,
    /// Its place in the order's history.
    pub seq: u32,
    /// `pending`, `delivered` or `dead`.
    #[schema(value_type = DeliveryStatusWord)]
    pub status: &'static str,
    /// How often it was tried.
    pub tries: u32,
    /// When it began.
    pub created_at: String,
    /// When it is tried next; null when it is not pending, or waits for an earlier event of its order.
    #[schema(required)]
    pub next_try_at: Option<String>,
    /// The last try.
    #[schema(required)]
    pub last_try: Option<LastTryJson>,
}

/// How a delivery was tried the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastTryJson {
    /// When it began.
    pub at: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// The HTTP status of the answer.
    #[schema(required)]
    pub http_status: Option<u16>,
    /// Why there was no answer.
    #[schema(required)]
    pub error: Option<String>,
    /// The first 1024 bytes of the answer's body; what is not UTF-8 in it is replaced.
    #[schema(required)]
    pub response: Option<String>,
}

impl DeliveryJson {
    /// A delivery.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        let progress = &delivery.progress;
        let last_try = delivery.last.as_ref().map(|last| {
            let (http_status, error) = match &last.result {
                TryResult::Answered(status) => (Some(*status), None),
                TryResult::NoAnswer(why) => (None, Some(why.clone())),
            };
            LastTryJson {
                at: rfc3339(last.at),
                latency_ms: last.latency.as_millis(),
                http_status,
                error,
                response: http_status.map(|_| String::from_utf8_lossy(&last.answer).into_owned()),
            }
        });
        Self {
            event_id: delivery.event.to_string(),
            event_type: delivery.kind.as_str(),
            order_id: delivery.order.to_string(),
            seq: delivery.seq,
            status: progress.status.as_str(),
            tries: progress.tries,
            created_at: rfc3339(delivery.created_at),
            next_try_at: progress.due_at.map(rfc3339),
            last_try,
        }
    }
}

/// To which endpoints an event is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RedeliveryJson {
    /// The event.
    pub event_id: String,
    /// The endpoints.
    pub endpoint_ids: Vec<String>,
}

/// A new endpoint, as a merchant wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpointWish {
    /// Where events are to be sent; admitted.
    pub url: String,
    /// The types that he asked for.
    pub kinds: Option<Vec<EventKind>>,
}

impl WebhookEndpointWish {
    /// Reads the body of a request; `admit` tells whether an endpoint may be at an address, or which rule it breaks.
    ///
    /// # Errors
    /// Every bad field.
    pub fn read(body: Json, admit: impl Fn(&str) -> Result<(), String>) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let url = fields.required("url", |value| {
            let url = fields::text(value)?;
            admit(&url).map(|()| url)
        });
        let kinds = fields.optional("events", read_kinds);
        fields.finish(url.map(|url| Self { url, kinds }))
    }
}

fn read_kinds(value: Json) -> Result<Vec<EventKind>, String> {
    let Json::List(items) = value else { return Err(format!("must be an array, not {}", value.kind())) };
    let mut kinds = Vec::with_capacity(items.len().min(EventKind::ALL.len()));
    for item in items {
        let word = fields::text(item).map_err(|error| format!("must hold only types of events: each {error}"))?;
        let Ok(kind) = word.parse::<EventKind>() else {
            let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
            return Err(format!("must hold only {}", known.join(", ")));
        };
        if kinds.contains(&kind) {
            return Err(format!("names {word} more than once"));
        }
        kinds.push(kind);
    }
    if kinds.is_empty() {
        return Err("must name at least one type of event".to_owned());
    }
    Ok(kinds)
}

/// Reads to which one endpoint an event is to be sent again; `None`: to every one that wants it.
///
/// # Errors
/// Every bad field.
pub fn read_redelivery(body: Json) -> Result<Option<WebhookEndpointId>, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let endpoint = fields.optional("endpoint_id", |value| {
        fields::text(value)?.parse().map_err(|_| "must be the identifier of a webhook endpoint".to_owned())
    });
    fields.finish(Some(endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<WebhookEndpointWish, Vec<String>> {
        let admit =
            |url: &str| if url.starts_with("https://") { Ok(()) } else { Err("must begin with https://".to_owned()) };
        let json = Json::parse(body.as_bytes()).unwrap();
        WebhookEndpointWish::read(json, admit).map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn a_wish_is_read_and_every_bad_field_is_named() {
        let wish = read(r#"{"url":"https://a.example/","events":["order.paid","attempt.failed"]}"#).unwrap();
        assert_eq!(wish.kinds, Some(vec![EventKind::OrderPaid, EventKind::AttemptFailed]));
        assert_eq!(read(r#"{"url":"https://a.example/"}"#).unwrap().kinds, None);
        for (body, pointers) in [
            ("{}", &["/url"][..]),
            (r#"{"url":7,"events":"order.paid","x":1}"#, &["/url", "/events", "/x"]),
            (r#"{"url":"http://a.example","events":[]}"#, &["/url", "/events"]),
            (r#"{"url":"https://a","events":["order.paid","order.paid"]}"#, &["/events"]),
            (r#"{"url":"https://a","events":["order.*"]}"#, &["/events"]),
            (r#"{"url":"https://a","events":[null]}"#, &["/events"]),
        ] {
            assert_eq!(read(body).unwrap_err(), pointers, "{body}");
        }
    }

    #[test]
    fn one_endpoint_may_be_named_for_a_redelivery() {
        let read = |body: &str| read_redelivery(Json::parse(body.as_bytes()).unwrap());
        let id = WebhookEndpointId::new(uuid::Uuid::from_u128(7));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(&format!(r#"{{"endpoint_id":"{id}"}}"#)), Ok(Some(id)));
        assert_eq!(read(r#"{"endpoint_id":"evt_1"}"#).unwrap_err()[0].pointer, "/endpoint_id");
        assert!(read(r#"{"endpoint":"whe_1"}"#).is_err());
    }
}
