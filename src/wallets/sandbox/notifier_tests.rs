//! Tests of calling back, against a real server on the loopback address.

use std::sync::atomic::Ordering;

use super::account::Accounts;
use super::testing::{Heard, Receiver, World, new_trade, trade_no};
use crate::domain::payment::ProvenPayment;
use crate::domain::time::Span;
use crate::domain::wallet::{Product, Wallet};
use crate::ports::clock::Clock;
use crate::ports::sandbox::{Outcome, Sandbox};
use crate::ports::store::StoreError;
use crate::ports::trade_book::{TradeBook, TradePage};
use crate::ports::wallet::{Notice, WalletGateway};

async fn played(wallet: Wallet, outcome: Outcome) -> World {
    let world = World::new();
    world.wallet(wallet).begin(&new_trade(Product::Browser, 1)).await.unwrap();
    world.app().play(&trade_no(1), outcome).await.unwrap();
    world
}

fn prove(world: &World, wallet: Wallet, heard: &Heard) -> Notice {
    assert_eq!(heard.path, format!("/notify/{wallet}/teashop"));
    world.wallet(wallet).prove(&heard.notice, world.clock.now()).unwrap()
}

fn proven_payments(world: &World, wallet: Wallet, heard: &[Heard]) -> Vec<ProvenPayment> {
    let payment = |heard| match prove(world, wallet, heard) {
        Notice::Paid(payment) => payment,
        other => panic!("{other:?}"),
    };
    heard.iter().map(payment).collect()
}

async fn due_at_end(world: &World) -> Vec<TradePage> {
    world.book.due_trades(world.clock.now() + Span::hours(1_000), 100).await.unwrap()
}

#[tokio::test]
async fn each_outcome_is_told_as_often_as_it_says_and_the_notices_agree_with_a_query() {
    for (outcome, times) in Outcome::ALL.into_iter().zip([1, 1, 2, 1, 1, 0, 5, 0]) {
        for wallet in Wallet::ALL {
            let receiver = Receiver::start().await;
            let world = played(wallet, outcome).await;
            let notifier = world.notifier(receiver.base.clone());
            assert_eq!(notifier.deliver_due().await, Ok(times), "{outcome:?}");
            assert_eq!(notifier.deliver_due().await, Ok(0), "{outcome:?}");
            assert_eq!(due_at_end(&world).await, [], "{outcome:?}");
            let heard = receiver.heard();
            assert_eq!(heard.len(), times, "{outcome:?}");
            match outcome {
                Outcome::Failed => assert_eq!(prove(&world, wallet, &heard[0]), Notice::Failed(trade_no(1))),
                Outcome::NoticeLost => assert_eq!(world.payments(wallet, &trade_no(1)).await.len(), 1),
                Outcome::AlbumRefused => {}
                _ => {
                    let mut told = proven_payments(&world, wallet, &heard);
                    told.dedup();
                    assert_eq!(told, world.payments(wallet, &trade_no(1)).await, "{outcome:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_repeated_notice_is_the_same_notice_under_a_fresh_proof() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::WechatPay, Outcome::NoticeRepeated).await;
    world.notifier(receiver.base.clone()).deliver_due().await.unwrap();
    let heard = receiver.heard();
    assert!(heard.iter().all(|one| one.notice.body == heard[0].notice.body));
    let mut proofs: Vec<_> = heard.iter().map(|one| one.notice.headers.clone()).collect();
    proofs.sort();
    proofs.dedup();
    assert_eq!(proofs.len(), 5);
}

#[tokio::test]
async fn a_notice_that_is_not_taken_comes_again_on_the_schedule_until_it_is_given_up() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::Alipay, Outcome::Paid).await;
    let notifier = world.notifier(receiver.base.clone());
    // No redirect is followed: what a server answers there is no "success".
    receiver.answer_with(&[500, 302, 401, 404, 503]);
    receiver.answer_with(&[500; 11]);
    assert_eq!(notifier.deliver_due().await, Ok(0));
    let mut waits = Vec::new();
    while let [page] = &due_at_end(&world).await[..] {
        let wait = page.due_at.unwrap() - world.clock.now();
        waits.push(wait.as_seconds());
        world.clock.pass(Span::millis(wait.as_millis() - 1));
        assert_eq!(notifier.deliver_due().await, Ok(0));
        assert_eq!(receiver.heard().len(), waits.len(), "it came too early");
        world.clock.pass(Span::millis(1));
        assert_eq!(notifier.deliver_due().await, Ok(0));
        assert_eq!(receiver.heard().len(), waits.len() + 1, "it did not come when it was due");
    }
    assert_eq!(waits, [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600]);
    assert_eq!(waits.iter().sum::<i64>(), 24 * 3600 + 4 * 60);
    assert_eq!(world.payments(Wallet::Alipay, &trade_no(1)).await.len(), 1, "a query still finds it");
}

#[tokio::test]
async fn a_waiting_notice_is_not_hurried_by_another_one_of_its_trade() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::Alipay, Outcome::Paid).await;
    let notifier = world.notifier(receiver.base.clone());
    receiver.answer_with(&[500]);
    notifier.deliver_due().await.unwrap();
    world.app().play(&trade_no(1), Outcome::Paid).await.unwrap();
    assert_eq!(notifier.deliver_due().await, Ok(1));
    assert_eq!(receiver.heard().len(), 2);
    world.clock.pass(Span::seconds(15));
    assert_eq!(notifier.deliver_due().await, Ok(1));
    assert_eq!(proven_payments(&world, Wallet::Alipay, &receiver.heard()[1..]).len(), 2);
}

#[tokio::test]
async fn a_late_notice_is_proven_because_its_proof_is_as_fresh_as_the_try() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::Alipay, Outcome::Paid).await;
    let notifier = world.notifier(receiver.base.clone());
    receiver.answer_with(&[500]);
    notifier.deliver_due().await.unwrap();
    world.clock.pass(Span::hours(20));
    assert_eq!(notifier.deliver_due().await, Ok(1));
    assert_eq!(proven_payments(&world, Wallet::Alipay, &receiver.heard()[1..]).len(), 1);
}

#[tokio::test]
async fn what_was_heard_of_a_repeated_notice_is_not_counted_again_after_a_failure() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::Unionpay, Outcome::NoticeRepeated).await;
    let notifier = world.notifier(receiver.base.clone());
    receiver.answer_with(&[200, 204, 500]);
    assert_eq!(notifier.deliver_due().await, Ok(2));
    world.clock.pass(Span::seconds(15));
    assert_eq!(notifier.deliver_due().await, Ok(3));
    assert_eq!(due_at_end(&world).await, []);
}

#[tokio::test]
async fn nobody_listening_is_a_failure_like_any_other() {
    // Bound, so that nobody else is given it, and not listened at.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let deserted = format!("http://{}", socket.local_addr().unwrap());
    let world = played(Wallet::WechatPay, Outcome::Paid).await;
    assert_eq!(world.notifier(deserted).deliver_due().await, Ok(0));
    assert_eq!(due_at_end(&world).await[0].due_at, Some(world.clock.now() + Span::seconds(15)));
}

#[tokio::test]
async fn a_crash_after_the_delivery_repeats_the_notice_and_loses_none() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::WechatPay, Outcome::PaidTwice).await;
    world.book.is_down.store(true, Ordering::SeqCst);
    let delivered = world.notifier(receiver.base.clone()).deliver_due().await;
    assert!(matches!(delivered, Err(StoreError::Unavailable(_))));
    world.book.is_down.store(false, Ordering::SeqCst);
    assert_eq!(world.notifier(receiver.base.clone()).deliver_due().await, Ok(2));
    let heard = receiver.heard();
    assert_eq!(heard.len(), 4);
    assert_eq!(heard[0].notice.body, heard[2].notice.body);
    assert_eq!(heard[1].notice.body, heard[3].notice.body);
}

#[tokio::test]
async fn a_play_during_a_delivery_is_told_too() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::WechatPay, Outcome::NoticeRepeated).await;
    let notifier = world.notifier(receiver.base.clone());
    let (app, number) = (world.app(), trade_no(1));
    let (delivered, played) = tokio::join!(notifier.deliver_due(), app.play(&number, Outcome::Paid));
    played.unwrap();
    assert_eq!(delivered.unwrap() + notifier.deliver_due().await.unwrap(), 6);
    assert_eq!(due_at_end(&world).await, []);
}

#[tokio::test]
async fn more_trades_than_one_batch_are_told_in_one_go_and_a_lame_one_holds_up_no_other() {
    let receiver = Receiver::start().await;
    let world = World::new();
    for number in 1..=150 {
        world.wallet(Wallet::Alipay).begin(&new_trade(Product::Browser, number)).await.unwrap();
        world.app().play(&trade_no(number), Outcome::Paid).await.unwrap();
    }
    receiver.answer_with(&[500, 500, 500]);
    let notifier = world.notifier(receiver.base.clone());
    assert_eq!(notifier.deliver_due().await, Ok(147));
    world.clock.pass(Span::seconds(15));
    assert_eq!(notifier.deliver_due().await, Ok(3));
    assert_eq!(receiver.heard().len(), 153);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_laid_aside() {
    let receiver = Receiver::start().await;
    let world = played(Wallet::Alipay, Outcome::Paid).await;
    let due_at = Some(world.clock.now() - Span::hours(1));
    let unreadable = TradePage { trade_no: trade_no(2), version: 0, due_at, body: b"{".to_vec() };
    world.book.write_trade(unreadable).await.unwrap();
    assert_eq!(world.notifier(receiver.base.clone()).deliver_due().await, Ok(1));
    assert_eq!(due_at_end(&world).await, []);
    assert_eq!(world.book.trade(&trade_no(2)).await.unwrap().unwrap().body, b"{");
}

#[tokio::test]
async fn nothing_is_sent_for_a_merchant_who_left_the_sandbox() {
    let receiver = Receiver::start().await;
    let mut world = played(Wallet::Alipay, Outcome::Paid).await;
    world.accounts = Accounts::new(&[7; 32], [World::bookshop()]);
    assert_eq!(world.notifier(receiver.base.clone()).deliver_due().await, Ok(0));
    assert!(receiver.heard().is_empty());
}

#[tokio::test]
async fn a_play_wakes_whoever_waits_for_notices() {
    let world = played(Wallet::Alipay, Outcome::Paid).await;
    // The permit of the play is there already; a wait without one would end the test by its deadline.
    let woken = tokio::time::timeout(std::time::Duration::from_secs(5), world.notices_due.notified()).await;
    assert!(woken.is_ok());
}
