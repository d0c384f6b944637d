//! Grey picture → black and white: dark is what is darker than its surroundings.

/// A picture in black and white, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    dark: Vec<bool>,
}

/// A part of a picture, and how many of its pixels become one in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The first column.
    pub left: usize,
    /// The first line.
    pub top: usize,
    /// How many columns; 0 where the rest is narrower than one shrunk pixel.
    pub width: usize,
    /// How many lines.
    pub height: usize,
    /// At least 1; a rest that does not fill a shrunk pixel is left away.
    pub shrink: usize,
}

/// A window reaches so far to each side: an eighth of the longer edge, more than the heart of a code's corner, and a few pixels at least.
const REACH_SHARE: usize = 8;
/// The shortest reach in pixels.
const SHORTEST_REACH_PX: usize = 4;
/// A pixel is dark below this share of the mean around it: a flat ground stays white whatever its brightness.
const DARK_BELOW_PER_CENT: u64 = 94;

impl Bitmap {
    /// From lines of brightness (0 black, 255 white) of this width.
    #[must_use]
    pub fn of(luma: &[u8], width: usize) -> Self {
        let width = width.max(1);
        let height = luma.len() / width;
        let reach = (width.max(height) / REACH_SHARE).max(SHORTEST_REACH_PX);
        let line = |y: usize| luma.get(y * width..(y + 1) * width).unwrap_or_default();
        // The sum of each column over the lines within reach.
        let mut columns = vec![0_u32; width];
        for y in 0..reach.min(height) {
            add(&mut columns, line(y));
        }
        let mut dark = Vec::with_capacity(luma.len());
        for y in 0..height {
            if y + reach < height {
                add(&mut columns, line(y + reach));
            }
            if y > reach {
                subtract(&mut columns, line(y - reach - 1));
            }
            let lines = (y + reach).min(height - 1) + 1 - y.saturating_sub(reach);
            push_line(&mut dark, line(y), &columns, lines, reach);
        }
        Self { width, dark }
    }

    /// Its width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Its lines, dark pixels true.
    pub fn lines(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks_exact(self.width.max(1))
    }

    /// One of its pixels; what lies outside is white.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// A part of it, where a pixel becomes dark when more than half of those that it stands for are.
    #[must_use]
    pub fn part(&self, crop: Crop) -> Self {
        let pixel = |x: usize, y: usize| {
            if crop.shrink == 1 {
                return self.is_dark(x, y);
            }
            let dark: usize =
                (y..y + crop.shrink).map(|y| (x..x + crop.shrink).filter(|x| self.is_dark(*x, y)).count()).sum();
            2 * dark > crop.shrink * crop.shrink
        };
        let (width, dark) = crop.pixels(pixel);
        Self { width, dark }
    }

    /// Makes these columns of a line white.
    pub fn whiten(&mut self, y: usize, columns: std::ops::Range<usize>) {
        let first = y * self.width;
        if let Some(pixels) = self.dark.get_mut(first + columns.start..first + columns.end) {
            pixels.fill(false);
        }
    }
}

impl Crop {
    /// The width and what is in the part, line by line; `pixel` makes one from the place of its first column and line.
    pub fn pixels<T>(&self, pixel: impl Fn(usize, usize) -> T) -> (usize, Vec<T>) {
        let (width, height) = (self.width / self.shrink, self.height / self.shrink);
        let place = |at: usize| (self.left + at % width * self.shrink, self.top + at / width * self.shrink);
        let pixels = (0..width * height).map(place).map(|(x, y)| pixel(x, y)).collect();
        (width, pixels)
    }
}

fn add(columns: &mut [u32], line: &[u8]) {
    columns.iter_mut().zip(line).for_each(|(sum, luma)| *sum += u32::from(*luma));
}

fn subtract(columns: &mut [u32], line: &[u8]) {
    columns.iter_mut().zip(line).for_each(|(sum, luma)| *sum -= u32::from(*luma));
}

/// Adds a line that is compared with the mean of the columns within reach, each the sum of so many lines.
fn push_line(dark: &mut Vec<bool>, line: &[u8], columns: &[u32], lines: usize, reach: usize) {
    let width = columns.len();
    let mut sum: u64 = columns.iter().take(reach).map(|column| u64::from(*column)).sum();
    for (x, luma) in line.iter().enumerate() {
        if let Some(entering) = columns.get(x + reach) {
            sum += u64::from(*entering);
        }
        if let Some(leaving) = x.checked_sub(reach + 1).and_then(|at| columns.get(at)) {
            sum -= u64::from(*leaving);
        }
        let across = (x + reach).min(width - 1) + 1 - x.saturating_sub(reach);
        dark.push(u64::from(*luma) * (lines * across) as u64 * 100 < sum * DARK_BELOW_PER_CENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_is_what_is_darker_than_the_mean_within_reach() {
        let (width, height) = (37, 29);
        let luma: Vec<u8> = (0..width * height).map(|at: usize| (at * at % 251) as u8).collect();
        let bitmap = Bitmap::of(&luma, width);
        for y in 0..height {
            for x in 0..width {
                let within = |at: usize, edge: usize| at.saturating_sub(4)..(at + 5).min(edge);
                let window: Vec<u64> = within(y, height)
                    .flat_map(|y| within(x, width).map(move |x| (x, y)))
                    .map(|(x, y)| luma[y * width + x].into())
                    .collect();
                let sum: u64 = window.iter().sum();
                let expected = u64::from(luma[y * width + x]) * 100 * (window.len() as u64) < sum * 94;
                assert_eq!(bitmap.is_dark(x, y), expected, "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_flat_picture_of_any_brightness_is_white() {
        for luma in [0, 1, 18, 255] {
            assert!(Bitmap::of(&[luma; 600], 30).lines().flatten().all(|dark| !dark));
        }
    }

    #[test]
    fn a_shrunk_pixel_is_dark_when_most_of_its_pixels_are() {
        let dark = [1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1].map(|dark| dark == 1);
        let bitmap = Bitmap { width: 5, dark: dark.to_vec() };
        let part = bitmap.part(Crop { left: 0, top: 0, width: 5, height: 3, shrink: 2 });
        assert_eq!((part.width, part.dark), (2, vec![true, false]));
        let part = bitmap.part(Crop { left: 3, top: 1, width: 2, height: 2, shrink: 1 });
        assert_eq!((part.width, part.dark), (2, vec![false, true, true, true]));
    }
}
