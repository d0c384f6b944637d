//! The ledger's decisions, one by one; what holds of all their orders is shown by the small worlds and the simulator.

use uuid::Uuid;

use super::*;
use crate::domain::attempt::{Handover, TradeNo};
use crate::domain::code_mask::CodeMask;
use crate::domain::merchant::{LatePayment, MerchantId};
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::order::{MerchantOrderNo, OrderRequest};
use crate::domain::order_state::Refused;
use crate::domain::payment::{ProvenPayment, Verdict};
use crate::domain::time::Span;
use crate::domain::token::Token;
use crate::domain::wallet::{Product, Wallet};

const BEGUN_S: i64 = 1_795_300_000;
pub(super) const PRICE: i64 = 12_900;
pub(super) const LIFE_S: i64 = 600;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(BEGUN_S + seconds)
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn trade_no(number: u128) -> TradeNo {
    TradeNo::new(&format!("TRADE{number:020}")).unwrap()
}

pub(super) fn ledger() -> Ledger {
    let mut ledger = Ledger::place(Order {
        id: crate::domain::id::OrderId::new(id(1)),
        merchant: MerchantId::new("teashop").unwrap(),
        sandbox: true,
        request: OrderRequest {
            merchant_order_no: MerchantOrderNo::new("T1").unwrap(),
            money: Money { amount: Amount::new(PRICE).unwrap(), currency: Currency::Cny },
            subject: "茶".to_owned(),
            wallets: Wallet::ALL.to_vec(),
            expires_in: Span::seconds(LIFE_S),
            return_url: None,
            locale: None,
            metadata: Vec::new(),
        },
        created_at: at(0),
        expires_at: at(LIFE_S),
        status: OrderStatus::Pending,
        cancelled_at: None,
        winner: None,
        amount_refunded: 0,
        checkout_token: Token::from_bytes([1; 16]),
        scan_token: Token::from_bytes([2; 16]),
        scan_mask: CodeMask::default(),
        history_seq: 0,
        view_seq: 1,
        version: 1,
    });
    ledger.news.clear();
    ledger
}

pub(super) fn wish(number: u128, browser: u8, wallet: Wallet, link: Option<FriendLinkId>) -> NewAttempt {
    NewAttempt {
        id: AttemptId::new(id(number)),
        trade_no: trade_no(number),
        wallet,
        product: None,
        default_product: Product::Code,
        browser: [browser; 32],
        friend_link: link,
    }
}

pub(super) fn begin(ledger: &mut Ledger, number: u128, browser: u8, wallet: Wallet) -> AttemptId {
    ledger.begin_attempt(wish(number, browser, wallet, None), at(0)).unwrap()
}

pub(super) fn proven(number: u128, transaction: &str, amount: i64, paid_s: i64) -> ProvenPayment {
    ProvenPayment {
        wallet: Wallet::WechatPay,
        account: "account".to_owned(),
        trade_no: trade_no(number),
        transaction_id: transaction.to_owned(),
        amount,
        currency: "CNY".to_owned(),
        paid_at: at(paid_s),
    }
}

pub(super) fn hear(ledger: &mut Ledger, proven: ProvenPayment, ids: u128, now_s: i64) -> Heard {
    let ids = FreshIds { payment: PaymentId::new(id(100 + ids)), refund: RefundId::new(id(200 + ids)) };
    ledger.record(proven, ids, LatePayment::Refund, at(now_s))
}

/// A ledger whose first attempt has paid it.
pub(super) fn paid() -> Ledger {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    assert_eq!(hear(&mut ledger, proven(10, "a", PRICE, 5), 0, 6), Heard::New(Verdict::Winner));
    ledger
}

pub(super) fn kinds(ledger: &Ledger) -> Vec<EventKind> {
    ledger.news.iter().map(|news| news.kind).collect()
}

pub(super) fn link_request(number: u128, expires_in: Option<Span>, window: Span) -> LinkRequest {
    LinkRequest {
        id: FriendLinkId::new(id(number)),
        token: Token::from_bytes([u8::try_from(number).unwrap(); 16]),
        mask: CodeMask::default(),
        requester: None,
        message: None,
        expires_in,
        window,
    }
}

fn ask(ledger: &mut Ledger, number: u128) -> FriendLinkId {
    ledger.ask_friend(link_request(number, None, Span::seconds(0)), at(0)).unwrap()
}

#[test]
fn everything_is_found_by_its_own_identifier_alone() {
    let mut ledger = paid();
    begin_more(&mut ledger);
    let link = ledger.friend_links[0].id;
    for (place, attempt) in ledger.attempts.iter().enumerate() {
        assert_eq!(ledger.attempt(attempt.id), Some(&ledger.attempts[place]));
    }
    assert_eq!(ledger.payment(ledger.payments[1].id), ledger.payments.last());
    assert_eq!(ledger.friend_link(link).map(|found| found.id), Some(link));
    assert_eq!(ledger.refund(ledger.refunds[1].id), ledger.refunds.last());
    assert_eq!(ledger.attempt(AttemptId::new(id(9))), None);
    assert_eq!(ledger.payment(PaymentId::new(id(9))), None);
    assert_eq!(ledger.friend_link(FriendLinkId::new(id(9))), None);
    assert_eq!(ledger.refund(RefundId::new(id(9))), None);
}

/// A second payment, two refunds and a link beside what `paid` has.
fn begin_more(ledger: &mut Ledger) {
    let mut fresh = self::ledger();
    fresh.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    ledger.friend_links = fresh.friend_links;
    assert_eq!(hear(ledger, proven(10, "b", PRICE, 5), 1, 7), Heard::New(Verdict::Surplus));
    ledger.ask_refund(RefundId::new(id(300)), Some(1), None, at(8)).unwrap();
}

#[test]
fn a_browser_gets_its_living_attempt_again_and_every_other_wish_a_new_one() {
    let mut ledger = ledger();
    let first = begin(&mut ledger, 10, 1, Wallet::WechatPay);
    assert_eq!(begin(&mut ledger, 11, 1, Wallet::WechatPay), first);
    assert_eq!(kinds(&ledger), [EventKind::AttemptCreated], "the same one again is no news");
    assert_ne!(begin(&mut ledger, 12, 2, Wallet::WechatPay), first, "another browser");
    assert_ne!(begin(&mut ledger, 13, 1, Wallet::Alipay), first, "another wallet");
    let mut other_way = wish(14, 1, Wallet::WechatPay, None);
    other_way.product = Some(Product::Browser);
    assert_eq!(ledger.begin_attempt(other_way, at(0)), Ok(AttemptId::new(id(14))), "another product");
    assert_eq!(ledger.attempts.len(), 4);
    ledger.end_attempt(first, AttemptStatus::Failed, at(1));
    assert_ne!(begin(&mut ledger, 16, 1, Wallet::WechatPay), first, "an ended one is not given again");
}

#[test]
fn an_attempt_ends_with_its_product_its_order_or_its_link_whichever_is_first() {
    let mut ledger = ledger();
    let code = begin(&mut ledger, 10, 1, Wallet::WechatPay);
    assert_eq!(ledger.attempt(code).unwrap().expires_at, at(LIFE_S));
    let mut quick = wish(11, 1, Wallet::WechatPay, None);
    quick.product = Some(Product::Browser);
    let quick = ledger.begin_attempt(quick, at(0)).unwrap();
    assert_eq!(ledger.attempt(quick).unwrap().expires_at, at(300));
    let link = ledger.ask_friend(link_request(60, Some(Span::seconds(200)), Span::seconds(200)), at(0)).unwrap();
    let friend = ledger.begin_attempt(wish(12, 3, Wallet::WechatPay, Some(link)), at(0)).unwrap();
    assert_eq!(ledger.attempt(friend).unwrap().expires_at, at(200));
    assert_eq!(ledger.attempt(friend).unwrap().next_look_at, Some(at(5)));
}

#[test]
fn nobody_begins_to_pay_what_is_over_nor_more_than_twenty_at_once() {
    let mut ledger = ledger();
    let late = wish(10, 1, Wallet::WechatPay, None);
    assert_eq!(ledger.begin_attempt(late.clone(), at(LIFE_S)), Err(BeginError::OrderFinished));
    for number in 0..20 {
        begin(&mut ledger, 20 + number, u8::try_from(number).unwrap(), Wallet::WechatPay);
    }
    let more = wish(50, 99, Wallet::WechatPay, None);
    assert_eq!(ledger.begin_attempt(more.clone(), at(0)), Err(BeginError::TooMany));
    ledger.end_attempt(AttemptId::new(id(20)), AttemptStatus::Closed, at(0));
    assert!(ledger.begin_attempt(more, at(0)).is_ok(), "one has ended");
    ledger.cancel(at(1)).unwrap();
    assert_eq!(ledger.begin_attempt(late, at(1)), Err(BeginError::OrderFinished));
}

#[test]
fn what_the_wallet_handed_over_first_stays_and_belongs_to_its_attempt() {
    let mut ledger = ledger();
    let (one, two) = (begin(&mut ledger, 10, 1, Wallet::WechatPay), begin(&mut ledger, 11, 2, Wallet::WechatPay));
    ledger.hand_over(two, Handover::Code("first".to_owned()));
    ledger.hand_over(two, Handover::Code("second".to_owned()));
    assert_eq!(ledger.attempt(two).unwrap().handover, Some(Handover::Code("first".to_owned())));
    assert_eq!(ledger.attempt(one).unwrap().handover, None);
}

#[test]
fn a_link_is_paid_by_one_browser_at_a_time_and_a_take_over_closes_what_the_other_began() {
    let mut ledger = ledger();
    let (link, other) = (ask(&mut ledger, 60), ask(&mut ledger, 61));
    let first = ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(0)).unwrap();
    let held = ledger.begin_attempt(wish(11, 2, Wallet::WechatPay, Some(link)), at(1));
    assert!(matches!(held, Err(BeginError::Held(_))), "{held:?}");
    let beside = ledger.begin_attempt(wish(12, 2, Wallet::WechatPay, Some(other)), at(1)).unwrap();
    // The hold has run out.
    let second = ledger.begin_attempt(wish(13, 2, Wallet::WechatPay, Some(link)), at(301)).unwrap();
    assert_eq!(ledger.attempt(first).unwrap().status, AttemptStatus::Closing);
    assert_eq!(ledger.attempt(first).unwrap().next_look_at, Some(at(301)));
    assert_eq!(ledger.attempt(beside).unwrap().status, AttemptStatus::Open, "another link's");
    assert_eq!(ledger.attempt(second).unwrap().status, AttemptStatus::Open);
    // Its browser has nothing open any more, so the link is free at once.
    assert_eq!(ledger.friend_link(link).unwrap().held_until(at(302)), Some(at(601)));
    ledger.end_attempt(second, AttemptStatus::Failed, at(302));
    assert_eq!(ledger.friend_link(link).unwrap().held_until(at(302)), None);
    let over = ledger.begin_attempt(wish(14, 3, Wallet::WechatPay, Some(FriendLinkId::new(id(9)))), at(302));
    assert_eq!(over, Err(BeginError::LinkFinished));
}

#[test]
fn a_hold_stays_while_its_browser_has_another_attempt_open() {
    let mut ledger = ledger();
    let link = ask(&mut ledger, 60);
    let wechat = ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(link)), at(0)).unwrap();
    let alipay = ledger.begin_attempt(wish(11, 1, Wallet::Alipay, Some(link)), at(0)).unwrap();
    ledger.end_attempt(wechat, AttemptStatus::Failed, at(1));
    assert!(ledger.friend_link(link).unwrap().held_until(at(1)).is_some());
    ledger.end_attempt(alipay, AttemptStatus::Closed, at(2));
    assert_eq!(ledger.friend_link(link).unwrap().held_until(at(2)), None);
}

#[test]
fn ends_of_attempts_are_told_once_and_only_a_failure_is_news_of_the_page() {
    let mut ledger = ledger();
    let numbers = [10, 11, 12];
    for (browser, number) in (1..).zip(numbers) {
        begin(&mut ledger, number, browser, Wallet::WechatPay);
    }
    ledger.news.clear();
    let seen = ledger.order.view_seq;
    ledger.end_attempt(AttemptId::new(id(10)), AttemptStatus::Closed, at(1));
    ledger.end_attempt(AttemptId::new(id(11)), AttemptStatus::Expired, at(1));
    assert_eq!(ledger.order.view_seq, seen);
    ledger.end_attempt(AttemptId::new(id(12)), AttemptStatus::Failed, at(1));
    ledger.end_attempt(AttemptId::new(id(12)), AttemptStatus::Closed, at(2));
    assert_eq!(ledger.order.view_seq, seen + 1);
    assert_eq!(kinds(&ledger), [EventKind::AttemptClosed, EventKind::AttemptClosed, EventKind::AttemptFailed]);
    assert_eq!(ledger.attempt(AttemptId::new(id(12))).unwrap().status, AttemptStatus::Failed);
    assert_eq!(ledger.start_closing(at(3), |_| true), []);
}

#[test]
fn closing_is_marked_where_it_is_wished_and_told_which() {
    let mut ledger = ledger();
    let one = begin(&mut ledger, 10, 1, Wallet::WechatPay);
    let two = begin(&mut ledger, 11, 2, Wallet::WechatPay);
    assert_eq!(ledger.start_closing(at(1), |attempt| attempt.id == two), [two]);
    assert_eq!(ledger.attempt(one).unwrap().status, AttemptStatus::Open);
    assert_eq!(ledger.start_closing(at(2), |_| true), [one, two], "what is closing is closed all the same");
}

#[test]
fn looks_are_planned_for_the_attempt_that_was_looked_at_alone() {
    let mut ledger = ledger();
    let (one, two) = (begin(&mut ledger, 10, 1, Wallet::WechatPay), begin(&mut ledger, 11, 2, Wallet::WechatPay));
    ledger.looked_at(two, at(5));
    assert_eq!(ledger.attempt(one).unwrap().next_look_at, Some(at(5)));
    assert_eq!(ledger.attempt(two).unwrap().next_look_at, Some(at(10)));
    ledger.end_attempt(two, AttemptStatus::Closed, at(6));
    assert_eq!(ledger.attempt(two).unwrap().next_look_at, Some(at(306)));
    let day = 86_400;
    ledger.looked_at(two, at(6 + day));
    assert_eq!(ledger.attempt(two).unwrap().next_look_at, None, "answered at the last look");
    ledger.not_answered(two, at(6 + day));
    assert_eq!(ledger.attempt(two).unwrap().next_look_at, Some(at(6 + day + 21_600)), "not answered at the last look");
    ledger.not_answered(two, at(306));
    assert_eq!(ledger.attempt(two).unwrap().next_look_at, Some(at(606)), "sooner than the next one planned");
    assert_eq!(ledger.attempt(one).unwrap().next_look_at, Some(at(5)));
    ledger.not_answered(one, at(5));
    assert_eq!(ledger.attempt(one).unwrap().next_look_at, Some(at(10)), "an open one has its own schedule");
}

#[test]
fn the_agenda_names_everything_with_its_time() {
    let mut ledger = ledger();
    assert_eq!((ledger.due_at(), ledger.due_tasks(at(LIFE_S - 1))), (Some(at(LIFE_S)), vec![]));
    assert_eq!(ledger.due_tasks(at(LIFE_S)), [Task::Expire]);
    let link = ledger.ask_friend(link_request(60, Some(Span::seconds(100)), Span::seconds(100)), at(0)).unwrap();
    let attempt = begin(&mut ledger, 10, 1, Wallet::WechatPay);
    assert_eq!(ledger.due_at(), Some(at(5)));
    assert_eq!(ledger.due_tasks(at(100)), [Task::ExpireLink(link), Task::Look(attempt)]);
    // However far its next look is, the passing of its deadline is looked at.
    ledger.attempts[0].next_look_at = Some(at(9000));
    assert_eq!(ledger.due_tasks(at(LIFE_S)), [Task::Expire, Task::ExpireLink(link), Task::Look(attempt)]);
    ledger.attempts[0].next_look_at = None;
    assert_eq!(ledger.due_tasks(at(LIFE_S)).len(), 3);
    hear(&mut ledger, proven(10, "a", PRICE, 5), 0, 6);
    assert_eq!(ledger.due_at(), None, "a paid order rests");
    let refund = ledger.ask_refund(RefundId::new(id(300)), None, None, at(7)).unwrap();
    assert_eq!(ledger.due_tasks(at(7)), [Task::PushRefund(refund)]);
    ledger.refund_pushed(refund, at(7));
    assert_eq!(ledger.due_at(), Some(at(8)));
}

#[test]
fn links_prolong_the_order_within_the_window_and_a_week() {
    let mut ledger = ledger();
    let day = Span::hours(24);
    ledger.ask_friend(link_request(60, Some(Span::hours(48)), day), at(0)).unwrap();
    assert_eq!(ledger.order.expires_at, at(86_400), "no further than the window");
    assert_eq!(ledger.friend_links[0].expires_at, at(86_400));
    assert_eq!(kinds(&ledger), [EventKind::OrderExtended, EventKind::FriendLinkCreated]);
    ledger.ask_friend(link_request(61, None, Span::hours(1)), at(0)).unwrap();
    assert_eq!((ledger.order.expires_at, ledger.friend_links[1].expires_at), (at(86_400), at(3600)));
    ledger.ask_friend(link_request(62, None, Span::hours(24 * 30)), at(0)).unwrap();
    assert_eq!(ledger.order.expires_at, at(0) + LONGEST_LIFE);
    assert_eq!(ledger.friend_links[2].expires_at, at(0) + LONGEST_LIFE);
    ledger.ask_friend(link_request(63, None, Span::seconds(0)), at(0)).unwrap();
    assert_eq!(ledger.friend_links[3].expires_at, at(0) + LONGEST_LIFE, "no window: as long as the order");
    assert_eq!(ledger.order.view_seq, 3, "each prolonging shows on the page");
}

#[test]
fn ten_links_may_be_open_and_none_of_an_order_that_is_over() {
    let mut ledger = ledger();
    for number in 0..10 {
        ask(&mut ledger, 60 + number);
    }
    let more = link_request(90, None, Span::seconds(0));
    assert_eq!(ledger.ask_friend(more.clone(), at(0)), Err(TooManyLinks::TooMany));
    assert!(ledger.end_link(FriendLinkId::new(id(60)), LinkStatus::Revoked, at(0)));
    assert!(ledger.ask_friend(more.clone(), at(0)).is_ok());
    assert_eq!(ledger.ask_friend(more.clone(), at(LIFE_S)), Err(TooManyLinks::OrderFinished));
    ledger.cancel(at(1)).unwrap();
    assert_eq!(ledger.ask_friend(more, at(1)), Err(TooManyLinks::OrderFinished));
}

#[test]
fn a_link_ends_once_with_its_word_and_its_own_attempts() {
    let mut ledger = ledger();
    let links: Vec<FriendLinkId> = (60..63).map(|number| ask(&mut ledger, number)).collect();
    let own = ledger.begin_attempt(wish(10, 1, Wallet::WechatPay, Some(links[0])), at(0)).unwrap();
    let foreign = begin(&mut ledger, 11, 2, Wallet::WechatPay);
    ledger.news.clear();
    assert!(ledger.end_link(links[0], LinkStatus::Declined, at(1)));
    assert!(!ledger.end_link(links[0], LinkStatus::Revoked, at(2)), "it has its end");
    assert!(
        ledger.end_link(links[1], LinkStatus::Revoked, at(1)) && ledger.end_link(links[2], LinkStatus::Expired, at(1))
    );
    assert!(!ledger.end_link(FriendLinkId::new(id(9)), LinkStatus::Revoked, at(1)));
    assert_eq!(kinds(&ledger), [EventKind::FriendLinkDeclined, EventKind::FriendLinkRevoked]);
    let statuses: Vec<LinkStatus> = ledger.friend_links.iter().map(|link| link.status).collect();
    assert_eq!(statuses, [LinkStatus::Declined, LinkStatus::Revoked, LinkStatus::Expired]);
    assert_eq!(ledger.attempt(own).unwrap().status, AttemptStatus::Closing);
    assert_eq!(ledger.attempt(foreign).unwrap().status, AttemptStatus::Open);
    ledger.report_link(links[1], at(3));
    ledger.report_link(FriendLinkId::new(id(9)), at(3));
    assert_eq!(kinds(&ledger).iter().filter(|kind| **kind == EventKind::FriendLinkReported).count(), 1);
}

#[test]
fn ending_an_order_ends_its_links_closes_its_attempts_and_is_told() {
    for ends in [Ledger::cancel, Ledger::expire] {
        let mut ledger = ledger();
        let link = ask(&mut ledger, 60);
        let attempt = begin(&mut ledger, 10, 1, Wallet::WechatPay);
        ledger.news.clear();
        let seen = ledger.order.view_seq;
        ends(&mut ledger, at(9)).unwrap();
        assert_eq!(ends(&mut ledger, at(9)), Err(Refused::NotPending));
        assert_eq!(ledger.extend(at(9999), at(9)), Err(Refused::NotPending));
        assert_eq!(ledger.friend_link(link).unwrap().status, LinkStatus::Expired);
        assert_eq!(ledger.attempt(attempt).unwrap().status, AttemptStatus::Closing);
        assert_eq!((ledger.order.view_seq, ledger.news.len()), (seen + 1, 1));
        ledger.end_attempt(attempt, AttemptStatus::Failed, at(10));
        assert_eq!(ledger.order.view_seq, seen + 1, "the end is the last news of the page");
    }
}

#[test]
fn an_order_is_only_ever_prolonged() {
    let mut ledger = ledger();
    ledger.extend(at(LIFE_S - 1), at(1)).unwrap();
    ledger.extend(at(LIFE_S), at(1)).unwrap();
    assert_eq!((ledger.order.expires_at, ledger.order.view_seq, ledger.news.len()), (at(LIFE_S), 1, 0));
    ledger.extend(at(LIFE_S + 1), at(1)).unwrap();
    assert_eq!((ledger.order.expires_at, ledger.order.view_seq), (at(LIFE_S + 1), 2));
    assert_eq!(kinds(&ledger), [EventKind::OrderExtended]);
}
