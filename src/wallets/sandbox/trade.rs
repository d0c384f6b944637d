//! A trade of a simulated wallet: its record, and everything that can happen to it, as pure steps.

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::kept;
use super::notice::{NoticeBody, NoticeEvent};
use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::money::{Amount, Currency};
use crate::domain::payment::ProvenPayment;
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::{Product, Wallet};
use crate::ports::sandbox::Outcome;
use crate::ports::wallet::{CloseAnswer, NewRefund, NewTrade, RefundState, TradeState};

/// A refund takes so long from the first time it is asked for.
const REFUND_TAKES: Span = Span::seconds(2);
/// How often a repeated notice comes.
const REPETITIONS: u8 = 5;
/// Waits after each failed try of a notice, in seconds: WeChat Pay's published schedule, 24 h 4 min in all. Then it is given up.
const NOTICE_WAITS_S: [i64; 15] =
    [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];

/// The record of one trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trade {
    #[serde(with = "kept")]
    pub trade_no: TradeNo,
    #[serde(with = "kept")]
    pub merchant: MerchantId,
    #[serde(with = "kept")]
    pub wallet: Wallet,
    #[serde(with = "kept")]
    pub product: Product,
    #[serde(with = "kept")]
    pub amount: Amount,
    #[serde(with = "kept")]
    pub currency: Currency,
    pub subject: String,
    #[serde(with = "kept")]
    pub expires_at: Timestamp,
    pub return_url: String,
    /// Whether a payer has done anything with it yet. Looking is not doing: a GET changes nothing.
    pub scanned: bool,
    /// How it ended unpaid, if it did. A payment may still come, as in a race.
    pub end: End,
    /// Every payment, in the order in which they were made.
    pub transactions: Vec<Transaction>,
    /// Every refund that was taken on.
    pub refunds: Vec<Refund>,
    /// Notices that have not all been delivered.
    pub notices: Vec<DueNotice>,
}

/// How a trade ended without a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// It has not.
    Open,
    /// The payer tried and it failed.
    Failed,
    /// The merchant closed it.
    Closed,
}

/// One payment of a trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transaction {
    pub transaction_id: String,
    /// Minor units; may differ from what was asked.
    pub amount: i64,
    #[serde(with = "kept")]
    pub currency: Currency,
    #[serde(with = "kept")]
    pub paid_at: Timestamp,
}

/// One refund of (a part of) one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refund {
    pub refund_no: String,
    pub transaction_id: String,
    pub amount: i64,
    /// When it was first asked for.
    #[serde(with = "kept")]
    pub asked_at: Timestamp,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DueNotice {
    pub body: NoticeBody,
    /// How often it is still to be delivered.
    pub copies: u8,
    /// How many tries failed.
    pub failed_tries: u32,
    #[serde(with = "kept")]
    pub due_at: Timestamp,
}

/// What became of the tries to deliver one notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    /// Which one.
    pub notice_id: String,
    /// How many copies arrived.
    pub delivered: u8,
    /// Whether a try failed after them.
    pub failed: bool,
}

/// Numbers that a play uses up: one for each payment or notice that it may make.
#[derive(Clone, Debug)]
pub(super) struct FreshNumbers {
    pub transaction_ids: [String; 2],
    pub notice_ids: [String; 2],
}

impl Trade {
    /// A trade that nobody has paid.
    pub(super) fn new(account: &Account, asked: &NewTrade) -> Self {
        Self {
            trade_no: asked.trade_no.clone(),
            merchant: account.merchant.clone(),
            wallet: account.wallet,
            product: asked.product,
            amount: asked.money.amount,
            currency: asked.money.currency,
            subject: asked.subject.clone(),
            expires_at: asked.expires_at,
            return_url: asked.return_url.clone(),
            scanned: false,
            end: End::Open,
            transactions: Vec::new(),
            refunds: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Whether it is a trade of this account.
    pub(super) fn is_of(&self, account: &Account) -> bool {
        self.merchant == account.merchant && self.wallet == account.wallet
    }

    /// Whether `asked` is this trade again, and not another one under its number.
    pub(super) fn is_as_asked(&self, asked: &NewTrade) -> bool {
        self.product == asked.product && self.amount == asked.money.amount && self.currency == asked.money.currency
    }

    /// Whether it waits for its payer.
    pub(super) fn is_payable(&self) -> bool {
        self.end == End::Open && self.transactions.is_empty()
    }

    /// What the merchant is told who asks about it.
    pub(super) fn state(&self, account: &Account) -> TradeState {
        if !self.transactions.is_empty() {
            let proven = |transaction: &Transaction| ProvenPayment {
                wallet: self.wallet,
                account: account.name().to_owned(),
                trade_no: self.trade_no.clone(),
                transaction_id: transaction.transaction_id.clone(),
                amount: transaction.amount,
                currency: transaction.currency.as_str().to_owned(),
                paid_at: transaction.paid_at,
            };
            return TradeState::Paid(self.transactions.iter().map(proven).collect());
        }
        match self.end {
            End::Open => TradeState::Pending,
            End::Failed => TradeState::Failed,
            End::Closed => TradeState::Closed,
        }
    }

    /// Closes it, if that can be done. An Alipay code that nobody has scanned is no trade yet, and cannot be closed until it dies.
    pub(super) fn close(&mut self, now: Timestamp) -> CloseAnswer {
        if !self.transactions.is_empty() {
            return CloseAnswer::AlreadyPaid;
        }
        let unscanned_code = self.wallet == Wallet::Alipay && self.product == Product::Code && !self.scanned;
        if unscanned_code && now < self.expires_at {
            return CloseAnswer::CannotYet;
        }
        self.end = End::Closed;
        CloseAnswer::Closed
    }

    /// Takes a refund on, or tells how it stands. Together the refunds of one payment never exceed it.
    pub(super) fn refund(&mut self, asked: &NewRefund, now: Timestamp) -> RefundState {
        if let Some(known) = self.refunds.iter().find(|refund| refund.refund_no == asked.refund_no) {
            let same = known.transaction_id == asked.transaction_id && known.amount == asked.amount;
            return match same {
                true if now >= known.asked_at + REFUND_TAKES => RefundState::Succeeded,
                true => RefundState::Processing,
                false => RefundState::Refused,
            };
        }
        let paid = self.transactions.iter().find(|transaction| {
            transaction.transaction_id == asked.transaction_id
                && transaction.amount == asked.paid
                && transaction.currency.as_str() == asked.currency
        });
        let Some(paid) = paid else { return RefundState::Refused };
        let given_back = self.refunds.iter().filter(|refund| refund.transaction_id == asked.transaction_id);
        let left = paid.amount - given_back.map(|refund| refund.amount).sum::<i64>();
        if !(1..=left).contains(&asked.amount) {
            return RefundState::Refused;
        }
        self.refunds.push(Refund {
            refund_no: asked.refund_no.clone(),
            transaction_id: asked.transaction_id.clone(),
            amount: asked.amount,
            asked_at: now,
        });
        RefundState::Processing
    }

    /// Lets an outcome happen: payments, and the notices that are to tell of them.
    pub(super) fn play(&mut self, account: &Account, outcome: Outcome, fresh: FreshNumbers, now: Timestamp) {
        let asked = self.amount.minor_units();
        let late = now.max(self.expires_at) + Span::seconds(1);
        let (amount, paid_at, payments, copies) = match outcome {
            Outcome::AlbumRefused => return,
            Outcome::Failed => (asked, now, 0, 1),
            Outcome::Paid => (asked, now, 1, 1),
            Outcome::PaidTwice => (asked, now, 2, 1),
            Outcome::PaidLate => (asked, late, 1, 1),
            Outcome::PaidWrongAmount => (if asked > 1 { asked - 1 } else { asked + 1 }, now, 1, 1),
            Outcome::NoticeLost => (asked, now, 1, 0),
            Outcome::NoticeRepeated => (asked, now, 1, REPETITIONS),
        };
        self.scanned = true;
        // Wallets tell whole seconds.
        let paid_at = paid_at.floor_to_second();
        let pay = |transaction_id| Transaction { transaction_id, amount, currency: self.currency, paid_at };
        let paid: Vec<Transaction> = fresh.transaction_ids.into_iter().take(payments).map(pay).collect();
        let mut told: Vec<NoticeEvent> = paid.iter().map(NoticeEvent::payment).collect();
        self.transactions.extend(paid);
        if outcome == Outcome::Failed {
            told.push(NoticeEvent::Failed {});
            if self.end == End::Open {
                self.end = End::Failed;
            }
        }
        for (event, notice_id) in told.into_iter().zip(fresh.notice_ids).filter(|_| copies > 0) {
            let body = NoticeBody {
                notice_id,
                merchant: self.merchant.clone(),
                wallet: self.wallet,
                account: account.name().to_owned(),
                trade_no: self.trade_no.clone(),
                event,
            };
            self.notices.push(DueNotice { body, copies, failed_tries: 0, due_at: now });
        }
    }

    /// When the first notice is due.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        self.notices.iter().map(|notice| notice.due_at).min()
    }

    /// Notes what became of deliveries at `now`: what has arrived is forgotten, what failed waits longer each time, and is
    /// given up in the end.
    pub(super) fn note(&mut self, deliveries: &[Delivery], now: Timestamp) {
        self.notices.retain_mut(|notice| {
            let Some(delivery) = deliveries.iter().find(|delivery| delivery.notice_id == notice.body.notice_id) else {
                return true;
            };
            notice.copies = notice.copies.saturating_sub(delivery.delivered);
            if !delivery.failed {
                return notice.copies > 0;
            }
            let wait = usize::try_from(notice.failed_tries).ok().and_then(|tries| NOTICE_WAITS_S.get(tries));
            notice.failed_tries = notice.failed_tries.saturating_add(1);
            match wait {
                Some(seconds) => {
                    notice.due_at = now + Span::seconds(*seconds);
                    notice.copies > 0
                }
                None => {
                    tracing::warn!(
                        trade_no = self.trade_no.as_str(),
                        "a sandbox notice was never taken; only a query finds it"
                    );
                    false
                }
            }
        });
    }
}
