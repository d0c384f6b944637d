//! Forms as Alipay and UnionPay write and sign them: each name once, and nothing of doubtful meaning.

use std::collections::BTreeMap;

use url::form_urlencoded::byte_serialize;

/// Names and values, in the order of the names' bytes: the order in which they are signed.
pub(super) type Fields = BTreeMap<String, String>;

/// Reads a form; `None` when a name is empty or comes twice, when an escape is broken, and for what is not UTF-8. Another reader might
/// see another form there than the one that was signed.
pub(super) fn read(body: &[u8]) -> Option<Fields> {
    let mut fields = Fields::new();
    for pair in body.split(|byte| *byte == b'&') {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (plain(&pair[..equals])?, plain(&pair[equals + 1..])?);
        if name.is_empty() || fields.insert(name, value).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Writes a form.
pub(super) fn write(fields: &Fields) -> String {
    let escaped = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}

/// The text that is signed: `name=value` of these fields, unescaped, with `&` between them.
pub(super) fn text_to_sign<'fields>(fields: impl Iterator<Item = (&'fields String, &'fields String)>) -> String {
    let pairs: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Whether a signed text can be cut into fields in one way only, as far as these names go. Values stand in it unescaped: one that holds
/// `&total_amount=1` would let somebody present the same text, and so the same signature, as other fields.
pub(super) fn is_clear(text: &str, names: &[&str]) -> bool {
    let at_begin = |name: &str| usize::from(text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
    names.iter().all(|name| at_begin(name) + text.matches(&format!("&{name}=")).count() <= 1)
}

fn plain(escaped: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => nibble(*rest.next()?)? << 4 | nibble(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn forms_of_doubtful_meaning_are_not_read() {
        for body in ["", "a", "=1", "a=1&a=1", "a=1&a=2", "a=1&%61=2", "a=%", "a=%4", "a=%zz", "a=%ff", "a=1&", "&a=1"]
        {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        let read = read("b=x+y%26%3D%2B&a=%e4%B8%ad=&c=".as_bytes()).unwrap();
        assert_eq!(read, fields(&[("a", "中="), ("b", "x y&=+"), ("c", "")]));
    }

    #[test]
    fn a_text_is_signed_in_the_order_of_names_not_of_pairs() {
        // Compared as whole pairs, `a-b=` would come before `a=`.
        let unordered = fields(&[("b", "2 &"), ("a-b", "3"), ("a", "1")]);
        assert_eq!(text_to_sign(unordered.iter()), "a=1&a-b=3&b=2 &");
    }

    #[test]
    fn a_name_that_seems_to_begin_a_field_twice_is_not_clear() {
        let names = ["total_amount", "app_id"];
        assert!(is_clear("app_id=1&body=x&total_amount=2", &names));
        assert!(is_clear("app_id=1&my_app_id=3&total_amount=2", &names));
        assert!(!is_clear("app_id=1&body=x&total_amount=9&tz=&total_amount=2", &names));
        assert!(!is_clear("app_id=1&body=&app_id=2", &names));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in prop::collection::btree_map("\\PC{1,8}", "\\PC{0,20}", 1..6)) {
            prop_assert_eq!(read(write(&pairs).as_bytes()), Some(pairs));
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(fields) = read(&bytes) {
                prop_assert!(!fields.is_empty());
            }
        }
    }
}
