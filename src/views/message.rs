//! Pages that are one message: refusals and failures in the visitor's language.

use super::frame::Frame;
use crate::domain::time::Timestamp;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// 404: no such page, or not for this visitor; which of the two is never told.
    NotFound,
    /// 409: the order can no longer be paid.
    OrderFinished,
    /// 422: the order does not allow this wallet.
    WalletNotAllowed,
    /// 409: another payer has begun.
    LinkHeld {
        /// When the link is free again.
        until: Timestamp,
    },
    /// 409: too many living attempts for one order.
    TooManyAttempts,
    /// 409: too many open friend links for one order.
    TooManyFriendLinks,
    /// 422: words that a person typed break a rule.
    BadWords {
        /// The field, as the form calls it.
        field: String,
        /// The broken rule.
        rule: String,
    },
    /// 400: the form could not be read.
    BadForm,
    /// 403: the request came from another site.
    CrossSite,
    /// 429: too many requests from here.
    TooManyRequests,
    /// 503: something we need does not answer.
    Unavailable,
    /// 500: our fault.
    ServerError,
}

/// A page with one message.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// What stands around the page.
    pub frame: Frame,
    /// The message.
    pub message: Message,
    /// Where the visitor can go on.
    pub back: Option<String>,
    /// The request's number, which a visitor can tell to support.
    pub request_id: String,
}
