//! What payers' pages may show of an order, and nothing else of it.

use super::texts::Texts;
use crate::domain::handoff::Method;
use crate::domain::money::{Amount, Money};
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

impl OrderSummary {
    /// Whole seconds from the page's making to a moment; 0 when it has passed.
    pub(super) fn seconds_until(&self, deadline: &Timestamp) -> i64 {
        (*deadline - self.now).as_seconds().max(0)
    }

    pub(super) fn has_long_amount(&self) -> bool {
        is_long(&self.money)
    }

    /// What has gone back, as money; `None` while nothing has.
    pub(super) fn refunded(&self) -> Option<Money> {
        Amount::new(self.amount_refunded).map(|amount| Money { amount, currency: self.money.currency })
    }

    pub(super) const fn refund_label(&self, words: &'static Texts) -> Option<&'static str> {
        match self.status {
            OrderStatus::PartiallyRefunded => Some(words.common.part_refunded),
            OrderStatus::Refunded => Some(words.common.refunded),
            OrderStatus::Pending | OrderStatus::Paid | OrderStatus::Expired | OrderStatus::Cancelled => None,
        }
    }

    pub(super) fn payer_label(&self, words: &'static Texts) -> Option<&'static str> {
        self.paid_by.map(|payer| match payer {
            Payer::Buyer => words.common.payer_buyer,
            Payer::Friend => words.common.payer_friend,
        })
    }
}

impl StepView {
    pub(super) fn is_redirect(&self) -> bool {
        self.method == Method::Redirect
    }
}

/// Whether an amount wants smaller figures to stay on one line of a small phone.
pub(super) fn is_long(money: &Money) -> bool {
    money.to_string().chars().count() > 11
}
