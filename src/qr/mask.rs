//! The eight masks of the standard: patterns laid over the data so that it looks like nothing that a decoder searches for.

/// One of the eight masks, by the number that the symbol states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mask(u8);

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
    pub(super) const fn inverts(self, x: usize, y: usize) -> bool {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_eight_numbers() {
        assert_eq!((0..=255).filter_map(Mask::new).collect::<Vec<_>>(), Mask::ALL);
    }
}
