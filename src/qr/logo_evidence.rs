//! What a merchant's mark costs: codes are drawn with it in the mask with which decoders still read them, and a mark for which there is none is refused.

use super::evidence::{self, is_read, views};
use super::logo::Logo;
use super::{Mask, QrError, Symbol};

/// How a logo did on some codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How many distorted pictures were looked at.
    pub all: usize,
    /// How many of them some decoder did not read, whatever the mask.
    pub unread: usize,
}

impl Tried {
    /// Takes a logo that costs nothing.
    ///
    /// # Errors
    /// The figures, as the rest of a sentence about the logo.
    pub fn verdict(self) -> Result<(), String> {
        if self.unread == 0 {
            return Ok(());
        }
        Err(format!(
            "makes codes hard to read: {} of {} distorted pictures were not read; a mark that is light and plain does better",
            self.unread, self.all
        ))
    }
}

impl Logo {
    /// The code of this text as it is drawn with the logo: with the mask that it has without one if decoders read it so, or else with
    /// the first other that they read, in the order of the standard's penalties. None when they read none: then no logo may stand there.
    ///
    /// # Errors
    /// [`QrError`] for a text that no code can hold.
    pub fn symbol(&self, text: &str, usual: Mask) -> Result<Option<Symbol>, QrError> {
        let usual = Symbol::with_mask(text, usual)?;
        if self.unread_views(&usual, text) == 0 {
            return Ok(Some(usual));
        }
        Ok(Symbol::candidates(text)?.into_iter().find(|symbol| self.unread_views(symbol, text) == 0))
    }

    /// How decoders read the distorted codes of these texts with the logo; without it they read them all.
    ///
    /// # Errors
    /// [`QrError`] for a text that no code can hold.
    pub fn try_on(&self, texts: impl Iterator<Item = String>) -> Result<Tried, QrError> {
        let mut tried = Tried { all: 0, unread: 0 };
        for text in texts {
            let without = evidence::choose(&text)?;
            let drawn = self.symbol(&text, without.mask())?.unwrap_or(without);
            tried.all += views(|module_px, margin| self.grey(&drawn, module_px, margin)).count();
            tried.unread += self.unread_views(&drawn, &text);
        }
        Ok(tried)
    }

    /// From how many of its views some decoder does not read this text.
    fn unread_views(&self, symbol: &Symbol, text: &str) -> usize {
        views(|module_px, margin| self.grey(symbol, module_px, margin)).filter(|view| !is_read(view, text)).count()
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;
    use crate::domain::token::Token;
    use crate::qr::logo::tests::{busy, corner, disc, file};

    fn addresses(count: u16) -> impl Iterator<Item = String> {
        (0..count).map(|number| {
            let mut bytes = [number.wrapping_mul(151) as u8; 16];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            format!("https://pay.example/s/{}", Token::from_bytes(bytes).expose())
        })
    }

    /// Addresses whose code is not read everywhere with the disc on it, under the mask with the lowest penalty.
    const UNLUCKY: [&str; 5] = [
        "https://pay.example/s/AEfh4eHh4eHh4eHh4eHh4Q",
        "https://pay.example/s/AGqGhoaGhoaGhoaGhoaGhg",
        "https://pay.example/s/AHuNjY2NjY2NjY2NjY2NjQ",
        "https://pay.example/s/AJ_JycnJycnJycnJycnJyQ",
        "https://pay.example/s/AKKOjo6Ojo6Ojo6Ojo6Ojg",
    ];
    /// Decoders drop the mark with which it begins, so no mask ever passes.
    const NEVER_READ: &str = "\u{feff}x";

    #[test]
    fn where_the_usual_mask_is_not_read_with_the_logo_another_is_taken() {
        let logo = Logo::read(&disc()).unwrap();
        for text in UNLUCKY {
            let usual = Symbol::encode(text).unwrap();
            assert_ne!(logo.unread_views(&usual, text), 0);
            let drawn = logo.symbol(text, usual.mask()).unwrap().unwrap();
            assert_eq!(logo.unread_views(&drawn, text), 0, "{text}");
        }
    }

    #[test]
    fn a_mask_that_is_read_with_the_logo_stays() {
        let logo = Logo::read(&disc()).unwrap();
        for text in addresses(3) {
            let usual = Symbol::candidates(&text).unwrap()[4].mask();
            assert_eq!(logo.symbol(&text, usual), Ok(Some(Symbol::with_mask(&text, usual).unwrap())), "{text}");
        }
    }

    #[test]
    fn where_no_mask_is_read_there_is_no_code_with_the_logo_and_the_refusal_tells_the_figures() {
        let logo = Logo::read(&disc()).unwrap();
        assert_eq!(logo.symbol(NEVER_READ, Mask::of(0)), Ok(None));
        let tried = logo.try_on(addresses(2).chain([NEVER_READ.to_owned()])).unwrap();
        let refusal = tried.verdict().unwrap_err();
        assert!(refusal.contains("4 of 12 distorted pictures were not read"), "{refusal}");
    }

    #[test]
    fn not_even_a_mark_like_the_corner_of_a_code_costs_a_picture() {
        let black = file(9, 9, |_, _| Rgba([0, 0, 0, 255]));
        for mark in [disc(), corner(), busy(), black] {
            assert_eq!(Logo::read(&mark).unwrap().try_on(addresses(3)), Ok(Tried { all: 12, unread: 0 }));
        }
    }

    #[test]
    fn a_code_that_is_read_no_more_is_told_from_one_that_is() {
        let logo = Logo::read(&disc()).unwrap();
        let symbol = Symbol::encode("one text").unwrap();
        assert_eq!((logo.unread_views(&symbol, "one text"), logo.unread_views(&symbol, "another text")), (0, 4));
    }
}
