//! Huffman codes as deflate writes them: lengths from frequencies, canonical codes from lengths, bits into bytes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A canonical code: for each symbol its bits (already in the order of writing) and how many they are, 0 for a symbol not used.
pub struct Code {
    symbols: Vec<(u32, u32)>,
}

impl Code {
    /// The canonical code of these lengths: shorter codes first, equal lengths in the order of the symbols.
    pub fn of(lengths: Vec<u32>) -> Self {
        let mut symbols = vec![(0, 0); lengths.len()];
        let mut next = 0_u32;
        for length in 1..=15 {
            next <<= 1;
            for (symbol, _) in symbols.iter_mut().zip(&lengths).filter(|(_, own)| **own == length) {
                *symbol = (next.reverse_bits() >> (32 - length), length);
                next += 1;
            }
        }
        Self { symbols }
    }

    /// How many bits the symbol takes; 0 when it has no code.
    pub fn length(&self, symbol: usize) -> u32 {
        self.symbols.get(symbol).map_or(0, |(_, length)| *length)
    }

    /// Writes the symbol, which must have a code.
    #[inline]
    pub fn write(&self, symbol: usize, bits: &mut BitWriter<'_>) {
        let (code, length) = self.symbols.get(symbol).copied().unwrap_or_default();
        bits.push(code, length);
    }

    /// The lengths up to the last symbol used, at least `fewest` of them.
    fn used_lengths(&self, fewest: usize) -> impl Iterator<Item = u32> {
        let used = self.symbols.iter().rposition(|(_, length)| *length > 0).map_or(0, |last| last + 1);
        self.symbols.iter().take(used.max(fewest)).map(|(_, length)| *length)
    }
}

/// The code lengths with which symbols of these frequencies take the fewest bits, none longer than `longest`; 0 for a symbol that
/// does not occur. A single symbol gets one bit.
pub fn code_lengths(counts: &[u32], longest: u32) -> Vec<u32> {
    let mut counts = counts.to_vec();
    loop {
        let lengths = unlimited_lengths(&counts);
        if lengths.iter().all(|length| *length <= longest) {
            return lengths;
        }
        // Flatter frequencies give a flatter tree; at last all are 1 and the tree is as flat as can be.
        counts.iter_mut().for_each(|count| *count = count.div_ceil(2));
    }
}

/// Huffman's algorithm: the two rarest trees become one until one is left.
fn unlimited_lengths(counts: &[u32]) -> Vec<u32> {
    let mut lengths = vec![0; counts.len()];
    let leaves = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let mut trees: BinaryHeap<_> = leaves.enumerate().map(|(tree, (_, count))| Reverse((*count, tree))).collect();
    let used = trees.len();
    let mut parents = vec![0; used.saturating_mul(2)];
    let mut made = used;
    while let (Some(Reverse((rarest, one))), Some(Reverse((second, other)))) = (trees.pop(), trees.pop()) {
        parents[one] = made;
        parents[other] = made;
        trees.push(Reverse((rarest + second, made)));
        made += 1;
    }
    // The last tree made is the root; each tree stands below its parent, which was made after it.
    let mut depths = vec![0; made];
    for tree in (0..made.saturating_sub(1)).rev() {
        depths[tree] = depths[parents[tree]] + 1;
    }
    let symbols = lengths.iter_mut().zip(counts).filter(|(_, count)| **count > 0);
    for ((length, _), depth) in symbols.zip(&depths) {
        *length = (*depth).max(1);
    }
    lengths
}

/// The order in which a block states the lengths of the code that states the lengths.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Writes the description of both codes at the start of a block.
pub fn write_code_lengths(literals: &Code, distances: &Code, bits: &mut BitWriter<'_>) {
    let literal_lengths: Vec<u32> = literals.used_lengths(257).collect();
    let distance_lengths: Vec<u32> = distances.used_lengths(1).collect();
    let steps = run_lengths(&[literal_lengths.as_slice(), &distance_lengths].concat());
    let mut counts = [0; 19];
    for (symbol, _, _) in &steps {
        counts[*symbol] += 1;
    }
    let code = Code::of(code_lengths(&counts, 7));
    let stated = ORDER.iter().rposition(|symbol| code.length(*symbol) > 0).map_or(4, |last| (last + 1).max(4));
    bits.push(literal_lengths.len() as u32 - 257, 5);
    bits.push(distance_lengths.len() as u32 - 1, 5);
    bits.push(stated as u32 - 4, 4);
    for symbol in ORDER.iter().take(stated) {
        bits.push(code.length(*symbol), 3);
    }
    for (symbol, value, extra) in steps {
        code.write(symbol, bits);
        bits.push(value, extra);
    }
}

/// Lengths as symbols 0…15 (a length), 16 (the last again 3…6 times), 17 and 18 (3…10 and 11…138 zeros), with the bits that follow.
fn run_lengths(lengths: &[u32]) -> Vec<(usize, u32, u32)> {
    let mut steps = Vec::new();
    for equal in lengths.chunk_by(|one, other| one == other) {
        let length = equal[0];
        let mut left = equal.len() as u32;
        if length != 0 {
            steps.push((length as usize, 0, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, fewest, most, extra) = match (length, left) {
                (_, ..3) => (length as usize, 1, 1, 0),
                (0, 3..11) => (17, 3, 10, 3),
                (0, _) => (18, 11, 138, 7),
                _ => (16, 3, 6, 2),
            };
            let taken = left.min(most);
            steps.push((symbol, taken - fewest, extra));
            left -= taken;
        }
    }
    steps
}

/// Bits into bytes, the lowest bit first.
pub struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    waiting: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    /// Writes behind what is already there.
    pub const fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, waiting: 0, count: 0 }
    }

    /// The lowest `count` (at most 32) bits of `value`, which has no others.
    #[inline]
    pub fn push(&mut self, value: u32, count: u32) {
        self.waiting |= u64::from(value) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.waiting as u32).to_le_bytes());
            self.waiting >>= 32;
            self.count -= 32;
        }
    }

    /// Fills the last byte with zeros, and says how many of its bits count: 0, for all, to 7.
    pub fn finish(self) -> usize {
        self.bytes.extend(self.waiting.to_le_bytes().iter().take(self.count.div_ceil(8) as usize));
        self.count as usize % 8
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::random_cases::cases(128))]

        #[test]
        fn every_code_is_complete_and_within_its_limit(counts in prop::collection::vec(0..100_000_u32, 2..286)) {
            let used = counts.iter().filter(|count| **count > 0).count();
            prop_assume!(used > 1);
            let lengths = code_lengths(&counts, 15);
            // Kraft: a complete code fills the tree exactly.
            let filled: u32 = lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum();
            prop_assert_eq!(filled, 1 << 15);
            for (count, length) in counts.iter().zip(&lengths) {
                prop_assert_eq!(*count > 0, *length > 0);
            }
        }
    }

    #[test]
    fn frequencies_that_grow_like_fibonacci_are_held_within_the_limit() {
        let mut counts = vec![1, 1];
        while counts.len() < 40 {
            counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
        }
        assert_eq!(unlimited_lengths(&counts).iter().max(), Some(&39));
        assert_eq!(code_lengths(&counts, 15).iter().max(), Some(&15));
    }

    #[test]
    fn the_codes_of_the_standards_example_come_out() {
        // RFC 1951, 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) give 010, 011, 100, 101, 110, 00, 1110, 1111.
        let code = Code::of(vec![3, 3, 3, 3, 3, 2, 4, 4]);
        let written: Vec<String> = code
            .symbols
            .iter()
            .map(|(bits, length)| (0..*length).map(|at| if bits >> at & 1 == 1 { '1' } else { '0' }).collect())
            .collect();
        assert_eq!(written, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }

    #[test]
    fn runs_of_lengths_are_said_once() {
        let lengths = [vec![0; 150], vec![5; 9], vec![0; 4], vec![7; 3]].concat();
        assert_eq!(
            run_lengths(&lengths),
            [
                (18, 127, 7),
                (18, 1, 7),
                (5, 0, 0),
                (16, 3, 2),
                (5, 0, 0),
                (5, 0, 0),
                (17, 1, 3),
                (7, 0, 0),
                (7, 0, 0),
                (7, 0, 0)
            ]
        );
    }
}
