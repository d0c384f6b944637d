//! Symbol → SVG: a white square and one path of horizontal runs.

use std::fmt::Write;

use super::edge::picture_modules;
use super::{EdgePx, QUIET_ZONE_MODULES, QrError, Symbol};

/// The symbol with its quiet zone as an SVG document whose natural size is that of the PNG for the same edge.
///
/// # Errors
/// [`QrError::EdgeTooSmall`] when not even one pixel a module fits.
pub fn draw(symbol: &Symbol, edge: EdgePx) -> Result<String, QrError> {
    let modules = picture_modules(symbol);
    let edge_px = modules * edge.module_px(symbol)?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{edge_px}\" height=\"{edge_px}\" viewBox=\"0 0 {modules} {modules}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{modules}v{modules}H0z\"/><path d=\"{}\"/></svg>\n",
        path(symbol)
    ))
}

/// One closed rectangle for each run of dark modules, in modules, quiet zone included.
fn path(symbol: &Symbol) -> String {
    let mut path = String::with_capacity(symbol.side_modules() * symbol.side_modules() * 4);
    for y in 0..symbol.side_modules() {
        for (x, length) in symbol.dark_runs(y) {
            let (left, top) = (x + QUIET_ZONE_MODULES, y + QUIET_ZONE_MODULES);
            // Writing to a String cannot fail.
            let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
        }
    }
    path
}
