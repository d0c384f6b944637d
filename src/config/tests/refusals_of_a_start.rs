//! What flags, environment and key files say and is refused, and the warnings.

use super::*;

#[test]
fn without_a_file_only_a_loopback_address_is_served() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:8080", "192.168.1.5:8080", "[::]:8080"] {
        let options = ServeOptions { listen: Some(address.parse().unwrap()), ..options(folder.path()) };
        start_refused(&options, &[], "listen", "loopback");
    }
    assert!(!folder.path().join("data").exists(), "a refused start wrote something");
    let options = ServeOptions { listen: Some("[::1]:0".parse().unwrap()), ..options(folder.path()) };
    assert!(start(&options, &[]).is_ok());
}

#[test]
fn a_sandbox_merchant_of_a_file_may_be_served_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = with_file(folder.path(), &teashop(""));
    options.listen = Some("0.0.0.0:8080".parse().unwrap());
    let config = start(&options, &[]).unwrap();
    assert!(config.warnings.iter().any(|warning| warning.contains("http://127.0.0.1:8080")), "{:?}", config.warnings);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_never_becomes_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let options = ServeOptions { config: Some(folder.path().join("none.toml")), ..options(folder.path()) };
    start_refused(&options, &[], "--config", "cannot be read");
}

#[test]
fn a_demo_key_of_the_environment_is_used_when_it_is_long_enough() {
    let folder = tempfile::tempdir().unwrap();
    let config = start(&options(folder.path()), &[("PAY_HANDOFF_API_KEY", "sixteen-letters!")]).unwrap();
    assert_eq!(config.demo.unwrap().api_key.expose(), "sixteen-letters!");
    assert_eq!(config.merchants[0].api_keys, [ApiKeyHash::of("sixteen-letters!")]);
    assert!(!folder.path().join("data/api_key").exists());
    start_refused(&options(folder.path()), &[("PAY_HANDOFF_API_KEY", "short")], "PAY_HANDOFF_API_KEY", "16 to 255");
    start_refused(&options(folder.path()), &[("PAY_HANDOFF_API_KEY", "")], "PAY_HANDOFF_API_KEY", "16 to 255");
}

#[test]
fn a_server_key_given_twice_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = ServeOptions { key_file: Some(folder.path().join("k")), ..options(folder.path()) };
    start_refused(
        &options,
        &[("PAY_HANDOFF_SERVER_KEY", SERVER_KEY)],
        "key_file",
        "contradicts PAY_HANDOFF_SERVER_KEY",
    );
}

#[test]
fn a_wrong_server_key_is_refused_wherever_it_comes_from_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let plain = options(folder.path());
    start_refused(&plain, &[("PAY_HANDOFF_SERVER_KEY", "short")], "PAY_HANDOFF_SERVER_KEY", "32 bytes");
    let given = ServeOptions { key_file: Some(folder.path().join("k")), ..plain.clone() };
    start_refused(&given, &[], "key_file", "does not exist");
    fs::create_dir(folder.path().join("data")).unwrap();
    let kept = folder.path().join("data/server.key");
    fs::write(&kept, "half a key").unwrap();
    start_refused(&plain, &[], "server key", "chmod 600");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
    start_refused(&plain, &[], "server key", "32 bytes");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "half a key");
}

#[test]
fn a_key_file_gives_the_same_key_as_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k");
    fs::write(&path, format!("{SERVER_KEY}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let given = ServeOptions { key_file: Some(path), ..options(folder.path()) };
    let from_file = start(&given, &[]).unwrap().server_key;
    let from_environment =
        start(&options(folder.path()), &[("PAY_HANDOFF_SERVER_KEY", SERVER_KEY)]).unwrap().server_key;
    assert_eq!(from_file.derive("x"), from_environment.derive("x"));
    assert!(!folder.path().join("data/server.key").exists());
}

#[test]
fn a_kept_api_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    start(&options(folder.path()), &[]).unwrap();
    let kept = folder.path().join("data/api_key");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o644)).unwrap();
    start_refused(&options(folder.path()), &[], "API key", "chmod 600");
}

#[test]
fn nothing_starts_with_a_clock_from_before_this_program() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside { environment: &|_| None, now: Timestamp::from_seconds(5) };
    let faults = load(&options(folder.path()), outside, &SystemEntropy).unwrap_err().0;
    assert!(faults.len() == 1 && faults[0].key == "clock", "{faults:#?}");
    assert!(!folder.path().join("data").exists(), "a refused start wrote something");
}

#[test]
fn a_data_directory_that_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let options = ServeOptions { data_dir: Some(folder.path().join("file")), ..ServeOptions::default() };
    let environment = [("PAY_HANDOFF_API_KEY", "sixteen-letters!"), ("PAY_HANDOFF_SERVER_KEY", SERVER_KEY)];
    start_refused(&options, &environment, "data_dir", "cannot be made");
}

#[test]
fn addresses_of_the_command_line_are_checked_as_those_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = |text: &str| Some(text.to_owned().into());
    let public = ServeOptions { public_url: url("http://pay.example"), ..options(folder.path()) };
    start_refused(&public, &[], "public_url", "https://");
    let database = ServeOptions { database_url: url("postgres://db"), ..options(folder.path()) };
    start_refused(&database, &[], "database_url", "not part of this version yet");
    let metrics = ServeOptions { metrics_listen: Some(DEFAULT_LISTEN), ..options(folder.path()) };
    start_refused(&metrics, &[], "metrics_listen", "must differ");
}

#[track_caller]
fn warned(options: &ServeOptions, environment: &[(&str, &str)], words: &str) {
    let warnings = start(options, environment).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains(words), "{warnings:#?}");
}

#[test]
fn what_is_allowed_and_yet_worth_a_word_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(start(&options(folder), &[]).unwrap().warnings.is_empty());
    warned(&options(folder), &[("PAY_HANDOFF_SERVER_KEY", SERVER_KEY)], "another server key is given");
    warned(&with_file(folder, &teashop("")), &[("PAY_HANDOFF_API_KEY", "x")], "PAY_HANDOFF_API_KEY: is not used");
    let proxies = format!("trusted_proxies = [\"0.0.0.0/0\"]\n{}", teashop(""));
    warned(&with_file(folder, &proxies), &[], "every address in the world");
    let album = teashop("wallets = { wechat_pay = { products = [\"code\", \"browser\"] } }");
    warned(&with_file(folder, &album), &[], "nobody can be sent to the album");
}

#[test]
fn a_public_address_that_makes_the_code_too_fine_is_warned_of_from_the_first_letter_too_many() {
    let folder = tempfile::tempdir().unwrap();
    // https:// and /s/ and a token are 33 characters.
    let warnings = |host: usize| {
        let url = format!("https://{}", "x".repeat(host));
        let options = ServeOptions { public_url: Some(url.into()), ..options(folder.path()) };
        start(&options, &[]).unwrap().warnings
    };
    assert!(warnings(27).is_empty());
    assert!(warnings(28)[0].contains("61 characters"));
}
