//! The page that a friend opens who was asked to pay.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::{OrderSummary, WalletChoice};
use super::samples;
use super::ways::Ways;
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::order::OrderStatus;
use crate::domain::time::Span;
use crate::domain::time::Timestamp;

/// `GET /f/{token}`.
#[derive(Clone, Debug, Template)]
#[template(path = "friend.html")]
pub struct FriendPage {
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
    /// `/f/<token>`.
    pub base: String,
    /// The absolute address of this page.
    pub copy_url: String,
    /// Who asks, in his own words.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// Where the link stands.
    pub link_status: LinkStatus,
    /// Until when the link can be paid.
    pub link_expires_at: Timestamp,
    /// Until when the payer who began last keeps others out.
    pub held_until: Option<Timestamp>,
    /// Whether the order was paid through this link.
    pub paid_here: bool,
    /// Whether the link was reported from this browser.
    pub reported: bool,
}

/// What the page has to say to the friend.
enum FriendState {
    /// He paid.
    PaidHere,
    /// Nothing can be paid: a title and a text.
    Over(&'static str, &'static str),
    /// He can pay.
    Open,
}

impl FriendPage {
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

    fn state(&self) -> FriendState {
        let words = self.frame.words();
        let (friend, common) = (&words.friend, &words.common);
        if self.paid_here {
            return FriendState::PaidHere;
        }
        match (self.link_status, self.order.status) {
            (LinkStatus::Paid, _) | (_, OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded) => {
                FriendState::Over(friend.paid_elsewhere_title, friend.paid_elsewhere_text)
            }
            (LinkStatus::Declined, _) => FriendState::Over(friend.declined_title, friend.declined_text),
            (LinkStatus::Revoked, _) => FriendState::Over(friend.revoked_title, friend.revoked_text),
            (_, OrderStatus::Cancelled) => FriendState::Over(common.cancelled_title, common.cancelled_text),
            (LinkStatus::Expired, _) | (_, OrderStatus::Expired) => {
                FriendState::Over(friend.expired_title, friend.expired_text)
            }
            (LinkStatus::Open, OrderStatus::Pending) => FriendState::Open,
        }
    }
}

impl Page for FriendPage {
    const NAME: &'static str = "friend";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let said =
            samples::either(locale, "妈，帮我付一下茶壶的钱，晚上还你 🍵", "Mum, could you pay for the teapot? 🍵");
        let open = Self {
            frame: samples::frame(locale, "/f/SAMPLE"),
            order: samples::order(locale),
            host_app: HostApp::Wechat,
            platform: Platform::Android,
            wallets: samples::wechat_wallets(locale),
            base: "/f/SAMPLE".to_owned(),
            copy_url: "https://pay.example/f/4fzzzxjylrxQYqFHb1Q3Ug".to_owned(),
            requester: Some("小林".to_owned()),
            message: Some(said.to_owned()),
            link_status: LinkStatus::Open,
            link_expires_at: samples::NOW + Span::hours(24),
            held_until: None,
            paid_here: false,
            reported: false,
        };
        let paid = samples::paid_order(locale, OrderStatus::Paid, 0);
        let ended = |link_status| Self { link_status, ..open.clone() };
        vec![
            ("open", open.clone()),
            ("unnamed", Self { requester: None, message: None, ..open.clone() }),
            ("held", Self { held_until: Some(samples::NOW + Span::minutes(5)), ..open.clone() }),
            ("reported", Self { reported: true, ..open.clone() }),
            (
                "extreme",
                Self { order: samples::extreme_order(locale), requester: Some("<b>".repeat(6)), ..open.clone() },
            ),
            ("paid-here", Self { order: paid.clone(), link_status: LinkStatus::Paid, paid_here: true, ..open.clone() }),
            ("paid-elsewhere", Self { order: paid, link_status: LinkStatus::Expired, ..open.clone() }),
            ("declined", ended(LinkStatus::Declined)),
            ("expired", ended(LinkStatus::Expired)),
            ("revoked", ended(LinkStatus::Revoked)),
        ]
    }
}
