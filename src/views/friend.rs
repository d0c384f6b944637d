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
use crate::domain::payment::Verdict;
use crate::domain::time::Span;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;

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
    /// Who keeps others out at this moment.
    pub hold: FriendHold,
    /// What became of the payment that this browser made through the link, and by which wallet.
    pub own_payment: Option<(Wallet, Verdict)>,
    /// Whether the link was reported from this browser.
    pub reported: bool,
}

/// Who keeps others out, seen from the browser that looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FriendHold {
    /// Nobody.
    Free,
    /// This browser.
    Own {
        /// Until when.
        until: Timestamp,
        /// What it began and can carry on with: the path of its page, and the wallet.
        attempt: Option<(String, Wallet)>,
    },
    /// Another browser, until then.
    Another(Timestamp),
}

impl FriendHold {
    const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Free => None,
            Self::Own { until, .. } | Self::Another(until) => Some(*until),
        }
    }
}

/// What the page has to say to the friend.
enum FriendState {
    /// He paid.
    PaidHere,
    /// He paid, but his money goes back to him: a title, and a text that wants the wallet's name.
    PaidInVain(&'static str, &'static str, Wallet),
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

    /// The page's title, which chat apps show as a preview: it names nobody.
    fn title(&self) -> &'static str {
        match self.state() {
            FriendState::Over(title, _) => title,
            _ => self.frame.words().common.preview_title,
        }
    }

    /// Seconds after which the page is no longer true, because a hold ends that nobody tells of.
    fn fades_after_s(&self) -> Option<i64> {
        self.hold.until().map(|until| self.order.seconds_until(&until))
    }

    /// Only the buyer's page tells the end of the shop's order number.
    const fn no_order_tail(&self) -> Option<&str> {
        None
    }

    fn state(&self) -> FriendState {
        let words = self.frame.words();
        let (friend, common, attempt) = (&words.friend, &words.common, &words.attempt);
        match self.own_payment {
            Some((_, Verdict::Winner)) => return FriendState::PaidHere,
            Some((wallet, Verdict::Surplus | Verdict::Late)) => {
                return FriendState::PaidInVain(attempt.given_back_title, attempt.given_back_text, wallet);
            }
            Some((wallet, Verdict::Mismatch)) => {
                return FriendState::PaidInVain(attempt.differs_title, attempt.differs_text, wallet);
            }
            None => {}
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
            hold: FriendHold::Free,
            own_payment: None,
            reported: false,
        };
        let paid = samples::paid_order(locale, OrderStatus::Paid, 0);
        let cancelled = OrderSummary { status: OrderStatus::Cancelled, ..samples::order(locale) };
        let until = samples::NOW + Span::minutes(5);
        let begun = ("/f/SAMPLE/attempts/att_1".to_owned(), Wallet::WechatPay);
        let paid_by_you = |verdict| Self {
            order: paid.clone(),
            link_status: LinkStatus::Paid,
            own_payment: Some((Wallet::WechatPay, verdict)),
            ..open.clone()
        };
        let ended = |link_status| Self { link_status, ..open.clone() };
        vec![
            ("open", open.clone()),
            ("unnamed", Self { requester: None, message: None, ..open.clone() }),
            ("held-by-another", Self { hold: FriendHold::Another(until), ..open.clone() }),
            ("held-by-you", Self { hold: FriendHold::Own { until, attempt: Some(begun) }, ..open.clone() }),
            ("reported", Self { reported: true, ..open.clone() }),
            (
                "extreme",
                Self { order: samples::extreme_order(locale), requester: Some("<b>".repeat(6)), ..open.clone() },
            ),
            ("paid-here", paid_by_you(Verdict::Winner)),
            ("given-back", paid_by_you(Verdict::Surplus)),
            ("differs", Self { own_payment: Some((Wallet::WechatPay, Verdict::Mismatch)), ..open.clone() }),
            ("paid", Self { order: paid.clone(), link_status: LinkStatus::Paid, ..open.clone() }),
            ("paid-elsewhere", Self { order: paid, link_status: LinkStatus::Expired, ..open.clone() }),
            ("order-cancelled", Self { order: cancelled, link_status: LinkStatus::Expired, ..open.clone() }),
            ("declined", ended(LinkStatus::Declined)),
            ("expired", ended(LinkStatus::Expired)),
            ("revoked", ended(LinkStatus::Revoked)),
        ]
    }
}
