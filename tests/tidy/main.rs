//! The house kept in order: who may import whom, how long a file or a function may be, which library belongs to which module.
//!
//! Each rule is a function from source text to faults, so that the tests below can show that planted faults are found.

#![cfg(test)]

mod imports;
mod rules;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use source::Source;

/// All faults of these files, each with its place.
fn faults(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        found.extend(rules::faults_of_form(source));
        found.extend(rules::faults_of_libraries(source));
        found.extend(imports::faults_of_direction(source));
    }
    found.extend(rules::unreached(sources));
    found
}

fn one(path: &str, text: &str) -> Vec<String> {
    let source = Source::new(path, text);
    let mut found = rules::faults_of_form(&source);
    found.extend(rules::faults_of_libraries(&source));
    found.extend(imports::faults_of_direction(&source));
    found
}

#[track_caller]
fn assert_found(path: &str, text: &str, word: &str) {
    let found = one(path, text);
    assert!(found.iter().any(|fault| fault.contains(word)), "{path}: {text:?} should fault {word:?}, but: {found:?}");
}

#[track_caller]
fn assert_clean(path: &str, text: &str) {
    assert_eq!(one(path, text), Vec::<String>::new(), "{path}: {text:?}");
}

#[test]
fn the_house_is_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = source::read_all(root);
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the checker reads the sources");
    let found = faults(&sources);
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_module_has_its_level() {
    let sources = source::read_all(Path::new(env!("CARGO_MANIFEST_DIR")));
    let modules: BTreeSet<&str> = sources.iter().filter_map(Source::module).collect();
    for module in modules {
        assert!(imports::may_import(module, "domain").is_some(), "{module} has no row in the table of levels");
    }
}

#[test]
fn a_planted_import_against_the_direction_is_found() {
    for (path, line) in [
        ("src/domain/order.rs", "use crate::services::settle;"),
        ("src/domain/order.rs", "use crate::{ports::store, wire};"),
        ("src/qr/png.rs", "use crate::domain::money::Money;"),
        ("src/views/pay.rs", "use crate::wire::order::Order;"),
        ("src/services/settle.rs", "use crate::store::Sqlite;"),
        ("src/services/settle.rs", "fn f() { crate::web::serve(); }"),
        ("src/web/pages/pay.rs", "pub use crate::store::Sqlite;"),
        ("src/web/pages/pay.rs", "use crate::{\n    domain::money,\n    wallets::{alipay, sandbox},\n};"),
        ("src/workers/expire.rs", "type S = crate::store::Sqlite;"),
        ("src/wallets/alipay.rs", "use crate::store::Sqlite;"),
        ("src/store/sqlite.rs", "use crate::services::settle;"),
        ("src/ports/store.rs", "use crate::services;"),
        ("src/web/mod.rs", "use crate::app::App;"),
        ("src/web/mod.rs", "use pay_handoff::store::Sqlite;"),
        ("src/domain/order.rs", "use super::super::services::settle;"),
        ("src/links.rs", "use super::services::settle;"),
    ] {
        assert_found(path, &format!("//! A file.\n{line}\n"), "may not import");
    }
}

#[test]
fn imports_with_the_direction_are_left_in_peace() {
    for (path, line) in [
        ("src/services/settle.rs", "use crate::domain::order;\nuse crate::{ports::store, links, wire};"),
        (
            "src/domain/handoff/plan.rs",
            "use super::super::wallet::Wallet;\nuse crate::domain::order;\nuse super::capability;",
        ),
        ("src/app.rs", "use crate::store::Sqlite;\nuse crate::web;"),
        ("src/main.rs", "use pay_handoff::cli;"),
        ("src/wire/order.rs", "use crate::links::Links;"),
        (
            "src/domain/order.rs",
            "// use crate::web;\n/* crate::web */\nconst S: &str = \"crate::web::x\";\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::web;\n}",
        ),
    ] {
        assert_clean(path, &format!("//! A file.\n{line}\n"));
    }
}

#[test]
fn planted_faults_of_form_are_found() {
    assert_found("src/domain/x.rs", "use std::fmt;\n", "first line");
    assert_found("src/domain/x.rs", "//!\n", "first line");
    assert_found("src/domain/x.rs", &format!("//! A file.\n{}", "// line\n".repeat(400)), "401 lines");
    assert_clean("src/domain/x.rs", &format!("//! A file.\n{}", "// line\n".repeat(399)));
    let function = |lines: usize| {
        format!(
            "//! A file.\nimpl X {{\n    pub async fn long(&self) -> u8 {{\n{}    }}\n}}\n",
            "        step();\n".repeat(lines)
        )
    };
    assert_found("src/domain/x.rs", &function(69), "long has 71 lines");
    assert_clean("src/domain/x.rs", &function(68));
    assert_found("tests/outside/x.rs", &function(80), "long has 82 lines");
    for path in ["src/util.rs", "src/web/common.rs", "src/domain/helpers/mod.rs", "src/utils/x.rs"] {
        assert_found(path, "//! A file.\n", "says nothing");
    }
    assert_found("src/web/x.rs", "//! A file.\n#[allow(dead_code)]\nfn f() {}\n", "#[expect");
    assert_found("src/web/x.rs", "//! A file.\nfn f() { unsafe { g() } }\n", "unsafe");
}

#[test]
fn planted_libraries_in_the_wrong_module_are_found() {
    for (path, line, word) in [
        ("src/services/settle.rs", "use actix_web::web::Data;", "actix"),
        ("src/views/pay.rs", "fn f() -> actix_web::HttpResponse { todo() }", "actix"),
        ("src/web/mod.rs", "use rusqlite::Connection;", "rusqlite"),
        ("src/web/mod.rs", "const Q: &str = \"SELECT id FROM orders WHERE id = ?1\";", "SQL"),
        ("src/workers/x.rs", "const Q: &str = \"INSERT INTO outbox (id) VALUES (1)\";", "SQL"),
        ("src/web/pages/pay.rs", "use askama::Template;", "askama"),
        ("src/web/mod.rs", "use reqwest::Client;", "reqwest"),
        ("src/views/pay.rs", "const H: &str = \"<div class='x'>\";", "markup"),
        ("src/domain/money.rs", "fn f(x: f64) {}", "f64"),
        ("src/domain/money.rs", "fn f(x: f32) {}", "f32"),
        ("src/domain/order.rs", "use tokio::time;", "tokio"),
        ("src/domain/order.rs", "use serde::Serialize;", "serde"),
        ("src/qr/png.rs", "use std::time::SystemTime;", "SystemTime"),
    ] {
        assert_found(path, &format!("//! A file.\n{line}\n"), word);
    }
    for (path, line) in [
        ("src/web/mod.rs", "use actix_web::web::Data;"),
        ("src/app.rs", "use actix_web::HttpServer;"),
        ("src/store/sqlite.rs", "use rusqlite::Connection;\nconst Q: &str = \"SELECT 1 FROM orders\";"),
        ("src/views/pay.rs", "use askama::Template;"),
        ("src/wallets/http.rs", "use reqwest::Client;"),
        ("src/web/mod.rs", "/// Use select from the list; insert into the page.\nfn f() {}"),
    ] {
        assert_clean(path, &format!("//! A file.\n{line}\n"));
    }
}

#[test]
fn a_planted_file_that_nothing_reaches_is_found() {
    let reached = [
        Source::new("src/lib.rs", "//! The map.\npub mod domain;\npub mod cli {\n    pub mod qr;\n}\n"),
        Source::new("src/main.rs", "//! The program.\n"),
        Source::new("src/cli/qr.rs", "//! A file.\n"),
        Source::new("src/domain/mod.rs", "//! Values.\nmod order;\n"),
        Source::new("src/domain/order.rs", "//! An order.\n"),
    ];
    assert_eq!(rules::unreached(&reached), Vec::<String>::new());
    let mut lost = reached.to_vec();
    lost.push(Source::new("src/domain/lost.rs", "//! Lost.\n"));
    lost.push(Source::new("src/web/mod.rs", "//! Lost too.\nmod order;\n"));
    let found = rules::unreached(&lost);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("src/domain/lost.rs") && found[1].contains("src/web/mod.rs"), "{found:?}");
}

#[test]
fn only_files_that_nothing_but_tests_lead_to_are_test_code() {
    let mut sources = [
        Source::new("src/store/mod.rs", "//! A store.\n#[cfg(test)]\nmod tests;\nmod rows;\n"),
        Source::new("src/store/tests.rs", "//! Tests.\nuse crate::app::App;\n"),
        Source::new("src/store/tests/races.rs", "//! Tests.\nuse crate::app::App;\n"),
        Source::new("src/store/rows.rs", "//! Rows.\nuse crate::app::App;\n"),
    ];
    source::mark_tests(&mut sources);
    assert_eq!(sources.each_ref().map(|source| source.is_test), [false, true, true, false]);
    assert_eq!(faults(&sources).iter().filter(|fault| fault.contains("may not import")).count(), 1);
}

#[test]
fn strings_and_comments_are_told_from_code() {
    let source = Source::new(
        "src/x.rs",
        "//! A.\nlet a = \"x \\\" // y\"; // z\nlet b = r#\"crate::web \"quoted\"\"#; let c = '\"'; let d: &'static str = 'x';\n/* a /* b */ c */ code();\n",
    );
    for gone in ["y", "z", "crate::web", "quoted", "/*", "b */"] {
        assert!(!source.code.contains(gone), "{gone}: {}", source.code);
    }
    for kept in ["let a", "let b", "let c", "&'static str", "code();"] {
        assert!(source.code.contains(kept), "{kept}: {}", source.code);
    }
    assert!(source.strings.iter().any(|text| text == "crate::web \"quoted\""), "{:?}", source.strings);
    assert_eq!(source.code.lines().count(), source.text.lines().count(), "lines keep their numbers");
}
