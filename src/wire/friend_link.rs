//! A friend-pay link on the wire.

use crate::wire::words::LinkStatusWord;
use std::ops::RangeInclusive;

use serde::Serialize;
use utoipa::ToSchema;

use super::fields::{self, Fields};
use super::json::Json;
use super::problem::FieldError;
use super::time::rfc3339;
use crate::domain::friend_link::FriendLink;
use crate::domain::ledger::Ledger;
use crate::domain::locale::Locale;
use crate::domain::text;
use crate::domain::time::{Span, Timestamp};
use crate::links::{Links, TokenPage};

/// Longest name of one who asks, in characters as people count them.
pub const REQUESTER_MAX: usize = 20;
/// Longest message to a friend, in characters as people count them.
pub const MESSAGE_MAX: usize = 60;

/// How long a link may be asked to live, in seconds.
pub const LINK_LIFE_S: RangeInclusive<i64> = 60..=604_800;

/// A friend link as events carry it: without its addresses, which are permissions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FriendLinkJson {
    /// Identifier: `frl_` and 32 hexadecimal digits.
    pub id: String,
    /// Its order.
    pub order_id: String,
    /// `open`, `paid`, `declined`, `expired` or `revoked`.
    #[schema(value_type = LinkStatusWord)]
    pub status: &'static str,
    /// Until when a paying browser holds it.
    #[schema(required)]
    pub held_until: Option<String>,
    /// Who asks.
    #[schema(required)]
    pub requester: Option<String>,
    /// What he says.
    #[schema(required)]
    pub message: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// Until when it can be paid.
    pub expires_at: String,
    /// Whether it is simulated.
    pub sandbox: bool,
}

/// A friend link as the merchant gets it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullFriendLinkJson {
    /// The link.
    #[serde(flatten)]
    pub link: FriendLinkJson,
    /// The friend's page.
    pub url: String,
    /// A text to send to the friend; it holds the address.
    pub share_text: String,
    /// The code of the friend's page.
    pub qr_png_url: String,
}

impl FriendLinkJson {
    /// A link of this ledger.
    #[must_use]
    pub fn of(link: &FriendLink, ledger: &Ledger, now: Timestamp) -> Self {
        Self {
            id: link.id.to_string(),
            order_id: ledger.order.id.to_string(),
            status: link.status.as_str(),
            held_until: link.held_until(now).map(rfc3339),
            requester: link.requester.clone(),
            message: link.message.clone(),
            created_at: rfc3339(link.created_at),
            expires_at: rfc3339(link.expires_at),
            sandbox: ledger.order.sandbox,
        }
    }
}

impl FullFriendLinkJson {
    /// A link of this ledger, with its addresses and a text in the order's language.
    #[must_use]
    pub fn of(link: &FriendLink, ledger: &Ledger, links: &Links, now: Timestamp) -> Self {
        let url = links.page(TokenPage::Friend(link.token));
        let locale = ledger.order.request.locale.unwrap_or(Locale::ZhCn);
        Self {
            link: FriendLinkJson::of(link, ledger, now),
            share_text: share_text(locale, link.requester.as_deref(), &url),
            qr_png_url: format!("{url}/qr.png"),
            url,
        }
    }
}

/// The text a buyer sends to a friend: who asks, and the address; nothing private.
#[must_use]
pub fn share_text(locale: Locale, requester: Option<&str>, url: &str) -> String {
    match (locale, requester) {
        (Locale::ZhCn, Some(name)) => format!("{name} 请你帮忙付款：{url}"),
        (Locale::ZhCn, None) => format!("请你帮忙付款：{url}"),
        (Locale::En, Some(name)) => format!("{name} asks you to help pay: {url}"),
        (Locale::En, None) => format!("Could you help me pay? {url}"),
    }
}

/// What a merchant or a buyer wants a friend to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendLinkWish {
    /// Who asks.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// How long the link is to live.
    pub expires_in: Option<Span>,
}

/// Words of at most `max` characters, or nothing when there are none.
///
/// # Errors
/// The broken rule, for people.
pub fn words(value: &str, max: usize) -> Result<Option<String>, text::TextError> {
    if value.trim().is_empty() { Ok(None) } else { text::personal_words(value, max).map(Some) }
}

impl FriendLinkWish {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Every bad field.
    pub fn read(body: Json) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let read = |max| move |value| words(&fields::text(value)?, max).map_err(|error| error.to_string());
        let requester = fields.optional("requester", read(REQUESTER_MAX)).flatten();
        let message = fields.optional("message", read(MESSAGE_MAX)).flatten();
        let expires_in =
            fields.optional("expires_in", |value| fields::integer(value, *LINK_LIFE_S.start(), *LINK_LIFE_S.end()));
        fields.finish(Some(Self { requester, message, expires_in: expires_in.map(Span::seconds) }))
    }
}
