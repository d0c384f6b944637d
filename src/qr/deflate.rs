//! A zlib stream for pictures whose lines repeat, written from the lines and their numbers of repetitions alone.
//!
//! A general compressor has to find the repetitions again in every pixel; here they are known, so that a line is looked at once
//! however often it is shown. The output is an ordinary stream with one block of dynamic Huffman codes (RFC 1950, RFC 1951).
//! What such a stream can say, and with which codes, is shared with [`plate`](super::plate).

use super::huffman::{BitWriter, Code, code_lengths, write_code_lengths};
use super::places::Places;

/// The longest repetition that one token can say.
const LONGEST: usize = 258;
/// The symbol that ends the block.
const END_OF_BLOCK: usize = 256;

/// The lines of a picture from above, equal neighbours told once with how often they are shown.
pub struct Lines {
    /// Bytes of each line, at least one.
    width: usize,
    bytes: Vec<u8>,
    repeats: Vec<usize>,
}

impl Lines {
    /// No line yet; each has `width` (at least 1) bytes, and about `expected` differ.
    pub fn new(width: usize, expected: usize) -> Self {
        let width = width.max(1);
        Self { width, bytes: Vec::with_capacity(width * expected), repeats: Vec::with_capacity(expected) }
    }

    /// Adds a line like this one, to be shown `repeats` times, at least once; what is written to it is what is shown.
    pub fn push(&mut self, like: &[u8], repeats: usize) -> &mut [u8] {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(like);
        self.bytes.resize(begin + self.width, 0);
        self.repeats.push(repeats);
        &mut self.bytes[begin..]
    }

    /// The last line is shown once more.
    pub fn repeat_last(&mut self) {
        if let Some(repeats) = self.repeats.last_mut() {
            *repeats += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.bytes.chunks_exact(self.width).zip(self.repeats.iter().copied())
    }
}

/// Takes what a stream says, piece by piece.
pub trait Listener {
    /// These bytes as they are.
    fn literals(&mut self, bytes: &[u8]);

    /// Again `length` (3…258) bytes from `distance` bytes before.
    fn again(&mut self, length: usize, distance: usize);
}

/// The stream that unpacks to all lines, with the codes that suit it best.
#[must_use]
pub fn zlib(lines: &Lines) -> Vec<u8> {
    let mut counts = Counts::default();
    say(lines, &mut counts);
    let codes = Codes::of(&counts);
    let mut stream = Vec::with_capacity(4096);
    let mut writer = codes.begin(&mut stream);
    say(lines, &mut writer);
    writer.end();
    writer.stop();
    stream.extend(adler32(lines).to_be_bytes());
    stream
}

fn say(lines: &Lines, listener: &mut impl Listener) {
    let width = lines.width;
    let (mut before, mut above, mut worthy) = (Places::default(), Places::default(), Places::default());
    for (number, repeats) in lines.repeats.iter().enumerate() {
        let begin = number * width;
        let line = &lines.bytes[begin..begin + width];
        // Before the first byte, and above the first line, there is nothing to be like.
        before.differing(&line[1..], line, 1);
        above.differing(line, &lines.bytes[begin.saturating_sub(width)..begin], 0);
        worthy.beginning_six_equal(&before, &above);
        say_line(line, &before, &above, &worthy, listener);
        say_again(width, width * repeats.saturating_sub(1), listener);
    }
}

/// A line as runs of one byte, parts of the line above, and what neither says.
fn say_line(line: &[u8], before: &Places, above: &Places, worthy: &Places, listener: &mut impl Listener) {
    let mut said = 0;
    loop {
        let at = worthy.first_from(said).min(line.len());
        listener.literals(&line[said..at]);
        if at == line.len() {
            return;
        }
        let (run_end, same_end) = (before.first_from(at), above.first_from(at));
        let distance = if run_end >= same_end { 1 } else { line.len() };
        said = run_end.max(same_end);
        say_again(distance, said - at, listener);
    }
}

/// Says `length` bytes again: nothing or at least three, none left over that would be too few for one piece.
pub fn say_again(distance: usize, mut length: usize, listener: &mut impl Listener) {
    while length > 0 {
        let part = if length > LONGEST && length < LONGEST + 3 { length - 3 } else { length.min(LONGEST) };
        listener.again(part, distance);
        length -= part;
    }
}

/// The symbol of a length, how many bits follow it and their value.
const fn length_symbol(length: usize) -> (usize, u32, u32) {
    let above = length - 3;
    match length {
        LONGEST => (285, 0, 0),
        ..=10 => (257 + above, 0, 0),
        _ => {
            let extra = above.ilog2() - 2;
            (257 + 4 * extra as usize + (above >> extra), extra, (above & ((1 << extra) - 1)) as u32)
        }
    }
}

/// The symbol of a distance, how many bits follow it and their value.
const fn distance_symbol(distance: usize) -> (usize, u32, u32) {
    let above = distance - 1;
    if above < 4 {
        return (above, 0, 0);
    }
    let extra = above.ilog2() - 1;
    (2 * extra as usize + (above >> extra), extra, (above & ((1 << extra) - 1)) as u32)
}

/// How often each symbol is said.
pub struct Counts {
    literals: [u32; 286],
    distances: [u32; 30],
}

impl Default for Counts {
    fn default() -> Self {
        let mut literals = [0; 286];
        literals[END_OF_BLOCK] = 1;
        Self { literals, distances: [0; 30] }
    }
}

impl Listener for Counts {
    fn literals(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.literals[usize::from(*byte)] += 1);
    }

    fn again(&mut self, length: usize, distance: usize) {
        self.literals[length_symbol(length).0] += 1;
        self.distances[distance_symbol(distance).0] += 1;
    }
}

impl Counts {
    /// What was heard so far weighs so many times as much as what is heard from now on.
    pub fn weigh(&mut self, weight: u32) {
        self.literals.iter_mut().chain(&mut self.distances).for_each(|count| *count *= weight);
    }
}

/// The codes of a block.
pub struct Codes {
    literals: Code,
    distances: Code,
}

impl Codes {
    /// The codes that suit these counts.
    pub fn of(counts: &Counts) -> Self {
        let code = |counts: &[u32]| Code::of(code_lengths(counts, 15));
        Self { literals: code(&counts.literals), distances: code(&counts.distances) }
    }

    /// Writes the stream's beginning, up to where the first byte is said.
    pub fn begin<'a>(&'a self, stream: &'a mut Vec<u8>) -> Writer<'a> {
        // Deflate with a window of 32 KiB; fastest algorithm; no dictionary.
        stream.extend([0x78, 0x01]);
        let mut writer = self.go_on(stream);
        // The last block, with its own codes.
        writer.bits.push(0b101, 3);
        write_code_lengths(&self.literals, &self.distances, &mut writer.bits);
        writer
    }

    /// Writes behind what is already there, as if its last byte were full.
    pub const fn go_on<'a>(&'a self, stream: &'a mut Vec<u8>) -> Writer<'a> {
        Writer { codes: self, bits: BitWriter::new(stream) }
    }
}

/// Writes what it hears.
pub struct Writer<'a> {
    codes: &'a Codes,
    bits: BitWriter<'a>,
}

impl Writer<'_> {
    /// Ends the block.
    pub fn end(&mut self) {
        self.codes.literals.write(END_OF_BLOCK, &mut self.bits);
    }

    /// Fills the last byte with zeros, and says how many of its bits count: 0, for all, to 7.
    pub fn stop(self) -> usize {
        self.bits.finish()
    }
}

impl Listener for Writer<'_> {
    fn literals(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.codes.literals.write(usize::from(*byte), &mut self.bits));
    }

    fn again(&mut self, length: usize, distance: usize) {
        let (symbol, extra, value) = length_symbol(length);
        self.codes.literals.write(symbol, &mut self.bits);
        self.bits.push(value, extra);
        let (symbol, extra, value) = distance_symbol(distance);
        self.codes.distances.write(symbol, &mut self.bits);
        self.bits.push(value, extra);
    }
}

/// The checksum of the unpacked bytes, equal lines in one step: n equal lines of sum S and weighted sum W add nS to the first half and
/// n·W plus an arithmetic series to the second.
fn adler32(lines: &Lines) -> u32 {
    const MODULUS: u64 = 65_521;
    let (mut low, mut high) = (1_u64, 0_u64);
    for (line, repeats) in lines.iter() {
        let (bytes, repeats) = (line.len() as u64, repeats as u64);
        let (mut sum, mut weighted) = (0, 0);
        for byte in line {
            sum += u64::from(*byte);
            weighted += sum;
        }
        let series = repeats * repeats.saturating_sub(1) / 2;
        high = (high + bytes * (repeats * low + sum * series) + repeats * weighted) % MODULUS;
        low = (low + repeats * sum) % MODULUS;
    }
    (high << 16 | low) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(told: &[(&[u8], usize)]) -> Lines {
        let mut lines = Lines::new(told.first().map_or(1, |(line, _)| line.len()), told.len());
        for (line, repeats) in told {
            lines.push(line, *repeats);
        }
        lines
    }

    /// The lengths of what was said again.
    #[derive(Default)]
    struct Heard(Vec<usize>);

    impl Listener for Heard {
        fn literals(&mut self, _: &[u8]) {}

        fn again(&mut self, length: usize, _: usize) {
            self.0.push(length);
        }
    }

    #[test]
    fn lengths_and_distances_have_the_symbols_of_the_standard() {
        for (length, expected) in [
            (3, (257, 0, 0)),
            (10, (264, 0, 0)),
            (11, (265, 1, 0)),
            (18, (268, 1, 1)),
            (130, (280, 4, 15)),
            (257, (284, 5, 30)),
            (258, (285, 0, 0)),
        ] {
            assert_eq!(length_symbol(length), expected, "length {length}");
        }
        for (distance, expected) in
            [(1, (0, 0, 0)), (4, (3, 0, 0)), (5, (4, 1, 0)), (257, (16, 7, 0)), (32_768, (29, 13, 8191))]
        {
            assert_eq!(distance_symbol(distance), expected, "distance {distance}");
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_unpacked_bytes() {
        // "Wikipedia" is the usual check text: 0x11E60398.
        assert_eq!(adler32(&lines(&[(b"Wikipedia", 1)])), 0x11E6_0398);
    }

    proptest! {
        #![proptest_config(crate::random_cases::cases(64))]

        #[test]
        fn equal_lines_add_what_each_adds_by_itself(line in prop::collection::vec(any::<u8>(), 1..300), repeats in 1..2048_usize) {
            let one_by_one = vec![(line.as_slice(), 1); repeats];
            prop_assert_eq!(adler32(&lines(&[(line.as_slice(), repeats)])), adler32(&lines(&one_by_one)));
        }

        #[test]
        fn repetitions_add_up_in_parts_that_can_be_said(length in 3..5000_usize) {
            let mut heard = Heard::default();
            say_again(7, length, &mut heard);
            let Heard(parts) = heard;
            prop_assert!(parts.iter().all(|part| (3..=258).contains(part)));
            prop_assert_eq!(parts.iter().sum::<usize>(), length);
        }
    }
}
