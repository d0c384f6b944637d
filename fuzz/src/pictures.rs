//! Files that say they are pictures, and pictures full of what looks like codes.

use pay_handoff::qr::read::{ReadError, read, read_luma};
use pay_handoff::qr::{Mask, Symbol};

use super::parts::BETWEEN;

/// A file: any bytes, or, after the letters `png` and [`BETWEEN`], a header of 13 bytes and lines of pixels, made into a PNG whose
/// lengths and checksums are right, so that the inside of the decoder is reached.
pub fn check_file(input: &[u8]) {
    let made = input.strip_prefix(&[b'p', b'n', b'g', BETWEEN]).and_then(|rest| rest.split_at_checked(13));
    let file = made.map_or_else(|| input.to_vec(), |(header, lines)| png(header, lines));
    let reading = read(&file);
    let claimed = made.map(|(header, _)| {
        let edge = |at: usize| header[at..at + 4].iter().fold(0_u64, |edge, byte| edge << 8 | u64::from(*byte));
        edge(0) * edge(4)
    });
    if claimed.is_some_and(|pixels| pixels > 40_000_000) {
        let refused =
            matches!(reading, Err(ReadError::PictureTooLarge | ReadError::Damaged(_) | ReadError::UnknownFormat));
        assert!(refused, "{claimed:?} pixels were decoded");
    }
    for code in reading.unwrap_or_default().codes {
        assert!((1..=40).contains(&code.version) && code.bytes.len() <= 7089);
    }
}

/// A PNG of one chunk of pixels that are stored, not compressed.
fn png(header: &[u8], lines: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = lines.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // Colours for pictures that need them.
    for (name, content) in [(b"IHDR", header), (b"PLTE", &[0, 0, 0, 255, 255, 255]), (b"IDAT", &stream), (b"IEND", &[])]
    {
        let chunk = [&name[..], content].concat();
        file.extend((content.len() as u32).to_be_bytes());
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// Edges and places are told in steps of so many pixels: a picture is up to 765 pixels wide, enough for codes and squares by the hundred.
const STEP_PX: usize = 3;
/// The most things that are put into one; a sheet of squares counts as one.
const MOST_STAMPS: usize = 64;

/// Pixels: width, height, background, then in six bytes each what is stamped on it, where, how large and how bright.
pub fn check_pixels(input: &[u8]) {
    let [width, height, ground, stamps @ ..] = input else { return };
    let (width, height) = (usize::from(*width) * STEP_PX, usize::from(*height) * STEP_PX);
    let mut picture = Picture { width, luma: vec![*ground; width * height] };
    for stamp in stamps.chunks_exact(6).take(MOST_STAMPS) {
        let [kind, x, y, size, luma, more] = [0, 1, 2, 3, 4, 5].map(|at| stamp[at]);
        let (x, y, size) = (usize::from(x) * STEP_PX, usize::from(y) * STEP_PX, usize::from(size % 12) + 1);
        match kind % 5 {
            0 => picture.fill(x, y, usize::from(more), size, luma),
            1 => picture.finder(x, y, size, luma),
            2 => picture.code(x, y, size, luma, more),
            3 => picture.shear(usize::from(more) % 9),
            _ => picture.sheet(x, y, size, luma, usize::from(more)),
        }
    }
    let reading = read_luma(width, height, |x, y| picture.luma[y * width + x]);
    for code in reading.codes {
        assert!((1..=40).contains(&code.version) && code.bytes.len() <= 7089);
    }
}

struct Picture {
    width: usize,
    luma: Vec<u8>,
}

impl Picture {
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, luma: u8) {
        for line in self.luma.chunks_exact_mut(self.width.max(1)).skip(top).take(height) {
            let (from, to) = (left.min(line.len()), (left + width).min(line.len()));
            line[from..to].fill(luma);
        }
    }

    /// The three nested squares in the corner of a code.
    fn finder(&mut self, left: usize, top: usize, module: usize, luma: u8) {
        for (ring, luma) in [(0, luma), (1, !luma), (2, luma)] {
            let edge = (7 - 2 * ring) * module;
            self.fill(left + ring * module, top + ring * module, edge, edge, luma);
        }
    }

    /// Finders to the right and below, so many pixels between them.
    fn sheet(&mut self, left: usize, top: usize, module: usize, luma: u8, gap: usize) {
        let step = 7 * module + gap;
        for top in (top..self.luma.len() / self.width.max(1)).step_by(step) {
            for left in (left..self.width).step_by(step) {
                self.finder(left, top, module, luma);
            }
        }
    }

    fn code(&mut self, left: usize, top: usize, module: usize, luma: u8, text: u8) {
        let symbol =
            Symbol::with_mask(&"code ".repeat(usize::from(text / 8) + 1), Mask::of(text % 8)).expect("a symbol");
        let edge = symbol.side_modules() * module;
        self.fill(left, top, edge, edge, !luma);
        for y in 0..symbol.side_modules() {
            for (x, length) in symbol.dark_runs(y) {
                self.fill(left + x * module, top + y * module, length * module, module, luma);
            }
        }
    }

    /// Each line so many eighths of a pixel further to the right than the one above.
    fn shear(&mut self, eighths: usize) {
        for (y, line) in self.luma.chunks_exact_mut(self.width.max(1)).enumerate() {
            line.rotate_right(y * eighths / 8 % self.width.max(1));
        }
    }
}
