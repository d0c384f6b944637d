//! Keys and certificates, some of which come with notices and answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pay_handoff::keys::{Certificate, Issued, RsaPrivateKey, RsaPublicKey};

/// A text, read as each of them; the same bytes as what PEM wraps.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    read(&text);
    for label in ["CERTIFICATE", "PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY"] {
        read(&format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(input)));
    }
}

fn read(text: &str) {
    let certificates = [Certificate::from_pem(text), Certificate::first_from_pem(text)];
    for certificate in certificates.into_iter().flatten() {
        assert!(certificate.number.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(certificate.serial.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(!certificate.public_key.verifies(b"text", b"signature"));
        let _ = certificate.is_issued_by(&certificate);
    }
    for issued in Issued::all_from_pem(text).unwrap_or_default() {
        assert!(issued.number.bytes().all(|digit| digit.is_ascii_digit()));
    }
    if let Ok(key) = RsaPublicKey::from_pem(text) {
        assert!(!key.verifies(b"text", &[0; 256]));
    }
    if let Ok(key) = RsaPrivateKey::from_pem(text) {
        let signature = key.sign(b"text").expect("a key that was taken signs");
        assert!(key.public().verifies(b"text", &signature));
    }
}
