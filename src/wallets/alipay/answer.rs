//! An answer of the gateway: its content, letter by letter, and whether Alipay signed just these letters.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::config::live_wallets::alipay_keys::AlipayKeys;

/// How the gateway calls the content when it does not get as far as the method.
const ERROR: &str = "error_response";

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<'body> {
    /// The content as it was sent: spaces, escapes and order are part of what is signed.
    pub content: &'body str,
    /// Whether Alipay signed it.
    pub is_proven: bool,
    /// What the certificate is called that it names, rightly or not.
    pub certificate: Option<String>,
}

/// Reads the answer to a call of this method; `None` for anything that is not one, or that says something twice.
pub(super) fn read<'body>(body: &'body [u8], method: &str, keys: &AlipayKeys) -> Option<Said<'body>> {
    let members: Members<'body> = serde_json::from_slice(body).ok()?;
    let find = |name: &str| members.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.get());
    let content = find(&(method.replace('.', "_") + "_response")).or_else(|| find(ERROR))?;
    let text = |name: &str| find(name).and_then(|text| serde_json::from_str::<String>(text).ok());
    let signature = text("sign").and_then(|text| STANDARD.decode(text).ok());
    let certificate = text("alipay_cert_sn");
    let is_proven =
        signature.is_some_and(|signature| keys.verify(certificate.as_deref(), content.as_bytes(), &signature));
    Some(Said { content, is_proven, certificate })
}

/// The members of the outer object, each with the letters of its value.
struct Members<'body>(Vec<(String, &'body RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a member comes twice"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::testing::{merchant_key, platform_key};
    use crate::keys::{RsaPrivateKey, RsaPublicKey};

    const METHOD: &str = "alipay.trade.query";

    fn public(pem: &str) -> RsaPublicKey {
        RsaPublicKey::from_pem(pem).unwrap()
    }

    fn key() -> AlipayKeys {
        AlipayKeys::Bare(public(&platform_key().public_key))
    }

    fn signature_by(pem: &str, content: &str) -> String {
        STANDARD.encode(RsaPrivateKey::from_pem(pem).unwrap().sign(content.as_bytes()).unwrap())
    }

    fn signature(content: &str) -> String {
        signature_by(&platform_key().private_key, content)
    }

    fn proven(body: &str) -> Option<bool> {
        read(body.as_bytes(), METHOD, &key()).map(|said| said.is_proven)
    }

    #[test]
    fn the_letters_of_the_content_are_what_is_signed() {
        // Every trap for who looks for the content by searching the text.
        let content = r#"{"code": "10000" ,"msg":"a\/b","x":"_response\":{},\"sign\":\"","out_trade_no":"中"}"#;
        let sign = signature(content);
        let body = format!(r#" {{"alipay_trade_query_response" : {content} ,"sign":"{sign}"}} "#);
        assert_eq!(read(body.as_bytes(), METHOD, &key()), Some(Said { content, is_proven: true, certificate: None }));
        let turned = format!(r#"{{"sign":"{sign}","alipay_trade_query_response":{content}}}"#);
        assert_eq!(proven(&turned), Some(true));
        for (from, to) in [("a\\/b", "a/b"), ("\"10000\" ,", "\"10000\","), ("中", "\\u4e2d"), ("10000", "10003")] {
            assert_eq!(proven(&body.replace(from, to)), Some(false), "{to}");
        }
    }

    #[test]
    fn an_answer_that_names_its_certificate_is_held_against_that_one_alone() {
        let content = r#"{"code":"10000"}"#;
        let old = ("01".to_owned(), public(&platform_key().public_key));
        let new = ("02".to_owned(), public(&merchant_key().public_key));
        let keys = AlipayKeys::Certified([old, new].into());
        let proven = |named: &str| {
            let body = format!(
                r#"{{"alipay_trade_query_response":{content}{named},"sign":"{}"}}"#,
                signature_by(&merchant_key().private_key, content)
            );
            read(body.as_bytes(), METHOD, &keys).map(|said| said.is_proven)
        };
        assert_eq!(proven(r#","alipay_cert_sn":"02""#), Some(true));
        assert_eq!(proven(""), Some(true), "unnamed, any may have signed");
        for other in ["01", "03", ""] {
            assert_eq!(proven(&format!(r#","alipay_cert_sn":"{other}""#)), Some(false), "{other}");
        }
    }

    #[test]
    fn nobody_else_can_sign_and_nothing_is_said_twice() {
        let content = r#"{"code":"10000"}"#;
        let right = signature(content);
        let body = |sign: &str| format!(r#"{{"alipay_trade_query_response":{content},"sign":{sign}}}"#);
        for sign in ["null", "\"\"", "7", "\"AAAA\"", "\"not base64\""] {
            assert_eq!(proven(&body(sign)), Some(false), "{sign}");
        }
        let own = signature_by(&merchant_key().private_key, content);
        assert_eq!(proven(&body(&format!("\"{own}\""))), Some(false));
        assert_eq!(proven(&body(&format!("\"{right}\""))), Some(true));
        let twice = format!(
            r#"{{"alipay_trade_query_response":{content},"alipay_trade_query_response":{content},"sign":"{right}"}}"#
        );
        for body in [twice.as_str(), "", "[]", "{}", "<html>", r#"{"alipay_trade_close_response":{},"sign":""}"#] {
            assert_eq!(proven(body), None, "{body}");
        }
        assert_eq!(proven(r#"{"error_response":{"code":"40002"}}"#), Some(false));
    }
}
