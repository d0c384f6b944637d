//! What each step does to the wallets and to the ledger.

use pay_handoff::domain::attempt::{AttemptStatus, BrowserKey, Handover};
use pay_handoff::domain::id::{AttemptId, PaymentId, RefundId};
use pay_handoff::domain::ledger::{FreshIds, Heard, NewAttempt};
use pay_handoff::domain::refund::RefundStatus;
use pay_handoff::domain::wallet::{Product, Wallet};

use super::{WALLETS, World, id, trade_no};
use crate::rules;

impl World {
    pub(super) fn begin(&mut self, trade: usize) {
        let wish = NewAttempt {
            id: AttemptId::new(id(10 + trade as u128)),
            trade_no: trade_no(trade),
            wallet: WALLETS[trade],
            product: None,
            default_product: Product::Code,
            browser: BrowserKey::default(),
            friend_link: None,
        };
        let begun = self.ledger.begin_attempt(wish, self.now());
        assert_eq!(begun.is_ok(), self.now() < self.ledger.order.expires_at, "{begun:?}");
        if let Ok(attempt) = begun {
            self.ledger.hand_over(attempt, Handover::Code("code".to_owned()));
        }
    }

    pub(super) fn hear(&mut self, payment: usize) {
        let Some(moment) = self.paid[payment] else { return };
        let trade = self.trade_of(payment);
        let proven = self.proven(payment, moment);
        let ids = FreshIds {
            payment: PaymentId::new(id(100 + payment as u128)),
            refund: RefundId::new(id(200 + payment as u128)),
        };
        let is_won = self.ledger.order.winner.is_some();
        let attempt = self.ledger.attempts.iter().find(|attempt| attempt.wallet == WALLETS[trade]).unwrap().id;
        let expected = rules::expected(&self.ledger, is_won, attempt, &proven, self.late);
        let known = self.knows(payment);
        let told = self.ledger.order.history_seq;
        match self.ledger.record(proven, ids, self.late, self.now()) {
            Heard::New(verdict) => assert_eq!((known, verdict), (false, expected), "{:#?}", self.ledger),
            Heard::Known => assert_eq!((known, self.ledger.order.history_seq), (true, told), "{:#?}", self.ledger),
            Heard::UnknownTrade => panic!("the trade is known"),
        }
    }

    /// The wallet tells all payments of a trade, or how it ended.
    pub(super) fn ask(&mut self, trade: usize) {
        let Some((attempt, _)) = self.attempt(trade) else { return };
        let payments: Vec<usize> =
            (0..3).filter(|payment| self.paid[*payment].is_some() && self.trade_of(*payment) == trade).collect();
        for payment in &payments {
            self.hear(*payment);
        }
        if payments.is_empty() && self.closed[trade] {
            self.ledger.end_attempt(attempt, AttemptStatus::Closed, self.now());
        }
        self.ledger.looked_at(attempt, self.now());
    }

    /// WeChat Pay closes what is unpaid; an unscanned Alipay code only dies with its deadline.
    pub(super) fn close(&mut self, trade: usize, heard: bool) {
        let Some((attempt, _)) = self.attempt(trade) else { return };
        let paid = (0..3).any(|payment| self.paid[payment].is_some() && self.trade_of(payment) == trade);
        let over = self.ledger.attempt(attempt).is_some_and(|attempt| self.now() >= attempt.expires_at);
        let closes = !paid && (WALLETS[trade] == Wallet::WechatPay || over);
        self.closed[trade] |= closes;
        if !self.survives(heard) {
            return;
        }
        match (paid, closes) {
            (true, _) => self.ask(trade),
            (false, true) => {
                let status = if over { AttemptStatus::Expired } else { AttemptStatus::Closed };
                self.ledger.end_attempt(attempt, status, self.now());
            }
            (false, false) => self.ledger.looked_at(attempt, self.now()),
        }
    }

    /// The merchant's own word about money that its wallet refused to take back; it begins a second refund, once.
    pub(super) fn give_back(&mut self, place: usize) {
        let payment = self.ledger.payments[place].id;
        let refund = RefundId::new(id(300));
        assert_eq!(self.ledger.return_payment(payment, refund, self.now()), Ok(refund));
        assert!(self.ledger.return_payment(payment, RefundId::new(id(301)), self.now()).is_err());
    }

    /// The first time a wallet takes a refund on, the second time it has been done.
    pub(super) fn push(&mut self, place: usize, heard: bool) {
        let was_taken = self.taken(place);
        self.taken.resize(self.taken.len().max(place + 1), false);
        self.taken[place] = true;
        if self.survives(heard) {
            let refund = self.ledger.refunds[place].id;
            match was_taken {
                true => self.ledger.end_refund(refund, RefundStatus::Succeeded, self.now()),
                false => self.ledger.refund_pushed(refund, self.now()),
            }
        }
    }
}
