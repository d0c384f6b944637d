//! Cutting an input into what a body needs, so that a seed can be written and read by people.

/// Stands between parts: a byte that no UTF-8 text holds.
pub const BETWEEN: u8 = 0xFF;

/// The parts of an input, one after the other; behind the last one they are empty.
pub struct Parts<'input>(&'input [u8]);

impl<'input> Parts<'input> {
    /// All parts of an input.
    pub const fn of(input: &'input [u8]) -> Self {
        Self(input)
    }

    /// The next part.
    pub fn bytes(&mut self) -> &'input [u8] {
        let end = self.0.iter().position(|byte| *byte == BETWEEN).unwrap_or(self.0.len());
        let part = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        part
    }

    /// The next part as a text; what is no UTF-8 becomes the sign for that.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The next part as a number: its bytes, the lowest first.
    pub fn number(&mut self) -> u64 {
        self.bytes().iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Everything that is left.
    pub const fn rest(self) -> &'input [u8] {
        self.0
    }
}
