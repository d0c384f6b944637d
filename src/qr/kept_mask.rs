//! Which mask was chosen for a text that is not ours: remembered, since the choice takes longer than drawing and never changes.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Mask, QrError, evidence};

/// How many bytes of texts each of the two generations remembers; a wallet's own code has 20 to 150.
const GENERATION_BYTES: usize = 1_000_000;

/// Masks by their texts, those asked for lately.
#[derive(Default)]
pub struct KeptMasks(Mutex<Generations>);

/// When the young take too much they become the old ones, and the old ones that nobody asked for meanwhile are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<String, Mask>,
    young_bytes: usize,
    old: HashMap<String, Mask>,
}

impl KeptMasks {
    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mask that [`choose`](Self::choose) found for this text, if it is remembered.
    pub fn get(&self, text: &str) -> Option<Mask> {
        let mut generations = self.generations();
        if let Some(mask) = generations.young.get(text) {
            return Some(*mask);
        }
        let (text, mask) = generations.old.remove_entry(text)?;
        generations.remember(text, mask);
        Some(mask)
    }

    /// Chooses the mask by evidence and remembers it: some milliseconds.
    ///
    /// # Errors
    /// [`QrError`] for a text that no code can hold.
    pub fn choose(&self, text: &str) -> Result<Mask, QrError> {
        let mask = evidence::choose(text)?.mask();
        self.generations().remember(text.to_owned(), mask);
        Ok(mask)
    }
}

impl Generations {
    fn remember(&mut self, text: String, mask: Mask) {
        if self.young_bytes >= GENERATION_BYTES {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        let bytes = text.len();
        if self.young.insert(text, mask).is_none() {
            self.young_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_remembered() {
        let kept = KeptMasks::default();
        let text = "weixin://wxpay/bizpayurl?pr=AbCdEfGhz";
        assert_eq!(kept.get(text), None);
        let mask = kept.choose(text).unwrap();
        assert_eq!((kept.get(text), Ok(mask)), (Some(mask), evidence::choose(text).map(|symbol| symbol.mask())));
        assert_eq!(kept.choose(""), Err(QrError::Empty));
    }

    #[test]
    fn however_many_are_remembered_the_memory_is_bounded_and_those_asked_for_stay() {
        let kept = KeptMasks::default();
        let text = |number: usize| format!("{number:0>1000}");
        for number in 0..3 * GENERATION_BYTES / 1000 {
            kept.generations().remember(text(number), Mask::of(3));
            assert_eq!(kept.get(&text(0)), Some(Mask::of(3)), "asked for again and again, after {number}");
        }
        let generations = kept.generations();
        assert!(generations.young.len().max(generations.old.len()) <= GENERATION_BYTES / 1000 + 1);
        assert!(!generations.young.contains_key(&text(1)) && !generations.old.contains_key(&text(1)));
    }
}
