//! What must be unique is, and each collision has its own word.

use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::ports::store::{Store, StoreError};

use crate::bed::Bed;
use crate::samples::{Samples, read};

async fn place(store: &impl Store, samples: &mut Samples, ledger: &Ledger) -> Result<(), StoreError> {
    store.commit(samples.change(None, ledger)).await
}

pub async fn a_merchants_order_number_is_taken_once(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = samples.order();
    let stored = samples.placed(&*store, &first).await;
    let mut second = samples.order();
    second.order.request.merchant_order_no = first.order.request.merchant_order_no.clone();
    assert_eq!(place(&*store, &mut samples, &second).await, Err(StoreError::MerchantOrderNoTaken));
    // The very same order again is taken, too: its number says more than its identifier.
    assert_eq!(place(&*store, &mut samples, &first).await, Err(StoreError::MerchantOrderNoTaken));
    assert_eq!(read(&*store, first.order.id).await, stored);

    let mut elsewhere = samples.order_of(&MerchantId::new("bookshop").unwrap());
    elsewhere.order.request.merchant_order_no = first.order.request.merchant_order_no.clone();
    assert_eq!(place(&*store, &mut samples, &elsewhere).await, Ok(()));

    let mut same_id = samples.order();
    same_id.order.id = first.order.id;
    assert_eq!(place(&*store, &mut samples, &same_id).await, Err(StoreError::Conflict));
}

/// An order with one attempt and a payment of it.
fn paid_order(samples: &mut Samples, wallet: Wallet) -> Ledger {
    let mut ledger = samples.order();
    let attempt = samples.attempt(wallet);
    ledger.payments.push(samples.payment(&attempt, Verdict::Winner));
    ledger.attempts.push(attempt);
    ledger
}

pub async fn a_payment_is_recorded_once_over_all_orders(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = paid_order(&mut samples, Wallet::WechatPay);
    samples.placed(&*store, &first).await;
    let known = &first.payments[0].proven;

    let mut second = paid_order(&mut samples, Wallet::WechatPay);
    second.payments[0].proven.transaction_id = known.transaction_id.clone();
    assert_eq!(
        place(&*store, &mut samples, &second).await,
        Err(StoreError::PaymentKnown(known.transaction_id.clone()))
    );
    // Another wallet or another account may use the same number.
    let mut other_account = second.clone();
    other_account.payments[0].proven.account = "1900000110".to_owned();
    assert_eq!(place(&*store, &mut samples, &other_account).await, Ok(()));
    let mut other_wallet = paid_order(&mut samples, Wallet::Alipay);
    other_wallet.payments[0].proven.transaction_id = known.transaction_id.clone();
    assert_eq!(place(&*store, &mut samples, &other_wallet).await, Ok(()));

    // On its own order, read before it was recorded, it is a conflict: whoever reads again knows it.
    let stored = read(&*store, first.order.id).await;
    let mut again = stored.clone();
    let attempt = stored.attempts[0].clone();
    let mut payment = samples.payment(&attempt, Verdict::Surplus);
    payment.proven.transaction_id = known.transaction_id.clone();
    again.payments.push(payment);
    assert_eq!(
        samples.moved(&*store, &stored, &again).await,
        Err(StoreError::PaymentKnown(known.transaction_id.clone()))
    );
    let mut stale = stored.clone();
    stale.order.version -= 1;
    again.order.version = stale.order.version;
    assert_eq!(samples.moved(&*store, &stale, &again).await, Err(StoreError::Conflict));
}

pub async fn a_trade_number_is_given_once_at_a_wallet(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = paid_order(&mut samples, Wallet::Alipay);
    samples.placed(&*store, &first).await;
    let mut second = paid_order(&mut samples, Wallet::Alipay);
    second.attempts[0].trade_no = first.attempts[0].trade_no.clone();
    assert_eq!(place(&*store, &mut samples, &second).await, Err(StoreError::Conflict));
    let mut elsewhere = paid_order(&mut samples, Wallet::Unionpay);
    elsewhere.attempts[0].trade_no = first.attempts[0].trade_no.clone();
    assert_eq!(place(&*store, &mut samples, &elsewhere).await, Ok(()));
}

pub async fn a_token_opens_one_page(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let mut first = samples.order();
    first.friend_links.push(samples.friend_link());
    samples.placed(&*store, &first).await;
    let copies: [fn(&mut Ledger, &Ledger); 3] = [
        |copy, first| copy.order.checkout_token = first.order.checkout_token,
        |copy, first| copy.order.scan_token = first.order.scan_token,
        |copy, first| copy.friend_links[0].token = first.friend_links[0].token,
    ];
    for copy in copies {
        let mut second = samples.order();
        second.friend_links.push(samples.friend_link());
        copy(&mut second, &first);
        assert_eq!(place(&*store, &mut samples, &second).await, Err(StoreError::Conflict));
    }
}

pub async fn an_event_number_is_used_once(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = samples.order();
    let before = samples.placed(&*store, &ledger).await;
    let mut change = samples.change(None, &ledger);
    change.before = Some(before.clone());
    assert_eq!(change.events[0].seq, 1);
    assert_eq!(store.commit(change).await, Err(StoreError::Conflict));
    assert_eq!(read(&*store, ledger.order.id).await, before);
}

pub async fn an_order_has_one_winner(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let ledger = paid_order(&mut samples, Wallet::Alipay);
    let before = samples.placed(&*store, &ledger).await;
    let mut after = before.clone();
    after.payments.push(samples.payment(&before.attempts[0].clone(), Verdict::Winner));
    assert_eq!(samples.moved(&*store, &before, &after).await, Err(StoreError::Conflict));
    assert_eq!(read(&*store, ledger.order.id).await, before);
}
