//! Gives its body what coverage leads to; the keys are made before the first input, which would be called slow otherwise.
#![no_main]

libfuzzer_sys::fuzz_target!(init: pay_handoff_fuzz::forged::prepare(), |input: &[u8]| pay_handoff_fuzz::forged::check(input));
