//! The buyer's page about one friend link: to send it on, to watch it, to take it back.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::OrderSummary;
use super::samples;
use crate::domain::friend_link::LinkStatus;
use crate::domain::locale::Locale;
use crate::domain::order::OrderStatus;
use crate::domain::time::Span;
use crate::domain::time::Timestamp;

/// `GET /c/{token}/friend_links/{id}`.
#[derive(Clone, Debug, Template)]
#[template(path = "friend_link.html")]
pub struct FriendLinkPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order.
    pub order: OrderSummary,
    /// This page's own path.
    pub base: String,
    /// `/c/<token>`.
    pub checkout: String,
    /// The absolute `/f/…` address to send to the friend.
    pub url: String,
    /// The path of that address as a QR picture.
    pub qr_png: String,
    /// Words to send along with the address.
    pub share_text: String,
    /// Who asks, in his own words.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// Where the link stands.
    pub link_status: LinkStatus,
    /// Until when it can be paid.
    pub link_expires_at: Timestamp,
    /// Until when a payer who has begun keeps others out.
    pub held_until: Option<Timestamp>,
}

impl FriendLinkPage {
    fn is_open(&self) -> bool {
        self.link_status == LinkStatus::Open && self.order.status == OrderStatus::Pending
    }

    fn is_paid(&self) -> bool {
        self.link_status == LinkStatus::Paid
    }

    fn end_label(&self) -> &'static str {
        let words = self.frame.words();
        match self.link_status {
            LinkStatus::Open => words.friend.link_order_over,
            LinkStatus::Paid => words.friend.link_paid,
            LinkStatus::Declined => words.friend.link_declined,
            LinkStatus::Expired => words.friend.link_expired,
            LinkStatus::Revoked => words.friend.link_revoked,
        }
    }
}

impl Page for FriendLinkPage {
    const NAME: &'static str = "friend-link";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let open = Self {
            frame: samples::frame(locale, "/c/SAMPLE/friend_links/frl_1"),
            order: samples::order(locale),
            base: "/c/SAMPLE/friend_links/frl_1".to_owned(),
            checkout: "/c/SAMPLE".to_owned(),
            url: "https://pay.example/f/4fzzzxjylrxQYqFHb1Q3Ug".to_owned(),
            qr_png: "/f/SAMPLE/qr.png".to_owned(),
            share_text: samples::either(
                locale,
                "小林请你帮忙付款，打开看看：",
                "Xiao Lin asks you to pay. Have a look:",
            )
            .to_owned(),
            requester: Some("小林".to_owned()),
            message: Some(
                samples::either(locale, "茶壶的钱，晚上还你", "For the teapot; I pay you back tonight").to_owned(),
            ),
            link_status: LinkStatus::Open,
            link_expires_at: samples::NOW + Span::hours(24),
            held_until: None,
        };
        let ended = |link_status| Self { link_status, ..open.clone() };
        vec![
            ("open", open.clone()),
            ("held", Self { held_until: Some(samples::NOW + Span::minutes(5)), ..open.clone() }),
            ("paid", ended(LinkStatus::Paid)),
            ("declined", ended(LinkStatus::Declined)),
            ("expired", ended(LinkStatus::Expired)),
            ("revoked", ended(LinkStatus::Revoked)),
            ("order-over", Self { order: samples::paid_order(locale, OrderStatus::Paid, 0), ..open.clone() }),
        ]
    }
}
