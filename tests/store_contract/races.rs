//! Many writers at once: whatever the interleaving, the promises hold.

use std::sync::Arc;

use futures_util::future::join_all;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::store::{Change, EventQuery, Lease, LedgerKey, OrderQuery, Store, StoreError};

use crate::bed::Bed;
use crate::samples::{Samples, read, teashop};

/// Commits all changes at once, each from a task of its own.
async fn all_at_once(store: &Arc<impl Store + 'static>, changes: Vec<Change>) -> Vec<Result<(), StoreError>> {
    let tasks = changes.into_iter().map(|change| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.commit(change).await })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

/// Exactly one succeeded, and all others were told this.
fn assert_one_won(outcomes: &[Result<(), StoreError>], others: &StoreError) {
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|error| error == others), "{outcomes:?}");
}

pub async fn of_64_commits_on_one_version_exactly_one_wins(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let mut before = samples.placed(&*store, &ledger).await;
    for round in 0..5 {
        let changes = (0..64).map(|_| {
            let mut after = before.clone();
            after.attempts.push(samples.attempt(Wallet::Alipay));
            samples.change(Some(&before), &after)
        });
        let changes = changes.collect();
        assert_one_won(&all_at_once(&store, changes).await, &StoreError::Conflict);
        let now = read(&*store, before.order.id).await;
        assert_eq!(now.order.version, before.order.version + 1);
        assert_eq!(now.attempts.len(), round + 1);
        assert_eq!(now.attempts[..round], before.attempts);
        before = now;
    }
}

pub async fn of_64_writers_that_try_again_none_loses_its_work(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let order = samples.placed(&*store, &ledger).await.order.id;
    let writers = (0..64).map(|_| {
        let (store, attempt) = (Arc::clone(&store), samples.attempt(Wallet::Alipay));
        tokio::spawn(async move {
            loop {
                let before = read(&*store, order).await;
                let mut after = before.clone();
                after.attempts.push(attempt.clone());
                let change = Change { before: Some(before), after, events: Vec::new(), answer: None, lease: None };
                match store.commit(change).await {
                    Ok(()) => return attempt.id,
                    Err(error) => assert_eq!(error, StoreError::Conflict),
                }
            }
        })
    });
    let written: Vec<_> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    let ledger = read(&*store, order).await;
    assert_eq!(ledger.order.version, 65);
    assert_eq!(ledger.attempts.len(), 64);
    assert!(written.iter().all(|attempt| ledger.attempt(*attempt).is_some()));
}

pub async fn of_50_orders_with_one_number_exactly_one_is_placed(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let number = samples.order().order.request.merchant_order_no;
    let changes = (0..50).map(|_| {
        let mut ledger = samples.order();
        ledger.order.request.merchant_order_no = number.clone();
        samples.change(None, &ledger)
    });
    let changes = changes.collect();
    assert_one_won(&all_at_once(&store, changes).await, &StoreError::MerchantOrderNoTaken);
    assert!(store.ledger(LedgerKey::MerchantOrderNo(teashop(), number)).await.unwrap().is_some());
    let events = EventQuery { merchant: teashop(), after: None, kind: None, order: None, limit: 1000 };
    assert_eq!(store.events(events).await.unwrap().len(), 1);
}

pub async fn of_32_orders_that_record_one_payment_exactly_one_does(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut changes = Vec::new();
    for _ in 0..32 {
        let mut ledger = samples.order();
        ledger.attempts.push(samples.attempt(Wallet::WechatPay));
        let before = samples.placed(&*store, &ledger).await;
        let mut after = before.clone();
        let mut payment = samples.payment(&before.attempts[0].clone(), Verdict::Winner);
        payment.proven.transaction_id = "4200000000".to_owned();
        after.payments.push(payment);
        changes.push(samples.change(Some(&before), &after));
    }
    assert_one_won(&all_at_once(&store, changes).await, &StoreError::PaymentKnown("4200000000".to_owned()));
}

pub async fn of_200_orders_placed_at_once_all_are_there<B: Bed>(bed: B) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledgers: Vec<_> = (0..200).map(|_| samples.order()).collect();
    let changes = ledgers.iter().map(|ledger| samples.change(None, ledger)).collect();
    assert!(all_at_once(&store, changes).await.iter().all(Result::is_ok));
    drop(store);

    let bed = bed.reopened().await;
    let store = bed.store();
    let query = OrderQuery {
        merchant: teashop(),
        merchant_order_no: None,
        status: None,
        created_after: None,
        created_before: None,
        older_than: None,
        limit: 1000,
    };
    let listed = store.orders(query).await.unwrap();
    let expected: Vec<_> = ledgers.iter().rev().map(|ledger| crate::samples::stored(ledger, 1).order).collect();
    assert_eq!(listed, expected);
}

/// Each commit adds an attempt and a friend link at once; a reader must never see one without the other.
pub async fn a_reader_beside_writers_sees_whole_commits_only(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let mut before = samples.placed(&*store, &ledger).await;
    let order = before.order.id;
    let reader = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut seen = 0;
            while seen < 60 {
                let ledger = read(&*store, order).await;
                assert_eq!(ledger.attempts.len(), ledger.friend_links.len());
                assert_eq!(u64::try_from(ledger.attempts.len()).unwrap() + 1, ledger.order.version);
                assert!(ledger.attempts.len() >= seen, "what was seen once stays");
                seen = ledger.attempts.len();
            }
        })
    };
    for _ in 0..60 {
        let mut after = before.clone();
        after.attempts.push(samples.attempt(Wallet::Alipay));
        after.friend_links.push(samples.friend_link());
        before = samples.moved(&*store, &before, &after).await.unwrap();
        // Traffic beside it, so that commits are grouped.
        let nobody = Lease { order, fence: 99 };
        assert_eq!(store.release(nobody).await, Ok(()));
    }
    reader.await.unwrap();
}
