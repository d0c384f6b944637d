//! Whether what was drawn can be read again, by a decoder that is not the encoder's.

use super::read::read_luma;
use super::{QUIET_ZONE_MODULES, Symbol};
use crate::qr::edge::picture_modules;

/// Pixels per module of the picture that is read: enough for a decoder, and small.
const MODULE_PX: usize = 4;

/// Draws the symbol, finds and decodes it, and says whether exactly this text came back.
#[must_use]
pub fn reads_as(symbol: &Symbol, text: &str) -> bool {
    let edge_px = picture_modules(symbol) * MODULE_PX;
    let margin_px = QUIET_ZONE_MODULES * MODULE_PX;
    let reading = read_luma(edge_px, edge_px, |x, y| match (x.checked_sub(margin_px), y.checked_sub(margin_px)) {
        (Some(x), Some(y)) if symbol.is_dark(x / MODULE_PX, y / MODULE_PX) => 0,
        _ => 255,
    });
    matches!(reading.codes.as_slice(), [code] if code.bytes == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_reads_as_its_own_text_and_no_other() {
        let symbol = Symbol::encode("https://pay.example/s/AAECAwQFBgcICQoLDA0ODw").unwrap();
        assert!(reads_as(&symbol, "https://pay.example/s/AAECAwQFBgcICQoLDA0ODw"));
        assert!(!reads_as(&symbol, "https://pay.example/s/AAECAwQFBgcICQoLDA0ODx"));
    }
}
