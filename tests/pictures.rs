//! Drawn codes as others see them: decoded by another crate's decoder, rasterised by a few lines of our own, and fed with nonsense.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helping functions too")]

#[path = "../src/random_cases.rs"]
mod random_cases;

use std::path::PathBuf;

use clap::Parser;
use image::GrayImage;
use pay_handoff::cli::{inspect, qr};
use pay_handoff::domain::locale::Locale;
use pay_handoff::qr::edge::picture_modules;
use pay_handoff::qr::{EdgePx, QUIET_ZONE_MODULES, Symbol, png, read, svg, terminal};
use proptest::prelude::*;

const ADDRESS: &str = "https://pay.example/s/AAECAwQFBgcICQoLDA0ODw";

fn edge(edge_px: u32) -> EdgePx {
    EdgePx::new(edge_px).unwrap()
}

/// Decodes with rqrr directly, so that our own reader is not its own witness.
fn decoded(picture: &GrayImage) -> Vec<String> {
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(picture.width() as usize, picture.height() as usize, |x, y| {
            picture.get_pixel(x as u32, y as u32).0[0]
        });
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// Whether the module in this column and row of the whole picture, quiet zone included, is dark.
fn is_dark(symbol: &Symbol, x: usize, y: usize) -> bool {
    match (x.checked_sub(QUIET_ZONE_MODULES), y.checked_sub(QUIET_ZONE_MODULES)) {
        (Some(x), Some(y)) => symbol.is_dark(x, y),
        _ => false,
    }
}

/// Checks the file's header, its edge and every pixel against the symbol.
fn assert_shows(picture: &[u8], symbol: &Symbol, asked_px: u32) {
    assert_eq!(&picture[12..16], b"IHDR");
    assert_eq!(picture[24..26], [1, 0], "one bit a pixel, grey without alpha");
    assert!(picture.windows(4).all(|chunk| chunk != b"tRNS"), "no transparency");
    let pixels = image::load_from_memory(picture).unwrap().into_luma8();
    let modules = picture_modules(symbol) as u32;
    assert_eq!(pixels.width(), pixels.height());
    assert_eq!(pixels.width() % modules, 0, "whole pixels a module");
    assert!(pixels.width() <= asked_px && pixels.width() + modules > asked_px, "the largest edge that fits {asked_px}");
    let module_px = pixels.width() / modules;
    for (x, y, pixel) in pixels.enumerate_pixels() {
        let dark = is_dark(symbol, (x / module_px) as usize, (y / module_px) as usize);
        assert_eq!(pixel.0[0], if dark { 0 } else { 255 }, "pixel {x}, {y}");
    }
}

#[test]
fn an_address_survives_at_every_size() {
    let symbol = Symbol::encode(ADDRESS).unwrap();
    for asked_px in (120..=2048).step_by(97).chain([121, 330, 720, 1080, 2048]) {
        let picture = png::draw(&symbol, edge(asked_px)).unwrap();
        assert_shows(&picture, &symbol, asked_px);
        assert_eq!(decoded(&image::load_from_memory(&picture).unwrap().into_luma8()), [ADDRESS], "{asked_px} px");
    }
}

#[test]
fn every_version_is_drawn_and_read() {
    // 2331 bytes fill version 40; the steps between the versions are smaller than 40 bytes.
    let mut versions = std::collections::BTreeSet::new();
    for bytes in (1..=2331).step_by(14).chain([2331]) {
        let text = "a".repeat(bytes);
        let symbol = Symbol::encode(&text).unwrap();
        if versions.insert(symbol.version()) {
            let picture = png::draw(&symbol, edge(760)).unwrap();
            assert_eq!(decoded(&image::load_from_memory(&picture).unwrap().into_luma8()), [text], "{bytes} bytes");
        }
    }
    assert_eq!(versions, (1..=40).collect());
}

#[test]
fn every_version_is_drawn_module_by_module_at_every_size() {
    let mut versions = std::collections::BTreeSet::new();
    for bytes in (1..=2331).step_by(14).chain([2331]) {
        let text: String = (0..bytes).map(|at| char::from(b' ' + ((at * at + 7 * at) % 95) as u8)).collect();
        let symbol = Symbol::encode(&text).unwrap();
        if versions.insert(symbol.version()) {
            // Modules of one pixel up to six, and the largest of small symbols; edges between the multiples, too.
            let modules = picture_modules(&symbol) as u32;
            let sizes = (1..=6).map(|module_px| module_px * modules + 3).chain((modules < 60).then_some(EdgePx::MAX));
            for asked_px in sizes.filter(|asked_px| *asked_px >= EdgePx::MIN) {
                assert_shows(&png::draw(&symbol, edge(asked_px)).unwrap(), &symbol, asked_px);
            }
        }
    }
    assert_eq!(versions, (1..=40).collect());
}

#[test]
fn a_symbol_too_large_for_the_edge_is_refused_by_png_and_svg_alike() {
    let symbol = Symbol::encode(&"a".repeat(2331)).unwrap();
    assert!(png::draw(&symbol, edge(184)).is_err() && svg::draw(&symbol, edge(184)).is_err());
    assert!(png::draw(&symbol, edge(185)).is_ok() && svg::draw(&symbol, edge(185)).is_ok());
}

#[test]
fn the_picture_of_an_address_is_small() {
    let symbol = Symbol::encode("https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=1234").unwrap();
    for (asked_px, most_bytes) in [(330, 500), (720, 1350), (1080, 1800)] {
        let bytes = png::draw(&symbol, edge(asked_px)).unwrap().len();
        assert!(bytes <= most_bytes, "{bytes} bytes at {asked_px} px");
    }
}

/// The modules that the SVG paints dark: reads the second path, `M x y h w v 1 h -w z` again and again.
fn svg_modules(document: &str, modules: usize) -> Vec<Vec<bool>> {
    let path = document.split("d=\"").nth(2).unwrap().split('"').next().unwrap();
    let mut painted = vec![vec![false; modules]; modules];
    for run in path.split_terminator('z') {
        let (start, rest) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
        let (left, top) = start.split_once(' ').unwrap();
        let (width, back) = rest.split_once("v1h-").unwrap();
        assert_eq!(width, back, "the rectangle closes");
        let (left, top, width): (usize, usize, usize) =
            (left.parse().unwrap(), top.parse().unwrap(), width.parse().unwrap());
        for module in &mut painted[top][left..left + width] {
            assert!(!*module, "no module is painted twice: they would cancel out under evenodd");
            *module = true;
        }
    }
    painted
}

/// The modules of a terminal drawing: each character is two, and only half blocks between colour codes are allowed.
fn terminal_modules(drawing: &str) -> Vec<Vec<bool>> {
    let mut rows = Vec::new();
    for line in drawing.lines() {
        let blocks = line.strip_prefix("\x1b[38;5;16;48;5;231m").unwrap().strip_suffix("\x1b[0m").unwrap();
        let halves = |upper: bool| {
            blocks.chars().map(move |block| match block {
                '█' => true,
                '▀' => upper,
                '▄' => !upper,
                ' ' => false,
                other => panic!("{other:?} is no half block"),
            })
        };
        rows.push(halves(true).collect());
        rows.push(halves(false).collect());
    }
    rows
}

fn text_of_up_to_300_characters() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,300}",
        "[0-9]{1,300}",
        "[0-9A-Z $%*+./:-]{1,300}",
        "[一-龥]{1,300}",
        "[a-z0-9/]{0,100}[一-龥ぁ-んé😀]{0,80}[0-9]{1,100}",
        "\\PC{1,300}",
    ]
}

proptest! {
    #![proptest_config(random_cases::cases(48))]

    #[test]
    fn every_text_comes_back_from_its_picture(text in text_of_up_to_300_characters(), asked_px in 480..=1080_u32) {
        let symbol = Symbol::encode(&text).unwrap();
        let picture = png::draw(&symbol, edge(asked_px)).unwrap();
        assert_shows(&picture, &symbol, asked_px);
        prop_assert_eq!(decoded(&image::load_from_memory(&picture).unwrap().into_luma8()), [text]);
    }

    #[test]
    fn the_svg_and_the_terminal_show_the_same_modules(text in text_of_up_to_300_characters()) {
        let symbol = Symbol::encode(&text).unwrap();
        let modules = picture_modules(&symbol);
        let drawn: Vec<Vec<bool>> = (0..modules).map(|y| (0..modules).map(|x| is_dark(&symbol, x, y)).collect()).collect();
        let document = svg::draw(&symbol, EdgePx::DEFAULT).unwrap();
        let view_box = format!("viewBox=\"0 0 {modules} {modules}\"");
        prop_assert!(document.contains(&view_box));
        let background = format!("<path fill=\"#fff\" d=\"M0 0h{modules}v{modules}H0z\"/>");
        prop_assert!(document.contains(&background));
        prop_assert_eq!(&svg_modules(&document, modules), &drawn);
        let mut lines = terminal_modules(&terminal::draw(&symbol));
        let below = lines.pop().unwrap();
        prop_assert_eq!(&lines, &drawn);
        prop_assert!(below.iter().all(|dark| !dark));
    }

    #[test]
    fn bytes_that_are_no_picture_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), as_picture in 0..3_usize) {
        let start: &[u8] = [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b""][as_picture];
        let file = [start, &bytes].concat();
        prop_assert!(read::read(&file).is_err());
    }

    #[test]
    fn a_picture_with_broken_bytes_never_panics(breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut picture = png::draw(&Symbol::encode(ADDRESS).unwrap(), edge(330)).unwrap();
        for (place, value) in breaks {
            let place = place.index(picture.len());
            picture[place] = value;
        }
        if let Ok(reading) = read::read(&picture) {
            prop_assert!(reading.codes.iter().all(|code| code.text() == Some(ADDRESS)), "the checksums let nothing else through");
        }
    }

    #[test]
    fn random_modules_never_panic_and_are_never_a_text(
        seed in prop::collection::vec(any::<u8>(), 200..700),
        module_px in 1..6_usize,
        side in 10..60_usize,
    ) {
        // Real finder patterns around random modules: what gets furthest into a decoder without being a code.
        let symbol = Symbol::encode(ADDRESS).unwrap();
        let random = |x: usize, y: usize| seed[(y * side + x) / 8 % seed.len()] >> ((y * side + x) % 8) & 1 == 1;
        let finder = |x: usize, y: usize| (x < 9 || x >= symbol.side_modules() - 8) && y < 9 || x < 9 && y >= symbol.side_modules() - 8;
        let reading = read::read_luma(side * module_px + 40, side * module_px + 40, |x, y| {
            let (x, y) = (x.saturating_sub(20) / module_px, y.saturating_sub(20) / module_px);
            let dark = if finder(x, y) { symbol.is_dark(x, y) } else { random(x, y) };
            if dark { 0 } else { 255 }
        });
        prop_assert!(reading.codes.is_empty());
    }

    #[test]
    fn noise_never_panics(seed in any::<u64>(), width in 1..300_usize, height in 1..300_usize) {
        let mut state = seed | 1;
        let reading = read::read_luma(width, height, |_, _| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        });
        prop_assert!(reading.codes.is_empty());
    }
}

#[derive(Parser, Debug)]
struct QrCommand {
    #[command(flatten)]
    args: qr::QrArgs,
}

#[derive(Parser, Debug)]
struct InspectCommand {
    #[command(flatten)]
    args: inspect::InspectArgs,
}

fn draw(words: &[&str]) -> (Vec<u8>, Result<(), qr::QrCommandError>) {
    let command = QrCommand::try_parse_from([&["qr"], words].concat()).unwrap();
    let mut stdout = Vec::new();
    let result = qr::run_to(&command.args, &mut stdout);
    (stdout, result)
}

fn explain(words: &[&str], locale: Locale) -> (String, Result<(), inspect::InspectError>) {
    let command = InspectCommand::try_parse_from([&["inspect"], words].concat()).unwrap();
    let mut stdout = Vec::new();
    let result = inspect::run_to(&command.args, locale, &mut stdout);
    (String::from_utf8(stdout).unwrap(), result)
}

fn in_directory(directory: &tempfile::TempDir, name: &str) -> String {
    let path: PathBuf = directory.path().join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_qr_command_writes_what_the_files_ending_says_and_inspect_explains_it() {
    let directory = tempfile::tempdir().unwrap();
    let (picture, drawing) = (in_directory(&directory, "code.PNG"), in_directory(&directory, "code.svg"));
    draw(&["weixin://wxpay/bizpayurl?pr=NwY5Mz9", "-o", &picture, "--size", "400"]).1.unwrap();
    draw(&["weixin://wxpay/bizpayurl?pr=NwY5Mz9", "-o", &drawing]).1.unwrap();
    assert!(std::fs::read_to_string(&drawing).unwrap().starts_with("<svg "));
    let (english, result) = explain(&[&picture], Locale::En);
    result.unwrap();
    assert!(english.contains("kind: WeChat Pay Native code") && english.contains("album refused"), "{english}");
    let (chinese, _) = explain(&[&picture], Locale::ZhCn);
    assert!(chinese.contains("微信 Native 支付码") && chinese.contains("相册不可以"), "{chinese}");
}

#[test]
fn standard_output_gets_the_picture_alone() {
    let (stdout, result) = draw(&[ADDRESS, "-o", "-"]);
    result.unwrap();
    assert_eq!(read::read(&stdout).unwrap().codes[0].text(), Some(ADDRESS));
    let (stdout, _) = draw(&[ADDRESS, "-o", "-", "--format", "svg"]);
    assert!(stdout.starts_with(b"<svg ") && stdout.ends_with(b"</svg>\n"));
    let (stdout, _) = draw(&[ADDRESS, "--terminal"]);
    let symbol = Symbol::encode(ADDRESS).unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), terminal::draw(&symbol));
}

#[test]
fn wrong_usage_of_qr_is_told_from_failure() {
    for words in [
        &["qr"][..],
        &["qr", "text"],
        &["qr", "text", "-o", "x.png", "--size", "119"],
        &["qr", "a", "--format", "png", "--terminal"],
    ] {
        assert_eq!(QrCommand::try_parse_from(words).unwrap_err().exit_code(), 2, "{words:?}");
    }
    let exit_code = |words: &[&str]| draw(words).1.unwrap_err().exit_code();
    assert_eq!(exit_code(&["text", "-o", "code.gif"]), 2);
    assert_eq!(exit_code(&["", "-o", "-"]), 1);
    assert_eq!(exit_code(&[&"x".repeat(2332), "-o", "-"]), 1);
    assert_eq!(exit_code(&["text", "-o", "/nonexistent/directory/code.png"]), 1);
}

#[test]
fn inspect_goes_on_after_a_picture_it_cannot_read_and_fails_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let (picture, nonsense) = (in_directory(&directory, "code.png"), in_directory(&directory, "nonsense.png"));
    std::fs::write(&nonsense, "no picture").unwrap();
    draw(&[ADDRESS, "-o", &picture]).1.unwrap();
    let missing = in_directory(&directory, "missing.png");
    let (words, result) = explain(&[&missing, &nonsense, &picture, "--public-url", "https://pay.example"], Locale::En);
    assert!(matches!(result, Err(inspect::InspectError::Incomplete { failed: 2, all: 3 })));
    assert!(words.contains("neither a PNG nor a JPEG"), "{words}");
    assert!(
        words.contains("our lasting code of an order") && words.contains("WeChat: camera works, album likely works"),
        "{words}"
    );
    assert_eq!(InspectCommand::try_parse_from(["inspect"]).unwrap_err().exit_code(), 2);
}

#[test]
fn what_a_strangers_code_says_cannot_steer_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let picture = in_directory(&directory, "code.png");
    draw(&["evil\u{1b}[2J\u{202e}\n  kind: safe", "-o", &picture]).1.unwrap();
    let (words, _) = explain(&[&picture], Locale::En);
    assert!(words.contains(r"text: evil\u{1b}[2J\u{202e}\n  kind: safe"), "{words}");
}
