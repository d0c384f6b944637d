//! Deliveries: begun with their events, in order for one order, claimed once, moved on by their tries.

use std::sync::Arc;

use futures_util::future::join_all;
use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::id::{EventId, WebhookEndpointId};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::webhook::{Attempted, Delivery, DeliveryStatus, DisabledWhy, Jitter, TryResult};
use pay_handoff::ports::outbox::{Claim, DeliveryQuery, Lane, Outbox};
use pay_handoff::ports::store::{EventQuery, EventRecord, LedgerKey, Store, StoreError};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after, stored, teashop};

const SPAN: Span = Span::seconds(30);

async fn endpoint(store: &impl Outbox, samples: &mut Samples, kinds: Option<Vec<EventKind>>) -> WebhookEndpointId {
    let mut endpoint = samples.endpoint();
    endpoint.kinds = kinds;
    store.add_endpoint(endpoint.clone(), samples.secret(), None).await.unwrap();
    endpoint.id
}

/// Gives the order more time, at this moment; one event.
async fn extended(store: &impl Store, samples: &mut Samples, before: &Ledger, at: Timestamp) -> Ledger {
    let mut ledger = before.clone();
    ledger.extend(before.order.expires_at + Span::seconds(60), at).unwrap();
    samples.moved(store, before, &ledger).await.unwrap()
}

async fn events(store: &impl Store) -> Vec<EventRecord> {
    let query = EventQuery { merchant: teashop(), after: None, kind: None, order: None, limit: 1000 };
    store.events(query).await.unwrap()
}

async fn listed(store: &impl Outbox, endpoint: WebhookEndpointId) -> Vec<Delivery> {
    store.deliveries(DeliveryQuery { endpoint, older_than: None, limit: 1000 }).await.unwrap()
}

/// The only two deliveries to an endpoint, the newer one first.
async fn both(store: &impl Outbox, endpoint: WebhookEndpointId) -> [Delivery; 2] {
    listed(store, endpoint).await.try_into().expect("two deliveries")
}

async fn claimed(store: &impl Outbox, now: Timestamp) -> Vec<Claim> {
    let mut claims = store.claim(Lane::Slow, now, SPAN, 100).await.unwrap();
    claims.extend(store.claim(Lane::Prompt, now, SPAN, 100).await.unwrap());
    claims
}

fn attempted(at: Timestamp, status: u16) -> Attempted {
    let (latency, answer) = (Span::millis(7), b"thanks".to_vec());
    Attempted { at, latency, result: TryResult::Answered(status), retry_after: None, answer }
}

async fn noted(store: &impl Outbox, claim: &Claim, at: Timestamp, status: u16) -> Option<DisabledWhy> {
    let tried = attempted(at, status);
    let disabled = store.note(claim.endpoint, claim.event, claim.fence, tried, Jitter::NONE).await.unwrap();
    disabled.map(|disabled| disabled.why)
}

pub async fn an_event_is_delivered_to_every_endpoint_that_wants_it(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let all = endpoint(&*store, &mut samples, None).await;
    let created = endpoint(&*store, &mut samples, Some(vec![EventKind::OrderCreated])).await;
    let paid = endpoint(&*store, &mut samples, Some(vec![EventKind::OrderPaid])).await;
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let late = endpoint(&*store, &mut samples, None).await;
    let event = events(&*store).await.remove(0);
    let claims = claimed(&*store, NOW).await;
    let told: Vec<_> = claims.iter().map(|claim| (claim.endpoint, claim.event, claim.body.clone())).collect();
    assert_eq!(told, [(all, event.id, event.body.clone()), (created, event.id, event.body)]);
    for nothing in [paid, late] {
        assert_eq!(listed(&*store, nothing).await, []);
    }
    assert_eq!(claims[0].merchant, teashop());
    assert_eq!(claims[0].secrets.len(), 1);
}

pub async fn a_refused_commit_begins_no_delivery(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    let before = samples.placed(&*store, &ledger).await;
    extended(&*store, &mut samples, &before, NOW).await;
    let mut lost = before.clone();
    lost.cancel(NOW).unwrap();
    assert_eq!(samples.moved(&*store, &before, &lost).await, Err(StoreError::Conflict));
    assert_eq!(listed(&*store, endpoint).await.len(), 2);
}

pub async fn the_events_of_an_order_are_delivered_one_after_the_other(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    endpoint(&*store, &mut samples, None).await;
    let mut ledger = samples.order();
    ledger = samples.placed(&*store, &ledger).await;
    for second in 1..4 {
        ledger = extended(&*store, &mut samples, &ledger, after(second)).await;
    }
    let other = samples.order();
    samples.placed(&*store, &other).await;
    let query = EventQuery { merchant: teashop(), after: None, kind: None, order: Some(ledger.order.id), limit: 100 };
    let history: Vec<EventId> = store.events(query).await.unwrap().into_iter().map(|event| event.id).collect();
    let mut delivered = Vec::new();
    for second in 10..30 {
        let claims = claimed(&*store, after(second)).await;
        assert!(claims.iter().filter(|claim| history.contains(&claim.event)).count() <= 1, "two of one order at once");
        for claim in &claims {
            noted(&*store, claim, after(second), 200).await;
            delivered.push(claim.event);
        }
    }
    let of_order: Vec<EventId> = delivered.iter().copied().filter(|event| history.contains(event)).collect();
    assert_eq!(of_order, history);
    assert_eq!(delivered.len(), 5);
    assert_eq!(store.next_due_after(NOW).await, Ok(None));
}

pub async fn a_failed_delivery_holds_back_the_next_of_its_order_until_it_is_dead(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    let ledger = samples.placed(&*store, &ledger).await;
    extended(&*store, &mut samples, &ledger, NOW).await;
    let first = events(&*store).await[0].id;
    let (mut now, mut tries) = (NOW, Vec::new());
    while listed(&*store, endpoint).await[1].progress.status == DeliveryStatus::Pending {
        let claims = claimed(&*store, now).await;
        assert_eq!(claims.iter().map(|claim| claim.event).collect::<Vec<_>>(), [first]);
        tries.push((now - NOW).as_seconds());
        noted(&*store, &claims[0], now, 500).await;
        if let Some(next) = store.next_due_after(now).await.unwrap() {
            now = next;
        }
    }
    assert_eq!(tries.len(), 12);
    let [second, first] = both(&*store, endpoint).await;
    assert_eq!((first.progress.status, first.progress.tries), (DeliveryStatus::Dead, 12));
    assert_eq!((second.progress.status, second.progress.tries), (DeliveryStatus::Pending, 0));
    assert!(second.progress.due_at.is_some(), "it is in turn now");
}

pub async fn a_new_event_of_an_order_tries_the_waiting_one_again_at_once(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    let mut ledger = samples.placed(&*store, &ledger).await;
    for (second, due) in [(0, 2), (3, 8), (9, 309)] {
        let claims = claimed(&*store, after(second)).await;
        noted(&*store, &claims[0], after(second), 500).await;
        let due_at = listed(&*store, endpoint).await[0].progress.due_at.unwrap();
        assert_eq!((due_at - after(due)).as_millis().div_euclid(1000), 0, "{due_at:?}");
    }
    ledger = extended(&*store, &mut samples, &ledger, after(20)).await;
    let [second, first] = both(&*store, endpoint).await;
    assert_eq!((first.progress.due_at, second.progress.due_at), (Some(after(20)), None));
    let claims = claimed(&*store, after(20)).await;
    noted(&*store, &claims[0], after(20), 500).await;
    // At most every five seconds; and an event that comes while a try runs hurries the next one.
    ledger = extended(&*store, &mut samples, &ledger, after(21)).await;
    assert_eq!(listed(&*store, endpoint).await[2].progress.due_at, Some(after(25)));
    let claims = claimed(&*store, after(25)).await;
    extended(&*store, &mut samples, &ledger, after(26)).await;
    noted(&*store, &claims[0], after(25), 500).await;
    let first = listed(&*store, endpoint).await.pop().unwrap();
    assert_eq!(first.progress.due_at, Some(after(30)));
    assert_eq!((first.progress.tries, first.progress.scheduled_tries), (5, 3));
}

pub async fn neither_another_order_nor_another_endpoint_waits_for_a_failing_one(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (dead, healthy) = (endpoint(&*store, &mut samples, None).await, endpoint(&*store, &mut samples, None).await);
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    for claim in claimed(&*store, NOW).await {
        noted(&*store, &claim, NOW, if claim.endpoint == dead { 500 } else { 200 }).await;
    }
    let other = samples.order();
    samples.placed(&*store, &other).await;
    let mut told: Vec<_> = claimed(&*store, NOW).await.iter().map(|claim| claim.endpoint).collect();
    told.sort_by_key(|endpoint| *endpoint != dead);
    assert_eq!(told, [dead, healthy]);
}

pub async fn a_delivery_is_listed_with_what_its_last_try_brought(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let event = events(&*store).await.remove(0);
    let claim = claimed(&*store, NOW).await.remove(0);
    let result = TryResult::NoAnswer("no connection: connection refused".to_owned());
    let failed = Attempted { result, answer: Vec::new(), ..attempted(NOW, 500) };
    store.note(endpoint, claim.event, claim.fence, failed.clone(), Jitter::NONE).await.unwrap();
    let listed_now = listed(&*store, endpoint).await.remove(0);
    assert_eq!(listed_now.last, Some(failed));
    assert_eq!(listed_now.progress.due_at, Some(NOW + Span::millis(2007)));
    assert_eq!((listed_now.event, listed_now.kind, listed_now.seq), (event.id, event.kind, 1));
    assert_eq!((listed_now.order, listed_now.created_at), (ledger.order.id, NOW));
    let claim = claimed(&*store, after(3)).await.remove(0);
    assert_eq!(claim.fence, 2);
    assert_eq!(noted(&*store, &claim, after(3), 204).await, None);
    let listed_now = listed(&*store, endpoint).await.remove(0);
    assert_eq!(listed_now.last, Some(attempted(after(3), 204)));
    assert_eq!((listed_now.progress.status, listed_now.progress.due_at), (DeliveryStatus::Delivered, None));
}

pub async fn deliveries_are_listed_in_pages_the_newest_first(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    for _ in 0..7 {
        let ledger = samples.order();
        samples.placed(&*store, &ledger).await;
    }
    let newest_first: Vec<EventId> = events(&*store).await.iter().rev().map(|event| event.id).collect();
    let mut paged: Vec<EventId> = Vec::new();
    for page in [3, 3, 1] {
        let query = DeliveryQuery { endpoint, older_than: paged.last().copied(), limit: 3 };
        let these = store.deliveries(query).await.unwrap();
        assert_eq!(these.len(), page);
        paged.extend(these.iter().map(|delivery| delivery.event));
    }
    assert_eq!(paged, newest_first);
}

pub async fn a_disabled_endpoint_is_given_up_and_told_nothing_more(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    let ledger = samples.placed(&*store, &ledger).await;
    let ledger = extended(&*store, &mut samples, &ledger, NOW).await;
    let claim = claimed(&*store, NOW).await.remove(0);
    assert_eq!(noted(&*store, &claim, NOW, 410).await, Some(DisabledWhy::Gone));
    let standing = store.endpoints(&teashop()).await.unwrap()[0].standing;
    assert_eq!(standing.disabled.map(|disabled| disabled.why), Some(DisabledWhy::Gone));
    let statuses: Vec<_> = listed(&*store, endpoint).await.iter().map(|delivery| delivery.progress.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Dead; 2]);
    extended(&*store, &mut samples, &ledger, after(1)).await;
    assert_eq!(listed(&*store, endpoint).await.len(), 2);
    store.redeliver(claim.event, vec![endpoint], after(2), None).await.unwrap();
    assert!(claimed(&*store, after(100)).await.is_empty());
}

pub async fn a_delivery_is_claimed_by_one_caller_and_an_old_claims_news_are_not_noted(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let claims = (0..16).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { claimed(&*store, NOW).await })
    });
    let claims: Vec<Claim> = join_all(claims).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(claims.len(), 1);
    assert!(claimed(&*store, after(29)).await.is_empty());
    assert_eq!(store.next_due_after(NOW).await, Ok(Some(after(30))));
    let later = claimed(&*store, after(30)).await.remove(0);
    assert!(later.fence > claims[0].fence);
    noted(&*store, &claims[0], after(30), 500).await;
    assert_eq!(listed(&*store, endpoint).await[0].progress.tries, 0);
    noted(&*store, &later, after(30), 200).await;
    assert_eq!(listed(&*store, endpoint).await[0].progress.status, DeliveryStatus::Delivered);
}

pub async fn an_endpoint_gets_one_at_a_time_while_that_keeps_up_and_few_while_it_is_slow(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    endpoint(&*store, &mut samples, None).await;
    for _ in 0..30 {
        let ledger = samples.order();
        samples.placed(&*store, &ledger).await;
    }
    let at = |millis| NOW + Span::millis(millis);
    let slow = store.claim(Lane::Slow, at(0), SPAN, 100).await.unwrap();
    assert_eq!(slow.len(), 1);
    assert!(store.claim(Lane::Slow, at(249), SPAN, 100).await.unwrap().is_empty());
    assert_eq!(store.claim(Lane::Slow, at(250), SPAN, 100).await.unwrap().len(), 1);
    assert!(store.claim(Lane::Slow, at(5000), SPAN, 100).await.unwrap().is_empty(), "two run already");
    noted(&*store, &slow[0], at(5000), 200).await;
    // It was quick, and so it counts as prompt now.
    assert!(store.claim(Lane::Slow, at(5000), SPAN, 100).await.unwrap().is_empty());
    assert_eq!(store.claim(Lane::Prompt, at(5000), SPAN, 2).await.unwrap().len(), 2, "as many as were asked for");
    assert_eq!(store.claim(Lane::Prompt, at(5000), SPAN, 100).await.unwrap().len(), 5, "eight run now");
}

pub async fn claims_of_a_process_that_has_ended_hold_nothing_up<B: Bed>(bed: B) {
    let (store, mut samples) = (bed.store(), Samples::default());
    endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let first = claimed(&*store, NOW).await.remove(0);
    drop(store);
    let bed = bed.reopened().await;
    let second = claimed(&*bed.store(), NOW).await.remove(0);
    assert_eq!((second.event, second.body, second.secrets), (first.event, first.body, first.secrets));
}

pub async fn an_event_sent_again_begins_anew_and_the_later_ones_of_its_order_wait(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, Some(vec![EventKind::OrderCreated, EventKind::OrderExtended])).await;
    let ledger = samples.order();
    let ledger = samples.placed(&*store, &ledger).await;
    let claim = claimed(&*store, NOW).await.remove(0);
    noted(&*store, &claim, NOW, 200).await;
    extended(&*store, &mut samples, &ledger, after(1)).await;
    let answer = samples.answer("again");
    store.redeliver(claim.event, vec![endpoint], after(2), Some(answer.clone())).await.unwrap();
    assert_eq!(store.kept_answer(&teashop(), "again", NOW).await, Ok(Some(answer.clone())));
    assert_eq!(store.redeliver(claim.event, vec![endpoint], after(2), Some(answer)).await, Err(StoreError::AnswerKept));
    let again = claimed(&*store, after(2)).await;
    assert_eq!(again.iter().map(|claim| claim.event).collect::<Vec<_>>(), [claim.event]);
    assert_eq!(again[0].body, claim.body);
    noted(&*store, &again[0], after(2), 200).await;
    let last = claimed(&*store, after(3)).await.remove(0);
    assert_ne!(last.event, claim.event);
    let first = listed(&*store, endpoint).await.pop().unwrap();
    assert_eq!((first.progress.tries, first.progress.status), (2, DeliveryStatus::Delivered));
    assert_eq!(store.event(&teashop(), claim.event).await.unwrap().unwrap().body, claim.body);
    let bookshop = pay_handoff::domain::merchant::MerchantId::new("bookshop").unwrap();
    assert_eq!(store.event(&bookshop, claim.event).await, Ok(None));
}

pub async fn only_what_ended_thirty_days_ago_is_forgotten(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    for _ in 0..2 {
        let ledger = samples.order();
        samples.placed(&*store, &ledger).await;
    }
    let claim = claimed(&*store, NOW).await.remove(0);
    noted(&*store, &claim, NOW, 200).await;
    let days = 30 * 24 * 3600;
    assert_eq!(store.forget_old_deliveries(after(days)).await, Ok(0));
    assert_eq!(store.forget_old_deliveries(after(days + 1)).await, Ok(1));
    assert_eq!(listed(&*store, endpoint).await.len(), 1);
}

pub async fn whoever_waits_is_stirred_by_a_new_delivery(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    endpoint(&*store, &mut samples, None).await;
    let ledger = samples.order();
    let long = std::time::Duration::from_secs(120);
    let waiting = tokio::time::timeout(long, store.stirred());
    let (stirred, _) = tokio::join!(waiting, samples.placed(&*store, &ledger));
    assert_eq!(stirred, Ok(()));
    assert!(store.ledger(LedgerKey::Order(ledger.order.id)).await.unwrap().is_some());
    // Also when it happened before anybody waited.
    assert_eq!(samples.moved(&*store, &stored(&ledger, 1), &cancelled(&ledger)).await.map(drop), Ok(()));
    assert_eq!(tokio::time::timeout(long, store.stirred()).await, Ok(()));
}

fn cancelled(placed: &Ledger) -> Ledger {
    let mut ledger = stored(placed, 1);
    ledger.cancel(NOW).unwrap();
    ledger
}

pub async fn many_claimers_and_many_orders_every_event_once_and_in_order(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = endpoint(&*store, &mut samples, None).await;
    for _ in 0..12 {
        let ledger = samples.order();
        let mut ledger = samples.placed(&*store, &ledger).await;
        for _ in 0..3 {
            ledger = extended(&*store, &mut samples, &ledger, NOW).await;
        }
    }
    let workers = (0..4).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut delivered = Vec::new();
            for step in 1..200 {
                let now = NOW + Span::millis(step * 50);
                for claim in claimed(&*store, now).await {
                    noted(&*store, &claim, now, 200).await;
                    delivered.push(claim.event);
                }
            }
            delivered
        })
    });
    let delivered: Vec<EventId> = join_all(workers).await.into_iter().flat_map(Result::unwrap).collect();
    let all = listed(&*store, endpoint).await;
    assert!(
        all.iter()
            .all(|delivery| delivery.progress.status == DeliveryStatus::Delivered && delivery.progress.tries == 1)
    );
    assert_eq!((delivered.len(), delivered.iter().collect::<std::collections::HashSet<_>>().len()), (48, 48));
    assert_eq!(all.len(), 48);
}
