//! Deliberate crashes and planted faults, for the tests that must survive the ones and catch the others. Without the two test features,
//! which no release has, both functions here are constants that leave nothing behind.

/// Ends the process here, as a power switch would, when `DRILL_CRASH_AT` names this point and says with which passage: `query.after:3`.
#[cfg(feature = "crash-points")]
pub fn crash_point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let text = std::env::var("DRILL_CRASH_AT").ok()?;
        let (name, passage) = text.split_once(':')?;
        Some((name.to_owned(), passage.parse().ok()?))
    });
    static PASSED: AtomicU64 = AtomicU64::new(0);
    if let Some((wanted, passage)) = WANTED.as_ref()
        && wanted == name
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *passage
    {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub const fn crash_point(_: &str) {}

/// Whether `DRILL_FAULT` names this fault.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn is_planted(fault: &str) -> bool {
    static WANTED: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("DRILL_FAULT").unwrap_or_default());
    *WANTED == fault
}

/// No.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
#[must_use]
pub const fn is_planted(_: &str) -> bool {
    false
}
