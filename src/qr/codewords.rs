//! Text → the codewords of a symbol: data and error correction, interleaved as they are laid into the matrix.

use qrcode::bits::Bits;
use qrcode::{EcLevel, Version};

use super::QrError;
use super::correction::interleaved;
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
    /// The codewords in the order in which they are laid.
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
}

impl Codewords {
    /// Codewords that look like any others and say nothing, more than enough for the version.
    pub fn sample(version: usize) -> Self {
        // Marsaglia's generator of 32 bits: even chances are all that is wanted of it.
        let mut state = 0x9E37_79B9_u32;
        let next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        };
        Self { version, level: Level::M, bytes: std::iter::repeat_with(next).take(4096).collect() }
    }
}

/// Each level that is drawn, the strongest first.
const LEVELS: [(EcLevel, Level); 3] = [(EcLevel::H, Level::H), (EcLevel::Q, Level::Q), (EcLevel::M, Level::M)];

fn smallest(text: &[u8]) -> Option<Codewords> {
    VersionGroup::ALL.into_iter().find_map(|group| {
        let segments = cut(text, group);
        let needed = bits(&segments, group);
        let version = group.versions().find(|version| capacity(*version, EcLevel::M) >= needed)?;
        let (ec_level, level) = LEVELS.into_iter().find(|(level, _)| capacity(version, *level) >= needed)?;
        let stream = stream(text, &segments, Version::Normal(version), ec_level)?;
        let version = usize::try_from(version).ok()?;
        Some(Codewords { version, level, bytes: interleaved(&stream, version, level)? })
    })
}

/// The data bits of a symbol.
fn capacity(version: i16, level: EcLevel) -> usize {
    Bits::new(Version::Normal(version)).max_len(level).unwrap_or_default()
}

/// The segments as bytes, filled up to the symbol's capacity. `None` when they do not fit.
fn stream(text: &[u8], segments: &[Segment], version: Version, level: EcLevel) -> Option<Vec<u8>> {
    let mut stream = Bits::new(version);
    for segment in segments {
        let part = text.get(segment.bytes.clone())?;
        match segment.mode {
            Mode::Numeric => stream.push_numeric_data(part),
            Mode::Alphanumeric => stream.push_alphanumeric_data(part),
            Mode::Byte => stream.push_byte_data(part),
        }
        .ok()?;
    }
    stream.push_terminator(level).ok()?;
    Some(stream.into_bytes())
}
