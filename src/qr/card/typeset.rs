//! Text → lines of glyphs: measured, wrapped where writing may be wrapped, and cut with an ellipsis.

use ab_glyph::GlyphId;
use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::canvas::{Canvas, Ink};
use super::face::Face;

/// The most characters of a text that are looked at: far more than a card shows.
const MOST_CHARACTERS: usize = 1000;

/// What a reader takes for one character.
#[derive(Clone, Debug, PartialEq)]
struct Cell {
    /// Its glyphs with their distances from its left edge in pixels; `None` for a character that the fonts do not have.
    glyphs: Option<Vec<(GlyphId, f32)>>,
    /// How far it moves the pen, in pixels.
    advance: f32,
    is_space: bool,
    /// It is written with the wide marks of East Asia.
    is_eastern: bool,
    /// A line may end behind it.
    may_break: bool,
}

/// One line, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    face: Face,
    cells: Vec<Cell>,
}

impl Line {
    /// The whole text on one line, however long.
    pub fn of(text: &str, face: Face) -> Self {
        Self { face, cells: cells(text, face) }
    }

    /// The text on one line, set smaller, at most to half the size, until it is no wider than `width`; then cut.
    pub fn fitted(text: &str, face: Face, width: f32) -> Self {
        let whole = Self::of(text, face);
        let scale = (width / whole.width()).clamp(0.5, 1.0);
        // Rounded down, so that rounding never makes it too wide.
        let smaller = Face { em_px: (face.em_px * scale).floor(), ..face };
        Self::of(text, smaller).cut(width)
    }

    /// Its width in pixels, without spaces at its end.
    pub fn width(&self) -> f32 {
        let printed = self.cells.iter().rposition(|cell| !cell.is_space).map_or(0, |last| last + 1);
        self.cells.iter().take(printed).map(|cell| cell.advance).sum()
    }

    /// The face it is set in.
    pub const fn face(&self) -> Face {
        self.face
    }

    /// The line, with an ellipsis in the place of what goes beyond the width.
    pub fn cut(mut self, width: f32) -> Self {
        if self.width() > width {
            self.end_with_ellipsis(width);
        }
        self
    }

    fn end_with_ellipsis(&mut self, width: f32) {
        let (wide, narrow) = (cells("…", self.face), cells(NARROW_ELLIPSIS, self.face));
        let reserved = wide.iter().chain(&narrow).map(|cell| cell.advance).fold(0.0, f32::max);
        while self.cells.last().is_some_and(|last| last.is_space) || self.width() + reserved > width {
            if self.cells.pop().is_none() {
                break;
            }
        }
        let is_eastern = self.cells.last().is_none_or(|last| last.is_eastern);
        self.cells.extend(if is_eastern { wide } else { narrow });
    }

    /// Draws it from `left` on, its letters standing on the baseline.
    pub fn draw(&self, left: f32, baseline: f32, ink: Ink, canvas: &mut Canvas) {
        let mut pen = left;
        for cell in &self.cells {
            match &cell.glyphs {
                Some(glyphs) => {
                    for (glyph, offset) in glyphs {
                        self.face.draw(*glyph, pen + offset, baseline, ink, canvas);
                    }
                }
                None => draw_box(pen, baseline, cell.advance, self.face.em_px, ink, canvas),
            }
            pen += cell.advance;
        }
    }
}

/// The text on at most `most_lines` lines of this width, the last one cut when more would be needed.
pub fn wrap(text: &str, face: Face, width: f32, most_lines: usize) -> Vec<Line> {
    let mut rest = cells(text, face);
    let mut lines = Vec::new();
    while !rest.is_empty() {
        if lines.len() + 1 == most_lines {
            lines.push(Line { face, cells: rest }.cut(width));
            break;
        }
        let end = line_end(&rest, width);
        let next = rest.split_off(end);
        lines.push(Line { face, cells: rest });
        rest = next.into_iter().skip_while(|cell| cell.is_space).collect();
    }
    lines
}

/// How many of the cells make the next line: up to the last place where it may end, or, in a word wider than the line, up to the edge.
fn line_end(cells: &[Cell], width: f32) -> usize {
    let (mut pen, mut allowed) = (0.0, None);
    for (at, cell) in cells.iter().enumerate() {
        pen += cell.advance;
        if pen > width && !cell.is_space {
            return allowed.unwrap_or(at.max(1));
        }
        if cell.may_break {
            allowed = Some(at + 1);
        }
    }
    cells.len()
}

fn cells(text: &str, face: Face) -> Vec<Cell> {
    let text: String = text.nfc().take(MOST_CHARACTERS).collect();
    let mut before = None;
    let mut breaks =
        linebreaks(&text).filter(|(_, kind)| *kind == BreakOpportunity::Allowed).map(|(at, _)| at).peekable();
    let mut cells: Vec<Cell> = Vec::new();
    let mut last_glyph = None;
    for (start, cluster) in text.grapheme_indices(true) {
        let end = start + cluster.len();
        while breaks.next_if(|at| *at < end).is_some() {}
        let may_break = breaks.peek() == Some(&end);
        let behind = text[end..].chars().next();
        let cell = cell(cluster, before, behind, face, may_break);
        before = cluster.chars().next_back();
        let glyphs = cell.glyphs.as_deref().unwrap_or_default();
        if let (Some(before), Some(previous), Some((first, _))) = (cells.last_mut(), last_glyph, glyphs.first()) {
            before.advance += face.kern_px(previous, *first);
        }
        last_glyph = glyphs.last().map(|(glyph, _)| *glyph);
        if cell.advance > 0.0 {
            cells.push(cell);
        }
    }
    cells
}

fn cell(cluster: &str, before: Option<char>, behind: Option<char>, face: Face, may_break: bool) -> Cell {
    let is_space = cluster.chars().all(|character| character.is_whitespace() || character.is_control());
    let visible = if is_space { " " } else { cluster };
    let mut advance = 0.0;
    let glyphs = visible
        .chars()
        .filter(|character| !is_invisible(*character))
        .map(|character| {
            let narrow = proportional(character, before, behind).and_then(|form| face.glyph(form));
            let glyph = narrow.or_else(|| face.glyph(character))?;
            let offset = advance;
            advance += face.advance_px(glyph);
            Some((glyph, offset))
        })
        .collect::<Option<Vec<_>>>();
    if glyphs.is_none() {
        advance = BOX_ADVANCE * face.em_px;
    }
    let is_eastern = cluster.chars().all(|character| character as u32 >= FIRST_EASTERN);
    Cell { glyphs, advance, is_space, is_eastern, may_break }
}

/// Quotation marks and ellipses are as wide as a Chinese character among Chinese characters, and narrow, with the dots on the baseline,
/// among others; the fonts have the narrow forms in the private use area.
const fn proportional(character: char, before: Option<char>, behind: Option<char>) -> Option<char> {
    let (form, neighbour) = match character {
        '‘' => ('\u{E018}', behind),
        '’' => ('\u{E019}', before),
        '“' => ('\u{E01C}', behind),
        '”' => ('\u{E01D}', before),
        '…' => ('\u{E026}', if matches!(before, None | Some(' ')) { behind } else { before }),
        _ => return None,
    };
    match neighbour {
        Some(letter) if (letter as u32) < FIRST_EASTERN => Some(form),
        _ => None,
    }
}

/// An ellipsis with its dots on the baseline.
const NARROW_ELLIPSIS: &str = "\u{E026}";

/// The scripts before this code point are written with narrow marks; from here on come those of East Asia.
const FIRST_EASTERN: u32 = 0x2E80;

/// Characters that only steer how others look: joiners, marks of direction, variation selectors.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A box is as wide as this part of an em, with its margins.
const BOX_ADVANCE: f32 = 0.92;

/// What stands for a character that the fonts do not have.
fn draw_box(left: f32, baseline: f32, advance: f32, em_px: f32, ink: Ink, canvas: &mut Canvas) {
    let stroke = (em_px / 18.0).round().max(1.0);
    let side = (advance - 0.2 * em_px).round();
    let (left, top) = ((left + 0.1 * em_px).round(), (baseline - 0.8 * side - 0.02 * em_px).round());
    let mut fill = |x: f32, y: f32, width: f32, height: f32| {
        canvas.fill(x.max(0.0) as usize, y.max(0.0) as usize, width as usize, height as usize, ink);
    };
    fill(left, top, side, stroke);
    fill(left, top + side - stroke, side, stroke);
    fill(left, top, stroke, side);
    fill(left + side - stroke, top, stroke, side);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FACE: Face = Face::regular(40.0);

    fn shown(line: &Line) -> usize {
        line.cells.iter().filter(|cell| !cell.is_space).count()
    }

    #[test]
    fn chinese_breaks_between_characters_but_never_before_a_full_stop() {
        let lines = wrap("青瓷茶壶，一壶两杯。", FACE, 40.0 * 4.5, 9);
        // Four characters would fit, but then the comma would begin a line.
        assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), [3, 4, 3]);
    }

    #[test]
    fn latin_words_stay_whole_where_they_fit() {
        let lines = wrap("green porcelain teapot", FACE, 330.0, 9);
        assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), ["greenporcelain".len(), "teapot".len()]);
        let lines = wrap(&"x".repeat(100), FACE, 330.0, 9);
        assert!(lines.len() > 4 && lines.iter().all(|line| line.width() <= 330.0));
    }

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis_within_the_width() {
        let lines = wrap(&"茶".repeat(100), FACE, 400.0, 2);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].cells.last(), cells("…", FACE).last());
        assert!(lines[1].width() <= 400.0 && lines[1].width() > 320.0);
        assert_eq!(Line::of("茶", FACE).cut(400.0), Line::of("茶", FACE));
    }

    #[test]
    fn marks_are_narrow_among_latin_letters_and_wide_among_chinese_ones() {
        let width = |text: &str| Line::of(text, FACE).width();
        assert_eq!(width("“茶”"), 3.0 * FACE.em_px);
        assert!(width("“tea” it’s") < width("tea its") + 1.6 * FACE.em_px);
        let cut = wrap("green porcelain", FACE, 200.0, 1);
        assert_eq!(cut[0].cells.last(), cells(NARROW_ELLIPSIS, FACE).last());
    }

    #[test]
    fn a_text_that_fits_smaller_is_not_cut() {
        let line = Line::fitted("¥999,999,999.99", Face::bold(100.0), 600.0);
        assert_eq!(shown(&line), 15);
        assert!(line.width() <= 600.0 && line.width() > 560.0, "{}", line.width());
    }

    #[test]
    fn an_emoji_with_all_its_joiners_is_one_box() {
        for text in ["🍵", "👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "ก็"] {
            let cells = cells(text, FACE);
            assert_eq!((cells.len(), cells[0].glyphs.is_none()), (1, true), "{text}");
        }
        assert_eq!(cells("e\u{301}", FACE), cells("é", FACE));
        assert!(cells("\u{200B}\u{FEFF}", FACE).is_empty());
    }

    proptest! {
        #![proptest_config(crate::random_cases::cases(200))]

        #[test]
        fn no_text_breaks_the_lines(text in any::<String>(), width in 1.0..900.0_f32, most in 1..4_usize) {
            let lines = wrap(&text, FACE, width, most);
            prop_assert!(lines.len() <= most);
            for line in lines {
                // One character alone may be wider than a line that is narrower than any.
                prop_assert!(line.width() <= width || shown(&line) <= 1, "{} of {width}", line.width());
                let mut canvas = Canvas::new(100, 100);
                line.draw(-20.0, 60.0, 255, &mut canvas);
            }
        }
    }
}
