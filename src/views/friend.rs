//! The page that a friend opens who was asked to pay.

use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::time::Timestamp;

/// `GET /f/{token}`.
#[derive(Clone, Debug)]
pub struct FriendPage {
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
    /// `/f/<token>`.
    pub base: String,
    /// The absolute address of this page.
    pub copy_url: String,
    /// Who asks, in his own words.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// Where the link stands.
    pub link_status: LinkStatus,
    /// Until when the link can be paid.
    pub link_expires_at: Timestamp,
    /// Until when the payer who began last keeps others out.
    pub held_until: Option<Timestamp>,
    /// Whether the order was paid through this link.
    pub paid_here: bool,
    /// Whether the link was reported from this browser.
    pub reported: bool,
}
