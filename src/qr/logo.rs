//! A merchant's mark in the middle of a code: small, on white, in its own colours, and only where decoders still read the code.
//!
//! It is at most 15 % of the code's edge wide, measured to cost about one code in a hundred with the weaker decoders; more costs more. Level M stays: a higher one makes smaller modules, which costs more than it repairs.

use std::collections::HashMap;

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};

use super::grey::Grey;
use super::read::{ReadError, open};
use super::{EdgePx, QUIET_ZONE_MODULES, QrError, Symbol};

/// The largest file: 1 MB.
pub const MAX_FILE_BYTES: usize = 1_000_000;
/// The largest picture: 4 megapixels.
pub const MAX_PIXELS: u64 = 4_000_000;
/// The mark's part of a code's edge, in hundredths.
const MOST_PERCENT: usize = 15;
/// So much of what is given is kept: more than any picture shows.
const KEPT_PX: u32 = 320;
/// So many colours beside the sixteen tones of a card.
const MOST_COLOURS: usize = 240;

/// Why a file is no logo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// More than [`MAX_FILE_BYTES`].
    #[error("the file is larger than 1 MB")]
    FileTooLarge,
    /// More than [`MAX_PIXELS`].
    #[error("the picture is larger than 4 megapixels")]
    PictureTooLarge,
    /// Neither PNG nor JPEG, or a broken one.
    #[error("{0}")]
    Unreadable(ReadError),
}

/// A merchant's mark.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// On white, square, at most [`KEPT_PX`] wide.
    mark: RgbImage,
    fingerprint: u64,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Logo({} × {} px)", self.mark.width(), self.mark.height())
    }
}

/// The white square in the middle of a code on which a logo stands: whole modules, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    left: usize,
    top: usize,
    edge: usize,
    margin: usize,
}

impl Ground {
    /// The ground of a code that begins at this pixel.
    #[must_use]
    pub const fn of(symbol: &Symbol, module_px: usize, left: usize, top: usize) -> Self {
        let covered = covered_modules(symbol);
        let before = (symbol.side_modules() - covered) / 2 * module_px;
        // A third of a module of white on each side.
        Self { left: left + before, top: top + before, edge: covered * module_px, margin: module_px.div_ceil(3) }
    }
}

/// The largest odd number of modules whose inside, a third of a module from its border, keeps the limit: a code's edge is odd, so the
/// ground stands in its very middle.
const fn covered_modules(symbol: &Symbol) -> usize {
    let most = (symbol.side_modules() * MOST_PERCENT * 3 + 200) / 300;
    most - (1 - most % 2)
}

impl Logo {
    /// Reads a PNG or JPEG file; the limits are held before anything is decoded. Transparent parts become white, and so does what a
    /// picture lacks to a square.
    ///
    /// # Errors
    /// [`LogoError`].
    pub fn read(file: &[u8]) -> Result<Self, LogoError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(LogoError::FileTooLarge);
        }
        let picture = open(file, MAX_PIXELS).map_err(|error| match error {
            ReadError::PictureTooLarge => LogoError::PictureTooLarge,
            other => LogoError::Unreadable(other),
        })?;
        let given = picture.thumbnail(KEPT_PX, KEPT_PX).into_rgba8();
        let edge = given.width().max(given.height());
        let (left, top) = ((edge - given.width()) / 2, (edge - given.height()) / 2);
        let mut mark = RgbImage::from_pixel(edge, edge, Rgb([255; 3]));
        for (x, y, pixel) in given.enumerate_pixels() {
            let [red, green, blue, alpha] = pixel.0.map(u16::from);
            let on_white = |colour: u16| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8;
            mark.put_pixel(left + x, top + y, Rgb([red, green, blue].map(on_white)));
        }
        Ok(Self { mark, fingerprint: fingerprint(file) })
    }

    /// Another for every other file, as good as surely.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The code with the logo, as a PNG in colours.
    ///
    /// # Errors
    /// [`QrError::EdgeTooSmall`].
    pub fn draw(&self, symbol: &Symbol, edge: EdgePx) -> Result<Vec<u8>, QrError> {
        let module_px = edge.module_px(symbol)?;
        let begin = QUIET_ZONE_MODULES * module_px;
        let drawn = Grey::of(symbol, module_px, QUIET_ZONE_MODULES);
        Ok(self.over(drawn.luma(), drawn.edge_px(), &Ground::of(symbol, module_px, begin, begin)))
    }

    /// The code with the logo, in grey.
    pub(super) fn grey(&self, symbol: &Symbol, module_px: usize, margin: usize) -> Grey {
        let ground = Ground::of(symbol, module_px, 0, 0);
        let luma = DynamicImage::from(self.on_ground(&ground)).into_luma8();
        Grey::of(symbol, module_px, margin).with_middle(luma.as_raw(), ground.edge)
    }

    /// The white ground with the mark on it.
    fn on_ground(&self, ground: &Ground) -> RgbImage {
        let (edge, margin) = (ground.edge as u32, ground.margin as u32);
        let inside = edge.saturating_sub(2 * margin).max(1);
        let mut whole = RgbImage::from_pixel(edge, edge, Rgb([255; 3]));
        let scaled = imageops::resize(&self.mark, inside, inside, FilterType::CatmullRom);
        imageops::replace(&mut whole, &scaled, margin.into(), margin.into());
        whole
    }

    /// A picture of at most sixteen tones, given line by line, with the logo on its ground, as a PNG with a palette.
    #[must_use]
    pub(super) fn over(&self, luma: &[u8], width: usize, ground: &Ground) -> Vec<u8> {
        let mark = reduced(self.on_ground(ground));
        let mut palette: Vec<[u8; 3]> = Vec::new();
        let mut known: HashMap<[u8; 3], u8> = HashMap::new();
        let mut index = |colour: [u8; 3]| {
            *known.entry(colour).or_insert_with(|| {
                palette.push(colour);
                (palette.len() - 1) as u8
            })
        };
        let mut indices: Vec<u8> = luma.iter().map(|luma| index([*luma; 3])).collect();
        for (x, y, pixel) in mark.enumerate_pixels() {
            let at = (ground.top + y as usize) * width + ground.left + x as usize;
            if let Some(covered) = indices.get_mut(at) {
                *covered = index(pixel.0);
            }
        }
        written(&indices, width, palette.concat())
    }
}

/// The same picture in few colours: similar ones become the one among them that is seen most.
fn reduced(mut picture: RgbImage) -> RgbImage {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in picture.pixels() {
        *counts.entry(pixel.0).or_default() += 1;
    }
    for dropped_bits in 0..8 {
        let family = |colour: [u8; 3]| colour.map(|part| part >> dropped_bits);
        let mut heads: HashMap<[u8; 3], ([u8; 3], usize)> = HashMap::new();
        for (colour, count) in &counts {
            let head = heads.entry(family(*colour)).or_insert((*colour, *count));
            // Of two that are seen as often one is taken that does not depend on the order here.
            if (*count, *colour) > (head.1, head.0) {
                *head = (*colour, *count);
            }
        }
        if heads.len() <= MOST_COLOURS {
            for pixel in picture.pixels_mut() {
                pixel.0 = heads.get(&family(pixel.0)).map_or(pixel.0, |(head, _)| *head);
            }
            break;
        }
    }
    picture
}

/// A PNG with a palette; empty only if memory could not be written to.
fn written(indices: &[u8], width: usize, palette: Vec<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, (indices.len() / width.max(1)) as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let done = encoder.write_header().and_then(|mut writer| writer.write_image_data(indices));
    debug_assert!(done.is_ok());
    file
}

/// FNV-1a, 64 bits.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgba, RgbaImage};

    use super::*;
    use crate::qr::read::read;
    use crate::qr::{evidence, png};

    const RED: Rgba<u8> = Rgba([200, 16, 46, 255]);

    /// A picture whose pixels are told by their place, from −1 to 1 each way, as a PNG.
    pub(crate) fn file(width: u32, height: u32, colour: impl Fn(f32, f32) -> Rgba<u8>) -> Vec<u8> {
        let place = |at: u32, of: u32| (at as f32 + 0.5) / of as f32 * 2.0 - 1.0;
        let picture = RgbaImage::from_fn(width, height, |x, y| colour(place(x, width), place(y, height)));
        let mut file = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    /// A red disc on nothing.
    pub(crate) fn disc() -> Vec<u8> {
        file(200, 200, |x, y| if x.hypot(y) < 0.9 { RED } else { Rgba([0; 4]) })
    }

    /// Squares in squares, like the corners of a code.
    pub(crate) fn corner() -> Vec<u8> {
        file(210, 210, |x, y| {
            let out = (x.abs().max(y.abs()) * 3.5).floor() as u8;
            if out == 2 { Rgba([255; 4]) } else { Rgba([0, 0, 0, 255]) }
        })
    }

    /// A letter in a ring, light on dark.
    pub(crate) fn busy() -> Vec<u8> {
        file(300, 300, |x, y| {
            let away = x.hypot(y);
            let ring = (0.55..0.95).contains(&away) || (x.abs() < 0.12 && y.abs() < 0.4);
            if ring { Rgba([0, 0, 0, 255]) } else { Rgba([255; 4]) }
        })
    }

    #[test]
    fn a_picture_with_a_mark_is_read_and_has_the_marks_colours_in_its_middle_alone() {
        let logo = Logo::read(&disc()).unwrap();
        let text = "https://pay.example/s/AAAAAAAAAAAAAAAAAAAAAA";
        let symbol = evidence::choose(text).unwrap();
        let drawn = logo.draw(&symbol, EdgePx::DEFAULT).unwrap();
        assert_eq!(read(&drawn).unwrap().codes[0].text(), Some(text));
        let picture = image::load_from_memory(&drawn).unwrap().into_rgb8();
        let (edge, plain) = (picture.width(), png::draw(&symbol, EdgePx::DEFAULT).unwrap());
        assert_eq!(picture.get_pixel(edge / 2, edge / 2).0, [200, 16, 46]);
        let plain = image::load_from_memory(&plain).unwrap().into_rgb8();
        let module_px = edge / (symbol.side_modules() as u32 + 8);
        let reach = covered_modules(&symbol) as u32 * module_px / 2;
        for (x, y, pixel) in picture.enumerate_pixels() {
            let away = x.abs_diff(edge / 2).max(y.abs_diff(edge / 2));
            assert!(away <= reach || pixel == plain.get_pixel(x, y), "{x}, {y}: only the middle is another");
            assert!(
                !(reach - 2..reach).contains(&away) || pixel.0 == [255; 3],
                "{x}, {y}: the ground's border is white"
            );
        }
    }

    #[test]
    fn the_ground_is_whole_modules_in_the_very_middle_and_small() {
        for length in [10, 44, 60, 100, 300, 1000, 2300] {
            let symbol = Symbol::encode(&"x".repeat(length)).unwrap();
            let (side, ground) = (symbol.side_modules(), Ground::of(&symbol, 7, 70, 700));
            let mark = ground.edge - 2 * ground.margin;
            assert!(ground.edge % 7 == 0 && mark * 100 <= side * 7 * MOST_PERCENT && mark * 100 >= side * 7 * 8);
            assert_eq!(2 * (ground.left - 70) + ground.edge, side * 7);
            assert_eq!(2 * (ground.top - 700) + ground.edge, side * 7);
        }
    }

    #[test]
    fn files_beyond_the_limits_are_refused_before_they_are_decoded() {
        assert_eq!(Logo::read(&vec![0; MAX_FILE_BYTES + 1]), Err(LogoError::FileTooLarge));
        assert_eq!(Logo::read(b"<svg/>"), Err(LogoError::Unreadable(ReadError::UnknownFormat)));
        let large = file(2001, 2000, |_, _| Rgba([0; 4]));
        // Only its beginning is given: had it been decoded, it would be called damaged.
        assert_eq!(Logo::read(&large[..60]), Err(LogoError::PictureTooLarge));
    }

    #[test]
    fn what_is_not_square_stands_on_white_in_the_middle() {
        let logo = Logo::read(&file(40, 20, |_, _| RED)).unwrap();
        let colour = |x, y| logo.mark.get_pixel(x, y).0;
        assert_eq!(logo.mark.dimensions(), (320, 320));
        assert_eq!((colour(160, 20), colour(160, 160), colour(160, 300)), ([255; 3], [200, 16, 46], [255; 3]));
        let other = Logo::read(&file(20, 40, |_, _| RED)).unwrap();
        assert_ne!(logo.fingerprint(), other.fingerprint());
    }

    #[test]
    fn many_colours_become_few_and_the_most_seen_stays() {
        let picture = RgbImage::from_fn(100, 100, |x, y| {
            if x < 60 { Rgb([200, 16, 46]) } else { Rgb([x as u8, y as u8, (x * y) as u8]) }
        });
        let few = reduced(picture);
        let colours: std::collections::HashSet<_> = few.pixels().map(|pixel| pixel.0).collect();
        assert!(colours.len() <= MOST_COLOURS && colours.len() > 60, "{}", colours.len());
        assert!(few.enumerate_pixels().all(|(x, _, pixel)| x >= 60 || pixel.0 == [200, 16, 46]));
    }
}
