//! Delivering: claim what is due, carry it, note what came of it.

use std::time::Duration;

use super::refusal::Refusal;
use super::webhook_endpoints::{Webhooks, reach};
use crate::domain::time::Span;
use crate::domain::webhook::{Attempted, Jitter, TryResult};
use crate::drill::crash_point;
use crate::ports::courier::{Carried, Parcel};
use crate::ports::outbox::{Claim, Lane};

/// How long a claimed delivery is ours: longer than carrying and noting can take.
const LEASE: Span = Span::seconds(30);
/// Due deliveries are looked for at least this often, …
const LONGEST_NAP: Span = Span::millis(1000);
/// … and this often while some run: others of their endpoints may have waited long enough by then to run beside them.
const NAP_WHILE_BUSY: Span = Span::millis(50);

impl Webhooks {
    /// Claims what is due now, at most so many deliveries.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn claim_deliveries(&self, lane: Lane, most: usize) -> Result<Vec<Claim>, Refusal> {
        Ok(self.outbox.claim(lane, self.clock.now(), LEASE, most).await?)
    }

    /// Carries a claimed delivery and notes what came of it. When that cannot be noted, the delivery is repeated once its claim
    /// has run out: better twice than never.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn deliver(&self, claim: Claim) -> Result<(), Refusal> {
        let at = self.clock.now();
        let (endpoint, event, fence) = (claim.endpoint, claim.event, claim.fence);
        crash_point("delivery.before");
        let carried = match self.merchants.get(&claim.merchant) {
            Some(merchant) => {
                let Claim { url, body, secrets, .. } = claim;
                self.courier.carry(Parcel { url, reach: reach(merchant), event, body, secrets, at }).await
            }
            None => Carried {
                result: TryResult::NoAnswer("not sent: the merchant is not configured any more".to_owned()),
                retry_after: None,
                answer: Vec::new(),
            },
        };
        crash_point("delivery.carried");
        // The clock may have been set back meanwhile.
        let latency = (self.clock.now() - at).max(Span::millis(0));
        tracing::debug!(%endpoint, %event, result = ?carried.result, latency_ms = latency.as_millis(), "a delivery was tried");
        let Carried { result, retry_after, answer } = carried;
        let attempted = Attempted { at, latency, result, retry_after, answer };
        if let Some(disabled) = self.outbox.note(endpoint, event, fence, attempted, self.jitter()).await? {
            tracing::warn!(%endpoint, why = disabled.why.as_str(), "a webhook endpoint was disabled; its merchant must make a new one");
        }
        crash_point("delivery.noted");
        Ok(())
    }

    fn jitter(&self) -> Jitter {
        let mut random = [0; 2];
        self.entropy.fill(&mut random);
        Jitter::from_random(u16::from_be_bytes(random))
    }

    /// Returns when it is time to look for due deliveries again.
    pub async fn wait_for_deliveries(&self, busy: bool) {
        let longest = if busy { NAP_WHILE_BUSY } else { LONGEST_NAP };
        let now = self.clock.now();
        let nap = match self.outbox.next_due_after(now).await {
            Ok(Some(due)) => (due - now).min(longest).max(Span::millis(5)),
            _ => longest,
        };
        let nap = Duration::from_millis(nap.as_millis().unsigned_abs());
        tokio::select! {
            () = self.outbox.stirred() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
}
