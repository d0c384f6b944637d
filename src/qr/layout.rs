//! Where everything stands in a symbol of a version and level: what is known before its data, and the way along which that is laid.

use std::sync::OnceLock;

use super::correction::Blocks;
use super::format;
use super::line::{Line, transposed};
use super::mask::Mask;
use super::pair::Pair;
use super::symbol::Level;

/// What all symbols of one version and level have in common: 13 KB for version 4, 380 KB for version 40.
pub struct Layout<const WORDS: usize> {
    /// The symbol that holds only zeros, under each two masks.
    blanks: [Blank<WORDS>; 4],
    /// Of each codeword, where five groups of its bits stand. Groups are neighbours in a row; most codewords have four or five.
    spots: Vec<[Spot; 5]>,
    /// The groups of the others that are left over, each with its codeword.
    further: Vec<(usize, Spot)>,
}

/// Patterns, format and version information, and the mask: an even one and the next.
pub struct Blank<const WORDS: usize> {
    /// Its rows.
    pub rows: Vec<Pair<WORDS>>,
    /// The same as columns.
    pub columns: Vec<Pair<WORDS>>,
}

impl<const WORDS: usize> Blank<WORDS> {
    fn of(even: &[Line<WORDS>], odd: &[Line<WORDS>]) -> Self {
        let pairs = |even: &[Line<WORDS>], odd: &[Line<WORDS>]| {
            even.iter().zip(odd).map(|(even, odd)| Pair::of(*even, *odd)).collect()
        };
        Self { columns: pairs(&transposed(even), &transposed(odd)), rows: pairs(even, odd) }
    }
}

/// Where some bits of a codeword stand.
#[derive(Clone, Copy, Default)]
struct Spot {
    /// The word, counted through all rows.
    word: u16,
    /// So far must the codeword be rotated to the left for its bits to stand there.
    rotation: u8,
    /// The bits; without any the spot is not needed.
    bits: u64,
}

impl Spot {
    #[inline(always)]
    fn lay(&self, codeword: u8, words: &mut [u64]) {
        if let Some(word) = words.get_mut(usize::from(self.word)) {
            *word |= u64::from(codeword).rotate_left(self.rotation.into()) & self.bits;
        }
    }
}

/// The layouts whose lines take so many words, made when they are first needed.
macro_rules! layouts {
    ($name:ident, $words:literal, $first:literal..=$last:literal) => {
        /// The layout of this version, which must have lines of this length, and level.
        pub fn $name(version: usize, level: Level) -> &'static Layout<$words> {
            static LAYOUTS: [[OnceLock<Layout<$words>>; 4]; $last + 1 - $first] =
                [const { [const { OnceLock::new() }; 4] }; $last + 1 - $first];
            LAYOUTS[version - $first][level as usize].get_or_init(|| Layout::of(version, level))
        }
    };
}

layouts!(of_one_word, 1, 1..=11);
layouts!(of_two_words, 2, 12..=27);
layouts!(of_three_words, 3, 28..=40);

impl<const WORDS: usize> Layout<WORDS> {
    fn of(version: usize, level: Level) -> Self {
        let drawing = Drawing::of(version);
        let path = drawing.path();
        let mut layout = Self {
            blanks: [[0, 1], [2, 3], [4, 5], [6, 7]].map(|masks| {
                let [even, odd] = masks.map(|mask| drawing.blank(level, Mask::of(mask), &path));
                Blank::of(&even, &odd)
            }),
            spots: Vec::new(),
            further: Vec::new(),
        };
        let blocks = Blocks::of(version, level);
        layout.spots.resize(blocks.all(), [Spot::default(); 5]);
        for (places, codeword) in path.chunks_exact(8).zip(blocks.interleaved()) {
            let spots = spots::<WORDS>(places);
            for (spot, found) in layout.spots[codeword].iter_mut().zip(&spots) {
                *spot = *found;
            }
            layout.further.extend(spots.iter().skip(5).map(|spot| (codeword, *spot)));
        }
        layout
    }

    /// The symbol that holds only zeros, under masks 0 and 1, 2 and 3, 4 and 5, 6 and 7.
    pub const fn blanks(&self) -> &[Blank<WORDS>; 4] {
        &self.blanks
    }

    /// The rows of the codewords alone: what they change in each blank.
    pub fn lay(&self, codewords: &[u8]) -> Vec<Line<WORDS>> {
        let mut rows = vec![[0; WORDS]; self.blanks[0].rows.len()];
        let words = rows.as_flattened_mut();
        for (codeword, spots) in codewords.iter().zip(&self.spots) {
            for spot in spots {
                spot.lay(*codeword, words);
            }
        }
        for (codeword, spot) in &self.further {
            spot.lay(codewords[*codeword], words);
        }
        rows.into_iter().map(Line::new).collect()
    }
}

/// Where the bits of a codeword stand that is laid in these places, neighbours together.
fn spots<const WORDS: usize>(places: &[(u8, u8)]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::with_capacity(8);
    for (&(x, y), bit) in places.iter().zip((0..8).rev()) {
        let word = u16::from(y) * WORDS as u16 + u16::from(x / 64);
        let rotation = (64 + x % 64 - bit) % 64;
        let bits = 1 << (x % 64);
        match spots.last_mut().filter(|last| (last.word, last.rotation) == (word, rotation)) {
            Some(last) => last.bits |= bits,
            None => spots.push(Spot { word, rotation, bits }),
        }
    }
    spots
}

/// The patterns in the making.
struct Drawing<const WORDS: usize> {
    side: usize,
    dark: Vec<Line<WORDS>>,
    taken: Vec<Line<WORDS>>,
}

impl<const WORDS: usize> Drawing<WORDS> {
    fn of(version: usize) -> Self {
        let side = 17 + 4 * version;
        let mut drawing = Self { side, dark: vec![Line::LIGHT; side], taken: vec![Line::LIGHT; side] };
        drawing.finders();
        drawing.alignments(version);
        drawing.timing();
        drawing.format();
        drawing.version(version);
        drawing
    }

    /// Columns and rows of the data from the lower right corner: up and down in double columns, leaving the timing pattern's column out.
    fn path(&self) -> Vec<(u8, u8)> {
        let rights = (7..self.side).rev().step_by(2).chain([5, 3, 1]);
        let mut path = Vec::with_capacity(self.side * self.side);
        for (double, right) in rights.enumerate() {
            for step in 0..self.side {
                let y = if double % 2 == 0 { self.side - 1 - step } else { step };
                let places = [right, right - 1].into_iter().filter(|x| !self.taken[y].is_dark(*x));
                path.extend(places.map(|x| (x as u8, y as u8)));
            }
        }
        path
    }

    /// The rows of the patterns with the format of this level and mask, and what the mask makes of light data, which is laid along the path.
    fn blank(&self, level: Level, mask: Mask, path: &[(u8, u8)]) -> Vec<Line<WORDS>> {
        let mut rows = self.dark.clone();
        for (x, y) in path.iter().map(|(x, y)| (usize::from(*x), usize::from(*y))) {
            rows[y].darken(x, mask.inverts(x, y).into());
        }
        let information = format::information(level, mask);
        for (bit, (down, across)) in format::places(self.side).enumerate() {
            rows[down].darken(8, information >> bit & 1);
            rows[8].darken(across, information >> bit & 1);
        }
        rows
    }

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
        for (version, modules) in [(1, 208), (2, 359), (6, 1383), (7, 1568), (11, 3232), (27, 14_628), (40, 29_648)] {
            assert_eq!(Drawing::<3>::of(version).path().len(), modules, "version {version}");
        }
    }
}
