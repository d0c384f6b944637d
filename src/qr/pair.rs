//! The same line of a symbol under two masks, side by side, so that one shift, xor or count looks at both.

use std::array::from_fn;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

use super::line::Line;

/// Up to `64 * WORDS` modules under each of two masks. Both words of one place stand together: every processor that we know has
/// registers for two, and with more at once the compiler runs out of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<const WORDS: usize>([[u64; 2]; WORDS]);

impl<const WORDS: usize> Pair<WORDS> {
    /// A line under one mask and under another.
    pub fn of(one: Line<WORDS>, other: Line<WORDS>) -> Self {
        let (one, other) = (one.own_words(), other.own_words());
        Self(from_fn(|word| [one[word], other[word]]))
    }

    /// The same line twice.
    #[inline(always)]
    pub fn same(line: Line<WORDS>) -> Self {
        let words = line.own_words();
        let mut pair = [[0; 2]; WORDS];
        for word in 0..WORDS {
            pair[word] = [words[word]; 2];
        }
        Self(pair)
    }

    /// The line under the first mask, or the second: 0 or 1.
    #[inline(always)]
    pub fn under(&self, mask: usize) -> Line<WORDS> {
        Line::new(self.0.map(|words| words[mask]))
    }

    /// How many modules are dark, under each mask.
    #[inline(always)]
    pub fn count(self) -> [u64; 2] {
        let mut counts = [0; 2];
        for [one, other] in self.0 {
            counts[0] += u64::from(one.count_ones());
            counts[1] += u64::from(other.count_ones());
        }
        counts
    }
}

// Loops instead of closures from here on: those were not always compiled into the place where they stand, at ten times the price.

macro_rules! word_by_word {
    ($($operation:ident $method:ident $operator:tt),*) => {$(
        impl<const WORDS: usize> $operation for Pair<WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for word in 0..WORDS {
                    let ([one, other_one], [two, other_two]) = (self.0[word], other.0[word]);
                    self.0[word] = [one $operator two, other_one $operator other_two];
                }
                self
            }
        }
    )*};
}

word_by_word!(BitAnd bitand &, BitOr bitor |, BitXor bitxor ^);

impl<const WORDS: usize> Not for Pair<WORDS> {
    type Output = Self;

    #[inline(always)]
    fn not(mut self) -> Self {
        for word in 0..WORDS {
            let [one, other] = self.0[word];
            self.0[word] = [!one, !other];
        }
        self
    }
}

impl<const WORDS: usize> Shr<u32> for Pair<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) before it.
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        let mut moved = [[0; 2]; WORDS];
        for (word, moved) in moved.iter_mut().enumerate() {
            let ([one, other], [next, other_next]) =
                (self.0[word], if word + 1 < WORDS { self.0[word + 1] } else { [0; 2] });
            *moved = [one >> by | next << (64 - by), other >> by | other_next << (64 - by)];
        }
        Self(moved)
    }
}

impl<const WORDS: usize> Shl<u32> for Pair<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) behind it.
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        let mut moved = [[0; 2]; WORDS];
        for (word, moved) in moved.iter_mut().enumerate() {
            let ([one, other], [last, other_last]) = (self.0[word], if word > 0 { self.0[word - 1] } else { [0; 2] });
            *moved = [one << by | last >> (64 - by), other << by | other_last >> (64 - by)];
        }
        Self(moved)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::qr::line::tests::modules;

    proptest! {
        #[test]
        fn shifts_move_modules_across_words_under_both_masks(one in any::<[u64; 3]>(), other in any::<[u64; 3]>(), by in 1..64_u32) {
            let pair = Pair::of(Line::new(one), Line::new(other));
            for mask in 0..2 {
                let [before, nearer, farther] = [pair, pair >> by, pair << by].map(|pair| modules(pair.under(mask)));
                for at in 0..192 {
                    prop_assert_eq!(nearer[at], before.get(at + by as usize).copied().unwrap_or_default());
                    prop_assert_eq!(farther[at], at.checked_sub(by as usize).is_some_and(|from| before[from]));
                }
                prop_assert_eq!(pair.count()[mask] as usize, before.iter().filter(|dark| **dark).count());
            }
        }
    }
}
