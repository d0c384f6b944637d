//! A commit is whole or nothing, and only on what was read.

use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::store::{EventQuery, Store, StoreError};

use crate::bed::Bed;
use crate::round_trips::full_ledger;
use crate::samples::{NOW, Samples, after, read, teashop};

fn all_events() -> EventQuery {
    EventQuery { merchant: teashop(), after: None, kind: None, order: None, limit: 1000 }
}

pub async fn a_commit_on_an_old_version_is_a_conflict_and_changes_nothing(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let old = samples.placed(&*store, &ledger).await;
    let mut longer = old.clone();
    longer.extend(after(2000), NOW).unwrap();
    let new = samples.moved(&*store, &old, &longer).await.unwrap();
    let events = store.events(all_events()).await.unwrap();

    let mut cancelled = old.clone();
    cancelled.cancel(NOW).unwrap();
    cancelled.attempts.push(samples.attempt(Wallet::Alipay));
    assert_eq!(samples.moved(&*store, &old, &cancelled).await, Err(StoreError::Conflict));
    assert_eq!(read(&*store, old.order.id).await, new);
    assert_eq!(store.events(all_events()).await.unwrap(), events);
}

pub async fn a_commit_on_an_order_that_does_not_exist_is_a_conflict(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    assert_eq!(samples.moved(&*store, &ledger, &ledger).await, Err(StoreError::Conflict));
}

pub async fn the_version_counts_commits_whatever_the_caller_wrote(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let mut before = samples.placed(&*store, &ledger).await;
    for version in 2..5 {
        let mut after = before.clone();
        after.order.version = 999;
        after.order.view_seq += 1;
        let change = samples.change(Some(&before), &after);
        store.commit(change).await.unwrap();
        before = read(&*store, ledger.order.id).await;
        assert_eq!(before.order.version, version);
    }
}

/// The last thing a commit writes is refused; everything before it must be undone.
pub async fn a_refused_commit_leaves_nothing_behind(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (first, second) = (full_ledger(&mut samples), full_ledger(&mut samples));
    let first_change = samples.change(None, &first);
    let event = first_change.events[0].id;
    store.commit(first_change).await.unwrap();

    let mut change = samples.change(None, &second);
    change.events[0].id = event;
    change.answer = Some(samples.answer("key"));
    assert_eq!(store.commit(change.clone()).await, Err(StoreError::Conflict));
    assert_eq!(store.kept_answer(&teashop(), "key", NOW).await, Ok(None));
    assert_eq!(store.events(all_events()).await.unwrap().len(), 1);

    // With the fault gone, all of it can be written: nothing of the first try is in the way.
    change.events = samples.change(None, &second).events;
    assert_eq!(store.commit(change).await, Ok(()));
    assert_eq!(store.events(all_events()).await.unwrap().len(), 2);
}

pub async fn what_is_fixed_cannot_be_rewritten_or_dropped(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = full_ledger(&mut samples);
    let before = samples.placed(&*store, &ledger).await;
    let forgeries: [fn(&mut Ledger); 8] = [
        |ledger| ledger.order.request.subject.push('!'),
        |ledger| ledger.order.created_at = after(1),
        |ledger| ledger.attempts[1].expires_at = after(1),
        |ledger| ledger.payments[1].proven.amount += 1,
        |ledger| ledger.payments[1].verdict = ledger.payments[2].verdict,
        |ledger| ledger.refunds[0].amount += 1,
        |ledger| drop(ledger.payments.pop()),
        |ledger| ledger.attempts.swap(0, 1),
    ];
    for (number, forge) in forgeries.into_iter().enumerate() {
        let mut forged = before.clone();
        forge(&mut forged);
        let refused = samples.moved(&*store, &before, &forged).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{number}: {refused:?}");
        assert_eq!(read(&*store, before.order.id).await, before, "{number}");
    }
}
