//! One error type for every handler, and the one mapping from refusals to statuses, words and pages.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::domain::locale::Locale;
use crate::domain::text::TextError;
use crate::domain::time::Timestamp;
use crate::domain::webhook::MOST_ENDPOINTS;
use crate::services::refusal::Refusal;
use crate::views::message::{Message, broken_rule};
use crate::wire::problem::{FieldError, Problem, ProblemKind};
use crate::wire::time::rfc3339;

/// Why a request is not answered as asked. The layer around all handlers turns it into a problem document under `/v1` and
/// into a page elsewhere.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A use case refused.
    Refused(Refusal),
    /// A body breaks rules.
    Invalid(Vec<FieldError>),
    /// A query parameter or header breaks a rule; the sentence names it.
    Parameter(String),
    /// A body is no JSON.
    Malformed(String),
    /// No API key, or a wrong one.
    Unauthorized,
    /// A wallet's notification was not proven.
    NotProven,
    /// A body is larger than allowed.
    TooLarge,
    /// A body did not arrive in time.
    TooSlow,
    /// A page's form was sent from another site.
    CrossSite,
    /// A login came back to a browser that did not begin it, or too late.
    LoginLost,
    /// Slow down for so many seconds.
    RateLimited(u64),
    /// A page's form lacks something.
    BadForm,
    /// Words in a page's form break a rule.
    BadWords {
        /// Which field.
        field: &'static str,
        /// The rule.
        error: TextError,
    },
    /// The address knows other methods.
    MethodNotAllowed,
    /// Something of ours broke; the text is for the log.
    Broken(String),
}

impl Fault {
    /// There is no such thing.
    pub const NOT_FOUND: Self = Self::Refused(Refusal::NotFound);

    /// The kind of problem document this is.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::Refused(refusal) => refusal_kind(refusal),
            Self::Invalid(_) | Self::BadForm | Self::BadWords { .. } => ProblemKind::INVALID_REQUEST,
            Self::Parameter(_) | Self::LoginLost => ProblemKind::INVALID_PARAMETER,
            Self::Malformed(_) => ProblemKind::MALFORMED_JSON,
            Self::Unauthorized | Self::NotProven => ProblemKind::UNAUTHORIZED,
            Self::TooLarge => ProblemKind::BODY_TOO_LARGE,
            Self::TooSlow => ProblemKind::REQUEST_TIMEOUT,
            Self::CrossSite => ProblemKind::FORBIDDEN,
            Self::RateLimited(_) => ProblemKind::RATE_LIMITED,
            Self::MethodNotAllowed => ProblemKind::METHOD_NOT_ALLOWED,
            Self::Broken(_) => ProblemKind::INTERNAL_ERROR,
        }
    }

    /// What may be told of it; causes stay in the log.
    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal_detail(refusal),
            Self::Invalid(errors) => format!("{} of the fields break rules; see errors", errors.len()),
            Self::Parameter(sentence) | Self::Malformed(sentence) => sentence.clone(),
            Self::Unauthorized => "send Authorization: Bearer and one of the merchant's API keys".to_owned(),
            Self::NotProven => "the notification is not proven to come from the wallet".to_owned(),
            Self::TooLarge => "a body may have at most 65536 bytes".to_owned(),
            Self::TooSlow => "the body did not arrive in time".to_owned(),
            Self::CrossSite => "forms of these pages can only be sent from these pages".to_owned(),
            Self::RateLimited(seconds) => format!("try again in {seconds} s"),
            Self::BadForm => "the form lacks a field or has one of a wrong value".to_owned(),
            Self::BadWords { field, error } => format!("{field} {error}"),
            Self::LoginLost => "this browser did not begin this login, or too long ago".to_owned(),
            Self::MethodNotAllowed => "see the documentation for the methods of this address".to_owned(),
            Self::Broken(_) => "the cause is in our log under the request id".to_owned(),
        }
    }

    /// The problem document.
    #[must_use]
    pub fn problem(&self, request_id: &str) -> Problem {
        let mut problem = Problem::new(self.kind(), self.detail(), request_id);
        match self {
            Self::Invalid(errors) => problem.errors.clone_from(errors),
            Self::Refused(Refusal::LivesTooLong) => problem.errors.push(FieldError::new("/expires_in", self.detail())),
            _ => {}
        }
        problem
    }

    /// The page's message, in a language.
    #[must_use]
    pub fn message(&self, locale: Locale) -> Message {
        match self {
            Self::Refused(refusal) => refusal_message(refusal),
            Self::BadWords { field, error } => {
                Message::BadWords { field: (*field).to_owned(), rule: broken_rule(locale, error) }
            }
            Self::Invalid(_)
            | Self::Parameter(_)
            | Self::Malformed(_)
            | Self::BadForm
            | Self::TooLarge
            | Self::TooSlow
            | Self::MethodNotAllowed => Message::BadForm,
            Self::Unauthorized | Self::NotProven | Self::CrossSite => Message::CrossSite,
            Self::LoginLost => Message::LoginLost,
            Self::RateLimited(_) => Message::TooManyRequests,
            Self::Broken(_) => Message::ServerError,
        }
    }

    /// What the log is told, when there is something the caller is not.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Refused(Refusal::Unavailable(cause)) | Self::Broken(cause) => Some(cause),
            _ => None,
        }
    }
}

const fn refusal_kind(refusal: &Refusal) -> ProblemKind {
    match refusal {
        Refusal::NotFound => ProblemKind::NOT_FOUND,
        Refusal::OrderFinished => ProblemKind::ORDER_FINISHED,
        Refusal::MerchantOrderNoTaken => ProblemKind::MERCHANT_ORDER_NO_TAKEN,
        Refusal::OrderNotPending
        | Refusal::TooManyAttempts
        | Refusal::LinkHeld(_)
        | Refusal::OthersFirst(_)
        | Refusal::PaymentKnownElsewhere(_) => ProblemKind::ORDER_NOT_PENDING,
        Refusal::OrderNotPaid => ProblemKind::ORDER_NOT_PAID,
        Refusal::RefundExceedsPayment => ProblemKind::REFUND_EXCEEDS_PAYMENT,
        Refusal::PaymentNotReturnable => ProblemKind::PAYMENT_NOT_RETURNABLE,
        Refusal::TooManyFriendLinks => ProblemKind::TOO_MANY_FRIEND_LINKS,
        Refusal::FriendLinkNotOpen => ProblemKind::FRIEND_LINK_NOT_OPEN,
        Refusal::TooManyWebhookEndpoints => ProblemKind::TOO_MANY_WEBHOOK_ENDPOINTS,
        Refusal::NoWebhookEndpoint => ProblemKind::NO_WEBHOOK_ENDPOINT,
        Refusal::WalletNotAllowed | Refusal::LivesTooLong => ProblemKind::INVALID_REQUEST,
        Refusal::KeyReused => ProblemKind::IDEMPOTENCY_KEY_REUSED,
        Refusal::KeyInUse => ProblemKind::IDEMPOTENCY_KEY_IN_USE,
        Refusal::NoSuchEvent => ProblemKind::INVALID_PARAMETER,
        Refusal::Unavailable(_) => ProblemKind::UNAVAILABLE,
    }
}

fn refusal_detail(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound => "there is nothing at this address for you".to_owned(),
        Refusal::OrderFinished => "the order has expired, was cancelled, or is paid".to_owned(),
        Refusal::MerchantOrderNoTaken => "an order of other content has this merchant_order_no".to_owned(),
        Refusal::LivesTooLong => "an order lives at most 604800 s after it was placed".to_owned(),
        Refusal::RefundExceedsPayment => "pending and succeeded refunds together would exceed what was paid".to_owned(),
        Refusal::TooManyFriendLinks => "at most 10 friend links of an order may be open".to_owned(),
        Refusal::KeyReused => "this Idempotency-Key was sent before with another request".to_owned(),
        Refusal::KeyInUse => "the first request with this Idempotency-Key is still running".to_owned(),
        Refusal::NoSuchEvent => "after: no event of yours has this identifier".to_owned(),
        Refusal::TooManyWebhookEndpoints => format!("a merchant has at most {MOST_ENDPOINTS} webhook endpoints"),
        Refusal::NoWebhookEndpoint => {
            "no webhook endpoint of yours is enabled and takes events of this type".to_owned()
        }
        Refusal::OthersFirst(until) => format!("others who want to pay come first until {}", rfc3339(*until)),
        Refusal::LinkHeld(until) => format!("somebody is paying through this link until {}", rfc3339(*until)),
        Refusal::Unavailable(_) => "try again in a moment, with the same Idempotency-Key if there was one".to_owned(),
        Refusal::OrderNotPending
        | Refusal::OrderNotPaid
        | Refusal::PaymentNotReturnable
        | Refusal::PaymentKnownElsewhere(_)
        | Refusal::FriendLinkNotOpen
        | Refusal::TooManyAttempts
        | Refusal::WalletNotAllowed => refusal.to_string(),
    }
}

fn refusal_message(refusal: &Refusal) -> Message {
    match refusal {
        Refusal::NotFound | Refusal::NoSuchEvent => Message::NotFound,
        Refusal::LinkHeld(until) => Message::LinkHeld { until: later(*until) },
        Refusal::OthersFirst(until) => Message::OthersFirst { until: later(*until) },
        Refusal::TooManyAttempts => Message::TooManyAttempts,
        Refusal::TooManyFriendLinks => Message::TooManyFriendLinks,
        Refusal::WalletNotAllowed => Message::WalletNotAllowed,
        Refusal::Unavailable(_) => Message::Unavailable,
        Refusal::OrderFinished
        | Refusal::MerchantOrderNoTaken
        | Refusal::OrderNotPending
        | Refusal::OrderNotPaid
        | Refusal::RefundExceedsPayment
        | Refusal::PaymentNotReturnable
        | Refusal::PaymentKnownElsewhere(_)
        | Refusal::FriendLinkNotOpen
        | Refusal::LivesTooLong
        | Refusal::TooManyWebhookEndpoints
        | Refusal::NoWebhookEndpoint
        | Refusal::KeyReused
        | Refusal::KeyInUse => Message::OrderFinished,
    }
}

/// A page shows minutes: the moment is rounded up, so that nobody comes back too early.
fn later(until: Timestamp) -> Timestamp {
    Timestamp::from_seconds((until.seconds().div_euclid(60) + 1) * 60)
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Vec<FieldError>> for Fault {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// An empty response that carries the fault; the layer around all handlers writes it out.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}
