//! Patience with a limit: looking again and again instead of sleeping and hoping.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// How long anything that the program does by itself at once may take on a busy machine.
pub const SOON: Duration = Duration::from_secs(120);

/// How long a connection may rest and still be used again: less than the five seconds after which the program closes it.
pub const SHORT_REST: Duration = Duration::from_secs(2);

const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Looks until there is something to see; fails, naming what was awaited, when the limit has passed.
pub async fn wait_until<T>(limit: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} in vain for {what}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// The present.
#[expect(clippy::disallowed_methods, reason = "these tests stand outside, where time is the real one")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
