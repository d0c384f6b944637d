//! The sheet that a card is drawn on, and the way from it to a file.

use crate::qr::deflate::{Lines, zlib};
use crate::qr::png;

/// How dark something is: 0 white, 255 black.
pub type Ink = u8;

/// A sheet of white paper, one byte a pixel.
pub struct Canvas {
    width: usize,
    ink: Vec<Ink>,
}

impl Canvas {
    /// A white sheet; `width` is even.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, ink: vec![0; width * height] }
    }

    /// Covers this part (0 to 1) of a pixel; outside of the sheet nothing happens.
    #[inline]
    pub fn cover(&mut self, x: i32, y: i32, part: f32, ink: Ink) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width
            && let Some(pixel) = self.ink.get_mut(y * self.width + x)
        {
            let (before, after) = (f32::from(*pixel), f32::from(ink));
            *pixel = (before + (after - before) * part.clamp(0.0, 1.0)).round() as Ink;
        }
    }

    /// A rectangle in one tone; what lies outside of the sheet is cut.
    pub fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, ink: Ink) {
        let (from, to) = (left.min(self.width), (left + width).min(self.width));
        for line in self.ink.chunks_exact_mut(self.width).skip(top).take(height) {
            line[from..to].fill(ink);
        }
    }

    /// A disc with a smooth edge.
    pub fn disc(&mut self, centre_x: f32, centre_y: f32, radius: f32, ink: Ink) {
        let reach = radius.ceil() as i32 + 1;
        let (middle_x, middle_y) = (centre_x.floor() as i32, centre_y.floor() as i32);
        for y in middle_y - reach..=middle_y + reach {
            for x in middle_x - reach..=middle_x + reach {
                let away = (x as f32 + 0.5 - centre_x).hypot(y as f32 + 0.5 - centre_y);
                self.cover(x, y, radius + 0.5 - away, ink);
            }
        }
    }

    /// The brightness of every pixel in the same sixteen tones, line by line: 0 black, 255 white.
    pub fn into_luma(self) -> Vec<u8> {
        self.ink.into_iter().map(|ink| tone_of(ink) * 17).collect()
    }

    /// The sheet as a PNG with sixteen tones: twice the tones that eyes tell apart at the edge of a letter, in half the bytes.
    pub fn into_png(self) -> Vec<u8> {
        let height = self.ink.len() / self.width;
        let mut lines = Lines::new(1 + self.width / 2, height / 2);
        let mut above: &[Ink] = &[];
        for line in self.ink.chunks_exact(self.width) {
            if line == above {
                lines.repeat_last();
            } else {
                lines.push(&packed(line), 1);
            }
            above = line;
        }
        png::file(self.width, height, 4, &zlib(&lines))
    }
}

/// A line in sixteen tones, two pixels a byte, behind the byte that names no filter.
fn packed(line: &[Ink]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(1 + line.len() / 2);
    packed.push(0);
    packed.extend(line.chunks_exact(2).map(|pair| tone_of(pair[0]) << 4 | tone_of(pair[1])));
    packed
}

/// Sixteen tones, 15 for white.
const fn tone_of(ink: Ink) -> u8 {
    15 - ((ink as u16 * 15 + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(canvas: Canvas) -> Vec<u8> {
        image::load_from_memory(&canvas.into_png()).unwrap().into_luma8().into_raw()
    }

    #[test]
    fn the_file_shows_what_was_drawn() {
        let mut canvas = Canvas::new(4, 3);
        canvas.fill(1, 1, 9, 1, 255);
        canvas.cover(0, 2, 0.5, 255);
        canvas.cover(-1, 2, 1.0, 255);
        canvas.cover(4, 0, 1.0, 255);
        canvas.cover(0, 3, 1.0, 255);
        let half = 255 - 8 * 17;
        assert_eq!(pixels(canvas), [255, 255, 255, 255, 255, 0, 0, 0, half, 255, 255, 255]);
    }

    #[test]
    fn black_and_white_stay_black_and_white() {
        assert_eq!((tone_of(0), tone_of(255)), (15, 0));
        assert!((0..255).all(|ink| tone_of(ink) >= tone_of(ink + 1)));
    }

    #[test]
    fn a_disc_is_round_and_stays_on_the_sheet() {
        let mut canvas = Canvas::new(20, 20);
        canvas.disc(10.0, 10.0, 6.0, 255);
        canvas.disc(0.0, 0.0, 3.0, 255);
        let pixels = pixels(canvas);
        assert_eq!((pixels[10 * 20 + 10], pixels[10 * 20 + 5], pixels[10 * 20 + 2]), (0, 0, 255));
        assert_eq!((pixels[0], pixels[19]), (0, 255));
    }
}
