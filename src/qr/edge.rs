//! How large a picture may be, and how many pixels a module then gets.

use super::{QUIET_ZONE_MODULES, QrError, Symbol};

/// The total edge asked for, quiet zone included: 120 to 2048 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgePx(u32);

impl EdgePx {
    /// The smallest edge: below it a phone's camera no longer separates the modules of our addresses.
    pub const MIN: u32 = 120;
    /// The largest edge, so that a stranger's request cannot ask for megabytes.
    pub const MAX: u32 = 2048;
    /// 720 pixels: at least 8 pixels a module for every symbol up to version 15, the size from which saved pictures survive.
    pub const DEFAULT: Self = Self(720);

    /// An edge of this many pixels.
    ///
    /// # Errors
    /// [`QrError::EdgeOutOfRange`] outside 120…2048.
    pub const fn new(asked_px: u32) -> Result<Self, QrError> {
        if asked_px >= Self::MIN && asked_px <= Self::MAX {
            Ok(Self(asked_px))
        } else {
            Err(QrError::EdgeOutOfRange { asked_px })
        }
    }

    /// The number of pixels.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The largest whole number of pixels per module with which the symbol and its quiet zone fit this edge.
    ///
    /// # Errors
    /// [`QrError::EdgeTooSmall`] when that would be none (only symbols above version 24, at edges below 185).
    pub fn module_px(self, symbol: &Symbol) -> Result<usize, QrError> {
        let modules = picture_modules(symbol);
        match self.0 as usize / modules {
            0 => Err(QrError::EdgeTooSmall { needed_px: modules as u32, asked_px: self.0 }),
            module_px => Ok(module_px),
        }
    }
}

impl Default for EdgePx {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The edge of a whole picture in modules: the symbol and the quiet zone on both sides, 29 to 185.
#[must_use]
pub const fn picture_modules(symbol: &Symbol) -> usize {
    symbol.side_modules() + 2 * QUIET_ZONE_MODULES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_outside_the_range_is_refused() {
        for asked_px in [0, 119, 2049, u32::MAX] {
            assert_eq!(EdgePx::new(asked_px), Err(QrError::EdgeOutOfRange { asked_px }));
        }
        for asked_px in [120, 720, 2048] {
            assert_eq!(EdgePx::new(asked_px).map(EdgePx::get), Ok(asked_px));
        }
    }

    #[test]
    fn a_symbol_too_large_for_one_pixel_a_module_says_what_it_needs() {
        let largest = Symbol::encode(&"9".repeat(5596)).unwrap();
        assert_eq!(
            EdgePx::new(184).unwrap().module_px(&largest),
            Err(QrError::EdgeTooSmall { needed_px: 185, asked_px: 184 })
        );
        assert_eq!(EdgePx::new(185).unwrap().module_px(&largest), Ok(1));
    }
}
