//! PFX files (PKCS#12): a merchant's key with its certificate, under a password.

use p12_keystore::Pkcs12Archive;
use ring::rsa::KeyPair;

use super::{Certificate, KeyFault, RsaPrivateKey, Secret};

/// A merchant's key with its own certificate.
#[derive(Clone, Debug)]
pub struct Pfx {
    /// The key.
    pub private_key: RsaPrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Pfx {
    /// Reads a file: its first key, and the certificate among those in it that belongs to the key.
    ///
    /// # Errors
    /// [`KeyFault`], without anything of the file or the password.
    pub fn read(bytes: &[u8], password: &Secret) -> Result<Self, KeyFault> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, password.expose())
            .map_err(|_| KeyFault::new("is no PFX file (PKCS#12), or its password is another one"))?;
        let key = archive.keys.first().ok_or_else(|| KeyFault::new("holds no private key"))?;
        let pair = KeyPair::from_pkcs8(key.key.as_der());
        let pair = pair.map_err(|_| KeyFault::new("holds no RSA private key of 2048 bits or more"))?;
        let private_key = RsaPrivateKey::from_pair(pair);
        for bag in &archive.certs {
            if let Ok(certificate) = Certificate::from_der(bag.cert.as_der())
                && certificate.public_key == private_key.public()
            {
                return Ok(Self { private_key, certificate });
            }
        }
        Err(KeyFault::new("holds no certificate that belongs to its key"))
    }
}
