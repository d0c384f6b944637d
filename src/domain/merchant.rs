//! A merchant as the operator configured him: who gets the money, and the rules he chose.

use std::collections::BTreeMap;
use std::fmt;

use super::time::Span;
use super::wallet::{Product, Wallet};

/// The name of a merchant's table in the configuration: 1–40 of `a-z0-9_-`. Stands in notification addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MerchantId(String);

impl MerchantId {
    /// The identifier, or `None` when the name breaks the rule above.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        ((1..=40).contains(&name.len()) && name.bytes().all(allowed)).then(|| Self(name.to_owned()))
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether real money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Real wallets.
    Live,
    /// Simulated wallets; everything made for this merchant says so.
    Sandbox,
}

/// What becomes of a payment that arrives after its order has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatePayment {
    /// It goes back to its payer by itself.
    Refund,
    /// The order becomes paid after all.
    Accept,
}

/// One merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// His name in addresses and in the configuration.
    pub id: MerchantId,
    /// The verified name that buyers and friends see.
    pub name: String,
    /// Real or simulated money.
    pub mode: Mode,
    /// Origins (`https://shop.example`) that a `return_url` may lead to.
    pub origins: Vec<String>,
    /// His choice for late payments.
    pub late_payment: LatePayment,
    /// How long after its making a friend link may prolong its order; zero means never.
    pub friend_window: Span,
    /// The wallets he has, each with the products he may use.
    pub wallets: BTreeMap<Wallet, Vec<Product>>,
}

impl Merchant {
    /// Whether simulated wallets stand behind this merchant.
    #[must_use]
    pub const fn is_sandbox(&self) -> bool {
        matches!(self.mode, Mode::Sandbox)
    }

    /// The products of a wallet; empty when the merchant does not have it.
    #[must_use]
    pub fn products(&self, wallet: Wallet) -> &[Product] {
        self.wallets.get(&wallet).map_or(&[], Vec::as_slice)
    }
}
