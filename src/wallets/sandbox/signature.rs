//! The signature over a notice: HMAC-SHA256 with the account's key, over a text in which no two notices look alike.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use super::account::Account;
use crate::domain::time::{Span, Timestamp};
use crate::drill::is_planted;
use crate::ports::wallet::{RawNotice, Unproven};

/// Unix seconds at which the notice was sent.
pub(super) const TIMESTAMP: &str = "sandbox-timestamp";
/// What makes the signed text unique.
pub(super) const NONCE: &str = "sandbox-nonce";
/// `v1,` and the base64 of the signature.
pub(super) const SIGNATURE: &str = "sandbox-signature";

/// A nonce has so many of `A-Za-z0-9`.
pub(super) const NONCE_LENGTH: usize = 32;
/// A notice older or newer than this is not believed: five minutes, as WeChat Pay's own libraries have it.
const WINDOW: Span = Span::seconds(300);
/// No notice is longer, in bytes.
const LONGEST_BODY: usize = 64 * 1024;
const VERSION: &str = "v1,";
/// Twelve digits reach to the year 33658.
const LONGEST_TIMESTAMP: usize = 12;

/// Joins parts so that the joints show: each stands behind its length (8 bytes, big-endian). Different parts never give the same bytes.
pub(super) fn length_clear(parts: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

fn signed_text(account: &Account, timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let owner = [account.wallet.as_str().as_bytes(), account.merchant.as_str().as_bytes()];
    length_clear(&[owner[0], owner[1], timestamp.as_bytes(), nonce.as_bytes(), body])
}

/// The headers that prove a body, as sent at `now`.
pub(super) fn sign(account: &Account, now: Timestamp, nonce: String, body: &[u8]) -> [(&'static str, String); 3] {
    let timestamp = now.seconds().to_string();
    let tag = hmac::sign(account.key(), &signed_text(account, &timestamp, &nonce, body));
    let signature = format!("{VERSION}{}", STANDARD.encode(tag));
    [(TIMESTAMP, timestamp), (NONCE, nonce), (SIGNATURE, signature)]
}

/// Whether the headers prove the body to `account` at `now`. What is cheap is looked at first: junk never reaches the cryptography.
pub(super) fn verify(account: &Account, notice: &RawNotice, now: Timestamp) -> Result<(), Unproven> {
    if notice.body.len() > LONGEST_BODY {
        return Err(Unproven::Unreadable);
    }
    if proves(account, notice, now) { Ok(()) } else { Err(Unproven::NotProven) }
}

fn proves(account: &Account, notice: &RawNotice, now: Timestamp) -> bool {
    let header = |name| notice.header(name);
    let (Some(timestamp), Some(nonce), Some(signature)) = (header(TIMESTAMP), header(NONCE), header(SIGNATURE)) else {
        return false;
    };
    let well_formed = nonce.len() == NONCE_LENGTH && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !well_formed || !read_timestamp(timestamp).is_some_and(|sent_at| is_recent(sent_at, now)) {
        return false;
    }
    let Some(tag) = signature.strip_prefix(VERSION).and_then(|encoded| STANDARD.decode(encoded).ok()) else {
        return false;
    };
    if is_planted("signatures compared by their beginnings") {
        let right = hmac::sign(account.key(), &signed_text(account, timestamp, nonce, &notice.body));
        return right.as_ref().starts_with(&tag[..tag.len().min(8)]);
    }
    // Compares lengths first, then in constant time.
    hmac::verify(account.key(), &signed_text(account, timestamp, nonce, &notice.body), &tag).is_ok()
}

fn read_timestamp(text: &str) -> Option<Timestamp> {
    let digits_only = (1..=LONGEST_TIMESTAMP).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only { text.parse().ok().map(Timestamp::from_seconds) } else { None }
}

fn is_recent(sent_at: Timestamp, now: Timestamp) -> bool {
    (now - sent_at).as_millis().unsigned_abs() < WINDOW.as_millis().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut_back(text: &[u8]) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((length, after)) = rest.split_first_chunk::<8>() {
            let (part, after) = after.split_at(usize::try_from(u64::from_be_bytes(*length)).unwrap());
            parts.push(part.to_vec());
            rest = after;
        }
        assert!(rest.is_empty());
        parts
    }

    proptest! {
        #[test]
        fn the_signed_text_can_be_cut_back_into_its_parts_in_one_way_only(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..6)
        ) {
            let borrowed: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(cut_back(&length_clear(&borrowed)), parts);
        }
    }

    #[test]
    fn a_joint_that_moves_gives_another_text() {
        assert_ne!(length_clear(&[b"amount1", b"00"]), length_clear(&[b"amount", b"100"]));
        assert_ne!(length_clear(&[b"ab", b""]), length_clear(&[b"", b"ab"]));
    }

    #[test]
    fn a_timestamp_is_plain_digits() {
        assert_eq!(read_timestamp("1795000000"), Some(Timestamp::from_seconds(1_795_000_000)));
        for text in ["", "+1", "-1", " 1", "1 ", "1.0", "1e9", "１", "9999999999999", "0x1"] {
            assert_eq!(read_timestamp(text), None, "{text:?}");
        }
    }
}
