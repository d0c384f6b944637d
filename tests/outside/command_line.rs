//! The command line: exit codes, pictures, configuration faults.

use std::path::PathBuf;
use std::process::Output;

use crate::harness::{finished, program, read_codes, read_picture};

fn run(arguments: &[&str]) -> Output {
    finished(program().args(arguments))
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        vec!["nonsense"],
        vec!["--nonsense"],
        vec!["serve", "--nonsense"],
        vec!["serve", "--listen"],
        vec!["serve", "--listen", "nowhere"],
        vec!["qr"],
        vec!["inspect"],
        vec!["check-config"],
        vec!["serve", "extra"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", errors(&output));
        assert!(!output.stderr.is_empty());
        assert!(output.stdout.is_empty(), "complaints go to standard error");
    }
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [vec!["--help"], vec!["serve", "--help"], vec!["--version"], vec!["help"]] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty());
    }
    assert!(String::from_utf8_lossy(&run(&["--version"]).stdout).contains(env!("CARGO_PKG_VERSION")));
    let help = String::from_utf8_lossy(&run(&["serve", "--help"]).stdout).into_owned();
    for flag in [
        "--config",
        "--listen",
        "--public-url",
        "--data-dir",
        "--database-url",
        "--key-file",
        "--metrics-listen",
        "--handoff",
        "--trusted-proxy",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}

#[test]
fn a_code_is_drawn_and_read_again() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("code.png");
    let path = file.to_str().unwrap();
    for text in ["https://pay.example/s/AbCdEfGhIjKlMnOpQrStUv", "中文 🍵", "x"] {
        let output = run(&["qr", text, "-o", path]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        assert_eq!(read_codes(&read_picture(&std::fs::read(&file).unwrap())), [text]);
        let told = run(&["inspect", path]);
        assert_eq!(told.status.code(), Some(0), "{}", errors(&told));
        assert!(String::from_utf8_lossy(&told.stdout).contains(text));
    }
}

#[test]
fn what_cannot_be_done_is_1() {
    let home = tempfile::tempdir().unwrap();
    let text = home.path().join("text.png");
    std::fs::write(&text, "no picture").unwrap();
    let missing = home.path().join("missing");
    let nowhere = missing.join("code.png");
    for arguments in [
        vec!["inspect", missing.to_str().unwrap()],
        vec!["inspect", text.to_str().unwrap()],
        vec!["qr", "x", "-o", nowhere.to_str().unwrap()],
        vec!["check-config", missing.to_str().unwrap()],
        vec!["serve", "--config", missing.to_str().unwrap()],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", errors(&output));
        assert!(!output.stderr.is_empty(), "it says why");
    }
    assert_eq!(
        run(&["qr", &"x".repeat(5000), "-o", text.to_str().unwrap()]).status.code(),
        Some(1),
        "too long for any code"
    );
}

/// Writes a configuration file into a new directory.
fn config(text: &str) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("pay-handoff.toml");
    std::fs::write(&file, text).unwrap();
    (home, file)
}

const KEY_HASH: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn a_right_configuration_passes_its_check() {
    let (_home, file) = config(&format!(
        "listen = \"127.0.0.1:8080\"\npublic_url = \"https://pay.example\"\ntrusted_proxies = [\"127.0.0.1/32\", \"::1/128\"]\n\
         [merchants.teashop]\nname = \"Tea Shop\"\nmode = \"sandbox\"\napi_keys = [\"{KEY_HASH}\"]\norigins = [\"https://shop.example\"]\n\
         late_payment = \"accept\"\nfriend_window = 86400\n"
    ));
    let output = run(&["check-config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
}

#[test]
fn every_fault_of_a_configuration_is_told_at_once() {
    let (_home, file) = config(&format!(
        "listen = \"somewhere\"\npublic_url = \"ftp://pay.example\"\ntrusted_proxies = [\"127.0.0.1/99\"]\ncolour = \"red\"\n\
         [merchants.teashop]\nname = \"\"\nmode = \"pretend\"\napi_keys = [\"plain\"]\norigins = [\"not an origin\"]\nlate_payment = \"keep\"\n\
         friend_window = -1\nspoon = 1\n\
         [merchants.bookshop]\nname = \"Book Shop\"\nmode = \"live\"\napi_keys = [\"{KEY_HASH}\"]\n\
         [merchants.bookshop.wallets.paypal]\nproducts = [\"code\"]\n"
    ));
    for arguments in [vec!["check-config", file.to_str().unwrap()], vec!["serve", "--config", file.to_str().unwrap()]] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let told = errors(&output);
        for word in [
            "listen",
            "public_url",
            "trusted_proxies",
            "colour",
            "name",
            "mode",
            "api_keys",
            "origins",
            "late_payment",
            "friend_window",
            "spoon",
            "paypal",
        ] {
            assert!(told.contains(word), "{arguments:?} is silent about {word}: {told}");
        }
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[test]
fn a_configuration_that_is_no_toml_is_refused_with_its_line() {
    let (_home, file) = config("listen = \"127.0.0.1:8080\"\n[merchants.teashop\nname = \"x\"\n");
    let output = run(&["check-config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains('2'), "{}", errors(&output));
}

#[test]
fn a_live_merchant_without_credentials_refuses_to_start() {
    for wallets in ["", "[merchants.teashop.wallets.alipay]\nproducts = [\"code\"]\n"] {
        let (_home, file) = config(&format!(
            "[merchants.teashop]\nname = \"Tea Shop\"\nmode = \"live\"\napi_keys = [\"{KEY_HASH}\"]\n{wallets}"
        ));
        for arguments in [
            vec!["check-config", file.to_str().unwrap()],
            vec!["serve", "--config", file.to_str().unwrap(), "--listen", "127.0.0.1:0"],
        ] {
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(1), "{arguments:?} {}", errors(&output));
        }
    }
}

#[test]
fn two_merchants_with_the_same_key_are_a_fault() {
    let merchant =
        |name: &str| format!("[merchants.{name}]\nname = \"Shop\"\nmode = \"sandbox\"\napi_keys = [\"{KEY_HASH}\"]\n");
    let (_home, file) = config(&format!("{}{}", merchant("one"), merchant("two")));
    assert_eq!(run(&["check-config", file.to_str().unwrap()]).status.code(), Some(1), "whose call would it be?");
}

#[test]
fn new_keys_come_with_what_the_configuration_keeps_of_them() {
    let (first, second) = (run(&["keys", "new"]), run(&["keys", "new"]));
    assert_eq!(first.status.code(), Some(0), "{}", errors(&first));
    assert_ne!(first.stdout, second.stdout);
    let printed = String::from_utf8(first.stdout).unwrap();
    let words: Vec<&str> = printed.split(|letter: char| letter.is_whitespace() || "\"'`[],".contains(letter)).collect();
    let hash = words.iter().find(|word| word.starts_with("sha256:")).unwrap_or_else(|| panic!("no hash: {printed}"));
    let matches = words.iter().any(|word| {
        let digest = ring::digest::digest(&ring::digest::SHA256, word.as_bytes());
        **hash == format!("sha256:{}", digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    });
    assert!(matches, "no printed word has this hash: {printed}");
}
