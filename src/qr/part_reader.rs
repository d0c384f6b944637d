//! A part of a picture with the three corners of a code → what it holds, by two readers of which each finds what the other misses.

use rqrr::{BitGrid, DeQRError, Grid, PreparedImage, SimpleGrid};
use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::detector::{FindFinderPatterns, GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer, Luma8Source};

use super::bitmap::Bitmap;
use super::read::Code;
use super::search::MOST_IN_A_PART;
use super::symbol::Level;

/// What rqrr reads in a part; none when it does not even find a grid.
pub(super) fn first_reader(part: &Bitmap) -> Option<Result<Code, DeQRError>> {
    let (width, height) = (part.width(), part.lines().count());
    let mut prepared = PreparedImage::prepare_from_bitmap(width, height, |x, y| part.is_dark(x, y));
    let mut read: Vec<_> = prepared.detect_grids().iter().map(decode).collect();
    let first = read.iter().position(Result::is_ok).unwrap_or_default();
    (first < read.len()).then(|| read.swap_remove(first))
}

/// What rxing finds in a part, if it has no more corners than it should. The modules that it samples are decoded as all are.
pub(super) fn second_reader(luma: &[u8], width: usize) -> Option<Code> {
    let height = luma.len() / width.max(1);
    let source = Luma8Source::new_with_slice(luma, width as u32, height as u32).ok()?;
    let binarizer = HybridBinarizer::new(source);
    let matrix = binarizer.get_black_matrix().ok()?;
    let mut corners = FindFinderPatterns(matrix, true, 0);
    if corners.len() > 2 * MOST_IN_A_PART {
        return None;
    }
    GenerateFinderPatternSets(&mut corners).iter().find_map(|three| {
        let sampled = SampleQR(matrix, three).ok()?;
        let bits = sampled.getBits();
        let grid = SimpleGrid::from_func(bits.width() as usize, |x, y| bits.get(x as u32, y as u32));
        decode(&Grid::new(grid)).ok()
    })
}

fn decode<G: BitGrid>(grid: &Grid<G>) -> Result<Code, DeQRError> {
    let mut bytes = Vec::new();
    let found = grid.decode_to(&mut bytes)?;
    // The two bits as they stand in the symbol, not in the order of strength.
    let level = match found.ecc_level {
        0 => Level::M,
        1 => Level::L,
        2 => Level::H,
        _ => Level::Q,
    };
    Ok(Code { bytes, version: found.version.0, level })
}
