//! An event on the wire: the bytes that the event list, the history and webhooks carry alike.

use crate::wire::words::EventWord;
use serde::Serialize;
use utoipa::ToSchema;

use super::attempt::{AttemptJson, PaymentJson};
use super::friend_link::FriendLinkJson;
use super::order::OrderJson;
use super::refund::RefundJson;
use super::time::rfc3339;
use crate::domain::event::{About, Happening};
use crate::domain::id::EventId;
use crate::domain::ledger::Ledger;

/// What an event is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventDataJson {
    /// Its place in the order's history: 1, 2, 3, … without gaps.
    pub seq: u32,
    /// The order as it was after the change.
    pub order: OrderJson,
    /// The payment it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentJson>,
    /// The attempt it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptJson>,
    /// The friend link it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friend_link: Option<FriendLinkJson>,
    /// The refund it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundJson>,
}

/// An event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventJson {
    /// Identifier: `evt_` and 32 hexadecimal digits.
    pub id: String,
    /// What happened: `order.paid`, …
    #[serde(rename = "type")]
    #[schema(value_type = EventWord)]
    pub kind: &'static str,
    /// When.
    pub timestamp: String,
    /// Whether it is simulated.
    pub sandbox: bool,
    /// What it is about.
    pub data: EventDataJson,
}

impl EventJson {
    /// An entry of this ledger's history.
    #[must_use]
    pub fn of(id: EventId, happening: &Happening, ledger: &Ledger) -> Self {
        let mut data = EventDataJson {
            seq: happening.seq,
            order: OrderJson::of(&ledger.order),
            payment: None,
            attempt: None,
            friend_link: None,
            refund: None,
        };
        match happening.about {
            About::Order => {}
            About::Attempt(id) => data.attempt = ledger.attempt(id).map(|attempt| AttemptJson::of(attempt, ledger)),
            About::Payment(id) => data.payment = ledger.payment(id).map(|payment| PaymentJson::of(payment, ledger)),
            About::FriendLink(id) => {
                data.friend_link = ledger.friend_link(id).map(|link| FriendLinkJson::of(link, ledger, happening.at));
            }
            About::Refund(id) => data.refund = ledger.refund(id).map(|refund| RefundJson::of(refund, ledger)),
        }
        Self {
            id: id.to_string(),
            kind: happening.kind.as_str(),
            timestamp: rfc3339(happening.at),
            sandbox: ledger.order.sandbox,
            data,
        }
    }
}
