//! Which of the eight masks a code is drawn with: chosen once, kept with what the code leads to, so that its picture never changes.

/// The number of a mask, 0 to 7: three bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodeMask(u8);

impl CodeMask {
    /// The mask of this number, 0 to 7.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 8 { Some(Self(number)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}
