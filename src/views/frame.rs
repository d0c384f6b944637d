//! What every page has around its content: language, sandbox banner, language switch and the head.

use std::fmt::Display;

use super::assets;
use super::clock_time;
use super::texts::{self, Texts};
use crate::domain::handoff::HostApp;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;

/// The frame of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The language of the page.
    pub locale: Locale,
    /// Whether the page says that its wallets are simulated and no real money moves.
    pub sandbox: bool,
    /// Path and query of this page without `locale`, for the language switch. Begins with `/`.
    pub path: String,
    /// Absolute address of the picture that link previews show; `None` leaves the preview without one.
    pub og_image: Option<String>,
}

impl Frame {
    /// The words of the page's language.
    pub(super) fn words(&self) -> &'static Texts {
        texts::of(self.locale)
    }

    /// The language that the switch offers.
    pub(super) const fn other_locale(&self) -> Locale {
        match self.locale {
            Locale::ZhCn => Locale::En,
            Locale::En => Locale::ZhCn,
        }
    }

    /// This page in the other language.
    pub(super) fn other_locale_path(&self) -> String {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{separator}locale={}", self.path, self.other_locale())
    }

    /// The text with its `{}` filled in.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(super) fn fill(&self, text: &str, value: impl Display) -> String {
        text.replacen("{}", &value.to_string(), 1)
    }

    /// What stands before the text's `{}`, so that a template can mark up the value.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(super) fn before<'text>(&self, text: &'text str) -> &'text str {
        text.split_once("{}").map_or(text, |(before, _)| before)
    }

    /// What stands after the text's `{}`.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(super) fn after<'text>(&self, text: &'text str) -> &'text str {
        text.split_once("{}").map_or("", |(_, after)| after)
    }

    /// A moment as a clock shows it in China, with the day when it is not today's.
    pub(super) fn clock(&self, at: &Timestamp, now: &Timestamp) -> String {
        self.fill(self.words().common.utc8, clock_time::near(self.locale, *at, *now))
    }

    /// A moment with its day and seconds, for receipts.
    pub(super) fn full_time(&self, at: &Timestamp) -> String {
        self.fill(self.words().common.utc8, clock_time::full(*at))
    }

    /// A moment as machines read it.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(super) fn machine_time(&self, at: &Timestamp) -> String {
        clock_time::machine(*at)
    }

    /// What people call a wallet.
    pub(super) const fn wallet(&self, wallet: &Wallet) -> &'static str {
        texts::wallet(self.locale, *wallet)
    }

    /// What people call the app a wallet lives in.
    pub(super) const fn wallet_app(&self, wallet: &Wallet) -> &'static str {
        texts::wallet_app(self.locale, *wallet)
    }

    /// What people call the app a page is opened in.
    pub(super) fn host_app(&self, app: &HostApp) -> &'static str {
        texts::host_app(self.locale, *app)
    }

    /// The path of an embedded asset by its plain name.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(super) fn asset(&self, plain_name: &str) -> String {
        assets::path(plain_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_switch_keeps_the_rest_of_the_query() {
        let frame = |path: &str| Frame { locale: Locale::En, sandbox: false, path: path.to_owned(), og_image: None };
        assert_eq!(frame("/demo").other_locale_path(), "/demo?locale=zh-CN");
        assert_eq!(frame("/c/x?preview=taobao-ios").other_locale_path(), "/c/x?preview=taobao-ios&locale=zh-CN");
    }

    #[test]
    fn a_value_stands_where_the_text_wants_it() {
        let frame = Frame { locale: Locale::En, sandbox: false, path: "/".to_owned(), og_image: None };
        assert_eq!(frame.fill("Pay {} now", "¥1.00"), "Pay ¥1.00 now");
        assert_eq!((frame.before("Pay {} now"), frame.after("Pay {} now")), ("Pay ", " now"));
        assert_eq!((frame.before("plain"), frame.after("plain")), ("plain", ""));
    }
}
