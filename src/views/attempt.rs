//! One browser's payment attempt: the way into the wallet, or the wallet's own code.

use super::frame::Frame;
use super::order_summary::OrderSummary;
use crate::domain::attempt::AttemptStatus;
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};

/// How the payer gets from the attempt's page to the wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptWay {
    /// The wallet's own code.
    Code {
        /// The path of its picture.
        qr_png: String,
        /// Whether the wallet takes this code from the album; WeChat's Native code it does not, only from another screen.
        album_allowed: bool,
    },
    /// A link leads into the wallet.
    Leave {
        /// The wallet's address.
        href: String,
        /// Whether the page already stands inside the wallet.
        in_app: bool,
    },
    /// The wallet has not answered yet; the payer may ask again.
    Preparing,
}

/// `GET {page}/attempts/{id}`, visible only to the browser that began it.
#[derive(Clone, Debug)]
pub struct AttemptPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order.
    pub order: OrderSummary,
    /// At which wallet.
    pub wallet: Wallet,
    /// In which way.
    pub product: Product,
    /// Where the attempt stands.
    pub status: AttemptStatus,
    /// How to get to the wallet.
    pub way: AttemptWay,
    /// This page's path.
    pub base: String,
    /// The page it was begun on: `/s/…`, `/c/…` or `/f/…`.
    pub back: String,
    /// The path of the lasting code's picture, where this wallet takes that code from the album; `None` advises nothing.
    pub album_qr_png: Option<String>,
    /// Until when the attempt can be paid.
    pub expires_at: Timestamp,
    /// Whether this payer's money was surplus or late and goes back by itself.
    pub payment_given_back: bool,
}
