//! The proof that comes with answers and notices: who signed, when, and what.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::signature::SCHEME;
use crate::domain::time::{Span, Timestamp};
use crate::keys::RsaPublicKey;

/// A proof older or newer than this proves nothing; WeChat Pay's own libraries allow the same.
const WINDOW: Span = Span::seconds(300);
/// Longer values are not looked at: the longest genuine one is a signature of 4096 bits in base64.
const LONGEST_VALUE: usize = 1024;
/// Twelve digits reach to the year 33658.
const LONGEST_TIMESTAMP: usize = 12;

/// The header fields that prove a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// Under which name the key is known: `PUB_KEY_ID_…` or a certificate's serial number.
    pub serial: String,
    /// What is signed stands before the body, …
    timestamp: String,
    nonce: String,
    /// … and this is the signature.
    signature: Vec<u8>,
}

impl Proof {
    /// Reads the header fields; `header` gives the value of one that came exactly once. `None` when one is missing, of the wrong
    /// form, of another kind of signature, or of another time than now: nothing of that needs cryptography.
    pub(super) fn read<'h>(header: impl Fn(&str) -> Option<&'h str>, now: Timestamp) -> Option<Self> {
        let value = |name| header(name).filter(|value| (1..=LONGEST_VALUE).contains(&value.len()));
        if value("wechatpay-signature-type").is_some_and(|kind| kind != SCHEME) {
            return None;
        }
        let timestamp = value("wechatpay-timestamp")?;
        if !sent_at(timestamp).is_some_and(|sent_at| is_recent(sent_at, now)) {
            return None;
        }
        Some(Self {
            serial: value("wechatpay-serial")?.to_owned(),
            timestamp: timestamp.to_owned(),
            nonce: value("wechatpay-nonce")?.to_owned(),
            signature: STANDARD.decode(value("wechatpay-signature")?).ok()?,
        })
    }

    /// Whether the owner of this key signed exactly this body.
    pub(super) fn holds(&self, key: &RsaPublicKey, body: &[u8]) -> bool {
        let head = format!("{}\n{}\n", self.timestamp, self.nonce);
        key.verifies(&[head.as_bytes(), body, b"\n"].concat(), &self.signature)
    }
}

/// The moment in a header field: seconds since 1970.
pub(super) fn sent_at(text: &str) -> Option<Timestamp> {
    let digits = text.len() <= LONGEST_TIMESTAMP && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok().map(Timestamp::from_seconds)).flatten()
}

fn is_recent(sent_at: Timestamp, now: Timestamp) -> bool {
    (now - sent_at).as_millis().unsigned_abs() < WINDOW.as_millis().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::testing::platform_key;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_320_000);

    fn read(fields: [&str; 4], kind: Option<&str>) -> Option<Proof> {
        let names = ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature", "wechatpay-serial"];
        let value = |name: &str| names.iter().position(|known| *known == name).map(|at| fields[at]);
        Proof::read(|name| if name == "wechatpay-signature-type" { kind } else { value(name) }, NOW)
    }

    proptest! {
        #[test]
        fn whatever_stands_in_the_header_nothing_unsigned_is_proven(
            fields in prop::array::uniform4("\\PC{0,40}"), kind in prop::option::of("\\PC{0,30}"), body in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            let key = RsaPublicKey::from_pem(&platform_key().public_key).unwrap();
            if let Some(proof) = read([&fields[0], &fields[1], &fields[2], &fields[3]], kind.as_deref()) {
                prop_assert!(!proof.holds(&key, &body));
            }
        }

        #[test]
        fn a_proof_is_read_within_five_minutes_of_its_making_alone(shift in -1000_i64..1000) {
            let sent = (NOW.seconds() + shift).to_string();
            prop_assert_eq!(read([&sent, "nonce", "AAAA", "1A"], None).is_some(), shift.abs() < 300);
        }
    }
}
