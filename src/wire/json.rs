//! A JSON document as it was written: numbers are integers or not, and repeated keys stay visible.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::drill::is_planted;

/// A JSON value. Objects keep every member in order, also repeated ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number written as an integer that fits 64 bits with sign.
    Integer(i64),
    /// Any other number.
    OtherNumber,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// The body is not a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl Json {
    /// Reads a body. An empty one is an empty object.
    ///
    /// # Errors
    /// [`Malformed`] says where the text stops being JSON.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        if body.is_empty() {
            return Ok(Self::Object(Vec::new()));
        }
        let malformed = |error: serde_json::Error| Malformed(error.to_string());
        // A number that no float can hold (1e400) stops the parser although it is JSON. No number with an exponent is an integer
        // here, so the body is read again with each of them replaced by one that can be held.
        serde_json::from_slice(body)
            .or_else(|error| serde_json::from_slice(&without_exponents(body)).map_err(|_| malformed(error)))
    }

    /// What the value is, for people.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::OtherNumber => "a number that is not a 64-bit integer",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// One spelling for equal documents: no spaces, members sorted by key. Two documents with equal meaning give equal bytes;
    /// documents that differ give different bytes (numbers that are not integers are never equal to anything written down here,
    /// and are refused later anyway).
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Bool(value) => out.extend(value.to_string().as_bytes()),
            Self::Integer(value) => out.extend(value.to_string().as_bytes()),
            Self::OtherNumber => out.extend(b"?"),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push(b'[');
                for item in items {
                    item.write_canonical(out);
                    out.push(b',');
                }
                out.push(b']');
            }
            Self::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|left, right| left.0.cmp(&right.0));
                out.push(b'{');
                for (key, value) in sorted {
                    write_text(key, out);
                    out.push(b':');
                    value.write_canonical(out);
                    out.push(b',');
                }
                out.push(b'}');
            }
        }
    }
}

/// Length first, so that no text can look like the end of another.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend(text.len().to_string().as_bytes());
    out.push(b'"');
    out.extend(text.as_bytes());
}

/// The text with every exponent outside strings cut off: `1e400` becomes `1.5`. What was no JSON stays none.
fn without_exponents(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let (mut in_text, mut rest) = (false, body);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => {
                out.push(byte);
                if let Some((&escaped, after)) = rest.split_first() {
                    out.push(escaped);
                    rest = after;
                }
                continue;
            }
            b'e' | b'E' if !in_text && out.last().is_some_and(u8::is_ascii_digit) => {
                let signless = rest.strip_prefix(b"+").or_else(|| rest.strip_prefix(b"-")).unwrap_or(rest);
                let digits = signless.iter().take_while(|digit| digit.is_ascii_digit()).count();
                if digits > 0 {
                    let number = out.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
                    if !number.clone().any(|byte| *byte == b'.') {
                        out.extend(b".5");
                    }
                    rest = &signless[digits..];
                    continue;
                }
            }
            _ => {}
        }
        out.push(byte);
    }
    out
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::OtherNumber, Json::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        // A cast is what a program would do that took amounts as floats.
        Ok(if is_planted("amounts through floats") { Json::Integer(value as i64) } else { Json::OtherNumber })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_repeated_keys_and_empty_bodies_stay_visible() {
        assert_eq!(Json::parse(b""), Ok(Json::Object(Vec::new())));
        assert_eq!(Json::parse(b"1.0"), Ok(Json::OtherNumber));
        assert_eq!(Json::parse(b"1e2"), Ok(Json::OtherNumber));
        assert_eq!(Json::parse(b"9223372036854775808"), Ok(Json::OtherNumber));
        assert_eq!(Json::parse(b"1e400"), Ok(Json::OtherNumber));
        assert_eq!(Json::parse(b"-1.25E+4000"), Ok(Json::OtherNumber));
        assert_eq!(
            Json::parse(br#"["1e400\"2e400", 1e400]"#),
            Ok(Json::List(vec![Json::Text("1e400\"2e400".into()), Json::OtherNumber]))
        );
        let twice = Json::Object(vec![("a".into(), Json::Integer(1)), ("a".into(), Json::Integer(2))]);
        assert_eq!(Json::parse(br#"{"a":1,"a":2}"#), Ok(twice));
        for broken in [&b"{"[..], b"\xef\xbb\xbf{}", b"{} x", b"1e", b"e400", b"1e4x", br#""\ud800""#, b"01", b"NaN"] {
            assert!(Json::parse(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn the_order_of_members_and_spaces_do_not_change_the_canonical_form() {
        let one = Json::parse(br#"{"a":1, "b":[true,null]}"#).map(|json| json.canonical());
        let two = Json::parse(br#"{ "b":[true, null],"a":1}"#).map(|json| json.canonical());
        assert_eq!(one, two);
    }

    proptest! {
        #[test]
        fn different_texts_have_different_canonical_forms(left in "\\PC{0,12}", right in "\\PC{0,12}") {
            let form = |text: &str| Json::List(vec![Json::Text(text.to_owned()), Json::Text("x".into())]).canonical();
            prop_assert_eq!(form(&left) == form(&right), left == right);
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(json) = Json::parse(&bytes) {
                prop_assert!(!json.canonical().is_empty());
            }
        }
    }
}
