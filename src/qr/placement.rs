//! Codewords → modules: laid into the square of their version, and masked.

use super::QrError;
use super::codewords::Codewords;
use super::format;
use super::layout::{Layout, Square, of_one_word, of_three_words, of_two_words};
use super::line::Line;
use super::mask::Mask;
use super::penalty::penalty;
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
    let codewords = Codewords::of(text)?;
    let version = codewords.version;
    of_one_word(version)
        .map(|layout| Placed::boxed(layout, &codewords))
        .or_else(|| of_two_words(version).map(|layout| Placed::boxed(layout, &codewords)))
        .or_else(|| of_three_words(version).map(|layout| Placed::boxed(layout, &codewords)))
        .ok_or(QrError::TooLong { bytes: text.len() })
}

struct Placed<const WORDS: usize> {
    layout: &'static Layout<WORDS>,
    level: Level,
    /// Data and patterns together; only the format information is missing.
    unmasked: Square<WORDS>,
}

impl<const WORDS: usize> Placed<WORDS> {
    fn boxed(layout: &'static Layout<WORDS>, codewords: &Codewords) -> Box<dyn Unmasked> {
        Box::new(Self { layout, level: codewords.level, unmasked: layout.lay(codewords.iter()) })
    }

    /// Makes `square` the finished symbol with this mask.
    fn mask_into(&self, mask: Mask, square: &mut Square<WORDS>) {
        invert(&mut square.rows, &self.unmasked.rows, mask.rows(), &self.layout.data.rows);
        invert(&mut square.columns, &self.unmasked.columns, mask.columns(), &self.layout.data.columns);
        let (information, side) = (format::information(self.level, mask), square.rows.len());
        for (y, dark) in format::down(information, side) {
            square.darken(8, y, dark);
        }
        for (x, dark) in format::across(information, side) {
            square.darken(x, 8, dark);
        }
    }
}

/// Inverts each line where the pattern says so and the module holds data.
fn invert<const WORDS: usize>(
    masked: &mut [Line<WORDS>],
    unmasked: &[Line<WORDS>],
    pattern: impl Iterator<Item = Line<WORDS>>,
    data: &[Line<WORDS>],
) {
    for (((masked, unmasked), pattern), data) in masked.iter_mut().zip(unmasked).zip(pattern).zip(data) {
        *masked = *unmasked ^ (pattern & *data);
    }
}

impl<const WORDS: usize> Unmasked for Placed<WORDS> {
    fn masks_by_penalty(&self) -> [Mask; 8] {
        let mut square = self.unmasked.clone();
        let mut scored = Mask::ALL.map(|mask| {
            self.mask_into(mask, &mut square);
            (penalty(&square.rows, &square.columns), mask)
        });
        scored.sort_unstable();
        scored.map(|(_, mask)| mask)
    }

    fn masked(&self, mask: Mask) -> Symbol {
        let mut square = self.unmasked.clone();
        self.mask_into(mask, &mut square);
        Symbol::new(self.level, mask, square.rows.into_iter().map(Line::words).collect())
    }
}
