//! Symbol → PNG: one bit a pixel, grey, no alpha, written straight from the module rows without ever making the pixels.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::plate::Plate;
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
    Ok(plate(symbol, module_px).print(symbol))
}

/// The plate for pictures of this version and module size, made when it is first needed and kept: a few kilobytes each, and if all
/// sizes of all 40 versions were asked for, 7 MB.
fn plate(symbol: &Symbol, module_px: usize) -> &'static Plate {
    static KEPT: [[OnceLock<Box<Plate>>; LARGEST_MODULE_PX]; 40] =
        [const { [const { OnceLock::new() }; LARGEST_MODULE_PX] }; 40];
    let make = || Box::new(Plate::of(&Symbol::sample(symbol.version()), module_px));
    KEPT[symbol.version() - 1][module_px - 1].get_or_init(make)
}

/// A grey picture whose lines are packed in this stream, as a file; each line begins with a byte that names no filter, the leftmost pixel
/// stands in the highest of the `bits_per_pixel` (1, 2, 4 or 8) bits.
pub(super) fn file(width_px: usize, height_px: usize, bits_per_pixel: u8, stream: &[u8]) -> Vec<u8> {
    let mut picture = Vec::with_capacity(stream.len() + 64);
    append_header(&mut picture, width_px, height_px, bits_per_pixel);
    append_chunk(&mut picture, *b"IDAT", stream);
    append_chunk(&mut picture, *b"IEND", &[]);
    picture
}

/// The begin of such a file, up to the chunk with the stream.
pub(super) fn append_header(picture: &mut Vec<u8>, width_px: usize, height_px: usize, bits_per_pixel: u8) {
    picture.extend(b"\x89PNG\r\n\x1a\n");
    let (width, height) = ((width_px as u32).to_be_bytes(), (height_px as u32).to_be_bytes());
    // Grey, deflate, the standard filters, not interlaced.
    append_chunk(picture, *b"IHDR", &[&width[..], &height, &[bits_per_pixel, 0, 0, 0, 0]].concat());
}

/// A picture as an address that holds it, for API answers; pages link to the picture instead, so that it can be long-pressed.
#[must_use]
pub fn data_url(png: &[u8]) -> String {
    let mut url = String::from("data:image/png;base64,");
    STANDARD.encode_string(png, &mut url);
    url
}

/// A chunk of the file: length, name, content and the checksum of the last two.
pub(super) fn append_chunk(picture: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    picture.extend((content.len() as u32).to_be_bytes());
    let checked = picture.len();
    picture.extend(name);
    picture.extend(content);
    let checksum = crc32fast::hash(&picture[checked..]);
    picture.extend(checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_url_holds_the_picture_byte_by_byte() {
        assert_eq!(data_url(&[0x89, b'P', b'N', b'G', 0xFF]), "data:image/png;base64,iVBOR/8=");
    }
}
