//! The same line of a symbol under all eight masks, side by side, so that one shift, xor or count looks at all of them.

use std::array::from_fn;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

use super::line::Line;
use super::mask::Mask;

/// Up to `64 * WORDS` modules under each of the eight masks. The words of one place stand together: so compilers use the widest
/// registers that the processor is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eight<const WORDS: usize>([[u64; 8]; WORDS]);

impl<const WORDS: usize> Eight<WORDS> {
    /// Of these words: for each place those under mask 0 to 7.
    pub const fn new(words: [[u64; 8]; WORDS]) -> Self {
        Self(words)
    }

    /// The line under one mask.
    #[inline(always)]
    pub fn under(&self, mask: Mask) -> Line<WORDS> {
        Line::new(self.0.map(|words| words[usize::from(mask.number() & 7)]))
    }

    /// The same line eight times.
    pub fn same(line: Line<WORDS>) -> Self {
        let words: [u64; WORDS] = line.words();
        Self(words.map(|word| [word; 8]))
    }

    /// Makes module `at` dark under each mask for which `dark` is 1.
    pub fn darken(&mut self, at: usize, dark: [u64; 8]) {
        if let Some(words) = self.0.get_mut(at / 64) {
            *words = from_fn(|mask| words[mask] | dark[mask] << (at % 64));
        }
    }

    /// How many modules are dark, under each mask.
    #[inline(always)]
    pub fn count(self) -> [u64; 8] {
        let mut counts = [0; 8];
        for words in self.0 {
            counts = from_fn(|mask| counts[mask] + u64::from(words[mask].count_ones()));
        }
        counts
    }

    /// Whether no module is dark under any mask.
    #[inline(always)]
    pub fn is_light(self) -> bool {
        self.0.iter().flatten().fold(0, |all, word| all | word) == 0
    }
}

macro_rules! word_by_word {
    ($($operation:ident $method:ident $operator:tt),*) => {$(
        impl<const WORDS: usize> $operation for Eight<WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(from_fn(|word| from_fn(|mask| self.0[word][mask] $operator other.0[word][mask])))
            }
        }
    )*};
}

word_by_word!(BitAnd bitand &, BitOr bitor |, BitXor bitxor ^);

impl<const WORDS: usize> Not for Eight<WORDS> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0.map(|words| words.map(|word| !word)))
    }
}

impl<const WORDS: usize> Shr<u32> for Eight<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) before it.
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        Self(from_fn(|word| {
            let carried = |mask: usize| if word + 1 < WORDS { self.0[word + 1][mask] << (64 - by) } else { 0 };
            from_fn(|mask| self.0[word][mask] >> by | carried(mask))
        }))
    }
}

impl<const WORDS: usize> Shl<u32> for Eight<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) behind it.
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        Self(from_fn(|word| {
            let carried = |mask: usize| if word > 0 { self.0[word - 1][mask] >> (64 - by) } else { 0 };
            from_fn(|mask| self.0[word][mask] << by | carried(mask))
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eight(words: [[u64; 3]; 8]) -> Eight<3> {
        Eight::new(from_fn(|word| words.map(|words| words[word])))
    }

    fn modules(eight: Eight<3>, mask: usize) -> Vec<bool> {
        (0..192).map(|at| eight.under(Mask::ALL[mask]).is_dark(at)).collect()
    }

    proptest! {
        #[test]
        fn shifts_move_modules_across_words_under_every_mask(words in any::<[[u64; 3]; 8]>(), by in 1..64_u32) {
            let lines = eight(words);
            for mask in 0..8 {
                let (before, nearer, farther) = (modules(lines, mask), modules(lines >> by, mask), modules(lines << by, mask));
                for at in 0..192 {
                    prop_assert_eq!(nearer[at], before.get(at + by as usize).copied().unwrap_or_default());
                    prop_assert_eq!(farther[at], at.checked_sub(by as usize).is_some_and(|from| before[from]));
                }
            }
        }

        #[test]
        fn modules_are_counted_and_darkened_for_each_mask_apart(words in any::<[[u64; 3]; 8]>(), at in 0..192_usize) {
            let mut lines = eight(words);
            prop_assert_eq!(lines.count(), words.map(|words| words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>()));
            let before = lines;
            lines.darken(at, [0, 1, 0, 1, 0, 1, 0, 1]);
            for mask in 0..8 {
                let mut expected = modules(before, mask);
                expected[at] |= mask % 2 == 1;
                prop_assert_eq!(modules(lines, mask), expected);
            }
        }
    }
}
