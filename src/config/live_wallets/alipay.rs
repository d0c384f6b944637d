//! A live Alipay account: its fields, and the keys that they name.

use url::Url;

use super::alipay_keys::{AlipayKeys, certified, name};
use super::named::{in_file, in_its_time, plain_bytes, plain_file, secret_text};
use super::{Field, word};
use crate::config::Surroundings;
use crate::config::fault::Report;
use crate::config::section::Section;
use crate::config::web_address::gateway;
use crate::keys::{Certificate, Issued, KeyFault, RsaPrivateKey, RsaPublicKey};

/// Its fields beside `products`.
pub(super) const FIELDS: &[Field] = &[
    "base_url",
    "app_id",
    "seller_id",
    "private_key_file",
    "alipay_public_key_file",
    "app_cert_file",
    "alipay_cert_file",
    "alipay_root_cert_file",
    "code_url",
    "code_contract",
    "browser_contract",
    "in_app_way",
];

/// The gateway.
const GATEWAY: &str = "https://openapi.alipay.com/gateway.do";
/// Where its codes lead.
const CODES: &str = "https://qr.alipay.com/";
/// Alipay's name for paying by a code face to face.
const FACE_TO_FACE: &str = "FACE_TO_FACE_PAYMENT";
/// Alipay's name for paying from a phone's browser.
const QUICK_WAP: &str = "QUICK_WAP_WAY";

/// A merchant's account at Alipay. Printing it shows no secret.
#[derive(Clone, Debug)]
pub struct AlipayAccount {
    /// `base_url`: the gateway with its path, `/gateway.do` when none is given.
    pub base_url: Url,
    /// `app_id`: the application, digits.
    pub app_id: String,
    /// `seller_id`: whose money it becomes, digits beginning with 2088.
    pub seller_id: String,
    /// `private_key_file`: what requests are signed with.
    pub private_key: RsaPrivateKey,
    /// `alipay_public_key_file` or `alipay_cert_file`: what answers and notices are verified with.
    pub alipay_keys: AlipayKeys,
    /// What the certificates are called; `None` when keys are used without.
    pub certificates: Option<CertificateNumbers>,
    /// `code_url`: what every code of Alipay's begins with; another one is not shown to a payer.
    pub code_url: Url,
    /// `code_contract`: the product code of the contract for the product `code`.
    pub code_contract: String,
    /// `browser_contract`: the product code of the contract for `browser`, and for `in_app` as [`InAppWay::WapPay`].
    pub browser_contract: String,
    /// `in_app_way`: how a page inside Alipay pays.
    pub in_app_way: InAppWay,
}

/// What Alipay calls the certificates that requests name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateNumbers {
    /// `app_cert_file`.
    pub app: String,
    /// `alipay_root_cert_file`, which holds several: their names with `_` between them.
    pub root: String,
}

/// How a page that stands inside Alipay gets to the cashier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InAppWay {
    /// `wap_pay`: by the same page as a phone's browser.
    WapPay,
    /// `code_address`: by opening the address that the code of the product `code` holds.
    CodeAddress,
}

/// Reads the account; `None` when anything of it is wrong, which is then reported.
pub(super) fn read(table: &mut Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> Option<AlipayAccount> {
    let base_url = if table.has("base_url") {
        table.text("base_url", report, |text| gateway(text).map(with_path))
    } else {
        gateway(GATEWAY).ok()
    };
    let digits = |max| move |text: &str| word(text, max, u8::is_ascii_digit, "digits").map(|()| text.to_owned());
    let app_id = table.required("app_id", report, digits(32));
    let seller_id = table.required("seller_id", report, digits(28));
    let private_key = table.required("private_key_file", report, |text| {
        let (path, text) = secret_text(text, around)?;
        private_key(&text).map_err(|fault| in_file(&path, &fault))
    });
    let alipay = alipay_keys(table, private_key.as_ref(), around, report);
    let code_url = if table.has("code_url") { table.text("code_url", report, gateway) } else { gateway(CODES).ok() };
    let code_contract = contract(table, "code_contract", FACE_TO_FACE, report);
    let browser_contract = contract(table, "browser_contract", QUICK_WAP, report);
    let in_app_way = if table.has("in_app_way") {
        table.text("in_app_way", report, |word| match word {
            "wap_pay" => Ok(InAppWay::WapPay),
            "code_address" => Ok(InAppWay::CodeAddress),
            _ => Err("must be \"wap_pay\" or \"code_address\"".to_owned()),
        })
    } else {
        Some(InAppWay::WapPay)
    };
    let (alipay_keys, certificates) = alipay?;
    Some(AlipayAccount {
        base_url: base_url?,
        app_id: app_id?,
        seller_id: seller_id?,
        private_key: private_key?,
        alipay_keys,
        certificates,
        code_url: code_url?,
        code_contract: code_contract?,
        browser_contract: browser_contract?,
        in_app_way: in_app_way?,
    })
}

fn with_path(mut url: Url) -> Url {
    if url.path() == "/" {
        url.set_path("/gateway.do");
    }
    url
}

fn contract(table: &mut Section<'_>, field: &'static str, by_default: &str, report: &mut Report) -> Option<String> {
    if !table.has(field) {
        return Some(by_default.to_owned());
    }
    table.text(field, report, |text| {
        let allowed = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        word(text, 64, allowed, "of A-Z, 0-9 and _, as Alipay names the product").map(|()| text.to_owned())
    })
}

/// Alipay's key with what the certificates are called, if there are any: one way or the other.
fn alipay_keys(
    table: &mut Section<'_>,
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<(AlipayKeys, Option<CertificateNumbers>)> {
    let fields = ["app_cert_file", "alipay_cert_file", "alipay_root_cert_file"];
    let any = fields.map(|field| table.has(field)).contains(&true);
    match (table.has("alipay_public_key_file"), any) {
        (true, false) => Some((AlipayKeys::Bare(bare_alipay_key(table, own, around, report)?), None)),
        (false, true) => certificates(table, own, around, report),
        (true, true) => {
            let rule = "contradicts the certificate files: Alipay uses one way or the other";
            table.fault("alipay_public_key_file", report, rule);
            None
        }
        (false, false) => {
            let rule = "is missing; give it, or app_cert_file, alipay_cert_file and alipay_root_cert_file together";
            table.fault("alipay_public_key_file", report, rule);
            None
        }
    }
}

fn bare_alipay_key(
    table: &mut Section<'_>,
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<RsaPublicKey> {
    table.text("alipay_public_key_file", report, |text| {
        let (path, text) = plain_file(text, around)?;
        let key = public_key(&text).map_err(|fault| in_file(&path, &fault))?;
        if own.is_some_and(|own| own.public() == key) {
            return Err("holds the merchant's own key; Alipay's is wanted, which its site shows beside it".to_owned());
        }
        Ok(key)
    })
}

fn certificates(
    table: &mut Section<'_>,
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<(AlipayKeys, Option<CertificateNumbers>)> {
    let app = table.required("app_cert_file", report, |text| {
        let (path, file) = plain_bytes(text, around)?;
        // Of a chain, the first is the merchant's own.
        let first = Certificate::all_from_file(&file).map(|mut all| all.swap_remove(0));
        let certificate = first.and_then(|first| first).map_err(|fault| in_file(&path, &fault))?;
        in_its_time(&certificate, around.now)?;
        if own.is_some_and(|own| own.public() != certificate.public_key) {
            return Err("holds a certificate that does not belong to private_key_file".to_owned());
        }
        Issued::of(&certificate).map(|issued| name(&issued)).map_err(|fault| in_file(&path, &fault))
    });
    let keys = certified(table, own, around, report);
    let root = table.required("alipay_root_cert_file", report, |text| {
        let (path, file) = plain_bytes(text, around)?;
        let issued = Issued::all_from_file(&file).map_err(|fault| in_file(&path, &fault))?;
        if issued.is_empty() {
            return Err("holds no certificate that was signed with RSA".to_owned());
        }
        Ok(issued.iter().map(name).collect::<Vec<_>>().join("_"))
    });
    Some((keys?, Some(CertificateNumbers { app: app?, root: root? })))
}

/// A private key. Alipay's own tool writes the base64 alone, of either form, without the lines that make it PEM.
fn private_key(text: &str) -> Result<RsaPrivateKey, KeyFault> {
    let Some(bare) = bare(text) else { return RsaPrivateKey::from_pem(text) };
    RsaPrivateKey::from_pem(&pem("PRIVATE KEY", bare))
        .or_else(|fault| RsaPrivateKey::from_pem(&pem("RSA PRIVATE KEY", bare)).map_err(|_| fault))
}

fn public_key(text: &str) -> Result<RsaPublicKey, KeyFault> {
    RsaPublicKey::from_pem(&bare(text).map_or_else(|| text.to_owned(), |bare| pem("PUBLIC KEY", bare)))
}

/// The text when it is base64 alone.
fn bare(text: &str) -> Option<&str> {
    let bare = text.trim_start_matches('\u{feff}').trim();
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r');
    (!bare.is_empty() && bare.bytes().all(is_base64)).then_some(bare)
}

fn pem(kind: &str, base64: &str) -> String {
    format!("-----BEGIN {kind}-----\n{base64}\n-----END {kind}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::testing::{merchant_key, platform_key};

    fn without_lines(pem: &str) -> String {
        pem.lines().filter(|line| !line.starts_with('-')).collect()
    }

    #[test]
    fn keys_are_read_as_pem_and_as_alipays_tool_writes_them() {
        let own = merchant_key();
        let key = private_key(&own.private_key).unwrap();
        assert_eq!(private_key(&without_lines(&own.private_key)).unwrap().public(), key.public());
        assert_eq!(private_key(&without_lines(&own.rsa_private_key)).unwrap().public(), key.public());
        let bare = "\u{feff}".to_owned() + &without_lines(&own.public_key) + "\r\n";
        assert_eq!(public_key(&bare).unwrap(), key.public());
        assert_ne!(public_key(&platform_key().public_key).unwrap(), key.public());
        assert!(private_key(&bare).is_err() && public_key(&without_lines(&own.private_key)).is_err());
        assert!(private_key("").is_err() && public_key("canary canary").is_err());
    }

    #[test]
    fn a_gateway_without_a_path_gets_alipays() {
        for (text, url) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/gateway.do"),
            (GATEWAY, GATEWAY),
            ("https://other.example/pay", "https://other.example/pay"),
        ] {
            assert_eq!(with_path(gateway(text).unwrap()).as_str(), url);
        }
    }
}
