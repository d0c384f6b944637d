//! A live WeChat Pay account: its fields, and the keys and secrets that they name.

use std::collections::BTreeMap;

use url::Url;

use super::named::{self, in_file, plain_file, secret_text, variable};
use super::{Field, word};
use crate::config::Surroundings;
use crate::config::fault::Report;
use crate::config::section::{Section, rule};
use crate::config::web_address::gateway;
use crate::domain::wallet::Product;
use crate::keys::{RsaPrivateKey, RsaPublicKey, Secret, serial_number};

/// Its fields beside `products`.
pub(super) const FIELDS: &[Field] = &[
    "base_url",
    "backup_url",
    "app_id",
    "mch_id",
    "serial_no",
    "private_key_file",
    "certificate_file",
    "api_v3_key_env",
    "public_keys",
    "oauth",
    "verify_files",
];

/// The gateway, and the second one that WeChat Pay names for when the first does not answer.
const GATEWAYS: [&str; 2] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];
/// Where a payer's browser logs in.
const LOGIN: &str = "https://open.weixin.qq.com";
/// Where the code of a login is exchanged.
const LOGIN_API: &str = "https://api.weixin.qq.com";
/// A file that proves the ownership of a domain to WeChat holds one word.
const LONGEST_PROOF: u64 = 1024;

/// A merchant's account at WeChat Pay. Printing it shows no secret.
#[derive(Clone, Debug)]
pub struct WechatPayAccount {
    /// `base_url`: the gateway.
    pub base_url: Url,
    /// `backup_url`: asked when the gateway does not answer; by default WeChat Pay's own, none beside another `base_url`.
    pub backup_url: Option<Url>,
    /// `app_id`: the official account, 18 characters from `wx`.
    pub app_id: String,
    /// `mch_id`: the merchant number.
    pub mch_id: String,
    /// `serial_no`: the number of the merchant's API certificate, as it stands in the file.
    pub serial_no: String,
    /// `private_key_file`: what requests and the page's payment are signed with.
    pub private_key: RsaPrivateKey,
    /// `api_v3_key_env`: the 32 bytes under which notices are encrypted.
    pub api_v3_key: Secret,
    /// `public_keys`: what answers and notices are verified with, by `PUB_KEY_ID_…` or by the serial number of a platform
    /// certificate; at least one.
    pub public_keys: BTreeMap<String, RsaPublicKey>,
    /// `oauth`: the login that tells who pays; there when the merchant has the product `in_app`.
    pub login: Option<WechatLogin>,
    /// `verify_files`: names (`MP_verify_….txt`) and contents of the files that prove to WeChat whose domain this is.
    pub verify_files: BTreeMap<String, String>,
}

/// The login of a WeChat official account.
#[derive(Clone, Debug)]
pub struct WechatLogin {
    /// `oauth.login_url`: where browsers go.
    pub login_url: Url,
    /// `oauth.base_url`: where this program asks whose code it got.
    pub base_url: Url,
    /// `oauth.app_secret_env`: the official account's secret.
    pub app_secret: Secret,
}

/// Reads the account; `None` when anything of it is wrong, which is then reported.
pub(super) fn read(
    table: &mut Section<'_>,
    products: &[Product],
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<WechatPayAccount> {
    let base_url = table.text("base_url", report, gateway);
    let backup_url = table.text("backup_url", report, gateway);
    let app_id = table.required("app_id", report, |text| {
        // Given by WeChat as wx and 16 more; the field of its interface holds 32.
        let rest = text.strip_prefix("wx").ok_or("must begin with wx")?;
        word(rest, 30, u8::is_ascii_alphanumeric, "letters and digits after wx").map(|()| text.to_owned())
    });
    let mch_id =
        table.required("mch_id", report, |text| word(text, 32, u8::is_ascii_digit, "digits").map(|()| text.to_owned()));
    let serial_no = table.required("serial_no", report, |text| {
        word(text, 40, u8::is_ascii_hexdigit, "hexadecimal digits").map(|()| text.to_owned())
    });
    let private_key = table.required("private_key_file", report, |text| {
        let (path, text) = secret_text(text, around)?;
        RsaPrivateKey::from_pem(&text).map_err(|fault| in_file(&path, &fault))
    });
    let certificate = table.text("certificate_file", report, |text| named::certificate(text, around));
    if let Some(certificate) = &certificate {
        if let Some(serial_no) = &serial_no
            && serial_number(serial_no) != certificate.serial
        {
            table.fault("serial_no", report, "is not the number of the certificate in certificate_file");
        }
        if private_key.as_ref().is_some_and(|key| key.public() != certificate.public_key) {
            table.fault(
                "private_key_file",
                report,
                "holds a key that does not belong to the certificate in certificate_file",
            );
        }
    }
    let api_v3_key = table.required("api_v3_key_env", report, |name| {
        let key = variable(name, around)?;
        if key.expose().len() == 32 {
            Ok(key)
        } else {
            Err("names a variable that does not hold the 32 characters of an APIv3 key".to_owned())
        }
    });
    let public_keys = public_keys(table, private_key.as_ref(), around, report);
    let login = login(table, products, around, report);
    let verify_files = verify_files(table, around, report);
    let [first, second] = GATEWAYS.map(|text| gateway(text).ok());
    let base_url = if table.has("base_url") { base_url? } else { first.clone()? };
    let stand_in = second.filter(|_| first.as_ref() == Some(&base_url));
    Some(WechatPayAccount {
        base_url,
        backup_url: backup_url.or(stand_in),
        app_id: app_id?,
        mch_id: mch_id?,
        serial_no: serial_no?,
        private_key: private_key?,
        api_v3_key: api_v3_key?,
        public_keys,
        login: login?,
        verify_files,
    })
}

fn public_keys(
    table: &mut Section<'_>,
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> BTreeMap<String, RsaPublicKey> {
    let mut keys = BTreeMap::new();
    let missing = !table.has("public_keys");
    let named = table.section("public_keys", report);
    if missing || named.as_ref().is_some_and(|named| named.names().is_empty()) {
        let rule = "must name at least one PUB_KEY_ID_… (or serial of a platform certificate) and its file";
        table.fault("public_keys", report, rule);
    }
    let Some(named) = named else { return keys };
    for id in named.names() {
        let found = public_key(id, named.inner_text(id), around);
        let found = found.and_then(|(id, key)| match own {
            Some(own) if own.public() == key => Err("is the merchant's own key; WeChat Pay's is wanted".to_owned()),
            _ => Ok((id, key)),
        });
        match found {
            Ok((id, key)) => drop(keys.insert(id, key)),
            Err(rule) => named.fault(id, report, rule),
        }
    }
    keys
}

/// A key under the name by which answers and notices ask for it.
fn public_key(id: &str, file: Option<&str>, around: &Surroundings<'_>) -> Result<(String, RsaPublicKey), String> {
    let is_plain_key = id.starts_with("PUB_KEY_ID_");
    let serial = id.strip_prefix("PUB_KEY_ID_").unwrap_or(id);
    if word(serial, 64, u8::is_ascii_hexdigit, "").is_err() {
        return Err("must be PUB_KEY_ID_… or the hexadecimal serial of a platform certificate".to_owned());
    }
    let file = file.filter(|file| !file.is_empty()).ok_or("must be the path of a file, in quotes")?;
    if is_plain_key {
        let (path, text) = plain_file(file, around)?;
        return RsaPublicKey::from_pem(&text).map(|key| (id.to_owned(), key)).map_err(|fault| in_file(&path, &fault));
    }
    let certificate = named::certificate(file, around)?;
    if certificate.serial != serial_number(id) {
        return Err(format!("names {file}, whose certificate has another serial number"));
    }
    Ok((certificate.serial, certificate.public_key))
}

/// The login; the outer `None` when it is wrong, the inner when the merchant needs none.
#[expect(clippy::option_option, reason = "absent and wrong are told apart, as everywhere in this reader")]
fn login(
    table: &mut Section<'_>,
    products: &[Product],
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<Option<WechatLogin>> {
    if !table.has("oauth") {
        if products.contains(&Product::InApp) {
            let rule = "is missing: the product in_app needs the payer's openid, which a login gives";
            table.fault("oauth", report, rule);
        }
        return Some(None);
    }
    let mut oauth = table.section("oauth", report)?;
    let login_url = oauth.text("login_url", report, gateway).or_else(|| gateway(LOGIN).ok());
    let base_url = oauth.text("base_url", report, gateway).or_else(|| gateway(LOGIN_API).ok());
    let app_secret = oauth.required("app_secret_env", report, |name| variable(name, around));
    oauth.finish(report);
    Some(Some(WechatLogin { login_url: login_url?, base_url: base_url?, app_secret: app_secret? }))
}

fn verify_files(table: &mut Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> BTreeMap<String, String> {
    let read = |text: &str| {
        let (path, content) = plain_file(text, around)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let word = name.strip_prefix("MP_verify_").and_then(|rest| rest.strip_suffix(".txt"));
        if !word.is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            return Err(rule("must be a file named MP_verify_….txt, as WeChat hands it out"));
        }
        if content.len() as u64 > LONGEST_PROOF {
            return Err(rule("is too long for a file that WeChat hands out"));
        }
        Ok((name, content))
    };
    table.texts("verify_files", report, read).unwrap_or_default().into_iter().collect()
}
