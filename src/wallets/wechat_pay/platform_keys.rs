//! The keys that WeChat Pay signs with: public keys by their names and platform certificates by their numbers, in one map.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::proof::Proof;
use super::resource::Resource;
use crate::keys::{Certificate, RsaPublicKey, Secret, serial_number};

/// An unknown key is looked for at most this often: anybody can name one.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// So many certificates are kept; WeChat Pay has two or three at a time.
const MOST_KEYS: usize = 64;

/// What a proof is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// WeChat Pay signed it.
    Proven,
    /// Nobody known under this name: perhaps a new certificate.
    UnknownSigner,
    /// Not signed with that key.
    Forged,
}

/// The known keys.
pub(super) struct PlatformKeys {
    known: RwLock<BTreeMap<String, RsaPublicKey>>,
    looked_at: Mutex<Option<Instant>>,
    /// The name that requests ask to be answered with.
    preferred: Option<String>,
}

/// The answer to `GET /v3/certificates`.
#[derive(Deserialize)]
struct CertificateList {
    data: Vec<ListedCertificate>,
}

#[derive(Deserialize)]
struct ListedCertificate {
    serial_no: String,
    encrypt_certificate: Resource,
}

impl PlatformKeys {
    /// The keys that the operator configured.
    pub(super) fn new(configured: BTreeMap<String, RsaPublicKey>) -> Self {
        let preferred = configured.keys().find(|name| is_public_key(name)).cloned();
        Self { known: RwLock::new(configured), looked_at: Mutex::new(None), preferred }
    }

    /// Which key answers should be signed with: the configured public key, so that a switch from certificates is the operator's choice.
    pub(super) fn preferred(&self) -> Option<&str> {
        self.preferred.as_deref()
    }

    /// What this proof says about this body.
    pub(super) fn judge(&self, proof: &Proof, body: &[u8]) -> Worth {
        let key = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key_name(&proof.serial)).cloned();
        match key {
            None => Worth::UnknownSigner,
            Some(key) if proof.holds(&key, body) => Worth::Proven,
            Some(_) => Worth::Forged,
        }
    }

    /// Whether it is time to ask for the certificates because of this unknown name; whoever is told so must ask.
    pub(super) fn may_look_for(&self, name: &str, now: Instant) -> bool {
        // Public keys are not handed out by the interface: only the operator can add one.
        if !name.bytes().all(|letter| letter.is_ascii_hexdigit()) {
            return false;
        }
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = looked_at.is_none_or(|before| now.saturating_duration_since(before) >= LOOK_EVERY);
        if may {
            *looked_at = Some(now);
        }
        may
    }

    /// Adds the certificates of a list. Only WeChat Pay and the merchant have the key that they are encrypted under, so what
    /// decrypts is WeChat Pay's, even when the list itself is signed with one of the new certificates. All or nothing.
    pub(super) fn add(&self, list: &[u8], proof: &Proof, api_v3_key: &Secret) -> bool {
        let Some(found) = read(list, api_v3_key) else { return false };
        let signed = match found.get(&key_name(&proof.serial)) {
            Some(key) => proof.holds(key, list),
            None => self.judge(proof, list) == Worth::Proven,
        };
        if signed {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let room = MOST_KEYS.saturating_sub(known.len());
            known.extend(found.into_iter().take(room));
        }
        signed
    }
}

/// The name under which a key is kept: certificates' numbers in their one form, anything else as it stands.
fn key_name(name: &str) -> String {
    if name.bytes().all(|letter| letter.is_ascii_hexdigit()) { serial_number(name) } else { name.to_owned() }
}

fn is_public_key(name: &str) -> bool {
    name.starts_with("PUB_KEY_ID_")
}

pub(super) fn read(list: &[u8], api_v3_key: &Secret) -> Option<BTreeMap<String, RsaPublicKey>> {
    let list: CertificateList = serde_json::from_slice(list).ok()?;
    let one = |listed: ListedCertificate| {
        let pem = String::from_utf8(listed.encrypt_certificate.open(api_v3_key).ok()?).ok()?;
        let certificate = Certificate::from_pem(&pem).ok()?;
        (certificate.serial == serial_number(&listed.serial_no)).then_some((certificate.serial, certificate.public_key))
    };
    list.data.into_iter().map(one).collect()
}
