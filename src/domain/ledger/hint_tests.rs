//! What a ledger makes of a wallet's proven word that something happened to a trade.

use super::tests::{PRICE, at, begin, hear, ledger, proven, trade_no};
use super::*;
use crate::domain::payment::{ProvenPayment, Verdict};
use crate::domain::wallet::Wallet;

const DAY_S: i64 = 86_400;

/// A hint about the trade of the attempt that these tests begin.
fn hint(ledger: &mut Ledger, seconds: i64) {
    assert!(ledger.heed_hint(Wallet::Unionpay, &trade_no(10), at(seconds)));
}

/// When the first attempt is looked at, in seconds, if every look from now on finds nothing new.
fn looks(ledger: &mut Ledger, most: usize) -> Vec<i64> {
    let id = ledger.attempts[0].id;
    let mut found = Vec::new();
    while let Some(look) = ledger.attempts[0].next_look_at.filter(|_| found.len() < most) {
        found.push((look - at(0)).as_seconds());
        ledger.looked_at(id, look);
    }
    found
}

#[test]
fn a_hint_makes_an_open_attempt_be_asked_about_at_once_and_as_if_it_had_just_begun() {
    let mut ledger = ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    ledger.looked_at(id, at(41));
    hint(&mut ledger, 50);
    assert_eq!(ledger.due_tasks(at(50)), [Task::Look(id)]);
    assert_eq!(looks(&mut ledger, 8), [50, 55, 60, 70, 90, 100, 160, 220]);
}

#[test]
fn a_hint_wakes_an_attempt_whose_looks_are_over_and_one_whose_deadline_has_passed() {
    let mut ledger = ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    ledger.end_attempt(id, AttemptStatus::Closed, at(6));
    let end = looks(&mut ledger, 9).pop().unwrap();
    assert_eq!((end, ledger.attempts[0].next_look_at), (6 + DAY_S, None));
    let (hinted, status) = (end + DAY_S, ledger.attempts[0].status);
    hint(&mut ledger, hinted);
    let expected = [0, 5, 10, 20, 40, 300, 3600, DAY_S].map(|after| hinted + after);
    assert_eq!(looks(&mut ledger, 9), expected);
    assert_eq!(ledger.attempts[0].status, status, "asking changes nothing else");
    ledger.not_answered(id, at(hinted + DAY_S));
    assert_eq!(ledger.attempts[0].next_look_at, Some(at(hinted + DAY_S + 21_600)), "a look without an answer is none");

    let mut ledger = super::tests::ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    let over = ledger.attempts[0].expires_at;
    ledger.attempts[0].hint(over);
    assert!(ledger.due_tasks(over).contains(&Task::Look(id)));
}

#[test]
fn an_end_that_comes_after_a_hint_does_not_take_its_looks_away() {
    let mut ledger = ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    hint(&mut ledger, 7);
    ledger.end_attempt(id, AttemptStatus::Expired, at(8));
    assert_eq!(looks(&mut ledger, 4), [12, 17, 27, 47]);
}

#[test]
fn a_hint_just_after_another_and_one_of_what_is_known_change_nothing() {
    let mut ledger = ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    hint(&mut ledger, 3);
    let hinted = ledger.clone();
    hint(&mut ledger, 3);
    hint(&mut ledger, 7);
    assert_eq!(ledger, hinted, "it is due already");
    ledger.looked_at(id, at(7));
    let looked = ledger.clone();
    hint(&mut ledger, 7);
    assert_eq!(ledger, looked, "the next look is for both");
    hint(&mut ledger, 8);
    assert_eq!(ledger.attempts[0].next_look_at, Some(at(8)));
    // A clock that was set back holds no hint up.
    hint(&mut ledger, 2);
    assert_eq!(ledger.attempts[0].next_look_at, Some(at(2)));

    for (amount, result) in [(PRICE, Verdict::Winner), (PRICE - 1, Verdict::Mismatch)] {
        let mut ledger = super::tests::ledger();
        begin(&mut ledger, 10, 1, Wallet::Unionpay);
        let payment = ProvenPayment { wallet: Wallet::Unionpay, ..proven(10, "a", amount, 5) };
        assert_eq!(hear(&mut ledger, payment, 0, 6), Heard::New(result));
        let recorded = ledger.clone();
        hint(&mut ledger, 9);
        // After a wrong amount the right one may have come; after the right one there is nothing to ask.
        assert_eq!(ledger != recorded, result == Verdict::Mismatch, "{result:?}");
    }
}

#[test]
fn a_hint_that_comes_while_the_wallet_is_asked_is_not_answered_by_that() {
    let mut ledger = ledger();
    let id = begin(&mut ledger, 10, 1, Wallet::Unionpay);
    ledger.end_attempt(id, AttemptStatus::Closed, at(6));
    let before = ledger.attempts[0].hinted_at;
    hint(&mut ledger, 100);
    // Noted by a program whose clock is two days ahead, for which every schedule is over.
    let ahead = 2 * DAY_S;
    ledger.looked_at(id, at(ahead));
    assert_eq!(ledger.attempts[0].next_look_at, None);
    ledger.look_again_if_hinted(id, before, at(ahead));
    assert_eq!(ledger.attempts[0].next_look_at, Some(at(ahead)));
    let heeded = ledger.attempts[0].hinted_at;
    ledger.looked_at(id, at(ahead));
    ledger.look_again_if_hinted(id, heeded, at(ahead));
    assert_eq!(ledger.attempts[0].next_look_at, None, "this look began after the hint");
}

#[test]
fn a_hint_about_a_trade_of_nobody_here_is_told_so() {
    let mut ledger = ledger();
    begin(&mut ledger, 10, 1, Wallet::Unionpay);
    let before = ledger.clone();
    assert!(!ledger.heed_hint(Wallet::Unionpay, &trade_no(11), at(9)));
    assert!(!ledger.heed_hint(Wallet::Alipay, &trade_no(10), at(9)), "another wallet's number is another number");
    assert_eq!(ledger, before);
}
