//! Symbol → PNG: one bit a pixel, grey, no alpha, written straight from the module rows without ever making the pixels.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::deflate::{Codes, Counts, Lines, zlib, zlib_with};
use super::edge::picture_modules;
use super::{EdgePx, QUIET_ZONE_MODULES, QrError, Symbol};

/// The module of the smallest symbol in the largest picture.
const LARGEST_MODULE_PX: usize = EdgePx::MAX as usize / (21 + 2 * QUIET_ZONE_MODULES);

/// The symbol with its quiet zone, black on white, with the largest whole number of pixels per module that fits the edge;
/// so the picture's edge is at most the one asked for.
///
/// # Errors
/// [`QrError::EdgeTooSmall`] when not even one pixel a module fits.
pub fn draw(symbol: &Symbol, edge: EdgePx) -> Result<Vec<u8>, QrError> {
    let module_px = edge.module_px(symbol)?;
    let edge_px = picture_modules(symbol) * module_px;
    let lines = lines(symbol, module_px);
    let stream = match codes(symbol.version(), module_px) {
        Some(codes) => zlib_with(codes, &lines),
        None => zlib(&lines),
    };
    Ok(file(edge_px, edge_px, 1, &stream))
}

/// A grey picture whose lines are packed in this stream, as a file; each line begins with a byte that names no filter, the leftmost pixel
/// stands in the highest of the `bits_per_pixel` (1, 2, 4 or 8) bits.
pub(super) fn file(width_px: usize, height_px: usize, bits_per_pixel: u8, stream: &[u8]) -> Vec<u8> {
    let mut picture = Vec::with_capacity(stream.len() + 64);
    picture.extend(b"\x89PNG\r\n\x1a\n");
    let (width, height) = ((width_px as u32).to_be_bytes(), (height_px as u32).to_be_bytes());
    // Grey, deflate, the standard filters, not interlaced.
    append_chunk(&mut picture, *b"IHDR", &[&width[..], &height, &[bits_per_pixel, 0, 0, 0, 0]].concat());
    append_chunk(&mut picture, *b"IDAT", stream);
    append_chunk(&mut picture, *b"IEND", &[]);
    picture
}

/// The Huffman codes for pictures of one version and module size, made from a sample when they are first needed: such pictures differ
/// little in what they say how often, and making codes takes longer than drawing. `None` for what is no such picture.
fn codes(version: usize, module_px: usize) -> Option<&'static Codes> {
    static KEPT: [[OnceLock<Box<Codes>>; LARGEST_MODULE_PX + 1]; 41] =
        [const { [const { OnceLock::new() }; LARGEST_MODULE_PX + 1] }; 41];
    let kept = KEPT.get(version)?.get(module_px)?;
    if let Some(codes) = kept.get() {
        return Some(codes);
    }
    let sample = Symbol::sample(version)?;
    let counts = Counts::of_sample(&lines(&sample, module_px), bytes_across(module_px));
    Some(kept.get_or_init(|| Box::new(Codes::of(&counts))))
}

/// Every byte that eight neighbouring pixels can make, and the one that names no filter.
fn bytes_across(module_px: usize) -> impl Iterator<Item = u8> {
    let mut can_be = [false; 256];
    can_be[0] = true;
    // Eight pixels that begin within a module reach over that one and at most eight more.
    for (modules, begin) in (0..512_usize).flat_map(|modules| (0..module_px).map(move |begin| (modules, begin))) {
        let byte = (0..8).fold(0, |byte, pixel| byte << 1 | modules >> ((begin + pixel) / module_px) & 1);
        can_be[byte] = true;
    }
    (0..=u8::MAX).filter(move |byte| can_be[usize::from(*byte)])
}

/// A picture as an address that holds it, for API answers; pages link to the picture instead, so that it can be long-pressed.
#[must_use]
pub fn data_url(png: &[u8]) -> String {
    let mut url = String::from("data:image/png;base64,");
    STANDARD.encode_string(png, &mut url);
    url
}

/// The lines of the picture: a byte that names no filter, then eight pixels a byte, the leftmost in the highest bit; a set bit is white.
fn lines(symbol: &Symbol, module_px: usize) -> Lines {
    let side = symbol.side_modules();
    let mut white = vec![0xFF; 1 + (picture_modules(symbol) * module_px).div_ceil(8)];
    white[0] = 0;
    let quiet_zone_px = QUIET_ZONE_MODULES * module_px;
    let mut lines = Lines::new(white.len(), side + 2);
    lines.push(&white, quiet_zone_px);
    for y in 0..side {
        let line = lines.push(&white, module_px);
        for (x, length) in symbol.dark_runs(y) {
            blacken(&mut line[1..], quiet_zone_px + x * module_px, length * module_px);
        }
    }
    lines.push(&white, quiet_zone_px);
    lines
}

/// Clears `length` (at least 1) bits from bit `start` on.
fn blacken(row: &mut [u8], start: usize, length: usize) {
    let end = start + length;
    let (first, last) = (start / 8, (end - 1) / 8);
    let keep_before = !(0xFF_u8 >> (start % 8));
    let keep_after = 0x7F_u8 >> ((end - 1) % 8);
    if first == last {
        row[first] &= keep_before | keep_after;
        return;
    }
    row[first] &= keep_before;
    for byte in &mut row[first + 1..last] {
        *byte = 0;
    }
    row[last] &= keep_after;
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
            for length in 1..=24 - start {
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
