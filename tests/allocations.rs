//! How often a request for a picture asks for memory: printing a symbol only for the answer, and laying the symbol for six short lists.

use allocation_counter::measure;
use pay_handoff::qr::{EdgePx, Mask, Symbol, png};

const ADDRESS: &str = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";

/// Memory that is asked for beyond the answer, in bytes: segments, codewords, rows of modules.
const MOST_BYTES: u64 = 1_500;

#[test]
fn printing_a_symbol_allocates_the_answer_and_nothing_else() {
    let symbol = Symbol::with_mask(ADDRESS, Mask::of(3)).unwrap();
    for edge_px in [120, 330, 720, 1080, 2048] {
        let edge = EdgePx::new(edge_px).unwrap();
        // The first picture of a size lays its plate, which is kept.
        let file = png::draw(&symbol, edge).unwrap();
        let counted = measure(|| drop(png::draw(&symbol, edge).unwrap()));
        assert_eq!(counted.count_total, 1, "{edge_px} px");
        assert!(counted.bytes_total >= file.len() as u64, "{edge_px} px: that is the answer");
    }
}

#[test]
fn laying_a_symbol_allocates_six_short_lists() {
    for text in [ADDRESS, "https://pay.example/s/AAECAwQFBgcICQoLDA0ODw"] {
        drop(Symbol::with_mask(text, Mask::of(3)).unwrap());
        let counted = measure(|| drop(Symbol::with_mask(text, Mask::of(3)).unwrap()));
        assert_eq!(counted.count_total, 6, "{text}");
        assert!(counted.bytes_total <= MOST_BYTES, "{} bytes for {text}", counted.bytes_total);
    }
}
