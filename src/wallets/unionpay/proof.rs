//! What is signed, and whether UnionPay signed it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use crate::config::live_wallets::unionpay::UnionpayAccount;
use crate::domain::time::Timestamp;
use crate::keys::Certificate;
use crate::wallets::form::{self, Fields};

/// The name of the signature among the fields.
pub(super) const SIGNATURE: &str = "signature";
/// The names whose values decide something.
const DECIDING: [&str; 9] =
    ["merId", "orderId", "txnTime", "txnAmt", "currencyCode", "respCode", "origRespCode", "queryId", "signPubKeyCert"];

/// The text whose signature proves these fields: the digest of all that say something, in hexadecimal. It is hashed once more by signing.
pub(super) fn text_to_sign(fields: &Fields) -> String {
    let joined = joined(fields);
    digest(&SHA256, joined.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn joined(fields: &Fields) -> String {
    form::text_to_sign(fields.iter().filter(|(name, value)| *name != SIGNATURE && !value.is_empty()))
}

/// Whether UnionPay signed these fields: with a certificate that they bring along, issued under the pinned one, valid now, of the right owner.
pub(super) fn is_proven(account: &UnionpayAccount, fields: &Fields, now: Timestamp) -> bool {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("signMethod") != "01" || !form::is_clear(&joined(fields), &DECIDING) {
        return false;
    }
    let Ok(signature) = STANDARD.decode(field(SIGNATURE)) else { return false };
    let Ok(signer) = Certificate::from_pem(field("signPubKeyCert")) else { return false };
    is_of_unionpay(account, &signer, now) && signer.public_key.verifies(text_to_sign(fields).as_bytes(), &signature)
}

/// The common name holds the company between two signs: `…@…@中国银联股份有限公司@…`.
fn is_of_unionpay(account: &UnionpayAccount, signer: &Certificate, now: Timestamp) -> bool {
    let is_owner = signer.owner.as_ref().is_some_and(|owner| owner.split('@').nth(2) == Some(account.signer.as_str()));
    is_owner
        && (signer.not_before..=signer.not_after).contains(&now)
        && signer.is_issued_by(&account.middle_certificate)
}

/// Two messages that UnionPay's own test gateway signed for its public test merchant, a notice of 2022 and an answer of 2024, as they
/// stand in the tests of an open-source library (yansongda/pay). They show that what is signed is read here as UnionPay writes it:
/// the order, the digest in small letters, the certificate with its line ends, Chinese words as they are.
#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(is_signed(&genuine) && form::is_clear(&joined(&genuine), &DECIDING));
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

    #[test]
    fn unionpays_own_certificate_names_its_owner_between_the_second_and_third_sign() {
        let signer = Certificate::from_pem(&fields(GENUINE[0])["signPubKeyCert"]).unwrap();
        assert_eq!(signer.owner.as_deref().and_then(|owner| owner.split('@').nth(2)), Some("中国银联股份有限公司"));
    }
}
