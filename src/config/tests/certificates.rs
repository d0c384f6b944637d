//! Certificates as they are met: in other forms, signed with what is no longer taken, and changed by their owner.

use super::refusals_of_a_file::{UNIONPAY, certified, live};
use super::*;
use crate::config::live_wallets::alipay_keys::AlipayKeys;
use crate::domain::time::Span;
use crate::keys::testing::{certify, make_key};

/// What a file says in so many days, with these files beside the usual ones.
fn inspect_in(days: i64, text: &str, files: &[(&str, &[u8])]) -> Inspection {
    let folder = folder_with_keys();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let file = folder.path().join("pay.toml");
    fs::write(&file, text).unwrap();
    inspect(&file, Outside { environment: &live_environment, now: SystemClock.now() + Span::hours(24 * days) })
}

#[test]
fn a_certificate_may_be_der_and_may_have_a_mark_before_it() {
    let der = certify(platform_key(), "/CN=Pay", &["-days", "9", "-outform", "DER"]);
    let root = certified("other_cert.pem", "root.der");
    let marked = format!("\u{feff}{}", platform_key().certificate);
    for (text, name, content) in [
        (root.clone(), "root.der", &der[..]),
        (certified("\"platform.pem\"", "\"alipay.der\""), "alipay.der", &der),
        (live(), "platform.pem", marked.as_bytes()),
        (live(), "apiclient_cert.pem", format!("\u{feff}{}", merchant_key().certificate).as_bytes()),
    ] {
        assert_eq!(inspect_in(0, &text, &[(name, content)]).faults.0, [], "{name}");
    }
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let faults = inspect_in(0, &root, &[("root.der", &utf16)]).faults.0;
    assert!(faults.len() == 1 && faults[0].rule.contains("neither PEM"), "{faults:#?}");
}

#[test]
fn a_certificate_that_was_signed_with_sha_1_is_refused_for_that() {
    let files = [("middle.cer", chain().middle_by_sha1.as_bytes())];
    let faults = inspect_in(0, &(live() + UNIONPAY), &files).faults.0;
    let [only] = &faults[..] else { panic!("{faults:#?}") };
    assert!(
        only.key.ends_with("unionpay.middle_cert_file") && only.rule.contains("SHA-1, which is not taken"),
        "{only}"
    );
}

/// How many certificates of Alipay's are used, and what is said about the file.
fn rotation(days: i64, file: &[u8]) -> (usize, Vec<String>) {
    let inspection = inspect_in(days, &certified("\"platform.pem\"", "\"alipay.crt\""), &[("alipay.crt", file)]);
    let account = inspection.merchants.first().and_then(|shop| shop.live.alipay.as_ref());
    let used = account.map_or(0, |account| match &account.alipay_keys {
        AlipayKeys::Certified(known) => known.len(),
        AlipayKeys::Bare(_) => panic!("no certificates"),
    });
    let faults = inspection.faults.0.iter().map(ToString::to_string);
    let said = faults.chain(inspection.warnings).filter(|words| words.contains("alipay_cert_file"));
    (used, said.collect())
}

#[test]
fn while_alipay_changes_its_certificate_the_file_holds_both_and_the_dead_one_is_named() {
    let short = certify(platform_key(), "/CN=Pay", &["-days", "1"]);
    let next = make_key().certificate;
    let both = [&short[..], next.as_bytes()].concat();
    assert_eq!(rotation(0, &both), (2, vec![]));
    let (used, said) = rotation(2, &both);
    assert!(used == 1 && said.len() == 1, "{said:#?}");
    assert!(said[0].contains("at place 1 of 2") && said[0].contains("has expired") && said[0].contains("not used"));
    let (used, said) = rotation(20, &both);
    let expired = said.iter().filter(|words| words.contains("has expired") && !words.contains("not used")).count();
    assert_eq!((used, expired), (0, 2), "each has its reason: {said:#?}");
    let strange = [&both[..], platform_key().public_key.as_bytes(), merchant_key().certificate.as_bytes()].concat();
    let (used, said) = rotation(0, &strange);
    assert!(used == 2 && said.len() == 2, "{said:#?}");
    assert!(said[0].contains("at place 3 of 4") && said[0].contains("a public key, not a certificate"), "{said:#?}");
    assert!(said[1].contains("at place 4 of 4") && said[1].contains("the merchant's own certificate"), "{said:#?}");
}

#[test]
fn of_a_chain_the_issuers_sign_nothing_themselves() {
    let chain = [&chain().own, &chain().middle, &chain().root].map(String::as_str).concat();
    assert_eq!(rotation(0, chain.as_bytes()), (1, vec![]));
}
