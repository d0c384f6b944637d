//! The live status of a page.

use serde::Serialize;
use utoipa::ToSchema;

use super::time::rfc3339;
use crate::domain::friend_link::{FriendLink, LinkStatus};
use crate::domain::ledger::Ledger;
use crate::domain::order::Order;
use crate::domain::time::Timestamp;

/// What a page needs to know whether to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewJson {
    /// The order's status.
    pub status: &'static str,
    /// Counts the changes of this view.
    pub seq: u32,
    /// Until when it can be paid.
    pub expires_at: String,
    /// Whether nothing more will change.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// On a friend's page: the link's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_status: Option<&'static str>,
    /// On a friend's page: until when a paying browser holds the link; absent elsewhere, null when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Option<String>>,
}

impl ViewJson {
    /// What the buyer's pages show: the order, and every friend link with what became of it. The counters only grow, so their sum does.
    #[must_use]
    pub fn of_buyer(ledger: &Ledger) -> Self {
        let links: u32 = ledger.friend_links.iter().map(|link| 1 + link.view_changes).sum();
        Self { seq: ledger.order.view_seq + links, ..Self::of_order(&ledger.order) }
    }

    /// What the scanned page shows.
    #[must_use]
    pub fn of_order(order: &Order) -> Self {
        Self {
            status: order.status.as_str(),
            seq: order.view_seq,
            expires_at: rfc3339(order.expires_at),
            is_final: order.is_final(),
            link_status: None,
            held_until: None,
        }
    }

    /// What a friend's page shows. Both counters only grow, so their sum does.
    #[must_use]
    pub fn of_link(order: &Order, link: &FriendLink, now: Timestamp) -> Self {
        Self {
            seq: order.view_seq + link.view_changes,
            expires_at: rfc3339(link.expires_at),
            is_final: order.is_final() || link.status != LinkStatus::Open,
            link_status: Some(link.status.as_str()),
            held_until: Some(link.held_until(now).map(rfc3339)),
            ..Self::of_order(order)
        }
    }
}
