//! Live merchants of a file: what their wallets' accounts must have, and what is said when they have not.

use super::*;
use crate::config::live_wallets::alipay_keys::AlipayKeys;

/// A live merchant with real keys at WeChat Pay; `@OWN` and `@PLATFORM` stand for the numbers of certificates made for this run.
pub(super) fn live() -> String {
    let base = teashop("").replace("sandbox", "live");
    let text = format!(
        r#"public_url = "https://pay.example"
{base}
[merchants.teashop.wallets.wechat_pay]
base_url = "https://api.mch.weixin.qq.com"
app_id = "wxd678efh567hg6787"
mch_id = "1230000109"
serial_no = "@OWN"
private_key_file = "apiclient_key.pem"
certificate_file = "apiclient_cert.pem"
api_v3_key_env = "WECHAT_API_V3_KEY"
public_keys = {{ "PUB_KEY_ID_0111" = "pub_key.pem", "@PLATFORM" = "platform.pem" }}
oauth = {{ app_secret_env = "WECHAT_APP_SECRET" }}
verify_files = ["MP_verify_abc123.txt"]
"#
    );
    text.replace("@OWN", &merchant_key().serial).replace("@PLATFORM", &platform_key().serial)
}

/// A live account at Alipay.
const ALIPAY: &str = r#"
[merchants.teashop.wallets.alipay]
app_id = "2014072300007148"
seller_id = "2088102147948060"
private_key_file = "apiclient_key.pem"
alipay_public_key_file = "alipay.pem"
in_app_way = "code_address"
"#;

/// A live account at UnionPay.
pub(super) const UNIONPAY: &str = r#"
[merchants.teashop.wallets.unionpay]
products = ["browser", "code"]
mer_id = "777290058110048"
cert_file = "merchant.pfx"
cert_password_env = "UNIONPAY_PFX_PASSWORD"
root_cert_file = "root.cer"
middle_cert_file = "middle.cer"
"#;

#[test]
fn a_live_merchant_with_his_keys_is_fine_and_nothing_secret_is_printed() {
    let inspection = inspect_text(&live());
    assert_eq!(inspection.faults.0, []);
    let [shop] = &inspection.merchants[..] else { panic!("{:?}", inspection.merchants) };
    let account = shop.live.wechat_pay.as_ref().unwrap();
    assert_eq!(account.public_keys.len(), 2);
    assert_eq!(account.verify_files["MP_verify_abc123.txt"], "abc123");
    for gateway in ["base_url", "#"] {
        let read = inspect_text(&live().replace("base_url", gateway));
        let account = read.merchants[0].live.wechat_pay.as_ref().unwrap();
        assert_eq!(account.backup_url.as_ref().and_then(|url| url.host_str()), Some("api2.mch.weixin.qq.com"));
    }
    let elsewhere = inspect_text(&live().replace("api.mch", "api.other"));
    let account = elsewhere.merchants[0].live.wechat_pay.as_ref().unwrap();
    assert_eq!(account.backup_url, None, "another gateway's stand-in is unknown");
    let printed = format!("{inspection:?}");
    assert!(!printed.contains("canary") && !printed.contains("0123456789abcdef"), "{printed}");
}

#[test]
fn an_alipay_account_is_read_with_its_keys() {
    let inspection = inspect_text(&(live() + ALIPAY));
    assert_eq!(inspection.faults.0, []);
    let account = inspection.merchants[0].live.alipay.as_ref().unwrap();
    assert_eq!(account.base_url.as_str(), "https://openapi.alipay.com/gateway.do");
    assert_eq!(
        (account.code_contract.as_str(), account.browser_contract.as_str()),
        ("FACE_TO_FACE_PAYMENT", "QUICK_WAP_WAY")
    );
    assert_eq!(account.in_app_way, crate::config::live_wallets::alipay::InAppWay::CodeAddress);
}

/// The same account, with certificates.
pub(super) fn certified(from: &str, to: &str) -> String {
    let certificates = r#"app_cert_file = "apiclient_cert.pem"
alipay_cert_file = "platform.pem"
alipay_root_cert_file = "other_cert.pem""#;
    (live() + ALIPAY).replace("alipay_public_key_file = \"alipay.pem\"", &certificates.replacen(from, to, 1))
}

#[test]
fn an_alipay_account_may_have_certificates_that_belong_together() {
    let inspection = inspect_text(&certified("", ""));
    assert_eq!(inspection.faults.0, []);
    let account = inspection.merchants[0].live.alipay.as_ref().unwrap();
    let numbers = account.certificates.as_ref().unwrap();
    assert!([&numbers.app, &numbers.root].iter().all(|number| number.len() == 32));
    let AlipayKeys::Certified(known) = &account.alipay_keys else { panic!("{:?}", account.alipay_keys) };
    assert!(numbers.app != numbers.root && known.keys().eq([&numbers.root]));
    for (from, to, key, rule) in [
        ("apiclient_cert.pem", "platform.pem", "app_cert_file", "does not belong to private_key_file"),
        ("\"platform.pem\"", "\"apiclient_cert.pem\"", "alipay_cert_file", "the merchant's own"),
        ("\"platform.pem\"", "\"alipay.pem\"", "alipay_cert_file", "a public key, not a certificate"),
        ("other_cert.pem", "pub_key.pem", "alipay_root_cert_file", "a public key, not a certificate"),
        ("other_cert.pem", "nowhere.pem", "alipay_root_cert_file", "cannot be read"),
    ] {
        refused(&certified(from, to), &format!("merchants.teashop.wallets.alipay.{key}"), rule);
    }
}

#[test]
fn a_unionpay_account_is_read_with_its_key_and_the_certificates_that_it_trusts() {
    let text = live() + UNIONPAY;
    let inspection = inspect_text(&text);
    assert_eq!(inspection.faults.0, []);
    let account = inspection.merchants[0].live.unionpay.as_ref().unwrap();
    assert!(account.cert_id.bytes().all(|digit| digit.is_ascii_digit()) && account.cert_id.len() > 20);
    assert_eq!(
        (account.base_url.as_str(), account.signer.as_str()),
        ("https://gateway.95516.com/", "中国银联股份有限公司")
    );
    assert!(!format!("{inspection:?}").contains("canary"));
    for (from, to, key, rule) in [
        ("[\"browser\", \"code\"]", "[\"wap\"]", "products", "must be"),
        ("UNIONPAY_PFX_PASSWORD", "WECHAT_API_V3_KEY", "cert_file", "or its password is another one"),
        ("merchant.pfx", "apiclient_key.pem", "cert_file", "is no PFX file"),
        (
            "middle.cer",
            "platform.pem",
            "middle_cert_file",
            "certificate 1 in it was not issued under one in root_cert_file",
        ),
        (
            "middle.cer",
            "mixed.cer",
            "middle_cert_file",
            "certificate 2 in it was not issued under one in root_cert_file",
        ),
        ("middle.cer", "alipay.pem", "middle_cert_file", "not a certificate"),
        ("root.cer", "alipay.pem", "root_cert_file", "not a certificate"),
    ] {
        assert!(text.contains(from), "{from}");
        refused(&text.replace(from, to), &format!("merchants.teashop.wallets.unionpay.{key}"), rule);
    }
}

#[test]
fn keys_that_do_not_fit_are_refused_without_their_content() {
    for (from, to, key, rule) in [
        ("\"apiclient_key.pem\"", "\"nowhere.pem\"", "private_key_file", "does not exist"),
        ("\"apiclient_key.pem\"", "\"apiclient_cert.pem\"", "private_key_file", "a certificate, not a private key"),
        ("\"apiclient_key.pem\"", "\"other_key.pem\"", "private_key_file", "does not belong to the certificate"),
        ("\"apiclient_cert.pem\"", "\"pub_key.pem\"", "certificate_file", "not a certificate"),
        ("\"apiclient_cert.pem\"", "\"other_cert.pem\"", "serial_no", "is not the number"),
        ("WECHAT_API_V3_KEY", "UNSET_KEY", "api_v3_key_env", "not set in the environment"),
        ("WECHAT_API_V3_KEY", "SHORT_KEY", "api_v3_key_env", "32 characters"),
        ("\"pub_key.pem\"", "\"own_pub_key.pem\"", "public_keys.PUB_KEY_ID_0111", "the merchant's own key"),
        ("\"pub_key.pem\"", "\"platform.pem\"", "public_keys.PUB_KEY_ID_0111", "a certificate, not a public key"),
        ("\"platform.pem\"", "\"apiclient_cert.pem\"", "public_keys.", "another serial number"),
        ("WECHAT_APP_SECRET", "UNSET_KEY", "oauth.app_secret_env", "not set"),
        ("MP_verify_abc123.txt", "pub_key.pem", "verify_files[0]", "MP_verify_"),
    ] {
        let text = live();
        assert!(text.contains(from), "{from}");
        let faults = faults(&text.replacen(from, to, 1));
        let begin = format!("merchants.teashop.wallets.wechat_pay.{key}");
        let found = faults.iter().find(|fault| fault.starts_with(&begin) && fault.contains(rule));
        assert!(found.is_some_and(|fault| !fault.contains("canary")), "{to}: {faults:#?}");
    }
}

#[test]
fn a_live_merchant_needs_a_public_address_with_encryption_unless_his_gateway_is_on_this_machine() {
    let unset = live().replace("public_url", "#");
    refused(&unset, "public_url", "begin with https://");
    refused(&live().replace("https://pay.example", "http://127.0.0.1:8080"), "public_url", "begin with https://");
    let for_tests = unset.replace("https://api.mch.weixin.qq.com", "http://127.0.0.1:9000");
    assert!(faults(&for_tests).is_empty(), "{:#?}", faults(&for_tests));
}

#[test]
fn a_live_merchants_public_address_must_be_one_that_wallets_reach() {
    let at = |host: &str| live().replace("https://pay.example", &format!("https://{host}"));
    for host in
        ["127.0.0.1", "10.0.0.5", "192.168.1.5:8443", "169.254.1.1", "100.64.0.1", "[::1]", "[fe80::1]", "[fc00::1]"]
    {
        refused(&at(host), "public_url", "loopback or private address");
    }
    for host in ["localhost", "pay", "PAY.", "x.localhost", "pay.local", "pay.internal", "pay.home.arpa", "localhost."]
    {
        refused(&at(host), "public_url", "the whole internet finds");
    }
    for host in ["8.8.8.8", "[2400:3200::1]"] {
        refused(&at(host), "public_url", "must name a domain");
        let products = |list: &str| at(host).replacen("base_url =", &format!("products = {list}\nbase_url ="), 1);
        for list in ["[\"in_app\"]", "[\"browser\"]"] {
            refused(&products(list), "public_url", "must name a domain");
        }
        assert_eq!(faults(&products("[\"code\"]")), [""; 0], "a code alone is paid without our pages");
    }
    for host in ["pay.example", "pay.example.:8443", "local.example", "mylocal.cn"] {
        assert_eq!(faults(&at(host)), [""; 0], "{host}");
    }
    let for_tests = at("127.0.0.1").replace("https://api.mch.weixin.qq.com", "http://127.0.0.1:9000");
    assert_eq!(faults(&for_tests), [""; 0], "a gateway on this machine calls back on it");
}

#[test]
fn a_clock_from_before_this_program_is_a_fault_also_where_no_certificate_has_a_time() {
    let folder = folder_with_keys();
    let file = folder.path().join("pay.toml");
    let (head, keys) =
        live().split_once("certificate_file").map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
    let without = format!("{head}#{keys}").replace(&format!(", \"{}\" = \"platform.pem\"", platform_key().serial), "");
    fs::write(&file, without + ALIPAY).unwrap();
    let faults = |seconds| {
        let now = Timestamp::from_seconds(seconds);
        inspect(&file, Outside { environment: &live_environment, now }).faults.0
    };
    let [only] = &faults(1_767_225_599)[..] else { panic!("{:#?}", faults(1_767_225_599)) };
    assert!(only.key == "clock" && only.rule.contains("NTP"), "{only}");
    assert_eq!(faults(1_767_225_600), []);
}

#[test]
fn each_field_of_a_live_wallet_is_checked_for_its_shape() {
    for (from, to, key, rule) in [
        ("https://api.mch.weixin.qq.com", "http://api.mch.weixin.qq.com", "wechat_pay.base_url", "loopback"),
        ("\"wxd678", "\"d678", "wechat_pay.app_id", "begin with wx"),
        ("1230000109", "12E", "wechat_pay.mch_id", "digits"),
        ("serial_no = \"", "serial_no = \"xyz", "wechat_pay.serial_no", "hexadecimal"),
        ("\"apiclient_key.pem\"", "\"\"", "wechat_pay.private_key_file", "empty"),
        ("WECHAT_API_V3_KEY", "s3cret-key", "wechat_pay.api_v3_key_env", "not the secret itself"),
        ("PUB_KEY_ID_0111", "PUB KEY", "wechat_pay.public_keys.\"PUB KEY\"", "PUB_KEY_ID_"),
        ("\"pub_key.pem\"", "7", "wechat_pay.public_keys.PUB_KEY_ID_0111", "path of a file"),
        ("app_secret_env", "app_secret_enw", "wechat_pay.oauth.app_secret_enw", "did you mean `app_secret_env`?"),
        ("oauth =", "#", "wechat_pay.oauth", "openid"),
        ("public_keys =", "#", "wechat_pay.public_keys", "at least one"),
        ("2014072300007148", "wx1", "alipay.app_id", "digits"),
        ("seller_id", "#", "alipay.seller_id", "is missing"),
        ("alipay_public_key_file =", "#", "alipay.alipay_public_key_file", "together"),
        ("alipay_public_key_file =", "app_cert_file =", "alipay.alipay_cert_file", "is missing"),
        ("in_app_way = \"code_address\"", "app_cert_file = \"a\"", "alipay.alipay_public_key_file", "contradicts"),
        ("\"alipay.pem\"", "\"own_pub_key.pem\"", "alipay.alipay_public_key_file", "the merchant's own key"),
        ("\"alipay.pem\"", "\"platform.pem\"", "alipay.alipay_public_key_file", "a certificate, not a public key"),
        ("\"alipay.pem\"", "\"nowhere.pem\"", "alipay.alipay_public_key_file", "cannot be read"),
        ("in_app_way = \"code_address\"", "in_app_way = \"tradePay\"", "alipay.in_app_way", "wap_pay"),
        ("in_app_way = \"code_address\"", "code_contract = \"a b\"", "alipay.code_contract", "as Alipay names"),
        ("777290058110048", "777", "unionpay.mer_id", "15"),
        ("root_cert_file", "#", "unionpay.root_cert_file", "is missing"),
        ("UNIONPAY_PFX_PASSWORD", "000000", "unionpay.cert_password_env", "not the secret itself"),
    ] {
        let text = live() + ALIPAY + UNIONPAY;
        assert!(text.contains(from), "{from}");
        let faults = faults(&text.replacen(from, to, 1));
        let begin = format!("merchants.teashop.wallets.{key} (line ");
        assert!(faults.iter().any(|fault| fault.starts_with(&begin) && fault.contains(rule)), "{from}: {faults:#?}");
    }
}

#[test]
fn a_live_merchant_without_wallets_is_refused() {
    let faults = faults(&teashop("").replace("sandbox", "live"));
    assert!(
        faults.iter().any(|fault| fault.starts_with("merchants.teashop.wallets (line 1): is missing")),
        "{faults:#?}"
    );
}

#[test]
fn every_field_of_a_live_wallet_is_a_contradiction_in_the_sandbox() {
    let faults = faults(&(live() + ALIPAY + UNIONPAY).replace("\"live\"", "\"sandbox\""));
    assert_eq!(faults.len(), 20, "{faults:#?}");
    assert!(faults.iter().all(|fault| fault.contains("contradicts mode")), "{faults:#?}");
}
