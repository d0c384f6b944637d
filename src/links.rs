//! Every public address of the program, built from tokens and identifiers, and read back.

use std::fmt;

use crate::domain::attempt::TradeNo;
use crate::domain::id::{AttemptId, FriendLinkId};
use crate::domain::merchant::MerchantId;
use crate::domain::token::Token;
use crate::domain::wallet::Wallet;

/// A page that a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPage {
    /// The buyer's page.
    Checkout(Token),
    /// What the lasting code opens.
    Scan(Token),
    /// A friend's page.
    Friend(Token),
}

impl TokenPage {
    /// The token that opens it.
    #[must_use]
    pub const fn token(&self) -> Token {
        match self {
            Self::Checkout(token) | Self::Scan(token) | Self::Friend(token) => *token,
        }
    }

    /// Reads a path of exactly the form that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, token) = path.strip_prefix('/')?.split_once('/')?;
        let token = token.parse().ok()?;
        match kind {
            "c" => Some(Self::Checkout(token)),
            "s" => Some(Self::Scan(token)),
            "f" => Some(Self::Friend(token)),
            _ => None,
        }
    }

    /// The path of an attempt begun on this page.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> String {
        format!("{self}/attempts/{id}")
    }

    /// The same page for a payer whom the wallet sends back, perhaps before he has paid.
    #[must_use]
    pub fn attempt_returned(&self, id: AttemptId) -> String {
        format!("{}?{RETURNED}=1", self.attempt(id))
    }

    /// The path of the buyer's page for a friend link.
    #[must_use]
    pub fn friend_link(&self, id: FriendLinkId) -> String {
        format!("{self}/friend_links/{id}")
    }
}

/// Whether a path is exactly that of an attempt's page. Wallets send their payers back there, some of them with a form.
#[must_use]
pub fn is_attempt(path: &str) -> bool {
    path.split_once("/attempts/")
        .is_some_and(|(page, id)| TokenPage::parse(page).is_some() && id.parse::<AttemptId>().is_ok())
}

impl fmt::Display for TokenPage {
    /// The page's path: `/s/` and 22 characters.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Checkout(_) => 'c',
            Self::Scan(_) => 's',
            Self::Friend(_) => 'f',
        };
        write!(formatter, "/{kind}/{}", self.token().expose())
    }
}

/// The query parameter of an attempt's page that a wallet sends its payer back to.
pub const RETURNED: &str = "returned";

/// Builds absolute addresses under the public URL.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
}

impl Links {
    /// Links under this origin, without a slash at its end.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        Self { base: origin.trim_end_matches('/').to_owned() }
    }

    /// The origin: `https://pay.example`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.base
    }

    /// Whether buyers reach us over TLS, so that cookies can insist on it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// The absolute address of a path of ours.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The absolute address of a page.
    #[must_use]
    pub fn page(&self, page: TokenPage) -> String {
        format!("{}{page}", self.base)
    }
}

/// Where the simulated wallet shows a trade.
#[must_use]
pub fn sandbox_trade(trade_no: &TradeNo) -> String {
    format!("/sandbox/{}", trade_no.as_str())
}

/// Where a wallet calls back.
#[must_use]
pub fn notify(wallet: Wallet, merchant: &MerchantId) -> String {
    format!("/notify/{wallet}/{merchant}")
}

/// Where a wallet's login comes back.
#[must_use]
pub fn login(wallet: Wallet, merchant: &MerchantId) -> String {
    format!("/oauth/{wallet}/{merchant}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(bytes in any::<[u8; 16]>(), kind in 0..3) {
            let token = Token::from_bytes(bytes);
            let page = match kind {
                0 => TokenPage::Checkout(token),
                1 => TokenPage::Scan(token),
                _ => TokenPage::Friend(token),
            };
            prop_assert_eq!(TokenPage::parse(&page.to_string()), Some(page));
        }

        #[test]
        fn a_path_that_is_read_prints_the_same(path in "/[csfx]/[A-Za-z0-9_-]{21,23}/?") {
            if let Some(page) = TokenPage::parse(&path) {
                prop_assert_eq!(page.to_string(), path);
            }
        }
    }

    #[test]
    fn only_an_attempts_own_page_is_one() {
        let page = TokenPage::Scan(Token::from_bytes([7; 16]));
        let attempt = page.attempt(AttemptId::new(uuid::Uuid::from_u128(1)));
        assert!(is_attempt(&attempt));
        for path in [
            format!("{attempt}/close"),
            format!("{attempt}/"),
            format!("/x{attempt}"),
            format!("{page}/attempts/"),
            format!("{page}/attempts"),
            format!("/c/short{}", attempt.trim_start_matches(&page.to_string())),
        ] {
            assert!(!is_attempt(&path), "{path}");
        }
    }

    #[test]
    fn addresses_stand_under_the_public_origin() {
        let links = Links::new("https://pay.example/");
        let token = Token::from_bytes([0; 16]);
        assert_eq!(links.page(TokenPage::Scan(token)), "https://pay.example/s/AAAAAAAAAAAAAAAAAAAAAA");
    }
}
