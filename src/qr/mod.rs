//! Text → symbol → picture, and back: everything about QR codes, pure, knowing nothing else of the crate.
//!
//! [`symbol`] turns text into a matrix of modules; [`png`], [`svg`] and [`terminal`] draw it; [`read`] finds and decodes codes in
//! a picture, [`verify`] uses it on what was just drawn; [`kind`] says what a decoded text is and [`scanning`] where it may be scanned.
//!
//! The rules of drawing were measured with nine decoders under screenshots, chat recompression and album scanning: level M,
//! square black modules on white in whole pixels, a quiet zone of four modules inside the picture, no alpha, and no [`logo`] unless a
//! merchant asks for his.

mod bitmap;
pub mod card;
mod codewords;
mod corner;
mod correction;
mod deflate;
pub mod edge;
pub mod emvco;
pub mod evidence;
mod format;
mod grey;
mod huffman;
pub mod kept_mask;
pub mod kind;
mod layout;
mod line;
pub mod logo;
pub mod logo_evidence;
pub mod mask;
mod pair;
mod part_reader;
mod penalty;
mod placement;
mod places;
mod plate;
pub mod png;
pub mod read;
pub mod scanning;
mod search;
pub mod segments;
pub mod svg;
pub mod symbol;
pub mod terminal;
pub mod verify;

pub use edge::EdgePx;
pub use mask::Mask;
pub use symbol::{Level, Symbol};

/// The picture of a lasting code at its usual size: what is saved, drawn and embedded everywhere.
///
/// # Errors
/// [`QrError`] for a text that is empty or too long for a symbol.
pub fn lasting_code(payload: &str, mask: Mask) -> Result<Vec<u8>, QrError> {
    png::draw(&Symbol::with_mask(payload, mask)?, EdgePx::DEFAULT)
}

/// White modules on each side, part of every picture: the standard's minimum. More only makes the code smaller.
pub const QUIET_ZONE_MODULES: usize = 4;

/// Why no symbol or no picture could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// There is nothing to encode.
    #[error("the text is empty")]
    Empty,
    /// The text does not fit the largest symbol at level M (at most 2331 bytes, 3391 alphanumeric characters or 5596 digits).
    #[error("the text is too long for a QR code: {bytes} bytes")]
    TooLong {
        /// The length of the text.
        bytes: usize,
    },
    /// An edge outside [`EdgePx::MIN`]`..=`[`EdgePx::MAX`].
    #[error("the edge must be {} to {} pixels, not {asked_px}", EdgePx::MIN, EdgePx::MAX)]
    EdgeOutOfRange {
        /// The edge that was asked for.
        asked_px: u32,
    },
    /// Not even one pixel a module fits the edge that was asked for.
    #[error("this text needs a picture of at least {needed_px} pixels, not {asked_px}")]
    EdgeTooSmall {
        /// The smallest edge that would do.
        needed_px: u32,
        /// The edge that was asked for.
        asked_px: u32,
    },
}
