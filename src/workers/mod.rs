//! Loops around the use cases: due work of orders, sweeping, checking the books, proving codes in advance.

pub mod deliver;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::domain::time::Span;
use crate::drill::crash_point;
use crate::ports::books::Books;
use crate::ports::store::Lease;
use crate::services::Services;
use crate::services::check_books::check_changed;
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
    // A place is filled again as soon as it is free: one slow wallet delays nobody else's order.
    // Each is a task of its own: one that waited here unpolled could hold what the loop itself needs.
    let mut tended = JoinSet::new();
    while !*stop.borrow() {
        for lease in claim(&services, AT_ONCE - tended.len()).await {
            tended.spawn(tend_one(services.clone(), lease));
        }
        let full = tended.len() >= AT_ONCE;
        let nap = nap(&services).await;
        tokio::select! {
            Some(ended) = tended.join_next() => note_broken(ended),
            () = tokio::time::sleep(nap), if !full => {}
            () = services.work.notified(), if !full => {}
            _ = stop.changed() => {}
        }
    }
    while let Some(ended) = tended.join_next().await {
        note_broken(ended);
    }
}

fn note_broken(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "tending an order broke; it comes due again");
    }
}

async fn claim(services: &Services, places: usize) -> Vec<Lease> {
    if places == 0 {
        return Vec::new();
    }
    services.store.claim_due(services.clock.now(), LEASE, places).await.unwrap_or_else(|error| {
        tracing::error!(%error, "due work cannot be claimed");
        Vec::new()
    })
}

async fn tend_one(services: Arc<Services>, lease: Lease) {
    crash_point("lease.claimed");
    match services.tend(lease).await {
        // Work that went well is given back; what did not comes due again when the lease ends.
        Ok(()) => {
            crash_point("lease.done");
            if let Err(error) = services.store.release(lease).await {
                tracing::warn!(order = %lease.order, %error, "a lease could not be given back");
            }
        }
        Err(error) => tracing::warn!(order = %lease.order, %error, "an order could not be tended; it is tried again"),
    }
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

/// Checks the books of what changed since they were last checked: at the start, beside everything else, and now and then.
pub async fn check_books(books: Arc<dyn Books>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match check_changed(books.as_ref()).await {
            Ok(checked) if checked.orders == 0 => {}
            Ok(checked) => tracing::info!(orders = checked.orders, faults = checked.faults, "the books were checked"),
            Err(error) => tracing::warn!(%error, "the books cannot be checked now"),
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// So long codes are not proven when orders come faster: their own look at a code costs a tenth, and the processor is theirs.
const RESPITE: Duration = Duration::from_millis(100);

/// Keeps proven codes in reserve: one at a time, so that the others' work is never far away.
pub async fn prove_codes(services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if services.codes.was_outpaced() {
            tokio::time::sleep(RESPITE).await;
            continue;
        }
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
