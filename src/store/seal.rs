//! Sealing of stored secrets under the server key, each value to its own place.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// What a sealed value is. A value sealed for one purpose never opens for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    CheckoutToken,
    ScanToken,
    FriendToken,
    Handover,
    KeptAnswer,
    Trade,
    WebhookSecret,
    /// A known text by which a database tells whether it is opened with its own key.
    KeyProof,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CheckoutToken => "checkout token",
            Self::ScanToken => "scan token",
            Self::FriendToken => "friend token",
            Self::Handover => "handover",
            Self::KeptAnswer => "kept answer",
            Self::Trade => "trade",
            Self::WebhookSecret => "webhook secret",
            Self::KeyProof => "key proof",
        }
    }
}

/// A value could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The system's generator gave nothing.
    #[error("the system gave no random bytes")]
    NoEntropy,
    /// Sealed under another key or for another place, or damaged.
    #[error("a sealed value cannot be opened: another server key, or damage")]
    NotOurs,
}

/// Seals values under the server key with AES-256-GCM. `Debug` never shows the key.
///
/// Every place (a purpose and a row) has a key of its own, the HMAC-SHA256 of the place under the server key. So a sealed value that
/// is moved elsewhere does not open, and the 2³² values that one key may seal with random nonces are counted per row.
pub struct Sealer {
    key: hmac::Key,
    random: SystemRandom,
}

impl Sealer {
    /// A sealer under this server key, which must come from the system's generator and is not kept in the database.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), random: SystemRandom::new() }
    }

    /// Nonce, ciphertext and tag: 28 bytes longer than the value.
    pub(super) fn seal(&self, purpose: Purpose, row: &[u8], value: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError::NoEntropy)?;
        let mut text = value.to_vec();
        let tag = self
            .place_key(purpose, row)?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text)
            .map_err(|_| SealError::NotOurs)?;
        Ok([nonce.as_slice(), &text, tag.as_ref()].concat())
    }

    pub(super) fn open(&self, purpose: Purpose, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::NotOurs)?;
        let mut text = rest.to_vec();
        let key = self.place_key(purpose, row)?;
        let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut text);
        let length = opened.map_err(|_| SealError::NotOurs)?.len();
        text.truncate(length);
        Ok(text)
    }

    fn place_key(&self, purpose: Purpose, row: &[u8]) -> Result<LessSafeKey, SealError> {
        let mut place = hmac::Context::with_key(&self.key);
        place.update(purpose.as_str().as_bytes());
        // No purpose holds a zero byte, so two places never spell the same.
        place.update(&[0]);
        place.update(row);
        let key = UnboundKey::new(&AES_256_GCM, place.sign().as_ref()).map_err(|_| SealError::NotOurs)?;
        Ok(LessSafeKey::new(key))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_and_is_not_readable(value in prop::collection::vec(any::<u8>(), 16..200)) {
            let sealer = Sealer::new([7; 32]);
            let sealed = sealer.seal(Purpose::Handover, b"row", &value).unwrap();
            prop_assert_eq!(sealed.len(), value.len() + 28);
            prop_assert!(!sealed.windows(value.len()).any(|window| window == value));
            prop_assert_eq!(sealer.open(Purpose::Handover, b"row", &sealed), Ok(value));
        }

        #[test]
        fn a_changed_bit_anywhere_keeps_it_shut(position in 0_usize..44, bit in 0_u8..8) {
            let sealer = Sealer::new([7; 32]);
            let mut sealed = sealer.seal(Purpose::ScanToken, b"row", &[9; 16]).unwrap();
            sealed[position] ^= 1 << bit;
            prop_assert_eq!(sealer.open(Purpose::ScanToken, b"row", &sealed), Err(SealError::NotOurs));
        }
    }

    #[test]
    fn a_moved_value_does_not_open() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer.seal(Purpose::ScanToken, b"one", b"value").unwrap();
        assert_eq!(sealer.open(Purpose::ScanToken, b"two", &sealed), Err(SealError::NotOurs));
        assert_eq!(sealer.open(Purpose::CheckoutToken, b"one", &sealed), Err(SealError::NotOurs));
        assert_eq!(Sealer::new([8; 32]).open(Purpose::ScanToken, b"one", &sealed), Err(SealError::NotOurs));
        assert_eq!(sealer.open(Purpose::ScanToken, b"one", &sealed[..11]), Err(SealError::NotOurs));
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let sealer = Sealer::new([7; 32]);
        let seal = || sealer.seal(Purpose::ScanToken, b"one", b"value").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn debug_output_shows_no_key() {
        assert_eq!(format!("{:?}", Sealer::new([7; 32])), "Sealer(…)");
    }
}
