//! Claims of due work.

use std::collections::HashSet;
use std::sync::Arc;

use pay_handoff::domain::id::OrderId;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::time::Span;
use pay_handoff::ports::store::{Lease, Store, StoreError};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after, read};

const SPAN: Span = Span::seconds(60);

/// Places an order whose work comes due after so many seconds.
async fn due(store: &impl Store, samples: &mut Samples, seconds: i64) -> Ledger {
    let mut ledger = samples.order();
    ledger.order.expires_at = after(seconds);
    let placed = samples.placed(store, &ledger).await;
    assert_eq!(placed.due_at(), Some(after(seconds)));
    placed
}

fn orders(leases: &[Lease]) -> Vec<OrderId> {
    leases.iter().map(|lease| lease.order).collect()
}

pub async fn only_due_orders_are_claimed_and_the_longest_due_first(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    assert_eq!(store.claim_due(after(1000), SPAN, 10).await, Ok(Vec::new()));
    let late = due(&*store, &mut samples, 300).await.order.id;
    let soon = due(&*store, &mut samples, 100).await.order.id;
    let middle = due(&*store, &mut samples, 200).await.order.id;
    let mut resting = samples.order();
    resting.expire(NOW).unwrap();
    assert_eq!(resting.due_at(), None);
    samples.placed(&*store, &resting).await;

    assert_eq!(store.claim_due(after(99), SPAN, 10).await, Ok(Vec::new()));
    assert_eq!(orders(&store.claim_due(after(100), SPAN, 10).await.unwrap()), [soon]);
    assert_eq!(orders(&store.claim_due(after(500), SPAN, 2).await.unwrap()), [soon, middle]);
    assert_eq!(orders(&store.claim_due(after(500), SPAN, 10).await.unwrap()), [late]);
}

pub async fn an_order_is_claimed_by_one_caller_at_a_time(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    due(&*store, &mut samples, 0).await;
    let claims = (0..16).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.claim_due(NOW, SPAN, 10).await.unwrap().len() })
    });
    let claimed = futures_util::future::join_all(claims).await.into_iter().map(Result::unwrap).sum::<usize>();
    assert_eq!(claimed, 1);
    assert_eq!(store.claim_due(after(59), SPAN, 10).await, Ok(Vec::new()));
}

pub async fn an_expired_claim_is_taken_over_with_a_higher_fence(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let order = due(&*store, &mut samples, 0).await.order.id;
    let mut fence = 0;
    for claim in 0..4 {
        let leases = store.claim_due(after(60 * claim), SPAN, 10).await.unwrap();
        assert_eq!(orders(&leases), [order]);
        assert!(leases[0].fence > fence);
        fence = leases[0].fence;
    }
}

pub async fn a_commit_under_a_lost_lease_is_refused(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let before = due(&*store, &mut samples, 0).await;
    let other = due(&*store, &mut samples, 5000).await;
    let lost = store.claim_due(NOW, SPAN, 10).await.unwrap()[0];
    let held = store.claim_due(after(60), SPAN, 10).await.unwrap()[0];
    let mut expired = before.clone();
    expired.expire(after(60)).unwrap();

    let mut change = samples.change(Some(&before), &expired);
    let forged = Lease { order: other.order.id, ..held };
    for lease in [lost, Lease { fence: held.fence + 1, ..held }, forged] {
        change.lease = Some(lease);
        assert_eq!(store.commit(change.clone()).await, Err(StoreError::LeaseLost), "{lease:?}");
        assert_eq!(read(&*store, before.order.id).await, before);
    }
    // Giving back what was lost must not take the claim from whoever has it now.
    assert_eq!(store.release(lost).await, Ok(()));
    assert_eq!(store.claim_due(after(61), SPAN, 10).await, Ok(Vec::new()));
    change.lease = Some(held);
    assert_eq!(store.commit(change).await, Ok(()));
}

pub async fn a_commit_keeps_its_lease_and_a_release_ends_it(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut ledger = due(&*store, &mut samples, 0).await;
    let lease = store.claim_due(NOW, SPAN, 10).await.unwrap()[0];
    for _ in 0..2 {
        let mut next = ledger.clone();
        next.order.view_seq += 1;
        let mut change = samples.change(Some(&ledger), &next);
        change.lease = Some(lease);
        store.commit(change).await.unwrap();
        ledger = read(&*store, ledger.order.id).await;
        assert_eq!(store.claim_due(NOW, SPAN, 10).await, Ok(Vec::new()));
    }
    // Somebody without a lease may write meanwhile: versions, not leases, keep commits apart.
    let mut next = ledger.clone();
    next.order.view_seq += 1;
    samples.moved(&*store, &ledger, &next).await.unwrap();
    assert_eq!(store.claim_due(NOW, SPAN, 10).await, Ok(Vec::new()));
    assert_eq!(store.release(lease).await, Ok(()));
    let again = store.claim_due(NOW, SPAN, 10).await.unwrap();
    assert_eq!(orders(&again), [ledger.order.id]);
    assert!(again[0].fence > lease.fence);
    let unknown = Lease { order: OrderId::new(samples.uuid()), fence: 1 };
    assert_eq!(store.release(unknown).await, Ok(()));
}

pub async fn the_next_due_moment_counts_claims(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    assert_eq!(store.next_due_at().await, Ok(None));
    due(&*store, &mut samples, 300).await;
    let first = due(&*store, &mut samples, 0).await;
    assert_eq!(store.next_due_at().await, Ok(Some(after(0))));
    let lease = store.claim_due(NOW, SPAN, 1).await.unwrap()[0];
    // A claim whose holder dies must not be forgotten: it comes due again when it ends.
    assert_eq!(store.next_due_at().await, Ok(Some(after(60))));

    let mut done = first.clone();
    done.expire(NOW).unwrap();
    let mut change = samples.change(Some(&first), &done);
    change.lease = Some(lease);
    store.commit(change).await.unwrap();
    assert_eq!(store.next_due_at().await, Ok(Some(after(300))));
}

pub async fn claimers_racing_for_many_orders_get_each_once(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    for _ in 0..40 {
        due(&*store, &mut samples, 0).await;
    }
    let claimers = (0..8).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let leases = store.claim_due(NOW, SPAN, 3).await.unwrap();
                // More than there are: some were claimed twice, and would be for ever.
                if leases.is_empty() || claimed.len() > 40 {
                    return claimed;
                }
                claimed.extend(orders(&leases));
            }
        })
    });
    let claimed = futures_util::future::join_all(claimers).await.into_iter().flat_map(Result::unwrap);
    let claimed: Vec<_> = claimed.collect();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 40);
}
