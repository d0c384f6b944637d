//! The rules about one file, and about files that nothing reaches.

use std::collections::BTreeSet;

use crate::source::{Source, end_of_item};

/// The longest a file may be, in lines.
const LONGEST_FILE: usize = 400;
/// The longest a function may be, in lines from its `fn` to its closing brace.
const LONGEST_FUNCTION: usize = 70;
/// Names that say nothing about what lies inside.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "misc", "shared", "base"];

/// Which library belongs to which modules.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("actix_web", &["web", "app"]),
    ("rusqlite", &["store"]),
    ("tokio_postgres", &["store"]),
    ("askama", &["views"]),
    ("reqwest", &["wallets", "webhooks"]),
    ("utoipa", &["wire", "web"]),
    ("clap", &["cli", "main", "config"]),
];

/// Single files that may name a library of another module, because they are where the two meet.
const MEETINGS: [(&str, &str); 2] = [
    ("src/web/render.rs", "askama"),   // A page becomes an answer.
    ("src/cli/serve.rs", "actix_web"), // The runtime is started.
];

/// What the pure modules know nothing of: HTTP, storage, clocks, chance, forms of exchange.
const IMPURE: [&str; 12] = [
    "tokio",
    "serde",
    "serde_json",
    "tracing",
    "rusqlite",
    "SystemTime",
    "Instant",
    "SystemRandom",
    "now_v7",
    "new_v4",
    "std::env",
    "std::net",
];

/// Faults of length and of form.
pub fn faults_of_form(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut found = Vec::new();
    let first = source.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//! ").is_none_or(|sentence| sentence.trim().len() < 3) {
        found.push(format!("{path}: the first line is no `//!` sentence"));
    }
    let lines = source.text.lines().count();
    if lines > LONGEST_FILE {
        found.push(format!("{path}: {lines} lines, more than {LONGEST_FILE}"));
    }
    for part in path.split('/').map(|part| part.trim_end_matches(".rs")) {
        if EMPTY_NAMES.contains(&part) {
            found.push(format!("{path}: the name {part} says nothing"));
        }
    }
    found.extend(long_functions(source));
    if path.starts_with("src/") {
        if source.code.contains("#[allow") || source.code.contains("#![allow") {
            found.push(format!("{path}: #[allow], where #[expect(…, reason)] would tell when it is no longer needed"));
        }
        if has_word(&source.code, "unsafe") {
            found.push(format!("{path}: unsafe code"));
        }
    }
    found
}

fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.code.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(at) = word_at(line, "fn") else { continue };
        let name: String = line[at + 2..]
            .trim_start()
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        if name.is_empty() {
            continue; // A function's type.
        }
        let length = end_of_item(&lines, number) - number;
        if length > LONGEST_FUNCTION {
            found.push(format!(
                "{}:{}: the function {name} has {length} lines, more than {LONGEST_FUNCTION}",
                source.path,
                number + 1
            ));
        }
    }
    found
}

/// Libraries, SQL and markup outside the module they belong to.
pub fn faults_of_libraries(source: &Source) -> Vec<String> {
    let Some(module) = source.module().filter(|_| !source.is_test) else { return Vec::new() };
    let path = source.path.as_str();
    let mut found = Vec::new();
    for (library, modules) in LIBRARIES {
        let meets = MEETINGS.contains(&(path, library));
        if has_word(&source.code, library) && !modules.contains(&module) && !meets {
            found.push(format!("{path}: {library} belongs to {modules:?}"));
        }
    }
    if module != "store" && source.strings.iter().any(|text| is_sql(text)) {
        found.push(format!("{path}: SQL belongs to store"));
    }
    let has_hostile_words = path == "src/views/samples.rs"; // Markup that must come out as words.
    if matches!(module, "views" | "web" | "services" | "wire")
        && !has_hostile_words
        && source.strings.iter().any(|text| is_markup(text))
    {
        found.push(format!("{path}: markup belongs to the templates"));
    }
    if matches!(module, "domain" | "qr") {
        let pure: &[&str] = if module == "domain" { &["f32", "f64"] } else { &[] };
        let named = IMPURE.iter().chain(pure).filter(|word| has_word(&source.code, word));
        found.extend(named.map(|word| format!("{path}: {module} is pure and knows no {word}")));
    }
    found
}

fn is_sql(text: &str) -> bool {
    let upper = text.to_uppercase();
    let begins = |verb: &str, then: &str| upper.trim_start().starts_with(verb) && upper.contains(then);
    begins("SELECT ", " FROM ")
        || begins("INSERT ", " INTO ")
        || begins("UPDATE ", " SET ")
        || begins("DELETE FROM ", "")
        || begins("CREATE TABLE ", "")
        || begins("PRAGMA ", "")
}

fn is_markup(text: &str) -> bool {
    ["<div", "<span", "<p>", "<form", "<html", "<body", "<img", "<a href", "<button", "<style", "<script"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// Files below `src` that no `mod` line leads to.
pub fn unreached(sources: &[Source]) -> Vec<String> {
    let all: BTreeSet<&str> =
        sources.iter().map(|source| source.path.as_str()).filter(|path| path.starts_with("src/")).collect();
    let mut reached: BTreeSet<String> = ["src/lib.rs", "src/main.rs"].map(str::to_owned).into();
    let mut waiting: Vec<String> = reached.iter().cloned().collect();
    while let Some(path) = waiting.pop() {
        let Some(source) = sources.iter().find(|source| source.path == path) else { continue };
        for candidate in children(source) {
            if all.contains(candidate.as_str()) && reached.insert(candidate.clone()) {
                waiting.push(candidate);
            }
        }
    }
    all.into_iter()
        .filter(|path| !reached.contains(*path))
        .map(|path| format!("{path}: no mod line leads here"))
        .collect()
}

/// The files that the `mod` lines of a file may mean, modules written in place included.
fn children(source: &Source) -> Vec<String> {
    let home = source.home();
    let mut found = Vec::new();
    let mut inline: Vec<String> = Vec::new();
    // Test modules in files of their own stand under `#[cfg(test)]`, so the plain text is read here.
    for line in source.text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| *word == "mod").filter(|at| *at <= 1) else {
            if line == "}" {
                inline.pop();
            }
            continue;
        };
        let Some(name) = words.get(at + 1) else { continue };
        if let Some(name) = name.strip_suffix(';') {
            let folder = [std::slice::from_ref(&home), &inline].concat().join("/");
            found.push(format!("{folder}/{name}.rs"));
            found.push(format!("{folder}/{name}/mod.rs"));
        } else if words.get(at + 2) == Some(&"{") {
            inline.push((*name).to_owned());
        }
    }
    found
}

fn has_word(code: &str, word: &str) -> bool {
    code.lines().any(|line| word_at(line, word).is_some())
}

fn word_at(line: &str, word: &str) -> Option<usize> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = line[..*at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
