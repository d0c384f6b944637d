//! The books held against ledgers that somebody has spoilt: each rule is named for what breaks it, and a sound book breaks none.

use super::tests::{LIFE_S, PRICE, at, begin, hear, id, ledger, link_request, proven, wish};
use super::*;
use crate::domain::books::{OrderBook, Sums, Totals};
use crate::domain::payment::Verdict;
use crate::domain::refund::{RefundKind, RefundStatus};
use crate::domain::time::Span;
use crate::domain::wallet::Wallet;

type Spoil = fn(&mut OrderBook);

fn book(ledger: Ledger) -> OrderBook {
    let told = ledger.news.iter().map(|news| (news.seq, news.kind));
    let history = std::iter::once((1, EventKind::OrderCreated)).chain(told).collect();
    OrderBook { history, due_at: ledger.due_at(), ledger }
}

fn refund_of(number: u128) -> RefundId {
    RefundId::new(id(200 + number))
}

/// A paid order with everything that can be beside the winner: a surplus that is back (1), one on its way (2), one that its wallet refused
/// (3), a mismatch that waits (4) and one that is back (5); part of the price given back, and part more on its way; a link that ended.
fn won() -> OrderBook {
    let mut ledger = ledger();
    ledger.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    for number in 10..14 {
        begin(&mut ledger, number, u8::try_from(number).unwrap(), Wallet::WechatPay);
    }
    begin(&mut ledger, 14, 14, Wallet::Alipay);
    hear(&mut ledger, proven(10, "winner", PRICE, 5), 0, 6);
    hear(&mut ledger, proven(11, "back", PRICE, 5), 1, 7);
    hear(&mut ledger, proven(11, "on its way", PRICE, 5), 2, 7);
    hear(&mut ledger, proven(12, "refused", PRICE, 5), 3, 7);
    hear(&mut ledger, proven(13, "waits", PRICE - 1, 5), 4, 7);
    hear(&mut ledger, proven(13, "returned", PRICE + 1, 5), 5, 7);
    ledger.end_refund(refund_of(1), RefundStatus::Succeeded, at(8));
    ledger.end_refund(refund_of(3), RefundStatus::Failed, at(8));
    ledger.return_payment(PaymentId::new(id(105)), refund_of(5), at(8)).unwrap();
    ledger.end_refund(refund_of(5), RefundStatus::Succeeded, at(9));
    ledger.ask_refund(refund_of(50), Some(900), None, at(10)).unwrap();
    ledger.end_refund(refund_of(50), RefundStatus::Succeeded, at(11));
    ledger.ask_refund(refund_of(51), Some(100), None, at(12)).unwrap();
    book(ledger)
}

/// An order that ended unpaid, with a late payment that is on its way back.
fn late(end: impl Fn(&mut Ledger)) -> OrderBook {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    ledger.begin_attempt(wish(11, 2, Wallet::WechatPay, None), at(0)).unwrap();
    end(&mut ledger);
    hear(&mut ledger, proven(10, "late", PRICE, LIFE_S + 5), 0, LIFE_S + 6);
    book(ledger)
}

fn expired() -> OrderBook {
    late(|ledger| assert!(ledger.expire(at(LIFE_S)).is_ok()))
}

fn cancelled() -> OrderBook {
    late(|ledger| assert!(ledger.cancel(at(3)).is_ok()))
}

fn open() -> OrderBook {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::WechatPay);
    ledger.ask_friend(link_request(60, None, Span::seconds(0)), at(0)).unwrap();
    book(ledger)
}

/// Whether the book has this fault, whatever else it has.
fn breaks(sound: OrderBook, spoil: Spoil, rule: &str) {
    let mut book = sound;
    spoil(&mut book);
    let faults = book.faults();
    assert!(faults.iter().any(|fault| fault.rule() == rule), "not broken: {rule}, but {faults:#?}");
    assert!(faults.iter().all(|fault| fault.to_string().starts_with(&format!("{} (", fault.rule()))));
}

#[test]
fn sound_books_have_no_fault() {
    for sound in [won(), expired(), cancelled(), open(), book(ledger()), fully_refunded()] {
        assert_eq!(sound.faults(), [], "{:#?}", sound.ledger);
    }
}

fn fully_refunded() -> OrderBook {
    let mut sound = won();
    sound.ledger.news.clear();
    sound.ledger.end_refund(refund_of(51), RefundStatus::Succeeded, at(13));
    sound.ledger.ask_refund(refund_of(52), None, None, at(14)).unwrap();
    sound.ledger.end_refund(refund_of(52), RefundStatus::Succeeded, at(15));
    sound.history.extend(sound.ledger.news.iter().map(|news| (news.seq, news.kind)));
    sound.due_at = sound.ledger.due_at();
    sound
}

#[test]
fn the_sums_say_where_all_money_is() {
    let mut totals = Totals::default();
    totals.add(&won().ledger);
    totals.add(&expired().ledger);
    let price = i128::from(PRICE);
    let expected = Sums {
        proven: 7 * price,
        won: price,
        returned: price + (price + 1),
        returning: 2 * price,
        refused: price,
        mismatched: price - 1,
    };
    assert_eq!(totals.iter().collect::<Vec<_>>(), [("teashop", "CNY", &expected)]);
    assert_eq!(expected.missing(), 0);
    let odd = Sums { proven: 100, won: 1, returned: 2, returning: 4, refused: 8, mismatched: 16 };
    assert_eq!(odd.missing(), 69);
}

#[test]
fn what_is_refused_or_waits_is_in_one_place_alone() {
    let sums = |spoil: fn(&mut Ledger)| {
        let mut ledger = won().ledger;
        spoil(&mut ledger);
        let mut totals = Totals::default();
        totals.add(&ledger);
        totals.iter().map(|(_, _, sums)| *sums).next().unwrap()
    };
    let sound = sums(|_| {});
    // A surplus that nothing gives back is nowhere: that is a fault, and shows as one.
    let nowhere = sums(|ledger| ledger.refunds.retain(|refund| refund.id != refund_of(3)));
    assert_eq!((nowhere.refused, nowhere.missing()), (0, i128::from(PRICE)));
    // A refused one that is tried anew is on its way, and no longer refused.
    let anew = sums(|ledger| assert!(ledger.return_payment(PaymentId::new(id(103)), refund_of(9), at(20)).is_ok()));
    assert_eq!((anew.refused, anew.returning), (0, sound.returning + i128::from(PRICE)));
    assert_eq!((sound.missing(), anew.missing()), (0, 0));
}

#[test]
fn every_spoilt_winner_breaks_its_rule() {
    let rules: [(&str, Spoil); 13] = [
        ("every proven payment is accounted for exactly once", |book| book.ledger.payments[1].proven.amount += 1),
        ("an order has at most one winner", |book| book.ledger.payments[1].verdict = Verdict::Winner),
        ("an order names the payment that won", |book| {
            book.ledger.order.winner.as_mut().unwrap().payment = PaymentId::new(id(9));
        }),
        ("an order names the payment that won", |book| {
            book.ledger.order.winner.as_mut().unwrap().wallet = Wallet::Alipay;
        }),
        ("an order names the payment that won", |book| book.ledger.order.winner.as_mut().unwrap().paid_at = at(4)),
        ("an order names the payment that won", |book| book.ledger.order.winner = None),
        ("a winner paid what was asked", |book| book.ledger.payments[0].proven.amount -= 1),
        ("a winner paid what was asked", |book| book.ledger.payments[0].proven.currency = "USD".to_owned()),
        ("an order's status follows from its money", |book| book.ledger.order.status = OrderStatus::Paid),
        ("an order's status follows from its money", |book| book.ledger.order.status = OrderStatus::Refunded),
        ("an order's status follows from its money", |book| book.ledger.order.status = OrderStatus::Expired),
        ("an order knows what its merchant gave back", |book| book.ledger.order.amount_refunded += 1),
        ("an order knows what its merchant gave back", |book| {
            let refund = book.ledger.refunds.iter_mut().find(|refund| refund.id == refund_of(51)).unwrap();
            refund.status = RefundStatus::Succeeded;
        }),
    ];
    for (rule, spoil) in rules {
        breaks(won(), spoil, rule);
    }
    breaks(fully_refunded(), |book| book.ledger.order.status = OrderStatus::PartiallyRefunded, rules[8].0);
    breaks(expired(), |book| book.ledger.order.status = OrderStatus::Paid, rules[8].0);
    breaks(cancelled(), |book| book.ledger.order.cancelled_at = None, "a cancelled order knows when it was cancelled");
}

#[test]
fn every_spoilt_payment_breaks_its_rule() {
    let rules: [(&str, Spoil); 8] = [
        ("a payment is of its attempt's trade", |book| book.ledger.payments[1].attempt = book.ledger.attempts[0].id),
        ("a payment is of its attempt's trade", |book| book.ledger.payments[1].attempt = AttemptId::new(id(9))),
        ("a payment is of its attempt's trade", |book| book.ledger.payments[1].proven.wallet = Wallet::Alipay),
        ("an attempt with a right payment has succeeded", |book| {
            book.ledger.attempts[1].status = AttemptStatus::Closed;
        }),
        ("a payment is recorded once", |book| {
            book.ledger.payments[2].proven.transaction_id = "back".to_owned();
        }),
        ("money goes back for what it is", |book| book.ledger.refunds[0].kind = RefundKind::Late),
        ("money goes back for what it is", |book| book.ledger.payments[1].verdict = Verdict::Mismatch),
        ("no more goes back than was paid", |book| book.ledger.refunds[0].amount += 1),
    ];
    for (rule, spoil) in rules {
        breaks(won(), spoil, rule);
    }
    // The same number at another account is another payment.
    let mut other = won();
    other.ledger.payments[2].proven.transaction_id = "back".to_owned();
    other.ledger.payments[2].proven.account = "another".to_owned();
    assert_eq!(other.faults(), []);
}

#[test]
fn every_spoilt_refund_breaks_its_rule() {
    const ONCE: &str = "what is not ours to keep goes back once and whole";
    const PLANNED: &str = "a pending refund is planned, an ended one is not";
    let rules: [(&str, Spoil); 11] = [
        (ONCE, |book| book.ledger.refunds[0].amount -= 1),
        (ONCE, |book| book.ledger.refunds.retain(|refund| refund.id != refund_of(1))),
        (ONCE, |book| {
            let mut again = book.ledger.refunds[1].clone();
            again.id = refund_of(9);
            book.ledger.refunds.push(again);
        }),
        ("a payment names its refund", |book| book.ledger.payments[1].refund = None),
        ("a payment names its refund", |book| book.ledger.payments[1].refund = Some(refund_of(2))),
        ("a payment names its refund", |book| book.ledger.payments[4].refund = Some(refund_of(2))),
        ("a refund is of something", |book| book.ledger.refunds[0].amount = 0),
        ("a refund takes the way of its payment", |book| book.ledger.refunds[0].wallet = Wallet::Alipay),
        ("a refund takes the way of its payment", |book| book.ledger.refunds[0].currency = "USD".to_owned()),
        (PLANNED, |book| book.ledger.refunds[0].next_try_at = Some(at(9))),
        (PLANNED, |book| book.ledger.refunds[1].next_try_at = None),
    ];
    for (rule, spoil) in rules {
        breaks(won(), spoil, rule);
    }
    // A mismatch may wait for the merchant; nothing else may.
    let rule = |sound: OrderBook, spoil: Spoil| {
        let mut book = sound;
        spoil(&mut book);
        book.faults().iter().any(|fault| fault.rule() == ONCE)
    };
    assert!(!rule(won(), |book| book.ledger.refunds.retain(|refund| refund.id != refund_of(5))));
    assert!(rule(expired(), |book| book.ledger.refunds.clear()));
}

#[test]
fn every_forgotten_plan_breaks_its_rule() {
    let rules: [(OrderBook, &str, Spoil); 7] = [
        (expired(), "an ended order has nothing open to pay", |book| {
            book.ledger.attempts[1].status = AttemptStatus::Open
        }),
        (open(), "a living attempt is looked after", |book| book.ledger.attempts[0].next_look_at = None),
        (won(), "an ended order has no open friend link", |book| book.ledger.friend_links[0].status = LinkStatus::Open),
        (open(), "an order is planned for its next work", |book| book.due_at = None),
        (won(), "an order is planned for its next work", |book| book.due_at = Some(at(9_999))),
        (open(), "the history is numbered without a gap", |book| book.history.truncate(1)),
        (open(), "the history is numbered without a gap", |book| book.history[1].0 = 9),
    ];
    for (sound, rule, spoil) in rules {
        breaks(sound, spoil, rule);
    }
}

/// The history tells of each thing once: whatever is told under another name is missing here and too much there.
#[test]
fn every_event_that_is_told_otherwise_breaks_its_rule() {
    let told_of = |book: &OrderBook, kind| book.history.iter().position(|(_, told)| *told == kind);
    let mut met = 0;
    for kind in [
        EventKind::OrderCreated,
        EventKind::OrderPaid,
        EventKind::PaymentSurplus,
        EventKind::PaymentLate,
        EventKind::PaymentMismatch,
        EventKind::AttemptCreated,
        EventKind::FriendLinkCreated,
        EventKind::RefundSucceeded,
        EventKind::RefundFailed,
    ] {
        for mut book in [won(), expired()] {
            let Some(place) = told_of(&book, kind) else { continue };
            met += 1;
            book.history[place].1 = EventKind::OrderExtended;
            let faults = book.faults();
            let words = format!("{} told", kind.as_str());
            assert!(faults.iter().any(|fault| fault.to_string().contains(&words)), "{words}: {faults:#?}");
        }
    }
    assert!(met >= 9, "each kind stands in one of the books");
    for (mut book, kind) in [(expired(), EventKind::OrderExpired), (cancelled(), EventKind::OrderCancelled)] {
        let place = told_of(&book, kind).unwrap();
        book.history[place].1 = EventKind::OrderExtended;
        let rules: Vec<&str> = book.faults().iter().map(crate::domain::books::Fault::rule).collect();
        assert_eq!(rules, ["the history tells how the order ended"]);
    }
}
