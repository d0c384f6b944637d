//! Symbol → PNG: one bit a pixel, grey, no alpha, straight from the module rows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::edge::picture_modules;
use super::{EdgePx, QUIET_ZONE_MODULES, QrError, Symbol};

/// The symbol with its quiet zone, black on white, with the largest whole number of pixels per module that fits the edge;
/// so the picture's edge is at most the one asked for.
///
/// # Errors
/// [`QrError::EdgeTooSmall`] when not even one pixel a module fits.
pub fn draw(symbol: &Symbol, edge: EdgePx) -> Result<Vec<u8>, QrError> {
    let module_px = edge.module_px(symbol)?;
    let edge_px = picture_modules(symbol) * module_px;
    write(&pixel_rows(symbol, module_px, edge_px), edge_px).map_err(|error| QrError::Unwritable(error.to_string()))
}

/// A picture as an address that holds it, for API answers; pages link to the picture instead, so that it can be long-pressed.
#[must_use]
pub fn data_url(png: &[u8]) -> String {
    let mut url = String::from("data:image/png;base64,");
    STANDARD.encode_string(png, &mut url);
    url
}

/// Every row of pixels, eight pixels a byte, the leftmost in the highest bit; a set bit is white.
fn pixel_rows(symbol: &Symbol, module_px: usize, edge_px: usize) -> Vec<u8> {
    let row_bytes = edge_px.div_ceil(8);
    let white_rows = QUIET_ZONE_MODULES * module_px;
    let mut pixels = vec![0xFF; row_bytes * edge_px];
    let symbol_rows = pixels.chunks_mut(row_bytes * module_px).skip(QUIET_ZONE_MODULES).take(symbol.side_modules());
    for (y, rows) in symbol_rows.enumerate() {
        let (first, repeats) = rows.split_at_mut(row_bytes);
        for (x, length) in symbol.dark_runs(y) {
            blacken(first, white_rows + x * module_px, length * module_px);
        }
        repeats.chunks_mut(row_bytes).for_each(|row| row.copy_from_slice(first));
    }
    pixels
}

/// Clears `length` bits from bit `start` on.
fn blacken(row: &mut [u8], start: usize, length: usize) {
    let (end, first, last) = (start + length, start / 8, (start + length) / 8);
    let keep_before = !(0xFF_u8 >> (start % 8));
    let keep_after = 0xFF_u8 >> (end % 8);
    for (index, byte) in row.iter_mut().enumerate().take(last + 1).skip(first) {
        let before = if index == first { keep_before } else { 0 };
        let after = if index == last { keep_after } else { 0 };
        *byte &= before | after;
    }
}

fn write(pixels: &[u8], edge_px: usize) -> Result<Vec<u8>, png::EncodingError> {
    let mut picture = Vec::with_capacity(2048);
    let mut encoder = Encoder::new(&mut picture, edge_px as u32, edge_px as u32);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_compression(Compression::Balanced);
    // Each row equals the one above it within a module: the compressor finds that by itself, and filters would only hide it.
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blacken_clears_exactly_the_bits_of_the_run() {
        for start in 0..24 {
            for length in 0..=24 - start {
                let mut row = [0xFF; 3];
                blacken(&mut row, start, length);
                for bit in 0..24 {
                    let white = row[bit / 8] >> (7 - bit % 8) & 1 == 1;
                    assert_eq!(white, bit < start || bit >= start + length, "bit {bit} of {start}+{length}");
                }
            }
        }
    }

    #[test]
    fn a_data_url_holds_the_picture_byte_by_byte() {
        assert_eq!(data_url(&[0x89, b'P', b'N', b'G', 0xFF]), "data:image/png;base64,iVBOR/8=");
    }
}
