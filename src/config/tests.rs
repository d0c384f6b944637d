//! What a whole configuration accepts and refuses: one sentence for each refusal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::domain::wallet::{Product, Wallet};
use crate::keys::testing::{chain, merchant_key, platform_key};
use crate::ports::clock::Clock;
use crate::system::{SystemClock, SystemEntropy};

const KEY_HASH: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SERVER_KEY: &str = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";

/// A sandbox merchant with one more line in his table.
fn teashop(line: &str) -> String {
    format!("[merchants.teashop]\nname = \"Tea Shop\"\nmode = \"sandbox\"\napi_keys = [\"{KEY_HASH}\"]\n{line}\n")
}

/// The secrets that a live merchant's file names.
fn live_environment(name: &str) -> Option<String> {
    match name {
        "WECHAT_API_V3_KEY" => Some("0123456789abcdef0123456789abcdef".to_owned()),
        "WECHAT_APP_SECRET" | "UNIONPAY_PFX_PASSWORD" => Some("canary".to_owned()),
        "SHORT_KEY" => Some("canary".to_owned()),
        _ => None,
    }
}

/// A folder with the keys that a live merchant's file names, and some that do not belong.
fn folder_with_keys() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (own, platform) = (merchant_key(), platform_key());
    for (name, text) in [
        ("apiclient_key.pem", &own.private_key),
        ("apiclient_cert.pem", &own.certificate),
        ("own_pub_key.pem", &own.public_key),
        ("other_key.pem", &platform.private_key),
        ("other_cert.pem", &platform.certificate),
        ("pub_key.pem", &platform.public_key),
        ("platform.pem", &platform.certificate),
        ("alipay.pem", &platform.public_key),
        ("MP_verify_abc123.txt", &"abc123".to_owned()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    for (name, bytes) in [
        ("merchant.pfx", &chain().pfx[..]),
        ("root.cer", chain().root.as_bytes()),
        ("middle.cer", chain().middle.as_bytes()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    folder
}

fn inspect_text(text: &str) -> Inspection {
    let folder = folder_with_keys();
    let file = folder.path().join("pay.toml");
    fs::write(&file, text).unwrap();
    inspect(&file, Outside { environment: &live_environment, now: SystemClock.now() })
}

fn faults(text: &str) -> Vec<String> {
    inspect_text(text).faults.0.iter().map(ToString::to_string).collect()
}

/// The text has exactly this fault: its beginning (key and line) and a part of its rule.
#[track_caller]
fn refused(text: &str, begins: &str, rule: &str) {
    let faults = faults(text);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].starts_with(begins) && faults[0].contains(rule), "{faults:#?}");
}

fn options(folder: &Path) -> ServeOptions {
    ServeOptions { data_dir: Some(folder.join("data")), ..ServeOptions::default() }
}

fn with_file(folder: &Path, text: &str) -> ServeOptions {
    let file = folder.join("pay.toml");
    fs::write(&file, text).unwrap();
    ServeOptions { config: Some(file), ..options(folder) }
}

fn start(options: &ServeOptions, environment: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    let environment =
        |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    load(options, Outside { environment: &environment, now: SystemClock.now() }, &SystemEntropy)
}

#[track_caller]
fn start_refused(options: &ServeOptions, environment: &[(&str, &str)], key: &str, rule: &str) {
    let faults = start(options, environment).unwrap_err().0;
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].key == key && faults[0].rule.contains(rule), "{faults:#?}");
}

#[test]
fn with_nothing_set_there_is_the_demo_merchant_on_loopback_and_he_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = start(&options(folder.path()), &[]).unwrap();
    assert_eq!(config.listen, DEFAULT_LISTEN);
    let demo = config.demo.unwrap();
    let [only] = &config.merchants[..] else { panic!("{:?}", config.merchants) };
    assert!(only.merchant.is_sandbox() && only.merchant.id.as_str() == "demo");
    assert!(Wallet::ALL.iter().all(|wallet| only.merchant.products(*wallet) == Product::ALL));
    assert_eq!(only.api_keys, [demo.api_key.hash()]);
    for name in ["server.key", "api_key"] {
        let mode = fs::metadata(folder.path().join("data").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let again = start(&options(folder.path()), &[]).unwrap();
    assert_eq!(again.demo.unwrap().api_key.expose(), demo.api_key.expose());
    assert_eq!(again.server_key.derive("x"), config.server_key.derive("x"));
}

#[test]
fn a_full_file_is_understood() {
    let text = format!(
        "listen = \"127.0.0.1:9999\"\npublic_url = \"https://pay.example/\"\ntrusted_proxies = [\"127.0.0.1/32\"]\n\
         data_dir = \"kept\"\nmetrics_listen = \"127.0.0.1:9090\"\nhandoff = \"/etc/handoff.toml\"\n{}",
        teashop(
            "origins = [\"https://shop.example\"]\nlate_payment = \"accept\"\nfriend_window = 0\n\
             [merchants.teashop.wallets.alipay]\nproducts = [\"code\", \"browser\"]"
        )
    );
    let folder = tempfile::tempdir().unwrap();
    let mut options = with_file(folder.path(), &text);
    options.data_dir = None;
    let config = start(&options, &[]).unwrap();
    assert_eq!(config.public_url.unwrap().as_str(), "https://pay.example");
    assert_eq!(config.data_dir, folder.path().join("kept"), "paths start from the file's folder");
    assert_eq!(config.handoff_file.unwrap(), Path::new("/etc/handoff.toml"));
    assert!(config.demo.is_none() && config.metrics_listen.is_some() && config.trusted_proxies.len() == 1);
    assert!(!config.data_dir.join("api_key").exists());
    let merchant = &config.merchants[0].merchant;
    assert_eq!(merchant.origins, ["https://shop.example"]);
    assert_eq!(merchant.friend_window.as_seconds(), 0);
    assert_eq!(merchant.products(Wallet::Alipay), [Product::Code, Product::Browser]);
    assert!(merchant.products(Wallet::WechatPay).is_empty());
}

#[test]
fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        options: ServeOptions,
    }
    let name = "config::tests::a_flag_beats_the_environment_and_the_environment_beats_the_file";
    if std::env::var_os("PAY_HANDOFF_LISTEN").is_none() {
        // An environment cannot be changed safely from inside: this test runs itself once more in another one.
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args([name, "--exact"]).env("PAY_HANDOFF_LISTEN", "127.0.0.1:2222");
        let output = child.env("PAY_HANDOFF_TRUSTED_PROXY", "10.0.0.0/8,::1/128").output().unwrap();
        let output = String::from_utf8_lossy(&output.stdout);
        assert!(output.contains("1 passed"), "{output}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let text = format!("listen = \"127.0.0.1:1111\"\npublic_url = \"https://file.example\"\n{}", teashop(""));
    let file = with_file(folder.path(), &text);
    let listen = |flags: &[&str]| {
        let parsed = <Command as clap::Parser>::parse_from([&["serve"], flags].concat());
        let options = ServeOptions { config: file.config.clone(), data_dir: file.data_dir.clone(), ..parsed.options };
        let config = start(&options, &[]).unwrap();
        (config.listen.port(), config.public_url.unwrap().to_string(), config.trusted_proxies.len())
    };
    assert_eq!(start(&file, &[]).unwrap().listen.port(), 1111);
    assert_eq!(listen(&[]), (2222, "https://file.example".to_owned(), 2));
    let flags = ["--listen=127.0.0.1:3333", "--public-url=https://flag.example", "--trusted-proxy=10.0.0.0/8"];
    assert_eq!(listen(&flags), (3333, "https://flag.example".to_owned(), 1));
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_lines() {
    let text = "listen = 8080\ncolour = 1\n[merchants.teashop]\nmode = \"prod\"\norigins = [\"x\", \"http://a.b\"]\n";
    let faults = faults(text);
    let begins = [
        "listen (line 1)",
        "colour (line 2)",
        "merchants.teashop.name (line 3)",
        "merchants.teashop.api_keys (line 3)",
    ];
    let then = [
        "merchants.teashop.mode (line 4)",
        "merchants.teashop.origins[0] (line 5)",
        "merchants.teashop.origins[1] (line 5)",
    ];
    assert_eq!(faults.len(), 7, "{faults:#?}");
    for (fault, begin) in faults.iter().zip(begins.iter().chain(&then)) {
        assert!(fault.starts_with(begin), "{fault} does not begin with {begin}");
    }
}

#[test]
fn text_that_is_not_toml_is_refused_at_its_lines_without_quoting_them() {
    let faults = faults("listen = canary\nname = \"canary\nmode = \"a\"\nmode = \"b\"\n");
    assert!(faults.len() >= 2, "{faults:#?}");
    assert!(faults[0].starts_with("TOML (line 1)") && faults[1].starts_with("TOML (line 2)"), "{faults:#?}");
    assert!(!faults.concat().contains("canary"), "{faults:#?}");
}

#[test]
fn no_secret_is_in_any_debug_or_display_output() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("PAY_HANDOFF_API_KEY", "canary-canary-canary"), ("PAY_HANDOFF_SERVER_KEY", SERVER_KEY)];
    let config = start(&options(folder.path()), &environment).unwrap();
    let shown = format!("{config:?} {:?}", config.warnings);
    assert!(!shown.contains("canary") && !shown.contains(SERVER_KEY) && !shown.contains("99, 97, 110"), "{shown}");

    let leaky = "mode = \"canary\"\npublic_url = \"https://anna:canary@x\"\ndatabase_url = \"postgres://anna:canary@db\"\n\
                 listen = \"canary\"\ntrusted_proxies = [\"canary\"]\nkey_file = 7\n[merchants.x]\nname = 1\nmode = \"canary\"\n\
                 api_keys = [\"ph_canary\"]\norigins = [\"canary\"]\nlate_payment = \"canary\"\nfriend_window = \"canary\"\n\
                 [merchants.x.wallets.wechat_pay]\napi_v3_key = \"canary\"\napi_v3_key_env = \"canary\"\nproducts = [\"canary\"]\n";
    let mut options = with_file(folder.path(), leaky);
    options.database_url = Some("postgres://anna:canary@db".to_owned().into());
    options.public_url = Some("https://anna:canary@pay.example".to_owned().into());
    let environment = [("PAY_HANDOFF_API_KEY", "canary"), ("PAY_HANDOFF_SERVER_KEY", "canary")];
    let faults = start(&options, &environment).unwrap_err();
    assert!(faults.0.len() >= 15, "{faults}");
    assert!(!format!("{faults} {faults:?} {options:?}").contains("canary"), "{faults}");
}

mod certificates;
mod refusals_of_a_file;
mod refusals_of_a_start;
