//! Kept answers: the same request gets the same bytes.

use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::time::Span;
use pay_handoff::ports::store::{LedgerKey, Store, StoreError};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, read, stored, teashop};

const LIFE: Span = Span::hours(30 * 24);
const MOMENT: Span = Span::millis(1);

pub async fn a_kept_answer_is_given_again_byte_for_byte(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut answer = samples.answer("!~ the key: 'x' ");
    answer.body = (0..=255).cycle().take(100_000).collect();
    answer.status = 200;
    store.keep_answer(answer.clone()).await.unwrap();
    let mut empty = samples.answer("empty");
    empty.body = Vec::new();
    store.keep_answer(empty.clone()).await.unwrap();

    assert_eq!(store.kept_answer(&teashop(), &answer.key, NOW).await, Ok(Some(answer.clone())));
    assert_eq!(store.kept_answer(&teashop(), "empty", NOW).await, Ok(Some(empty)));
    assert_eq!(store.kept_answer(&teashop(), "another", NOW).await, Ok(None));
    let stranger = MerchantId::new("bookshop").unwrap();
    assert_eq!(store.kept_answer(&stranger, &answer.key, NOW).await, Ok(None));
}

pub async fn an_answer_is_kept_for_thirty_days_to_the_millisecond(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let answer = samples.answer("key");
    store.keep_answer(answer.clone()).await.unwrap();
    assert_eq!(store.kept_answer(&teashop(), "key", NOW + LIFE).await, Ok(Some(answer)));
    assert_eq!(store.kept_answer(&teashop(), "key", NOW + LIFE + MOMENT).await, Ok(None));
}

pub async fn a_second_answer_under_a_key_is_refused_until_the_first_is_too_old(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = samples.answer("key");
    store.keep_answer(first.clone()).await.unwrap();
    let mut second = samples.answer("key");
    second.at = NOW + LIFE;
    assert_eq!(store.keep_answer(second.clone()).await, Err(StoreError::AnswerKept));
    assert_eq!(store.kept_answer(&teashop(), "key", NOW).await, Ok(Some(first)));
    second.at = NOW + LIFE + MOMENT;
    assert_eq!(store.keep_answer(second.clone()).await, Ok(()));
    assert_eq!(store.kept_answer(&teashop(), "key", second.at).await, Ok(Some(second)));
}

pub async fn an_answer_kept_with_a_change_stands_or_falls_with_it(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let answer = samples.answer("placing");
    let mut change = samples.change(None, &ledger);
    change.answer = Some(answer.clone());
    store.commit(change).await.unwrap();
    assert_eq!(store.kept_answer(&teashop(), "placing", NOW).await, Ok(Some(answer)));

    let before = read(&*store, ledger.order.id).await;
    let mut old = before.clone();
    old.order.version = 7;
    let mut change = samples.change(Some(&old), &before);
    change.answer = Some(samples.answer("too late"));
    assert_eq!(store.commit(change).await, Err(StoreError::Conflict));
    assert_eq!(store.kept_answer(&teashop(), "too late", NOW).await, Ok(None));
}

pub async fn the_same_request_run_twice_is_told_of_the_first_answer(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (first, mut second) = (samples.order(), samples.order());
    second.order.request.merchant_order_no = first.order.request.merchant_order_no.clone();
    let mut change = samples.change(None, &first);
    change.answer = Some(samples.answer("key"));
    store.commit(change).await.unwrap();

    // The number is taken, too, but reading the answer is what helps whoever asked twice.
    let mut change = samples.change(None, &second);
    change.answer = Some(samples.answer("key"));
    assert_eq!(store.commit(change).await, Err(StoreError::AnswerKept));
    assert_eq!(store.ledger(LedgerKey::Order(second.order.id)).await, Ok(None));

    let before = stored(&first, 1);
    let mut after = before.clone();
    after.order.view_seq += 1;
    let mut change = samples.change(Some(&before), &after);
    change.answer = Some(samples.answer("key"));
    assert_eq!(store.commit(change).await, Err(StoreError::AnswerKept));
    assert_eq!(read(&*store, first.order.id).await, before);
}

pub async fn old_answers_are_forgotten_and_counted(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let old = (0..1234).map(|number| samples.answer(&format!("old {number}")));
    let old: Vec<_> = old.collect();
    futures_util::future::join_all(old.into_iter().map(|answer| store.keep_answer(answer)))
        .await
        .into_iter()
        .for_each(|kept| assert_eq!(kept, Ok(())));
    let mut young = samples.answer("young");
    young.at = NOW + MOMENT;
    store.keep_answer(young.clone()).await.unwrap();

    let now = NOW + LIFE + MOMENT;
    assert_eq!(store.forget_old_answers(NOW + LIFE).await, Ok(0));
    assert_eq!(store.forget_old_answers(now).await, Ok(1234));
    assert_eq!(store.forget_old_answers(now).await, Ok(0));
    assert_eq!(store.kept_answer(&teashop(), "young", now).await, Ok(Some(young)));
    assert_eq!(store.kept_answer(&teashop(), "old 1", NOW).await, Ok(None), "gone, whatever the clock says");
}
