//! Symbols beside those of an independent crate, module by module, and masks beside a scorer that counts the slow way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helping functions too")]

#[path = "../src/random_cases.rs"]
mod random_cases;

use std::collections::BTreeSet;

use pay_handoff::qr::segments::{Mode, VersionGroup, cut};
use pay_handoff::qr::symbol::Level;
use pay_handoff::qr::{Mask, Symbol};
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, Version};

/// The modules of the symbol, row by row, `true` for dark.
fn modules(symbol: &Symbol) -> Vec<Vec<bool>> {
    let side = symbol.side_modules();
    (0..side).map(|y| (0..side).map(|x| symbol.is_dark(x, y)).collect()).collect()
}

const PATTERNS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// What the `qrcode` crate draws for the same text, version, level and mask.
fn drawn_by_qrcode(text: &str, symbol: &Symbol) -> Vec<Vec<bool>> {
    let version = Version::Normal(i16::try_from(symbol.version()).unwrap());
    let level = match symbol.level() {
        Level::L => EcLevel::L,
        Level::M => EcLevel::M,
        Level::Q => EcLevel::Q,
        Level::H => EcLevel::H,
    };
    let group = VersionGroup::ALL.into_iter().find(|group| group.versions().contains(&symbol.version()));
    let mut bits = Bits::new(version);
    for segment in cut(text.as_bytes(), group.unwrap()) {
        let part = &text.as_bytes()[segment.bytes];
        match segment.mode {
            Mode::Numeric => bits.push_numeric_data(part),
            Mode::Alphanumeric => bits.push_alphanumeric_data(part),
            Mode::Byte => bits.push_byte_data(part),
        }
        .unwrap();
    }
    bits.push_terminator(level).unwrap();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level).unwrap();
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(PATTERNS[usize::from(symbol.mask().number())]);
    let colors = canvas.into_colors();
    colors.chunks(symbol.side_modules()).map(|row| row.iter().map(|color| *color == Color::Dark).collect()).collect()
}

/// The penalties of ISO/IEC 18004, 7.8.3, read off the modules one by one.
fn penalty(modules: &[Vec<bool>]) -> usize {
    let side = modules.len();
    let columns: Vec<Vec<bool>> = (0..side).map(|x| modules.iter().map(|row| row[x]).collect()).collect();
    let lines = || modules.iter().chain(&columns);
    let runs: usize = lines()
        .flat_map(|line| line.chunk_by(|one, other| one == other).map(<[bool]>::len).filter(|length| *length >= 5))
        .map(|length| 3 + length - 5)
        .sum();
    let mut blocks = 0;
    for y in 1..side {
        for x in 1..side {
            let four = [modules[y - 1][x - 1], modules[y - 1][x], modules[y][x - 1], modules[y][x]];
            blocks += usize::from(four.iter().all(|module| *module == four[0]));
        }
    }
    let finders: usize = lines().map(|line| false_finders(line)).sum();
    let dark = modules.iter().flatten().filter(|dark| **dark).count();
    // Full steps of 5 % away from 50 %.
    let steps = (0..10).filter(|step| (100 * dark).abs_diff(50 * side * side) >= (step + 1) * 5 * side * side).count();
    runs + 3 * blocks + 40 * finders + 10 * steps
}

/// Dark, light, three dark, light, dark with four light modules on one side at least; the quiet zone is light.
fn false_finders(line: &[bool]) -> usize {
    let quiet = [false; 4];
    let seen = [&quiet, line, &quiet].concat();
    let finder = [true, false, true, true, true, false, true];
    let is_light = |part: &[bool]| part.iter().all(|dark| !dark);
    (4..seen.len() - 10)
        .filter(|at| seen[*at..at + 7] == finder && (is_light(&seen[at - 4..*at]) || is_light(&seen[at + 7..at + 11])))
        .count()
}

fn assert_like_the_oracles(text: &str) {
    let candidates = Symbol::candidates(text).unwrap();
    let mut ranking = Vec::new();
    for symbol in &candidates {
        let modules = modules(symbol);
        assert!(modules == drawn_by_qrcode(text, symbol), "{text}, version {}, {:?}", symbol.version(), symbol.mask());
        assert_eq!(Symbol::with_mask(text, symbol.mask()).as_ref(), Ok(symbol));
        ranking.push((penalty(&modules), symbol.mask()));
    }
    assert!(ranking.is_sorted(), "{text}: {ranking:?}");
    assert_eq!(candidates.iter().map(Symbol::mask).collect::<BTreeSet<_>>(), Mask::ALL.into());
    assert_eq!(Symbol::encode(text).as_ref(), Ok(&candidates[0]));
}

#[test]
fn every_version_and_mask_is_as_another_crate_draws_it() {
    let mut versions = BTreeSet::new();
    for bytes in (1..=2331).step_by(14).chain([2331]) {
        // Bytes that differ from module to module, of all three modes.
        let text: String = (0..bytes).map(|at| char::from(b' ' + ((at * at + 7 * at) % 95) as u8)).collect();
        let version = Symbol::encode(&text).unwrap().version();
        if versions.insert(version) {
            assert_like_the_oracles(&text);
        }
    }
    assert_eq!(versions, (1..=40).collect());
}

proptest! {
    #![proptest_config(random_cases::cases(60))]

    #[test]
    fn addresses_are_as_the_oracles_say(token in any::<[u8; 16]>(), host in "[a-z]{3,20}") {
        let token = pay_handoff::domain::token::Token::from_bytes(token).expose();
        assert_like_the_oracles(&format!("https://{host}.example/s/{token}"));
    }

    #[test]
    fn any_text_is_as_the_oracles_say(text in "[0-9]{0,40}[A-Z ]{0,40}\\PC{1,120}") {
        assert_like_the_oracles(&text);
    }
}
