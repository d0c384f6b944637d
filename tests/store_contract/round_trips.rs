//! What was written is what is read.

use pay_handoff::domain::attempt::{AttemptStatus, Handover, PostedForm, TradeNo};
use pay_handoff::domain::friend_link::{Hold, LinkStatus};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::locale::Locale;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::money::Amount;
use pay_handoff::domain::order::{OrderStatus, Payer, Winner};
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::{RefundKind, RefundStatus};
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::ports::store::{LedgerKey, Store, Stray};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after, read, teashop};

pub async fn a_new_order_is_read_back_in_every_field_and_status(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let locales = [None, Some(Locale::ZhCn), Some(Locale::En)];
    for (number, status) in OrderStatus::ALL.into_iter().enumerate() {
        let mut ledger = samples.order();
        let order = &mut ledger.order;
        order.status = status;
        order.sandbox = number % 2 == 0;
        order.request.money.amount = Amount::new([1, Amount::MAX][number % 2]).unwrap();
        order.request.locale = locales[number % 3];
        order.request.wallets = Wallet::ALL[..=number % 3].to_vec();
        order.request.return_url = (number > 2).then(|| "https://shop.example/thanks?x=1&y=%20".to_owned());
        order.request.subject = "a 'quoted' \"subject\" \\ 茶 🍵".to_owned();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        order.request.metadata = vec![pair("z", "1"), pair("a", ""), pair("z", "2"), pair("键", "\"'\\\u{1F375}")];
        order.cancelled_at = (status == OrderStatus::Cancelled).then(|| NOW + Span::millis(1234));
        order.amount_refunded = 77;
        order.view_seq = u32::MAX;
        let expected = samples.placed(&*store, &ledger).await;
        assert_eq!(read(&*store, ledger.order.id).await, expected, "{status}");
    }
}

/// A ledger in which every word of every list of words occurs.
pub fn full_ledger(samples: &mut Samples) -> Ledger {
    let mut ledger = samples.order();
    for (number, status) in LinkStatus::ALL.into_iter().enumerate() {
        let mut link = samples.friend_link();
        link.status = status;
        link.message = (number % 2 == 0).then(|| "帮我付一下".to_owned());
        link.requester = (number % 2 == 1).then(|| "o'小林".to_owned());
        link.holds.push(Hold { browser: [0xFF; 32], until: Timestamp::from_millis(1), contested: false });
        link.holds.truncate(number);
        ledger.friend_links.push(link);
    }
    for (number, status) in AttemptStatus::ALL.into_iter().enumerate() {
        let mut attempt = samples.attempt(Wallet::ALL[number % 3]);
        attempt.status = status;
        attempt.product = Product::ALL[number / 2];
        attempt.handover = match number {
            1 => Some(Handover::Code("https://qr.example/中?x".to_owned())),
            2 => Some(Handover::Redirect(String::new())),
            3 => Some(Handover::Bridge("{}".to_owned())),
            4 => Some(Handover::Form(PostedForm {
                action: "https://wallet.example/front".to_owned(),
                fields: vec![("signature".to_owned(), "a+b/=&\n中".to_owned()), ("empty".to_owned(), String::new())],
            })),
            _ => None,
        };
        attempt.friend_link = ledger.friend_links.get(number).map(|link| link.id);
        attempt.ended_at = (number > 1).then(|| after(60));
        attempt.hinted_at = (number % 3 == 0).then(|| after(59));
        attempt.next_look_at = (number % 2 == 0).then(|| after(61));
        ledger.attempts.push(attempt);
    }
    for (number, verdict) in Verdict::ALL.into_iter().enumerate() {
        let mut payment = samples.payment(&ledger.attempts[number].clone(), verdict);
        payment.proven.amount = i64::try_from(number).unwrap() * 1000 - 1;
        payment.proven.currency = ["CNY", "HKD", "JPY", "?"][number].to_owned();
        let mut refund = samples.refund(&payment, RefundKind::ALL[number]);
        refund.status = RefundStatus::ALL[number % 3];
        refund.reason = (number == 1).then(|| "碎了".to_owned());
        refund.tries = u32::try_from(number).unwrap();
        refund.next_try_at = (number % 2 == 0).then(|| after(90));
        payment.refund = (number > 0).then_some(refund.id);
        ledger.payments.push(payment);
        ledger.refunds.push(refund);
    }
    ledger
}

pub async fn a_full_ledger_is_read_back_with_every_word_there_is(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    for payer in [Payer::Buyer, Payer::Friend] {
        for wallet in Wallet::ALL {
            let mut ledger = full_ledger(&mut samples);
            let payment = ledger.payments[0].id;
            ledger.order.winner = Some(Winner { payment, paid_at: after(30), wallet, payer });
            let expected = samples.placed(&*store, &ledger).await;
            assert_eq!(read(&*store, ledger.order.id).await, expected, "{payer:?} {wallet}");
        }
    }
}

pub async fn every_field_that_may_change_is_written_and_nothing_else_moves(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let bystander = full_ledger(&mut samples);
    let bystander = samples.placed(&*store, &bystander).await;
    let ledger = full_ledger(&mut samples);
    let before = samples.placed(&*store, &ledger).await;

    let mut changed = before.clone();
    let order = &mut changed.order;
    let winner =
        Winner { payment: before.payments[0].id, paid_at: after(30), wallet: Wallet::Unionpay, payer: Payer::Friend };
    order.expires_at = after(5000);
    order.status = OrderStatus::PartiallyRefunded;
    order.cancelled_at = Some(after(20));
    order.winner = Some(winner);
    order.amount_refunded = 700;
    order.history_seq += 9;
    order.view_seq += 9;
    let link = &mut changed.friend_links[0];
    (link.status, link.expires_at, link.view_changes) = (LinkStatus::Revoked, after(601), 12);
    link.holds = vec![Hold { browser: [3; 32], until: after(301), contested: false }];
    let attempt = &mut changed.attempts[0];
    (attempt.status, attempt.ended_at, attempt.next_look_at) = (AttemptStatus::Failed, Some(after(62)), None);
    attempt.hinted_at = Some(after(63));
    attempt.handover = Some(Handover::Redirect("https://wallet.example/h5".to_owned()));
    let refund = &mut changed.refunds[0];
    (refund.status, refund.tries, refund.next_try_at) = (RefundStatus::Failed, 8, None);
    changed.payments[3].refund = Some(before.refunds[0].id);
    let mut late = samples.attempt(Wallet::Alipay);
    late.friend_link = Some(before.friend_links[1].id);
    changed.attempts.push(late);

    let expected = samples.moved(&*store, &before, &changed).await.unwrap();
    assert_eq!(read(&*store, before.order.id).await, expected);
    assert_eq!(read(&*store, bystander.order.id).await, bystander);
}

pub async fn every_key_finds_its_ledger_and_no_other_merchants(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let other = full_ledger(&mut samples);
    samples.placed(&*store, &other).await;
    let ledger = full_ledger(&mut samples);
    let expected = samples.placed(&*store, &ledger).await;
    let (order, attempt) = (&ledger.order, &ledger.attempts[4]);
    let keys = [
        LedgerKey::Order(order.id),
        LedgerKey::MerchantOrderNo(teashop(), order.request.merchant_order_no.clone()),
        LedgerKey::CheckoutToken(order.checkout_token),
        LedgerKey::ScanToken(order.scan_token),
        LedgerKey::FriendToken(ledger.friend_links[2].token),
        LedgerKey::FriendLink(ledger.friend_links[2].id),
        LedgerKey::TradeNo(teashop(), attempt.wallet, attempt.trade_no.clone()),
        LedgerKey::Payment(ledger.payments[1].id),
    ];
    for key in keys {
        assert_eq!(store.ledger(key.clone()).await.unwrap().as_ref(), Some(&expected), "{key:?}");
    }
    let stranger = MerchantId::new("bookshop").unwrap();
    let other_wallet = Wallet::ALL.into_iter().find(|wallet| *wallet != attempt.wallet).unwrap();
    let misses = [
        LedgerKey::Order(samples.order().order.id),
        LedgerKey::MerchantOrderNo(stranger.clone(), order.request.merchant_order_no.clone()),
        LedgerKey::CheckoutToken(order.scan_token),
        LedgerKey::ScanToken(order.checkout_token),
        LedgerKey::FriendToken(order.checkout_token),
        LedgerKey::ScanToken(ledger.friend_links[2].token),
        LedgerKey::TradeNo(stranger, attempt.wallet, attempt.trade_no.clone()),
        LedgerKey::TradeNo(teashop(), other_wallet, attempt.trade_no.clone()),
    ];
    for key in misses {
        assert_eq!(store.ledger(key.clone()).await, Ok(None), "{key:?}");
    }
}

pub async fn everything_survives_closing_and_opening<B: Bed>(bed: B) {
    let mut samples = Samples::default();
    let (ledger, answer) = (full_ledger(&mut samples), samples.answer("key"));
    let store = bed.store();
    let mut change = samples.change(None, &ledger);
    change.answer = Some(answer.clone());
    store.commit(change).await.unwrap();
    let before = read(&*store, ledger.order.id).await;
    drop(store);

    let bed = bed.reopened().await;
    let store = bed.store();
    assert_eq!(read(&*store, ledger.order.id).await, before);
    assert_eq!(store.kept_answer(&teashop(), "key", NOW).await, Ok(Some(answer)));
    let mut changed = before.clone();
    changed.order.view_seq += 1;
    let expected = samples.moved(&*store, &before, &changed).await.unwrap();
    assert_eq!(read(&*store, ledger.order.id).await, expected);
}

pub async fn a_stray_notice_is_taken_even_when_large(bed: impl Bed) {
    let stray = Stray {
        merchant: teashop(),
        wallet: Wallet::Alipay,
        at: NOW,
        reason: "no such trade".to_owned(),
        trade_no: Some(TradeNo::new("T000000000000000000000000000001").unwrap()),
        payment: None,
        body: vec![0xA5; 64 * 1024],
    };
    assert_eq!(bed.store().keep_stray(stray.clone()).await, Ok(()));
    assert_eq!(bed.store().keep_stray(stray).await, Ok(()), "the same notice may come again");
}

pub async fn a_working_store_passes_its_check(bed: impl Bed) {
    assert_eq!(bed.store().check().await, Ok(()));
    assert_eq!(bed.store().check().await, Ok(()));
}
