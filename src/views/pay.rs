//! What the lasting code opens: a page that can pay the order and do nothing else to it.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use super::samples;
use super::ways::Ways;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::order::OrderStatus;
use crate::domain::payment::Verdict;
use crate::domain::wallet::Wallet;

/// `GET /s/{token}`.
#[derive(Clone, Debug, Template)]
#[template(path = "pay.html")]
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
    /// The wallets and verdicts of this browser's payments that do not count for the order.
    pub not_kept: Vec<(Wallet, Verdict)>,
}

impl PayPage {
    fn ways(&self) -> Ways<'_> {
        Ways {
            wallets: &self.wallets,
            host_app: self.host_app,
            platform: self.platform,
            base: &self.base,
            picture_base: &self.base,
            copy_url: &self.copy_url,
            asks_friends: false,
            folds_code: true,
        }
    }

    /// Only the buyer's page tells the end of the shop's order number.
    const fn no_order_tail(&self) -> Option<&str> {
        None
    }
}

impl Page for PayPage {
    const NAME: &'static str = "pay";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let in_wechat = Self {
            frame: samples::frame(locale, "/s/SAMPLE"),
            order: samples::order(locale),
            host_app: HostApp::Wechat,
            platform: Platform::Android,
            wallets: samples::wechat_wallets(locale),
            base: "/s/SAMPLE".to_owned(),
            copy_url: "https://pay.example/s/4fzzzxjylrxQYqFHb1Q3Ug".to_owned(),
            not_kept: Vec::new(),
        };
        let with_order = |order| Self { order, ..in_wechat.clone() };
        vec![
            ("wechat", in_wechat.clone()),
            (
                "browser",
                Self { host_app: HostApp::Browser, wallets: samples::browser_wallets(locale), ..in_wechat.clone() },
            ),
            ("no-wallets", Self { wallets: Vec::new(), ..in_wechat.clone() }),
            ("paid", with_order(samples::paid_order(locale, OrderStatus::Paid, 0))),
            (
                "paid-twice",
                Self {
                    not_kept: vec![(Wallet::Alipay, Verdict::Surplus)],
                    ..with_order(samples::paid_order(locale, OrderStatus::Paid, 0))
                },
            ),
            ("expired", with_order(OrderSummary { status: OrderStatus::Expired, ..samples::order(locale) })),
            ("cancelled", with_order(OrderSummary { status: OrderStatus::Cancelled, ..samples::order(locale) })),
        ]
    }
}
