//! Identifiers: a prefix that says what a thing is, and a time-ordered UUID. An identifier is not a secret.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The text is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct NotAnId;

fn parse(prefix: &str, text: &str) -> Result<Uuid, NotAnId> {
    let hex = text.strip_prefix(prefix).ok_or(NotAnId)?;
    let canonical = hex.len() == 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !canonical {
        return Err(NotAnId);
    }
    Uuid::try_parse(hex).map_err(|_| NotAnId)
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the 32 hexadecimal digits.
            pub const PREFIX: &'static str = $prefix;

            /// The identifier of this UUID (a version 7 one everywhere but in tests).
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID alone, as stores keep it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}{}", Self::PREFIX, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse(Self::PREFIX, text).map(Self)
            }
        }
    };
}

identifier!(
    /// An order.
    OrderId,
    "ord_"
);
identifier!(
    /// A payment attempt.
    AttemptId,
    "att_"
);
identifier!(
    /// A payment: one proven fact.
    PaymentId,
    "pay_"
);
identifier!(
    /// A friend-pay link.
    FriendLinkId,
    "frl_"
);
identifier!(
    /// A refund.
    RefundId,
    "rfd_"
);
identifier!(
    /// An event of an order's history.
    EventId,
    "evt_"
);
identifier!(
    /// A merchant's webhook endpoint.
    WebhookEndpointId,
    "whe_"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(number in any::<u128>()) {
            let id = OrderId::new(Uuid::from_u128(number));
            prop_assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
            prop_assert!(id.to_string().parse::<AttemptId>().is_err());
        }

        #[test]
        fn any_text_is_either_refused_or_canonical(text in "(ord_)?[0-9a-fA-F-]{30,37}") {
            if let Ok(id) = text.parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
