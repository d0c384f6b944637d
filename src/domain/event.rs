//! Events: what a merchant is told, numbered without gaps for each order.

use std::str::FromStr;

use super::id::{AttemptId, FriendLinkId, PaymentId, RefundId};
use super::time::Timestamp;
use super::wallet::UnknownWord;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident => $word:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name),+
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word that stands for the kind in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),+
                }
            }
        }
    };
}

event_kinds! {
    /// An order was placed.
    OrderCreated => "order.created",
    /// An order got more time.
    OrderExtended => "order.extended",
    /// A payment won.
    OrderPaid => "order.paid",
    /// An order ended without payment.
    OrderExpired => "order.expired",
    /// An order was ended by the merchant or the buyer.
    OrderCancelled => "order.cancelled",
    /// A merchant refund changed the order.
    OrderRefunded => "order.refunded",
    /// A payment of a paid order; it goes back.
    PaymentSurplus => "payment.surplus",
    /// A payment after the end.
    PaymentLate => "payment.late",
    /// A payment of another amount or currency.
    PaymentMismatch => "payment.mismatch",
    /// A friend was asked.
    FriendLinkCreated => "friend_link.created",
    /// That friend paid.
    FriendLinkPaid => "friend_link.paid",
    /// That friend said no.
    FriendLinkDeclined => "friend_link.declined",
    /// The request was taken back.
    FriendLinkRevoked => "friend_link.revoked",
    /// Somebody reported the link.
    FriendLinkReported => "friend_link.reported",
    /// Money is back at its payer.
    RefundSucceeded => "refund.succeeded",
    /// A wallet refused a refund for good.
    RefundFailed => "refund.failed",
    /// Somebody began to pay. In the history, not sent unless asked for.
    AttemptCreated => "attempt.created",
    /// An attempt can no longer be paid. In the history, not sent unless asked for.
    AttemptClosed => "attempt.closed",
    /// A wallet said that paying failed. In the history, not sent unless asked for.
    AttemptFailed => "attempt.failed",
}

impl EventKind {
    /// Whether a webhook endpoint that asks for nothing in particular is sent events of this kind.
    #[must_use]
    pub const fn is_sent_unasked(self) -> bool {
        !matches!(self, Self::AttemptCreated | Self::AttemptClosed | Self::AttemptFailed)
    }
}

impl FromStr for EventKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownWord)
    }
}

/// The thing an event is about, besides its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Nothing but the order.
    Order,
    /// An attempt.
    Attempt(AttemptId),
    /// A payment.
    Payment(PaymentId),
    /// A friend link.
    FriendLink(FriendLinkId),
    /// A refund.
    Refund(RefundId),
}

/// One entry of an order's history, not yet written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its place in the order's history, from 1, without gaps.
    pub seq: u32,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub about: About,
}
