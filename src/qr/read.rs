//! Picture → the codes in it: found and decoded, with limits that are read before anything is decoded.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits};

use super::search::{Found, Place, search};
use super::symbol::Level;

/// The largest file that is looked at: 30 MB.
pub const MAX_FILE_BYTES: usize = 30_000_000;
/// The largest picture that is decoded: 40 megapixels, more than phones save.
pub const MAX_PIXELS: u64 = 40_000_000;
/// What decoding may allocate: 40 megapixels of eight bytes.
const MAX_ALLOCATION_BYTES: u64 = 8 * MAX_PIXELS;
/// Pictures with a longer edge are also tried at half their size: photographs decode better without their noise.
const HALVED_ABOVE_PX: u32 = 1200;

/// A code that was found and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What it holds; nearly always UTF-8, see [`Code::text`].
    pub bytes: Vec<u8>,
    /// The version, 1 to 40.
    pub version: usize,
    /// The error correction level.
    pub level: Level,
}

impl Code {
    /// The text, or `None` when the bytes are not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// What was found in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The decoded codes, each content once.
    pub codes: Vec<Code>,
    /// How many places look like codes but could not be decoded.
    pub unreadable: usize,
    /// Whether there is so much in it that looks like parts of codes that not everything was tried.
    pub is_unfinished: bool,
}

/// Why a picture was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_FILE_BYTES`].
    #[error("the file is larger than 30 MB")]
    FileTooLarge,
    /// More than [`MAX_PIXELS`], or more memory than such a picture needs.
    #[error("the picture is larger than 40 megapixels")]
    PictureTooLarge,
    /// Neither PNG nor JPEG.
    #[error("the file is neither a PNG nor a JPEG picture")]
    UnknownFormat,
    /// It begins like a picture but cannot be decoded.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

/// Finds and decodes the codes in a PNG or JPEG file, also inverted ones (which many wallets' scanners do not read), each in full and
/// in half the size. Transparent parts count as white, as they are seen on a page.
///
/// The work is bounded whatever is in the picture, see [`Reading::is_unfinished`].
///
/// # Errors
/// See [`ReadError`]; a picture without any code is not an error.
pub fn read(file: &[u8]) -> Result<Reading, ReadError> {
    let mut picture = decode(file)?;
    let mut looks = Looks::default();
    // As it is, and inverted.
    for _ in 0..2 {
        looks.look(&picture, 1.0);
        let (width, height) = picture.dimensions();
        if width.max(height) > HALVED_ABOVE_PX {
            looks.look(&image::imageops::thumbnail(&picture, (width / 2).max(1), (height / 2).max(1)), 2.0);
        }
        image::imageops::invert(&mut picture);
    }
    Ok(looks.reading())
}

/// The file in grey.
fn decode(file: &[u8]) -> Result<GrayImage, ReadError> {
    if file.len() > MAX_FILE_BYTES {
        return Err(ReadError::FileTooLarge);
    }
    open(file, MAX_PIXELS).map(on_white)
}

/// Decodes a PNG or JPEG file, after its size has been checked from its header alone.
pub(super) fn open(file: &[u8], most_pixels: u64) -> Result<DynamicImage, ReadError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(damaged)?;
    if reader.format().is_none() {
        return Err(ReadError::UnknownFormat);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > most_pixels || decoder.total_bytes() > MAX_ALLOCATION_BYTES {
        return Err(ReadError::PictureTooLarge);
    }
    DynamicImage::from_decoder(decoder).map_err(refused)
}

fn refused(error: image::ImageError) -> ReadError {
    match error {
        image::ImageError::Limits(_) => ReadError::PictureTooLarge,
        image::ImageError::Unsupported(_) => ReadError::UnknownFormat,
        other => damaged(other),
    }
}

fn damaged(error: impl std::fmt::Display) -> ReadError {
    ReadError::Damaged(error.to_string())
}

/// The picture in grey as it looks on a white page.
fn on_white(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let with_alpha = picture.into_luma_alpha8();
    let mut grey = GrayImage::new(with_alpha.width(), with_alpha.height());
    for (seen, pixel) in grey.pixels_mut().zip(with_alpha.pixels()) {
        let [luma, alpha] = pixel.0.map(u16::from);
        seen.0 = [((luma * alpha + 255 * (255 - alpha)) / 255) as u8];
    }
    grey
}

/// Finds and decodes the codes in a picture given as the brightness (0 black, 255 white) of each column and row: in one look, which
/// is enough for what was just drawn.
pub fn read_luma(width: usize, height: usize, mut brightness: impl FnMut(usize, usize) -> u8) -> Reading {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let luma: Vec<u8> = places.map(|(x, y)| brightness(x, y)).collect();
    let mut looks = Looks::default();
    looks.add(search(&luma, width), 1.0);
    looks.reading()
}

/// What several looks at one picture found, in the measures of the full size.
#[derive(Default)]
struct Looks(Found);

impl Looks {
    /// Looks at the picture, which is so many times smaller.
    fn look(&mut self, picture: &GrayImage, times: f64) {
        self.add(search(picture.as_raw(), picture.width() as usize), times);
    }

    fn add(&mut self, found: Found, times: f64) {
        self.0.codes.extend(found.codes.into_iter().map(|(code, place)| (code, place.scaled(times))));
        self.0.unread.extend(found.unread.into_iter().map(|place| place.scaled(times)));
        self.0.is_unfinished |= found.is_unfinished;
    }

    fn reading(self) -> Reading {
        let Self(Found { codes, unread, is_unfinished }) = self;
        let mut seen: Vec<Place> = codes.iter().map(|(_, place)| *place).collect();
        let read = seen.len();
        for place in unread {
            if seen.iter().all(|known| !known.is_same(&place)) {
                seen.push(place);
            }
        }
        let mut reading = Reading { unreadable: seen.len() - read, is_unfinished, ..Reading::default() };
        for (code, _) in codes {
            if reading.codes.iter().all(|known| known.bytes != code.bytes) {
                reading.codes.push(code);
            }
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::{EdgePx, Symbol, png};

    fn file(picture: &DynamicImage) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
        file.into_inner()
    }

    fn drawn(text: &str) -> GrayImage {
        let drawn = png::draw(&Symbol::encode(text).unwrap(), EdgePx::DEFAULT).unwrap();
        image::load_from_memory(&drawn).unwrap().into_luma8()
    }

    fn texts(reading: &Reading) -> Vec<&str> {
        reading.codes.iter().filter_map(Code::text).collect()
    }

    #[test]
    fn a_black_code_on_transparent_ground_is_read_as_on_a_white_page() {
        let opaque = drawn("transparent");
        let mut picture = image::RgbaImage::new(opaque.width(), opaque.height());
        for (pixel, grey) in picture.pixels_mut().zip(opaque.pixels()) {
            pixel.0 = [0, 0, 0, 255 - grey.0[0]];
        }
        assert_eq!(texts(&read(&file(&picture.into())).unwrap()), ["transparent"]);
    }

    #[test]
    fn an_inverted_code_is_read() {
        let mut picture = DynamicImage::from(drawn("inverted"));
        picture.invert();
        assert_eq!(texts(&read(&file(&picture)).unwrap()), ["inverted"]);
    }

    #[test]
    fn an_inverted_code_beside_another_is_read_too() {
        let (left, mut right) = (drawn("left"), drawn("right"));
        image::imageops::invert(&mut right);
        let mut both = GrayImage::from_pixel(left.width() + right.width(), left.height(), image::Luma([255]));
        image::imageops::replace(&mut both, &left, 0, 0);
        image::imageops::replace(&mut both, &right, i64::from(left.width()), 0);
        assert_eq!(texts(&read(&file(&both.into())).unwrap()), ["left", "right"]);
    }

    #[test]
    fn a_code_that_is_only_read_in_half_the_size_is_found_beside_one_that_is_read_in_full() {
        // Every second pixel of the right one is noise, black on white and white on black.
        let (left, mut right) = (drawn("left"), drawn("right"));
        for (x, y, pixel) in right.enumerate_pixels_mut().filter(|(x, y, _)| x % 2 == 0 && y % 2 == 0) {
            pixel.0 = [if (x / 2 * 7 + y / 2 * 5) % 3 == 0 { 255 - pixel.0[0] } else { pixel.0[0] }];
        }
        let mut both = GrayImage::from_pixel(left.width() + right.width(), left.height(), image::Luma([255]));
        image::imageops::replace(&mut both, &left, 0, 0);
        image::imageops::replace(&mut both, &right, i64::from(left.width()), 0);
        let once =
            read_luma(both.width() as usize, both.height() as usize, |x, y| both.get_pixel(x as u32, y as u32).0[0]);
        assert_eq!(texts(&once), ["left"]);
        assert_eq!(texts(&read(&file(&both.into())).unwrap()), ["left", "right"]);
    }

    #[test]
    fn a_picture_full_of_squares_is_told_as_not_looked_at_to_the_end() {
        let squares = include_bytes!("../../fuzz/seeds/inspect/squares.png");
        let reading = read(squares).unwrap();
        assert!(reading.codes.is_empty() && reading.is_unfinished);
    }

    #[test]
    fn two_codes_in_one_picture_are_both_read() {
        let (left, right) = (drawn("left"), drawn("right"));
        let mut both = GrayImage::from_pixel(left.width() + right.width(), left.height(), image::Luma([255]));
        image::imageops::replace(&mut both, &left, 0, 0);
        image::imageops::replace(&mut both, &right, i64::from(left.width()), 0);
        let reading = read(&file(&both.into())).unwrap();
        let mut found = texts(&reading);
        found.sort_unstable();
        assert_eq!(found, ["left", "right"]);
    }

    #[test]
    fn version_and_level_come_back_as_they_were_drawn() {
        for text in ["1234", "short", "https://pay.example/s/AAECAwQFBgcICQoLDA0ODw", &"long ".repeat(60)] {
            let symbol = Symbol::encode(text).unwrap();
            let reading = read(&png::draw(&symbol, EdgePx::DEFAULT).unwrap()).unwrap();
            let [code] = reading.codes.as_slice() else { panic!("{text} was not read") };
            assert_eq!((code.text(), code.version, code.level), (Some(text), symbol.version(), symbol.level()));
        }
    }

    #[test]
    fn a_picture_over_40_megapixels_is_refused_from_its_header() {
        // A PNG header that promises 8000 × 5001 pixels, and then nothing: only the header can have been read.
        let mut header = b"IHDR\x00\x00\x1f\x40\x00\x00\x13\x89\x08\x00\x00\x00\x00".to_vec();
        let checksum = crc32(&header);
        header.extend(checksum.to_be_bytes());
        let mut picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".to_vec();
        picture.extend(header);
        picture.extend(b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e");
        assert_eq!(read(&picture), Err(ReadError::PictureTooLarge));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
        })
    }

    #[test]
    fn what_is_no_picture_says_so() {
        assert_eq!(read(b""), Err(ReadError::UnknownFormat));
        assert_eq!(read(b"GIF89a and more"), Err(ReadError::UnknownFormat));
        assert_eq!(read(&vec![0; MAX_FILE_BYTES + 1]), Err(ReadError::FileTooLarge));
        assert!(matches!(read(b"\x89PNG\r\n\x1a\n"), Err(ReadError::Damaged(_))));
    }

    #[test]
    fn an_empty_page_holds_no_code() {
        let page = GrayImage::from_pixel(300, 200, image::Luma([255]));
        assert_eq!(read(&file(&page.into())), Ok(Reading::default()));
    }
}
