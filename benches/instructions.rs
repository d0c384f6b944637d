//! Draws one kind of picture so many times and does nothing else: what `benches/instructions.sh` counts the instructions of.

use std::hint::black_box;

use pay_handoff::qr::{EdgePx, Mask, Symbol, png, svg};

/// An address as long as a realistic shop's: 62 characters.
const ADDRESS: &str = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (Some(what), Some(times)) = (arguments.next(), arguments.next().and_then(|times| times.parse().ok())) else {
        println!("instructions WHAT TIMES, where WHAT is nothing, symbol, masked, svg or the edge of a PNG in pixels");
        return;
    };
    let bytes: Option<usize> = (0..times).map(|_: u32| draw(&what)).sum();
    println!("{what}: {bytes:?} bytes in {times} pictures");
}

/// The length of the picture.
fn draw(what: &str) -> Option<usize> {
    let text = black_box(ADDRESS);
    let symbol = match what {
        "nothing" => return Some(0),
        "masked" => Symbol::with_mask(text, Mask::of(3)),
        _ => Symbol::encode(text),
    };
    let symbol = symbol.ok()?;
    match what {
        "symbol" | "masked" => Some(black_box(symbol).side_modules()),
        "svg" => svg::draw(&symbol, EdgePx::DEFAULT).ok().map(|picture| black_box(picture).len()),
        edge => png::draw(&symbol, EdgePx::new(edge.parse().ok()?).ok()?).ok().map(|picture| black_box(picture).len()),
    }
}
