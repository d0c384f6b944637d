//! Pictures of one version and module size, written from what all of them have in common.
//!
//! Eight modules are always whole bytes: as many as a module has pixels. So for each of the 256 ways in which eight modules can look,
//! their part of the compressed line is made once, and so is everything that follows a line: its repetitions and the begin of the
//! next. A picture is those parts one behind the other, and costs the same however large its modules are; the checksums follow from
//! the modules, too. Neither pixels nor lines ever exist.

use super::deflate::{Codes, Counts, Listener, Writer, say_again};
use super::png::{append_chunk, append_header};
use super::{QUIET_ZONE_MODULES, Symbol};

/// Up to 56 bits of the stream: their number in the lowest byte, they themselves above it.
#[derive(Clone, Copy)]
struct Part(u64);

/// What eight modules take away from the white bytes in their place: all together, and each as often as bytes stand before it.
#[derive(Clone, Copy, Default)]
struct Darkness {
    sum: u32,
    weighted: u32,
}

/// What all pictures of one version and module size have in common: 4 to 9 KB.
pub struct Plate {
    shape: Shape,
    /// The file up to the first row of modules, whole bytes of it, the stream's length left open …
    head: Vec<u8>,
    /// … and the bits behind them.
    begun: Part,
    /// For each eight modules, the first in the lowest bit, `parts_each` parts.
    eights: Vec<Part>,
    parts_each: usize,
    darkness: [Darkness; 256],
    /// Behind the last whole eight of a row whose last module is light, or dark.
    behind: [Vec<Part>; 2],
    /// Behind the last row.
    foot: Vec<Part>,
    most_bytes: usize,
    white_checksum: Checksum,
}

/// Where the bytes of a picture stand.
#[derive(Clone, Copy)]
struct Shape {
    /// Modules across, quiet zone included.
    modules: usize,
    module_px: usize,
}

/// Where the name of the chunk with the stream stands; its length stands before.
const STREAM_NAME: usize = 37;
/// The first byte of a line: no filter.
const UNFILTERED: u8 = 0;
/// So many equal bytes are worth saying as a repetition (measured over module sizes from 2 to 49 pixels; it hardly matters).
const WORTHY: usize = 5;
/// Rows of a sample weigh more than the eights it lacks.
const SAMPLE_WEIGHT: u32 = 32;

impl Shape {
    /// Eights of modules that a row has before what is left over: one or five modules.
    const fn eights(self) -> usize {
        self.modules / 8
    }

    const fn edge_px(self) -> usize {
        self.modules * self.module_px
    }

    /// Bytes of a line, the first included.
    const fn line_bytes(self) -> usize {
        1 + self.edge_px().div_ceil(8)
    }

    const fn quiet_px(self) -> usize {
        QUIET_ZONE_MODULES * self.module_px
    }

    /// The bytes of eight modules, a set bit for each white pixel, the leftmost in the highest.
    fn bytes_of(self, eight: u8) -> Vec<u8> {
        let is_white = |pixel: usize| eight >> (pixel / self.module_px) & 1 == 0;
        let byte = |at: usize| (0..8).fold(0, |byte, pixel| byte << 1 | u8::from(is_white(8 * at + pixel)));
        (0..self.module_px).map(byte).collect()
    }

    /// From the last whole eight of a row to the next row: what is left of the line, its repetitions, the begin of the next line.
    fn say_behind(self, last: u8, listener: &mut impl Listener) {
        let left = self.line_bytes() - 1 - self.eights() * self.module_px;
        say_bytes(&self.bytes_of(last)[..left], listener);
        self.say_repetitions(self.module_px, listener);
        listener.literals(&[UNFILTERED]);
    }

    /// The line that was just said, until it was shown so often.
    fn say_repetitions(self, times: usize, listener: &mut impl Listener) {
        say_again(self.line_bytes(), self.line_bytes() * (times - 1), listener);
    }

    /// The quiet zone above or below, without the begin of its first line.
    fn say_quiet_zone(self, listener: &mut impl Listener) {
        say_bytes(&vec![0xFF; self.line_bytes() - 1], listener);
        self.say_repetitions(self.quiet_px(), listener);
    }

    fn say_above(self, listener: &mut impl Listener) {
        listener.literals(&[UNFILTERED]);
        self.say_quiet_zone(listener);
        listener.literals(&[UNFILTERED]);
    }
}

/// Bytes as they are, or as repetitions of one byte.
fn say_bytes(bytes: &[u8], listener: &mut impl Listener) {
    for equal in bytes.chunk_by(|one, other| one == other) {
        let (first, rest) = equal.split_at(1);
        listener.literals(first);
        if rest.len() < WORTHY {
            listener.literals(rest);
        } else {
            say_again(1, rest.len(), listener);
        }
    }
}

impl Plate {
    /// For pictures of symbols like this one (any of its version) with so many (at least 1) pixels a module.
    pub fn of(sample: &Symbol, module_px: usize) -> Self {
        let shape = Shape { modules: sample.side_modules() + 2 * QUIET_ZONE_MODULES, module_px };
        let codes = codes(shape, sample);
        let mut head = Vec::new();
        append_header(&mut head, shape.edge_px(), shape.edge_px(), 1);
        head.extend(*b"\0\0\0\0IDAT");
        let mut above = codes.begin(&mut head);
        shape.say_above(&mut above);
        let begun_bits = above.stop();
        let begun = match begun_bits {
            0 => Part(0),
            bits => Part(u64::from(head.pop().unwrap_or_default()) << 8 | bits as u64),
        };
        let eights: Vec<Vec<Part>> =
            (0..=u8::MAX).map(|eight| parts(&codes, |writer| say_bytes(&shape.bytes_of(eight), writer))).collect();
        let parts_each = eights.iter().map(Vec::len).max().unwrap_or_default();
        let behind = [0, 1].map(|last| parts(&codes, |writer| shape.say_behind(last, writer)));
        let foot = parts(&codes, |writer| {
            shape.say_quiet_zone(writer);
            writer.end();
        });
        let row_bits = shape.eights() * most_bits(&eights) + most_bits(&behind);
        Self {
            most_bytes: head.len() + (sample.side_modules() * row_bits).div_ceil(8) + 7 * foot.len() + 64,
            shape,
            head,
            begun,
            eights: eights
                .into_iter()
                .flat_map(|mut parts| {
                    parts.resize(parts_each, Part(0));
                    parts
                })
                .collect(),
            parts_each,
            darkness: std::array::from_fn(|eight| Darkness::of(&shape.bytes_of(eight as u8))),
            behind,
            foot,
            white_checksum: Checksum::of_white(shape),
        }
    }

    /// The picture of a symbol of the plate's version, as a file.
    pub fn print(&self, symbol: &Symbol) -> Vec<u8> {
        let mut file = vec![0; self.most_bytes];
        file[..self.head.len()].copy_from_slice(&self.head);
        let mut printer = Printer { file: &mut file, at: self.head.len() as u32, waiting: 0, count: 0 };
        printer.push(self.begun);
        for row in symbol.rows() {
            let eights = eights(*row);
            let (whole, left) = eights.split_at(self.shape.eights());
            for eight in whole {
                let first = usize::from(*eight) * self.parts_each;
                printer.push_all(&self.eights[first..first + self.parts_each]);
            }
            printer.push_all(&self.behind[usize::from(left[0] & 1)]);
        }
        printer.push_all(&self.foot);
        let end = printer.end();
        file.truncate(end);
        file.extend(self.white_checksum.without(&self.dark(symbol), self.shape).to_be_bytes());
        let length = file.len() - STREAM_NAME - 4;
        file[STREAM_NAME - 4..STREAM_NAME].copy_from_slice(&(length as u32).to_be_bytes());
        file.extend(crc32fast::hash(&file[STREAM_NAME..]).to_be_bytes());
        append_chunk(&mut file, *b"IEND", &[]);
        file
    }
}

impl Plate {
    fn dark(&self, symbol: &Symbol) -> Dark {
        let mut dark = Dark { sum: 0, by_row: 0, weighted: 0 };
        // Of each eight of columns …
        let mut columns = [Darkness::default(); 24];
        for row in symbol.rows() {
            // … so that the first row is added in as often as there are rows behind it, and so on.
            dark.by_row += dark.sum;
            for (column, eight) in columns.iter_mut().zip(eights(*row)).take(self.shape.eights() + 1) {
                let Darkness { sum, weighted } = self.darkness[usize::from(eight)];
                dark.sum += u64::from(sum);
                column.sum += sum;
                column.weighted += weighted;
            }
        }
        dark.by_row = (symbol.side_modules() as u64 - 1) * dark.sum - dark.by_row;
        let before = (0..).map(|eight| 1 + eight * self.shape.module_px as u64);
        let weighted = |(column, before): (&Darkness, u64)| u64::from(column.weighted) + before * u64::from(column.sum);
        dark.weighted = columns.iter().zip(before).map(weighted).sum();
        dark
    }
}

/// The modules of a row from the first of the quiet zone on, eight a byte, the first in the lowest bit.
fn eights([first, second, third]: [u64; 3]) -> [u8; 24] {
    const MOVED: u32 = QUIET_ZONE_MODULES as u32;
    let words = [first << MOVED, second << MOVED | first >> (64 - MOVED), third << MOVED | second >> (64 - MOVED)];
    let mut eights = [0; 24];
    for (eight, word) in eights.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *eight = word.to_le_bytes();
    }
    eights
}

/// Codes that suit pictures of this shape: they differ little in what they say how often, and making codes takes longer than drawing.
fn codes(shape: Shape, sample: &Symbol) -> Codes {
    let mut counts = Counts::default();
    shape.say_above(&mut counts);
    for row in sample.rows() {
        let eights = eights(*row);
        let (whole, left) = eights.split_at(shape.eights());
        whole.iter().for_each(|eight| say_bytes(&shape.bytes_of(*eight), &mut counts));
        shape.say_behind(left[0] & 1, &mut counts);
    }
    shape.say_quiet_zone(&mut counts);
    counts.weigh(SAMPLE_WEIGHT);
    (0..=u8::MAX).for_each(|eight| say_bytes(&shape.bytes_of(eight), &mut counts));
    Codes::of(&counts)
}

/// What is said, cut into parts.
fn parts(codes: &Codes, say: impl FnOnce(&mut Writer<'_>)) -> Vec<Part> {
    let mut bytes = Vec::new();
    let mut writer = codes.go_on(&mut bytes);
    say(&mut writer);
    let unused = (8 - writer.stop()) % 8;
    let mut left = 8 * bytes.len() - unused;
    let part = |seven: &[u8]| {
        let bits = left.min(56);
        left -= bits;
        seven.iter().rev().fold(0, |part, byte| part << 8 | u64::from(*byte)) << 8 | bits as u64
    };
    bytes.chunks(7).map(part).map(Part).collect()
}

/// The bits of the longest of these.
fn most_bits(all: &[Vec<Part>]) -> usize {
    all.iter().map(|parts| parts.iter().map(|part| part.0 as usize & 0xFF).sum()).max().unwrap_or_default()
}

/// Writes parts one behind the other.
struct Printer<'a> {
    file: &'a mut [u8],
    at: u32,
    /// The bits behind the whole bytes, at most seven.
    waiting: u64,
    count: u32,
}

impl Printer<'_> {
    #[inline(always)]
    fn push_all(&mut self, parts: &[Part]) {
        for part in parts {
            self.push(*part);
        }
    }

    #[inline(always)]
    fn push(&mut self, part: Part) {
        self.waiting |= part.0 >> 8 << self.count;
        let at = self.at as usize;
        if let Some(place) = self.file.get_mut(at..at + 8) {
            place.copy_from_slice(&self.waiting.to_le_bytes());
        }
        self.count += part.0 as u32 & 0xFF;
        self.at += self.count / 8;
        self.waiting >>= self.count & !7;
        self.count &= 7;
    }

    /// Where the stream ends, the bits that fill no byte included.
    const fn end(self) -> usize {
        (self.at + self.count.div_ceil(8)) as usize
    }
}

impl Darkness {
    fn of(bytes: &[u8]) -> Self {
        let dark = |byte: &u8| u32::from(!byte);
        let weighted = bytes.iter().zip(0..).map(|(byte, before)| before * dark(byte)).sum();
        Self { sum: bytes.iter().map(dark).sum(), weighted }
    }
}

/// What all rows of modules, each shown once, take away from white lines: all bytes together, times the number of the row, and times
/// that of the bytes before it in its line.
struct Dark {
    sum: u64,
    by_row: u64,
    weighted: u64,
}

/// Both halves of the checksum of the unpacked bytes, not yet divided: the largest picture leaves them below 2^46.
struct Checksum {
    low: u64,
    high: u64,
}

impl Checksum {
    /// Of a picture without any dark module. A byte counts in the first half once, and in the second as often as bytes begin with it.
    fn of_white(shape: Shape) -> Self {
        let (lines, width) = (shape.edge_px() as u64, shape.line_bytes() as u64);
        let bytes = lines * width;
        let in_line = 255 * (width - 1);
        let weighted = 255 * (width * (width - 1) / 2);
        let high = bytes + in_line * (lines * bytes - width * (lines * (lines - 1) / 2)) - lines * weighted;
        Self { low: 1 + lines * in_line, high }
    }

    /// Without what the dark modules take away, each row shown once for each pixel of a module.
    fn without(&self, dark: &Dark, shape: Shape) -> u32 {
        const MODULUS: u64 = 65_521;
        let (lines, width, module) = (shape.edge_px() as u64, shape.line_bytes() as u64, shape.module_px as u64);
        let from_first_row = (lines - shape.quiet_px() as u64) * width;
        let low = self.low - module * dark.sum;
        let high = self.high - module * (from_first_row * dark.sum - dark.weighted)
            + width * (module * module * dark.by_row + module * (module - 1) / 2 * dark.sum);
        let (low, high) = (low % MODULUS, high % MODULUS);
        (high << 16 | low) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum of RFC 1950, a byte at a time.
    fn checksum(bytes: impl Iterator<Item = u8>) -> u32 {
        let (low, high) = bytes.fold((1, 0), |(low, high), byte| {
            let low = (low + u32::from(byte)) % 65_521;
            (low, (high + low) % 65_521)
        });
        high << 16 | low
    }

    /// The lines of the picture, read off the symbol pixel by pixel.
    fn lines(symbol: &Symbol, module_px: usize) -> impl Iterator<Item = u8> {
        let edge_px = (symbol.side_modules() + 2 * QUIET_ZONE_MODULES) * module_px;
        let module = move |pixel: usize| (pixel / module_px).checked_sub(QUIET_ZONE_MODULES);
        let is_white =
            move |x: usize, y: usize| !matches!((module(x), module(y)), (Some(x), Some(y)) if symbol.is_dark(x, y));
        let byte =
            move |at: usize, y: usize| (0..8).fold(0, |byte, pixel| byte << 1 | u8::from(is_white(8 * at + pixel, y)));
        (0..edge_px)
            .flat_map(move |y| std::iter::once(UNFILTERED).chain((0..edge_px.div_ceil(8)).map(move |at| byte(at, y))))
    }

    #[test]
    fn the_checksum_is_that_of_the_unpacked_lines() {
        for (version, module_px) in
            [(1, 1), (1, 70), (2, 3), (4, 8), (4, 26), (7, 5), (11, 2), (12, 7), (27, 2), (40, 1), (40, 11)]
        {
            let symbol = Symbol::sample(version);
            let file = Plate::of(&symbol, module_px).print(&symbol);
            // Behind it stand the checksum of its chunk and the chunk that ends the file.
            let (_, end) = file.split_at(file.len() - 20);
            let stated = u32::from_be_bytes([end[0], end[1], end[2], end[3]]);
            assert_eq!(stated, checksum(lines(&symbol, module_px)), "version {version}, {module_px} px");
        }
    }

    #[test]
    fn a_picture_never_outgrows_the_room_that_its_plate_makes() {
        for (version, module_px) in (1..=40).flat_map(|version| [1, 2, 7, 8, 11].map(|module_px| (version, module_px)))
        {
            let symbol = Symbol::sample(version);
            let plate = Plate::of(&symbol, module_px);
            let room = plate.most_bytes;
            assert!(plate.print(&symbol).len() < room, "version {version}, {module_px} px");
        }
    }
}
