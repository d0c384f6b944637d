//! The cheapest way to cut a text into numeric, alphanumeric and byte segments: fewer bits, fewer modules, larger modules.
//!
//! Kanji segments are never used: the bytes of Chinese text in UTF-8 can look like Shift JIS, and decoders then show other characters.

use std::ops::Range;

/// How a segment stores its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Digits, three in ten bits.
    Numeric,
    /// Digits, upper-case letters and ` $%*+-./:`, two in eleven bits.
    Alphanumeric,
    /// Any UTF-8, eight bits a byte.
    Byte,
}

/// A part of the text in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// How it is stored.
    pub mode: Mode,
    /// The bytes of the text it covers; never empty, never cutting a character.
    pub bytes: Range<usize>,
}

/// Versions share the width of their length fields in three groups; a cut is optimal for one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionGroup {
    /// Versions 1 to 9.
    Small,
    /// Versions 10 to 26.
    Medium,
    /// Versions 27 to 40.
    Large,
}

impl VersionGroup {
    /// Every group, the smallest symbols first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The versions of the group.
    #[must_use]
    pub const fn versions(self) -> Range<i16> {
        match self {
            Self::Small => 1..10,
            Self::Medium => 10..27,
            Self::Large => 27..41,
        }
    }

    /// Bits of a segment before its data: the mode indicator and the length field.
    const fn header_bits(self, mode: Mode) -> usize {
        4 + match (mode, self) {
            (Mode::Numeric, Self::Small) => 10,
            (Mode::Numeric, Self::Medium) => 12,
            (Mode::Numeric, Self::Large) => 14,
            (Mode::Alphanumeric, Self::Small) => 9,
            (Mode::Alphanumeric, Self::Medium) => 11,
            (Mode::Alphanumeric, Self::Large) => 13,
            (Mode::Byte, Self::Small) => 8,
            (Mode::Byte, Self::Medium | Self::Large) => 16,
        }
    }
}

impl Mode {
    const ALL: [Self; 3] = [Self::Numeric, Self::Alphanumeric, Self::Byte];

    /// What one byte of the text costs in sixths of a bit, or `None` when this mode cannot store it.
    const fn sixths_per_byte(self, byte: u8) -> Option<usize> {
        match self {
            Self::Numeric if byte.is_ascii_digit() => Some(20),
            Self::Alphanumeric if is_alphanumeric(byte) => Some(33),
            Self::Byte => Some(48),
            Self::Numeric | Self::Alphanumeric => None,
        }
    }

    /// The bits that this many characters take, without the segment's header.
    const fn data_bits(self, characters: usize) -> usize {
        match self {
            Self::Numeric => (characters * 10).div_ceil(3),
            Self::Alphanumeric => (characters * 11).div_ceil(2),
            Self::Byte => characters * 8,
        }
    }
}

const fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.is_ascii_uppercase()
        || matches!(byte, b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':')
}

/// The cut of the text that takes the fewest bits in this group of versions, by dynamic programming over its bytes.
#[must_use]
pub fn cut(text: &[u8], group: VersionGroup) -> Vec<Segment> {
    // The cheapest way, in sixths of a bit, to have stored everything so far with the last byte in each mode …
    let mut costs = [0_usize; 3];
    // … and for each byte and mode: the mode of the byte before it on that way.
    let mut came_from: Vec<[usize; 3]> = Vec::with_capacity(text.len());
    for (position, &byte) in text.iter().enumerate() {
        let mut next = [IMPOSSIBLE; 3];
        let mut from = [0, 1, 2];
        for (to, mode) in Mode::ALL.into_iter().enumerate() {
            let Some(sixths) = mode.sixths_per_byte(byte) else { continue };
            for (before, cost) in costs.into_iter().enumerate() {
                let goes_on = before == to && position > 0;
                // A segment that ends is filled to a whole bit.
                let ready = if goes_on { cost } else { (cost.div_ceil(6) + group.header_bits(mode)) * 6 };
                if ready + sixths < next[to] {
                    next[to] = ready + sixths;
                    from[to] = before;
                }
            }
        }
        costs = next;
        came_from.push(from);
    }
    let last = (0..3).min_by_key(|&index| costs[index].div_ceil(6)).unwrap_or_default();
    segments_ending_in(last, &came_from)
}

/// Larger than any real cost, small enough to add to.
const IMPOSSIBLE: usize = usize::MAX / 16;

/// Walks the cheapest way back from the mode of the last byte and joins neighbours of one mode.
fn segments_ending_in(last: usize, came_from: &[[usize; 3]]) -> Vec<Segment> {
    let mut modes = vec![Mode::Byte; came_from.len()];
    let mut index = last;
    for (mode, from) in modes.iter_mut().zip(came_from).rev() {
        *mode = Mode::ALL[index];
        index = from[index];
    }
    let mut begin = 0;
    modes
        .chunk_by(|one, other| one == other)
        .map(|same| {
            let bytes = begin..begin + same.len();
            begin = bytes.end;
            Segment { mode: same[0], bytes }
        })
        .collect()
}

/// The bits of these segments in this group of versions, terminator and padding not counted.
#[must_use]
pub fn bits(segments: &[Segment], group: VersionGroup) -> usize {
    segments.iter().map(|segment| group.header_bits(segment.mode) + segment.mode.data_bits(segment.bytes.len())).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The fewest bits over every way to give each byte a mode: slow, simple, and written independently of `cut`.
    fn fewest_bits_by_trying_everything(text: &[u8], group: VersionGroup) -> usize {
        let ways = 3_usize.pow(text.len() as u32);
        (0..ways)
            .filter_map(|way| {
                let modes: Vec<Mode> = (0..text.len()).map(|at| Mode::ALL[way / 3_usize.pow(at as u32) % 3]).collect();
                let possible = modes.iter().zip(text).all(|(mode, &byte)| match mode {
                    Mode::Numeric => byte.is_ascii_digit(),
                    Mode::Alphanumeric => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(&byte),
                    Mode::Byte => true,
                });
                possible.then(|| {
                    modes
                        .chunk_by(|one, other| one == other)
                        .map(|same| group.header_bits(same[0]) + same[0].data_bits(same.len()))
                        .sum()
                })
            })
            .min()
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn no_other_cut_takes_fewer_bits(text in "[0-9A-Ba-b]{1,8}") {
            for group in VersionGroup::ALL {
                let cut = cut(text.as_bytes(), group);
                prop_assert_eq!(bits(&cut, group), fewest_bits_by_trying_everything(text.as_bytes(), group));
            }
        }

        #[test]
        fn the_segments_cover_the_text_once_and_in_order(text in "[0-9A-Z]{0,20}[a-z青瓷]{0,9}[0-9]{0,20}") {
            let mut covered = 0;
            for segment in cut(text.as_bytes(), VersionGroup::Small) {
                prop_assert_eq!(segment.bytes.start, covered);
                prop_assert!(text.get(segment.bytes.clone()).is_some_and(|part| !part.is_empty()));
                covered = segment.bytes.end;
            }
            prop_assert_eq!(covered, text.len());
        }
    }

    #[test]
    fn digits_after_an_address_become_a_numeric_segment() {
        let text = b"https://qr.95516.com/00010001/62112028173283416953321113029241";
        let segments = cut(text, VersionGroup::Small);
        assert_eq!(segments.first().map(|first| (first.mode, first.bytes.start)), Some((Mode::Byte, 0)));
        assert_eq!(segments.last(), Some(&Segment { mode: Mode::Numeric, bytes: text.len() - 32..text.len() }));
    }

    #[test]
    fn a_long_payment_text_fits_version_6_where_bytes_alone_need_8() {
        // 150 characters of mixed capitals, digits and words, like a merchant-presented code of EMVCo.
        let text = "00020101021226400009SG.PAYNOW010120213200002150HWCF0301052040000530370254031005802SG5914company_1_data6009Singapore62170113INV/TEST/0001630416C8";
        let symbol = crate::qr::Symbol::encode(text).unwrap();
        assert!(text.len() * 8 + 12 > 122 * 8, "the bytes alone exceed version 7 at level M");
        assert_eq!(symbol.version(), 6);
    }
}
