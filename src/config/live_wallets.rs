//! The fields that real wallets need: their shape, and that a sandbox merchant has none of them.

use super::fault::Report;
use super::file::path;
use super::section::Section;
use super::web_address::gateway;
use crate::domain::wallet::{Product, Wallet};

/// The fields of a wallet beside `products`.
const fn fields(wallet: Wallet) -> &'static [&'static str] {
    match wallet {
        Wallet::WechatPay => {
            &["base_url", "app_id", "mch_id", "serial_no", "private_key_file", "api_v3_key_env", "public_keys", "oauth"]
        }
        Wallet::Alipay => &[
            "base_url",
            "app_id",
            "seller_id",
            "private_key_file",
            "alipay_public_key_file",
            "app_cert_file",
            "alipay_cert_file",
            "alipay_root_cert_file",
        ],
        Wallet::Unionpay => {
            &["base_url", "mer_id", "cert_file", "cert_password_env", "root_cert_file", "middle_cert_file"]
        }
    }
}

/// A sandbox merchant's wallets are simulated: a credential beside them is a contradiction, and the operator may believe that
/// real money moves.
pub(super) fn refuse(wallet: Wallet, table: &mut Section<'_>, report: &mut Report) {
    for field in fields(wallet) {
        if table.has(field) {
            table.fault(field, report, "contradicts mode = \"sandbox\": a simulated wallet takes products only");
        }
    }
}

/// Makes the fields known without looking at them.
pub(super) fn pass_over(wallet: Wallet, table: &mut Section<'_>) {
    for field in fields(wallet) {
        table.has(field);
    }
}

/// Checks the shape of a live wallet's fields.
pub(super) fn check(wallet: Wallet, table: &mut Section<'_>, products: &[Product], report: &mut Report) {
    table.text("base_url", report, gateway);
    match wallet {
        Wallet::WechatPay => wechat_pay(table, products, report),
        Wallet::Alipay => alipay(table, report),
        Wallet::Unionpay => unionpay(table, report),
    }
}

fn wechat_pay(table: &mut Section<'_>, products: &[Product], report: &mut Report) {
    table.required("app_id", report, |text| {
        // Given by WeChat as wx and 16 more; the field of its interface holds 32.
        let rest = text.strip_prefix("wx").ok_or("must begin with wx")?;
        word(rest, 30, u8::is_ascii_alphanumeric, "letters and digits after wx")
    });
    table.required("mch_id", report, |text| word(text, 32, u8::is_ascii_digit, "digits"));
    table.required("serial_no", report, |text| word(text, 40, u8::is_ascii_hexdigit, "hexadecimal digits"));
    table.required("private_key_file", report, path);
    table.required("api_v3_key_env", report, variable_name);
    wechat_public_keys(table, report);
    match table.section("oauth", report) {
        Some(mut oauth) => {
            oauth.required("app_secret_env", report, variable_name);
            oauth.finish(report);
        }
        None if products.contains(&Product::InApp) && !table.has("oauth") => {
            table.fault(
                "oauth",
                report,
                "is missing: the product in_app needs the payer's openid, which a login gives",
            );
        }
        None => {}
    }
}

fn wechat_public_keys(table: &mut Section<'_>, report: &mut Report) {
    let missing = !table.has("public_keys");
    let keys = table.section("public_keys", report);
    if missing || keys.as_ref().is_some_and(|keys| keys.names().is_empty()) {
        let rule = "must name at least one PUB_KEY_ID_… (or serial of a platform certificate) and its file";
        table.fault("public_keys", report, rule);
    }
    let Some(keys) = keys else { return };
    for id in keys.names() {
        let serial = id.strip_prefix("PUB_KEY_ID_").unwrap_or(id);
        if word(serial, 64, u8::is_ascii_hexdigit, "").is_err() {
            keys.fault(id, report, "must be PUB_KEY_ID_… or the hexadecimal serial of a platform certificate");
        }
        if keys.inner_text(id).is_none_or(str::is_empty) {
            keys.fault(id, report, "must be the path of a file, in quotes");
        }
    }
}

fn alipay(table: &mut Section<'_>, report: &mut Report) {
    table.required("app_id", report, |text| word(text, 32, u8::is_ascii_digit, "digits"));
    table.required("seller_id", report, |text| word(text, 28, u8::is_ascii_digit, "digits"));
    table.required("private_key_file", report, path);
    let certificates = ["app_cert_file", "alipay_cert_file", "alipay_root_cert_file"];
    let public_key = table.has("alipay_public_key_file");
    let given = certificates.into_iter().filter(|field| table.has(field)).count();
    table.text("alipay_public_key_file", report, path);
    match (public_key, given) {
        (true, 0) => {}
        (false, 1..) => certificates.into_iter().for_each(|field| {
            table.required(field, report, path);
        }),
        (true, _) => {
            table.fault(
                "alipay_public_key_file",
                report,
                "contradicts the certificate files: Alipay uses one way or the other",
            );
        }
        (false, _) => table.fault(
            "alipay_public_key_file",
            report,
            "is missing; give it, or app_cert_file, alipay_cert_file and alipay_root_cert_file together",
        ),
    }
}

fn unionpay(table: &mut Section<'_>, report: &mut Report) {
    table.required("mer_id", report, |text| match text.len() {
        15 => word(text, 15, u8::is_ascii_alphanumeric, "letters and digits"),
        _ => Err("must have 15 letters and digits".to_owned()),
    });
    table.required("cert_password_env", report, variable_name);
    for field in ["cert_file", "root_cert_file", "middle_cert_file"] {
        table.required(field, report, path);
    }
}

fn word(text: &str, max: usize, allowed: fn(&u8) -> bool, what: &str) -> Result<(), String> {
    let fits = (1..=max).contains(&text.len()) && text.as_bytes().iter().all(allowed);
    fits.then_some(()).ok_or_else(|| format!("must have 1 to {max} {what}"))
}

fn variable_name(text: &str) -> Result<(), String> {
    let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let fits = letters && (1..=128).contains(&text.len()) && !text.as_bytes()[0].is_ascii_digit();
    fits.then_some(())
        .ok_or_else(|| "must be the name of an environment variable (A-Z, 0-9, _), not the secret itself".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_place_of_a_variable_name_is_refused_without_repeating_it() {
        assert_eq!(variable_name("WECHAT_API_V3_KEY"), Ok(()));
        for text in ["", "9LIVES", "canary-secret", "canary", "WITH SPACE"] {
            let refusal = variable_name(text).unwrap_err();
            assert!(refusal.contains("not the secret itself") && !refusal.contains("canary"));
        }
    }
}
