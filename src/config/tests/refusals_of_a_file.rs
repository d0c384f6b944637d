//! What stands in a file and is refused.

use super::*;
use crate::config::live_wallets::alipay_keys::AlipayKeys;

#[test]
fn a_file_without_merchants_is_refused() {
    refused("", "merchants (line 1)", "is missing");
    refused("merchants = 7", "merchants (line 1)", "must be a table");
}

#[test]
fn a_merchant_without_a_mode_is_refused_and_never_becomes_a_sandbox() {
    let text = teashop("").replace("mode = \"sandbox\"\n", "");
    refused(&text, "merchants.teashop.mode (line 1)", "is missing");
    assert!(inspect_text(&text).merchants.is_empty());
}

#[test]
fn a_merchant_of_another_mode_is_refused() {
    refused(&teashop("").replace("sandbox", "test"), "merchants.teashop.mode (line 3)", "\"live\" or \"sandbox\"");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    refused(&teashop("origin = []"), "merchants.teashop.origin (line 5)", "did you mean `origins`?");
    refused(&format!("publicurl = \"x\"\n{}", teashop("")), "publicurl (line 1)", "did you mean `public_url`?");
    refused(&teashop("colour = 1"), "merchants.teashop.colour (line 5)", "is not a known key");
    refused(&teashop("\"\\u001b[31m\" = 1"), "merchants.teashop.\"\\u{1b}[31m\" (line 5)", "is not a known key");
}

#[test]
fn a_merchant_without_a_proper_name_is_refused() {
    let named = |name: &str| teashop("").replace("\"Tea Shop\"", name);
    refused(&teashop("").replace("name = \"Tea Shop\"\n", ""), "merchants.teashop.name (line 1)", "is missing");
    refused(&named("\"  \""), "merchants.teashop.name (line 2)", "must not be empty");
    refused(&named(&format!("\"{}\"", "茶".repeat(41))), "merchants.teashop.name (line 2)", "at most 40");
    refused(&named("\"a\\u202Eb\""), "merchants.teashop.name (line 2)", "text-direction");
    refused(&named("7"), "merchants.teashop.name (line 2)", "in quotes");
    assert!(faults(&named(&format!("\"{}\"", "茶".repeat(40)))).is_empty());
}

#[test]
fn a_table_name_that_cannot_stand_in_an_address_is_refused() {
    let renamed = |name: &str| teashop("").replace("merchants.teashop", &format!("merchants.{name}"));
    refused(&renamed("TeaShop"), "merchants.TeaShop (line 1)", "a-z");
    refused(&renamed("\"tea shop\""), "merchants.\"tea shop\" (line 1)", "a-z");
    refused(&renamed(&"x".repeat(41)), "merchants.x", "1 to 40");
}

#[test]
fn a_merchant_without_a_key_is_refused() {
    let keyed = |keys: &str| teashop("").replace(&format!("[\"{KEY_HASH}\"]"), keys);
    refused(&teashop("").replace("api_keys", "#"), "merchants.teashop.api_keys (line 1)", "keys new");
    refused(&keyed("[]"), "merchants.teashop.api_keys (line 4)", "at least one key");
    refused(&keyed("[\"ph_plain\"]"), "merchants.teashop.api_keys[0] (line 4)", "64 hexadecimal digits");
    refused(&keyed(&format!("[\"{KEY_HASH}\", \"{KEY_HASH}\"]")), "merchants.teashop.api_keys[1] (line 4)", "twice");
    refused(&keyed("7"), "merchants.teashop.api_keys (line 4)", "must be a list");
}

#[test]
fn a_key_of_two_merchants_is_refused() {
    let text = format!("{}{}", teashop(""), teashop("").replace("teashop", "zoo"));
    refused(&text, "merchants.zoo.api_keys (line 9)", "another merchant has too");
}

#[test]
fn an_origin_with_a_path_or_without_encryption_is_refused() {
    let origin = |text: &str| teashop(&format!("origins = [\"{text}\"]"));
    refused(&origin("https://shop.example/x"), "merchants.teashop.origins[0] (line 5)", "no path");
    refused(&origin("http://shop.example"), "merchants.teashop.origins[0] (line 5)", "loopback");
    refused(&origin("*"), "merchants.teashop.origins[0] (line 5)", "web address");
    assert!(faults(&origin("http://127.0.0.1:3000")).is_empty());
}

#[test]
fn a_late_payment_rule_of_another_word_is_refused() {
    refused(&teashop("late_payment = \"keep\""), "merchants.teashop.late_payment (line 5)", "\"refund\" or \"accept\"");
}

#[test]
fn a_friend_window_outside_its_range_is_refused() {
    for window in ["-1", "604801", "1.5", "\"86400\"", "99999999999999999999"] {
        refused(
            &teashop(&format!("friend_window = {window}")),
            "merchants.teashop.friend_window (line 5)",
            "0 to 604800",
        );
    }
    assert!(faults(&teashop("friend_window = 604_800")).is_empty());
}

#[test]
fn a_sandbox_merchant_with_credentials_is_refused() {
    let text = teashop("[merchants.teashop.wallets.wechat_pay]\nmch_id = \"1\"");
    refused(&text, "merchants.teashop.wallets.wechat_pay.mch_id (line 6)", "contradicts mode");
    let text = teashop("[merchants.teashop.wallets.unionpay]\nmch_id = \"1\"");
    refused(&text, "merchants.teashop.wallets.unionpay.mch_id (line 6)", "did you mean `mer_id`?");
}

#[test]
fn wallets_and_products_must_be_known_ones_and_some() {
    refused(&teashop("wallets = {}"), "merchants.teashop.wallets (line 5)", "at least one");
    refused(&teashop("wallets = { paypal = {} }"), "merchants.teashop.wallets.paypal (line 5)", "not a known key");
    let products = |list: &str| teashop(&format!("wallets = {{ alipay = {{ products = {list} }} }}"));
    refused(&products("[]"), "merchants.teashop.wallets.alipay.products (line 5)", "at least one");
    refused(&products("[\"h5\"]"), "merchants.teashop.wallets.alipay.products[0] (line 5)", "code, in_app and browser");
    refused(&products("[\"code\", \"code\"]"), "merchants.teashop.wallets.alipay.products[1] (line 5)", "twice");
}

#[test]
fn addresses_networks_and_paths_of_the_wrong_form_are_refused() {
    let first = |line: &str| format!("{line}\n{}", teashop(""));
    refused(&first("listen = \"8080\""), "listen (line 1)", "127.0.0.1:8080");
    refused(&first("metrics_listen = true"), "metrics_listen (line 1)", "in quotes");
    refused(&first("public_url = \"http://pay.example\""), "public_url (line 1)", "https://");
    refused(&first("trusted_proxies = [\"10.1.2.3/8\"]"), "trusted_proxies[0] (line 1)", "behind the mask");
    refused(&first("data_dir = \"\""), "data_dir (line 1)", "must not be empty");
    refused(&first("metrics_listen = \"127.0.0.1:8080\""), "metrics_listen", "must differ from listen");
}

#[test]
fn another_database_is_refused_honestly() {
    let first = |url: &str| format!("database_url = \"{url}\"\n{}", teashop(""));
    refused(&first("postgres://db/pay"), "database_url (line 1)", "not part of this version yet");
    refused(&first("mysql://db/pay"), "database_url (line 1)", "must begin with postgres://");
}

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
        ("middle.cer", "platform.pem", "middle_cert_file", "not issued under the one in root_cert_file"),
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
