//! The two fonts of the card: which characters they have, how wide these are, and how they look.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};

use super::canvas::{Canvas, Ink};

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// For reading.
    Regular,
    /// For what must be seen first.
    Bold,
}

/// A font that can be drawn with. `None` only if the embedded file were broken; then everything is a box.
type Loaded = Option<FontRef<'static>>;

static REGULAR: LazyLock<Loaded> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/fonts/NotoSansSC-Regular.otf")).ok());
static BOLD: LazyLock<Loaded> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/fonts/NotoSansSC-Bold.otf")).ok());

/// A weight in a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// The weight.
    pub weight: Weight,
    /// The size of an em in pixels.
    pub em_px: f32,
}

impl Face {
    /// A face for reading.
    pub const fn regular(em_px: f32) -> Self {
        Self { weight: Weight::Regular, em_px }
    }

    /// A face for what must be seen first.
    pub const fn bold(em_px: f32) -> Self {
        Self { weight: Weight::Bold, em_px }
    }

    fn font(self) -> Option<&'static FontRef<'static>> {
        match self.weight {
            Weight::Regular => REGULAR.as_ref(),
            Weight::Bold => BOLD.as_ref(),
        }
    }

    /// The library's scale counts from the highest to the lowest line of the font; sizes here are of the em.
    fn scale(self, font: &FontRef<'_>) -> PxScale {
        PxScale::from(self.em_px * font.height_unscaled() / font.units_per_em().unwrap_or(1000.0))
    }

    /// The glyph of a character; `None` when the fonts have none.
    pub fn glyph(self, character: char) -> Option<GlyphId> {
        self.font().map(|font| font.glyph_id(character)).filter(|glyph| glyph.0 != 0)
    }

    /// How far a glyph moves the pen, in pixels.
    pub fn advance_px(self, glyph: GlyphId) -> f32 {
        self.font().map_or(0.0, |font| font.as_scaled(self.scale(font)).h_advance(glyph))
    }

    /// By how much a pair of glyphs stands wider (or, below zero, closer), in pixels.
    pub fn kern_px(self, first: GlyphId, second: GlyphId) -> f32 {
        self.font().map_or(0.0, |font| font.as_scaled(self.scale(font)).kern(first, second))
    }

    /// Draws a glyph with its origin at `x` on the baseline.
    pub fn draw(self, glyph: GlyphId, x: f32, baseline: f32, ink: Ink, canvas: &mut Canvas) {
        let Some(font) = self.font() else { return };
        let placed = glyph.with_scale_and_position(self.scale(font), point(x, baseline));
        let Some(outline) = font.outline_glyph(placed) else { return };
        let bounds = outline.px_bounds();
        let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
        outline.draw(|right, down, part| {
            canvas.cover(left.saturating_add_unsigned(right), top.saturating_add_unsigned(down), part, ink);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_are_whole_and_have_what_merchants_write() {
        for face in [Face::regular(40.0), Face::bold(40.0)] {
            // The last three Chinese characters are from the far end of the standard list, two of them beyond the basic plane.
            for character in "青瓷茶壶鿍𬭊𫠊のカフェçéÿ¥€£$₩“”—…「」（）！，。·①→℃".chars()
            {
                assert!(face.glyph(character).is_some(), "{character}");
            }
            assert!("🍵\u{E000}\u{10FFFF}".chars().all(|character| face.glyph(character).is_none()));
        }
    }

    #[test]
    fn both_fonts_have_the_standard_list_of_han_and_every_letter_and_sign_that_money_is_written_with() {
        // Han in the basic plane and beyond; of them the fonts have exactly the list. Its sum tells it from another of that length.
        let han = || ('\u{3400}'..='\u{9FFF}').chain('\u{20000}'..='\u{323AF}');
        let latin_and_more =
            [' '..='~', '\u{A1}'..='\u{17E}', '\u{384}'..='\u{386}', '\u{388}'..='\u{38A}', '\u{400}'..='\u{45F}'];
        let kana_and_signs =
            ['ぁ'..='ゖ', 'ァ'..='ヿ', '、'..='〗', '！'..='ﾟ', '￠'..='￦', '₀'..='₉', '\u{2010}'..='\u{2022}'];
        // The som of 2020 is younger than the fonts.
        let currencies = ['\u{20A0}'..='\u{20BF}'];
        for face in [Face::regular(40.0), Face::bold(40.0)] {
            let listed: Vec<u32> = han().filter(|character| face.glyph(*character).is_some()).map(u32::from).collect();
            assert_eq!((listed.len(), listed.iter().map(|code| u64::from(*code)).sum()), (8105, 267_927_252));
            let wanted = latin_and_more.iter().chain(&kana_and_signs).chain(&currencies).cloned().flatten();
            let boxes: String = wanted.filter(|character| face.glyph(*character).is_none()).collect();
            assert_eq!(boxes, "");
        }
    }

    #[test]
    fn sizes_are_of_the_em() {
        let face = Face::regular(40.0);
        let advance = |character| face.glyph(character).map(|glyph| face.advance_px(glyph).round());
        assert_eq!((advance('茶'), advance('，')), (Some(40.0), Some(40.0)));
    }

    #[test]
    fn latin_pairs_are_kerned() {
        let face = Face::bold(100.0);
        let (Some(first), Some(second)) = (face.glyph('T'), face.glyph('e')) else { panic!("no Latin letters") };
        assert!(face.kern_px(first, second) < -1.0);
    }
}
