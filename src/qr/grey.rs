//! Symbol → a grey picture in memory, and what happens to pictures on their way: what decoders are tried on.

use super::Symbol;

/// A square picture: 0 black, 255 white, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    edge_px: usize,
    luma: Vec<u8>,
}

impl Grey {
    /// The symbol in whole pixels: `module_px` (at least 1) a module, `margin` white modules on each side.
    #[must_use]
    pub fn of(symbol: &Symbol, module_px: usize, margin: usize) -> Self {
        let edge_px = (symbol.side_modules() + 2 * margin) * module_px;
        let mut luma = Vec::with_capacity(edge_px * edge_px);
        luma.resize(margin * module_px * edge_px, 255);
        for y in 0..symbol.side_modules() {
            let first = luma.len();
            luma.resize(first + edge_px, 255);
            for (x, length) in symbol.dark_runs(y) {
                let left = first + (margin + x) * module_px;
                luma[left..left + length * module_px].fill(0);
            }
            for _ in 1..module_px {
                luma.extend_from_within(first..first + edge_px);
            }
        }
        luma.resize(edge_px * edge_px, 255);
        Self { edge_px, luma }
    }

    /// Its edge in pixels.
    #[must_use]
    pub const fn edge_px(&self) -> usize {
        self.edge_px
    }

    /// Its brightness, line by line.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// The same with this square of `edge_px` lines in its middle.
    #[must_use]
    pub fn with_middle(mut self, square: &[u8], edge_px: usize) -> Self {
        let before = self.edge_px.saturating_sub(edge_px) / 2;
        let lines = self.luma.chunks_exact_mut(self.edge_px.max(1)).skip(before);
        for (line, middle) in lines.zip(square.chunks_exact(edge_px.max(1))) {
            if let Some(covered) = line.get_mut(before..before + edge_px) {
                covered.copy_from_slice(middle);
            }
        }
        self
    }

    /// Half as wide and high: each pixel the mean of four. An odd last line is cut.
    #[must_use]
    pub fn halved(&self) -> Self {
        let edge_px = self.edge_px / 2;
        let lines = self.luma.chunks_exact(self.edge_px);
        let above = lines.clone().step_by(2);
        let below = lines.skip(1).step_by(2);
        let pair = |line: &[u8], at: usize| u16::from(line[2 * at]) + u16::from(line[2 * at + 1]);
        let luma = above
            .zip(below)
            .flat_map(|(above, below)| (0..edge_px).map(move |at| ((pair(above, at) + pair(below, at)) / 4) as u8))
            .collect();
        Self { edge_px, luma }
    }

    /// Each pixel the mean of the nine around it; the outermost line stays.
    #[must_use]
    pub fn blurred(&self) -> Self {
        let edge = self.edge_px;
        let mut blurred = self.clone();
        let mut lines = blurred.luma.chunks_exact_mut(edge.max(1));
        lines.next();
        for (line, three) in lines.zip(self.luma.windows(3 * edge).step_by(edge.max(1))) {
            let columns: Vec<u16> =
                (0..edge).map(|at| [at, edge + at, 2 * edge + at].map(|at| three[at].into()).iter().sum()).collect();
            for (pixel, nine) in line.iter_mut().skip(1).zip(columns.windows(3)) {
                *pixel = (nine.iter().sum::<u16>() / 9) as u8;
            }
        }
        blurred
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Grey {
        Grey { edge_px: 3, luma: vec![0, 90, 180, 9, 18, 27, 255, 255, 255] }
    }

    #[test]
    fn the_drawing_has_every_module_in_its_place() {
        let symbol = Symbol::encode("drawn").unwrap();
        let drawn = Grey::of(&symbol, 3, 2);
        assert_eq!(drawn.edge_px(), (21 + 4) * 3);
        for (place, luma) in drawn.luma().iter().enumerate() {
            let module = |px: usize| (px / 3).wrapping_sub(2);
            let dark = symbol.is_dark(module(place % drawn.edge_px()), module(place / drawn.edge_px()));
            assert_eq!(*luma, if dark { 0 } else { 255 }, "pixel {place}");
        }
        assert_eq!(drawn.luma().len(), drawn.edge_px() * drawn.edge_px());
    }

    #[test]
    fn a_square_covers_the_middle_and_nothing_else() {
        assert_eq!(three().with_middle(&[7], 1).luma, [0, 90, 180, 9, 7, 27, 255, 255, 255]);
        assert_eq!(three().with_middle(&[1; 9], 3).luma, [1; 9]);
    }

    #[test]
    fn half_the_size_is_the_mean_of_four_pixels_each() {
        assert_eq!(three().halved(), Grey { edge_px: 1, luma: vec![(90 + 9 + 18) / 4] });
    }

    #[test]
    fn a_blurred_pixel_is_the_mean_of_nine() {
        let mean = (90 + 180 + 9 + 18 + 27 + 3 * 255) / 9;
        assert_eq!(three().blurred().luma, [0, 90, 180, 9, mean as u8, 27, 255, 255, 255]);
    }
}
