//! One small world: an order's ledger, two trades at their wallets, three payments that may be made, and what may happen next.

mod steps;

use std::hash::{DefaultHasher, Hash, Hasher};

use pay_handoff::domain::attempt::{AttemptStatus, TradeNo};
use pay_handoff::domain::id::{AttemptId, PaymentId};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::LatePayment;
use pay_handoff::domain::order::OrderStatus;
use pay_handoff::domain::payment::{Payment, ProvenPayment, Verdict};
use pay_handoff::domain::refund::RefundStatus;
use pay_handoff::domain::time::Timestamp;
use pay_handoff::domain::wallet::Wallet;
use uuid::Uuid;

use crate::beginning::order_of;
use crate::{changes, rules};

const BEGINNING_S: i64 = 1_795_300_000;
const PRICE: i64 = 100;
/// The moments at which things happen, in seconds: before the end of the order, at that very moment, and after any extension.
const MOMENTS: [i64; 3] = [0, 60, 121];
/// What an extension extends to.
const EXTENDED_TO_S: i64 = 120;
const WALLETS: [Wallet; 2] = [Wallet::WechatPay, Wallet::Alipay];

/// What the third payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// A second payment of the first trade.
    Again,
    /// A payment of the second trade with another amount.
    OtherAmount,
}

/// What goes wrong, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The program crashes before it can note an answer, or acknowledge a payment.
    Crash,
    /// A wallet refuses a refund for good; others it does not do at once.
    Refusal,
}

/// Something that can happen.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Somebody begins to pay, and the wallet enters the trade.
    Begin(usize),
    /// A payer pays, whatever the wallet said about closing.
    Pay(usize),
    /// A notice of a payment comes, for the first time or again.
    Hear(usize),
    /// The wallet is asked about a trade.
    Ask(usize),
    /// Everything is marked for closing before a cancel.
    MarkAll,
    /// The merchant cancels.
    Cancel,
    /// The end of the order is published.
    Expire,
    /// The merchant extends.
    Extend,
    /// The wallet is asked to close a trade; `heard`: we live to note the answer.
    Close(usize, bool),
    /// The wallet is asked for a refund; `heard`: we live to note the answer.
    Push(usize, bool),
    /// The wallet is asked for a refund and does not do it now.
    NotNow(usize),
    /// The wallet refuses a refund for good.
    Refuse(usize),
    /// The merchant gives back what a wallet refused to take back.
    Return(usize),
    /// Time passes.
    Pass,
}

/// Everything that is true at one moment.
#[derive(Clone)]
pub struct World {
    ledger: Ledger,
    late: LatePayment,
    third: Payer,
    moment: usize,
    /// Which trades their wallets have closed.
    closed: [bool; 2],
    /// In which moment each payment was made.
    paid: [Option<usize>; 3],
    /// Refunds that the wallet has taken on, by their place in the ledger.
    taken: Vec<bool>,
    can_crash: bool,
    can_extend: bool,
    can_refuse: bool,
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn trade_no(place: usize) -> TradeNo {
    TradeNo::new(&format!("TRADE{place:020}")).unwrap()
}

fn at(moment: usize) -> Timestamp {
    Timestamp::from_seconds(BEGINNING_S + MOMENTS[moment])
}

impl World {
    /// The beginning: an order that somebody has begun to pay.
    pub fn new(late: LatePayment, third: Payer, trouble: Trouble) -> Self {
        let begun = Timestamp::from_seconds(BEGINNING_S);
        let ledger = Ledger::place(order_of(begun, PRICE, &WALLETS));
        let mut world = Self {
            ledger,
            late,
            third,
            moment: 0,
            closed: [false; 2],
            paid: [None; 3],
            taken: Vec::new(),
            can_crash: trouble == Trouble::Crash,
            can_extend: true,
            can_refuse: trouble == Trouble::Refusal,
        };
        world.begin(0);
        world.ledger.news.clear();
        world
    }

    /// The status of the order, in words.
    pub fn order_status(&self) -> &'static str {
        self.ledger.order.status.as_str()
    }

    fn now(&self) -> Timestamp {
        at(self.moment)
    }

    /// The trade that a payment pays.
    const fn trade_of(&self, payment: usize) -> usize {
        match (payment, self.third) {
            (0, _) | (2, Payer::Again) => 0,
            _ => 1,
        }
    }

    fn proven(&self, payment: usize, moment: usize) -> ProvenPayment {
        let trade = self.trade_of(payment);
        let odd = payment == 2 && self.third == Payer::OtherAmount;
        ProvenPayment {
            wallet: WALLETS[trade],
            account: "account".to_owned(),
            trade_no: trade_no(trade),
            transaction_id: format!("tx{payment}"),
            amount: if odd { PRICE - 1 } else { PRICE },
            currency: "CNY".to_owned(),
            paid_at: at(moment),
        }
    }

    fn attempt(&self, trade: usize) -> Option<(AttemptId, AttemptStatus)> {
        let of = self.ledger.attempts.iter().find(|attempt| attempt.wallet == WALLETS[trade]);
        of.map(|attempt| (attempt.id, attempt.status))
    }

    fn knows(&self, payment: usize) -> bool {
        self.ledger.payments.iter().any(|known| known.id == PaymentId::new(id(100 + payment as u128)))
    }

    /// Everything that can happen now.
    pub fn possible(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        let pending = self.ledger.order.status == OrderStatus::Pending;
        for trade in 0..2 {
            match self.attempt(trade) {
                None if pending => actions.push(Action::Begin(trade)),
                None => {}
                Some((_, status)) => {
                    self.with_crash(
                        status == AttemptStatus::Closing,
                        |heard| Action::Close(trade, heard),
                        &mut actions,
                    );
                    actions.push(Action::Ask(trade));
                }
            }
        }
        for payment in 0..3 {
            match self.paid[payment] {
                None if self.attempt(self.trade_of(payment)).is_some() => actions.push(Action::Pay(payment)),
                None => {}
                // Hearing again what is known is a crash between the commit and the acknowledgement.
                Some(_) if self.can_crash || !self.knows(payment) => actions.push(Action::Hear(payment)),
                Some(_) => {}
            }
        }
        if pending {
            actions.extend([Action::MarkAll, Action::Cancel]);
            if self.now() >= self.ledger.order.expires_at {
                actions.push(Action::Expire);
            } else if self.can_extend {
                actions.push(Action::Extend);
            }
        }
        for (place, refund) in self.ledger.refunds.iter().enumerate() {
            let waits = refund.status == RefundStatus::Pending;
            self.with_crash(waits, |heard| Action::Push(place, heard), &mut actions);
            if waits && self.can_refuse {
                actions.extend([Action::NotNow(place), Action::Refuse(place)]);
            }
        }
        let failed = |id| self.ledger.refund(id).is_some_and(|refund| refund.status == RefundStatus::Failed);
        let given_up = |payment: &Payment| payment.refund.is_some_and(failed);
        actions.extend(self.ledger.payments.iter().position(given_up).map(Action::Return));
        if self.moment + 1 < MOMENTS.len() {
            actions.push(Action::Pass);
        }
        actions
    }

    fn with_crash(&self, possible: bool, action: impl Fn(bool) -> Action, actions: &mut Vec<Action>) {
        if possible {
            actions.push(action(true));
            if self.can_crash {
                actions.push(action(false));
            }
        }
    }

    fn taken(&self, place: usize) -> bool {
        self.taken.get(place).copied().unwrap_or(false)
    }

    /// The world after something happened, with every rule checked that says what may become what.
    pub fn after(&self, action: Action) -> Self {
        let mut after = self.clone();
        after.act(action);
        let found = changes::between(&self.ledger, &after.ledger);
        assert!(
            found.is_empty(),
            "{action:?} breaks {found:#?}\nbefore: {:#?}\nafter: {:#?}",
            self.ledger,
            after.ledger
        );
        let first = self.ledger.order.history_seq + 1;
        assert!(
            after.ledger.news.iter().map(|news| news.seq).eq(first..=after.ledger.order.history_seq),
            "{action:?} numbers its news wrongly: {:?}",
            after.ledger.news
        );
        after.ledger.news.clear();
        after
    }

    /// Every rule that says how things may be.
    pub fn check_state(&self) {
        let found = [rules::balance(&self.ledger), rules::shape(&self.ledger)].concat();
        assert!(found.is_empty(), "{found:#?}\n{:#?}", self.ledger);
    }

    fn act(&mut self, action: Action) {
        self.ledger.news.clear();
        let now = self.now();
        match action {
            Action::Begin(trade) => self.begin(trade),
            Action::Pay(payment) => self.paid[payment] = Some(self.moment),
            Action::Hear(payment) => self.hear(payment),
            Action::Ask(trade) => self.ask(trade),
            Action::MarkAll => drop(self.ledger.start_closing(now, |_| true)),
            Action::Cancel => assert!(self.ledger.cancel(now).is_ok()),
            Action::Expire => assert!(self.ledger.expire(now).is_ok()),
            Action::Extend => {
                self.can_extend = false;
                let until = Timestamp::from_seconds(BEGINNING_S + EXTENDED_TO_S);
                assert!(self.ledger.extend(until, now).is_ok());
            }
            Action::Close(trade, heard) => self.close(trade, heard),
            Action::Push(place, heard) => self.push(place, heard),
            Action::NotNow(place) => self.ledger.refund_pushed(self.ledger.refunds[place].id, now),
            Action::Refuse(place) => {
                self.can_refuse = false;
                self.ledger.end_refund(self.ledger.refunds[place].id, RefundStatus::Failed, now);
            }
            Action::Return(place) => self.give_back(place),
            Action::Pass => self.moment += 1,
        }
    }

    /// Whether we live to note an answer; there is one crash.
    fn survives(&mut self, heard: bool) -> bool {
        self.can_crash &= heard;
        heard
    }

    /// From every state, with nobody doing anything new, the work that comes due leads to a rest in which all is known and balanced.
    pub fn check_rest(&self) {
        let mut world = self.clone();
        world.moment = MOMENTS.len() - 1;
        if world.ledger.order.status == OrderStatus::Pending {
            world.act(Action::Expire);
        }
        for trade in 0..2 {
            if world.attempt(trade).is_some_and(|(_, status)| status == AttemptStatus::Closing) {
                world.act(Action::Close(trade, true));
            }
            world.act(Action::Ask(trade));
        }
        for place in 0..world.ledger.refunds.len() {
            world.act(Action::Push(place, true));
            world.act(Action::Push(place, true));
        }
        world.check_state();
        let ledger = &world.ledger;
        assert!(ledger.attempts.iter().all(|attempt| !attempt.status.is_living()), "an attempt lives on: {ledger:#?}");
        assert!(
            ledger.refunds.iter().all(|refund| refund.status != RefundStatus::Pending),
            "a refund waits: {ledger:#?}"
        );
        let known = (0..3).filter(|payment| world.paid[*payment].is_some()).count();
        assert_eq!(ledger.payments.len(), known, "a payment is not known: {ledger:#?}");
        let ours = ledger.payments.iter().filter(|payment| payment.verdict == Verdict::Winner).count();
        assert_eq!(ours, usize::from(ledger.order.status.was_paid()));
    }

    /// What tells states apart. Counters and plans that only follow from the way taken are left out: nothing is decided by them.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let order = &self.ledger.order;
        (order.status, order.expires_at, order.cancelled_at, order.amount_refunded).hash(&mut hasher);
        order.winner.map(|winner| winner.payment).hash(&mut hasher);
        for attempt in &self.ledger.attempts {
            (attempt.id, attempt.status, attempt.expires_at, attempt.handover.is_some()).hash(&mut hasher);
        }
        for payment in &self.ledger.payments {
            (payment.id, payment.verdict, payment.refund).hash(&mut hasher);
        }
        for refund in &self.ledger.refunds {
            (refund.id, refund.payment, refund.kind, refund.status).hash(&mut hasher);
        }
        (self.moment, self.closed, self.paid, &self.taken).hash(&mut hasher);
        (self.can_crash, self.can_extend, self.can_refuse).hash(&mut hasher);
        hasher.finish()
    }
}
