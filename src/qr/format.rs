//! The fifteen bits with which a symbol states its level and its mask, and where they stand.

use super::mask::Mask;
use super::symbol::Level;

/// The format information of a level and mask (ISO/IEC 18004, 7.9): five bits, a BCH code of ten, and a fixed pattern over all.
pub const fn information(level: Level, mask: Mask) -> u64 {
    let level = match level {
        Level::M => 0,
        Level::L => 1,
        Level::H => 2,
        Level::Q => 3,
    };
    let stated = level << 3 | mask.number() as u64;
    let mut remainder = stated;
    let mut bit = 0;
    while bit < 10 {
        remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537);
        bit += 1;
    }
    (stated << 10 | remainder) ^ 0x5412
}

/// Where each of the fifteen bits stands, the lowest first: how far down in column 8, and how far right in row 8.
pub fn places(side: usize) -> impl Iterator<Item = (usize, usize)> {
    let down = (0..6).chain([7, 8]).chain(side - 7..side);
    let across = (side - 8..side).rev().chain([7]).chain((0..6).rev());
    down.zip(across)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_table_comes_out() {
        // ISO/IEC 18004, table C.1, data bits 00000, 00101, 01010, 10111 and 11111.
        for (level, mask, bits) in [
            (Level::M, 0, 0x5412),
            (Level::M, 5, 0x40CE),
            (Level::L, 2, 0x7DAA),
            (Level::H, 7, 0x083B),
            (Level::Q, 7, 0x2BED),
        ] {
            assert_eq!(Mask::new(mask).map(|mask| information(level, mask)), Some(bits), "{level:?} {mask}");
        }
    }
}
