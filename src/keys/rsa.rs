//! RSA: signing with a merchant's private key, verifying with a wallet's public key, both PKCS#1 v1.5 with SHA-256.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use tokio_rustls::rustls::pki_types::pem::SectionKind;

use super::der::{BIT_STRING, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use super::{KeyFault, called, only_section};

/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The system gave no random bytes, or the key does not fit its own public half. Fate: give up; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be signed with this key")]
pub struct CannotSign;

/// A merchant's private key of 2048 bits or more. Printing it shows nothing.
#[derive(Clone)]
pub struct RsaPrivateKey(Arc<KeyPair>);

impl RsaPrivateKey {
    /// Reads PEM, either PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyFault`], without anything of the text.
    pub fn from_pem(text: &str) -> Result<Self, KeyFault> {
        let (kind, der) = only_section(text)?;
        let pair = match kind {
            SectionKind::PrivateKey => KeyPair::from_pkcs8(&der),
            SectionKind::RsaPrivateKey => KeyPair::from_der(&der),
            other => return Err(KeyFault::new(format!("holds {}, not a private key", called(other)))),
        };
        let pair = pair.map_err(|rejected| match rejected.to_string().as_str() {
            "TooSmall" => KeyFault::new("holds an RSA key of fewer than 2048 bits"),
            "WrongAlgorithm" | "InvalidEncoding" => KeyFault::new("holds no RSA private key"),
            other => KeyFault::new(format!("holds an RSA key that cannot be used ({other})")),
        })?;
        Ok(Self(Arc::new(pair)))
    }

    pub(super) fn from_pair(pair: KeyPair) -> Self {
        Self(Arc::new(pair))
    }

    /// The signature over these bytes.
    ///
    /// # Errors
    /// [`CannotSign`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CannotSign> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| CannotSign)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> RsaPublicKey {
        RsaPublicKey(self.0.public().as_ref().into())
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaPrivateKey(…)")
    }
}

/// A public key. Two are equal when modulus and exponent are.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey(Arc<[u8]>);

impl RsaPublicKey {
    /// Reads PEM (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_pem(text: &str) -> Result<Self, KeyFault> {
        match only_section(text)? {
            (SectionKind::PublicKey, der) => Self::from_info(&der),
            (other, _) => Err(KeyFault::new(format!("holds {}, not a public key", called(other)))),
        }
    }

    /// Reads a `SubjectPublicKeyInfo`, the form in which keys stand in files and certificates.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub(super) fn from_info(der: &[u8]) -> Result<Self, KeyFault> {
        let key = read_info(der).ok_or_else(|| KeyFault::new("holds no RSA public key"))?;
        if modulus_bits(key).is_none_or(|bits| bits < 2048) {
            return Err(KeyFault::new("holds an RSA key of fewer than 2048 bits"));
        }
        Ok(Self(key.into()))
    }

    /// Whether the signature over these bytes was made with the private half. Compares in constant time.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaPublicKey(…)")
    }
}

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo`.
fn read_info(der: &[u8]) -> Option<&[u8]> {
    let mut outer = Reader::new(der);
    let mut info = outer.enter(SEQUENCE)?;
    let mut algorithm = info.enter(SEQUENCE)?;
    if algorithm.take(OBJECT_IDENTIFIER)? != RSA_ENCRYPTION {
        return None;
    }
    let (unused_bits, key) = info.take(BIT_STRING)?.split_first()?;
    (*unused_bits == 0 && info.is_at_end() && outer.is_at_end()).then_some(key)
}

fn modulus_bits(key: &[u8]) -> Option<usize> {
    let mut outer = Reader::new(key);
    let modulus = outer.enter(SEQUENCE)?.take(INTEGER)?;
    let digits = modulus.iter().position(|digit| *digit != 0).map(|at| &modulus[at..])?;
    Some(digits.len() * 8 - digits.first()?.leading_zeros() as usize)
}
