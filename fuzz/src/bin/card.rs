//! Gives its body what coverage leads to.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pay_handoff_fuzz::card::check(input));
