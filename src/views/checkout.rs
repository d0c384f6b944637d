//! The buyer's page of an order: the checkout while it waits, afterwards its receipt or its end.

use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::time::Timestamp;

/// `GET /c/{token}`.
#[derive(Clone, Debug)]
pub struct CheckoutPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order.
    pub order: OrderSummary,
    /// The app in which the page is opened.
    pub host_app: HostApp,
    /// The kind of device.
    pub platform: Platform,
    /// The wallets to choose from, best first.
    pub wallets: Vec<WalletChoice>,
    /// `/c/<token>`.
    pub base: String,
    /// `/s/<token>`, under which the lasting code's pictures lie.
    pub scan_base: String,
    /// The absolute `/s/…` address, the only one that is offered for copying.
    pub copy_url: String,
    /// The last six characters of the shop's order number, so that buyer and shop can speak of the same order.
    pub order_tail: String,
    /// The friend links made so far, newest first.
    pub friend_links: Vec<FriendLinkRow>,
    /// Whether one more may be made now.
    pub can_ask_friend: bool,
    /// Where the shop wants the buyer after payment; its origin was checked.
    pub return_url: Option<String>,
}

/// A friend link in the buyer's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendLinkRow {
    /// The path of the buyer's page about it.
    pub page: String,
    /// The name that the buyer gave himself.
    pub requester: Option<String>,
    /// Where it stands.
    pub status: LinkStatus,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
}
