//! The album card: a code with the words that tell what to do with it, as one picture that explains itself when it is found again.
//!
//! 1080 pixels wide, grey, in sixteen tones. The code takes the whole width but its quiet zone, and everything written stands on the code's
//! own edges. Words are never nearer to the code than its quiet zone.

mod canvas;
mod face;
mod typeset;

use super::edge::picture_modules;
use super::logo::{Ground, Logo};
use super::{QUIET_ZONE_MODULES, Symbol};
use canvas::{Canvas, Ink};
use face::Face;
use typeset::{Line, wrap};

/// The width of every card: as wide as most phones' screens, so that albums and chats show it without scaling it up.
pub const WIDTH_PX: usize = 1080;

/// What stands on a card, in the language of whoever gets it. Any text is possible: it is wrapped, cut with an ellipsis, and a box
/// stands for a character that the fonts do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardWords {
    /// Across the top, when the card is not meant seriously: simulated wallets.
    pub notice: Option<String>,
    /// Who gets the money: one line.
    pub payee: String,
    /// How much: one line, set smaller when it is long.
    pub amount: String,
    /// What is bought: at most two lines.
    pub subject: String,
    /// Until when it can be paid: one line.
    pub deadline: String,
    /// What to do: at most two lines each.
    pub steps: [String; 3],
    /// When not to pay: at most two lines.
    pub warning: String,
    /// What the order can be recognised by: one line; `None` where the payer must not learn it.
    pub order: Option<String>,
}

const BLACK: Ink = 255;
/// What is read second: a contrast of 7 to 1 on white.
const GREY: Ink = 166;
const HAIRLINE: Ink = 51;
const TINT: Ink = 22;

const NOTICE: Face = Face::bold(32.0);
const PAYEE: Face = Face::bold(46.0);
const AMOUNT: Face = Face::bold(116.0);
const SUBJECT: Face = Face::regular(38.0);
const DEADLINE: Face = Face::bold(40.0);
const STEP: Face = Face::regular(38.0);
const NUMBER: Face = Face::bold(32.0);
const SMALL: Face = Face::regular(32.0);

/// White above the first and below the last line.
const EDGE_PX: f32 = 88.0;
const DISC_RADIUS_PX: f32 = 28.0;
/// From the left edge of a step's number to that of its words.
const STEP_INDENT_PX: f32 = 84.0;
/// The smallest margin at the sides, for symbols whose quiet zone is narrower.
const LEAST_MARGIN_PX: f32 = 72.0;

/// Draws the card as PNG.
#[must_use]
pub fn draw(symbol: &Symbol, words: &CardWords) -> Vec<u8> {
    Sheet::laid_out(symbol, words).canvas().into_png()
}

/// Draws the card as PNG, with a merchant's mark in the middle of its code.
#[must_use]
pub fn draw_with_logo(symbol: &Symbol, words: &CardWords, logo: &Logo) -> Vec<u8> {
    let sheet = Sheet::laid_out(symbol, words);
    let (left, top, module_px) = (code_left(symbol, sheet.module_px), sheet.code_top, sheet.module_px);
    logo.over(&sheet.canvas().into_luma(), WIDTH_PX, &Ground::of(symbol, module_px, left, top))
}

/// Where the code begins from the left: in the middle.
const fn code_left(symbol: &Symbol, module_px: usize) -> usize {
    (WIDTH_PX - symbol.side_modules() * module_px) / 2
}

/// What is placed while the height is not yet known.
enum Item {
    Words { line: Line, left: f32, baseline: f32, ink: Ink },
    Disc { centre_x: f32, centre_y: f32 },
    Fill { left: f32, top: f32, width: f32, height: f32, ink: Ink },
}

struct Sheet {
    items: Vec<Item>,
    /// Where the next thing goes.
    top: f32,
    margin: f32,
    module_px: usize,
    /// Where the code begins.
    code_top: usize,
}

impl Sheet {
    fn laid_out(symbol: &Symbol, words: &CardWords) -> Self {
        let mut sheet = Self::of(symbol);
        sheet.head(words);
        sheet.code(symbol);
        sheet.instructions(words);
        sheet.foot(words);
        sheet
    }

    fn of(symbol: &Symbol) -> Self {
        let module_px = (WIDTH_PX / picture_modules(symbol)).max(1);
        let margin = (WIDTH_PX - symbol.side_modules() * module_px) as f32 / 2.0;
        Self { items: Vec::new(), top: 0.0, margin: margin.max(LEAST_MARGIN_PX), module_px, code_top: 0 }
    }

    const fn column(&self) -> f32 {
        WIDTH_PX as f32 - 2.0 * self.margin
    }

    fn head(&mut self, words: &CardWords) {
        if let Some(notice) = &words.notice {
            self.fill(0.0, WIDTH_PX as f32, 76.0, TINT);
            let line = Line::of(notice, NOTICE).cut(self.column());
            let left = (WIDTH_PX as f32 - line.width()) / 2.0;
            self.words_at(left, line, 76.0, GREY);
            self.top += 76.0;
        }
        self.top += EDGE_PX;
        self.paragraph(vec![Line::of(&words.payee, PAYEE).cut(self.column())], BLACK);
        self.top += 10.0;
        self.paragraph(vec![Line::fitted(&words.amount, AMOUNT, self.column())], BLACK);
        self.top += 14.0;
        self.paragraph(wrap(&words.subject, SUBJECT, self.column(), 2), GREY);
    }

    fn code(&mut self, symbol: &Symbol) {
        let quiet_px = (QUIET_ZONE_MODULES * self.module_px) as f32;
        // The line above ends a little before its letters' lowest reach; whole pixels keep the code sharp.
        self.top = (self.top + quiet_px).ceil();
        let module = self.module_px as f32;
        let left = code_left(symbol, self.module_px);
        self.code_top = self.top as usize;
        for y in 0..symbol.side_modules() {
            for (x, length) in symbol.dark_runs(y) {
                let left = left as f32 + x as f32 * module;
                self.items.push(Item::Fill {
                    left,
                    top: self.top,
                    width: length as f32 * module,
                    height: module,
                    ink: BLACK,
                });
            }
            self.top += module;
        }
        self.top += quiet_px;
    }

    fn instructions(&mut self, words: &CardWords) {
        self.paragraph(vec![Line::fitted(&words.deadline, DEADLINE, self.column())], BLACK);
        self.rule(36.0, 44.0);
        for (number, step) in (1..).zip(&words.steps) {
            let lines = wrap(step, STEP, self.column() - STEP_INDENT_PX, 2);
            let first_height = leading(STEP);
            let centre_y = self.top + first_height / 2.0;
            self.items.push(Item::Disc { centre_x: self.margin + DISC_RADIUS_PX, centre_y });
            let digit = Line::of(&number.to_string(), NUMBER);
            let left = self.margin + DISC_RADIUS_PX - digit.width() / 2.0;
            self.words_at(left, digit, first_height, 0);
            for line in lines {
                self.words_at(self.margin + STEP_INDENT_PX, line, first_height, BLACK);
                self.top += first_height;
            }
            self.top += 22.0;
        }
        self.top -= 22.0;
    }

    fn foot(&mut self, words: &CardWords) {
        self.rule(44.0, 34.0);
        let order = words.order.as_ref().map(|order| Line::of(order, SMALL).cut(self.column() / 2.0));
        let beside = order.as_ref().map_or(0.0, |order| order.width() + 40.0);
        if let Some(order) = order {
            let left = WIDTH_PX as f32 - self.margin - order.width();
            self.words_at(left, order, leading(SMALL), GREY);
        }
        self.paragraph(balanced(&words.warning, SMALL, self.column() - beside, 2), BLACK);
        self.top += EDGE_PX;
    }

    /// Lines one below the other, from the left margin on.
    fn paragraph(&mut self, lines: Vec<Line>, ink: Ink) {
        for line in lines {
            let height = leading(line.face());
            self.words_at(self.margin, line, height, ink);
            self.top += height;
        }
    }

    /// A line in the middle of the next `height` pixels.
    fn words_at(&mut self, left: f32, line: Line, height: f32, ink: Ink) {
        // Chinese characters fill their em from 0.88 above the baseline to 0.12 below it.
        let baseline = (self.top + height / 2.0 + 0.38 * line.face().em_px).round();
        self.items.push(Item::Words { line, left, baseline, ink });
    }

    fn rule(&mut self, above: f32, below: f32) {
        self.top = (self.top + above).round();
        let (left, width) = (self.margin, self.column());
        self.items.push(Item::Fill { left, top: self.top, width, height: 2.0, ink: HAIRLINE });
        self.top += 2.0 + below;
    }

    fn fill(&mut self, left: f32, width: f32, height: f32, ink: Ink) {
        self.items.push(Item::Fill { left, top: self.top, width, height, ink });
    }

    fn canvas(self) -> Canvas {
        let mut canvas = Canvas::new(WIDTH_PX, self.top.ceil() as usize);
        for item in self.items {
            match item {
                Item::Words { line, left, baseline, ink } => line.draw(left, baseline, ink, &mut canvas),
                Item::Disc { centre_x, centre_y } => canvas.disc(centre_x, centre_y, DISC_RADIUS_PX, BLACK),
                Item::Fill { left, top, width, height, ink } => {
                    canvas.fill(left as usize, top as usize, width as usize, height as usize, ink);
                }
            }
        }
        canvas
    }
}

/// Wrapped into as few lines as the width allows, and these about equally long, so that no word is left alone in the last.
fn balanced(text: &str, face: Face, width: f32, most: usize) -> Vec<Line> {
    let lines = wrap(text, face, width, most);
    let widths = (1..).map(|step| width - 8.0 * step as f32).take_while(|narrower| *narrower > width / 2.0);
    // One line more is looked for than may be: where the text would be cut, nothing is narrowed.
    let as_few = widths.take_while(|narrower| wrap(text, face, *narrower, most + 1).len() <= lines.len());
    match as_few.last() {
        Some(narrowest) => wrap(text, face, narrowest, most),
        None => lines,
    }
}

/// The height of a line: more air for small letters, less for large ones.
fn leading(face: Face) -> f32 {
    if face.em_px > 60.0 { (face.em_px * 1.16).round() } else { (face.em_px * 1.42).round() }
}
