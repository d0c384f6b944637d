//! Black and white → the nested squares that look like the corner of a code, in one walk over the runs of dark pixels.

use std::collections::HashMap;

use super::bitmap::Bitmap;

/// A ring of dark pixels around a dark square of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corner {
    /// The middle, in pixels from the left.
    pub x: f64,
    /// The middle, in pixels from the top.
    pub y: f64,
    /// A seventh of its edge: the ring has the surface of 24 modules.
    pub module_px: f64,
    /// Which of the connected parts the ring is.
    ring: u32,
}

impl Corner {
    /// How far its middle is from another's, in pixels.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// Dark pixels side by side in a line.
struct Run {
    start: u32,
    end: u32,
    /// A run of the same connected part that lies before it, or itself.
    parent: u32,
}

/// The runs of a picture, joined to connected parts. Pixels that touch only with their edges belong together.
pub struct Runs {
    all: Vec<Run>,
    /// Where the runs of each line begin, and where the last end.
    lines: Vec<usize>,
}

impl Runs {
    /// `None` when there are more than `most`.
    #[must_use]
    pub fn of(bitmap: &Bitmap, most: usize) -> Option<Self> {
        let mut runs = Self { all: Vec::new(), lines: vec![0] };
        for line in bitmap.lines() {
            let above = runs.lines.iter().rev().nth(1).copied().unwrap_or(0)..runs.all.len();
            let mut x = 0;
            for equal in line.chunk_by(|one, next| one == next) {
                let (start, end) = (x as u32, (x + equal.len()) as u32);
                if equal.first() == Some(&true) {
                    let parent = runs.all.len() as u32;
                    runs.all.push(Run { start, end, parent });
                }
                x += equal.len();
            }
            if runs.all.len() > most {
                return None;
            }
            runs.join(above);
            runs.lines.push(runs.all.len());
        }
        Some(runs)
    }

    /// Joins the newest line, which begins where `above` ends, with the line above.
    fn join(&mut self, above: std::ops::Range<usize>) {
        let (mut upper, mut lower) = (above.start, above.end);
        while let (Some(one), Some(other)) = (self.all.get(upper).filter(|_| upper < above.end), self.all.get(lower)) {
            let (upper_end, lower_end) = (one.end, other.end);
            if one.start < other.end && other.start < one.end {
                let (a, b) = (self.root(upper as u32), self.root(lower as u32));
                let (first, second) = (a.min(b), a.max(b));
                if let Some(run) = self.all.get_mut(second as usize) {
                    run.parent = first;
                }
            }
            if upper_end <= lower_end {
                upper += 1;
            } else {
                lower += 1;
            }
        }
    }

    fn parent(&self, run: u32) -> u32 {
        self.all.get(run as usize).map_or(run, |found| found.parent)
    }

    /// The first run of the part that this one belongs to; the way there is halved for the next who asks.
    fn root(&mut self, mut run: u32) -> u32 {
        loop {
            let parent = self.parent(run);
            if parent == run {
                return run;
            }
            let grandparent = self.parent(parent);
            if let Some(found) = self.all.get_mut(run as usize) {
                found.parent = grandparent;
            }
            run = grandparent;
        }
    }

    /// The corners, in the order of their first lines. Found is whatever a line crosses in the proportions 1 : 1 : 3 : 1 : 1, where
    /// the outer two belong together, the middle one does not, and their surfaces are roughly 24 and 9 modules. That is what the
    /// reader of codes takes for a corner too, so that it never finds more.
    pub fn corners(&mut self) -> Vec<Corner> {
        let roots: Vec<u32> = (0..self.all.len() as u32).map(|run| self.root(run)).collect();
        let root = |at: usize| roots.get(at).copied().unwrap_or(u32::MAX);
        let mut surfaces = vec![0_u64; self.all.len()];
        for (run, root) in self.all.iter().zip(&roots) {
            if let Some(surface) = surfaces.get_mut(*root as usize) {
                *surface += u64::from(run.end - run.start);
            }
        }
        let surface = |root: u32| surfaces.get(root as usize).copied().unwrap_or(0);
        let mut rings: HashMap<u32, Extent> = HashMap::new();
        for line in self.lines.windows(2) {
            let &[first, end] = line else { continue };
            for at in first..end.saturating_sub(2) {
                let (ring, heart) = (root(at), root(at + 1));
                let share = surface(heart) * 100 / surface(ring).max(1);
                let is_corner = ring == root(at + 2) && ring != heart && share > 10 && share < 70;
                if is_corner && self.all.get(at..at + 3).is_some_and(crosses_a_corner) {
                    rings.entry(ring).or_default();
                }
            }
        }
        if rings.is_empty() {
            return Vec::new();
        }
        for (y, line) in self.lines.windows(2).enumerate() {
            let &[first, end] = line else { continue };
            for (run, root) in self.all.iter().zip(&roots).take(end).skip(first) {
                if let Some(extent) = rings.get_mut(root) {
                    extent.add(run, y);
                }
            }
        }
        let corner = |(ring, extent): (u32, Extent)| extent.corner(ring, surface(ring));
        let mut corners: Vec<Corner> = rings.into_iter().map(corner).collect();
        corners.sort_unstable_by_key(|corner| corner.ring);
        corners
    }

    /// Makes the rings of these corners white in the picture that the runs are of.
    pub fn whiten(&mut self, corners: &[Corner], bitmap: &mut Bitmap) {
        for y in 0..self.lines.len().saturating_sub(1) {
            let &[first, end] = self.lines.get(y..y + 2).unwrap_or_default() else { continue };
            for at in first..end {
                let root = self.root(at as u32);
                if corners.iter().any(|corner| corner.ring == root)
                    && let Some(run) = self.all.get(at)
                {
                    bitmap.whiten(y, run.start as usize..run.end as usize);
                }
            }
        }
    }
}

/// From where to where a ring reaches.
#[derive(Default)]
struct Extent(Option<[usize; 4]>);

impl Extent {
    fn add(&mut self, run: &Run, y: usize) {
        let (start, end) = (run.start as usize, run.end as usize);
        let [left, right, top, _] = self.0.unwrap_or([start, end, y, y]);
        self.0 = Some([left.min(start), right.max(end), top, y + 1]);
    }

    fn corner(&self, ring: u32, surface: u64) -> Corner {
        let [left, right, top, bottom] = self.0.unwrap_or_default().map(|at| at as f64);
        Corner { x: (left + right) / 2.0, y: (top + bottom) / 2.0, module_px: (surface as f64 / 24.0).sqrt(), ring }
    }
}

/// Whether three runs of one line have the proportions of a corner, with the gaps between them.
fn crosses_a_corner(runs: &[Run]) -> bool {
    let [left, heart, right] = runs else { return false };
    let [outer_left, outer_right] = [left, right].map(|run| run.end - run.start);
    let (gap_left, gap_right) = (heart.start - left.end, right.start - heart.end);
    let module = (outer_left + gap_left + gap_right + outer_right) / 4;
    let slack = module * 3 / 4;
    let is_one = |length: u32| (module - slack..=module + slack).contains(&length);
    let heart_is_three = (3 * module - slack..=3 * module + slack).contains(&(heart.end - heart.start));
    heart_is_three && [outer_left, gap_left, gap_right, outer_right].into_iter().all(is_one)
}
