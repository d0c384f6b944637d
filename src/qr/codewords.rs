//! Text → the codewords of a symbol: the bits of its segments, and what corrects them.

use super::QrError;
use super::correction::Blocks;
use super::segments::{Mode, Segment, VersionGroup, bits, cut};
use super::symbol::Level;

/// Digits that the largest symbol holds at level M; every longer text is refused before any work.
const LONGEST_TEXT_BYTES: usize = 5596;

/// What a symbol says, before it is placed.
pub struct Codewords {
    /// The version, 1 to 40.
    pub version: usize,
    /// The error correction level that was reached.
    pub level: Level,
    /// Data and, block by block, what corrects it.
    pub bytes: Vec<u8>,
}

impl Codewords {
    /// The text in the lowest version that holds it at level M, and at a higher level when that takes no larger version.
    ///
    /// # Errors
    /// [`QrError::Empty`], [`QrError::TooLong`].
    pub fn of(text: &str) -> Result<Self, QrError> {
        let too_long = QrError::TooLong { bytes: text.len() };
        if text.is_empty() {
            return Err(QrError::Empty);
        }
        if text.len() > LONGEST_TEXT_BYTES {
            return Err(too_long);
        }
        smallest(text.as_bytes()).ok_or(too_long)
    }

    /// Codewords that look like any others and say nothing.
    pub fn sample(version: usize) -> Self {
        // Marsaglia's generator of 32 bits: even chances are all that is wanted of it.
        let mut state = 0x9E37_79B9_u32;
        let next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        };
        let level = Level::M;
        Self { version, level, bytes: std::iter::repeat_with(next).take(Blocks::of(version, level).all()).collect() }
    }
}

fn smallest(text: &[u8]) -> Option<Codewords> {
    VersionGroup::ALL.into_iter().find_map(|group| {
        let segments = cut(text, group);
        let needed = bits(&segments, group);
        let holds = |version: usize, level: Level| 8 * Blocks::of(version, level).data() >= needed;
        let version = group.versions().find(|version| holds(*version, Level::M))?;
        let level = [Level::H, Level::Q].into_iter().find(|level| holds(version, *level)).unwrap_or(Level::M);
        let blocks = Blocks::of(version, level);
        let mut bytes = stream(text, &segments, group, blocks);
        blocks.correct(&mut bytes);
        Some(Codewords { version, level, bytes })
    })
}

/// The segments, filled up to all data codewords, in a vector that has room for what corrects them.
fn stream(text: &[u8], segments: &[Segment], group: VersionGroup, blocks: Blocks) -> Vec<u8> {
    let mut bits = Bits { bytes: Vec::with_capacity(blocks.all() + 8), waiting: 0, count: 0 };
    for segment in segments {
        let part = &text[segment.bytes.clone()];
        bits.push(segment.mode.indicator(), 4);
        bits.push(part.len() as u32, group.length_bits(segment.mode));
        match segment.mode {
            Mode::Numeric => {
                part.chunks(3).for_each(|digits| bits.push(number(digits, 10), [4, 7, 10][digits.len() - 1]))
            }
            Mode::Alphanumeric => part.chunks(2).for_each(|pair| bits.push(number(pair, 45), [6, 11][pair.len() - 1])),
            Mode::Byte => {
                let (fours, rest) = part.as_chunks::<4>();
                fours.iter().for_each(|four| bits.push(u32::from_be_bytes(*four), 32));
                rest.iter().for_each(|byte| bits.push((*byte).into(), 8));
            }
        }
    }
    bits.filled(blocks.data())
}

/// Characters as a number with their values as digits.
fn number(characters: &[u8], base: u32) -> u32 {
    characters.iter().fold(0, |number, character| base * number + value(*character))
}

/// The value of a digit, a capital or a sign (ISO/IEC 18004, table 5).
const fn value(character: u8) -> u32 {
    let value = match character {
        b'0'..=b'9' => character - b'0',
        b'A'..=b'Z' => character - b'A' + 10,
        b' ' => 36,
        b'$' => 37,
        b'%' => 38,
        b'*' => 39,
        b'+' => 40,
        b'-' => 41,
        b'.' => 42,
        b'/' => 43,
        _ => 44,
    };
    value as u32
}

/// Bits into bytes, the highest first.
struct Bits {
    bytes: Vec<u8>,
    waiting: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` (at most 32) bits of `value`, which has no others.
    fn push(&mut self, value: u32, count: u32) {
        self.waiting = self.waiting << count | u64::from(value);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            self.bytes.extend_from_slice(&((self.waiting >> self.count) as u32).to_be_bytes());
        }
    }

    /// All bytes, ended by up to four zeros and filled up with the standard's two codewords in turn.
    fn filled(mut self, length: usize) -> Vec<u8> {
        let end = 4.min(8 * length - 8 * self.bytes.len() - self.count as usize);
        self.push(0, end as u32);
        let last = self.waiting << (32 - self.count);
        self.bytes.extend(last.to_be_bytes().iter().skip(4).take(self.count.div_ceil(8) as usize));
        let filling = [0xEC, 0x11].into_iter().cycle().take(length - self.bytes.len());
        self.bytes.extend(filling);
        self.bytes
    }
}
