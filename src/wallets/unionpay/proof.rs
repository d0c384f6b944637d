//! What is signed, and whether UnionPay signed it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use crate::config::live_wallets::unionpay::{Issuer, UnionpayAccount};
use crate::domain::time::Timestamp;
use crate::keys::Certificate;
use crate::wallets::form::{self, Fields};

/// The name of the signature among the fields.
pub(super) const SIGNATURE: &str = "signature";
/// The names whose values decide something.
const DECIDING: [&str; 11] = [
    "merId",
    "orderId",
    "txnType",
    "txnTime",
    "txnAmt",
    "currencyCode",
    "respCode",
    "origRespCode",
    "queryId",
    "origQryId",
    "signPubKeyCert",
];

/// The text whose signature proves these fields: the digest of all that say something, in hexadecimal. It is hashed once more by signing.
pub(super) fn text_to_sign(fields: &Fields) -> String {
    let joined = joined(fields);
    digest(&SHA256, joined.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn joined(fields: &Fields) -> String {
    form::text_to_sign(fields.iter().filter(|(name, value)| *name != SIGNATURE && !value.is_empty()))
}

/// Whether UnionPay signed these fields: with a certificate that they bring along, issued under a pinned one, all valid now, of the right owner.
pub(super) fn is_proven(account: &UnionpayAccount, fields: &Fields, now: Timestamp) -> bool {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("signMethod") != "01" || !is_clear(fields) {
        return false;
    }
    let Ok(signature) = STANDARD.decode(field(SIGNATURE)) else { return false };
    let Ok(signer) = Certificate::from_pem(field("signPubKeyCert")) else { return false };
    is_of_unionpay(account, &signer, now) && signer.public_key.verifies(text_to_sign(fields).as_bytes(), &signature)
}

/// Whether the signed text is these fields and no others, as far as something is decided by them: none of the names comes twice in it, and
/// none lies hidden in another field's value.
fn is_clear(fields: &Fields) -> bool {
    let joined = joined(fields);
    let hides = |name: &&str| !fields.contains_key(*name) && joined.contains(&format!("&{name}="));
    form::is_clear(&joined, &DECIDING) && !DECIDING.iter().any(hides)
}

/// The common name holds the company between two signs: `…@…@中国银联股份有限公司@…`.
fn is_of_unionpay(account: &UnionpayAccount, signer: &Certificate, now: Timestamp) -> bool {
    let is_owner = signer.owner.as_ref().is_some_and(|owner| owner.split('@').nth(2) == Some(account.signer.as_str()));
    let issued_it =
        |issuer: &Issuer| (issuer.from..=issuer.until).contains(&now) && signer.is_issued_by(&issuer.certificate);
    is_owner && (signer.not_before..=signer.not_after).contains(&now) && account.issuers.iter().any(issued_it)
}

/// Two messages that UnionPay's own test gateway signed for its public test merchant, a notice of 2022 and an answer of 2024, as they
/// stand in the tests of an open-source library (yansongda/pay). They show that what is signed is read here as UnionPay writes it:
/// the order, the digest in small letters, the certificate with its line ends, Chinese words as they are.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;
    use crate::keys::testing::chain;
    use crate::keys::{Pfx, Secret};

    const GENUINE: [&str; 2] = [
        include_str!("../../../tests/data/unionpay/payment_notice.form"),
        include_str!("../../../tests/data/unionpay/refund_answer.form"),
    ];

    fn fields(message: &str) -> Fields {
        form::read(message.trim_end().as_bytes()).unwrap()
    }

    fn is_signed(fields: &Fields) -> bool {
        let signer = Certificate::from_pem(&fields["signPubKeyCert"]).unwrap();
        signer.public_key.verifies(text_to_sign(fields).as_bytes(), &STANDARD.decode(&fields[SIGNATURE]).unwrap())
    }

    #[test]
    fn what_unionpays_own_gateway_signed_is_proven_and_nothing_that_differs_from_it() {
        for message in GENUINE {
            let genuine = fields(message);
            assert!(is_signed(&genuine) && is_clear(&genuine));
            for name in genuine.keys().filter(|name| !["signPubKeyCert", SIGNATURE].contains(&name.as_str())) {
                let mut other = genuine.clone();
                other.entry(name.clone()).and_modify(|value| value.push('0'));
                assert!(!is_signed(&other), "another {name}");
                other.remove(name);
                assert!(!is_signed(&other), "no {name}");
            }
            let mut other = genuine.clone();
            other.entry("signPubKeyCert".to_owned()).and_modify(|text| *text = text.replace('\r', ""));
            assert!(!is_signed(&other), "the certificate is signed with its line ends");
        }
    }

    /// An account that pins this certificate of the test run's chain from one moment until another.
    fn account(pinned: &[(&str, Timestamp, Timestamp)]) -> UnionpayAccount {
        let own = Pfx::read(&chain().pfx, &Secret::new("canary".to_owned())).unwrap();
        let issuer = |(pem, from, until): &(&str, Timestamp, Timestamp)| Issuer {
            certificate: Certificate::from_pem(pem).unwrap(),
            from: *from,
            until: *until,
        };
        UnionpayAccount {
            base_url: url::Url::parse("http://127.0.0.1:9").unwrap(),
            mer_id: "777290058110048".to_owned(),
            cert_id: own.certificate.number.clone(),
            private_key: own.private_key,
            issuers: pinned.iter().map(issuer).collect(),
            signer: "own".to_owned(),
        }
    }

    #[test]
    fn each_certificate_up_to_the_root_is_believed_in_its_time_alone() {
        let signer = Certificate::from_pem(&chain().own).unwrap();
        let (begin, end, second) = (signer.not_before, signer.not_after, Span::seconds(1));
        let (long_ago, far_off) = (begin - Span::hours(24), end + Span::hours(24));
        let (middle, next) = (chain().middle.as_str(), chain().next_middle.as_str());
        let said = [("signMethod", "01"), ("signPubKeyCert", &chain().own), ("merId", "777290058110048")];
        let mut fields: Fields = said.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let key = account(&[]).private_key;
        fields.insert(SIGNATURE.to_owned(), STANDARD.encode(key.sign(text_to_sign(&fields).as_bytes()).unwrap()));
        let is_proven = |pinned: &[_], now| is_proven(&account(pinned), &fields, now);
        // The signer's own time.
        let always = [(middle, long_ago, far_off)];
        for (now, expected) in [(begin - second, false), (begin, true), (end, true), (end + second, false)] {
            assert_eq!(is_proven(&always, now), expected, "{now:?}");
        }
        // That of those above it, which may end or begin while the program runs.
        let now = begin + Span::hours(1);
        let (over, coming) = ((middle, long_ago, now - second), (middle, now + second, far_off));
        assert!(is_proven(&[(middle, now, now)], now));
        assert!(!is_proven(&[over], now) && !is_proven(&[coming], now) && !is_proven(&[], now));
        // Another one that is valid proves what it issued, and nothing else.
        let other = (next, long_ago, far_off);
        assert!(is_proven(&[other, always[0]], now) && is_proven(&[over, other, always[0]], now));
        assert!(!is_proven(&[other], now) && !is_proven(&[other, over], now));
    }

    #[test]
    fn unionpays_own_certificate_names_its_owner_between_the_second_and_third_sign() {
        let signer = Certificate::from_pem(&fields(GENUINE[0])["signPubKeyCert"]).unwrap();
        assert_eq!(signer.owner.as_deref().and_then(|owner| owner.split('@').nth(2)), Some("中国银联股份有限公司"));
    }
}
