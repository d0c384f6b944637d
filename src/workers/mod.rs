//! Loops around the use cases: due work of orders, sweeping, proving codes in advance.

pub mod deliver;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use crate::domain::time::Span;
use crate::services::Services;
use crate::services::webhook_endpoints::Webhooks;

/// How long a claimed order is ours: longer than all calls of one round can take.
const LEASE: Span = Span::seconds(60);
/// How many orders are tended at once.
const AT_ONCE: usize = 32;
/// Due work is looked for at least this often, in case another instance made it.
const LONGEST_NAP: Duration = Duration::from_millis(1000);
/// How often old things are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Does due work until told to stop: expiry, queries, closes, refunds.
pub async fn tend(services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let done = tend_once(&services).await;
        if done > 0 {
            continue;
        }
        let nap = nap(&services).await;
        tokio::select! {
            () = tokio::time::sleep(nap) => {}
            () = services.work.notified() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Does the work that is due now; tells how many orders were tended.
async fn tend_once(services: &Services) -> usize {
    let claimed = match services.store.claim_due(services.clock.now(), LEASE, AT_ONCE).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::error!(%error, "due work cannot be claimed");
            return 0;
        }
    };
    let tended = claimed.iter().map(|lease| async {
        match services.tend(*lease).await {
            // Work that went well is given back; what did not comes due again when the lease ends.
            Ok(()) => {
                if let Err(error) = services.store.release(*lease).await {
                    tracing::warn!(order = %lease.order, %error, "a lease could not be given back");
                }
            }
            Err(error) => {
                tracing::warn!(order = %lease.order, %error, "an order could not be tended; it is tried again")
            }
        }
    });
    join_all(tended).await.len()
}

async fn nap(services: &Services) -> Duration {
    match services.store.next_due_at().await {
        Ok(Some(due)) => {
            let millis = (due - services.clock.now()).as_millis().clamp(5, 1000);
            Duration::from_millis(millis.unsigned_abs()).min(LONGEST_NAP)
        }
        _ => LONGEST_NAP,
    }
}

/// Forgets what is too old, now and then.
pub async fn sweep(services: Arc<Services>, webhooks: Arc<Webhooks>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = services.store.forget_old_answers(services.clock.now()).await {
            tracing::warn!(%error, "old answers could not be forgotten");
        }
        if let Err(error) = webhooks.outbox.forget_old_deliveries(services.clock.now()).await {
            tracing::warn!(%error, "old deliveries could not be forgotten");
        }
        services.live.sweep();
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Keeps proven codes in reserve: one at a time, so that the others' work is never far away.
pub async fn prove_codes(services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let proving = services.clone();
        match tokio::task::spawn_blocking(move || proving.codes.prove_one()).await {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::error!(%error, "no code can be proven"),
            Err(error) => tracing::error!(%error, "proving a code broke"),
        }
        tokio::select! {
            () = services.codes.taken() => {}
            _ = stop.changed() => {}
        }
    }
}
