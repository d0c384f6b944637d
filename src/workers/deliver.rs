//! The loop that delivers events: it keeps as many tries running as there are places for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ports::outbox::Lane;
use crate::services::webhook_endpoints::Webhooks;

/// Tries that run at once in each lane. Endpoints that hang fill only the slow one.
const PLACES: usize = 512;
/// Told to stop, the loop lets running tries end for so long; what is cut off then is repeated at the next start.
const FAREWELL: Duration = Duration::from_secs(5);

/// The tries that are running.
#[derive(Default)]
struct Running {
    tries: JoinSet<Lane>,
    places: HashMap<Lane, usize>,
}

/// Delivers due events until told to stop.
pub async fn deliver(webhooks: Arc<Webhooks>, mut stop: watch::Receiver<bool>) {
    let mut running = Running::default();
    while !*stop.borrow() {
        let mut begun = 0;
        for lane in [Lane::Prompt, Lane::Slow] {
            begun += running.begin(&webhooks, lane).await;
        }
        running.clear_away();
        if begun > 0 {
            continue;
        }
        tokio::select! {
            () = webhooks.wait_for_deliveries(!running.tries.is_empty()) => {}
            _ = stop.changed() => {}
        }
    }
    let farewell = tokio::time::timeout(FAREWELL, async { while running.tries.join_next().await.is_some() {} });
    if farewell.await.is_err() {
        tracing::info!(count = running.tries.len(), "deliveries were cut off; they are repeated at the next start");
    }
}

impl Running {
    /// Begins what is due in a lane, as far as it has places; tells how many tries were begun.
    async fn begin(&mut self, webhooks: &Arc<Webhooks>, lane: Lane) -> usize {
        let taken = self.places.entry(lane).or_default();
        let free = PLACES.saturating_sub(*taken);
        if free == 0 {
            return 0;
        }
        let claims = match webhooks.claim_deliveries(lane, free).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::error!(%error, "due deliveries cannot be claimed");
                return 0;
            }
        };
        *taken += claims.len();
        let begun = claims.len();
        for claim in claims {
            let webhooks = Arc::clone(webhooks);
            self.tries.spawn(async move {
                if let Err(error) = webhooks.deliver(claim).await {
                    tracing::warn!(%error, "a try cannot be noted; it is repeated");
                }
                lane
            });
        }
        begun
    }

    /// Gives back the places of tries that have ended.
    fn clear_away(&mut self) {
        while let Some(ended) = self.tries.try_join_next() {
            match ended {
                Ok(lane) => {
                    let taken = self.places.entry(lane).or_default();
                    *taken = taken.saturating_sub(1);
                }
                Err(error) => tracing::error!(%error, "a try broke"),
            }
        }
    }
}
