//! The eight masks of the standard: patterns laid over the data so that it looks like nothing that a decoder searches for.

use super::line::Line;

/// One of the eight masks, by the number that the symbol states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mask(u8);

/// Every pattern repeats after twelve rows and after six columns.
const PERIOD: usize = 12;
/// The longest line, in words.
const WORDS: usize = 3;

impl Mask {
    /// All masks by their numbers.
    pub const ALL: [Self; 8] = [Self(0), Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7)];

    /// The mask of this number, 0 to 7.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 8 { Some(Self(number)) } else { None }
    }

    /// The mask that the lowest three bits of a kept number name.
    #[must_use]
    pub const fn of(number: u8) -> Self {
        Self(number & 7)
    }

    /// Its number, 0 to 7.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether the module in column `x` and row `y` is inverted, where it holds data (ISO/IEC 18004, table 10).
    const fn inverts(self, x: usize, y: usize) -> bool {
        match self.0 {
            0 => (y + x).is_multiple_of(2),
            1 => y.is_multiple_of(2),
            2 => x.is_multiple_of(3),
            3 => (y + x).is_multiple_of(3),
            4 => (y / 2 + x / 3).is_multiple_of(2),
            5 => y * x % 2 + y * x % 3 == 0,
            6 => (y * x % 2 + y * x % 3).is_multiple_of(2),
            _ => ((y + x) % 2 + y * x % 3).is_multiple_of(2),
        }
    }

    /// The pattern's rows from the top, again and again.
    pub(super) fn rows<const N: usize>(self) -> impl Iterator<Item = Line<N>> {
        lines(&ROWS[usize::from(self.0)])
    }

    /// The pattern's columns from the left, again and again.
    pub(super) fn columns<const N: usize>(self) -> impl Iterator<Item = Line<N>> {
        lines(&COLUMNS[usize::from(self.0)])
    }
}

fn lines<const N: usize>(pattern: &'static [[u64; WORDS]; PERIOD]) -> impl Iterator<Item = Line<N>> {
    pattern.iter().cycle().map(|words| Line::new(std::array::from_fn(|word| words[word])))
}

static ROWS: [[[u64; WORDS]; PERIOD]; 8] = patterns(false);
static COLUMNS: [[[u64; WORDS]; PERIOD]; 8] = patterns(true);

const fn patterns(transposed: bool) -> [[[u64; WORDS]; PERIOD]; 8] {
    let mut patterns = [[[0; WORDS]; PERIOD]; 8];
    let mut cell = 0;
    while cell < 8 * PERIOD * WORDS * 64 {
        let (at, line, mask) = (cell % (WORDS * 64), cell / (WORDS * 64) % PERIOD, cell / (WORDS * 64 * PERIOD));
        let (x, y) = if transposed { (line, at) } else { (at, line) };
        if Mask::ALL[mask].inverts(x, y) {
            patterns[mask][line][at / 64] |= 1 << (at % 64);
        }
        cell += 1;
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_invert_what_the_standards_conditions_say() {
        for mask in Mask::ALL {
            let (rows, columns): (Vec<Line<3>>, Vec<Line<3>>) =
                (mask.rows().take(177).collect(), mask.columns().take(177).collect());
            for (x, y) in (0..177).flat_map(|y| (0..177).map(move |x| (x, y))) {
                let inverted = mask.inverts(x, y);
                assert_eq!((rows[y].is_dark(x), columns[x].is_dark(y)), (inverted, inverted), "{mask:?} {x}, {y}");
            }
        }
    }

    #[test]
    fn there_are_eight_numbers() {
        assert_eq!((0..=255).filter_map(Mask::new).collect::<Vec<_>>(), Mask::ALL);
    }
}
