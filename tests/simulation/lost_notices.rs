//! Every notice is lost: each payment is found by asking, no later than the contract's schedule of looks says (I17).

use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::links::TokenPage;
use pay_handoff::ports::wallet::KnownPayer;
use pay_handoff::services::begin_attempt::PaymentWish;

use crate::scenes::{only_ledger, stage_with_an_order};
use crate::simulation::bank::Manner;
use crate::simulation::people::Deed;
use crate::simulation::{detection, ending};

/// How many payments are made.
const PAYMENTS: i64 = 1_200;
/// How long an order lives on that stage, in milliseconds.
const LIFE_MS: i64 = 600_000;
/// A wallet's refund and a second look may take a moment longer than the plan.
const PLAY_MS: i64 = 1_000;

/// Somebody begins to pay a fresh order and pays so long after; nobody tells of it. Tells how long it took to find, in milliseconds.
fn found_after(number: i64, paid_after_ms: i64) -> i64 {
    let (mut stage, ledger) = stage_with_an_order();
    let wish = PaymentWish {
        page: TokenPage::Scan(ledger.order.scan_token),
        friend_link: None,
        wallet: [Wallet::WechatPay, Wallet::Alipay][usize::try_from(number % 2).unwrap()],
        product: Some(Product::Code),
        default_product: Product::Code,
        browser: [7; 32],
        payer: KnownPayer::default(),
    };
    stage.begin_deed(0, Deed::Begin(ledger.order.id, wish));
    stage.finish_tasks();
    let paid_at = stage.scene.with(|state| {
        state.faults.notice_lost = 1000;
        state.turns = false;
        state.now() + Span::millis(paid_after_ms)
    });
    ending::rest_until(&mut stage, paid_at);
    stage.scene.with(|state| {
        let trade = state.bank.trades.keys().next().unwrap().clone();
        state.pay(&trade, Manner::Right, paid_at, 1);
        assert!(state.bank.letters.is_empty() && state.untold.len() == 1);
    });
    ending::rest_until(&mut stage, paid_at + Span::hours(25));
    assert!(only_ledger(&stage).order.status.was_paid() || !only_ledger(&stage).refunds.is_empty());
    stage.scene.with(|state| state.found_after_ms[0])
}

#[test]
fn a_payment_whose_notice_is_lost_is_found_within_a_minute_while_its_order_lives_and_soon_after_its_end() {
    let (mut living, mut ended) = (Vec::new(), Vec::new());
    for number in 0..PAYMENTS {
        // Up to a minute after the end, as long as wallets take money.
        let paid_after_ms = number * (LIFE_MS + 60_000) / PAYMENTS;
        let after_ms = found_after(number, paid_after_ms);
        let bound_ms = match paid_after_ms {
            ..40_000 => 20_000,
            40_000..LIFE_MS => 60_000,
            _ => 300_000,
        };
        assert!(after_ms <= bound_ms + PLAY_MS, "paid after {paid_after_ms} ms, found {after_ms} ms later");
        if paid_after_ms < LIFE_MS {
            living.push(after_ms)
        } else {
            ended.push(after_ms)
        };
    }
    println!("while the order lives: {}\nafter its end: {}", detection(living), detection(ended));
}
