//! What a picture costs, beside the plain `qrcode` crate with `image`'s default renderer; read the ratios within one run.
//!
//! `cargo bench --bench pictures`

use divan::{Bencher, black_box};
use image::{ImageEncoder, Luma};
use pay_handoff::qr::{EdgePx, Symbol, png, svg, verify};

/// An address as long as a realistic shop's: 62 characters.
const ADDRESS: &str = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";

const EDGES_PX: [u32; 3] = [330, 720, 1080];

fn main() {
    divan::main();
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

mod plain_qrcode_and_image {
    use super::*;
    use image::codecs::png::PngEncoder;
    use qrcode::QrCode;

    #[divan::bench]
    fn encode() -> Option<QrCode> {
        QrCode::new(black_box(ADDRESS)).ok()
    }

    #[divan::bench(args = EDGES_PX)]
    fn text_to_png(edge_px: u32) -> Option<Vec<u8>> {
        let code = QrCode::new(black_box(ADDRESS)).ok()?;
        // As the crate's own renderer lays it out: a whole number of pixels a module, quiet zone of four.
        let side = code.width() as u32 + 8;
        let module_px = edge_px / side;
        let picture = image::GrayImage::from_fn(side * module_px, side * module_px, |x, y| {
            let (x, y) = ((x / module_px) as usize, (y / module_px) as usize);
            let inside = (4..code.width() + 4).contains(&x) && (4..code.width() + 4).contains(&y);
            Luma([if inside && code[(x - 4, y - 4)] == qrcode::Color::Dark { 0 } else { 255 }])
        });
        let mut file = Vec::new();
        let (width, height) = picture.dimensions();
        PngEncoder::new(&mut file).write_image(picture.as_raw(), width, height, image::ExtendedColorType::L8).ok()?;
        Some(file)
    }
}
