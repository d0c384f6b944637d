//! What is wrong with a configuration: every fault at once, each naming its key and the rule, never a value.

use std::fmt;

/// One broken rule. It never repeats the value that broke it, because that may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The key in the file (`merchants.teashop.mode`), the option, or the environment variable.
    pub key: String,
    /// The line in the file, from 1; `None` for what stands in no file.
    pub line: Option<usize>,
    /// The rule, as the rest of a sentence that begins with the key.
    pub rule: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{} (line {line}): {}", self.key, self.rule),
            None => write!(formatter, "{}: {}", self.key, self.rule),
        }
    }
}

/// All faults of a configuration, in the order of its lines; never empty where it is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(formatter, "the configuration has a fault:")?,
            count => write!(formatter, "the configuration has {count} faults:")?,
        }
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigFaults {}

/// Collects faults and warnings while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Report {
    faults: Vec<ConfigFault>,
    warnings: Vec<String>,
}

impl Report {
    /// Notes a broken rule.
    pub(super) fn fault(&mut self, key: impl Into<String>, line: Option<usize>, rule: impl Into<String>) {
        self.faults.push(ConfigFault { key: key.into(), line, rule: rule.into() });
    }

    /// Keeps the value, or notes the broken rule.
    pub(super) fn keep<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|rule| self.fault(key, None, rule)).ok()
    }

    /// Notes what is allowed and yet worth a word.
    pub(super) fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    /// The faults by line, and the warnings.
    pub(super) fn finish(mut self) -> (ConfigFaults, Vec<String>) {
        self.faults.sort_by_key(|fault| fault.line);
        (ConfigFaults(self.faults), self.warnings)
    }
}
