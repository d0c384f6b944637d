//! A row or column of modules as machine words, so that one operation looks at 64 modules at once.

use std::array::from_fn;
use std::ops::{BitAnd, BitXor, Not};

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
        Self(from_fn(|word| match modules.saturating_sub(word * 64) {
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

    /// The words.
    #[inline(always)]
    pub const fn own_words(self) -> [u64; WORDS] {
        self.0
    }

    /// The words, filled up with light ones.
    pub fn words<const MORE: usize>(self) -> [u64; MORE] {
        from_fn(|word| self.0.get(word).copied().unwrap_or_default())
    }
}

macro_rules! word_by_word {
    ($($operation:ident $method:ident $operator:tt),*) => {$(
        impl<const WORDS: usize> $operation for Line<WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(from_fn(|word| self.0[word] $operator other.0[word]))
            }
        }
    )*};
}

word_by_word!(BitAnd bitand &, BitXor bitxor ^);

impl<const WORDS: usize> Not for Line<WORDS> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

/// The columns of a square that is given as rows; as many of the one as of the other.
pub fn transposed<const WORDS: usize>(rows: &[Line<WORDS>]) -> Vec<Line<WORDS>> {
    let mut columns = vec![Line::LIGHT; rows.len()];
    for (down, sixty_four) in rows.chunks(64).enumerate() {
        for right in 0..WORDS {
            let mut block = [0; 64];
            for (word, row) in block.iter_mut().zip(sixty_four) {
                *word = row.0[right];
            }
            transpose(&mut block);
            for (word, column) in block.iter().zip(columns.iter_mut().skip(64 * right)) {
                column.0[down] = *word;
            }
        }
    }
    columns
}

/// Turns a square of 64 × 64 bits over its diagonal: halves of 32 are exchanged across it, then within each quarter halves of 16, and so on.
fn transpose(block: &mut [u64; 64]) {
    exchange::<32>(block);
    exchange::<16>(block);
    exchange::<8>(block);
    exchange::<4>(block);
    exchange::<2>(block);
    exchange::<1>(block);
}

/// In each square of twice `HALF`, the upper right and the lower left quarter change places.
#[inline(always)]
fn exchange<const HALF: usize>(block: &mut [u64; 64]) {
    let low = u64::MAX / ((1 << HALF) + 1);
    for square in block.chunks_exact_mut(2 * HALF) {
        let (upper, lower) = square.split_at_mut(HALF);
        for (upper, lower) in upper.iter_mut().zip(lower) {
            let moved = (*upper >> HALF ^ *lower) & low;
            *upper ^= moved << HALF;
            *lower ^= moved;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub fn modules(line: Line<3>) -> Vec<bool> {
        (0..192).map(|at| line.is_dark(at)).collect()
    }

    proptest! {
        #[test]
        fn columns_hold_what_rows_hold(rows in prop::collection::vec(any::<[u64; 3]>(), 21..178)) {
            let inside = Line::first(rows.len());
            let rows: Vec<Line<3>> = rows.into_iter().map(|words| Line::new(words) & inside).collect();
            let columns = transposed(&rows);
            prop_assert_eq!(columns.len(), rows.len());
            for (y, x) in (0..rows.len()).flat_map(|y| (0..rows.len()).map(move |x| (y, x))) {
                prop_assert_eq!(rows[y].is_dark(x), columns[x].is_dark(y));
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
