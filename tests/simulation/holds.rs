//! The hold of a friend link by a simulated clock: every edge of it, to the millisecond, with the wallets' part in it.

use pay_handoff::domain::attempt::{Attempt, AttemptStatus, BrowserKey};
use pay_handoff::domain::friend_link::{FriendLink, LinkStatus};
use pay_handoff::domain::id::AttemptId;
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::order::{OrderStatus, Payer};
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::refund::RefundStatus;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::links::TokenPage;
use pay_handoff::ports::wallet::KnownPayer;
use pay_handoff::services::begin_attempt::PaymentWish;

use crate::scenes::{all_is_well, only_ledger, stage_with_an_order};
use crate::simulation::bank::{Manner, TradeKey};
use crate::simulation::clients::Ask;
use crate::simulation::people::Deed;
use crate::simulation::stage::Stage;

const ANNA: BrowserKey = [1; 32];
const BEN: BrowserKey = [2; 32];

/// An order whose buyer has asked a friend. The tea shop lets a link live for twenty minutes.
struct Table {
    stage: Stage,
    began_ms: i64,
}

impl Table {
    fn set() -> Self {
        let (mut stage, ledger) = stage_with_an_order();
        let shop = stage.scene.with(|state| state.merchants.values().last().cloned().unwrap());
        stage.begin_deed(0, Deed::CallPlainly(shop, Ask::Friend(ledger.order.id, None)));
        stage.finish_tasks();
        let began_ms = stage.scene.with(|state| state.now_ms);
        let table = Self { stage, began_ms };
        assert_eq!((table.link().expires_at.millis() - began_ms + 999) / 1000, 1200);
        table
    }

    fn ledger(&self) -> Ledger {
        only_ledger(&self.stage)
    }

    fn link(&self) -> FriendLink {
        self.ledger().friend_links[0].clone()
    }

    /// So many milliseconds after the link was made, with everything done that is due by then.
    fn at(&mut self, after_ms: i64) {
        let now_ms = self.began_ms + after_ms;
        self.stage.scene.with(|state| {
            assert!(now_ms >= state.now_ms, "time does not go back");
            state.now_ms = now_ms;
        });
        self.work();
    }

    fn work(&mut self) {
        self.stage.claim(0);
        self.stage.finish_tasks();
    }

    /// Somebody begins to pay through the link, or is refused.
    fn begins(&mut self, browser: BrowserKey, wallet: Wallet) -> Result<Attempt, &'static str> {
        let link = self.link();
        let page = TokenPage::Friend(link.token);
        self.begins_on(page, Some(&link), browser, wallet)
    }

    fn begins_on(
        &mut self,
        page: TokenPage,
        link: Option<&FriendLink>,
        browser: BrowserKey,
        wallet: Wallet,
    ) -> Result<Attempt, &'static str> {
        let before = self.refusals();
        let wish = PaymentWish {
            page,
            friend_link: link.map(|link| link.id),
            wallet,
            product: Some(Product::Code),
            default_product: Product::Code,
            browser,
            payer: KnownPayer::default(),
        };
        self.stage.begin_deed(0, Deed::Begin(self.ledger().order.id, wish));
        self.stage.finish_tasks();
        let refused = self.refusals().into_iter().zip(before).find(|(after, before)| after.1 != before.1);
        match refused {
            Some(((what, _), _)) => Err(what),
            None => Ok(self.newest(browser)),
        }
    }

    fn newest(&self, browser: BrowserKey) -> Attempt {
        self.ledger().attempts.into_iter().rev().find(|attempt| attempt.browser == browser).unwrap()
    }

    fn refusals(&self) -> [(&'static str, u64); 5] {
        ["refused: link held", "refused: others first", "refused: link ended", "refused: order ended", "refused: other"]
            .map(|what| (what, self.stage.scene.with(|state| state.counts.get(what).copied().unwrap_or_default())))
    }

    fn attempt(&self, old: &Attempt) -> Attempt {
        self.ledger().attempt(old.id).unwrap().clone()
    }

    fn trade(&self, attempt: &Attempt) -> TradeKey {
        (self.ledger().order.merchant, attempt.wallet, attempt.trade_no.as_str().to_owned())
    }

    /// The wallet takes the payer's money; whether we hear of it is another matter.
    fn pays(&self, attempt: &Attempt) {
        let trade = self.trade(attempt);
        self.stage.scene.with(|state| {
            state.pay(&trade, Manner::Right, state.now(), 1);
            state.bank.letters.clear();
        });
    }

    fn gives_up(&mut self, attempt: &Attempt) {
        self.stage.begin_deed(0, Deed::GiveUp(self.ledger().order.id, attempt.id));
        self.stage.finish_tasks();
    }

    fn ends(self) -> Ledger {
        only_ledger(&all_is_well(self.stage))
    }
}

fn winning_attempt(ledger: &Ledger) -> AttemptId {
    ledger.payment(ledger.order.winner.unwrap().payment).unwrap().attempt
}

#[test]
fn a_hold_lasts_five_minutes_to_the_millisecond_and_its_taker_first_has_the_old_attempt_closed() {
    let mut table = Table::set();
    let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
    table.at(299_999);
    assert_eq!(table.begins(BEN, Wallet::WechatPay), Err("refused: link held"));
    assert_eq!(table.attempt(&annas).status, AttemptStatus::Open);
    table.at(300_000);
    let bens = table.begins(BEN, Wallet::WechatPay).unwrap();
    assert_eq!(bens.status, AttemptStatus::Open);
    assert_eq!(table.attempt(&annas).status, AttemptStatus::Closed);
    let old = table.trade(&annas);
    assert!(table.stage.scene.with(|state| state.bank.closed.contains(&old)), "at the wallet, too");
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: link held"));
    table.ends();
}

#[test]
fn the_holder_changes_wallets_freely_and_his_hold_does_not_grow() {
    let mut table = Table::set();
    table.begins(ANNA, Wallet::WechatPay).unwrap();
    table.at(200_000);
    table.begins(ANNA, Wallet::Unionpay).unwrap();
    let until = table.link().holds[0].until.millis() - table.began_ms;
    assert_eq!((table.link().holds.len(), until), (1, 300_000));
    table.at(300_000);
    table.begins(BEN, Wallet::Alipay).unwrap();
    let living = table.ledger().attempts.into_iter().filter(|attempt| attempt.status == AttemptStatus::Open);
    assert_eq!(living.map(|attempt| attempt.browser).collect::<Vec<_>>(), [BEN]);
    table.ends();
}

#[test]
fn who_gave_a_wanted_link_up_waits_fifteen_minutes_and_who_gave_up_an_unwanted_one_does_not() {
    let mut table = Table::set();
    let first = table.begins(ANNA, Wallet::WechatPay).unwrap();
    table.at(1_000);
    table.gives_up(&first);
    assert_eq!(table.link().held_until(table.stage.scene.with(|state| state.now())), None);
    let second = table.begins(ANNA, Wallet::WechatPay).unwrap();
    assert_ne!(first.id, second.id, "nobody else had tried");
    table.at(5_000);
    assert_eq!(table.begins(BEN, Wallet::WechatPay), Err("refused: link held"));
    table.at(10_000);
    table.gives_up(&second);
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: others first"), "it is Ben's turn");
    table.at(909_999);
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: others first"));
    table.at(910_000);
    table.begins(ANNA, Wallet::WechatPay).unwrap();
    table.ends();
}

#[test]
fn a_link_that_two_want_goes_round_and_neither_keeps_it() {
    let mut table = Table::set();
    table.begins(ANNA, Wallet::WechatPay).unwrap();
    assert_eq!(table.begins(BEN, Wallet::WechatPay), Err("refused: link held"));
    table.at(300_000);
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: others first"), "she rests while another wants it");
    table.begins(BEN, Wallet::WechatPay).unwrap();
    table.at(600_000);
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: others first"), "her rest lasts until 20:00");
    // Nobody else could take it, so he may go on.
    table.begins(BEN, Wallet::WechatPay).unwrap();
    table.ends();
}

#[test]
fn a_failed_payment_frees_the_link_at_once() {
    let mut table = Table::set();
    let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
    let trade = table.trade(&annas);
    table.stage.scene.with(|state| state.fail(&trade));
    table.at(5_000);
    assert_eq!(table.attempt(&annas).status, AttemptStatus::Failed);
    table.begins(BEN, Wallet::WechatPay).unwrap();
    table.ends();
}

#[test]
fn a_take_over_that_finds_the_old_attempt_paid_begins_nothing() {
    let mut table = Table::set();
    let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
    table.at(299_000);
    table.pays(&annas);
    table.stage.scene.with(|state| state.now_ms += 1_000);
    let bens = table.begins(BEN, Wallet::WechatPay).unwrap();
    let ledger = table.ledger();
    assert_eq!((ledger.order.status, winning_attempt(&ledger)), (OrderStatus::Paid, annas.id));
    assert!(ledger.attempt(bens.id).unwrap().handover.is_none(), "Ben was led to no wallet");
    assert_eq!(ledger.friend_links[0].status, LinkStatus::Paid);
    table.ends();
}

#[test]
fn of_two_who_pay_after_a_take_over_one_wins_and_the_other_gets_his_money_back() {
    let mut table = Table::set();
    // An Alipay code that nobody has scanned cannot be closed: its holder may still pay it.
    let annas = table.begins(ANNA, Wallet::Alipay).unwrap();
    table.at(300_000);
    let bens = table.begins(BEN, Wallet::WechatPay).unwrap();
    table.pays(&bens);
    table.pays(&annas);
    table.at(310_000);
    let ledger = table.ends();
    let verdict_of = |attempt: &Attempt| {
        ledger.payments.iter().find(|payment| payment.attempt == attempt.id).map(|payment| payment.verdict)
    };
    let mut verdicts = [verdict_of(&annas).unwrap(), verdict_of(&bens).unwrap()];
    verdicts.sort_by_key(|verdict| *verdict != Verdict::Winner);
    assert_eq!(verdicts, [Verdict::Winner, Verdict::Surplus]);
    assert_eq!(ledger.refunds.iter().map(|refund| refund.status).collect::<Vec<_>>(), [RefundStatus::Succeeded]);
    assert_eq!(ledger.order.winner.unwrap().payer, Payer::Friend);
}

#[test]
fn nobody_declines_what_somebody_pays_and_everybody_can_once_it_is_given_up() {
    let mut table = Table::set();
    let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
    let link = table.link().id;
    table.stage.begin_deed(1, Deed::Decline(link));
    table.stage.finish_tasks();
    assert_eq!(table.link().status, LinkStatus::Open);
    table.gives_up(&annas);
    table.stage.begin_deed(1, Deed::Decline(link));
    table.stage.finish_tasks();
    assert_eq!(table.link().status, LinkStatus::Declined);
    assert_eq!(table.begins(BEN, Wallet::WechatPay), Err("refused: link ended"));
    table.ends();
}

#[test]
fn a_link_taken_back_while_somebody_pays_closes_his_attempt_and_money_that_was_quicker_counts() {
    for pays_first in [false, true] {
        let mut table = Table::set();
        let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
        if pays_first {
            table.pays(&annas);
        }
        let shop = table.stage.scene.with(|state| state.merchants.values().last().cloned().unwrap());
        let link = table.link().id;
        table.stage.begin_deed(1, Deed::CallPlainly(shop, Ask::Revoke(link)));
        table.stage.finish_tasks();
        let ledger = table.ledger();
        if pays_first {
            assert_eq!(ledger.order.status, OrderStatus::Paid, "the close was answered with the payment");
            assert_eq!(winning_attempt(&ledger), annas.id);
        } else {
            assert_eq!(ledger.friend_links[0].status, LinkStatus::Revoked);
            assert_eq!(table.attempt(&annas).status, AttemptStatus::Closed);
            assert_eq!(ledger.order.status, OrderStatus::Pending, "the buyer can still pay or ask another");
        }
        table.ends();
    }
}

#[test]
fn a_hold_ends_with_its_link() {
    let mut table = Table::set();
    let end_ms = table.link().expires_at.millis() - table.began_ms;
    table.at(end_ms - 60_000);
    let annas = table.begins(ANNA, Wallet::WechatPay).unwrap();
    assert_eq!(annas.expires_at, table.link().expires_at, "an attempt lives no longer than its link");
    table.at(end_ms);
    assert_eq!(table.link().status, LinkStatus::Expired);
    assert!(table.begins(BEN, Wallet::WechatPay).is_err());
    assert!(!table.attempt(&annas).status.is_living());
    table.ends();
}

#[test]
fn a_friend_who_finds_no_room_keeps_nobody_out() {
    let mut table = Table::set();
    let scan = TokenPage::Scan(table.ledger().order.scan_token);
    let begun: Vec<Attempt> =
        (10..30).map(|number| table.begins_on(scan, None, [number; 32], Wallet::WechatPay).unwrap()).collect();
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: other"));
    assert_eq!(table.link().holds, [], "what cannot be paid is not held");
    table.gives_up(&begun[0]);
    table.begins(BEN, Wallet::WechatPay).unwrap();
    assert_eq!(table.begins(ANNA, Wallet::WechatPay), Err("refused: link held"));
    table.ends();
}
