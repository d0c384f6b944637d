//! Buyers, friends, merchants and payers: who does what next.

use std::sync::Arc;

use pay_handoff::domain::attempt::BrowserKey;
use pay_handoff::domain::friend_link::LinkStatus;
use pay_handoff::domain::id::{AttemptId, FriendLinkId, OrderId};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::Merchant;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::links::TokenPage;
use pay_handoff::ports::wallet::KnownPayer;
use pay_handoff::services::Services;
use pay_handoff::services::begin_attempt::PaymentWish;
use pay_handoff::services::refusal::Refusal;

use super::bank::{Manner, TradeKey, UnderWay};
use super::clients::{Ask, Call};
use super::scene::{Scene, State};

/// More orders than this only make a schedule slower.
const MOST_ORDERS: usize = 4;

/// Something a person does that takes several turns.
pub enum Deed {
    /// Begins to pay.
    Begin(OrderId, PaymentWish),
    /// Gives an attempt up.
    GiveUp(OrderId, AttemptId),
    /// Comes back to an attempt's page and says that he has paid.
    Check(Ledger, AttemptId),
    /// Comes back to the order's page.
    CheckAll(Ledger),
    /// Cancels on the buyer's page.
    CancelAsBuyer(Ledger),
    /// A friend says no.
    Decline(FriendLinkId),
    /// Somebody reports a link.
    Report(FriendLinkId),
    /// Places an order without waiting for an answer.
    Place(Arc<Merchant>, String, i64, i64),
    /// Calls the interface without a key.
    CallPlainly(Arc<Merchant>, Ask),
    /// Calls the interface with a key, or calls again.
    CallWithKey(usize),
    /// Uses a key for something else.
    MisuseKey(usize),
    /// Tries to act on another merchant's thing.
    ReachAcross(Arc<Merchant>, Ask),
}

fn browser(number: usize) -> BrowserKey {
    [u8::try_from(number).unwrap_or(0) + 1; 32]
}

/// Any order with what is known of it, rather one that can still be paid.
fn any_order(state: &mut State) -> Option<Ledger> {
    let pending = |ledger: &&Ledger| ledger.order.status == OrderStatus::Pending;
    let only_pending = state.chance.below(4) > 0;
    let ledgers = state.shelf.orders.values().map(|stored| &stored.ledger);
    let some: Vec<&Ledger> = ledgers.filter(|ledger| !only_pending || pending(ledger)).collect();
    state.chance.pick(&some).map(|ledger| (*ledger).clone())
}

/// The next thing that somebody does, if anybody does anything.
pub fn next_deed(state: &mut State) -> Option<Deed> {
    if state.shelf.orders.is_empty() {
        return place(state);
    }
    let Some(ledger) = any_order(state) else { return place(state) };
    match state.chance.below(100) {
        0..2 => place(state),
        2..40 => begin(state, &ledger),
        40..47 => {
            let attempt = state.chance.pick(&ledger.attempts)?.id;
            Some(Deed::GiveUp(ledger.order.id, attempt))
        }
        47..53 => {
            let attempt = state.chance.pick(&ledger.attempts)?.id;
            Some(Deed::Check(ledger, attempt))
        }
        53..56 => Some(Deed::CheckAll(ledger)),
        56..58 => Some(Deed::CancelAsBuyer(ledger)),
        58..61 => Some(Deed::Decline(state.chance.pick(&ledger.friend_links)?.id)),
        61..62 => Some(Deed::Report(state.chance.pick(&ledger.friend_links)?.id)),
        62..66 => again(state),
        66..68 => {
            let place = state.chance.below(state.calls.len());
            (!state.calls.is_empty()).then_some(Deed::MisuseKey(place))
        }
        68..71 => reach_across(state, &ledger),
        _ => call(state, &ledger),
    }
}

fn place(state: &mut State) -> Option<Deed> {
    let place = state.chance.below(state.merchants.len());
    let merchant = state.merchants.values().nth(place).cloned()?;
    if state.shelf.orders.len() >= MOST_ORDERS {
        return None;
    }
    let number = format!("T{}", state.shelf.orders.len() + state.calls.len());
    let (price, life_s) = (state.chance.between(1, 500), state.chance.between(60, 900));
    // An answer to a placed order holds a drawn picture, which takes longer than everything else together.
    if state.chance.below(8) > 0 {
        return Some(Deed::Place(merchant, number, price, life_s));
    }
    Some(keyed(state, &merchant, Ask::Open(number, price, life_s)))
}

fn begin(state: &mut State, ledger: &Ledger) -> Option<Deed> {
    let open: Vec<_> = ledger.friend_links.iter().filter(|link| link.status == LinkStatus::Open).collect();
    let link = if state.chance.coin() { state.chance.pick(&open).copied() } else { None };
    // Now and then a wallet that the merchant does not have.
    let all = state.chance.below(16) == 0;
    let wallets = if all { Wallet::ALL.to_vec() } else { ledger.order.request.wallets.clone() };
    let wallet = *state.chance.pick(&wallets)?;
    let product = if state.chance.coin() { state.chance.pick(&Product::ALL).copied() } else { None };
    let wish = PaymentWish {
        page: link.map_or(TokenPage::Scan(ledger.order.scan_token), |link| TokenPage::Friend(link.token)),
        friend_link: link.map(|link| link.id),
        wallet,
        product,
        default_product: Product::Code,
        browser: browser(state.chance.below(4)),
        payer: KnownPayer::default(),
    };
    Some(Deed::Begin(ledger.order.id, wish))
}

/// A client that has no answer yet tries again; one that has, sometimes does so all the same.
fn again(state: &mut State) -> Option<Deed> {
    let place = state.chance.below(state.calls.len());
    state.calls.get(place).map(|_| Deed::CallWithKey(place))
}

fn wish(state: &mut State, ledger: &Ledger) -> Option<Ask> {
    let order = ledger.order.id;
    Some(match state.chance.below(20) {
        0 | 1 => Ask::Cancel(order),
        2 | 3 => Ask::Extend(order, state.chance.between(60, 900)),
        4..10 => {
            let price = ledger.order.request.money.amount.minor_units();
            let amount = if state.chance.coin() { None } else { Some(state.chance.between(1, price)) };
            Ask::Refund(order, amount)
        }
        10..13 => {
            let wrong = ledger.payments.iter().filter(|payment| payment.verdict != Verdict::Winner);
            let wrong: Vec<_> = wrong.map(|payment| payment.id).collect();
            Ask::Return(*state.chance.pick(&wrong)?)
        }
        13 | 14 => Ask::Revoke(state.chance.pick(&ledger.friend_links)?.id),
        _ => {
            let life_s = if state.chance.coin() { Some(state.chance.between(60, 900)) } else { None };
            Ask::Friend(order, life_s)
        }
    })
}

fn call(state: &mut State, ledger: &Ledger) -> Option<Deed> {
    let merchant = state.merchants.get(&ledger.order.merchant).cloned()?;
    let ask = wish(state, ledger)?;
    // The answers to these hold a drawn picture too.
    let drawn = matches!(ask, Ask::Cancel(_) | Ask::Extend(..));
    if drawn && state.chance.below(4) > 0 {
        return None;
    }
    if state.chance.coin() {
        return Some(Deed::CallPlainly(merchant, ask));
    }
    Some(keyed(state, &merchant, ask))
}

fn keyed(state: &mut State, merchant: &Merchant, ask: Ask) -> Deed {
    let place = state.calls.len();
    let key = format!("key-{place}");
    state.calls.push(Call { merchant: merchant.id.clone(), ask, key, answer: None, waiting: true });
    Deed::CallWithKey(place)
}

fn reach_across(state: &mut State, ledger: &Ledger) -> Option<Deed> {
    let stranger = state.merchants.values().find(|merchant| merchant.id != ledger.order.merchant).cloned()?;
    Some(Deed::ReachAcross(stranger, wish(state, ledger)?))
}

/// Does a deed.
pub async fn act(scene: Arc<Scene>, services: Arc<Services>, deed: Deed) {
    let result = match deed {
        Deed::Begin(order, wish) => services.begin_attempt(order, &wish).await.map(drop),
        Deed::GiveUp(order, attempt) => services.give_up(order, attempt).await,
        Deed::Check(ledger, attempt) => services.check_attempt(&ledger, attempt).await,
        Deed::CheckAll(ledger) => services.check_order(&ledger).await,
        Deed::CancelAsBuyer(ledger) => services.cancel_by_buyer(&ledger).await,
        Deed::Decline(link) => services.decline_link(link).await,
        Deed::Report(link) => services.report_link(link).await,
        Deed::Place(merchant, number, price, life_s) => {
            super::clients::place_plainly(services, merchant, number, price, life_s).await;
            Ok(())
        }
        Deed::CallPlainly(merchant, ask) => {
            super::clients::call_plainly(scene.clone(), services, merchant, ask).await;
            Ok(())
        }
        Deed::CallWithKey(place) => {
            super::clients::call_with_key(scene.clone(), services, place).await;
            Ok(())
        }
        Deed::MisuseKey(place) => {
            super::clients::misuse_key(scene.clone(), services, place).await;
            Ok(())
        }
        Deed::ReachAcross(stranger, ask) => {
            super::clients::reach_across(scene.clone(), services, stranger, ask).await;
            Ok(())
        }
    };
    scene.with(|state| note(state, &result));
}

/// Refusals are counted, so that it shows whether a schedule reaches the corners.
fn note(state: &mut State, result: &Result<(), Refusal>) {
    if let Err(refusal) = result {
        state.say(|| format!("refused: {refusal}"));
        state.count(match refusal {
            Refusal::LinkHeld(_) => "refused: link held",
            Refusal::OthersFirst(_) => "refused: others first",
            Refusal::FriendLinkNotOpen => "refused: link ended",
            Refusal::OrderFinished | Refusal::OrderNotPending => "refused: order ended",
            Refusal::Unavailable(_) => "refused: unavailable",
            _ => "refused: other",
        });
    }
}

/// A payer does something at a wallet.
pub fn pay(state: &mut State) {
    let now = state.now();
    if !state.bank.under_way.is_empty() && state.chance.below(4) == 0 {
        return arrive(state);
    }
    let payable: Vec<TradeKey> =
        state.bank.trades.iter().filter(|(_, trade)| trade.is_payable(now)).map(|(key, _)| key.clone()).collect();
    let Some(key) = state.chance.pick(&payable).cloned() else { return };
    match state.chance.below(20) {
        0 => state.fail(&key),
        1 => {
            if let Some(trade) = state.bank.trades.get_mut(&key) {
                trade.scanned = true;
            }
        }
        2..10 => state.bank.under_way.push(UnderWay { trade: key, confirmed_at: now }),
        10 => state.pay(&key, Manner::Right, now, 2),
        _ if state.strikes(state.faults.wrong_money) => {
            let manner = if state.chance.coin() { Manner::OtherAmount } else { Manner::OtherCurrency };
            state.pay(&key, manner, now, 1);
        }
        _ => state.pay(&key, Manner::Right, now, 1),
    }
}

/// A confirmed payment arrives. If its trade was closed meanwhile, the wallet drops it, unless it loses that race.
pub fn arrive(state: &mut State) {
    let place = state.chance.below(state.bank.under_way.len());
    let UnderWay { trade: key, confirmed_at } = state.bank.under_way.swap_remove(place);
    let Some(trade) = state.bank.trades.get(&key) else { return };
    let payable = trade.is_payable(state.now());
    let raced = trade.payments.is_empty() && !payable && state.strikes(state.faults.close_race);
    if raced {
        state.count("wallet: paid after its close");
    }
    if payable || raced {
        // Wallets differ in whether they tell when a payment was confirmed or when it arrived.
        let arrived_at = state.now();
        let paid_at = if state.chance.coin() { confirmed_at } else { arrived_at };
        let rounded = if state.chance.below(8) == 0 { paid_at + Span::seconds(1) } else { paid_at };
        state.pay(&key, Manner::Right, rounded, 1);
    }
}
