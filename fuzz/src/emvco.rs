//! Merchant-presented payment texts, and what a decoded text is.

use pay_handoff::qr::emvco;
use pay_handoff::qr::kind::Kind;
use url::Url;

/// A text is taken apart without a rest; an intact one begins like one, and is called so.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let fields = emvco::fields(&text);
    if let Some(fields) = &fields {
        let again: String = fields
            .iter()
            .map(|field| format!("{}{:02}{}", field.tag, field.value.chars().count(), field.value))
            .collect();
        assert_eq!(again, text, "the fields are the whole text");
        for field in fields {
            // Templates are read by the same function.
            let _ = emvco::fields(field.value);
        }
    }
    let is_intact = emvco::is_intact(&text);
    assert!(!is_intact || fields.is_some_and(|fields| fields.last().is_some_and(|last| last.tag == "63")));
    for public_url in [None, Url::parse("https://pay.example/shop/").ok()] {
        let kind = Kind::of(&text, public_url.as_ref());
        if let Kind::Emvco { intact } = kind {
            assert_eq!(intact, is_intact);
        }
        assert!(!kind.advice().is_empty());
    }
}
