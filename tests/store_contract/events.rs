//! The list of events: in one order, without gaps, for its own merchant.

use std::sync::Arc;

use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::id::{EventId, OrderId};
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::ports::store::{EventQuery, EventRecord, Store, StoreError};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after, teashop};

fn query() -> EventQuery {
    EventQuery { merchant: teashop(), after: None, kind: None, order: None, limit: 1000 }
}

/// Three orders, each extended and then cancelled, their commits interleaved and the identifiers of their events running
/// backwards; gives the events in the order of the commits.
async fn history(store: &impl Store, samples: &mut Samples) -> (Vec<OrderId>, Vec<EventRecord>) {
    let mut ledgers: Vec<_> = (0..3).map(|_| samples.order()).collect();
    let mut ids: Vec<_> = (0..9).map(|_| EventId::new(samples.uuid())).collect();
    let mut events = Vec::new();
    for ledger in &ledgers {
        let mut change = samples.change(None, ledger);
        change.events[0].id = ids.pop().unwrap();
        events.extend(change.events.clone());
        store.commit(change).await.unwrap();
    }
    for step in 0..2 {
        // Backwards, so that neither identifiers nor numbers of orders give the order by chance.
        for ledger in ledgers.iter_mut().rev() {
            let before = crate::samples::stored(ledger, step + 1);
            *ledger = before.clone();
            if step == 0 {
                ledger.extend(after(2000), NOW).unwrap();
            } else {
                ledger.cancel(NOW).unwrap();
            }
            let mut change = samples.change(Some(&before), ledger);
            change.events[0].id = ids.pop().unwrap();
            events.extend(change.events.clone());
            store.commit(change).await.unwrap();
        }
    }
    (ledgers.iter().map(|ledger| ledger.order.id).collect(), events)
}

pub async fn events_come_in_the_order_of_their_commits(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (_, events) = history(&*store, &mut samples).await;
    assert_eq!(events.len(), 9);
    assert_eq!(store.events(query()).await.unwrap(), events);
    for limit in 1..5 {
        let mut listed: Vec<EventRecord> = Vec::new();
        loop {
            let after = listed.last().map(|event| event.id);
            let page = store.events(EventQuery { after, limit, ..query() }).await.unwrap();
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert_eq!(listed, events, "in pages of {limit}");
    }
}

pub async fn events_are_chosen_by_kind_and_by_order(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (orders, events) = history(&*store, &mut samples).await;
    let of_order = store.events(EventQuery { order: Some(orders[1]), ..query() }).await.unwrap();
    assert_eq!(of_order, [events[1].clone(), events[4].clone(), events[7].clone()]);
    assert_eq!(of_order.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let kind = Some(EventKind::OrderExtended);
    assert_eq!(store.events(EventQuery { kind, ..query() }).await.unwrap(), events[3..6]);
    let after = Some(events[3].id);
    assert_eq!(store.events(EventQuery { kind, after, ..query() }).await.unwrap(), events[4..6]);
    let both = EventQuery { kind, order: Some(orders[0]), ..query() };
    assert_eq!(store.events(both).await.unwrap(), events[5..6]);
    let none = EventQuery { kind: Some(EventKind::OrderPaid), ..query() };
    assert_eq!(store.events(none).await.unwrap(), []);
}

pub async fn only_a_merchants_own_event_can_be_listed_after(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (orders, events) = history(&*store, &mut samples).await;
    let merchant = MerchantId::new("bookshop").unwrap();
    let stranger = |after| EventQuery { merchant: merchant.clone(), after, ..query() };
    assert_eq!(store.events(stranger(None)).await, Ok(Vec::new()));
    let of_order = EventQuery { order: Some(orders[0]), ..stranger(None) };
    assert_eq!(store.events(of_order).await, Ok(Vec::new()));
    assert_eq!(store.events(stranger(Some(events[0].id))).await, Err(StoreError::NoSuchEvent));
    let unknown = EventQuery { after: Some(EventId::new(samples.uuid())), ..query() };
    assert_eq!(store.events(unknown).await, Err(StoreError::NoSuchEvent));
    assert_eq!(store.events(EventQuery { after: Some(events[8].id), ..query() }).await, Ok(Vec::new()));
}

pub async fn following_the_list_while_others_write_skips_nothing(bed: impl Bed) {
    const ORDERS: usize = 150;
    let (store, mut samples) = (bed.store(), Samples::default());
    let writers: Vec<_> = (0..ORDERS)
        .map(|_| {
            let ledger = samples.order();
            let (store, change) = (Arc::clone(&store), samples.change(None, &ledger));
            tokio::spawn(async move { store.commit(change).await })
        })
        .collect();
    let mut followed: Vec<EventRecord> = Vec::new();
    while followed.len() < ORDERS {
        let after = followed.last().map(|event| event.id);
        followed.extend(store.events(EventQuery { after, limit: 7, ..query() }).await.unwrap());
        // What was skipped would never come, so the loop ends when all that is left to come has come.
        if writers.iter().all(tokio::task::JoinHandle::is_finished) {
            let after = followed.last().map(|event| event.id);
            followed.extend(store.events(EventQuery { after, ..query() }).await.unwrap());
            break;
        }
    }
    for writer in writers {
        assert_eq!(writer.await.unwrap(), Ok(()));
    }
    assert_eq!(followed.len(), ORDERS);
    assert_eq!(followed, store.events(query()).await.unwrap());
}
