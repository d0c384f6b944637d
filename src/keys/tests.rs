//! Keys and certificates that `openssl` made, read and used; what is no key of the right kind, refused.

use super::testing::{chain, make_elliptic_key, make_short_key, merchant_key, platform_key};
use super::*;
use crate::domain::time::Span;
use crate::ports::clock::Clock;
use crate::system::SystemClock;

#[test]
fn what_a_private_key_signs_its_public_key_verifies_and_no_other() {
    let key = RsaPrivateKey::from_pem(&merchant_key().private_key).unwrap();
    let signature = key.sign(b"message").unwrap();
    let public = RsaPublicKey::from_pem(&merchant_key().public_key).unwrap();
    assert!(public == key.public() && public.verifies(b"message", &signature));
    assert!(!public.verifies(b"messag", &signature) && !public.verifies(b"message", &signature[1..]));
    assert!(!public.verifies(b"message", &[]));
    let other = RsaPublicKey::from_pem(&platform_key().public_key).unwrap();
    assert!(public != other && !other.verifies(b"message", &signature));
}

#[test]
fn a_certificate_tells_its_number_its_time_and_its_key() {
    let certificate = Certificate::from_pem(&merchant_key().certificate).unwrap();
    assert_eq!(certificate.serial, serial_number(&merchant_key().serial));
    assert_eq!(certificate.public_key, RsaPublicKey::from_pem(&merchant_key().public_key).unwrap());
    let now = SystemClock.now();
    assert!(certificate.not_before <= now && now - certificate.not_before < Span::hours(1));
    // The command asks the clock for each of the two.
    let life = certificate.not_after - certificate.not_before;
    assert!((Span::hours(240)..Span::hours(241)).contains(&life), "{life:?}");
}

#[test]
fn a_serial_number_has_one_form() {
    assert_eq!(serial_number("00ab0c"), "AB0C");
    assert_eq!(serial_number("AB0C"), "AB0C");
}

#[test]
fn each_wrong_text_is_refused_by_what_it_is_and_nothing_of_it_is_repeated() {
    let made = merchant_key();
    let cut = made.private_key.replace("-----END PRIVATE KEY-----", "");
    let twice = made.private_key.repeat(2);
    for (text, rule) in [
        ("canary", "no PEM section"),
        (made.certificate.as_str(), "a certificate, not a private key"),
        (made.public_key.as_str(), "a public key, not a private key"),
        (make_elliptic_key().as_str(), "no RSA private key"),
        (make_short_key().as_str(), "fewer than 2048 bits"),
        (cut.as_str(), "no whole PEM file"),
        (twice.as_str(), "more than one PEM section"),
    ] {
        let fault = RsaPrivateKey::from_pem(text).unwrap_err().to_string();
        assert!(fault.contains(rule) && !fault.contains("canary") && fault.len() < 100, "{fault}");
    }
    let fault = RsaPublicKey::from_pem(&made.private_key).unwrap_err().to_string();
    assert!(fault.contains("a private key, not a public key"), "{fault}");
    let fault = Certificate::from_pem(&made.public_key).unwrap_err().to_string();
    assert!(fault.contains("a public key, not a certificate"), "{fault}");
}

#[test]
fn a_file_of_certificates_is_pem_or_der_with_or_without_a_mark_before_it() {
    let made = merchant_key();
    let pem = Certificate::from_pem(&made.certificate).unwrap();
    let der = super::testing::certify(made, "/CN=Tea Shop", &["-outform", "DER"]);
    let of_der = Certificate::from_file(&der).unwrap();
    assert_eq!((of_der.public_key, of_der.owner.as_deref()), (pem.public_key.clone(), Some("Tea Shop")));
    let marked = format!("\u{feff}{}", made.certificate);
    assert_eq!(Certificate::from_file(marked.as_bytes()).unwrap(), pem);
    assert_eq!(Certificate::from_pem(&marked).unwrap(), pem);
    assert!(RsaPublicKey::from_pem(&format!("\u{feff}{}", made.public_key)).unwrap() == pem.public_key);
    for (file, rule) in [
        (&b"\xff\xfe-\0-\0"[..], "neither PEM"),
        (b"0", "no PEM section"),
        (b"\x30\x82\x01\x00canary", "no X.509 certificate"),
        (made.certificate.repeat(2).as_bytes(), "more than one"),
        (made.public_key.as_bytes(), "a public key, not a certificate"),
    ] {
        let fault = Certificate::from_file(file).unwrap_err().to_string();
        assert!(fault.contains(rule) && !fault.contains("canary"), "{fault}");
    }
}

#[test]
fn a_certificate_that_was_signed_with_sha_1_is_never_issued_and_says_why() {
    let read = |text: &str| Certificate::from_pem(text).unwrap();
    let (root, middle) = (read(&chain().root), read(&chain().middle_by_sha1));
    assert!(middle.is_signed_with_sha1() && !middle.is_issued_by(&root));
    assert!(!read(&chain().middle).is_signed_with_sha1());
}

#[test]
fn keys_and_secrets_print_nothing() {
    let key = RsaPrivateKey::from_pem(&merchant_key().private_key).unwrap();
    assert_eq!(
        format!("{key:?} {:?} {:?}", key.public(), Secret::new("canary".to_owned())),
        "RsaPrivateKey(…) RsaPublicKey(…) Secret(…)"
    );
}

#[test]
fn a_pfx_gives_its_key_and_the_certificate_that_belongs_to_it_for_its_password_alone() {
    let own = Certificate::from_pem(&chain().own).unwrap();
    let pfx = Pfx::read(&chain().pfx, &Secret::new("canary".to_owned())).unwrap();
    assert_eq!(pfx.certificate, own);
    assert_eq!(pfx.private_key.public(), own.public_key);
    for (bytes, password) in
        [(&chain().pfx[..], "other"), (&chain().pfx[..], ""), (&chain().pfx[1..], "canary"), (b"", "")]
    {
        let fault = Pfx::read(bytes, &Secret::new(password.to_owned())).unwrap_err().to_string();
        assert!(fault.contains("no PFX") && !fault.contains("canary"), "{fault}");
    }
}

#[test]
fn a_certificate_is_issued_by_whom_it_names_and_who_signed_it() {
    let read = |text: &str| Certificate::from_pem(text).unwrap();
    let (root, middle, own) = (read(&chain().root), read(&chain().middle), read(&chain().own));
    assert!(root.is_issued_by(&root) && middle.is_issued_by(&root) && own.is_issued_by(&middle));
    assert!(!own.is_issued_by(&root) && !middle.is_issued_by(&own) && !own.is_issued_by(&own));
    let namesake = read(&super::testing::make_key_of("/C=CN/CN=1@2@middle@3").certificate);
    assert!(namesake.owner == middle.owner && !own.is_issued_by(&namesake), "the name alone proves nothing");
    assert_eq!(own.owner.as_deref(), Some("1@2@own@3"));
}
