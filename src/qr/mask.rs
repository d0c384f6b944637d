//! The eight masks of the standard: patterns laid over the data so that it looks like nothing that a decoder searches for.

use super::eight::Eight;

/// One of the eight masks, by the number that the symbol states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mask(u8);

/// Every pattern repeats after twelve rows and after six columns.
const PERIOD: usize = 12;

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

    /// The rows of all patterns from the top, to be repeated.
    pub(super) const fn rows<const WORDS: usize>() -> &'static [Eight<WORDS>; PERIOD] {
        const { &patterns(false) }
    }

    /// The columns of all patterns from the left, to be repeated.
    pub(super) const fn columns<const WORDS: usize>() -> &'static [Eight<WORDS>; PERIOD] {
        const { &patterns(true) }
    }
}

const fn patterns<const WORDS: usize>(transposed: bool) -> [Eight<WORDS>; PERIOD] {
    let mut patterns = [Eight::new([[0; 8]; WORDS]); PERIOD];
    let mut line = 0;
    while line < PERIOD {
        let mut words = [[0; 8]; WORDS];
        let mut place = 0;
        while place < WORDS * 64 * 8 {
            let (at, mask) = (place / 8, place % 8);
            let (x, y) = if transposed { (line, at) } else { (at, line) };
            words[at / 64][mask] |= (Mask::ALL[mask].inverts(x, y) as u64) << (at % 64);
            place += 1;
        }
        patterns[line] = Eight::new(words);
        line += 1;
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_invert_what_the_standards_conditions_say() {
        for mask in Mask::ALL {
            let (rows, columns): (&[Eight<3>; PERIOD], &[Eight<3>; PERIOD]) = (Mask::rows(), Mask::columns());
            for (x, y) in (0..177).flat_map(|y| (0..177).map(move |x| (x, y))) {
                let inverted = mask.inverts(x, y);
                let found = (rows[y % PERIOD].under(mask).is_dark(x), columns[x % PERIOD].under(mask).is_dark(y));
                assert_eq!(found, (inverted, inverted), "{mask:?} {x}, {y}");
            }
        }
    }

    #[test]
    fn there_are_eight_numbers() {
        assert_eq!((0..=255).filter_map(Mask::new).collect::<Vec<_>>(), Mask::ALL);
    }
}
