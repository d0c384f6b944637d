//! What a code survives on its way from screen to album to scanner: a floor under the counts of two decoders, which may not drop.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helping functions too")]

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, Luma};
use pay_handoff::domain::locale::Locale;
use pay_handoff::qr::logo::Logo;
use pay_handoff::qr::{EdgePx, card, evidence, png};
use pay_handoff::views::card::OrderCard;
use rxing::common::HybridBinarizer;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BinaryBitmap, DecodeHints, ImmutableReader, Luma8Source};

/// How many codes each distortion is tried on.
const CODES: u8 = 5;

/// Lasting addresses as they are: a short host and 22 random characters. What is drawn for them is always the same.
fn addresses() -> impl Iterator<Item = String> {
    (0..CODES).map(|number| {
        let bytes = std::array::from_fn(|place| number.wrapping_mul(97).wrapping_add(place as u8).wrapping_mul(151));
        format!("https://pay.example/s/{}", pay_handoff::domain::token::Token::from_bytes(bytes).expose())
    })
}

fn opened(file: &[u8]) -> GrayImage {
    image::load_from_memory(file).unwrap().into_luma8()
}

fn saved_picture(address: &str) -> GrayImage {
    opened(&png::draw(&evidence::choose(address).unwrap(), EdgePx::DEFAULT).unwrap())
}

fn album_card(address: &str) -> GrayImage {
    let (_, order) = OrderCard::samples(Locale::ZhCn).remove(0);
    opened(&card::draw(&evidence::choose(address).unwrap(), &order.words()))
}

/// The saved picture with a mark as merchants have them: a coloured disc with a letter.
fn marked_picture(address: &str) -> GrayImage {
    let mark = image::RgbImage::from_fn(200, 200, |x, y| {
        let (across, down) = (f64::from(x) - 99.5, f64::from(y) - 99.5);
        let is_letter = (across.abs() < 12.0 && down.abs() < 60.0) || (down + 48.0).abs() < 12.0 && across.abs() < 50.0;
        image::Rgb(if across.hypot(down) < 96.0 && !is_letter { [0, 110, 80] } else { [255; 3] })
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(mark).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let logo = Logo::read(&file.into_inner()).unwrap();
    opened(&logo.draw(&evidence::choose(address).unwrap(), EdgePx::DEFAULT).unwrap())
}

// The library's own functions for pictures of any kind are compiled with optimisation even here; those for one kind are not.

fn jpeg(picture: &GrayImage, quality: u8) -> GrayImage {
    let mut file = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut file, quality);
    DynamicImage::from(picture.clone()).write_with_encoder(encoder).unwrap();
    opened(&file.into_inner())
}

fn scaled_to_width(picture: &GrayImage, width: u32) -> GrayImage {
    let height = picture.height() * width / picture.width();
    DynamicImage::from(picture.clone()).resize_exact(width, height, FilterType::Triangle).into_luma8()
}

fn blurred(picture: &GrayImage, sigma_px: f32) -> GrayImage {
    DynamicImage::from(picture.clone()).fast_blur(sigma_px).into_luma8()
}

/// The picture in the middle of a screen with this many pixels around it in this brightness.
fn within(picture: &GrayImage, around_px: u32, brightness: u8) -> GrayImage {
    let (width, height) = (picture.width() + 2 * around_px, picture.height() + 2 * around_px);
    let mut screen = GrayImage::from_pixel(width, height, Luma([brightness]));
    imageops::replace(&mut screen, picture, around_px.into(), around_px.into());
    screen
}

/// Without so many pixels on each side.
fn cut(picture: &GrayImage, side_px: u32) -> GrayImage {
    let (width, height) = (picture.width() - 2 * side_px, picture.height() - 2 * side_px);
    DynamicImage::from(picture.clone()).crop_imm(side_px, side_px, width, height).into_luma8()
}

type Distortion = (&'static str, fn(&GrayImage) -> GrayImage);

/// What happens to pictures, the same for both kinds. The quiet zone of the saved picture is 64 pixels wide, that of the card 104.
const DISTORTIONS: [Distortion; 14] = [
    ("as it is", GrayImage::clone),
    ("screenshot, 246 px across", |picture| scaled_to_width(picture, 246)),
    ("screenshot, 360 px across", |picture| scaled_to_width(picture, 360)),
    ("screenshot, 414 px across", |picture| scaled_to_width(picture, 414)),
    ("screenshot, 738 px across", |picture| scaled_to_width(picture, 738)),
    ("JPEG 50", |picture| jpeg(picture, 50)),
    ("JPEG 30", |picture| jpeg(picture, 30)),
    ("half size", |picture| scaled_to_width(picture, picture.width() / 2)),
    ("half size, JPEG 50, JPEG 30", |picture| jpeg(&jpeg(&scaled_to_width(picture, picture.width() / 2), 50), 30)),
    ("blur of 3 px", |picture| blurred(picture, 3.0)),
    ("blur of 6 px", |picture| blurred(picture, 6.0)),
    ("48 px cut off", |picture| cut(picture, 48)),
    ("on a dark page", |picture| within(picture, 120, 18)),
    ("48 px cut off, on a dark page, JPEG 50", |picture| jpeg(&within(&cut(picture, 48), 120, 18), 50)),
];

/// Texts that come back, by rqrr and by rxing, of so many tries.
fn survivals(draw: fn(&str) -> GrayImage) -> Vec<(&'static str, u8, u8)> {
    let pictures: Vec<(String, GrayImage)> = addresses().map(|address| (address.clone(), draw(&address))).collect();
    let survived = |(name, distort): &Distortion| {
        let mut counts = (*name, 0, 0);
        for (address, picture) in &pictures {
            let distorted = distort(picture);
            counts.1 += u8::from(by_rqrr(&distorted) == [address.as_str()]);
            counts.2 += u8::from(by_rxing(&distorted) == [address.as_str()]);
        }
        counts
    };
    DISTORTIONS.iter().map(survived).collect()
}

fn by_rqrr(picture: &GrayImage) -> Vec<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| picture.get_pixel(x as u32, y as u32).0[0]);
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

fn by_rxing(picture: &GrayImage) -> Vec<String> {
    let source = Luma8Source::new_with_slice(picture.as_raw(), picture.width(), picture.height()).unwrap();
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let read = QrReader.immutable_decode_with_hints(&mut bitmap, &DecodeHints::default());
    read.map(|read| read.getText().to_owned()).into_iter().collect()
}

/// Fails when any count lies below its floor; also when one lies above, so that the floor rises with it.
fn assert_floor(found: &[(&'static str, u8, u8)], floor: &[(u8, u8); DISTORTIONS.len()]) {
    let counts: Vec<(u8, u8)> = found.iter().map(|(_, rqrr, rxing)| (*rqrr, *rxing)).collect();
    assert_eq!(counts, floor, "codes of {CODES} that rqrr and rxing read back: {found:#?}");
}

#[test]
fn the_saved_picture_survives_as_much_as_ever() {
    let mut floor = [(5, 5); DISTORTIONS.len()];
    floor[10] = (3, 5);
    assert_floor(&survivals(saved_picture), &floor);
}

#[test]
fn a_mark_in_the_middle_costs_nothing_here() {
    let mut floor = [(5, 5); DISTORTIONS.len()];
    floor[10] = (3, 5);
    assert_floor(&survivals(marked_picture), &floor);
}

#[test]
fn the_album_card_survives_as_much_as_ever() {
    let mut floor = [(5, 5); DISTORTIONS.len()];
    // rxing's threshold looks at eight pixels at a time: soft edges between modules of 26 pixels are beyond it.
    (floor[9], floor[10]) = ((5, 0), (5, 0));
    assert_floor(&survivals(album_card), &floor);
}
