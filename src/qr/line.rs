//! A row or column of modules as machine words, so that shifts, xors and population counts look at 64 modules at once.

use std::ops::{BitAnd, BitOr, BitXor, BitXorAssign, Not, Shl, Shr};

/// Up to `64 * WORDS` modules: bit `at % 64` of word `at / 64` is set where module `at` is dark. One word holds a line of the versions
/// up to 11, two up to 27, three any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Line<WORDS> {
    /// No module is dark.
    pub const LIGHT: Self = Self([0; WORDS]);

    /// A line of these words.
    pub const fn new(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    /// The first `modules` are dark.
    pub fn first(modules: usize) -> Self {
        Self(std::array::from_fn(|word| match modules.saturating_sub(word * 64) {
            0 => 0,
            left @ 1..64 => (1 << left) - 1,
            _ => u64::MAX,
        }))
    }

    /// Makes module `at` dark where `dark` is 1, and leaves it where `dark` is 0.
    #[inline(always)]
    pub fn darken(&mut self, at: usize, dark: u64) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= dark << (at % 64);
        }
    }

    /// Whether module `at` is dark.
    pub fn is_dark(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// How many modules are dark.
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The words, filled up with light ones.
    pub fn words<const MORE: usize>(self) -> [u64; MORE] {
        std::array::from_fn(|word| self.0.get(word).copied().unwrap_or_default())
    }
}

macro_rules! word_by_word {
    ($($operation:ident $method:ident $operator:tt),*) => {$(
        impl<const WORDS: usize> $operation for Line<WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(std::array::from_fn(|word| self.0[word] $operator other.0[word]))
            }
        }
    )*};
}

word_by_word!(BitAnd bitand &, BitOr bitor |, BitXor bitxor ^);

impl<const WORDS: usize> BitXorAssign for Line<WORDS> {
    #[inline(always)]
    fn bitxor_assign(&mut self, other: Self) {
        *self = *self ^ other;
    }
}

impl<const WORDS: usize> Not for Line<WORDS> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

impl<const WORDS: usize> Shr<u32> for Line<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) before it.
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        Self(std::array::from_fn(|word| {
            let carried = if word + 1 < WORDS { self.0[word + 1] << (64 - by) } else { 0 };
            self.0[word] >> by | carried
        }))
    }
}

impl<const WORDS: usize> Shl<u32> for Line<WORDS> {
    type Output = Self;

    /// Each module takes the place of the one `by` (1…63) behind it.
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        Self(std::array::from_fn(|word| {
            let carried = if word > 0 { self.0[word - 1] >> (64 - by) } else { 0 };
            self.0[word] << by | carried
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn modules(line: Line<3>) -> Vec<bool> {
        (0..192).map(|at| line.is_dark(at)).collect()
    }

    proptest! {
        #[test]
        fn shifts_move_modules_across_words(words in any::<[u64; 3]>(), by in 1..64_u32) {
            let line = Line::new(words);
            let (before, nearer, farther) = (modules(line), modules(line >> by), modules(line << by));
            for at in 0..192 {
                prop_assert_eq!(nearer[at], before.get(at + by as usize).copied().unwrap_or_default());
                prop_assert_eq!(farther[at], at.checked_sub(by as usize).is_some_and(|from| before[from]));
            }
        }
    }

    #[test]
    fn the_first_modules_are_as_many_as_asked() {
        for count in 0..=192 {
            let line = modules(Line::first(count));
            assert!((0..192).all(|at| line[at] == (at < count)), "{count}");
        }
    }
}
