//! The direction of imports: the table of levels, and every path of a file held against it.

use crate::source::Source;

/// What each module may import besides itself. Whoever is not named here has no place in the house yet.
const TABLE: [(&str, &[&str]); 21] = [
    ("domain", &[]),
    ("qr", &[]),
    ("drill", &[]),
    ("random_cases", &[]),
    ("links", &["domain"]),
    ("wire", &["domain", "drill", "links"]),
    ("ports", &["domain"]),
    ("exchange", &[]),
    ("keys", &["domain"]),
    ("config", &["domain", "qr", "links", "ports", "keys"]),
    ("services", &["domain", "drill", "qr", "links", "wire", "ports"]),
    ("views", &["domain", "links", "qr"]),
    ("system", &["domain", "ports"]),
    ("store", &["domain", "drill", "ports"]),
    ("wallets", &["domain", "drill", "ports", "config", "exchange", "keys"]),
    ("webhooks", &["domain", "drill", "ports", "exchange"]),
    ("web", BELOW_WEB),
    ("workers", BELOW_WEB),
    ("app", EVERYTHING),
    ("cli", EVERYTHING),
    ("main", EVERYTHING),
];

/// The levels below the web, without the adapters: those are named in `app` alone.
const BELOW_WEB: &[&str] = &["domain", "drill", "qr", "links", "wire", "ports", "config", "services", "views"];

const EVERYTHING: &[&str] = &[
    "domain", "drill", "qr", "links", "wire", "ports", "config", "services", "views", "system", "store", "wallets",
    "webhooks", "exchange", "keys", "web", "workers", "app", "cli",
];

/// Whether one module may import another; `None` when the first is not in the table.
pub fn may_import(from: &str, to: &str) -> Option<bool> {
    let (_, allowed) = TABLE.iter().find(|(name, _)| *name == from)?;
    Some(from == to || allowed.contains(&to))
}

/// Each path that leads against the direction.
pub fn faults_of_direction(source: &Source) -> Vec<String> {
    let Some(module) = source.module().filter(|_| !source.is_test) else { return Vec::new() };
    let mut found: Vec<String> = modules_named(source)
        .into_iter()
        .filter(|named| EVERYTHING.contains(&named.as_str()) && may_import(module, named) != Some(true))
        .map(|named| format!("{}: {module} may not import {named}", source.path))
        .collect();
    found.dedup();
    found
}

/// The first-level modules that the code's paths name, in the order of their appearance.
fn modules_named(source: &Source) -> Vec<String> {
    let words = words(&source.code);
    let depth = depth(&source.path);
    let mut named = Vec::new();
    for at in 0..words.len() {
        let begins_path = at == 0 || words[at - 1] != "::";
        let mut after = match words[at].as_str() {
            "crate" | "pay_handoff" if begins_path => at + 1,
            "super" if begins_path => match climb(&words, at, depth) {
                Some(after) => after,
                None => continue,
            },
            _ => continue,
        };
        if words.get(after).is_none_or(|word| word != "::") {
            continue;
        }
        after += 1;
        if words.get(after).is_some_and(|word| word == "{") {
            named.extend(heads_of_group(&words, after));
        } else if let Some(word) = words.get(after) {
            named.push(word.clone());
        }
    }
    named
}

/// How many modules stand between the crate's root and this file's items.
fn depth(path: &str) -> usize {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let names = inside.split('/').count();
    if inside.ends_with("/mod.rs") || matches!(inside, "lib.rs" | "main.rs") { names - 1 } else { names }
}

/// Follows `super::super::…`; the place after it when it climbs to the root.
fn climb(words: &[String], at: usize, depth: usize) -> Option<usize> {
    let mut steps = 1;
    let mut last = at;
    while words.get(last + 1).is_some_and(|word| word == "::")
        && words.get(last + 2).is_some_and(|word| word == "super")
    {
        steps += 1;
        last += 2;
    }
    (steps == depth).then_some(last + 1)
}

/// The first names inside `{a::b, c::{d, e}, f}`.
fn heads_of_group(words: &[String], open: usize) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut at_head = false;
    for word in &words[open..] {
        match word.as_str() {
            "{" => {
                depth += 1;
                at_head = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => at_head = depth == 1,
            name if at_head => {
                heads.push(name.to_owned());
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// Identifiers, `::`, and every other letter that is no space.
fn words(code: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in code.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match letter {
            ':' if words.last().is_some_and(|last| last == ":") => {
                *words.last_mut().expect("it was just looked at") = "::".to_owned()
            }
            other if !other.is_whitespace() => words.push(other.to_string()),
            _ => {}
        }
    }
    words.push(word);
    words
}
