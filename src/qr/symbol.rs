//! Text → the square of dark and light modules that is a QR code.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::QrError;
use super::segments::{Mode, Segment, VersionGroup, bits, cut};

/// How much damage a symbol survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// About 7 %.
    L,
    /// About 15 %: what we draw at least; measured to survive best for a given text, since higher levels make smaller modules.
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// A QR code as modules, without quiet zone: 21 to 177 a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    side: usize,
    level: Level,
    rows: Vec<Row>,
}

/// A row of modules: bit `x % 64` of word `x / 64` is set where module `x` is dark.
type Row = [u64; 3];

/// Digits that the largest symbol holds at level M; every longer text is refused before any work.
const LONGEST_TEXT_BYTES: usize = 5596;

impl Symbol {
    /// The smallest symbol that holds the text (UTF-8, cut into the cheapest segments) at level M, and at a higher level when that
    /// takes no larger symbol. The same text always gives the same symbol.
    ///
    /// # Errors
    /// [`QrError::Empty`], [`QrError::TooLong`].
    pub fn encode(text: &str) -> Result<Self, QrError> {
        let too_long = QrError::TooLong { bytes: text.len() };
        if text.is_empty() {
            return Err(QrError::Empty);
        }
        if text.len() > LONGEST_TEXT_BYTES {
            return Err(too_long);
        }
        let code = smallest(text.as_bytes()).ok_or(too_long)?;
        Ok(Self::from_code(&code))
    }

    fn from_code(code: &QrCode) -> Self {
        let side = code.width();
        let mut rows = vec![Row::default(); side];
        for (row, colors) in rows.iter_mut().zip(code.to_colors().chunks(side)) {
            for (x, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
                row[x / 64] |= 1 << (x % 64);
            }
        }
        let level = match code.error_correction_level() {
            EcLevel::L => Level::L,
            EcLevel::M => Level::M,
            EcLevel::Q => Level::Q,
            EcLevel::H => Level::H,
        };
        Self { side, level, rows }
    }

    /// Modules on each side, without quiet zone: 21, 25, … 177.
    #[must_use]
    pub const fn side_modules(&self) -> usize {
        self.side
    }

    /// The version: 1 (21 modules) to 40 (177). From 7 on decoders lose about four codes in a hundred more, so addresses stay below.
    #[must_use]
    pub const fn version(&self) -> usize {
        (self.side - 17) / 4
    }

    /// The error correction level that was reached.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// Whether the module in this column and row is dark, counted from the upper left corner; outside of the symbol none is.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.rows.get(y).and_then(|row| row.get(x / 64)).is_some_and(|word| word >> (x % 64) & 1 == 1)
    }

    /// The runs of dark modules in this row, from left to right: first column and length.
    pub fn dark_runs(&self, y: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut x = 0;
        std::iter::from_fn(move || {
            while x < self.side && !self.is_dark(x, y) {
                x += 1;
            }
            let start = x;
            while self.is_dark(x, y) {
                x += 1;
            }
            (x > start).then_some((start, x - start))
        })
    }
}

/// The symbol of the lowest version that holds the text at level M.
fn smallest(text: &[u8]) -> Option<QrCode> {
    VersionGroup::ALL.into_iter().find_map(|group| {
        let segments = cut(text, group);
        let needed = bits(&segments, group);
        let version = group.versions().map(Version::Normal).find(|version| capacity(*version, EcLevel::M) >= needed)?;
        let level = [EcLevel::H, EcLevel::Q].into_iter().find(|level| capacity(version, *level) >= needed);
        code(text, &segments, version, level.unwrap_or(EcLevel::M))
    })
}

/// The data bits of a symbol.
fn capacity(version: Version, level: EcLevel) -> usize {
    Bits::new(version).max_len(level).unwrap_or_default()
}

/// The symbol of this version, with the mask that the standard's penalties prefer. `None` when the text does not fit.
fn code(text: &[u8], segments: &[Segment], version: Version, level: EcLevel) -> Option<QrCode> {
    let mut stream = Bits::new(version);
    for segment in segments {
        let part = text.get(segment.bytes.clone())?;
        match segment.mode {
            Mode::Numeric => stream.push_numeric_data(part),
            Mode::Alphanumeric => stream.push_alphanumeric_data(part),
            Mode::Byte => stream.push_byte_data(part),
        }
        .ok()?;
    }
    stream.push_terminator(level).ok()?;
    QrCode::with_bits(stream, level).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_rises_only_while_the_version_stays() {
        // Version 3 holds 42 bytes at M, 32 at Q and 24 at H; version 2 holds 26 at M.
        for (bytes, version, level) in [
            (26, 2, Level::M),
            (27, 3, Level::Q),
            (32, 3, Level::Q),
            (33, 3, Level::M),
            (42, 3, Level::M),
            (43, 4, Level::Q),
        ] {
            let symbol = Symbol::encode(&"a".repeat(bytes)).unwrap();
            assert_eq!((symbol.version(), symbol.level()), (version, level), "{bytes} bytes");
        }
        assert_eq!(Symbol::encode("1234").unwrap().level(), Level::H);
    }

    #[test]
    fn each_mode_fills_the_largest_symbol_exactly() {
        for (character, most) in [("7", 5596), ("A", 3391), ("a", 2331)] {
            assert_eq!(Symbol::encode(&character.repeat(most)).map(|symbol| symbol.version()), Ok(40), "{character}");
            let bytes = most + 1;
            assert_eq!(Symbol::encode(&character.repeat(bytes)), Err(QrError::TooLong { bytes }), "{character}");
        }
    }

    #[test]
    fn an_empty_text_is_refused() {
        assert_eq!(Symbol::encode(""), Err(QrError::Empty));
    }

    #[test]
    fn dark_runs_name_every_dark_module_of_the_row_once() {
        let symbol = Symbol::encode("https://pay.example/s/AAECAwQFBgcICQoLDA0ODw").unwrap();
        for y in 0..symbol.side_modules() {
            let named: Vec<usize> = symbol.dark_runs(y).flat_map(|(start, length)| start..start + length).collect();
            let dark: Vec<usize> = (0..symbol.side_modules()).filter(|x| symbol.is_dark(*x, y)).collect();
            assert_eq!(named, dark, "row {y}");
        }
        assert!(!symbol.is_dark(symbol.side_modules(), 0) && !symbol.is_dark(0, symbol.side_modules()));
    }
}
