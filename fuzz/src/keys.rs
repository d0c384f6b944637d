//! Keys and certificates, some of which come with notices and answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pay_handoff::keys::{Certificate, Issued, RsaPrivateKey, RsaPublicKey};

/// A text, read as each of them; the same bytes as what PEM wraps.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    read(&text);
    read_certificates(input);
    for label in ["CERTIFICATE", "PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY"] {
        read(&format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(input)));
    }
}

fn read(text: &str) {
    read_certificates(text.as_bytes());
    if let Ok(key) = RsaPublicKey::from_pem(text) {
        assert!(!key.verifies(b"text", &[0; 256]));
    }
    if let Ok(key) = RsaPrivateKey::from_pem(text) {
        let signature = key.sign(b"text").expect("a key that was taken signs");
        assert!(key.public().verifies(b"text", &signature));
    }
}

fn read_certificates(file: &[u8]) {
    for certificate in Certificate::all_from_file(file).into_iter().flatten().flatten() {
        assert!(certificate.number.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(certificate.serial.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(!certificate.public_key.verifies(b"text", b"signature"));
        let _ = certificate.is_issued_by(&certificate);
    }
    for issued in Issued::all_from_file(file).unwrap_or_default() {
        assert!(issued.number.bytes().all(|digit| digit.is_ascii_digit()));
    }
}
