//! What stands in a file and is refused.

use super::*;

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
