//! The buyer's page about one friend link: to send it on, to watch it, to take it back.

use super::frame::Frame;
use super::order_summary::OrderSummary;
use crate::domain::friend_link::LinkStatus;
use crate::domain::time::Timestamp;

/// `GET /c/{token}/friend_links/{id}`.
#[derive(Clone, Debug)]
pub struct FriendLinkPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order.
    pub order: OrderSummary,
    /// This page's own path.
    pub base: String,
    /// `/c/<token>`.
    pub checkout: String,
    /// The absolute `/f/…` address to send to the friend.
    pub url: String,
    /// The path of that address as a QR picture.
    pub qr_png: String,
    /// Words to send along with the address.
    pub share_text: String,
    /// Who asks, in his own words.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// Where the link stands.
    pub link_status: LinkStatus,
    /// Until when it can be paid.
    pub link_expires_at: Timestamp,
    /// Until when a payer who has begun keeps others out.
    pub held_until: Option<Timestamp>,
}
