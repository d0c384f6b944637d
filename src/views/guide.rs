//! How to scan a saved picture from the album, drawn step by step for one wallet.

use super::frame::Frame;
use super::order_summary::OrderSummary;
use crate::domain::wallet::Wallet;

/// `GET /guide/{wallet}` and, for one order, `GET {page}/guide/{wallet}`.
#[derive(Clone, Debug)]
pub struct GuidePage {
    /// What stands around the page.
    pub frame: Frame,
    /// Whose scanner is explained.
    pub wallet: Wallet,
    /// The order it is for.
    pub order: Option<OrderSummary>,
    /// The page it was opened from.
    pub back: Option<String>,
    /// The path of the picture to save.
    pub qr_png: Option<String>,
}
