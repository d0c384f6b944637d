//! A reader over one table of the configuration file: what nobody asks for is an unknown key.

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Report;
use super::nearest::nearest;

/// One table. Each key is asked for by name; [`Section::finish`] then refuses the keys that nobody asked for, so the questions
/// themselves are the list of known keys.
pub(super) struct Section<'s> {
    source: &'s str,
    path: String,
    line: usize,
    table: &'s DeTable<'s>,
    known: Vec<&'static str>,
}

impl<'s> Section<'s> {
    /// The whole document; `source` is the text that it was read from.
    pub(super) const fn root(source: &'s str, table: &'s DeTable<'s>) -> Self {
        Self { source, path: String::new(), line: 1, table, known: Vec::new() }
    }

    /// Whether the key stands in the table, right or wrong. Makes it a known one.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.known.push(key);
        self.table.contains_key(key)
    }

    /// Notes a fault of a key of this table, at its line; at the table's own line when the key is missing.
    pub(super) fn fault(&self, key: &str, report: &mut Report, rule: impl Into<String>) {
        let line = self.table.get_key_value(key).map_or(self.line, |(name, _)| self.line_of(name));
        report.fault(self.path_of(key), Some(line), rule);
    }

    /// Notes what is allowed and yet worth a word about a key of this table.
    pub(super) fn warn(&self, key: &str, report: &mut Report, sentence: &str) {
        report.warn(format!("{}: {sentence}", self.path_of(key)));
    }

    /// A text that `parse` takes; `None` when it is absent, or wrong and reported.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        report: &mut Report,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let parsed = value.get_ref().as_str().ok_or_else(|| "must be a text in quotes".to_owned()).and_then(parse);
        parsed.map_err(|rule| self.fault(key, report, rule)).ok()
    }

    /// Like [`Section::text`], for what must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        report: &mut Report,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(key) {
            self.fault(key, report, "is missing");
        }
        self.text(key, report, parse)
    }

    /// A list of different texts; `None` when it is absent, or wrong and reported.
    pub(super) fn texts<T: PartialEq>(
        &mut self,
        key: &'static str,
        report: &mut Report,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let Some(items) = self.value(key)?.get_ref().as_array() else {
            self.fault(key, report, "must be a list of texts, in square brackets");
            return None;
        };
        let mut list = Vec::with_capacity(items.len());
        let mut whole = true;
        for (index, item) in items.iter().enumerate() {
            let text = item.get_ref().as_str().ok_or_else(|| "must be a text in quotes".to_owned());
            match text.and_then(&parse) {
                Ok(value) if list.contains(&value) => {
                    whole = false;
                    self.item_fault(key, index, item, report, "stands twice in the list");
                }
                Ok(value) => list.push(value),
                Err(rule) => {
                    whole = false;
                    self.item_fault(key, index, item, report, rule);
                }
            }
        }
        whole.then_some(list)
    }

    /// Whether the key holds a list of nothing.
    pub(super) fn is_empty_list(&self, key: &str) -> bool {
        self.table.get(key).and_then(|value| value.get_ref().as_array()).is_some_and(|items| items.is_empty())
    }

    /// A whole number of this range; `None` when it is absent, or wrong and reported.
    pub(super) fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
        report: &mut Report,
    ) -> Option<i64> {
        let number = self.value(key)?.get_ref().as_integer();
        let number = number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(number);
        }
        let rule = format!("must be a whole number from {} to {}", range.start(), range.end());
        self.fault(key, report, rule);
        None
    }

    /// The table under a key; `None` when it is absent, or no table and reported.
    pub(super) fn section(&mut self, key: &'static str, report: &mut Report) -> Option<Self> {
        self.known.push(key);
        self.inner(key, report)
    }

    /// The names of this table, where they are the operator's own choice: none is unknown.
    pub(super) fn names(&self) -> Vec<&'s str> {
        self.table.keys().map(|name| name.get_ref().as_ref()).collect()
    }

    /// The table under a name of the operator's choice; `None` when it is no table and reported.
    pub(super) fn inner(&self, name: &str, report: &mut Report) -> Option<Self> {
        let (key, value) = self.table.get_key_value(name)?;
        let Some(table) = value.get_ref().as_table() else {
            self.fault(name, report, "must be a table");
            return None;
        };
        Some(Self { source: self.source, path: self.path_of(name), line: self.line_of(key), table, known: Vec::new() })
    }

    /// The text under a name of the operator's choice; `None` when it is something else.
    pub(super) fn inner_text(&self, name: &str) -> Option<&'s str> {
        self.table.get(name)?.get_ref().as_str()
    }

    /// Refuses the keys that nobody asked for.
    pub(super) fn finish(self, report: &mut Report) {
        for name in self.names().into_iter().filter(|name| !self.known.contains(name)) {
            let rule = match nearest(name, &self.known) {
                Some(meant) => format!("is not a known key; did you mean `{meant}`?"),
                None => "is not a known key".to_owned(),
            };
            self.fault(name, report, rule);
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'s Spanned<DeValue<'s>>> {
        self.known.push(key);
        self.table.get(key)
    }

    fn item_fault(
        &self,
        key: &str,
        index: usize,
        item: &Spanned<DeValue<'_>>,
        report: &mut Report,
        rule: impl Into<String>,
    ) {
        report.fault(format!("{}[{index}]", self.path_of(key)), Some(line_at(self.source, item.span().start)), rule);
    }

    fn line_of<T>(&self, spanned: &Spanned<T>) -> usize {
        line_at(self.source, spanned.span().start)
    }

    fn path_of(&self, key: &str) -> String {
        let name = printable(key);
        if self.path.is_empty() { name } else { format!("{}.{name}", self.path) }
    }
}

/// The line of a byte offset, from 1.
pub(super) fn line_at(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// Turns an error of a value's own type into the rule of a fault.
pub(super) fn rule(error: impl Display) -> String {
    error.to_string()
}

/// A key as TOML would write it, so that a strange one cannot play tricks on a terminal; long ones are cut.
fn printable(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let cut: String = key.chars().take(60).collect();
    if bare { cut } else { format!("{cut:?}") }
}
