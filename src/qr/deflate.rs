//! A zlib stream for pictures whose lines repeat, written from the lines and their numbers of repetitions alone.
//!
//! A general compressor has to find the repetitions again in every pixel; here they are known, so that a line is looked at once
//! however often it is shown. The output is an ordinary stream with one block of dynamic Huffman codes (RFC 1950, RFC 1951).

use super::huffman::{BitWriter, Code, code_lengths, write_code_lengths};

/// The longest repetition that one token can say.
const LONGEST: usize = 258;
/// The symbol that ends the block.
const END_OF_BLOCK: usize = 256;
/// How long a repetition within or between neighbouring lines must at least be to be written as one: measured over module sizes from
/// 5 to 49 pixels, within 2 % of the best for each.
const SHORTEST: usize = 6;

/// Equal lines of the picture, one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// The bytes of one line; not empty, and as many as in every other band of the picture.
    pub line: Vec<u8>,
    /// How often it is shown, at least once.
    pub repeats: usize,
}

#[derive(Clone, Copy)]
enum Token {
    Literal(u8),
    /// Says again `length` (3…258) bytes from `distance` bytes before.
    Match {
        length: usize,
        distance: usize,
    },
}

/// The stream that unpacks to all lines of all bands.
#[must_use]
pub fn zlib(bands: &[Band]) -> Vec<u8> {
    // Deflate with a window of 32 KiB; fastest algorithm; no dictionary.
    let mut stream = vec![0x78, 0x01];
    Block::of(tokens(bands)).write(&mut stream);
    stream.extend(adler32(bands).to_be_bytes());
    stream
}

fn tokens(bands: &[Band]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(2048);
    let mut above: &[u8] = &[];
    for Band { line, repeats } in bands {
        line_tokens(line, above, &mut tokens);
        repeat_tokens(line.len(), line.len() * repeats.saturating_sub(1), &mut tokens);
        above = line;
    }
    tokens
}

/// A line as runs of one byte, parts of the line above, and what neither says.
fn line_tokens(line: &[u8], above: &[u8], tokens: &mut Vec<Token>) {
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        let rest = &line[at..];
        let run = match at.checked_sub(1).map(|before| line[before]) {
            Some(before) => rest.iter().take_while(|next| **next == before).count(),
            None => 0,
        };
        let same =
            above.get(at..).map_or(0, |above| rest.iter().zip(above).take_while(|(one, other)| one == other).count());
        if run.max(same) >= SHORTEST {
            let distance = if run >= same { 1 } else { line.len() };
            repeat_tokens(distance, run.max(same), tokens);
            at += run.max(same);
        } else {
            tokens.push(Token::Literal(byte));
            at += 1;
        }
    }
}

/// Says `length` bytes again: nothing or at least three, none left over that would be too few for a token.
fn repeat_tokens(distance: usize, mut length: usize, tokens: &mut Vec<Token>) {
    while length > 0 {
        let part = if length > LONGEST && length < LONGEST + 3 { length - 3 } else { length.min(LONGEST) };
        tokens.push(Token::Match { length: part, distance });
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

/// Tokens with the codes that suit them.
struct Block {
    tokens: Vec<Token>,
    literals: Code,
    distances: Code,
}

impl Block {
    fn of(tokens: Vec<Token>) -> Self {
        let mut literals = [0; 286];
        let mut distances = [0; 30];
        literals[END_OF_BLOCK] = 1;
        for token in &tokens {
            match *token {
                Token::Literal(byte) => literals[usize::from(byte)] += 1,
                Token::Match { length, distance } => {
                    literals[length_symbol(length).0] += 1;
                    distances[distance_symbol(distance).0] += 1;
                }
            }
        }
        let code = |counts: &[u32]| Code::of(code_lengths(counts, 15));
        Self { tokens, literals: code(&literals), distances: code(&distances) }
    }

    fn write(&self, stream: &mut Vec<u8>) {
        let mut bits = BitWriter::new(stream);
        // The last block, with its own codes.
        bits.push(0b101, 3);
        write_code_lengths(&self.literals, &self.distances, &mut bits);
        for token in &self.tokens {
            match *token {
                Token::Literal(byte) => self.literals.write(byte.into(), &mut bits),
                Token::Match { length, distance } => {
                    let (symbol, extra, value) = length_symbol(length);
                    self.literals.write(symbol, &mut bits);
                    bits.push(value, extra);
                    let (symbol, extra, value) = distance_symbol(distance);
                    self.distances.write(symbol, &mut bits);
                    bits.push(value, extra);
                }
            }
        }
        self.literals.write(END_OF_BLOCK, &mut bits);
        bits.finish();
    }
}

/// The checksum of the unpacked bytes, each band in one step: n equal lines of sum S and weighted sum W add nS to the first half and
/// n·W plus an arithmetic series to the second.
fn adler32(bands: &[Band]) -> u32 {
    const MODULUS: u64 = 65_521;
    let (mut low, mut high) = (1_u64, 0_u64);
    for Band { line, repeats } in bands {
        let (bytes, repeats) = (line.len() as u64, *repeats as u64);
        let sum: u64 = line.iter().map(|byte| u64::from(*byte)).sum();
        let weighted: u64 = line.iter().zip((1..=bytes).rev()).map(|(byte, weight)| u64::from(*byte) * weight).sum();
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
        assert_eq!(adler32(&[Band { line: b"Wikipedia".to_vec(), repeats: 1 }]), 0x11E6_0398);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_band_adds_what_its_lines_add_one_by_one(line in prop::collection::vec(any::<u8>(), 1..300), repeats in 1..2048_usize) {
            let one_by_one: Vec<Band> = (0..repeats).map(|_| Band { line: line.clone(), repeats: 1 }).collect();
            prop_assert_eq!(adler32(&[Band { line, repeats }]), adler32(&one_by_one));
        }

        #[test]
        fn repetitions_add_up_in_parts_that_a_token_can_say(length in 3..5000_usize) {
            let mut tokens = Vec::new();
            repeat_tokens(7, length, &mut tokens);
            let parts: Vec<usize> =
                tokens.iter().map(|token| if let Token::Match { length, .. } = token { *length } else { 0 }).collect();
            prop_assert!(parts.iter().all(|part| (3..=258).contains(part)));
            prop_assert_eq!(parts.iter().sum::<usize>(), length);
        }
    }
}
