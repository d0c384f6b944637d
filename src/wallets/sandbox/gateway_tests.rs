//! Tests of both sides of a simulated wallet: what a payer does, the merchant is told.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::account::Accounts;
use super::testing::{NOON, PUBLIC, World, new_trade, trade_no};
use crate::domain::attempt::Handover;
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::time::Span;
use crate::domain::wallet::{Product, Wallet};
use crate::ports::clock::Clock;
use crate::ports::sandbox::{Outcome, PlayError, Sandbox, SandboxState};
use crate::ports::store::StoreError;
use crate::ports::wallet::{CloseAnswer, NewRefund, NewTrade, RefundState, TradeState, WalletError, WalletGateway};

fn refund_of(transaction_id: &str, refund_no: &str, amount: i64) -> NewRefund {
    NewRefund {
        refund_no: refund_no.to_owned(),
        trade_no: trade_no(1),
        transaction_id: transaction_id.to_owned(),
        amount,
        paid: 12_900,
        currency: "CNY".to_owned(),
        reason: None,
    }
}

async fn begun(wallet: Wallet, product: Product) -> World {
    let world = World::new();
    world.wallet(wallet).begin(&new_trade(product, 1)).await.unwrap();
    world
}

#[tokio::test]
async fn each_product_leads_to_the_simulated_app_and_asking_again_gives_the_same_way() {
    let world = World::new();
    for (wallet, number) in Wallet::ALL.into_iter().zip([10, 20, 30]) {
        for (product, number) in Product::ALL.into_iter().zip(number..) {
            let trade = new_trade(product, number);
            let address = format!("{PUBLIC}/sandbox/{}", trade.trade_no.as_str());
            let expected = match product {
                Product::Code => Handover::Code(address),
                Product::InApp | Product::Browser => Handover::Redirect(address),
            };
            for _ in 0..2 {
                // `Debug` of a handover shows nothing, so that `assert_eq` could not say more.
                assert!(world.wallet(wallet).begin(&trade).await == Ok(expected.clone()), "{wallet} {product}");
            }
        }
    }
    assert_eq!(world.book.writes.load(Ordering::SeqCst), 9);
}

#[tokio::test]
async fn a_number_stands_for_one_trade_of_one_account() {
    let world = begun(Wallet::Alipay, Product::Browser).await;
    let trade = new_trade(Product::Browser, 1);
    let dearer = Money { amount: Amount::new(12_901).unwrap(), currency: Currency::Cny };
    let refused = |answer| matches!(answer, Err(WalletError::Refused(_)));
    let alipay = world.wallet(Wallet::Alipay);
    assert!(refused(alipay.begin(&NewTrade { money: dearer, ..trade.clone() }).await));
    assert!(refused(alipay.begin(&NewTrade { product: Product::Code, ..trade.clone() }).await));
    for stranger in [world.wallet(Wallet::WechatPay), world.wallet_of(&World::bookshop(), Wallet::Alipay)] {
        assert!(refused(stranger.begin(&trade).await));
        world.app().play(&trade.trade_no, Outcome::Paid).await.unwrap();
        assert_eq!(stranger.query(&trade.trade_no).await, Ok(TradeState::Pending));
        assert_eq!(stranger.close(&trade.trade_no).await, Ok(CloseAnswer::Closed));
        let paid = &world.payments(Wallet::Alipay, &trade.trade_no).await[0];
        assert_eq!(stranger.refund(&refund_of(&paid.transaction_id, "r1", 1)).await, Ok(RefundState::Refused));
    }
    assert!(refused(alipay.begin(&trade).await), "a paid trade is not handed out again");
}

#[tokio::test]
async fn the_app_shows_the_trade_and_looking_changes_nothing() {
    let world = begun(Wallet::WechatPay, Product::Code).await;
    let writes = world.book.writes.load(Ordering::SeqCst);
    let shown = world.app().trade(&trade_no(1)).await.unwrap().unwrap();
    assert_eq!((shown.merchant, shown.wallet, shown.product), (World::teashop(), Wallet::WechatPay, Product::Code));
    assert_eq!((shown.subject.as_str(), shown.money.amount.minor_units()), ("青瓷茶壶", 12_900));
    assert_eq!((shown.state, shown.expires_at), (SandboxState::Open, NOON + Span::minutes(15)));
    assert_eq!(shown.return_url, new_trade(Product::Code, 1).return_url);
    assert_eq!(world.app().trade(&trade_no(2)).await, Ok(None));
    assert_eq!(world.app().play(&trade_no(2), Outcome::Paid).await, Err(PlayError::UnknownTrade));
    assert_eq!(world.book.writes.load(Ordering::SeqCst), writes);
}

#[tokio::test]
async fn the_app_knows_nothing_of_a_merchant_who_left_the_sandbox() {
    let world = begun(Wallet::WechatPay, Product::Code).await;
    let app = world.app_of(Accounts::new(&[7; 32], [World::bookshop()]));
    assert_eq!(app.trade(&trade_no(1)).await, Ok(None));
    assert_eq!(app.play(&trade_no(1), Outcome::Paid).await, Err(PlayError::UnknownTrade));
}

#[tokio::test]
async fn each_outcome_has_the_payments_and_the_state_it_says() {
    let deadline = NOON + Span::minutes(15);
    let (in_time, too_late) = (NOON, deadline + Span::seconds(1));
    for outcome in Outcome::ALL {
        let expected = match outcome {
            Outcome::Paid | Outcome::NoticeLost | Outcome::NoticeRepeated => vec![(12_900, in_time)],
            Outcome::PaidTwice => vec![(12_900, in_time); 2],
            Outcome::PaidLate => vec![(12_900, too_late)],
            Outcome::PaidWrongAmount => vec![(12_899, in_time)],
            Outcome::Failed | Outcome::AlbumRefused => vec![],
        };
        let (shown, told) = match outcome {
            Outcome::Failed => (SandboxState::Failed, Some(TradeState::Failed)),
            Outcome::AlbumRefused => (SandboxState::AlbumRefused, Some(TradeState::Pending)),
            _ => (SandboxState::Paid, None),
        };
        let world = begun(Wallet::WechatPay, Product::Code).await;
        world.clock.pass(Span::millis(900));
        assert_eq!(world.app().play(&trade_no(1), outcome).await.unwrap().state, shown, "{outcome:?}");
        if let Some(told) = told {
            assert_eq!(world.wallet(Wallet::WechatPay).query(&trade_no(1)).await, Ok(told), "{outcome:?}");
            continue;
        }
        let payments = world.payments(Wallet::WechatPay, &trade_no(1)).await;
        let paid: Vec<_> = payments.iter().map(|payment| (payment.amount, payment.paid_at)).collect();
        assert_eq!(paid, expected, "{outcome:?}");
        assert!(payments.iter().all(|payment| payment.account == "sandbox-teashop-wechat_pay"));
    }
}

#[tokio::test]
async fn a_late_payment_is_later_than_the_deadline_and_than_now() {
    let world = begun(Wallet::Unionpay, Product::Browser).await;
    world.clock.pass(Span::hours(1));
    world.app().play(&trade_no(1), Outcome::PaidLate).await.unwrap();
    let paid_at = world.payments(Wallet::Unionpay, &trade_no(1)).await[0].paid_at;
    assert_eq!(paid_at, NOON + Span::hours(1) + Span::seconds(1));
}

#[tokio::test]
async fn of_the_smallest_amount_one_too_much_is_paid() {
    let world = World::new();
    let money = Money { amount: Amount::new(1).unwrap(), currency: Currency::Cny };
    world.wallet(Wallet::Alipay).begin(&NewTrade { money, ..new_trade(Product::Code, 1) }).await.unwrap();
    world.app().play(&trade_no(1), Outcome::PaidWrongAmount).await.unwrap();
    assert_eq!(world.payments(Wallet::Alipay, &trade_no(1)).await[0].amount, 2);
}

#[tokio::test]
async fn every_outcome_can_be_played_on_a_closed_and_on_a_paid_trade() {
    for outcome in Outcome::ALL {
        let payments = match outcome {
            Outcome::Failed | Outcome::AlbumRefused => 0,
            Outcome::PaidTwice => 2,
            _ => 1,
        };
        let world = begun(Wallet::WechatPay, Product::Browser).await;
        let wallet = world.wallet(Wallet::WechatPay);
        assert_eq!(wallet.close(&trade_no(1)).await, Ok(CloseAnswer::Closed));
        world.app().play(&trade_no(1), outcome).await.unwrap();
        match wallet.query(&trade_no(1)).await.unwrap() {
            TradeState::Paid(paid) => assert_eq!(paid.len(), payments, "{outcome:?}"),
            state => assert_eq!((state, payments), (TradeState::Closed, 0), "{outcome:?}"),
        }
        world.app().play(&trade_no(1), Outcome::Paid).await.unwrap();
        world.app().play(&trade_no(1), outcome).await.unwrap();
        let mut paid = world.payments(Wallet::WechatPay, &trade_no(1)).await;
        assert_eq!(paid.len(), 2 * payments + 1, "{outcome:?}");
        paid.sort_by(|one, other| one.transaction_id.cmp(&other.transaction_id));
        paid.dedup_by(|one, other| one.transaction_id == other.transaction_id);
        assert_eq!(paid.len(), 2 * payments + 1, "each payment has a number of its own");
    }
}

#[tokio::test]
async fn a_refused_album_scan_is_shown_once_and_leaves_no_trace() {
    let world = begun(Wallet::WechatPay, Product::Code).await;
    let writes = world.book.writes.load(Ordering::SeqCst);
    world.app().play(&trade_no(1), Outcome::AlbumRefused).await.unwrap();
    assert_eq!(world.app().trade(&trade_no(1)).await.unwrap().unwrap().state, SandboxState::Open);
    assert_eq!(world.book.writes.load(Ordering::SeqCst), writes);
}

#[tokio::test]
async fn an_unscanned_alipay_code_cannot_be_closed_before_its_deadline() {
    for wallet in Wallet::ALL {
        for product in Product::ALL {
            let world = begun(wallet, product).await;
            let early = world.wallet(wallet).close(&trade_no(1)).await.unwrap();
            let unscanned_code = (wallet, product) == (Wallet::Alipay, Product::Code);
            assert_eq!(early, if unscanned_code { CloseAnswer::CannotYet } else { CloseAnswer::Closed });
            world.clock.pass(Span::minutes(15));
            assert_eq!(world.wallet(wallet).close(&trade_no(1)).await, Ok(CloseAnswer::Closed));
            assert_eq!(world.wallet(wallet).query(&trade_no(1)).await, Ok(TradeState::Closed));
        }
    }
    let scanned = begun(Wallet::Alipay, Product::Code).await;
    scanned.app().play(&trade_no(1), Outcome::Failed).await.unwrap();
    assert_eq!(scanned.wallet(Wallet::Alipay).close(&trade_no(1)).await, Ok(CloseAnswer::Closed));
}

#[tokio::test]
async fn closing_answers_truthfully_and_a_closed_trade_is_not_handed_out_again() {
    let world = begun(Wallet::Unionpay, Product::Code).await;
    let wallet = world.wallet(Wallet::Unionpay);
    assert_eq!(wallet.query(&trade_no(1)).await, Ok(TradeState::Pending));
    assert_eq!(wallet.close(&trade_no(1)).await, Ok(CloseAnswer::Closed));
    assert!(matches!(wallet.begin(&new_trade(Product::Code, 1)).await, Err(WalletError::Refused(_))));
    world.app().play(&trade_no(1), Outcome::NoticeLost).await.unwrap();
    assert_eq!(wallet.close(&trade_no(1)).await, Ok(CloseAnswer::AlreadyPaid));
    assert_eq!(wallet.close(&trade_no(9)).await, Ok(CloseAnswer::Closed));
    assert_eq!(wallet.query(&trade_no(9)).await, Ok(TradeState::Pending));
}

#[tokio::test]
async fn a_refund_is_done_once_and_succeeds_two_seconds_after_the_first_asking() {
    let world = begun(Wallet::Alipay, Product::Browser).await;
    world.app().play(&trade_no(1), Outcome::PaidTwice).await.unwrap();
    let wallet = world.wallet(Wallet::Alipay);
    let [first, second] = &world.payments(Wallet::Alipay, &trade_no(1)).await[..] else { panic!("two payments") };
    let (first, second) = (first.transaction_id.as_str(), second.transaction_id.as_str());
    let whole = refund_of(first, "r1", 12_900);
    assert_eq!(wallet.refund(&whole).await, Ok(RefundState::Processing));
    world.clock.pass(Span::millis(1_999));
    assert_eq!(wallet.refund(&whole).await, Ok(RefundState::Processing));
    world.clock.pass(Span::millis(1));
    let writes = world.book.writes.load(Ordering::SeqCst);
    assert_eq!(wallet.refund(&whole).await, Ok(RefundState::Succeeded));
    assert_eq!(world.book.writes.load(Ordering::SeqCst), writes, "asking again refunds nothing");
    for refused in [
        refund_of(first, "r2", 1),
        refund_of(second, "r1", 12_900),
        refund_of(first, "r1", 1),
        refund_of("t0", "r3", 1),
        refund_of(second, "r3", 0),
        refund_of(second, "r3", -5),
        refund_of(second, "r3", 12_901),
        NewRefund { currency: "USD".to_owned(), ..refund_of(second, "r3", 1) },
        NewRefund { paid: 12_901, ..refund_of(second, "r3", 1) },
        NewRefund { trade_no: trade_no(2), ..refund_of(second, "r3", 1) },
    ] {
        assert_eq!(wallet.refund(&refused).await, Ok(RefundState::Refused), "{refused:?}");
    }
    assert_eq!(wallet.refund(&refund_of(second, "r3", 12_900)).await, Ok(RefundState::Processing));
}

#[tokio::test]
async fn refunds_asked_at_the_same_time_never_exceed_the_payment() {
    let world = Arc::new(begun(Wallet::Alipay, Product::Browser).await);
    world.app().play(&trade_no(1), Outcome::Paid).await.unwrap();
    let paid = world.payments(Wallet::Alipay, &trade_no(1)).await.remove(0).transaction_id;
    let ask = |number: u32| {
        let (world, refund) = (world.clone(), refund_of(&paid, &format!("r{number}"), 5_000));
        tokio::spawn(async move { world.wallet(Wallet::Alipay).refund(&refund).await.unwrap() })
    };
    let asked: Vec<_> = (0..8).map(ask).collect();
    let mut taken = 0;
    for answer in asked {
        taken += usize::from(answer.await.unwrap() == RefundState::Processing);
    }
    assert_eq!(taken, 2);
}

#[tokio::test]
async fn plays_and_a_close_at_the_same_time_lose_no_payment() {
    let world = Arc::new(begun(Wallet::WechatPay, Product::Code).await);
    let play = |_| {
        let world = world.clone();
        tokio::spawn(async move { world.app().play(&trade_no(1), Outcome::Paid).await.unwrap().state })
    };
    let plays: Vec<_> = (0..12).map(play).collect();
    world.wallet(Wallet::WechatPay).close(&trade_no(1)).await.unwrap();
    for played in plays {
        assert_eq!(played.await.unwrap(), SandboxState::Paid);
    }
    assert_eq!(world.payments(Wallet::WechatPay, &trade_no(1)).await.len(), 12);
}

#[tokio::test]
async fn a_wallet_whose_book_fails_gives_no_answer_and_has_done_nothing() {
    let world = begun(Wallet::WechatPay, Product::Code).await;
    let wallet = world.wallet(Wallet::WechatPay);
    world.book.is_down.store(true, Ordering::SeqCst);
    assert!(matches!(wallet.begin(&new_trade(Product::Code, 2)).await, Err(WalletError::Unknown(_))));
    assert!(matches!(wallet.close(&trade_no(1)).await, Err(WalletError::Unknown(_))));
    let played = world.app().play(&trade_no(1), Outcome::Paid).await;
    assert!(matches!(played, Err(PlayError::Store(StoreError::Unavailable(_)))));
    world.book.is_down.store(false, Ordering::SeqCst);
    assert_eq!(wallet.query(&trade_no(1)).await, Ok(TradeState::Pending));
}

#[test]
fn each_wallet_hears_its_own_words() {
    let world = World::new();
    let words = |wallet| {
        let acknowledgement = world.wallet(wallet).acknowledgement();
        (acknowledgement.content_type, acknowledgement.body)
    };
    assert_eq!(words(Wallet::WechatPay), ("application/json", r#"{"code":"SUCCESS","message":"成功"}"#));
    assert_eq!(words(Wallet::Alipay), ("text/plain", "success"));
    assert_eq!(words(Wallet::Unionpay), ("text/plain", "success"));
}

/// One thing that happens to a trade: played, closed, or a refund of so much of the payment of this place asked for.
#[derive(Clone, Debug)]
enum Step {
    Play(Outcome),
    Close,
    Refund { place: usize, amount: i64, number: u8 },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::sample::select(Outcome::ALL.to_vec()).prop_map(Step::Play),
        Just(Step::Close),
        (0_usize..4, 1_i64..15_000, 0_u8..12).prop_map(|(place, amount, number)| Step::Refund {
            place,
            amount,
            number
        }),
        (0_i64..600_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(crate::random_cases::cases(64))]
    #[test]
    fn whatever_happens_payments_stay_and_no_payment_is_given_back_twice(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = begun(Wallet::Alipay, Product::Code).await;
            let wallet = world.wallet(Wallet::Alipay);
            let mut known = Vec::new();
            let mut taken = std::collections::BTreeMap::new();
            for step in steps {
                match step {
                    Step::Play(outcome) => drop(world.app().play(&trade_no(1), outcome).await.unwrap()),
                    Step::Close => {
                        let answer = wallet.close(&trade_no(1)).await.unwrap();
                        prop_assert_eq!(answer == CloseAnswer::AlreadyPaid, !known.is_empty());
                    }
                    Step::Wait(millis) => world.clock.pass(Span::millis(millis)),
                    Step::Refund { place, amount, number } => if let Some(paid) = known.get(place) {
                        let paid: &crate::domain::payment::ProvenPayment = paid;
                        let asked = refund_of(&paid.transaction_id, &format!("r{number}"), amount);
                        let answer = wallet.refund(&NewRefund { paid: paid.amount, ..asked }).await.unwrap();
                        if answer != RefundState::Refused {
                            let earlier = taken.insert(number, (place, amount));
                            prop_assert!(earlier.is_none_or(|earlier| earlier == (place, amount)));
                        }
                    },
                }
                let state = wallet.query(&trade_no(1)).await.unwrap();
                let payments = if let TradeState::Paid(payments) = state { payments } else { Vec::new() };
                prop_assert_eq!(payments.get(..known.len()), Some(known.as_slice()), "a payment was lost or changed");
                known = payments;
            }
            for (place, payment) in known.iter().enumerate() {
                let given_back: i64 = taken.values().filter(|(at, _)| *at == place).map(|(_, amount)| amount).sum();
                prop_assert!(given_back <= payment.amount);
            }
            prop_assert!(world.clock.now() >= NOON);
            Ok(())
        })?;
    }
}
