//! API keys: what a shop proves itself with, and the hash of it that the operator keeps.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::secret_file;
use crate::domain::token::sha256;
use crate::ports::entropy::Entropy;

/// The name of the demo merchant's key file in the data directory.
pub(super) const FILE_NAME: &str = "api_key";

/// A key itself: 16–255 visible ASCII characters. `Debug` shows nothing.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// A new key: `ph_` and 43 characters of `A-Za-z0-9`, 256 bits of chance.
    #[must_use]
    pub fn make(entropy: &(dyn Entropy + 'static)) -> Self {
        Self(format!("ph_{}", entropy.alphanumeric(43)))
    }

    /// The key's text, to be shown once to the one who must have it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of the key.
    #[must_use]
    pub fn hash(&self) -> ApiKeyHash {
        ApiKeyHash::of(&self.0)
    }

    /// Reads a key that the operator chose.
    ///
    /// # Errors
    /// The rule, without the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let allowed = (16..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        allowed.then(|| Self(text.to_owned())).ok_or_else(|| "must be 16 to 255 visible ASCII characters".to_owned())
    }

    /// Reads a key file; `None` when there is none.
    ///
    /// # Errors
    /// The rule that the file breaks, without its content.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        let text = secret_file::read(path)?;
        text.map(|text| Self::parse(&text).map_err(|rule| format!("the content of {} {rule}", path.display())))
            .transpose()
    }

    /// Makes a new key and its file, or reads the one that another process made meanwhile.
    ///
    /// # Errors
    /// What the system refused, or what is wrong with the file.
    pub(super) fn make_file(path: &Path, entropy: &(dyn Entropy + 'static)) -> Result<Self, String> {
        Self::parse(&secret_file::make(path, Self::make(entropy).expose(), entropy)?)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(…)")
    }
}

/// SHA-256 of a key's text: enough to know the key again, useless to whoever reads the file. Not a secret, and yet not printed
/// by `Debug`: a log that names keys invites guesses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyHash([u8; 32]);

/// The text is not `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be sha256: and 64 hexadecimal digits (made by: pay-handoff keys new)")]
pub struct NotAKeyHash;

impl ApiKeyHash {
    /// The hash of what a caller presented as his key.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        Self(sha256(presented.as_bytes()))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ApiKeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ApiKeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKeyHash(…)")
    }
}

impl FromStr for ApiKeyHash {
    type Err = NotAKeyHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("sha256:").ok_or(NotAKeyHash)?;
        // `from_str_radix` would also take a sign.
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAKeyHash);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NotAKeyHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAKeyHash)?;
        }
        Ok(Self(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;
    use proptest::prelude::*;

    #[test]
    fn a_new_key_has_its_prefix_and_forty_three_characters_and_is_never_the_same() {
        let entropy = SystemEntropy;
        let (one, other) = (ApiKey::make(&entropy), ApiKey::make(&entropy));
        assert_eq!(one.expose().len(), 46);
        assert!(one.expose().starts_with("ph_"));
        assert_ne!(one.expose(), other.expose());
        assert!(ApiKey::parse(one.expose()).is_ok());
    }

    #[test]
    fn the_hash_is_the_one_that_sha256sum_prints() {
        assert_eq!(
            ApiKeyHash::of("abc").to_string(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_chosen_key_is_sixteen_visible_characters_or_more() {
        assert!(ApiKey::parse("exactly16letters").is_ok());
        assert!(ApiKey::parse(&"x".repeat(255)).is_ok());
        for text in [
            "",
            "only15_letters_",
            "with a space inside",
            "with\na_line_break",
            "茶茶茶茶茶茶茶茶茶茶",
            &"x".repeat(256),
        ] {
            let refusal = ApiKey::parse(text).unwrap_err();
            assert!(refusal.contains("visible ASCII") && (text.is_empty() || !refusal.contains(text)), "{refusal}");
        }
    }

    #[test]
    fn debug_output_shows_nothing() {
        let key = ApiKey::parse("canary_canary_canary").unwrap();
        assert_eq!(format!("{key:?} {:?}", key.hash()), "ApiKey(…) ApiKeyHash(…)");
    }

    proptest! {
        #[test]
        fn a_printed_hash_is_read_back(presented in ".{0,40}") {
            let hash = ApiKeyHash::of(&presented);
            prop_assert_eq!(hash.to_string().parse::<ApiKeyHash>(), Ok(hash));
        }

        #[test]
        fn only_sixty_four_digits_after_the_prefix_are_a_hash(text in "(sha256:)?[0-9a-g+]{62,66}") {
            let digits = text.strip_prefix("sha256:");
            let expected = digits.is_some_and(|digits| digits.len() == 64 && !digits.contains(['g', '+']));
            prop_assert_eq!(text.parse::<ApiKeyHash>().is_ok(), expected);
        }
    }
}
