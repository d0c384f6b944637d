//! What every page has around its content: language, sandbox banner, language switch and the head.

use crate::domain::locale::Locale;

/// The frame of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The language of the page.
    pub locale: Locale,
    /// Whether the page says that its wallets are simulated and no real money moves.
    pub sandbox: bool,
    /// Path and query of this page without `locale`, for the language switch. Begins with `/`.
    pub path: String,
    /// Absolute address of the picture that link previews show; `None` leaves the preview without one.
    pub og_image: Option<String>,
}
