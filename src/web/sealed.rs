//! Values that a browser keeps for us and can neither read nor change nor put to another use.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::ports::entropy::Entropy;

/// Seals and signs under a key derived from the server key, so that every instance reads what another one sealed.
pub struct BrowserSeal {
    encryption: Option<LessSafeKey>,
    signing: hmac::Key,
}

impl BrowserSeal {
    /// A seal under two keys, each derived for this alone.
    #[must_use]
    pub fn new(encryption: &[u8; 32], signing: &[u8; 32]) -> Self {
        // 32 bytes are what the algorithm wants, so the key is always there.
        let encryption = UnboundKey::new(&AES_256_GCM, encryption).ok().map(LessSafeKey::new);
        Self { encryption, signing: hmac::Key::new(hmac::HMAC_SHA256, signing) }
    }

    /// The value in a form that fits a cookie; it opens for the same purpose alone.
    pub fn seal(&self, purpose: &str, value: &[u8], entropy: &dyn Entropy) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut text = value.to_vec();
        let tag = self.encryption.as_ref()?.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut text,
        );
        Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text, tag.ok()?.as_ref()].concat()))
    }

    /// The value again; `None` when it was sealed for something else, by somebody else, or changed.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = rest.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.encryption.as_ref()?.open_in_place(nonce, aad, &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// A signature over a value for a purpose.
    #[must_use]
    pub fn sign(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        hmac::sign(&self.signing, &signed_text(purpose, value)).as_ref().to_vec()
    }

    /// Whether a signature is ours, compared in constant time.
    #[must_use]
    pub fn signed(&self, purpose: &str, value: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.signing, &signed_text(purpose, value), signature).is_ok()
    }
}

/// No purpose holds a zero byte, so two never spell the same.
fn signed_text(purpose: &str, value: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;
    use proptest::prelude::*;

    fn seal() -> BrowserSeal {
        BrowserSeal::new(&[1; 32], &[2; 32])
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_its_purpose_and_is_not_readable(value in prop::collection::vec(any::<u8>(), 16..60)) {
            let sealed = seal().seal("login", &value, &SystemEntropy).unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            prop_assert!(!bytes.windows(value.len()).any(|window| window == value));
            prop_assert_eq!(seal().open("login", &sealed), Some(value));
            prop_assert_eq!(seal().open("payer", &sealed), None);
            prop_assert_eq!(BrowserSeal::new(&[3; 32], &[2; 32]).open("login", &sealed), None);
        }

        #[test]
        fn a_changed_bit_anywhere_keeps_it_shut(position in 0_usize..44, bit in 0_u8..8) {
            let sealed = seal().seal("login", &[9; 16], &SystemEntropy).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(sealed).unwrap();
            bytes[position] ^= 1 << bit;
            prop_assert_eq!(seal().open("login", &URL_SAFE_NO_PAD.encode(bytes)), None);
        }
    }

    #[test]
    fn a_signature_holds_for_its_purpose_and_value_alone() {
        let signature = seal().sign("state", b"value");
        assert!(seal().signed("state", b"value", &signature));
        assert!(!seal().signed("state", b"valuf", &signature) && !seal().signed("login", b"value", &signature));
        assert!(!seal().signed("state", b"value", &signature[1..]) && !seal().signed("state", b"value", &[]));
    }
}
