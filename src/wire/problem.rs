//! Errors as every caller gets them: RFC 9457 problem documents.

use serde::Serialize;
use utoipa::ToSchema;

/// One bad member of a request body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where it stands (RFC 6901).
    #[schema(example = "/amount")]
    pub pointer: String,
    /// The rule it breaks.
    #[schema(example = "must be an integer from 1 to 99999999999")]
    pub detail: String,
}

impl FieldError {
    /// A bad member.
    #[must_use]
    pub fn new(pointer: &str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), detail: detail.into() }
    }
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem this is; stable.
    #[serde(rename = "type")]
    #[schema(example = "urn:pay-handoff:problem:invalid_request")]
    pub type_uri: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The kind as a stable word.
    #[schema(example = "invalid_request")]
    pub code: &'static str,
    /// Names this request in the log.
    pub request_id: String,
    /// Every bad field of a body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A kind of problem: its status, its word, and its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemKind {
    /// The HTTP status.
    pub status: u16,
    /// The stable word.
    pub code: &'static str,
    /// The kind in words.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $title:literal;)+) => {
        impl ProblemKind {
            $(
                $(#[$doc])*
                pub const $name: Self = Self { status: $status, code: $code, title: $title };
            )+

            /// Every kind, as the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

kinds! {
    /// A query parameter or header breaks a rule.
    INVALID_PARAMETER = 400, "invalid_parameter", "A parameter is not valid";
    /// The body is no JSON.
    MALFORMED_JSON = 400, "malformed_json", "The body is not JSON";
    /// No key, or a wrong one.
    UNAUTHORIZED = 401, "unauthorized", "An API key is needed";
    /// A page's request came from another site.
    FORBIDDEN = 403, "forbidden", "This is not allowed";
    /// There is no such thing, or it is another merchant's.
    NOT_FOUND = 404, "not_found", "There is no such thing";
    /// The address knows other methods.
    METHOD_NOT_ALLOWED = 405, "method_not_allowed", "This address does not take that method";
    /// A body did not arrive in time.
    REQUEST_TIMEOUT = 408, "request_timeout", "The request took too long to arrive";
    /// The order has expired or was cancelled.
    ORDER_FINISHED = 409, "order_finished", "The order has ended";
    /// Another order has that number.
    MERCHANT_ORDER_NO_TAKEN = 409, "merchant_order_no_taken", "The merchant order number is taken";
    /// The order is paid or has ended.
    ORDER_NOT_PENDING = 409, "order_not_pending", "The order is not pending";
    /// The order is not paid.
    ORDER_NOT_PAID = 409, "order_not_paid", "The order is not paid";
    /// More would go back than was paid.
    REFUND_EXCEEDS_PAYMENT = 409, "refund_exceeds_payment", "The refund exceeds the payment";
    /// This payment does not go back by hand.
    PAYMENT_NOT_RETURNABLE = 409, "payment_not_returnable", "The payment cannot be given back this way";
    /// Ten links are open.
    TOO_MANY_FRIEND_LINKS = 409, "too_many_friend_links", "Too many friend links are open";
    /// The link has ended.
    FRIEND_LINK_NOT_OPEN = 409, "friend_link_not_open", "The friend link is not open";
    /// The merchant has as many as there may be.
    TOO_MANY_WEBHOOK_ENDPOINTS = 409, "too_many_webhook_endpoints", "Too many webhook endpoints";
    /// No endpoint is there to send the event to.
    NO_WEBHOOK_ENDPOINT = 409, "no_webhook_endpoint", "No webhook endpoint takes the event";
    /// The first request with this key still runs.
    IDEMPOTENCY_KEY_IN_USE = 409, "idempotency_key_in_use", "A request with this key is still running";
    /// The body is larger than 64 KiB.
    BODY_TOO_LARGE = 413, "body_too_large", "The body is too large";
    /// The body breaks rules; `errors` names each.
    INVALID_REQUEST = 422, "invalid_request", "The request is not valid";
    /// The key was used for another request.
    IDEMPOTENCY_KEY_REUSED = 422, "idempotency_key_reused", "The idempotency key was used for another request";
    /// Slow down.
    RATE_LIMITED = 429, "rate_limited", "Too many requests";
    /// Our fault; the cause is in our log under the request id.
    INTERNAL_ERROR = 500, "internal_error", "Something went wrong on our side";
    /// The store or a wallet cannot be reached; try again.
    UNAVAILABLE = 503, "unavailable", "The service cannot answer right now";
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>, request_id: &str) -> Self {
        Self {
            type_uri: format!("urn:pay-handoff:problem:{}", kind.code),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: detail.into(),
            code: kind.code,
            request_id: request_id.to_owned(),
            errors: Vec::new(),
        }
    }
}
