//! The known word that somebody who mistyped most likely meant.

/// The nearest of the known words, when one is near enough to be worth naming: a third of its letters may differ, or it
/// begins with what was typed.
pub(super) fn nearest<'k>(typed: &str, known: &[&'k str]) -> Option<&'k str> {
    let near = |word: &&str| {
        let steps = edit_steps(typed, word);
        let begins = typed.len() >= 3 && word.starts_with(typed);
        (begins || steps <= (word.len() / 3).max(1)).then_some(steps)
    };
    known.iter().filter_map(|word| near(word).map(|steps| (steps, *word))).min().map(|(_, word)| word)
}

/// How many letters must be put in, taken out or exchanged to make one word of the other (Levenshtein's distance).
fn edit_steps(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: [&str; 4] = ["listen", "public_url", "api_v3_key_env", "mode"];

    #[test]
    fn a_slip_of_the_finger_finds_its_word_and_nonsense_finds_none() {
        assert_eq!(nearest("listne", &KNOWN), Some("listen"));
        assert_eq!(nearest("public-url", &KNOWN), Some("public_url"));
        assert_eq!(nearest("api_v3_key", &KNOWN), Some("api_v3_key_env"));
        assert_eq!(nearest("mod", &KNOWN), Some("mode"));
        assert_eq!(nearest("colour", &KNOWN), None);
        assert_eq!(nearest("", &KNOWN), None);
    }

    proptest! {
        #[test]
        fn the_steps_are_the_same_both_ways_and_zero_only_for_equal_words(one in "[ab茶]{0,6}", other in "[ab茶]{0,6}") {
            prop_assert_eq!(edit_steps(&one, &other), edit_steps(&other, &one));
            prop_assert_eq!(edit_steps(&one, &other) == 0, one == other);
        }
    }
}
