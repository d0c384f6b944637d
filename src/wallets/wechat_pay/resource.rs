//! The encrypted part of notices and of the list of certificates: AES-256-GCM under the merchant's APIv3 key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Deserialize;

use crate::keys::Secret;

/// The only algorithm that is taken.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// Something encrypted, as it stands in the JSON.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Resource {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: String,
    /// What was encrypted; certificates come without it.
    #[serde(default)]
    pub original_type: Option<String>,
}

/// It cannot be decrypted: another key, or changed on its way. Never says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sealed;

impl Resource {
    /// The plain bytes.
    pub(super) fn open(&self, api_v3_key: &Secret) -> Result<Vec<u8>, Sealed> {
        if self.algorithm != ALGORITHM {
            return Err(Sealed);
        }
        let key = UnboundKey::new(&AES_256_GCM, api_v3_key.expose().as_bytes()).map_err(|_| Sealed)?;
        let nonce: [u8; NONCE_LEN] = self.nonce.as_bytes().try_into().map_err(|_| Sealed)?;
        let mut text = STANDARD.decode(&self.ciphertext).map_err(|_| Sealed)?;
        let aad = Aad::from(self.associated_data.as_bytes());
        let opened = LessSafeKey::new(key).open_in_place(Nonce::assume_unique_for_key(nonce), aad, &mut text);
        let length = opened.map_err(|_| Sealed)?.len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret {
        Secret::new("0123456789abcdef0123456789abcdef".to_owned())
    }

    /// Encrypted by another program (Python's `cryptography`) under the key above.
    fn vector() -> Resource {
        Resource {
            algorithm: ALGORITHM.to_owned(),
            ciphertext: "f5iuwQ9kk8YGlY/8pkj742rY9W4jnYbM9+ppvxQYWaPHHVOVyInH8Z8=".to_owned(),
            nonce: "wCq51qZv4Yfg".to_owned(),
            associated_data: "transaction".to_owned(),
            original_type: None,
        }
    }

    #[test]
    fn what_another_program_encrypted_is_read() {
        assert_eq!(vector().open(&key()), Ok(br#"{"trade_state":"SUCCESS"}"#.to_vec()));
    }

    #[test]
    fn whatever_is_changed_keeps_it_shut() {
        let shut = |change: &dyn Fn(&mut Resource)| {
            let mut resource = vector();
            change(&mut resource);
            assert_eq!(resource.open(&key()), Err(Sealed), "{resource:?}");
        };
        shut(&|resource| resource.algorithm = "AEAD_AES_128_GCM".to_owned());
        shut(&|resource| resource.nonce = "wCq51qZv4Yfh".to_owned());
        shut(&|resource| resource.nonce = "wCq51qZv4Yf".to_owned());
        shut(&|resource| resource.associated_data.clear());
        shut(&|resource| resource.ciphertext.replace_range(0..1, "g"));
        shut(&|resource| resource.ciphertext.replace_range(52..53, "9"));
        shut(&|resource| resource.ciphertext = "AAAA".to_owned());
        shut(&|resource| resource.ciphertext = "not base64".to_owned());
        let other = Secret::new("1123456789abcdef0123456789abcdef".to_owned());
        assert_eq!(vector().open(&other), Err(Sealed));
        assert_eq!(vector().open(&Secret::new("short".to_owned())), Err(Sealed));
    }
}
