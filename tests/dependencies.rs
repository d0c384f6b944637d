//! The dependency graph held against `deny.toml`: licences, banned crates, sources. It needs nothing but cargo itself.

#![cfg(test)]

use std::process::Command;

use serde_json::Value;

const POLICY: &str = include_str!("../deny.toml");

/// The packages that a build for this machine may use, as `cargo metadata` lists them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages") };
    packages
}

fn policy() -> toml::Table {
    POLICY.parse().expect("deny.toml is TOML")
}

fn words(value: &toml::Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|item| item.as_str().expect("a word")).collect()
}

/// Whether a licence expression (SPDX: `OR`, `AND`, brackets, the old `/`) can be met with the allowed licences alone.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any_of(&tokens, allowed);
    met && rest.is_empty()
}

fn any_of<'a, 'b>(tokens: &'a [&'b str], allowed: &[&str]) -> (bool, &'a [&'b str]) {
    let (mut met, mut rest) = all_of(tokens, allowed);
    while rest.first() == Some(&"OR") {
        let (next, after) = all_of(&rest[1..], allowed);
        (met, rest) = (met || next, after);
    }
    (met, rest)
}

fn all_of<'a, 'b>(tokens: &'a [&'b str], allowed: &[&str]) -> (bool, &'a [&'b str]) {
    let (mut met, mut rest) = one(tokens, allowed);
    while rest.first() == Some(&"AND") {
        let (next, after) = one(&rest[1..], allowed);
        (met, rest) = (met && next, after);
    }
    (met, rest)
}

fn one<'a, 'b>(tokens: &'a [&'b str], allowed: &[&str]) -> (bool, &'a [&'b str]) {
    match tokens {
        ["(", inside @ ..] => {
            let (met, rest) = any_of(inside, allowed);
            (met && rest.first() == Some(&")"), rest.get(1..).unwrap_or_default())
        }
        [licence, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{licence} WITH {exception}").as_str()), rest)
        }
        [licence, rest @ ..] => (allowed.contains(licence), rest),
        // An expression that breaks off: the left-over word makes the whole unmet.
        [] => (false, &["…"]),
    }
}

#[test]
fn every_licence_is_an_allowed_one() {
    let policy = policy();
    let allowed = words(&policy["licenses"]["allow"]);
    let packages = packages();
    assert!(packages.len() > 50, "the graph was read");
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(|licence| is_met(licence, &allowed)))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn no_banned_crate_is_in_the_graph() {
    let policy = policy();
    let banned: Vec<&str> = policy["bans"]["deny"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|ban| ban["crate"].as_str().expect("a name"))
        .collect();
    assert!(banned.contains(&"rsa"));
    let found: Vec<String> = packages()
        .iter()
        .filter_map(|package| package["name"].as_str())
        .filter(|name| banned.contains(name))
        .map(str::to_owned)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_crate_comes_from_the_public_registry() {
    let policy = policy();
    let allowed = words(&policy["sources"]["allow-registry"]);
    for package in packages() {
        match package["source"].as_str() {
            None => assert_eq!(package["name"], env!("CARGO_PKG_NAME"), "only this crate itself is local"),
            Some(source) => {
                let registry = source
                    .strip_prefix("registry+")
                    .unwrap_or_else(|| panic!("{} comes from {source}", package["name"]));
                assert!(allowed.contains(&registry), "{} comes from {source}", package["name"]);
            }
        }
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
    for met in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "(MIT OR GPL-3.0) AND Apache-2.0",
        "Apache-2.0 WITH LLVM-exception OR X",
        "MIT AND (X OR MIT)",
    ] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR X) AND GPL-3.0",
        "",
        "MIT OR",
        "(MIT",
        "Apache-2.0 WITH Other",
        "MIT MIT",
        "X OR Y AND MIT",
    ] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}
