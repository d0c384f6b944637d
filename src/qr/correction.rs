//! Error correction by Reed and Solomon: how the codewords of a symbol are parted into blocks, what is added to each, and the order
//! in which blocks are interleaved.

use std::ops::Range;
use std::sync::OnceLock;

use super::symbol::Level;

/// How the codewords of a version and level are parted.
#[derive(Clone, Copy)]
pub struct Blocks {
    count: usize,
    /// Data codewords of all blocks.
    data: usize,
    /// Codewords that correct each block.
    degree: usize,
}

impl Blocks {
    /// Those of this version (1 to 40) and level.
    pub const fn of(version: usize, level: Level) -> Self {
        let count = COUNTS[level as usize][version - 1] as usize;
        let degree = DEGREES[level as usize][version - 1] as usize;
        Self { count, data: modules(version) / 8 - count * degree, degree }
    }

    /// Data codewords of all blocks.
    pub const fn data(self) -> usize {
        self.data
    }

    /// All codewords.
    pub const fn all(self) -> usize {
        self.data + self.count * self.degree
    }

    /// The data codewords of a block. The first blocks have one less than the last, where they differ.
    fn data_of(self, block: usize) -> Range<usize> {
        let short = self.data / self.count;
        let late = |block: usize| (block + self.data % self.count).saturating_sub(self.count);
        block * short + late(block)..(block + 1) * short + late(block + 1)
    }

    /// Adds to data codewords, which must be all, what corrects each block, block by block.
    pub fn correct(self, codewords: &mut Vec<u8>) {
        let remainders = remainders(self.degree);
        for block in 0..self.count {
            let rest = remainder(&codewords[self.data_of(block)], remainders);
            codewords.extend_from_slice(&rest[..self.degree]);
        }
    }

    /// Which of the corrected codewords are laid first, second and so on: the first of each block, the second of each, until the data
    /// ends, and then the same with what corrects it.
    pub fn interleaved(self) -> impl Iterator<Item = usize> {
        let blocks = move |at: usize| (0..self.count).map(move |block| (block, at));
        let data =
            (0..=self.data / self.count).flat_map(blocks).filter_map(move |(block, at)| self.data_of(block).nth(at));
        let correction = (0..self.degree).flat_map(blocks).map(move |(block, at)| self.data + block * self.degree + at);
        data.chain(correction)
    }
}

/// The modules of a version that are no pattern and state neither version nor format (ISO/IEC 18004, table 1).
const fn modules(version: usize) -> usize {
    let side = 17 + 4 * version;
    let lines = if version < 2 { 0 } else { version / 7 + 2 };
    // Alignment patterns stand on all crossings but three; those between two finder patterns share five modules with the timing.
    let alignments = if lines == 0 { 0 } else { 25 * (lines * lines - 3) - 10 * (lines - 2) };
    let information = if version < 7 { 31 } else { 67 };
    side * side - 3 * 64 - 2 * (side - 16) - alignments - information
}

/// How many blocks a symbol of each version has, at level L, M, Q and H (ISO/IEC 18004, table 9).
const COUNTS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How many codewords correct each of them.
const DEGREES: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// The most error correction codewords of a block.
const HIGHEST_DEGREE: usize = 30;

/// A remainder by the generator polynomial: the highest coefficient first, those below the degree 0.
type Remainder = [u8; 32];

/// What each codeword leaves behind when it is divided off, as four words that are shifted and added at once.
type Remainders = [[u64; 4]; 256];

/// The remainders of each degree, made when they are first needed.
fn remainders(degree: usize) -> &'static Remainders {
    static KEPT: [OnceLock<Box<Remainders>>; HIGHEST_DEGREE + 1] = [const { OnceLock::new() }; HIGHEST_DEGREE + 1];
    KEPT[degree].get_or_init(|| Box::new(remainders_of(degree)))
}

fn remainders_of(degree: usize) -> Remainders {
    // The product of (x - 2^i) for i below the degree, without its leading 1, the highest coefficient first.
    let mut generator = [0; 32];
    let mut root = 1;
    for made in 0..degree {
        // (x^made + g)(x + root): each coefficient moves up by one place, and is added to times the root.
        let mut lead = 1;
        for coefficient in generator.iter_mut().take(made + 1) {
            let next = *coefficient;
            *coefficient = next ^ product(lead, root);
            lead = next;
        }
        root = product(root, 2);
    }
    std::array::from_fn(|codeword| {
        let bytes: Remainder = generator.map(|coefficient| product(coefficient, codeword as u8));
        let (words, _) = bytes.as_chunks::<8>();
        std::array::from_fn(|word| u64::from_be_bytes(words[word]))
    })
}

/// The product in the field of 256 elements that the standard uses.
const fn product(one: u8, other: u8) -> u8 {
    let mut product = 0;
    let mut bit = 8;
    while bit > 0 {
        bit -= 1;
        product = (product << 1) ^ ((product >> 7) * 0x1D) ^ ((other >> bit & 1) * one);
    }
    product
}

fn remainder(data: &[u8], remainders: &Remainders) -> Remainder {
    let mut rest = [0_u64; 4];
    for codeword in data {
        let divided = &remainders[usize::from(codeword ^ (rest[0] >> 56) as u8)];
        for word in 0..4 {
            let carried = if word < 3 { rest[word + 1] >> 56 } else { 0 };
            rest[word] = (rest[word] << 8 | carried) ^ divided[word];
        }
    }
    let mut bytes = [0; 32];
    for (eight, word) in bytes.chunks_exact_mut(8).zip(rest) {
        eight.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use qrcode::bits::Bits;
    use qrcode::ec::construct_codewords;
    use qrcode::{EcLevel, Version};

    use super::*;

    #[test]
    fn every_version_and_level_is_corrected_and_interleaved_as_another_crate_does() {
        let levels = [(Level::L, EcLevel::L), (Level::M, EcLevel::M), (Level::Q, EcLevel::Q), (Level::H, EcLevel::H)];
        for (number, (level, theirs)) in (1..=40_i16).flat_map(|number| levels.map(|level| (number, level))) {
            let (blocks, version) = (Blocks::of(number as usize, level), Version::Normal(number));
            assert_eq!(blocks.data() * 8, Bits::new(version).max_len(theirs).unwrap(), "version {number}, {level:?}");
            let mut codewords: Vec<u8> =
                (0..blocks.data()).map(|at| (at * at + 31 * at + usize::from(number as u8)) as u8).collect();
            let (expected, correction) = construct_codewords(&codewords, version, theirs).unwrap();
            blocks.correct(&mut codewords);
            assert_eq!(codewords.len(), blocks.all());
            let laid: Vec<u8> = blocks.interleaved().map(|at| codewords[at]).collect();
            assert_eq!(laid, [expected, correction].concat(), "version {number}, {level:?}");
        }
    }
}
