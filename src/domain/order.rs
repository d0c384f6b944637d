//! An order: what a shop wants paid, by when, and how far that has come.

use std::fmt;
use std::str::FromStr;

use super::code_mask::CodeMask;
use super::id::{OrderId, PaymentId};
use super::locale::Locale;
use super::merchant::MerchantId;
use super::money::Money;
use super::time::{Span, Timestamp};
use super::token::Token;
use super::wallet::{UnknownWord, Wallet};

/// The shop's own number for an order: 1–64 of `A-Za-z0-9_-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MerchantOrderNo(String);

impl MerchantOrderNo {
    /// The number, or `None` when it breaks the rule above.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The number itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where an order stands; [`super::order_state`] says what may follow what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Waits for a payment.
    Pending,
    /// A payment won.
    Paid,
    /// Ended without a payment.
    Expired,
    /// Ended by the merchant or the buyer.
    Cancelled,
    /// Paid, and a part has gone back by the merchant's wish.
    PartiallyRefunded,
    /// Paid, and everything has gone back by the merchant's wish.
    Refunded,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Paid, Self::Expired, Self::Cancelled, Self::PartiallyRefunded, Self::Refunded];

    /// The word that stands for the status in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// Whether a payment has won, whatever was refunded since.
    #[must_use]
    pub const fn was_paid(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyRefunded | Self::Refunded)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for OrderStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownWord)
    }
}

/// Who paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// Whoever used the checkout page or scanned the lasting code.
    Buyer,
    /// Somebody who was sent a friend-pay link.
    Friend,
}

impl Payer {
    /// The word that stands for the payer in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Friend => "friend",
        }
    }
}

/// The payment that won, fixed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The winning fact.
    pub payment: PaymentId,
    /// The wallet's own payment time.
    pub paid_at: Timestamp,
    /// The wallet it came through.
    pub wallet: Wallet,
    /// Who paid.
    pub payer: Payer,
}

/// What a merchant asks for when he places an order, already checked and with defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// The shop's own number.
    pub merchant_order_no: MerchantOrderNo,
    /// What is to be paid.
    pub money: Money,
    /// What is bought: 1–127 characters, checked by [`super::text::line`].
    pub subject: String,
    /// The wallets the buyer may use, in [`Wallet::ALL`] order, at least one.
    pub wallets: Vec<Wallet>,
    /// How long the order lives: 60 s … 604,800 s.
    pub expires_in: Span,
    /// Where the page leads after payment; its origin was checked.
    pub return_url: Option<String>,
    /// The language of the pages; `None`: the browser's.
    pub locale: Option<Locale>,
    /// The shop's own pairs, in the order in which they came.
    pub metadata: Vec<(String, String)>,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its identifier.
    pub id: OrderId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Whether simulated wallets stand behind it.
    pub sandbox: bool,
    /// What was asked for.
    pub request: OrderRequest,
    /// When it was placed, a whole second.
    pub created_at: Timestamp,
    /// Until when it can be paid, a whole second; only ever moves later.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub status: OrderStatus,
    /// When it was cancelled; payments from that second on are late.
    pub cancelled_at: Option<Timestamp>,
    /// The payment that won.
    pub winner: Option<Winner>,
    /// The sum of succeeded merchant refunds, in minor units.
    pub amount_refunded: i64,
    /// Opens the buyer's page.
    pub checkout_token: Token,
    /// Stands in the lasting code.
    pub scan_token: Token,
    /// What the lasting code is drawn with.
    pub scan_mask: CodeMask,
    /// How many events its history has; the next one gets this plus one.
    pub history_seq: u32,
    /// How often what its page shows has changed, from 1.
    pub view_seq: u32,
    /// Counts commits; a writer that read an older one must read again. 0: not stored yet.
    pub version: u64,
}

impl Order {
    /// Whether nothing more is expected to happen to what the buyer's page shows.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self.status, OrderStatus::Pending)
    }

    /// Whether a repeated `merchant_order_no` means the same order: every field is equal after defaults, the pairs of `metadata` in
    /// whatever order.
    #[must_use]
    pub fn same_content(&self, request: &OrderRequest) -> bool {
        let sorted = |pairs: &[(String, String)]| {
            let mut pairs = pairs.to_vec();
            pairs.sort();
            pairs
        };
        let without = |request: &OrderRequest| OrderRequest { metadata: Vec::new(), ..request.clone() };
        sorted(&self.request.metadata) == sorted(&request.metadata) && without(&self.request) == without(request)
    }
}
