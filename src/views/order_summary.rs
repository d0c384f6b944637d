//! What payers' pages may show of an order, and nothing else of it.

use crate::domain::handoff::Method;
use crate::domain::money::Money;
use crate::domain::order::{OrderStatus, Payer};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;

/// An order as whoever holds a page's address may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSummary {
    /// The merchant's verified name: who gets the money.
    pub merchant_name: String,
    /// What is bought.
    pub subject: String,
    /// How much.
    pub money: Money,
    /// Where the order stands.
    pub status: OrderStatus,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
    /// The wallet's payment time of the payment that won.
    pub paid_at: Option<Timestamp>,
    /// The wallet it came through.
    pub paid_with: Option<Wallet>,
    /// Whether the buyer or a friend paid.
    pub paid_by: Option<Payer>,
    /// The sum of succeeded merchant refunds, in minor units of `money`'s currency; 0 for none.
    pub amount_refunded: i64,
    /// The moment at which the page is made; countdowns begin here.
    pub now: Timestamp,
    /// How often what this page shows has changed; a live status with another number means that the page is old.
    pub seq: u32,
}

/// A wallet that the payer may choose; pages show choices in the order in which they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletChoice {
    /// Which wallet.
    pub wallet: Wallet,
    /// The ways that lead to it from here, best first. A page advises no other way.
    pub steps: Vec<StepView>,
}

/// One way to a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// The way.
    pub method: Method,
    /// Why it is advised here, in the page's language.
    pub reason: String,
}
