//! Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 of `id.timestamp.body`, one for each secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign as hmac};

use crate::domain::webhook::WebhookSecret;

/// The value of `webhook-signature`: one `v1,` signature for each secret, with a space between them.
#[must_use]
pub fn signatures(secrets: &[WebhookSecret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let sign = |secret: &WebhookSecret| signature(secret.expose_bytes(), id, timestamp_s, body);
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// One signature. Neither our identifiers nor a number hold a dot, so the three parts cannot be moved against each other.
fn signature(key: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{timestamp_s}.").as_bytes(), body].concat();
    format!("v1,{}", STANDARD.encode(hmac(&Key::new(HMAC_SHA256, key), &signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the specification's own libraries are tested with. Its key has 24 bytes, ours have 32.
    #[test]
    fn the_public_vector_of_standard_webhooks_is_signed_as_published() {
        let key = STANDARD.decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        assert_eq!(
            signature(&key, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
    }

    #[test]
    fn every_live_secret_signs_and_each_part_counts() {
        let secrets = [WebhookSecret::from_bytes([1; 32]), WebhookSecret::from_bytes([2; 32])];
        let both = signatures(&secrets, "evt_1", 7, b"{}");
        let (new, old) = both.split_once(' ').unwrap();
        assert_eq!(
            (new, old),
            (&*signatures(&secrets[..1], "evt_1", 7, b"{}"), &*signatures(&secrets[1..], "evt_1", 7, b"{}"))
        );
        for (id, timestamp_s, body) in [("evt_2", 7, &b"{}"[..]), ("evt_1", 8, b"{}"), ("evt_1", 7, b"{ }")] {
            assert_ne!(signatures(&secrets, id, timestamp_s, body), both);
        }
    }
}
