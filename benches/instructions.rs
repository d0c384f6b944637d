//! Draws one kind of picture so many times and does nothing else: what `benches/instructions.sh` counts the instructions of.

use std::hint::black_box;

use pay_handoff::qr::{EdgePx, Mask, Symbol, png, svg};

/// An address as long as a realistic shop's: 62 characters.
const ADDRESS: &str = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (Some(what), Some(times)) = (arguments.next(), arguments.next().and_then(|times| times.parse().ok())) else {
        println!(
            "instructions WHAT TIMES, where WHAT is nothing, symbol, masked, svg, or the edge of a PNG in pixels, with"
        );
        println!("a k behind it for the mask that is kept with an order instead of one that is chosen now");
        return;
    };
    let bytes: Option<usize> = (0..times).map(|_: u32| draw(&what)).sum();
    println!("{what}: {bytes:?} bytes in {times} pictures");
}

/// The length of the picture.
fn draw(what: &str) -> Option<usize> {
    let text = black_box(ADDRESS);
    let with_kept_mask = || Symbol::with_mask(text, Mask::of(3)).ok();
    let png = |symbol: Symbol, edge: &str| png::draw(&symbol, EdgePx::new(edge.parse().ok()?).ok()?).ok();
    match (what, what.strip_suffix('k')) {
        ("nothing", _) => Some(0),
        ("masked", _) => with_kept_mask().map(|symbol| black_box(symbol).side_modules()),
        ("symbol", _) => Symbol::encode(text).ok().map(|symbol| black_box(symbol).side_modules()),
        ("svg", _) => svg::draw(&with_kept_mask()?, EdgePx::DEFAULT).ok().map(|picture| black_box(picture).len()),
        (_, Some(edge)) => png(with_kept_mask()?, edge).map(|picture| black_box(picture).len()),
        (edge, None) => png(Symbol::encode(text).ok()?, edge).map(|picture| black_box(picture).len()),
    }
}
