//! Symbol → text for a terminal: two modules a character, one above the other.

use super::edge::picture_modules;
use super::{QUIET_ZONE_MODULES, Symbol};

/// Black on white from the colour cube, which themes leave alone (unlike the sixteen named colours): on a dark and on a light
/// terminal alike the code is never inverted, which most decoders could not read.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// The symbol with its quiet zone in half blocks, one line for every two rows of modules.
#[must_use]
pub fn draw(symbol: &Symbol) -> String {
    let modules = picture_modules(symbol);
    let is_dark = |x: usize, y: usize| match (x.checked_sub(QUIET_ZONE_MODULES), y.checked_sub(QUIET_ZONE_MODULES)) {
        (Some(x), Some(y)) => symbol.is_dark(x, y),
        _ => false,
    };
    let mut text = String::with_capacity(modules * modules * 2);
    for top in (0..modules).step_by(2) {
        text.push_str(BLACK_ON_WHITE);
        text.extend((0..modules).map(|x| match (is_dark(x, top), is_dark(x, top + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        text.push_str(RESET);
        text.push('\n');
    }
    text
}
