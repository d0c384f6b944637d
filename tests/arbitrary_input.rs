//! The bodies of the fuzz targets with what chance and their seeds give: the same on every run, thousands of cases each with `tests/run --long`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helping functions too"
)]

#[path = "../fuzz/src/lib.rs"]
mod bodies;

use std::path::Path;

use pay_handoff::qr::Symbol;
use pay_handoff::qr::read::read_luma;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Cases of each body when nobody asks for more.
const CASES: u32 = 400;

/// The seeds of a target: files that people can read, one case each.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A seed with some changes, or any bytes.
fn input(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..6_usize, prop::collection::vec(any::<u8>(), 0..4));
    let changed =
        (prop::sample::select(seeds), prop::collection::vec(change, 0..6)).prop_map(|(mut bytes, changes)| {
            for (at, taken, put) in changes {
                let from = at.index(bytes.len() + 1);
                let to = (from + taken).min(bytes.len());
                bytes.splice(from..to, put);
            }
            bytes
        });
    prop_oneof![4 => changed, 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

fn run(name: &str, most_cases: u32) {
    let (_, body) = bodies::ALL.into_iter().find(|(known, _)| *known == name).expect("a body");
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    seeds.iter().for_each(|seed| body(seed));
    let asked = Config::default().cases;
    // Default of the library: 256. Only more than that is a wish.
    let cases = if asked > 256 { asked.min(most_cases * 20) } else { most_cases };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&input(seeds), |bytes| {
        body(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|found| panic!("{name}: {found}"));
}

#[test]
fn every_body_has_a_target_and_a_test_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/src/bin");
    let here = include_str!("arbitrary_input.rs");
    for (name, _) in bodies::ALL {
        assert!(folder.join(name).with_extension("rs").exists(), "{name}: no target");
        assert!(here.contains(&format!("run(\"{name}\"")), "{name}: no test");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), bodies::ALL.len());
}

#[test]
fn any_text_becomes_pictures_that_show_its_symbol() {
    run("qr", CASES / 8);
}

#[test]
fn no_words_on_a_card_touch_its_code() {
    run("card", CASES / 16);
}

/// Words of up to so many characters, as merchants, children and attackers write them.
fn words(most: usize) -> impl Strategy<Value = String> {
    // Chinese, Latin with and without marks, kana, Arabic and Hebrew, Devanagari and Thai, emoji with what joins them, marks alone,
    // characters nobody has assigned or everybody differently, signs of direction, and spaces.
    let scripts = [
        "[\\u{4E00}-\\u{9FFF}\\u{3400}-\\u{3420}\\u{20000}-\\u{20020}，。！（）《》“”…—·]",
        "[A-Za-z0-9 .,'’“”…&/()\\-]",
        "[À-ž][\\u{300}-\\u{36F}]{0,3}",
        "[\\u{3041}-\\u{30FF}]",
        "[\\u{5D0}-\\u{5EA}\\u{621}-\\u{64A}]",
        "[\\u{905}-\\u{939}\\u{93E}-\\u{94D}\\u{E01}-\\u{E4E}]",
        "[\\u{1F300}-\\u{1F64F}\\u{1F1E6}-\\u{1F1FF}][\\u{1F3FB}-\\u{1F3FF}\\u{200D}\\u{FE0F}]?",
        "[\\u{300}-\\u{36F}\\u{20D0}-\\u{20F0}]",
        "[\\u{378}\\u{E000}-\\u{E100}\\u{F0000}-\\u{F0010}\\u{10FFFF}]",
        "[\\u{200B}-\\u{200F}\\u{202A}-\\u{202E}\\u{2066}-\\u{2069}\\u{AD}]",
        "[ \\u{A0}\\u{2003}\\u{3000}W/_]",
    ];
    let one = prop::sample::select(scripts.to_vec());
    let run = (one, 1..40_usize)
        .prop_flat_map(|(script, length)| prop::string::string_regex(&format!("({script}){{1,{length}}}")).unwrap());
    prop::collection::vec(run, 1..6)
        .prop_map(move |runs| runs.concat().chars().take(most).collect::<String>())
        .prop_filter("a name has a letter", |text| !text.trim().is_empty())
}

#[test]
fn words_of_every_script_stay_in_their_column_and_leave_a_code_that_is_read() {
    let config = Config { cases: CASES / 25, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let card = (any::<u64>(), 0..99_999_999_999_u64, words(40), words(127), "[A-Za-z0-9_-]{0,6}");
    let outcome = runner.run(&card, |(choices, amount, merchant, subject, tail)| {
        let number = |number: u64| number.to_le_bytes().map(|byte| byte.min(0xFE)).to_vec();
        let parts =
            [number(choices), number(amount), number(1_795_354_200_000), merchant.into(), subject.into(), tail.into()];
        let (symbol, order) = bodies::card::made(&parts.join(&bodies::parts::BETWEEN));
        let symbol = symbol.unwrap();
        let picture = bodies::card::assert_whole_and_free(&symbol, &order);
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let reading = read_luma(width, height, |x, y| picture.as_raw()[y * width + x]);
        let [code] = reading.codes.as_slice() else { panic!("the code was not read") };
        prop_assert!(code.text().is_some_and(|text| Symbol::encode(text).as_ref() == Ok(&symbol)));
        Ok(())
    });
    outcome.unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn no_file_breaks_the_reader_of_pictures() {
    run("inspect", CASES);
}

#[test]
fn no_picture_breaks_the_search_for_codes() {
    run("picture", CASES / 4);
}

#[test]
fn no_text_breaks_the_reader_of_payment_texts() {
    run("emvco", CASES);
}

#[test]
fn nothing_that_wechat_pay_might_send_breaks_its_readers() {
    run("wechat_pay", CASES);
}

#[test]
fn nothing_that_alipay_might_send_breaks_its_readers() {
    run("alipay", CASES);
}

#[test]
fn nothing_that_unionpay_might_send_breaks_its_readers() {
    run("unionpay", CASES);
}

#[test]
fn no_changed_notice_is_believed_to_say_anything_else() {
    bodies::forged::prepare();
    run("forged_notice", CASES);
}

#[test]
fn no_file_breaks_the_reader_of_keys() {
    run("keys", CASES);
}

#[test]
fn no_body_breaks_the_reader_of_requests() {
    run("request_body", CASES);
}

#[test]
fn no_header_breaks_what_reads_it() {
    run("headers", CASES);
}
