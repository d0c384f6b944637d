//! Words that people type and others will read: trimmed, normalised, and free of characters that deceive.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Why a text was refused; the sentence is meant for the one who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The limit that was passed.
        max: usize,
    },
    /// A control character, or one that turns the reading direction around.
    #[error("must not contain control or text-direction characters")]
    Deceptive,
    /// Something that reads like an address, where only plain words belong.
    #[error("must not contain a link or an address")]
    Link,
}

/// Trims, brings to NFC and checks a line of text. `max` counts Unicode scalar values after that.
///
/// # Errors
/// [`TextError`] names the broken rule.
pub fn line(text: &str, max: usize) -> Result<String, TextError> {
    let normal: String = text.trim().nfc().collect();
    if normal.is_empty() {
        return Err(TextError::Empty);
    }
    if normal.chars().any(is_deceptive) {
        return Err(TextError::Deceptive);
    }
    if normal.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(normal)
}

/// Like [`line()`], for what a buyer tells a friend: `max` counts characters as a person counts them (grapheme clusters,
/// with a bound on their bytes), and nothing that reads like a link may stand in it, because strangers will read it on our page.
///
/// # Errors
/// [`TextError`] names the broken rule.
pub fn personal_words(text: &str, max: usize) -> Result<String, TextError> {
    let normal = line(text, max * 8)?;
    if normal.graphemes(true).count() > max {
        return Err(TextError::TooLong { max });
    }
    if reads_like_a_link(&normal) {
        return Err(TextError::Link);
    }
    Ok(normal)
}

/// Controls (C0, C1), bidi embeddings, overrides, isolates and marks, line separators, zero-width and tag characters that hide text.
/// The zero-width joiner stays allowed: emoji families need it.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

fn reads_like_a_link(text: &str) -> bool {
    // Full-width letters and dots are folded: chat apps and browsers read them as the plain ones.
    let lower = text.nfkc().collect::<String>().to_lowercase();
    if lower.contains("://") || lower.contains("www.") || lower.contains('@') && lower.contains('.') {
        return true;
    }
    lower
        .split(|character: char| !character.is_ascii_alphanumeric() && !matches!(character, '.' | '-' | '/'))
        .any(looks_like_a_host)
}

/// `shop.example/x` does; `3.50`, `v1.2` and `etc.` do not.
fn looks_like_a_host(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or_default();
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    !name.is_empty() && !name.ends_with('.') && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_subject_is_trimmed_and_normalised() {
        assert_eq!(line("  cafe\u{301} ", 127).as_deref(), Ok("café"));
        assert_eq!(line(" \t ", 127), Err(TextError::Empty));
        assert_eq!(line("a\u{202E}b", 127), Err(TextError::Deceptive));
        assert_eq!(line("a\nb", 127), Err(TextError::Deceptive));
        assert_eq!(line(&"茶".repeat(127), 127).map(|text| text.chars().count()), Ok(127));
        assert_eq!(line(&"茶".repeat(128), 127), Err(TextError::TooLong { max: 127 }));
    }

    #[test]
    fn a_message_counts_as_people_count_and_holds_no_link() {
        assert!(personal_words(&"👨‍👩‍👧".repeat(20), 20).is_ok());
        assert!(personal_words(&"👨‍👩‍👧".repeat(21), 20).is_err());
        for text in ["see https://a.b", "evil.com", "ｅｖｉｌ．ｃｏｍ", "go to Evil.COM/pay now", "www.x", "a@b.c"]
        {
            assert_eq!(personal_words(text, 60), Err(TextError::Link), "{text}");
        }
        for text in ["3.50 only, v1.2 etc.", "妈妈，帮我付一下茶壶的钱。谢谢", "2.5kg rice...ok"] {
            assert!(personal_words(text, 60).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_once_passes_again_unchanged(text in "\\PC{0,80}") {
            if let Ok(once) = line(&text, 127) {
                prop_assert_eq!(line(&once, 127), Ok(once.clone()));
            }
        }
    }
}
