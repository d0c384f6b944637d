//! Why a use case did not do what it was asked.

use crate::domain::friend_link::NotBefore;
use crate::domain::ledger::{BeginError, RefundRefused, TooManyLinks};
use crate::domain::order_state::Refused;
use crate::domain::time::Timestamp;
use crate::ports::store::StoreError;

/// A refusal. The web layer has one exhaustive mapping from these to statuses and words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such thing, or it is somebody else's.
    #[error("not found")]
    NotFound,
    /// The order has expired, was cancelled, or is paid.
    #[error("the order has ended")]
    OrderFinished,
    /// Another order of other content has this number.
    #[error("the merchant order number is taken")]
    MerchantOrderNoTaken,
    /// Only a pending order can do this.
    #[error("the order is not pending")]
    OrderNotPending,
    /// Only a paid order can do this.
    #[error("the order is not paid")]
    OrderNotPaid,
    /// More would go back than was paid.
    #[error("the refund exceeds the payment")]
    RefundExceedsPayment,
    /// This payment is not given back by hand.
    #[error("the payment cannot be given back this way")]
    PaymentNotReturnable,
    /// Ten friend links are open.
    #[error("too many friend links")]
    TooManyFriendLinks,
    /// The friend link is not open any more.
    #[error("the friend link is not open")]
    FriendLinkNotOpen,
    /// Another browser holds the friend link until then.
    #[error("the friend link is held")]
    LinkHeld(Timestamp),
    /// This browser has held the friend link, others wanted it meanwhile, and they come first until this moment.
    #[error("others who want to pay through this link come first")]
    OthersFirst(Timestamp),
    /// Twenty attempts are living.
    #[error("too many attempts")]
    TooManyAttempts,
    /// The order or the merchant does not have this wallet or product.
    #[error("the wallet is not allowed")]
    WalletNotAllowed,
    /// The new end would lie more than seven days after the order was placed.
    #[error("the order would live too long")]
    LivesTooLong,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A request with this idempotency key is still running.
    #[error("a request with this idempotency key is running")]
    KeyInUse,
    /// The merchant has as many webhook endpoints as there may be.
    #[error("too many webhook endpoints")]
    TooManyWebhookEndpoints,
    /// No endpoint is there to send the event to.
    #[error("no enabled webhook endpoint wants the event")]
    NoWebhookEndpoint,
    /// The payment with this transaction identifier is recorded on another order.
    #[error("the payment is recorded on another order")]
    PaymentKnownElsewhere(String),
    /// An event that a list should begin after does not exist.
    #[error("no such event")]
    NoSuchEvent,
    /// Something we depend on does not answer; the text is for the log only.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::MerchantOrderNoTaken => Self::MerchantOrderNoTaken,
            StoreError::NoSuchEvent => Self::NoSuchEvent,
            StoreError::AnswerKept => Self::KeyInUse,
            StoreError::PaymentKnown(transaction_id) => Self::PaymentKnownElsewhere(transaction_id),
            StoreError::Conflict | StoreError::LeaseLost | StoreError::Unavailable(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotPending => Self::OrderNotPending,
            Refused::NotPaid => Self::OrderNotPaid,
        }
    }
}

impl From<TooManyLinks> for Refusal {
    fn from(refused: TooManyLinks) -> Self {
        match refused {
            TooManyLinks::TooMany => Self::TooManyFriendLinks,
            TooManyLinks::OrderFinished => Self::OrderNotPending,
        }
    }
}

impl From<BeginError> for Refusal {
    fn from(refused: BeginError) -> Self {
        match refused {
            BeginError::OrderFinished => Self::OrderFinished,
            BeginError::LinkFinished => Self::FriendLinkNotOpen,
            BeginError::Held(NotBefore::HeldByAnother(until)) => Self::LinkHeld(until),
            BeginError::Held(NotBefore::OthersFirst(until)) => Self::OthersFirst(until),
            BeginError::TooMany => Self::TooManyAttempts,
        }
    }
}

impl From<RefundRefused> for Refusal {
    fn from(refused: RefundRefused) -> Self {
        match refused {
            RefundRefused::NotPaid => Self::OrderNotPaid,
            RefundRefused::ExceedsPayment => Self::RefundExceedsPayment,
            RefundRefused::NotReturnable => Self::PaymentNotReturnable,
        }
    }
}
