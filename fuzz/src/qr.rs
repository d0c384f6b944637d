//! Text → symbol → pictures, and these back to modules.

use image::ImageFormat;
use pay_handoff::qr::{EdgePx, Mask, QUIET_ZONE_MODULES, QrError, Symbol, png, svg, terminal};

use super::parts::Parts;

/// The most that any text holds that fits a symbol: 5596 digits.
const LONGEST_TEXT: usize = 5596;

/// Three parts: mask, edge, text. Every picture shows the modules of the symbol, and nothing else.
pub fn check(input: &[u8]) {
    let mut parts = Parts::of(input);
    let mask = Mask::of((parts.number() % 8) as u8);
    let edge = EdgePx::new(EdgePx::MIN + (parts.number() % u64::from(EdgePx::MAX - EdgePx::MIN + 1)) as u32);
    let edge = edge.expect("within the bounds");
    let text = parts.text();
    let symbol = match Symbol::with_mask(&text, mask) {
        Ok(symbol) => symbol,
        Err(QrError::Empty) => return assert!(text.is_empty()),
        Err(QrError::TooLong { bytes }) => return assert!(bytes == text.len() && bytes > 2331),
        Err(other) => panic!("{other}"),
    };
    assert!(text.len() <= LONGEST_TEXT && symbol.mask() == mask);
    assert_eq!(symbol.side_modules(), 17 + 4 * symbol.version());
    let terminal = terminal::draw(&symbol);
    assert_eq!(terminal.lines().count(), (symbol.side_modules() + 2 * QUIET_ZONE_MODULES).div_ceil(2));
    let (drawn, path) = (png::draw(&symbol, edge), svg::draw(&symbol, edge));
    let (drawn, path) = match (drawn, path) {
        (Ok(drawn), Ok(path)) => (drawn, path),
        (drawn, path) => {
            assert!(edge.get() < 185 && drawn.is_err() && path.is_err(), "only small pictures of large symbols");
            return;
        }
    };
    assert!(path.starts_with("<svg") && path.trim_end().ends_with("</svg>"));
    assert_shows(&drawn, &symbol, edge);
}

/// Each pixel is black exactly where a dark module is.
fn assert_shows(file: &[u8], symbol: &Symbol, edge: EdgePx) {
    let picture = image::load_from_memory_with_format(file, ImageFormat::Png).expect("a PNG").into_luma8();
    let modules = symbol.side_modules() + 2 * QUIET_ZONE_MODULES;
    let module_px = edge.get() as usize / modules;
    assert_eq!((picture.width(), picture.height()), ((modules * module_px) as u32, (modules * module_px) as u32));
    let width = picture.width() as usize;
    for (y, line) in picture.as_raw().chunks_exact(width).enumerate() {
        for (x, luma) in line.iter().enumerate() {
            let module = |px: usize| (px / module_px).wrapping_sub(QUIET_ZONE_MODULES);
            let expected = if symbol.is_dark(module(x), module(y)) { 0 } else { 255 };
            assert_eq!(*luma, expected, "pixel {x}, {y}");
        }
    }
}
