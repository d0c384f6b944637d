//! Tests of proving a notice: what is genuine is believed, and nothing else is.

use proptest::prelude::*;

use super::account::Account;
use super::notice::{NoticeBody, NoticeEvent};
use super::signature::{self, NONCE, SIGNATURE, TIMESTAMP};
use super::testing::{NOON, World, trade_no};
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::Wallet;
use crate::ports::wallet::{Notice, RawNotice, Unproven, WalletGateway};

const NONCE_VALUE: &str = "0123456789abcdefghijABCDEFGHIJxy";

fn body_of(account: &Account) -> NoticeBody {
    NoticeBody {
        notice_id: "n1".to_owned(),
        merchant: account.merchant.clone(),
        wallet: account.wallet,
        account: account.name().to_owned(),
        trade_no: trade_no(1),
        event: NoticeEvent::Payment {
            transaction_id: "t1".to_owned(),
            amount: 12_900,
            currency: "CNY".to_owned(),
            paid_at: NOON,
        },
    }
}

fn signed(account: &Account, body: Vec<u8>) -> RawNotice {
    let proof = signature::sign(account, NOON, NONCE_VALUE.to_owned(), &body);
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(proof.map(|(name, value)| (name.to_owned(), value)));
    RawNotice { headers, body }
}

fn genuine(account: &Account) -> RawNotice {
    signed(account, serde_json::to_vec(&body_of(account)).unwrap())
}

fn with_header(notice: &RawNotice, name: &str, value: &str) -> RawNotice {
    let mut changed = notice.clone();
    changed.headers.iter_mut().filter(|(given, _)| given == name).for_each(|header| header.1 = value.to_owned());
    changed
}

fn header(notice: &RawNotice, name: &str) -> String {
    notice.headers.iter().find(|(given, _)| given == name).unwrap().1.clone()
}

#[test]
fn a_genuine_notice_is_believed_and_says_what_was_paid() {
    let world = World::new();
    for wallet in Wallet::ALL {
        let account = world.account(wallet);
        match world.wallet(wallet).prove(&genuine(&account), NOON) {
            Ok(Notice::Paid(payment)) => {
                assert_eq!((payment.wallet, payment.account.as_str()), (wallet, account.name()));
                assert_eq!((payment.trade_no, payment.transaction_id.as_str()), (trade_no(1), "t1"));
                assert_eq!((payment.amount, payment.currency.as_str(), payment.paid_at), (12_900, "CNY", NOON));
            }
            other => panic!("{other:?}"),
        }
        let failed = NoticeBody { event: NoticeEvent::Failed {}, ..body_of(&account) };
        let failed = signed(&account, serde_json::to_vec(&failed).unwrap());
        assert_eq!(world.wallet(wallet).prove(&failed, NOON), Ok(Notice::Failed(trade_no(1))));
    }
}

/// Every single-bit change of the body and of the proof, every cut, every header lost, emptied, doubled, prefixed or suffixed.
fn mutants(notice: &RawNotice) -> Vec<RawNotice> {
    let mut mutants = Vec::new();
    let body = &notice.body;
    let mut with_body = |body: Vec<u8>| mutants.push(RawNotice { headers: notice.headers.clone(), body });
    for place in 0..body.len() {
        for bit in 0..8 {
            let mut changed = body.clone();
            changed[place] ^= 1 << bit;
            with_body(changed);
        }
        with_body(body[..place].to_vec());
        with_body(body[place + 1..].to_vec());
        with_body([&body[..place], b" ", &body[place..]].concat());
    }
    with_body([body, b"\n".as_slice()].concat());
    for name in [TIMESTAMP, NONCE, SIGNATURE] {
        let value = header(notice, name);
        for place in 0..value.len() {
            for bit in 0..7 {
                let mut changed = value.clone().into_bytes();
                changed[place] ^= 1 << bit;
                mutants.push(with_header(notice, name, &String::from_utf8(changed).unwrap()));
            }
            mutants.push(with_header(notice, name, &value[..place]));
            mutants.push(with_header(notice, name, &value[place + 1..]));
        }
        for text in
            [format!(" {value}"), format!("{value} "), format!("0{value}"), format!("{value}="), "０".to_owned()]
        {
            mutants.push(with_header(notice, name, &text));
        }
        let mut lost = notice.clone();
        lost.headers.retain(|(given, _)| given != name);
        mutants.push(lost);
        for spelling in [name.to_owned(), name.to_uppercase()] {
            let mut doubled = notice.clone();
            doubled.headers.push((spelling, value.clone()));
            mutants.push(doubled);
        }
    }
    mutants
}

#[test]
fn no_mutant_of_a_genuine_notice_is_believed() {
    let world = World::new();
    for wallet in Wallet::ALL {
        let notice = genuine(&world.account(wallet));
        let mutants = mutants(&notice);
        assert!(mutants.len() >= 2000, "only {}", mutants.len());
        for mutant in mutants {
            assert_eq!(world.wallet(wallet).prove(&mutant, NOON), Err(Unproven::NotProven), "{mutant:?}");
        }
    }
}

#[test]
fn a_notice_is_believed_at_its_own_account_only() {
    let world = World::new();
    let everyone = || {
        [World::teashop(), World::bookshop()]
            .into_iter()
            .flat_map(|merchant| Wallet::ALL.map(|wallet| (merchant.clone(), wallet)))
    };
    for (merchant, wallet) in everyone() {
        let notice = genuine(world.accounts.account(&merchant, wallet).unwrap());
        for (other_merchant, other_wallet) in everyone() {
            let proven = world.wallet_of(&other_merchant, other_wallet).prove(&notice, NOON);
            assert_eq!(proven.is_ok(), (&other_merchant, other_wallet) == (&merchant, wallet), "{proven:?}");
        }
    }
}

#[test]
fn a_good_signature_does_not_let_a_notice_speak_of_another_account() {
    let world = World::new();
    let account = world.account(Wallet::Alipay);
    let honest = body_of(&account);
    let lies = [
        NoticeBody { merchant: World::bookshop(), ..honest.clone() },
        NoticeBody { wallet: Wallet::Unionpay, ..honest.clone() },
        NoticeBody { account: "sandbox-bookshop-alipay".to_owned(), ..honest },
    ];
    for lie in lies {
        let notice = signed(&account, serde_json::to_vec(&lie).unwrap());
        assert_eq!(world.wallet(Wallet::Alipay).prove(&notice, NOON), Err(Unproven::NotProven), "{lie:?}");
    }
}

#[test]
fn a_notice_is_believed_for_less_than_five_minutes_around_its_own_time() {
    let world = World::new();
    let notice = genuine(&world.account(Wallet::WechatPay));
    let at = |now| world.wallet(Wallet::WechatPay).prove(&notice, now).is_ok();
    let (inside, outside) = (Span::millis(299_999), Span::seconds(300));
    assert!(at(NOON + inside) && at(NOON - inside));
    assert!(!at(NOON + outside) && !at(NOON - outside));
    assert!(!at(Timestamp::from_millis(i64::MIN)) && !at(Timestamp::from_millis(i64::MAX)));
}

#[test]
fn a_signed_body_that_is_not_exactly_a_notice_is_unreadable() {
    let world = World::new();
    let account = world.account(Wallet::Unionpay);
    let text = String::from_utf8(genuine(&account).body).unwrap();
    let bodies = [
        String::new(),
        "{}".to_owned(),
        text.replacen('{', r#"{"extra":1,"#, 1),
        text.replacen('{', r#"{"notice_id":"n2","#, 1),
        text.replace(r#""amount":12900"#, r#""amount":12900,"amount":1"#),
        text.replace(r#""amount":12900"#, r#""amount":12900,"payer_total":1"#),
        text.replace("12900", "12900.0"),
        text.replace("12900", r#""12900""#),
        text.replace("payment", "refund"),
        text.replace("unionpay\"", "paypal\""),
        text.replace(trade_no(1).as_str(), "short"),
        format!("{text}{text}"),
        " ".repeat(64 * 1024 + 1),
    ];
    for body in bodies {
        assert_ne!(body, text);
        let notice = signed(&account, body.clone().into_bytes());
        assert_eq!(world.wallet(Wallet::Unionpay).prove(&notice, NOON), Err(Unproven::Unreadable), "{body:.200}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_proof_panic_and_none_are_believed(
        headers in prop::collection::vec(
            (prop::sample::select(vec![TIMESTAMP, NONCE, SIGNATURE, "host", ""]), "(v1,)?\\PC{0,60}|[0-9]{0,14}|v1,[A-Za-z0-9+/=]{44}"),
            0..6,
        ),
        body in prop::collection::vec(any::<u8>(), 0..400),
        now in any::<i64>(),
    ) {
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let proven = World::new().wallet(Wallet::Alipay).prove(&RawNotice { headers, body }, Timestamp::from_millis(now));
        prop_assert_eq!(proven, Err(Unproven::NotProven));
    }

    #[test]
    fn no_signed_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..300) {
        let world = World::new();
        let account = world.account(Wallet::Alipay);
        let mut part = genuine(&account).body;
        part.truncate(cut.min(part.len() - 1));
        part.extend(body);
        let proven = world.wallet(Wallet::Alipay).prove(&signed(&account, part), NOON);
        prop_assert!(proven.is_err());
    }
}
