//! The server key: the one secret under which stored tokens, kept answers and webhook secrets are encrypted.

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign};

use super::secret_file;
use crate::ports::entropy::Entropy;

/// The name of the key's file in the data directory, when the operator gave no other key.
pub(super) const FILE_NAME: &str = "server.key";

/// Keeps what this program derives apart from what another would derive from the same key.
const SALT: &[u8] = b"pay-handoff server key";

/// Thirty-two random bytes. All instances on one database share them; `Debug` shows nothing.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    /// Reads the text form: base64 of 32 bytes, as `openssl rand -base64 32` makes it.
    ///
    /// # Errors
    /// The rule, without the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| "must be base64 of exactly 32 bytes (made by: openssl rand -base64 32)".to_owned())
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
    pub(super) fn make(path: &Path, entropy: &(dyn Entropy + 'static)) -> Result<Self, String> {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self::parse(&secret_file::make(path, &STANDARD.encode(bytes), entropy)?)
    }

    /// A key for one purpose, which says nothing about the server key or about the keys of other purposes: HKDF-SHA256
    /// (RFC 5869) with the label as its info. The same label gives the same key on every instance, for ever.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        expand(SALT, &self.0, label.as_bytes())
    }
}

/// HKDF-SHA256 for 32 bytes of output, its first block alone. Two HMACs cannot fail, unlike the general form, whose failure
/// (a length out of range) would have to be answered with some key.
fn expand(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; 32] {
    let extracted = sign(&Key::new(HMAC_SHA256, salt), secret);
    let block = sign(&Key::new(HMAC_SHA256, extracted.as_ref()), &[info, &[1]].concat());
    let mut output = [0; 32];
    output.copy_from_slice(block.as_ref());
    output
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;
    use ring::hkdf::{HKDF_SHA256, Salt};

    #[test]
    fn derivation_gives_the_first_block_of_the_published_hkdf_example() {
        // RFC 5869, appendix A.1: the first 32 of its 42 bytes.
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let output = expand(&salt, &[0x0b; 22], &info);
        let published = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(output.map(|byte| format!("{byte:02x}")).concat(), published);
    }

    #[test]
    fn derivation_agrees_with_an_independent_hkdf() {
        let mut expected = [0; 32];
        let prk = Salt::new(HKDF_SHA256, SALT).extract(&[7; 32]);
        prk.expand(&[b"tokens"], HKDF_SHA256).unwrap().fill(&mut expected).unwrap();
        assert_eq!(ServerKey([7; 32]).derive("tokens"), expected);
    }

    #[test]
    fn each_label_and_each_key_gives_another_derived_key() {
        let key = ServerKey([7; 32]);
        assert_eq!(key.derive("tokens"), key.derive("tokens"));
        assert_ne!(key.derive("tokens"), key.derive("answers"));
        assert_ne!(key.derive("tokens"), ServerKey([8; 32]).derive("tokens"));
    }

    #[test]
    fn a_made_key_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        assert!(ServerKey::read(&path).unwrap().is_none());
        let made = ServerKey::make(&path, &SystemEntropy).unwrap();
        let read = ServerKey::read(&path).unwrap().unwrap();
        assert_eq!(made.0, read.0);
        assert_eq!(ServerKey::make(&path, &SystemEntropy).unwrap().0, made.0);
    }

    #[test]
    fn only_base64_of_thirty_two_bytes_is_a_key_and_the_text_is_never_repeated() {
        assert!(ServerKey::parse(&STANDARD.encode([1; 32])).is_ok());
        for text in ["", "canary", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33]), &"ab".repeat(32)] {
            let refusal = ServerKey::parse(text).unwrap_err();
            assert!(refusal.contains("32 bytes") && (text.is_empty() || !refusal.contains(text)), "{refusal}");
        }
    }

    #[test]
    fn debug_output_shows_nothing() {
        assert_eq!(format!("{:?}", ServerKey([9; 32])), "ServerKey(…)");
    }
}
