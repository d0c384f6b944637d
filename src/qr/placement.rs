//! Codewords → modules: laid into the square of their version, and masked.

use super::codewords::Codewords;
use super::layout::{self, Layout};
use super::line::{Line, transposed};
use super::mask::Mask;
use super::pair::Pair;
use super::penalty::penalties;
use super::symbol::{Level, Symbol};

/// A symbol that lacks only its mask.
pub trait Unmasked {
    /// All masks, the lowest penalty first, equal ones by number.
    fn masks_by_penalty(&self) -> [Mask; 8];

    /// The symbol with this mask.
    fn masked(&self, mask: Mask) -> Symbol;
}

/// Lays codewords into the square of their version, in lines as short as that version allows.
pub fn place(codewords: &Codewords) -> Box<dyn Unmasked> {
    match codewords.version {
        ..=11 => Placed::boxed(layout::of_one_word(codewords.version, codewords.level), codewords),
        12..=27 => Placed::boxed(layout::of_two_words(codewords.version, codewords.level), codewords),
        28.. => Placed::boxed(layout::of_three_words(codewords.version, codewords.level), codewords),
    }
}

struct Placed<const WORDS: usize> {
    layout: &'static Layout<WORDS>,
    level: Level,
    /// The rows of the data alone.
    rows: Vec<Line<WORDS>>,
}

impl<const WORDS: usize> Placed<WORDS> {
    fn boxed(layout: &'static Layout<WORDS>, codewords: &Codewords) -> Box<dyn Unmasked> {
        Box::new(Self { layout, level: codewords.level, rows: layout.lay(&codewords.bytes) })
    }
}

/// The lines under two masks.
fn under<const WORDS: usize>(lines: &[Line<WORDS>], blank: &[Pair<WORDS>]) -> Vec<Pair<WORDS>> {
    lines.iter().zip(blank).map(|(line, blank)| Pair::same(*line) ^ *blank).collect()
}

impl<const WORDS: usize> Unmasked for Placed<WORDS> {
    fn masks_by_penalty(&self) -> [Mask; 8] {
        let columns = transposed(&self.rows);
        let mut scored = [(0, Mask::of(0)); 8];
        let pairs = scored.as_chunks_mut().0.iter_mut().zip(Mask::ALL.as_chunks().0).zip(self.layout.blanks());
        for (([even, odd], [even_mask, odd_mask]), blank) in pairs {
            let [even_penalty, odd_penalty] =
                penalties(&under(&self.rows, &blank.rows), &under(&columns, &blank.columns));
            (*even, *odd) = ((even_penalty, *even_mask), (odd_penalty, *odd_mask));
        }
        scored.sort_unstable();
        scored.map(|(_, mask)| mask)
    }

    fn masked(&self, mask: Mask) -> Symbol {
        let number = usize::from(mask.number());
        let lines = self.rows.iter().zip(&self.layout.blanks()[number / 2].rows);
        let rows = lines.map(|(row, blank)| (*row ^ blank.under(number % 2)).words()).collect();
        Symbol::new(self.level, mask, rows)
    }
}
