//! How many random cases a property gets whose cases are expensive.

use proptest::test_runner::Config;

/// What proptest takes when nobody says otherwise.
const USUAL: u32 = 256;

/// So few on every run, and in proportion more when `PROPTEST_CASES` asks for more than usual: [`Config::with_cases`] would not heed it.
pub fn cases(few: u32) -> Config {
    let asked = Config::default().cases.max(USUAL);
    Config::with_cases(few.saturating_mul(asked / USUAL))
}
