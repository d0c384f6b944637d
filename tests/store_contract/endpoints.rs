//! Webhook endpoints and their secrets.

use pay_handoff::domain::event::EventKind;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::webhook::{MOST_ENDPOINTS, MOST_SECRETS};
use pay_handoff::ports::outbox::{Lane, Outbox};
use pay_handoff::ports::store::{Store, StoreError};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after, teashop};

const SPAN: Span = Span::seconds(30);

pub async fn an_endpoint_is_read_back_as_it_was_added_the_newest_first<B: Bed>(bed: B) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut first = samples.endpoint();
    first.kinds = Some(vec![EventKind::OrderPaid, EventKind::AttemptFailed]);
    let second = samples.endpoint();
    for endpoint in [&first, &second] {
        assert_eq!(store.add_endpoint(endpoint.clone(), samples.secret(), None).await, Ok(true));
    }
    let bookshop = MerchantId::new("bookshop").unwrap();
    assert_eq!(store.endpoints(&bookshop).await, Ok(Vec::new()));
    drop(store);
    let bed = bed.reopened().await;
    assert_eq!(bed.store().endpoints(&teashop()).await, Ok(vec![second, first]));
}

pub async fn a_merchant_has_only_so_many_endpoints(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    for _ in 0..MOST_ENDPOINTS {
        assert_eq!(store.add_endpoint(samples.endpoint(), samples.secret(), None).await, Ok(true));
    }
    let answer = samples.answer("one too many");
    assert_eq!(store.add_endpoint(samples.endpoint(), samples.secret(), Some(answer)).await, Ok(false));
    assert_eq!(store.kept_answer(&teashop(), "one too many", NOW).await, Ok(None), "nothing was done");
    let one = store.endpoints(&teashop()).await.unwrap()[0].id;
    assert_eq!(store.remove_endpoint(&teashop(), one).await, Ok(true));
    assert_eq!(store.add_endpoint(samples.endpoint(), samples.secret(), None).await, Ok(true));
}

pub async fn an_answer_about_an_endpoint_stands_or_falls_with_it(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (endpoint, answer) = (samples.endpoint(), samples.answer("k"));
    assert_eq!(store.add_endpoint(endpoint.clone(), samples.secret(), Some(answer.clone())).await, Ok(true));
    assert_eq!(store.kept_answer(&teashop(), "k", NOW).await, Ok(Some(answer)));
    let again = store.add_endpoint(samples.endpoint(), samples.secret(), Some(samples.answer("k"))).await;
    assert_eq!(again, Err(StoreError::AnswerKept));
    assert_eq!(store.endpoints(&teashop()).await, Ok(vec![endpoint.clone()]));
    let rotated = store.rotate_secret(&teashop(), endpoint.id, samples.secret(), NOW, Some(samples.answer("k"))).await;
    assert_eq!(rotated, Err(StoreError::AnswerKept));
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    assert_eq!(store.claim(Lane::Slow, NOW, SPAN, 1).await.unwrap()[0].secrets.len(), 1);
}

pub async fn an_endpoint_is_removed_by_its_merchant_alone_and_with_everything(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = samples.endpoint();
    store.add_endpoint(endpoint.clone(), samples.secret(), None).await.unwrap();
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let bookshop = MerchantId::new("bookshop").unwrap();
    assert_eq!(store.remove_endpoint(&bookshop, endpoint.id).await, Ok(false));
    assert_eq!(store.rotate_secret(&bookshop, endpoint.id, samples.secret(), NOW, None).await, Ok(false));
    assert_eq!(store.remove_endpoint(&teashop(), endpoint.id).await, Ok(true));
    assert_eq!(store.remove_endpoint(&teashop(), endpoint.id).await, Ok(false));
    assert!(store.claim(Lane::Slow, after(100), SPAN, 10).await.unwrap().is_empty());
    assert_eq!(store.next_due_after(after(-100)).await, Ok(None));
}

pub async fn old_secrets_sign_for_a_day_beside_the_newest<B: Bed>(bed: B) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (endpoint, first, second) = (samples.endpoint(), samples.secret(), samples.secret());
    store.add_endpoint(endpoint.clone(), first.clone(), None).await.unwrap();
    assert_eq!(store.rotate_secret(&teashop(), endpoint.id, second.clone(), NOW, None).await, Ok(true));
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    drop(store);
    let bed = bed.reopened().await;
    let store = bed.store();
    let day = 24 * 3600;
    let claim = store.claim(Lane::Slow, after(day) - Span::millis(1), Span::millis(1), 1).await.unwrap();
    assert_eq!(claim[0].secrets, [second.clone(), first]);
    let claim = store.claim(Lane::Slow, after(day), SPAN, 1).await.unwrap();
    assert_eq!(claim[0].secrets, [second]);
}

pub async fn however_often_it_is_rotated_only_so_many_secrets_sign(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let endpoint = samples.endpoint();
    store.add_endpoint(endpoint.clone(), samples.secret(), None).await.unwrap();
    let mut newest = Vec::new();
    for second in 0..20 {
        let secret = samples.secret();
        newest.insert(0, secret.clone());
        assert_eq!(store.rotate_secret(&teashop(), endpoint.id, secret, after(second), None).await, Ok(true));
    }
    let ledger = samples.order();
    samples.placed(&*store, &ledger).await;
    let claim = store.claim(Lane::Slow, after(20), SPAN, 1).await.unwrap();
    assert_eq!(claim[0].secrets, newest[..MOST_SECRETS]);
}
