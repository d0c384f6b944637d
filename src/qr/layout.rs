//! Where everything stands in a symbol of a version: the patterns that never change, and the way along which data is laid.

use std::sync::OnceLock;

use super::line::{Line, transposed};

/// What all symbols of one version have in common.
pub struct Layout<const WORDS: usize> {
    /// The rows of the dark modules of finder, timing and alignment patterns, version information and the one that is always dark.
    patterns: Vec<Line<WORDS>>,
    /// The modules that hold data, and that masks invert: as rows, and again as columns.
    pub data_rows: Vec<Line<WORDS>>,
    /// The same as columns.
    pub data_columns: Vec<Line<WORDS>>,
    /// Column and row of each bit of data, in order.
    path: Vec<(u8, u8)>,
}

/// The layouts whose lines take so many words, made when they are first needed.
macro_rules! layouts {
    ($name:ident, $words:literal, $first:literal..=$last:literal) => {
        /// The layout of this version, which must have lines of this length.
        pub fn $name(version: usize) -> Option<&'static Layout<$words>> {
            static LAYOUTS: [OnceLock<Layout<$words>>; $last + 1 - $first] =
                [const { OnceLock::new() }; $last + 1 - $first];
            let kept = LAYOUTS.get(version.checked_sub($first)?)?;
            Some(kept.get_or_init(|| Layout::of(version)))
        }
    };
}

layouts!(of_one_word, 1, 1..=11);
layouts!(of_two_words, 2, 12..=27);
layouts!(of_three_words, 3, 28..=40);

impl<const WORDS: usize> Layout<WORDS> {
    fn of(version: usize) -> Self {
        let side = 17 + 4 * version;
        let mut drawing = Drawing { side, dark: vec![Line::LIGHT; side], taken: vec![Line::LIGHT; side] };
        drawing.finders();
        drawing.alignments(version);
        drawing.timing();
        drawing.format();
        drawing.version(version);
        let all = Line::first(side);
        let data_rows: Vec<Line<WORDS>> = drawing.taken.iter().map(|taken| all & !*taken).collect();
        let path = path(side, &data_rows);
        Self { patterns: drawing.dark, data_columns: transposed(&data_rows), data_rows, path }
    }

    /// The rows of the patterns with the codewords laid along the path; modules that are left over stay light.
    pub fn lay(&self, codewords: &[u8]) -> Vec<Line<WORDS>> {
        let mut rows = self.patterns.clone();
        for (places, codeword) in self.path.chunks_exact(8).zip(codewords) {
            for (bit, &(x, y)) in places.iter().enumerate() {
                if let Some(row) = rows.get_mut(usize::from(y)) {
                    row.darken(x.into(), u64::from(codeword >> (7 - bit) & 1));
                }
            }
        }
        rows
    }
}

/// Columns and rows of the data from the lower right corner: up and down in double columns, leaving the timing pattern's column out.
fn path<const WORDS: usize>(side: usize, data_rows: &[Line<WORDS>]) -> Vec<(u8, u8)> {
    let rights = (7..side).rev().step_by(2).chain([5, 3, 1]);
    let mut path = Vec::with_capacity(side * side);
    for (double, right) in rights.enumerate() {
        for step in 0..side {
            let y = if double % 2 == 0 { side - 1 - step } else { step };
            let places = [right, right - 1].into_iter().filter(|x| data_rows[y].is_dark(*x));
            path.extend(places.map(|x| (x as u8, y as u8)));
        }
    }
    path
}

/// A layout in the making.
struct Drawing<const WORDS: usize> {
    side: usize,
    dark: Vec<Line<WORDS>>,
    taken: Vec<Line<WORDS>>,
}

impl<const WORDS: usize> Drawing<WORDS> {
    fn put(&mut self, x: usize, y: usize, dark: bool) {
        if let (Some(taken), Some(row)) = (self.taken.get_mut(y), self.dark.get_mut(y)) {
            taken.darken(x, 1);
            row.darken(x, dark.into());
        }
    }

    /// The three corners, each with the light lines that part it from the data.
    fn finders(&mut self) {
        let far = self.side as isize - 7;
        for (left, top) in [(0, 0), (far, 0), (0, far)] {
            for y in -1..8_isize {
                for x in -1..8_isize {
                    let ring = (x - 3).abs().max((y - 3).abs());
                    if let (Ok(x), Ok(y)) = (usize::try_from(left + x), usize::try_from(top + y)) {
                        self.put(x, y, ring != 2 && ring != 4);
                    }
                }
            }
        }
    }

    fn alignments(&mut self, version: usize) {
        let centres = alignment_centres(version);
        let (first, last) = (6, self.side - 7);
        for &y in &centres {
            for &x in &centres {
                if [(first, first), (last, first), (first, last)].contains(&(x, y)) {
                    continue;
                }
                for (down, right) in (0..5).flat_map(|down| (0..5).map(move |right| (down, right))) {
                    let ring = usize::abs_diff(right, 2).max(usize::abs_diff(down, 2));
                    self.put(x + right - 2, y + down - 2, ring != 1);
                }
            }
        }
    }

    fn timing(&mut self) {
        for at in 8..self.side - 8 {
            self.put(at, 6, at % 2 == 0);
            self.put(6, at, at % 2 == 0);
        }
    }

    /// The places of the format information stay light here, since it differs from mask to mask; one module is always dark.
    fn format(&mut self) {
        let far = self.side - 8;
        for at in (0..9).filter(|at| *at != 6).chain(far..self.side) {
            self.put(at, 8, false);
            self.put(8, at, at == far);
        }
    }

    /// The version and its eighteen-bit Golay code, twice, from version 7 on.
    fn version(&mut self, version: usize) {
        if version < 7 {
            return;
        }
        let remainder = (0..12).fold(version, |rest, _| (rest << 1) ^ ((rest >> 11) * 0x1F25));
        let information = version << 12 | remainder;
        for bit in 0..18 {
            let (far, near) = (self.side - 11 + bit % 3, bit / 3);
            let dark = information >> bit & 1 == 1;
            self.put(far, near, dark);
            self.put(near, far, dark);
        }
    }
}

/// The columns, and rows, on whose crossings alignment patterns stand: the first six from the edge, the others evenly from the far
/// edge, in even steps.
fn alignment_centres(version: usize) -> Vec<usize> {
    if version == 1 {
        return Vec::new();
    }
    let count = version / 7 + 2;
    let last = 10 + 4 * version;
    let gaps = count - 1;
    // Version 32 is the standard's one exception from its own rounding.
    let step = if version == 32 { 26 } else { (last - 6).div_ceil(2 * gaps) * 2 };
    let mut centres: Vec<usize> = (0..gaps).map(|back| last - back * step).chain([6]).collect();
    centres.reverse();
    centres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_patterns_stand_where_the_standards_table_says() {
        // ISO/IEC 18004, table E.1: one row of each length, the irregular ones, and the last.
        for (version, centres) in [
            (1, &[][..]),
            (2, &[6, 18]),
            (6, &[6, 34]),
            (7, &[6, 22, 38]),
            (14, &[6, 26, 46, 66]),
            (15, &[6, 26, 48, 70]),
            (16, &[6, 26, 50, 74]),
            (22, &[6, 26, 50, 74, 98]),
            (24, &[6, 28, 54, 80, 106]),
            (32, &[6, 34, 60, 86, 112, 138]),
            (36, &[6, 24, 50, 76, 102, 128, 154]),
            (39, &[6, 26, 54, 82, 110, 138, 166]),
            (40, &[6, 30, 58, 86, 114, 142, 170]),
        ] {
            assert_eq!(alignment_centres(version), centres, "version {version}");
        }
    }

    #[test]
    fn each_version_has_as_many_data_modules_as_the_standard_says() {
        // ISO/IEC 18004, table 1: data modules except format and version information.
        for (version, modules) in [(1, 208), (2, 359), (6, 1383), (7, 1568), (11, 3232)] {
            assert_eq!(of_one_word(version).map(|layout| layout.path.len()), Some(modules), "version {version}");
        }
        assert_eq!(of_two_words(27).map(|layout| layout.path.len()), Some(14_628));
        assert_eq!(of_three_words(40).map(|layout| layout.path.len()), Some(29_648));
        assert!(of_one_word(0).is_none() && of_one_word(12).is_none() && of_three_words(41).is_none());
    }
}
