//! The ledger's decisions about money, one by one.

use super::tests::{LIFE_S, PRICE, at, begin, hear, id, kinds, ledger, link_request, paid, proven, wish};
use super::*;
use crate::domain::merchant::LatePayment;
use crate::domain::order::Payer;
use crate::domain::payment::Verdict;
use crate::domain::refund::{RefundKind, RefundStatus};
use crate::domain::time::Span;
use crate::domain::wallet::Wallet;

fn refund_id(number: u128) -> RefundId {
    RefundId::new(id(number))
}

#[test]
fn a_payment_wins_names_itself_and_closes_everything_else() {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    let other = begin(&mut ledger, 11, 2, Wallet::Alipay);
    let link = ledger.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    ledger.news.clear();
    let seen = ledger.order.view_seq;
    assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, 5), 0, 6), Heard::New(Verdict::Winner));
    let winner = ledger.order.winner.unwrap();
    assert_eq!((winner.payment, winner.wallet, winner.paid_at), (PaymentId::new(id(100)), Wallet::WechatPay, at(5)));
    assert_eq!(winner.payer, Payer::Buyer);
    assert_eq!((ledger.order.status, ledger.order.view_seq), (OrderStatus::Paid, seen + 1));
    assert_eq!(ledger.attempts[0].status, AttemptStatus::Succeeded);
    assert_eq!(ledger.attempts[0].next_look_at, None);
    assert_eq!(ledger.attempt(other).unwrap().status, AttemptStatus::Closing);
    assert_eq!(ledger.friend_link(link).unwrap().status, LinkStatus::Expired);
    assert_eq!(kinds(&ledger), [EventKind::OrderPaid]);
    assert_eq!(ledger.payments[0].heard_at, at(6));
    assert_eq!(ledger.refunds, []);
}

#[test]
fn a_friend_who_pays_is_the_payer_and_his_link_says_so_even_after_it_was_revoked() {
    let mut ledger = ledger();
    let link = ledger.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    let beside = ledger.ask_friend(link_request(61, None, Span::seconds(0)), at(0)).unwrap();
    ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(0)).unwrap();
    ledger.end_link(link, LinkStatus::Revoked, at(1));
    ledger.news.clear();
    let changes = ledger.friend_link(link).unwrap().view_changes;
    assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, 5), 0, 6), Heard::New(Verdict::Winner));
    assert_eq!(ledger.order.winner.unwrap().payer, Payer::Friend);
    assert_eq!(ledger.friend_link(link).unwrap().status, LinkStatus::Paid);
    assert_eq!(ledger.friend_link(link).unwrap().view_changes, changes + 1);
    assert_eq!(ledger.friend_link(beside).unwrap().status, LinkStatus::Expired);
    assert_eq!(kinds(&ledger), [EventKind::OrderPaid, EventKind::FriendLinkPaid]);
}

#[test]
fn the_same_payment_again_changes_nothing_and_each_part_of_its_name_tells_it_from_others() {
    let mut ledger = paid();
    let before = ledger.clone();
    assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, 5), 1, 9), Heard::Known);
    assert_eq!(ledger, before);
    let mut other_account = proven(10, "a", PRICE, 5);
    other_account.account = "another".to_owned();
    assert_eq!(hear(&mut ledger, other_account, 2, 9), Heard::New(Verdict::Surplus));
    assert_eq!(hear(&mut ledger, proven(10, "b", PRICE, 5), 3, 9), Heard::New(Verdict::Surplus));
    let mut other_wallet = proven(10, "a", PRICE, 5);
    other_wallet.wallet = Wallet::Alipay;
    assert_eq!(hear(&mut ledger, other_wallet, 4, 9), Heard::UnknownTrade, "no attempt of that wallet has the number");
    assert_eq!(hear(&mut ledger, proven(99, "c", PRICE, 5), 5, 9), Heard::UnknownTrade);
    assert_eq!(ledger.payments.len(), 3);
    begin_again(&mut ledger);
}

/// The same transaction number at another wallet's trade is another payment.
fn begin_again(ledger: &mut Ledger) {
    ledger.attempts[0].wallet = Wallet::Alipay;
    let mut other_wallet = proven(10, "a", PRICE, 5);
    other_wallet.wallet = Wallet::Alipay;
    assert_eq!(hear(ledger, other_wallet, 6, 9), Heard::New(Verdict::Surplus));
}

#[test]
fn another_amount_or_currency_is_kept_told_and_changes_neither_order_nor_winner() {
    for (amount, currency) in [(PRICE - 1, "CNY"), (PRICE + 1, "CNY"), (PRICE, "USD")] {
        let mut ledger = ledger();
        begin(&mut ledger, 10, 1, Wallet::WechatPay);
        ledger.news.clear();
        let mut odd = proven(10, "a", amount, 5);
        odd.currency = currency.to_owned();
        assert_eq!(hear(&mut ledger, odd.clone(), 0, 6), Heard::New(Verdict::Mismatch));
        assert_eq!((ledger.order.status, ledger.order.winner), (OrderStatus::Pending, None));
        assert_eq!(ledger.attempts[0].status, AttemptStatus::Failed);
        assert_eq!((ledger.payments[0].proven.clone(), ledger.payments[0].refund), (odd, None));
        assert_eq!(kinds(&ledger), [EventKind::AttemptFailed, EventKind::PaymentMismatch]);
        assert_eq!(ledger.refunds, []);
    }
}

#[test]
fn a_surplus_goes_back_whole_at_once_and_is_told() {
    let mut ledger = paid();
    ledger.news.clear();
    let seen = ledger.order.view_seq;
    assert_eq!(hear(&mut ledger, proven(10, "b", PRICE, 5), 1, 7), Heard::New(Verdict::Surplus));
    let refund = &ledger.refunds[0];
    assert_eq!((refund.id, refund.kind, refund.amount), (refund_id(201), RefundKind::Surplus, PRICE));
    assert_eq!((refund.status, refund.tries, refund.next_try_at), (RefundStatus::Pending, 0, Some(at(7))));
    assert_eq!(ledger.payments[1].refund, Some(refund.id));
    assert_eq!(ledger.payments[0].refund, None);
    assert_eq!(kinds(&ledger), [EventKind::PaymentSurplus]);
    assert_eq!((ledger.order.winner.unwrap().payment, ledger.order.view_seq), (PaymentId::new(id(100)), seen));
}

#[test]
fn the_deadline_is_in_time_the_second_after_is_late() {
    for (paid_s, verdict) in [(LIFE_S, Verdict::Winner), (LIFE_S + 1, Verdict::Late)] {
        let mut ledger = ledger();
        begin(&mut ledger, 10, 1, Wallet::WechatPay);
        ledger.expire(at(LIFE_S)).unwrap();
        ledger.news.clear();
        assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, paid_s), 0, LIFE_S + 100), Heard::New(verdict));
        let told = if verdict == Verdict::Late { EventKind::PaymentLate } else { EventKind::OrderPaid };
        assert_eq!(kinds(&ledger), [told]);
        assert_eq!(ledger.refunds.len(), usize::from(verdict == Verdict::Late));
        assert!(ledger.refunds.iter().all(|refund| refund.kind == RefundKind::Late));
    }
}

#[test]
fn the_second_of_the_cancelling_is_late_the_one_before_is_in_time() {
    for (paid_s, verdict) in [(9, Verdict::Winner), (10, Verdict::Late), (11, Verdict::Late)] {
        let mut ledger = ledger();
        begin(&mut ledger, 10, 1, Wallet::WechatPay);
        ledger.cancel(at(10) + Span::millis(500)).unwrap();
        assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, paid_s), 0, 20), Heard::New(verdict), "{paid_s}");
    }
}

#[test]
fn a_merchant_may_take_late_money_of_an_order_that_has_ended() {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    let ids = FreshIds { payment: PaymentId::new(id(100)), refund: refund_id(200) };
    let late = proven(10, "a", PRICE, LIFE_S + 1);
    let mut still_pending = ledger.clone();
    assert_eq!(still_pending.record(late.clone(), ids, LatePayment::Accept, at(1)), Heard::New(Verdict::Late));
    ledger.expire(at(LIFE_S)).unwrap();
    assert_eq!(ledger.record(late, ids, LatePayment::Accept, at(LIFE_S + 2)), Heard::New(Verdict::Winner));
    assert_eq!(ledger.order.status, OrderStatus::Paid);
}

#[test]
fn money_that_is_late_for_a_pending_order_is_news_of_its_page() {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    let seen = ledger.order.view_seq;
    assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, LIFE_S + 1), 0, 6), Heard::New(Verdict::Late));
    assert_eq!(ledger.order.view_seq, seen + 1);
}

#[test]
fn merchants_refunds_never_exceed_what_was_paid() {
    let mut ledger = ledger();
    assert_eq!(ledger.ask_refund(refund_id(300), None, None, at(1)), Err(RefundRefused::NotPaid));
    ledger = paid();
    for amount in [0, -1, PRICE + 1] {
        assert_eq!(ledger.ask_refund(refund_id(300), Some(amount), None, at(7)), Err(RefundRefused::ExceedsPayment));
    }
    let first = ledger.ask_refund(refund_id(300), Some(PRICE - 100), Some("broken".to_owned()), at(7)).unwrap();
    assert_eq!(ledger.refund(first).unwrap().reason.as_deref(), Some("broken"));
    assert_eq!(ledger.refund(first).unwrap().next_try_at, Some(at(7)));
    assert_eq!(ledger.ask_refund(refund_id(301), Some(101), None, at(7)), Err(RefundRefused::ExceedsPayment));
    ledger.end_refund(first, RefundStatus::Failed, at(8));
    let rest = ledger.ask_refund(refund_id(302), None, None, at(9)).unwrap();
    assert_eq!(ledger.refund(rest).unwrap().amount, PRICE, "what failed counts no more");
    assert_eq!(ledger.ask_refund(refund_id(303), None, None, at(9)), Err(RefundRefused::ExceedsPayment));
}

#[test]
fn the_order_follows_its_succeeded_refunds() {
    let mut ledger = paid();
    let part = ledger.ask_refund(refund_id(300), Some(100), None, at(7)).unwrap();
    let rest = ledger.ask_refund(refund_id(301), None, None, at(7)).unwrap();
    ledger.news.clear();
    let seen = ledger.order.view_seq;
    ledger.refund_pushed(part, at(8));
    assert_eq!((ledger.refund(part).unwrap().tries, ledger.refund(part).unwrap().next_try_at), (1, Some(at(9))));
    ledger.refund_pushed(part, at(9));
    assert_eq!((ledger.refund(part).unwrap().tries, ledger.refund(part).unwrap().next_try_at), (2, Some(at(11))));
    assert_eq!((ledger.refund(rest).unwrap().tries, ledger.order.view_seq), (0, seen));
    ledger.end_refund(part, RefundStatus::Succeeded, at(10));
    assert_eq!((ledger.order.status, ledger.order.amount_refunded), (OrderStatus::PartiallyRefunded, 100));
    assert_eq!((ledger.order.view_seq, ledger.refund(part).unwrap().tries), (seen + 1, 3));
    assert_eq!(ledger.refund(part).unwrap().next_try_at, None);
    ledger.end_refund(part, RefundStatus::Failed, at(11));
    ledger.refund_pushed(part, at(11));
    assert_eq!(ledger.refund(part).unwrap().status, RefundStatus::Succeeded, "an end stays");
    assert_eq!(ledger.refund(part).unwrap().next_try_at, None);
    assert_eq!(ledger.refund(rest).unwrap().status, RefundStatus::Pending);
    ledger.end_refund(rest, RefundStatus::Succeeded, at(12));
    assert_eq!((ledger.order.status, ledger.order.amount_refunded), (OrderStatus::Refunded, PRICE));
    let told = [EventKind::RefundSucceeded, EventKind::OrderRefunded];
    assert_eq!(kinds(&ledger), [told, told].concat());
}

#[test]
fn money_that_goes_back_by_itself_changes_nothing_of_what_the_merchant_gave_back() {
    let mut ledger = paid();
    hear(&mut ledger, proven(10, "b", PRICE, 5), 1, 7);
    ledger.news.clear();
    ledger.end_refund(refund_id(201), RefundStatus::Succeeded, at(9));
    assert_eq!((ledger.order.status, ledger.order.amount_refunded), (OrderStatus::Paid, 0));
    assert_eq!(kinds(&ledger), [EventKind::RefundSucceeded]);
    assert!(
        ledger.ask_refund(refund_id(300), Some(PRICE), None, at(9)).is_ok(),
        "the surplus is not the winner's money"
    );
}

#[test]
fn only_what_nobody_gives_back_already_can_be_returned() {
    let mut ledger = paid();
    hear(&mut ledger, proven(10, "b", PRICE, 5), 1, 7);
    hear(&mut ledger, proven(10, "c", 1, 5), 2, 7);
    let give = |ledger: &mut Ledger, payment: u128, refund: u128| {
        ledger.return_payment(PaymentId::new(id(payment)), refund_id(refund), at(8))
    };
    let refused = Err(RefundRefused::NotReturnable);
    assert_eq!(give(&mut ledger, 100, 300), refused, "the winner");
    assert_eq!(give(&mut ledger, 101, 300), refused, "its refund is under way");
    assert_eq!(give(&mut ledger, 999, 300), refused, "unknown");
    assert_eq!(give(&mut ledger, 102, 300), Ok(refund_id(300)));
    assert_eq!(ledger.refund(refund_id(300)).unwrap().kind, RefundKind::Mismatch);
    assert_eq!(give(&mut ledger, 102, 301), refused, "it goes back once");
    ledger.news.clear();
    ledger.end_refund(refund_id(201), RefundStatus::Failed, at(9));
    assert_eq!(kinds(&ledger), [EventKind::RefundFailed]);
    assert_eq!(give(&mut ledger, 101, 302), Ok(refund_id(302)), "the wallet had refused it");
    assert_eq!(ledger.payment(PaymentId::new(id(101))).unwrap().refund, Some(refund_id(302)));
    assert_eq!(ledger.refund(refund_id(302)).unwrap().kind, RefundKind::Surplus);
}

#[test]
fn nobody_begins_through_a_link_that_is_over_or_was_ended() {
    let mut ledger = ledger();
    let short = link_request(60, Some(Span::seconds(100)), Span::seconds(100));
    let link = ledger.ask_friend(short, at(0)).unwrap();
    let late = ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(100));
    assert_eq!(late, Err(BeginError::LinkFinished));
    assert!(ledger.clone().begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(99)).is_ok());
    ledger.end_link(link, LinkStatus::Declined, at(1));
    let ended = ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(2));
    assert_eq!(ended, Err(BeginError::LinkFinished));
}

#[test]
fn when_there_is_no_room_a_held_link_says_so_and_a_free_one_that_there_is_none() {
    let mut ledger = ledger();
    let held = ledger.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    let free = ledger.ask_friend(link_request(61, None, Span::seconds(0)), at(0)).unwrap();
    ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(held)), at(0)).unwrap();
    for number in 0..19 {
        begin(&mut ledger, 20 + number, 100 + u8::try_from(number).unwrap(), Wallet::WechatPay);
    }
    let through = |ledger: &mut Ledger, link| ledger.begin_attempt(wish(50, 99, Wallet::WechatPay, Some(link)), at(1));
    assert!(matches!(through(&mut ledger, held), Err(BeginError::Held(_))));
    assert_eq!(through(&mut ledger, free), Err(BeginError::TooMany));
}

#[test]
fn a_link_that_ends_with_its_order_prolongs_nothing() {
    let mut ledger = ledger();
    let life = Span::seconds(LIFE_S);
    ledger.ask_friend(link_request(60, Some(life), life), at(0)).unwrap();
    assert_eq!(kinds(&ledger), [EventKind::FriendLinkCreated]);
}
