//! Black and white → the codes in it: three corners at a time are cut out and read, and the work is counted before it is done.
//!
//! A reader that is given a whole picture tries corners with corners, and for each try walks over the picture again: a few hundred
//! squares take it seconds. So it only ever sees the surroundings of three corners that may belong together, and no other corner in
//! them. What is tried costs a budget in pixels; when that is spent, the rest is told as not looked at.

use super::bitmap::{Bitmap, Crop};
use super::corner::{Corner, Runs};
use super::part_reader::{first_reader, second_reader};
use super::read::Code;

/// More runs of dark pixels than any picture has that people look at.
const MOST_RUNS: usize = 8_000_000;
/// As many corners as three hundred codes have.
const MOST_CORNERS: usize = 900;
/// With how many of its nearest neighbours a corner is tried.
const NEIGHBOURS: usize = 12;
/// From corner to corner a code of version 40 has 170 modules, one of version 1 has 14; seen from aside some more or less.
const SIDE_MODULES: std::ops::RangeInclusive<f64> = 10.0..=220.0;
/// What is tried may cost this much, in pixels that are walked over: some seconds of the slowest machine.
const BUDGET: u64 = 300_000_000;
/// What a try costs beside the pixels of its part: fitting the grid.
const FITTING: u64 = 400_000;
/// A part is walked over so many times.
const WALKS: u64 = 30;
/// Larger modules are shrunk to this size at least, in pixels.
const ENOUGH_PX: f64 = 6.0;
/// A part with more corners than these, after all but three were removed, is made to waste time.
pub(super) const MOST_IN_A_PART: usize = 6;
/// How many parts that one reader did not read the other is given.
const MOST_SECOND_TRIES: usize = 30;

/// What one look at a picture found.
#[derive(Debug, Default)]
pub struct Found {
    /// The codes and where they are.
    pub codes: Vec<(Code, Place)>,
    /// Where something has the form of a code but cannot be decoded.
    pub unread: Vec<Place>,
    /// Whether the work came to an end before everything was tried.
    pub is_unfinished: bool,
}

/// The middle of a code and how far it reaches, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    x: f64,
    y: f64,
    reach: f64,
}

impl Place {
    /// Whether both are the same code, seen twice.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (self.x - other.x).hypot(self.y - other.y) < self.reach.min(other.reach)
    }

    /// The place in a picture that is so many times as large.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { x: self.x * factor, y: self.y * factor, reach: self.reach * factor }
    }
}

/// Three corners that may belong to one code; `middle` stands between the other two.
struct Three {
    middle: usize,
    others: [usize; 2],
    /// How long and how uneven the sides are, in modules: near ones are tried first.
    stretch: f64,
}

/// Finds and decodes the codes in lines of brightness of this width.
#[must_use]
pub fn search(luma: &[u8], width: usize) -> Found {
    let mut found = Found::default();
    let bitmap = Bitmap::of(luma, width);
    let corners = Runs::of(&bitmap, MOST_RUNS).map(|mut runs| runs.corners());
    let Some(corners) = corners.filter(|corners| corners.len() <= MOST_CORNERS) else {
        found.is_unfinished = true;
        return found;
    };
    let mut work = Work { luma, bitmap, corners, is_read: Vec::new(), left: BUDGET };
    work.is_read.resize(work.corners.len(), false);
    let mut threes = threes(&work.corners);
    threes.retain(|three| work.three(three).is_some_and(|corners| fits(&work.bitmap, &corners)));
    for three in &threes {
        work.try_first(three, &mut found);
    }
    for three in threes.iter().filter(|three| !work.is_any_read(three)).take(MOST_SECOND_TRIES).collect::<Vec<_>>() {
        work.try_second(three, &mut found);
    }
    let codes = std::mem::take(&mut found.unread);
    for place in codes {
        let is_known =
            found.codes.iter().map(|(_, known)| known).chain(&found.unread).any(|known| known.is_same(&place));
        if !is_known {
            found.unread.push(place);
        }
    }
    found
}

/// What may belong together, the most likely first.
fn threes(corners: &[Corner]) -> Vec<Three> {
    let mut threes = Vec::new();
    for (middle, corner) in corners.iter().enumerate() {
        let mut near: Vec<(usize, f64)> = (corners.iter().enumerate())
            .map(|(at, other)| (at, corner.distance(other) / corner.module_px.midpoint(other.module_px)))
            .filter(|(at, side)| *at != middle && SIDE_MODULES.contains(side))
            .filter(|(at, _)| corners.get(*at).is_some_and(|other| is_alike(corner.module_px, other.module_px, 2.0)))
            .collect();
        near.sort_by(|one, other| one.1.total_cmp(&other.1));
        near.truncate(NEIGHBOURS);
        for (at, &(one, side)) in near.iter().enumerate() {
            for &(other, other_side) in near.iter().skip(at + 1) {
                let is_right = match (corners.get(one), corners.get(other)) {
                    (Some(one), Some(other)) => is_nearly_right(corner, one, other),
                    _ => false,
                };
                if is_right && is_alike(side, other_side, 1.8) {
                    let stretch = side + other_side + (side - other_side).abs();
                    threes.push(Three { middle, others: [one, other], stretch });
                }
            }
        }
    }
    threes.sort_by(|one, other| one.stretch.total_cmp(&other.stretch));
    threes
}

fn is_alike(one: f64, other: f64, most: f64) -> bool {
    one < most * other && other < most * one
}

/// Whether the angle at the middle is between 65 and 115 degrees.
fn is_nearly_right(middle: &Corner, one: &Corner, other: &Corner) -> bool {
    let product = (one.x - middle.x) * (other.x - middle.x) + (one.y - middle.y) * (other.y - middle.y);
    product.abs() < 0.42 * middle.distance(one) * middle.distance(other)
}

/// Whether the sides of the rings stand across the lines from middle to middle, as those of a code do, and dark and light alternate
/// between them about as often as the modules do there. That is cheap to see, and few other squares have it.
fn fits(bitmap: &Bitmap, [middle, one, other]: &[Corner; 3]) -> bool {
    [(one, other), (other, one)].into_iter().all(|(end, aside)| {
        let side = middle.distance(end);
        let is_straight = |from: &Corner, to: &Corner| {
            // Out of the heart, over the gap and over the ring: three and a half modules, and half as many more across a diagonal.
            let modules = changes(bitmap, (from.x, from.y), (to.x, to.y)).nth(2).map(|px| px as f64 / from.module_px);
            modules.is_some_and(|modules| (2.6..4.4).contains(&modules))
        };
        // From the middles to the lines of the rings that face the inside of the code, three modules away.
        let depth = 3.0 / middle.distance(aside);
        let shift = |from: &Corner| {
            let px = depth * from.module_px;
            (from.x + px * (aside.x - middle.x), from.y + px * (aside.y - middle.y))
        };
        let modules = side / middle.module_px.midpoint(end.module_px);
        let alternates = || changes(bitmap, shift(middle), shift(end)).count() as f64 > 0.5 * (modules - 6.0);
        is_straight(middle, end) && is_straight(end, middle) && alternates()
    })
}

/// After how many pixels dark and light change on the way from one point to another.
fn changes(bitmap: &Bitmap, from: (f64, f64), to: (f64, f64)) -> impl Iterator<Item = usize> {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let is_dark = move |px: usize| {
        let at = |from: f64, to: f64| (from + px as f64 / length * (to - from)).max(0.0) as usize;
        bitmap.is_dark(at(from.0, to.0), at(from.1, to.1))
    };
    (1..length as usize).filter(move |px| is_dark(*px) != is_dark(px - 1))
}

/// A picture while it is searched.
struct Work<'a> {
    luma: &'a [u8],
    bitmap: Bitmap,
    corners: Vec<Corner>,
    is_read: Vec<bool>,
    /// What may still be spent.
    left: u64,
}

impl Work<'_> {
    fn three(&self, three: &Three) -> Option<[Corner; 3]> {
        let corner = |at: usize| self.corners.get(at).copied();
        let [one, other] = three.others;
        Some([corner(three.middle)?, corner(one)?, corner(other)?])
    }

    fn is_any_read(&self, three: &Three) -> bool {
        let [one, other] = three.others;
        [three.middle, one, other].into_iter().any(|at| self.is_read.get(at).copied().unwrap_or_default())
    }

    /// Whether this part may still be walked over.
    fn may_spend(&mut self, crop: Crop) -> bool {
        let shrunk = (crop.width / crop.shrink * (crop.height / crop.shrink)) as u64;
        let cost = (crop.width * crop.height) as u64 + WALKS * shrunk + FITTING;
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Gives the surroundings of three corners to one reader.
    fn try_first(&mut self, three: &Three, found: &mut Found) {
        let Some(corners) = self.three(three).filter(|_| !self.is_any_read(three)) else { return };
        let crop = surroundings(&corners, self.bitmap.width(), self.luma.len() / self.bitmap.width().max(1));
        if !self.may_spend(crop) {
            found.is_unfinished = true;
            return;
        }
        let place = place(&corners);
        match alone(self.bitmap.part(crop), &corners, crop).and_then(|part| first_reader(&part)) {
            Some(Ok(code)) => self.keep(three, code, place, found),
            Some(Err(_)) => found.unread.push(place),
            None => {}
        }
    }

    /// Gives them to the other reader, which looks at the grey picture with a threshold of its own.
    fn try_second(&mut self, three: &Three, found: &mut Found) {
        let Some(corners) = self.three(three).filter(|_| !self.is_any_read(three)) else { return };
        let width = self.bitmap.width();
        let crop = surroundings(&corners, width, self.luma.len() / width.max(1));
        if !self.may_spend(crop) {
            found.is_unfinished = true;
            return;
        }
        let (width, luma) = crop.pixels(|x, y| {
            let lines = (y..y + crop.shrink).filter_map(|y| self.luma.get(y * width + x..y * width + x + crop.shrink));
            let sum: usize = lines.flatten().map(|luma| usize::from(*luma)).sum();
            (sum / (crop.shrink * crop.shrink)) as u8
        });
        if let Some(code) = second_reader(&luma, width) {
            self.keep(three, code, place(&corners), found);
        }
    }

    fn keep(&mut self, three: &Three, code: Code, place: Place, found: &mut Found) {
        let [one, other] = three.others;
        for at in [three.middle, one, other] {
            if let Some(is_read) = self.is_read.get_mut(at) {
                *is_read = true;
            }
        }
        found.codes.push((code, place));
    }
}

fn place([_, one, other]: &[Corner; 3]) -> Place {
    Place { x: one.x.midpoint(other.x), y: one.y.midpoint(other.y), reach: one.distance(other) / 2.0 }
}

/// The part of the picture that a code with these corners fills, some modules around it, and more for one that is seen from aside.
fn surroundings(corners: &[Corner; 3], width: usize, height: usize) -> Crop {
    let [middle, one, other] = corners;
    let fourth = (one.x + other.x - middle.x, one.y + other.y - middle.y);
    let module_px = corners.iter().map(|corner| corner.module_px).fold(0.0, f64::max);
    let around = 6.0 * module_px + 0.12 * middle.distance(one).max(middle.distance(other));
    let range = |of: fn(&Corner) -> f64, fourth: f64, edge: usize| {
        let values = || corners.iter().map(of).chain([fourth]);
        let first = (values().fold(f64::INFINITY, f64::min) - around).max(0.0) as usize;
        let end = (values().fold(0.0, f64::max) + around).ceil() as usize;
        (first, end.min(edge).saturating_sub(first))
    };
    let (left, width) = range(|corner| corner.x, fourth.0, width);
    let (top, height) = range(|corner| corner.y, fourth.1, height);
    Crop { left, top, width, height, shrink: ((module_px / ENOUGH_PX) as usize).max(1) }
}

/// The part without any other corner than the three that stand nearest to these.
fn alone(mut part: Bitmap, wanted: &[Corner; 3], crop: Crop) -> Option<Bitmap> {
    let mut runs = Runs::of(&part, MOST_RUNS)?;
    let mut others = runs.corners();
    for corner in wanted {
        let (x, y) = (corner.x - crop.left as f64, corner.y - crop.top as f64);
        let off = |other: &Corner| (other.x * crop.shrink as f64 - x).hypot(other.y * crop.shrink as f64 - y);
        let nearest = (0..others.len()).min_by(|one, other| {
            let off = |at: &usize| others.get(*at).map_or(f64::INFINITY, off);
            off(one).total_cmp(&off(other))
        })?;
        others.swap_remove(nearest);
    }
    if others.is_empty() {
        return Some(part);
    }
    runs.whiten(&others, &mut part);
    let left = Runs::of(&part, MOST_RUNS)?.corners().len();
    (left <= MOST_IN_A_PART).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::Symbol;

    /// A white page on which dark things are drawn.
    struct Page {
        width: usize,
        luma: Vec<u8>,
    }

    impl Page {
        fn new(width: usize, height: usize) -> Self {
            Self { width, luma: vec![255; width * height] }
        }

        fn fill(&mut self, left: usize, top: usize, edge: usize, brightness: u8) {
            for line in self.luma.chunks_exact_mut(self.width).skip(top).take(edge) {
                line[left..left + edge].fill(brightness);
            }
        }

        fn corner(&mut self, left: usize, top: usize, module: usize) {
            for (ring, brightness) in [(0, 0), (1, 255), (2, 0)] {
                self.fill(left + ring * module, top + ring * module, (7 - 2 * ring) * module, brightness);
            }
        }

        fn code(&mut self, left: usize, top: usize, module: usize, text: &str) {
            let symbol = Symbol::encode(text).unwrap();
            for y in 0..symbol.side_modules() {
                for x in (0..symbol.side_modules()).filter(|x| symbol.is_dark(*x, y)) {
                    self.fill(left + x * module, top + y * module, module, 0);
                }
            }
        }

        fn texts(&self) -> Vec<String> {
            let codes = search(&self.luma, self.width).codes;
            let mut texts: Vec<String> = codes.iter().filter_map(|(code, _)| code.text().map(str::to_owned)).collect();
            texts.sort();
            texts
        }
    }

    #[test]
    fn a_sheet_of_codes_side_by_side_is_read_entirely() {
        // Quiet zones of four modules between them, as a screenshot of a page of labels has: corners of neighbours stand nearer than
        // those of one code.
        let mut page = Page::new(5 * 37 * 4 + 16, 3 * 37 * 4 + 16);
        let mut expected = Vec::new();
        for at in 0..15 {
            let text = format!("https://pay.example/s/{at:02}");
            page.code(16 + at % 5 * 33 * 4, 16 + at / 5 * 33 * 4, 4, &text);
            expected.push(text);
        }
        assert_eq!(page.texts(), expected);
    }

    #[test]
    fn squares_by_the_thousand_cost_no_more_than_the_budget() {
        for (edge, module, squares) in [(1296, 3, 48), (1296, 1, 162), (2100, 8, 30)] {
            let mut page = Page::new(edge, edge);
            for at in 0..squares * squares {
                let step = edge / squares;
                page.corner(at % squares * step, at / squares * step, module);
            }
            let found = search(&page.luma, edge);
            assert!(found.codes.is_empty() && found.is_unfinished, "{squares} squares on a line");
        }
    }

    #[test]
    fn a_code_among_hundreds_of_squares_is_read() {
        let mut page = Page::new(900, 900);
        for at in 0..25 * 25 {
            let (x, y) = (at % 25 * 36, at / 25 * 36);
            if x < 400 || y < 400 {
                page.corner(x, y, 4);
            }
        }
        page.code(500, 500, 5, "here");
        assert_eq!(page.texts(), ["here"]);
    }
}
