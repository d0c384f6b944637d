//! Codewords → modules: laid into the square of their version, and masked.

use std::array::from_fn;

use super::QrError;
use super::codewords::Codewords;
use super::eight::Eight;
use super::format;
use super::layout::{Layout, of_one_word, of_three_words, of_two_words};
use super::line::{Line, transposed};
use super::mask::Mask;
use super::penalty::penalties;
use super::symbol::{Level, Symbol};

/// A symbol that lacks only its mask.
pub trait Unmasked {
    /// All masks, the lowest penalty first, equal ones by number.
    fn masks_by_penalty(&self) -> [Mask; 8];

    /// The symbol with this mask.
    fn masked(&self, mask: Mask) -> Symbol;
}

/// Lays a text's codewords into the square of their version, in lines as short as that version allows.
///
/// # Errors
/// [`QrError::Empty`], [`QrError::TooLong`].
pub fn place(text: &str) -> Result<Box<dyn Unmasked>, QrError> {
    lay(&Codewords::of(text)?).ok_or(QrError::TooLong { bytes: text.len() })
}

/// `None` for a version that does not exist.
pub(super) fn lay(codewords: &Codewords) -> Option<Box<dyn Unmasked>> {
    let version = codewords.version;
    of_one_word(version)
        .map(|layout| Placed::boxed(layout, codewords))
        .or_else(|| of_two_words(version).map(|layout| Placed::boxed(layout, codewords)))
        .or_else(|| of_three_words(version).map(|layout| Placed::boxed(layout, codewords)))
}

struct Placed<const WORDS: usize> {
    layout: &'static Layout<WORDS>,
    level: Level,
    /// The rows of data and patterns together; only the format information is missing.
    rows: Vec<Line<WORDS>>,
}

impl<const WORDS: usize> Placed<WORDS> {
    fn boxed(layout: &'static Layout<WORDS>, codewords: &Codewords) -> Box<dyn Unmasked> {
        Box::new(Self { layout, level: codewords.level, rows: layout.lay(&codewords.bytes) })
    }
}

/// Each line under all masks, inverted where they say so and the module holds data.
fn under_all_masks<const WORDS: usize>(
    lines: &[Line<WORDS>],
    data: &[Line<WORDS>],
    patterns: &[Eight<WORDS>],
) -> Vec<Eight<WORDS>> {
    let lines = lines.iter().zip(data).zip(patterns.iter().cycle());
    lines.map(|((line, data), pattern)| Eight::same(*line) ^ (*pattern & Eight::same(*data))).collect()
}

impl<const WORDS: usize> Unmasked for Placed<WORDS> {
    fn masks_by_penalty(&self) -> [Mask; 8] {
        let mut rows = under_all_masks(&self.rows, &self.layout.data_rows, Mask::rows());
        let mut columns = under_all_masks(&transposed(&self.rows), &self.layout.data_columns, Mask::columns());
        let side = rows.len();
        let information = Mask::ALL.map(|mask| format::information(self.level, mask));
        for (bit, (down, across)) in format::places(side).enumerate() {
            let dark = information.map(|information| information >> bit & 1);
            for (x, y) in [(8, down), (across, 8)] {
                if let (Some(row), Some(column)) = (rows.get_mut(y), columns.get_mut(x)) {
                    row.darken(x, dark);
                    column.darken(y, dark);
                }
            }
        }
        let penalties = penalties(&rows, &columns);
        let mut scored: [(u64, Mask); 8] = from_fn(|mask| (penalties[mask], Mask::ALL[mask]));
        scored.sort_unstable();
        scored.map(|(_, mask)| mask)
    }

    fn masked(&self, mask: Mask) -> Symbol {
        let lines = self.rows.iter().zip(&self.layout.data_rows).zip(Mask::rows().iter().cycle());
        let mut rows: Vec<_> =
            lines.map(|((row, data), pattern)| (*row ^ (pattern.under(mask) & *data)).words()).collect();
        let information = format::information(self.level, mask);
        for (bit, (down, across)) in format::places(rows.len()).enumerate() {
            for (x, y) in [(8, down), (across, 8)] {
                if let Some(word) = rows.get_mut(y).and_then(|row: &mut [u64; 3]| row.get_mut(x / 64)) {
                    *word |= (information >> bit & 1) << (x % 64);
                }
            }
        }
        Symbol::new(self.level, mask, rows)
    }
}
