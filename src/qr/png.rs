//! Symbol → PNG: one bit a pixel, grey, no alpha, written straight from the module rows without ever making the pixels.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::deflate::{Band, zlib};
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
    Ok(file(edge_px, edge_px, 1, &bands(symbol, module_px, edge_px)))
}

/// A grey picture as a file; each line of the bands begins with a byte that names no filter, the leftmost pixel stands in the highest of
/// the `bits_per_pixel` (1, 2, 4 or 8) bits.
pub(super) fn file(width_px: usize, height_px: usize, bits_per_pixel: u8, bands: &[Band]) -> Vec<u8> {
    let mut picture = Vec::with_capacity(2048);
    picture.extend(b"\x89PNG\r\n\x1a\n");
    let (width, height) = ((width_px as u32).to_be_bytes(), (height_px as u32).to_be_bytes());
    // Grey, deflate, the standard filters, not interlaced.
    append_chunk(&mut picture, *b"IHDR", &[&width[..], &height, &[bits_per_pixel, 0, 0, 0, 0]].concat());
    append_chunk(&mut picture, *b"IDAT", &zlib(bands));
    append_chunk(&mut picture, *b"IEND", &[]);
    picture
}

/// A picture as an address that holds it, for API answers; pages link to the picture instead, so that it can be long-pressed.
#[must_use]
pub fn data_url(png: &[u8]) -> String {
    let mut url = String::from("data:image/png;base64,");
    STANDARD.encode_string(png, &mut url);
    url
}

/// The lines of the picture, equal ones together: a byte that names no filter, then eight pixels a byte, the leftmost in the highest
/// bit; a set bit is white.
fn bands(symbol: &Symbol, module_px: usize, edge_px: usize) -> Vec<Band> {
    let mut white = vec![0xFF; 1 + edge_px.div_ceil(8)];
    white[0] = 0;
    let quiet_zone_px = QUIET_ZONE_MODULES * module_px;
    let margin = Band { line: white.clone(), repeats: quiet_zone_px };
    let modules = (0..symbol.side_modules()).map(|y| {
        let mut line = white.clone();
        for (x, length) in symbol.dark_runs(y) {
            blacken(&mut line[1..], quiet_zone_px + x * module_px, length * module_px);
        }
        Band { line, repeats: module_px }
    });
    std::iter::once(margin.clone()).chain(modules).chain([margin.clone()]).collect()
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

/// A chunk of the file: length, name, content and the checksum of the last two.
fn append_chunk(picture: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    picture.extend((content.len() as u32).to_be_bytes());
    let checked = picture.len();
    picture.extend(name);
    picture.extend(content);
    let checksum = crc32(&picture[checked..]);
    picture.extend(checksum.to_be_bytes());
}

/// CRC-32 of ISO 3309, a byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| (sum >> 8) ^ CRC_OF_BYTE[((sum ^ u32::from(*byte)) & 0xFF) as usize])
}

const CRC_OF_BYTE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

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
