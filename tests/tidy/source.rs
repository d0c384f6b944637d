//! A source file as the rules see it: code without comments, strings apart, test modules left out.

use std::path::Path;

/// One file.
#[derive(Clone)]
pub struct Source {
    /// Its path from the root of the repository, with `/`.
    pub path: String,
    /// Its text as it is.
    pub text: String,
    /// Its code with comments, the insides of strings and `#[cfg(test)]` items blanked; the lines keep their numbers.
    pub code: String,
    /// The insides of its strings outside test items.
    pub strings: Vec<String>,
    /// Whether all of it is test code: it stands below `tests` or `benches`, or is reached through `#[cfg(test)] mod …;` alone.
    pub is_test: bool,
}

impl Source {
    /// Takes a file apart.
    pub fn new(path: &str, text: &str) -> Self {
        let (code, strings) = blank(text);
        let (code, test_lines) = without_tests(&code);
        let in_tests = |line: usize| test_lines.iter().any(|range| range.contains(&line));
        let strings = strings.into_iter().filter(|(line, _)| !in_tests(*line)).map(|(_, text)| text).collect();
        Self { path: path.to_owned(), text: text.to_owned(), code, strings, is_test: !path.starts_with("src/") }
    }

    /// The module of the crate that the file belongs to (`domain`, `app`, …); none outside `src`, nor for `lib.rs`.
    pub fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (name != "lib").then_some(name)
    }

    /// The directory in which the files of this file's modules lie.
    pub fn home(&self) -> String {
        match self.path.rsplit_once('/') {
            Some((directory, "mod.rs" | "lib.rs" | "main.rs")) => directory.to_owned(),
            _ => self.path.trim_end_matches(".rs").to_owned(),
        }
    }
}

/// Every Rust file of the crate: sources, tests and benches.
pub fn read_all(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    for directory in ["src", "tests", "benches", "examples"] {
        read_directory(root, &root.join(directory), &mut sources);
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    mark_tests(&mut sources);
    sources
}

/// Marks the files that only test code leads to, and what lies below them.
pub fn mark_tests(sources: &mut [Source]) {
    let mut only_tests = Vec::new();
    for source in sources.iter() {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        for two in lines.windows(2).filter(|two| two[0] == "#[cfg(test)]") {
            let name = two[1].trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
            if let Some(name) = name {
                only_tests.push(format!("{}/{name}", source.home()));
            }
        }
    }
    for source in sources {
        let stem = source.path.trim_end_matches(".rs");
        source.is_test |= only_tests.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/")));
    }
}

fn read_directory(root: &Path, directory: &Path, sources: &mut Vec<Source>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_directory(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&name, &std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

/// Blanks comments and the insides of strings; returns the strings with their lines.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let letters: Vec<char> = text.chars().collect();
    let mut reader = Reader { letters: &letters, at: 0, code: String::new(), strings: Vec::new() };
    while reader.at < letters.len() {
        reader.step();
    }
    (reader.code, reader.strings)
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn ahead(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, letter)| self.letters.get(self.at + offset) == Some(&letter))
    }

    fn keep(&mut self) {
        self.code.push(self.letters[self.at]);
        self.at += 1;
    }

    /// Passes over one letter; only line ends stay.
    fn skip(&mut self) {
        if self.letters[self.at] == '\n' {
            self.code.push('\n');
        }
        self.at += 1;
    }

    fn line(&self) -> usize {
        self.code.matches('\n').count()
    }

    fn step(&mut self) {
        if self.ahead("//") {
            while self.at < self.letters.len() && self.letters[self.at] != '\n' {
                self.skip();
            }
        } else if self.ahead("/*") {
            self.block_comment();
        } else if let Some(hashes) = self.raw_string_start() {
            self.raw_string(hashes);
        } else if self.ahead("\"") {
            self.string();
        } else if self.ahead("'") {
            self.letter_or_lifetime();
        } else {
            self.keep();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.letters.len() {
            if self.ahead("/*") {
                depth += 1;
                self.skip();
            } else if self.ahead("*/") {
                depth -= 1;
                self.skip();
            }
            self.skip();
            if depth == 0 {
                return;
            }
        }
    }

    /// The number of hashes when a raw string begins here.
    fn raw_string_start(&self) -> Option<usize> {
        let before = self.at.checked_sub(1).map(|at| self.letters[at]);
        if !self.ahead("r") || before.is_some_and(|letter| letter.is_alphanumeric() && letter != 'b' || letter == '_') {
            return None;
        }
        let hashes = self.letters[self.at + 1..].iter().take_while(|letter| **letter == '#').count();
        (self.letters.get(self.at + 1 + hashes) == Some(&'"')).then_some(hashes)
    }

    fn raw_string(&mut self, hashes: usize) {
        let line = self.line();
        let end = format!("\"{}", "#".repeat(hashes));
        self.at += hashes + 2;
        let mut inside = String::new();
        while self.at < self.letters.len() && !self.ahead(&end) {
            inside.push(self.letters[self.at]);
            self.skip();
        }
        self.at = (self.at + end.len()).min(self.letters.len());
        self.code.push_str("\"\"");
        self.strings.push((line, inside));
    }

    fn string(&mut self) {
        let line = self.line();
        self.at += 1;
        let mut inside = String::new();
        while self.at < self.letters.len() && !self.ahead("\"") {
            if self.ahead("\\") {
                self.skip();
            }
            if self.at < self.letters.len() {
                inside.push(self.letters[self.at]);
                self.skip();
            }
        }
        self.at = (self.at + 1).min(self.letters.len());
        self.code.push_str("\"\"");
        self.strings.push((line, inside));
    }

    fn letter_or_lifetime(&mut self) {
        let escaped = self.letters.get(self.at + 1) == Some(&'\\');
        let end = if escaped {
            (self.at + 3..self.letters.len()).find(|at| self.letters[*at] == '\'')
        } else {
            Some(self.at + 2).filter(|at| self.letters.get(*at) == Some(&'\''))
        };
        match end {
            Some(end) => {
                self.code.push_str("' '");
                self.at = end + 1;
            }
            None => self.keep(),
        }
    }
}

/// Blanks items under `#[cfg(test)]`, and tells which lines they had.
fn without_tests(code: &str) -> (String, Vec<std::ops::Range<usize>>) {
    let lines: Vec<&str> = code.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut tests = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim_start().starts_with("#[cfg(test)]") {
            let end = end_of_item(&lines, at);
            tests.push(at..end);
            kept.extend(std::iter::repeat_n("", end - at));
            at = end;
        } else {
            kept.push(lines[at]);
            at += 1;
        }
    }
    (kept.join("\n"), tests)
}

/// The line after the item that begins at (or below the attributes at) this line.
pub fn end_of_item(lines: &[&str], begin: usize) -> usize {
    let mut depth = 0_i64;
    for (number, line) in lines.iter().enumerate().skip(begin) {
        let attribute = line.trim_start().starts_with("#[");
        let (mut opened, mut closed) = (false, false);
        for letter in line.chars() {
            match letter {
                '{' => {
                    depth += 1;
                    opened = true;
                }
                '}' => {
                    depth -= 1;
                    closed = true;
                }
                _ => {}
            }
        }
        let done = depth == 0 && (opened || closed || line.trim_end().ends_with(';'));
        if done && !attribute {
            return number + 1;
        }
    }
    lines.len()
}
