//! Data codewords → all codewords of a symbol: error correction by Reed and Solomon, and the order in which blocks are interleaved.

use std::sync::OnceLock;

use super::symbol::Level;

/// The codewords of a symbol of this version (1 to 40) and level in the order in which they are laid, from its data codewords, which
/// fill it. `None` for a version that does not exist and for a level that is never drawn.
pub fn interleaved(data: &[u8], version: usize, level: Level) -> Option<Vec<u8>> {
    let count = usize::from(*blocks(level)?.get(version.checked_sub(1)?)?);
    let all = modules(version) / 8;
    let short = data.len() / count;
    let longer = data.len() % count;
    let degree = all.checked_sub(data.len())? / count;
    let remainders = remainders(degree)?;
    let mut codewords = vec![0; data.len() + degree * count];
    let mut begin = 0;
    for block in 0..count {
        let late = block >= count - longer;
        let own = data.get(begin..begin + short + usize::from(late))?;
        begin += own.len();
        for (at, codeword) in own.iter().enumerate() {
            // The last codewords of the longer blocks stand by themselves, behind those of all blocks.
            let place = if at < short { at * count + block } else { short * count + block - (count - longer) };
            codewords[place] = *codeword;
        }
        let correction = remainder(own, remainders);
        for (at, codeword) in correction.iter().take(degree).enumerate() {
            codewords[data.len() + at * count + block] = *codeword;
        }
    }
    Some(codewords)
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

/// How many blocks a symbol of each version has (ISO/IEC 18004, table 9).
const fn blocks(level: Level) -> Option<&'static [u8; 40]> {
    match level {
        Level::L => None,
        Level::M => Some(&[
            1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29,
            31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
        ]),
        Level::Q => Some(&[
            1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38,
            40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
        ]),
        Level::H => Some(&[
            1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45,
            48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
        ]),
    }
}

/// The most error correction codewords of a block.
const HIGHEST_DEGREE: usize = 30;

/// A remainder by the generator polynomial: the highest coefficient first, those below the degree 0.
type Remainder = [u8; 32];

/// What each codeword leaves behind when it is divided off, as four words that are shifted and added at once.
type Remainders = [[u64; 4]; 256];

/// The remainders of each degree, made when they are first needed.
fn remainders(degree: usize) -> Option<&'static Remainders> {
    static KEPT: [OnceLock<Box<Remainders>>; HIGHEST_DEGREE + 1] = [const { OnceLock::new() }; HIGHEST_DEGREE + 1];
    KEPT.get(degree).map(|kept| &**kept.get_or_init(|| Box::new(remainders_of(degree))))
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
        for number in 1..=40_i16 {
            for (level, theirs) in [(Level::M, EcLevel::M), (Level::Q, EcLevel::Q), (Level::H, EcLevel::H)] {
                let version = Version::Normal(number);
                let bytes = Bits::new(version).max_len(theirs).unwrap() / 8;
                let data: Vec<u8> =
                    (0..bytes).map(|at| (at * at + 31 * at + usize::from(number as u8)) as u8).collect();
                let (expected, correction) = construct_codewords(&data, version, theirs).unwrap();
                let expected = [expected, correction].concat();
                assert_eq!(interleaved(&data, number as usize, level), Some(expected), "version {number}, {level:?}");
            }
        }
    }

    #[test]
    fn what_is_never_drawn_has_no_codewords() {
        assert_eq!(interleaved(&[1], 0, Level::M), None);
        assert_eq!(interleaved(&[1], 41, Level::M), None);
        assert_eq!(interleaved(&[1; 19], 1, Level::L), None);
    }
}
