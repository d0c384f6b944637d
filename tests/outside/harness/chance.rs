//! Chance that a seed repeats.

/// A number below this one, drawn from the seed: the same for the same round.
pub fn drawn(seed: u64, round: u64, below: u64) -> u64 {
    let mut state = seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state % below
}
