//! Which mask a symbol gets: the first, in the order of the standard's penalties, with which decoders read it back.
//!
//! The penalties only estimate what decoders stumble over: some correct symbols are not read by some decoder. So each candidate is
//! drawn and read as it is, in half the size, blurred, and with its quiet zone cut, by two detectors that share nothing with the
//! encoder. This takes a fraction of a millisecond up to some, so it is done once per code, and the mask is kept.

use rxing::common::HybridBinarizer;
use rxing::qrcode::QRCodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BinaryBitmap, DecodeHints, ImmutableReader, Luma8Source};

use super::grey::Grey;
use super::{QUIET_ZONE_MODULES, QrError, Symbol};

/// The symbol of the text with the first mask that passes, in the order of the standard's penalties; with the standard's best mask
/// when none does. The same text always gives the same symbol, as long as the decoders stay the same.
///
/// # Errors
/// [`QrError::Empty`], [`QrError::TooLong`].
pub fn choose(text: &str) -> Result<Symbol, QrError> {
    first_that(text, passes)
}

/// As [`choose`], but each candidate is only read as it is, by the detector that misses most: a tenth of the work, for who cannot wait.
///
/// # Errors
/// As [`choose`].
pub fn choose_at_a_glance(text: &str) -> Result<Symbol, QrError> {
    first_that(text, |symbol, text| of_symbol(symbol).take(1).all(|view| reads(&QRCodeReader, &view, text)))
}

fn first_that(text: &str, passes: impl Fn(&Symbol, &str) -> bool) -> Result<Symbol, QrError> {
    let candidates = Symbol::candidates(text)?;
    let first = candidates.iter().position(|symbol| passes(symbol, text)).unwrap_or_default();
    let [best, ..] = &candidates;
    Ok(candidates.get(first).unwrap_or(best).clone())
}

/// Whether every decoder reads exactly this text from every view of the symbol.
#[must_use]
pub fn passes(symbol: &Symbol, text: &str) -> bool {
    of_symbol(symbol).all(|view| is_read(&view, text))
}

fn of_symbol(symbol: &Symbol) -> impl Iterator<Item = Grey> {
    views(|module_px, margin| Grey::of(symbol, module_px, margin))
}

/// Pixels a module, white modules around the code, and what happens to the picture then.
type Fate = (usize, usize, fn(&Grey) -> Grey);

/// What may become of a picture on its way, the cheapest first; `draw` makes it with so many pixels a module and white modules around it.
pub(super) fn views(draw: impl Fn(usize, usize) -> Grey) -> impl Iterator<Item = Grey> {
    let fates: [Fate; 4] = [
        (3, QUIET_ZONE_MODULES, Grey::clone),
        (5, QUIET_ZONE_MODULES, Grey::halved),
        (3, QUIET_ZONE_MODULES, Grey::blurred),
        (4, 1, Grey::clone),
    ];
    fates.into_iter().map(move |(module_px, margin, become_of)| become_of(&draw(module_px, margin)))
}

/// Whether every decoder reads exactly this text.
pub(super) fn is_read(view: &Grey, text: &str) -> bool {
    reads(&QRCodeReader, view, text) && reads(&QrReader, view, text)
}

fn reads(decoder: &impl ImmutableReader, view: &Grey, text: &str) -> bool {
    let edge_px = view.edge_px() as u32;
    let Ok(source) = Luma8Source::new_with_slice(view.luma(), edge_px, edge_px) else { return false };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let read = decoder.immutable_decode_with_hints(&mut bitmap, &DecodeHints::default());
    read.is_ok_and(|read| read.getText() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> String {
        let token = crate::domain::token::Token::from_bytes([number.wrapping_mul(151); 16]);
        format!("https://pay.example/s/{}", token.expose())
    }

    #[test]
    fn the_chosen_mask_is_the_first_that_passes_in_the_order_of_penalties() {
        let mut not_the_first = 0;
        for text in (0..24).map(address) {
            let candidates = Symbol::candidates(&text).unwrap();
            let passing: Vec<_> = candidates.iter().filter(|symbol| passes(symbol, &text)).collect();
            let expected = passing.first().copied().unwrap_or(&candidates[0]);
            assert_eq!(choose(&text).as_ref(), Ok(expected), "{text}");
            not_the_first += u32::from(*expected != candidates[0]);
        }
        assert!(not_the_first > 0, "evidence makes a difference for some of these");
    }

    #[test]
    fn at_a_glance_the_first_that_is_read_as_it_is_gets_chosen_and_it_may_be_another() {
        let mut differ = 0;
        for text in (0..48).map(address) {
            let chosen = choose_at_a_glance(&text).unwrap();
            let is_clean = |symbol: &Symbol| reads(&QRCodeReader, &of_symbol(symbol).next().unwrap(), &text);
            let candidates = Symbol::candidates(&text).unwrap();
            assert_eq!(candidates.iter().find(|symbol| is_clean(symbol)), Some(&chosen), "{text}");
            differ += u32::from(chosen != candidates[0]);
        }
        assert!(differ > 0, "evidence makes a difference for some of these");
    }

    #[test]
    fn a_symbol_of_another_text_does_not_pass() {
        let symbol = Symbol::encode(&address(1)).unwrap();
        assert!(!passes(&symbol, &address(2)));
    }

    #[test]
    fn texts_that_decoders_give_back_in_another_coding_still_get_a_symbol() {
        for text in ["青瓷茶壶", "é", "\u{0}\u{1}", " ", "9"] {
            assert!(choose(text).is_ok(), "{text}");
        }
    }
}
