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
    pub const fn versions(self) -> Range<usize> {
        match self {
            Self::Small => 1..10,
            Self::Medium => 10..27,
            Self::Large => 27..41,
        }
    }

    /// Bits of a segment before its data: the mode indicator and the length field.
    const fn header_bits(self, mode: Mode) -> usize {
        4 + self.length_bits(mode) as usize
    }

    /// Bits in which a segment states how many characters it has.
    pub(super) const fn length_bits(self, mode: Mode) -> u32 {
        match (mode, self) {
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

    /// The four bits that say that a segment is in this mode.
    pub(super) const fn indicator(self) -> u32 {
        match self {
            Self::Numeric => 1,
            Self::Alphanumeric => 2,
            Self::Byte => 4,
        }
    }

    /// What one byte of the text costs in sixths of a bit, or more than all others when this mode cannot store it.
    const fn sixths_per_byte(self, byte: u8) -> u32 {
        match self {
            Self::Numeric if byte.is_ascii_digit() => 20,
            Self::Alphanumeric if is_alphanumeric(byte) => 33,
            Self::Byte => 48,
            Self::Numeric | Self::Alphanumeric => IMPOSSIBLE,
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

/// What each byte costs in each mode, in sixths of a bit.
const SIXTHS: [[u32; 3]; 256] = {
    let mut sixths = [[0; 3]; 256];
    let mut at = 0;
    while at < 3 * 256 {
        sixths[at / 3][at % 3] = Mode::ALL[at % 3].sixths_per_byte((at / 3) as u8);
        at += 1;
    }
    sixths
};

/// Larger than any real cost, small enough to add to.
const IMPOSSIBLE: u32 = 1 << 24;

/// The cut of the text that takes the fewest bits in this group of versions, by dynamic programming over its bytes.
#[must_use]
pub fn cut(text: &[u8], group: VersionGroup) -> Vec<Segment> {
    let headers = Mode::ALL.map(|mode| 6 * group.header_bits(mode) as u32);
    // The cheapest way to have stored everything so far with the last byte in each mode …
    let mut ways = [Way::of(IMPOSSIBLE); 3];
    // … and the cheapest of them to be followed by a new segment.
    let mut whole = Way::of(0);
    // For each byte and mode: the mode of the byte before it on that way, two bits each.
    let mut came_from: Vec<u8> = Vec::with_capacity(text.len());
    for &byte in text {
        let sixths = &SIXTHS[usize::from(byte)];
        let best = |to: usize| whole.and(headers[to]).min(ways[to]);
        let (numeric, alphanumeric, other) = (best(0), best(1), best(2));
        came_from.push(numeric.mode() | alphanumeric.mode() << 2 | other.mode() << 4);
        ways = [numeric.ending(0, sixths[0]), alphanumeric.ending(1, sixths[1]), other.ending(2, sixths[2])];
        whole = ways[0].filled().min(ways[1].filled()).min(ways[2]);
    }
    segments_ending_in(whole.mode(), &came_from)
}

/// A way to have stored some bytes: four times its cost in sixths of a bit, and the mode of its last byte. Of equal ones that with the
/// lower mode is taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way(u32);

impl Way {
    const fn of(sixths: u32) -> Self {
        Self(sixths << 2)
    }

    const fn sixths(self) -> u32 {
        self.0 >> 2
    }

    const fn mode(self) -> u8 {
        self.0 as u8 & 3
    }

    const fn and(self, sixths: u32) -> Self {
        Self(self.0 + (sixths << 2))
    }

    /// With one more byte, in this mode, for which there is no way when it costs too much.
    fn ending(self, mode: u32, sixths: u32) -> Self {
        Self((self.sixths() + sixths).min(IMPOSSIBLE) << 2 | mode)
    }

    /// Each segment is filled to a whole bit.
    const fn filled(self) -> Self {
        self.and(self.sixths().next_multiple_of(6) - self.sixths())
    }
}

/// Walks the cheapest way back from the mode of the last byte and joins neighbours of one mode.
fn segments_ending_in(last: u8, came_from: &[u8]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(4);
    let (mut mode, mut end) = (last, came_from.len());
    for (begin, from) in came_from.iter().enumerate().rev() {
        let before = from >> (2 * mode) & 3;
        if before != mode || begin == 0 {
            segments.push(Segment { mode: Mode::ALL[usize::from(mode)], bytes: begin..end });
            (mode, end) = (before, begin);
        }
    }
    segments.reverse();
    segments
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
        #![proptest_config(crate::random_cases::cases(60))]

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
