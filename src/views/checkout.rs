//! The buyer's page of an order: the checkout while it waits, afterwards its receipt or its end.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use super::samples;
use super::texts::Texts;
use super::ways::Ways;
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::order::OrderStatus;
use crate::domain::payment::Verdict;
use crate::domain::time::Span;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;

/// `GET /c/{token}`.
#[derive(Clone, Debug, Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage {
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
    /// `/c/<token>`.
    pub base: String,
    /// `/s/<token>`, under which the lasting code's pictures lie.
    pub scan_base: String,
    /// The absolute `/s/…` address, the only one that is offered for copying.
    pub copy_url: String,
    /// The last six characters of the shop's order number, so that buyer and shop can speak of the same order.
    pub order_tail: String,
    /// The friend links made so far, newest first.
    pub friend_links: Vec<FriendLinkRow>,
    /// Whether one more may be made now.
    pub can_ask_friend: bool,
    /// The wallets and verdicts of all payments that do not count for the order.
    pub not_kept: Vec<(Wallet, Verdict)>,
    /// Where the shop wants the buyer after payment; its origin was checked.
    pub return_url: Option<String>,
}

/// A friend link in the buyer's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendLinkRow {
    /// The path of the buyer's page about it.
    pub page: String,
    /// The name that the buyer gave himself.
    pub requester: Option<String>,
    /// Where it stands.
    pub status: LinkStatus,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
}

impl CheckoutPage {
    fn ways(&self) -> Ways<'_> {
        Ways {
            wallets: &self.wallets,
            host_app: self.host_app,
            platform: self.platform,
            base: &self.base,
            picture_base: &self.scan_base,
            copy_url: &self.copy_url,
            asks_friends: self.can_ask_friend,
            folds_code: false,
        }
    }
}

impl FriendLinkRow {
    fn is_open(&self) -> bool {
        self.status == LinkStatus::Open
    }

    const fn label(&self, words: &'static Texts) -> &'static str {
        match self.status {
            LinkStatus::Open => words.friend.link_open,
            LinkStatus::Paid => words.friend.link_paid,
            LinkStatus::Declined => words.friend.link_declined,
            LinkStatus::Expired => words.friend.link_expired,
            LinkStatus::Revoked => words.friend.link_revoked,
        }
    }
}

impl Page for CheckoutPage {
    const NAME: &'static str = "checkout";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let row = |status, requester: Option<&str>| FriendLinkRow {
            page: "/c/SAMPLE/friend_links/frl_1".to_owned(),
            requester: requester.map(str::to_owned),
            status,
            expires_at: samples::NOW + Span::hours(20),
        };
        let in_taobao = Self {
            frame: samples::frame(locale, "/c/SAMPLE?preview=taobao-ios"),
            order: samples::order(locale),
            host_app: HostApp::Taobao,
            platform: Platform::Ios,
            wallets: samples::foreign_app_wallets(locale),
            base: "/c/SAMPLE".to_owned(),
            scan_base: "/s/SAMPLE".to_owned(),
            copy_url: "https://pay.example/s/4fzzzxjylrxQYqFHb1Q3Ug".to_owned(),
            order_tail: "200017".to_owned(),
            friend_links: Vec::new(),
            can_ask_friend: true,
            not_kept: Vec::new(),
            return_url: Some("https://shop.example/done".to_owned()),
        };
        let with_status = |status, refunded| Self {
            order: samples::paid_order(locale, status, refunded),
            friend_links: Vec::new(),
            ..in_taobao.clone()
        };
        let ended = |status| Self { order: OrderSummary { status, ..samples::order(locale) }, ..in_taobao.clone() };
        let opened_in = |host_app, platform, wallets| Self { host_app, platform, wallets, ..in_taobao.clone() };
        vec![
            ("taobao", in_taobao.clone()),
            ("browser", opened_in(HostApp::Browser, Platform::Ios, samples::browser_wallets(locale))),
            ("wechat", opened_in(HostApp::Wechat, Platform::Android, samples::wechat_wallets(locale))),
            ("desktop", opened_in(HostApp::Browser, Platform::Desktop, samples::desktop_wallets(locale))),
            (
                "friends",
                Self {
                    friend_links: vec![row(LinkStatus::Open, Some("小林")), row(LinkStatus::Declined, None)],
                    ..in_taobao.clone()
                },
            ),
            ("extreme", Self { order: samples::extreme_order(locale), ..in_taobao.clone() }),
            ("paid", with_status(OrderStatus::Paid, 0)),
            (
                "paid-twice",
                Self {
                    not_kept: vec![(Wallet::Alipay, Verdict::Surplus), (Wallet::Unionpay, Verdict::Mismatch)],
                    ..with_status(OrderStatus::Paid, 0)
                },
            ),
            ("part-refunded", with_status(OrderStatus::PartiallyRefunded, 2_900)),
            ("refunded", with_status(OrderStatus::Refunded, 12_900)),
            ("expired", ended(OrderStatus::Expired)),
            ("cancelled", ended(OrderStatus::Cancelled)),
        ]
    }
}
