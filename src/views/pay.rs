//! What the lasting code opens: a page that can pay the order and do nothing else to it.

use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use crate::domain::handoff::{HostApp, Platform};

/// `GET /s/{token}`.
#[derive(Clone, Debug)]
pub struct PayPage {
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
    /// `/s/<token>`.
    pub base: String,
    /// The absolute address of this page.
    pub copy_url: String,
}
