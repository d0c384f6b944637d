//! The three wallets and the ways (products) in which each can be paid.

use std::fmt;
use std::str::FromStr;

/// A payment app that can pay an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wallet {
    /// WeChat Pay (微信支付).
    WechatPay,
    /// Alipay (支付宝).
    Alipay,
    /// UnionPay QuickPass (云闪付).
    Unionpay,
}

impl Wallet {
    /// Every wallet, in the order in which pages and answers list them.
    pub const ALL: [Self; 3] = [Self::WechatPay, Self::Alipay, Self::Unionpay];

    /// The word that stands for the wallet in JSON, addresses and the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat_pay",
            Self::Alipay => "alipay",
            Self::Unionpay => "unionpay",
        }
    }
}

impl fmt::Display for Wallet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no wallet, product or other word of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

impl FromStr for Wallet {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|wallet| wallet.as_str() == text).ok_or(UnknownWord)
    }
}

/// How a wallet is reached for one payment attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// The wallet's own QR code (WeChat Native, Alipay precreate, UnionPay dynamic code).
    Code,
    /// Paying on our page inside the wallet app (WeChat JSAPI, Alipay in its own app, UnionPay front gateway).
    InApp,
    /// Leaving a browser for the wallet (WeChat H5, Alipay wap, UnionPay front gateway).
    Browser,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 3] = [Self::Code, Self::InApp, Self::Browser];

    /// The word that stands for the product in JSON and the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::InApp => "in_app",
            Self::Browser => "browser",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Product {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|product| product.as_str() == text).ok_or(UnknownWord)
    }
}
