//! Text → the square of dark and light modules that is a QR code.

use super::QrError;
use super::codewords::Codewords;
use super::mask::Mask;
use super::placement::place;

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
    mask: Mask,
    rows: Vec<Row>,
}

/// A row of modules: bit `x % 64` of word `x / 64` is set where module `x` is dark.
pub(super) type Row = [u64; 3];

impl Symbol {
    /// The smallest symbol that holds the text (UTF-8, cut into the cheapest segments) at level M, and at a higher level when that
    /// takes no larger symbol, with the mask of the lowest penalty. The same text always gives the same symbol.
    ///
    /// # Errors
    /// [`QrError::Empty`], [`QrError::TooLong`].
    pub fn encode(text: &str) -> Result<Self, QrError> {
        let placed = place(&Codewords::of(text)?);
        let [best, ..] = placed.masks_by_penalty();
        Ok(placed.masked(best))
    }

    /// The same symbol with this mask, whatever its penalty.
    ///
    /// # Errors
    /// [`QrError::Empty`], [`QrError::TooLong`].
    pub fn with_mask(text: &str, mask: Mask) -> Result<Self, QrError> {
        Ok(place(&Codewords::of(text)?).masked(mask))
    }

    /// The symbol with each of the eight masks, the lowest penalty first, equal ones by number: [`Symbol::encode`] gives the first.
    ///
    /// # Errors
    /// [`QrError::Empty`], [`QrError::TooLong`].
    pub fn candidates(text: &str) -> Result<[Self; 8], QrError> {
        let placed = place(&Codewords::of(text)?);
        Ok(placed.masks_by_penalty().map(|mask| placed.masked(mask)))
    }

    /// A symbol of this version (1 to 40) that looks like any other and says nothing; always the same.
    pub(super) fn sample(version: usize) -> Self {
        place(&Codewords::sample(version)).masked(Mask::of(0))
    }

    /// A symbol of these rows, as many as each has modules.
    pub(super) const fn new(level: Level, mask: Mask, rows: Vec<Row>) -> Self {
        Self { side: rows.len(), level, mask, rows }
    }

    /// The mask over its data.
    #[must_use]
    pub const fn mask(&self) -> Mask {
        self.mask
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

    /// Its rows from above.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
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
        let row = self.rows.get(y).copied().unwrap_or_default();
        // Where a module is unlike the one before it; each run begins and ends so, for behind the last column there is only light.
        let mut changes: Row = std::array::from_fn(|word| {
            let carried = if word > 0 { row[word - 1] >> 63 } else { 0 };
            row[word] ^ (row[word] << 1 | carried)
        });
        let mut word = 0;
        let mut next = move || {
            while changes[word] == 0 {
                word += 1;
                if word == changes.len() {
                    word = 0;
                    return None;
                }
            }
            let at = changes[word].trailing_zeros() as usize;
            changes[word] &= changes[word] - 1;
            Some(64 * word + at)
        };
        std::iter::from_fn(move || {
            let start = next()?;
            next().map(|end| (start, end - start))
        })
    }
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
