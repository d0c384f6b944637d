//! Symbol → SVG: a white square and one path of horizontal runs.

use super::edge::picture_modules;
use super::{EdgePx, QUIET_ZONE_MODULES, QrError, Symbol};

/// The symbol with its quiet zone as an SVG document whose natural size is that of the PNG for the same edge.
///
/// # Errors
/// [`QrError::EdgeTooSmall`] when not even one pixel a module fits.
pub fn draw(symbol: &Symbol, edge: EdgePx) -> Result<String, QrError> {
    let modules = picture_modules(symbol);
    let edge_px = modules * edge.module_px(symbol)?;
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{edge_px}\" height=\"{edge_px}\" viewBox=\"0 0 {modules} {modules}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{modules}v{modules}H0z\"/><path d=\""
    );
    let mut document = Vec::with_capacity(head.len() + symbol.side_modules() * symbol.side_modules() * 5);
    document.extend_from_slice(head.as_bytes());
    append_path(symbol, &mut document);
    document.extend_from_slice(b"\"/></svg>\n");
    // It is ASCII alone.
    Ok(String::from_utf8(document).unwrap_or_default())
}

/// One closed rectangle for each run of dark modules, in modules, quiet zone included: `M4 4h7v1h-7z`.
fn append_path(symbol: &Symbol, path: &mut Vec<u8>) {
    for y in 0..symbol.side_modules() {
        let top = Word::of(&[b" ", digits(y + QUIET_ZONE_MODULES).bytes(), b"h"]);
        for (x, length) in symbol.dark_runs(y) {
            WORDS[x].0.append_to(path);
            top.append_to(path);
            WORDS[length].1.append_to(path);
        }
    }
}

/// How a run in each column begins, and what stands behind the `h` of a run of that length: across, one down, back.
static WORDS: [(Word, Word); 178] = {
    let mut words = [(Word::of(&[]), Word::of(&[])); 178];
    let mut at = 0;
    while at < words.len() {
        let across = digits(at);
        let begin = Word::of(&[b"M", digits(at + QUIET_ZONE_MODULES).bytes()]);
        words[at] = (begin, Word::of(&[across.bytes(), b"v1h-", across.bytes(), b"z"]));
        at += 1;
    }
    words
};

/// Up to fifteen characters, which are written at once.
#[derive(Clone, Copy)]
struct Word {
    text: [u8; 15],
    length: u8,
}

impl Word {
    const fn of(parts: &[&[u8]]) -> Self {
        let (mut text, mut length) = ([0; 15], 0);
        let mut part = 0;
        while part < parts.len() {
            let mut at = 0;
            while at < parts[part].len() {
                text[length] = parts[part][at];
                length += 1;
                at += 1;
            }
            part += 1;
        }
        Self { text, length: length as u8 }
    }

    const fn bytes(&self) -> &[u8] {
        self.text.split_at(self.length as usize).0
    }

    fn append_to(&self, path: &mut Vec<u8>) {
        let before = path.len();
        path.extend_from_slice(&self.text);
        path.truncate(before + usize::from(self.length));
    }
}

/// A number below 1,000.
const fn digits(number: usize) -> Word {
    let [hundreds, tens, ones] = [number / 100 % 10, number / 10 % 10, number % 10];
    let (hundreds, tens, ones) = (b'0' + hundreds as u8, b'0' + tens as u8, b'0' + ones as u8);
    match number {
        ..10 => Word::of(&[&[ones]]),
        10..100 => Word::of(&[&[tens, ones]]),
        _ => Word::of(&[&[hundreds, tens, ones]]),
    }
}
