//! Tokens: the unguessable part of an address that is itself the permission to open a page.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

/// What a token lets its bearer do; the three kinds never open each other's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The buyer's own page: pay, cancel, ask friends.
    Checkout,
    /// What the lasting code opens: pay only.
    Scan,
    /// A friend's page: pay or decline one link.
    Friend,
}

/// 128 random bits, written as 22 characters of URL-safe base64. `Debug` never shows them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token([u8; 16]);

/// SHA-256 of a token: what a store looks it up by, so that a stolen copy of the store opens no page.
pub type TokenHash = [u8; 32];

/// The text has not the form of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct NotAToken;

impl Token {
    /// A token of these bytes, which must come from the system's generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The random bytes, for sealing them under the server key.
    #[must_use]
    pub const fn expose_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 22 characters that stand in an address.
    #[must_use]
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store keeps to find the token again.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        sha256(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 22 {
            return Err(NotAToken);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAToken)?;
        bytes.try_into().map(Self).map_err(|_| NotAToken)
    }
}

/// SHA-256 of any bytes; the one hash used for tokens, browsers, API keys and contents.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(bytes in any::<[u8; 16]>()) {
            let token = Token::from_bytes(bytes);
            prop_assert_eq!(token.expose().len(), 22);
            prop_assert_eq!(token.expose().parse::<Token>(), Ok(token));
        }

        #[test]
        fn one_token_has_one_spelling(text in "[A-Za-z0-9_-]{22}") {
            if let Ok(token) = text.parse::<Token>() {
                prop_assert_eq!(token.expose(), text);
            }
        }

        #[test]
        fn debug_output_shows_nothing(bytes in any::<[u8; 16]>()) {
            prop_assert_eq!(format!("{:?}", Token::from_bytes(bytes)), "Token(…)");
        }
    }
}
