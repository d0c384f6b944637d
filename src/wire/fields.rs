//! Reading the members of a request body, naming every bad one and not only the first.

use std::collections::BTreeSet;

use super::json::Json;
use super::problem::FieldError;

/// The members of one object while they are being read. Ask for each known one, then [`Fields::finish`]: what nobody asked
/// for is refused.
#[derive(Debug)]
pub struct Fields {
    pointer: String,
    members: Vec<(String, Json)>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The members of a body.
    ///
    /// # Errors
    /// The body is not an object.
    pub fn of(body: Json) -> Result<Self, Vec<FieldError>> {
        Self::at(String::new(), body)
    }

    fn at(pointer: String, json: Json) -> Result<Self, Vec<FieldError>> {
        let Json::Object(members) = json else {
            return Err(vec![FieldError::new(&pointer, format!("must be an object, not {}", json.kind()))]);
        };
        let mut seen = BTreeSet::new();
        let mut fields = Self { pointer, members: Vec::with_capacity(members.len()), errors: Vec::new() };
        for (key, value) in members {
            if !seen.insert(key.clone()) {
                fields.refuse(&key, "stands there more than once");
                fields.members.retain(|(known, _)| *known != key);
            } else {
                fields.members.push((key, value));
            }
        }
        Ok(fields)
    }

    /// Notes that a member breaks a rule.
    pub fn refuse(&mut self, key: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(&format!("{}/{}", self.pointer, escape(key)), detail.into()));
    }

    fn has_error(&self, key: &str) -> bool {
        let pointer = format!("{}/{}", self.pointer, escape(key));
        self.errors.iter().any(|error| error.pointer == pointer)
    }

    /// Takes a member out; `null` counts as absent.
    fn take(&mut self, key: &str) -> Option<Json> {
        let position = self.members.iter().position(|(known, _)| known == key)?;
        Some(self.members.remove(position).1).filter(|value| *value != Json::Null)
    }

    /// A member that must be there.
    pub fn required<T>(&mut self, key: &str, read: impl FnOnce(Json) -> Result<T, String>) -> Option<T> {
        match self.take(key) {
            Some(value) => self.read(key, value, read),
            None => {
                if !self.has_error(key) {
                    self.refuse(key, "is required");
                }
                None
            }
        }
    }

    /// A member that may be left out.
    pub fn optional<T>(&mut self, key: &str, read: impl FnOnce(Json) -> Result<T, String>) -> Option<T> {
        let value = self.take(key)?;
        self.read(key, value, read)
    }

    /// A member that is an object of texts, kept in order; each bad entry is named.
    pub fn text_pairs(&mut self, key: &str, most: usize, key_max: usize, value_max: usize) -> Vec<(String, String)> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let entries = match Self::at(format!("{}/{}", self.pointer, escape(key)), value) {
            Ok(entries) => entries,
            Err(errors) => {
                self.errors.extend(errors);
                return Vec::new();
            }
        };
        self.errors.extend(entries.errors);
        if entries.members.len() > most {
            self.refuse(key, format!("must have at most {most} members"));
        }
        let mut pairs = Vec::with_capacity(entries.members.len());
        for (name, value) in entries.members {
            let path = format!("{}/{}", escape(key), escape(&name));
            match value {
                Json::Text(text)
                    if (1..=key_max).contains(&name.chars().count()) && text.chars().count() <= value_max =>
                {
                    pairs.push((name, text));
                }
                Json::Text(_) if !(1..=key_max).contains(&name.chars().count()) => {
                    self.refuse_at(&path, format!("the key must have 1 to {key_max} characters"));
                }
                Json::Text(_) => self.refuse_at(&path, format!("must have at most {value_max} characters")),
                other => self.refuse_at(&path, format!("must be a string, not {}", other.kind())),
            }
        }
        pairs
    }

    fn refuse_at(&mut self, escaped_path: &str, detail: String) {
        self.errors.push(FieldError::new(&format!("{}/{escaped_path}", self.pointer), detail));
    }

    fn read<T>(&mut self, key: &str, value: Json, read: impl FnOnce(Json) -> Result<T, String>) -> Option<T> {
        match read(value) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.refuse(key, detail);
                None
            }
        }
    }

    /// Refuses what nobody asked for and gives the result, if nothing was bad.
    ///
    /// # Errors
    /// Every bad member.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        for (key, _) in std::mem::take(&mut self.members) {
            self.refuse(&key, "is not a known field");
        }
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// Escapes a key for a JSON pointer (RFC 6901).
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The value as a string.
///
/// # Errors
/// Says what it is instead.
pub fn text(value: Json) -> Result<String, String> {
    match value {
        Json::Text(text) => Ok(text),
        other => Err(format!("must be a string, not {}", other.kind())),
    }
}

/// The value as an integer within bounds.
///
/// # Errors
/// Says what it is instead, or which bounds it passes.
pub fn integer(value: Json, least: i64, most: i64) -> Result<i64, String> {
    match value {
        Json::Integer(number) if (least..=most).contains(&number) => Ok(number),
        Json::Integer(_) | Json::OtherNumber => Err(format!("must be an integer from {least} to {most}")),
        other => Err(format!("must be an integer from {least} to {most}, not {}", other.kind())),
    }
}
