//! What a picture costs, beside the `qrcode` crate with its default renderer and `image`, and other generators; read the ratios within
//! one run. `benches/peers.sh` does the same beside programs in other languages.
//!
//! `cargo bench --bench pictures`

use std::io::Cursor;

use divan::{Bencher, black_box};
use image::ImageEncoder;
use pay_handoff::qr::card::{self, CardWords};
use pay_handoff::qr::{EdgePx, Mask, Symbol, evidence, png, svg, verify};

/// An address as long as a realistic shop's: 62 characters.
const ADDRESS: &str = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";

const EDGES_PX: [u32; 3] = [330, 720, 1080];

fn main() {
    println!(
        "{} of 200 addresses get another mask than the standard's, because a decoder did not read that one",
        other_masks()
    );
    divan::main();
}

/// Of how many among 200 addresses the mask with the lowest penalty is not read by every decoder.
fn other_masks() -> usize {
    let address =
        |number: u64| format!("https://pay.teashop.example.com/s/{:022}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let differs = |text: &String| evidence::choose(text) != Symbol::encode(text);
    (1..=200).map(address).filter(differs).count()
}

fn edge(edge_px: u32) -> EdgePx {
    EdgePx::new(edge_px).unwrap_or_default()
}

mod ours {
    use super::*;

    #[divan::bench]
    fn encode() -> Option<Symbol> {
        Symbol::encode(black_box(ADDRESS)).ok()
    }

    #[divan::bench(args = EDGES_PX)]
    fn text_to_png(edge_px: u32) -> Option<Vec<u8>> {
        png::draw(&Symbol::encode(black_box(ADDRESS)).ok()?, edge(edge_px)).ok()
    }

    /// As the routes draw: with the mask that is kept with the order.
    #[divan::bench(args = EDGES_PX)]
    fn text_and_kept_mask_to_png(edge_px: u32) -> Option<Vec<u8>> {
        png::draw(&Symbol::with_mask(black_box(ADDRESS), Mask::of(3)).ok()?, edge(edge_px)).ok()
    }

    /// What a new code costs off the request path: drawn under masks until decoders read it.
    #[divan::bench]
    fn choose_mask_by_evidence() -> Option<Symbol> {
        evidence::choose(black_box(ADDRESS)).ok()
    }

    #[divan::bench]
    fn text_to_card() -> Option<Vec<u8>> {
        let words = CardWords {
            notice: None,
            payee: "景德茶社".to_owned(),
            amount: "¥129.00".to_owned(),
            subject: "青瓷茶壶一把，配两只茶杯".to_owned(),
            deadline: "请在 11月22日 18:30 前付款（UTC+8）".to_owned(),
            steps: [
                "打开微信，点右上角「+」，再点「扫一扫」",
                "点右下角「相册」，选中这张图片",
                "核对收款方和金额，再付款",
            ]
            .map(str::to_owned),
            warning: "不认识这笔订单，就不要付款".to_owned(),
            order: Some("订单尾号 200017".to_owned()),
        };
        Some(card::draw(&Symbol::encode(black_box(ADDRESS)).ok()?, &words))
    }

    #[divan::bench(args = EDGES_PX)]
    fn symbol_to_png(bencher: Bencher, edge_px: u32) {
        let symbol = Symbol::encode(ADDRESS);
        bencher.bench(|| symbol.as_ref().map(|symbol| png::draw(black_box(symbol), edge(edge_px))));
    }

    #[divan::bench]
    fn symbol_to_svg(bencher: Bencher) {
        let symbol = Symbol::encode(ADDRESS);
        bencher.bench(|| symbol.as_ref().map(|symbol| svg::draw(black_box(symbol), EdgePx::DEFAULT)));
    }

    #[divan::bench]
    fn read_back(bencher: Bencher) {
        let symbol = Symbol::encode(ADDRESS);
        bencher.bench(|| symbol.as_ref().map(|symbol| verify::reads_as(black_box(symbol), ADDRESS)));
    }
}

/// The two crates as they are used most often: the default renderer and the default way to write a PNG.
mod qrcode_and_image {
    use super::*;
    use image::{ImageFormat, Luma};
    use qrcode::QrCode;

    #[divan::bench]
    fn encode() -> Option<QrCode> {
        QrCode::new(black_box(ADDRESS)).ok()
    }

    #[divan::bench(args = EDGES_PX)]
    fn text_to_png(edge_px: u32) -> Option<Vec<u8>> {
        let code = QrCode::new(black_box(ADDRESS)).ok()?;
        // The renderer takes the least edge and rounds modules up; this gives modules as large as ours.
        let modules = code.width() as u32 + 8;
        let least_px = edge_px / modules * modules;
        let picture = code.render::<Luma<u8>>().min_dimensions(least_px, least_px).build();
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).ok()?;
        Some(file.into_inner())
    }
}

/// The same two crates with all that can be done from outside: the symbol drawn a whole line at a time.
mod qrcode_and_image_line_by_line {
    use super::*;
    use image::codecs::png::PngEncoder;
    use qrcode::QrCode;

    #[divan::bench(args = EDGES_PX)]
    fn text_to_png(edge_px: u32) -> Option<Vec<u8>> {
        let code = QrCode::new(black_box(ADDRESS)).ok()?;
        let side = code.width() as u32 + 8;
        let module_px = edge_px / side;
        let width = (side * module_px) as usize;
        let mut luma = vec![255; width * width];
        for (y, line) in luma.chunks_exact_mut(width).enumerate() {
            let Some(y) = (y / module_px as usize).checked_sub(4).filter(|y| *y < code.width()) else { continue };
            for (x, module) in line.chunks_exact_mut(module_px as usize).skip(4).take(code.width()).enumerate() {
                module.fill(if code[(x, y)] == qrcode::Color::Dark { 0 } else { 255 });
            }
        }
        let mut file = Vec::new();
        let edge_px = side * module_px;
        PngEncoder::new(&mut file).write_image(&luma, edge_px, edge_px, image::ExtendedColorType::L8).ok()?;
        Some(file)
    }
}

/// Other generators; each writes its symbol as a PNG in the way that costs it least, one bit a pixel.
mod peers {
    use super::*;

    fn one_bit_png(side: usize, is_dark: impl Fn(usize, usize) -> bool, edge_px: u32) -> Option<Vec<u8>> {
        let module_px = edge_px as usize / (side + 8);
        let edge_px = (side + 8) * module_px;
        let mut lines = Vec::with_capacity(edge_px * edge_px.div_ceil(8));
        for y in 0..side + 8 {
            let mut line = vec![0xFF_u8; edge_px.div_ceil(8)];
            for x in 0..side {
                if (4..side + 4).contains(&y) && is_dark(x, y - 4) {
                    for px in (x + 4) * module_px..(x + 5) * module_px {
                        line[px / 8] &= !(0x80 >> (px % 8));
                    }
                }
            }
            (0..module_px).for_each(|_| lines.extend_from_slice(&line));
        }
        let mut file = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut file, edge_px as u32, edge_px as u32);
        encoder.set_depth(::png::BitDepth::One);
        encoder.write_header().ok()?.write_image_data(&lines).ok()?;
        Some(file)
    }

    #[divan::bench(args = EDGES_PX)]
    fn fast_qr_to_png(edge_px: u32) -> Option<Vec<u8>> {
        let code = fast_qr::QRBuilder::new(black_box(ADDRESS)).ecl(fast_qr::ECL::M).build().ok()?;
        one_bit_png(code.size, |x, y| code[y][x].value(), edge_px)
    }

    #[divan::bench(args = EDGES_PX)]
    fn qrcodegen_to_png(edge_px: u32) -> Option<Vec<u8>> {
        let code = qrcodegen::QrCode::encode_text(black_box(ADDRESS), qrcodegen::QrCodeEcc::Medium).ok()?;
        one_bit_png(code.size() as usize, |x, y| code.get_module(x as i32, y as i32), edge_px)
    }
}
