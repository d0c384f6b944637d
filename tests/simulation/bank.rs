//! The wallets' own books: trades, payments, refunds, and the letters in which they tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pay_handoff::domain::attempt::TradeNo;
use pay_handoff::domain::merchant::{Merchant, MerchantId};
use pay_handoff::domain::payment::ProvenPayment;
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::ports::wallet::{CloseAnswer, NewRefund, NewTrade, Notice, RefundState, TradeState, WalletError};

use super::scene::State;

/// Wallets round deadlines up: so long after one a trade can still be paid.
const GRACE: Span = Span::seconds(60);
/// A wallet's answers are behind its notices by at most so many milliseconds.
const MOST_BEHIND_MS: i64 = 180_000;
/// A refund takes so long.
const REFUND_TAKES: Span = Span::seconds(3);

/// A merchant's account at a wallet, and a trade number in it.
pub type TradeKey = (MerchantId, Wallet, String);

/// One trade.
pub struct Trade {
    /// In which way it is paid.
    pub product: Product,
    /// What was asked, in minor units.
    pub amount: i64,
    /// Its currency.
    pub currency: String,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
    /// Whether a payer has scanned it.
    pub scanned: bool,
    /// Whether it was closed, or failed.
    pub end: Option<TradeState>,
    /// Every payment of it.
    pub payments: Vec<Paid>,
}

/// One payment of a trade.
pub struct Paid {
    /// What the wallet will prove.
    pub proven: ProvenPayment,
    /// Until then the wallet's answers to questions do not know of it, though its notice may be on its way.
    pub known_from: Timestamp,
    /// Refunds that were taken on or refused, by our numbers.
    pub refunds: BTreeMap<String, GivenBack>,
}

/// One refund of a payment.
pub struct GivenBack {
    /// How much.
    pub amount: i64,
    /// When it was first asked for.
    pub asked_at: Timestamp,
    /// Whether it was refused for good.
    pub refused: bool,
}

/// A payment that its payer has confirmed and that has not arrived yet.
pub struct UnderWay {
    /// Of which trade.
    pub trade: TradeKey,
    /// When it was confirmed.
    pub confirmed_at: Timestamp,
}

/// A notice on its way to us.
#[derive(Clone)]
pub struct Letter {
    /// To whose address.
    pub merchant: MerchantId,
    /// From which wallet.
    pub wallet: Wallet,
    /// What it says.
    pub notice: Notice,
    /// Of which payment or trade, for letters that do not say it themselves.
    pub about: String,
    /// Whether it tells of something that happened in this account.
    pub genuine: bool,
    /// When it arrives.
    pub due_at: Timestamp,
}

/// All books of all wallets.
#[derive(Default)]
pub struct Bank {
    /// Every trade.
    pub trades: BTreeMap<TradeKey, Trade>,
    /// Trade numbers that were closed, also before anything was known of them.
    pub closed: BTreeSet<TradeKey>,
    /// Payments that have not arrived.
    pub under_way: Vec<UnderWay>,
    /// Letters that have not been delivered.
    pub letters: Vec<Letter>,
    transactions: u64,
}

/// The name of an account.
pub fn account_name(merchant: &MerchantId, wallet: Wallet) -> String {
    format!("{merchant}@{wallet}")
}

impl Trade {
    /// Whether a payer who comes now can pay it.
    pub fn is_payable(&self, now: Timestamp) -> bool {
        self.end.is_none() && self.payments.is_empty() && now <= self.expires_at + GRACE
    }

    /// Whether it is a code that its wallet does not know as a trade before somebody scanned it.
    pub fn is_unscanned_code(&self, wallet: Wallet) -> bool {
        wallet == Wallet::Alipay && self.product == Product::Code && !self.scanned
    }

    fn state(&self, now: Timestamp) -> TradeState {
        if self.payments.is_empty() {
            return self.end.clone().unwrap_or(TradeState::Pending);
        }
        // All of its payments were made at one moment: they are known together.
        if self.payments.iter().any(|paid| now < paid.known_from) {
            return TradeState::Pending;
        }
        TradeState::Paid(self.payments.iter().map(|paid| paid.proven.clone()).collect())
    }
}

/// News in the words of a wallet: UnionPay's notice proves only that something happened to a trade.
fn as_told(wallet: Wallet, notice: &Notice) -> Notice {
    match notice {
        Notice::Paid(ProvenPayment { trade_no, .. }) | Notice::Failed(trade_no) if wallet == Wallet::Unionpay => {
            Notice::Hint(trade_no.clone())
        }
        _ => notice.clone(),
    }
}

/// How a payer pays.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// As asked.
    Right,
    /// Another amount.
    OtherAmount,
    /// Another currency.
    OtherCurrency,
}

impl State {
    /// A wallet enters a trade, or finds it entered.
    pub fn enter_trade(&mut self, key: TradeKey, asked: &NewTrade) -> Result<(), WalletError> {
        if self.strikes(self.faults.begin_refused) {
            self.count("wallet: begin refused");
            return Err(WalletError::Refused("simulated".to_owned()));
        }
        let trade = self.bank.trades.entry(key).or_insert_with(|| Trade {
            product: asked.product,
            amount: asked.money.amount.minor_units(),
            currency: asked.money.currency.as_str().to_owned(),
            expires_at: asked.expires_at,
            scanned: false,
            end: None,
            payments: Vec::new(),
        });
        let open = trade.end.is_none() && trade.payments.is_empty();
        if open { Ok(()) } else { Err(WalletError::Refused("paid, failed or closed".to_owned())) }
    }

    /// What a wallet knows of a trade.
    pub fn trade_state(&self, key: &TradeKey) -> TradeState {
        let now = self.now();
        self.bank.trades.get(key).map_or(TradeState::Pending, |trade| trade.state(now))
    }

    /// A wallet closes a trade, if it can.
    pub fn close_trade(&mut self, key: &TradeKey) -> CloseAnswer {
        let now = self.now();
        let Some(trade) = self.bank.trades.get_mut(key) else {
            // What was never begun cannot be paid.
            self.bank.closed.insert(key.clone());
            return CloseAnswer::Closed;
        };
        if !trade.payments.is_empty() {
            return CloseAnswer::AlreadyPaid;
        }
        if trade.is_unscanned_code(key.1) && trade.end.is_none() && now < trade.expires_at {
            return CloseAnswer::CannotYet;
        }
        trade.end.get_or_insert(TradeState::Closed);
        self.bank.closed.insert(key.clone());
        CloseAnswer::Closed
    }

    /// A wallet takes a refund on, or tells how it goes. One that is stuck is taken on all the same: nothing but asking again ends it.
    pub fn refund_payment(&mut self, key: &TradeKey, asked: &NewRefund) -> Result<RefundState, WalletError> {
        match self.give_back(key, asked) {
            RefundState::Refused => Ok(RefundState::Refused),
            _ if self.strikes(self.faults.refund_stuck) => {
                self.count("wallet: refund stuck");
                Err(WalletError::Later("the payer's account does not take it".to_owned()))
            }
            state => Ok(state),
        }
    }

    /// A wallet never gives back more than was paid; being asked to is a fault of ours.
    fn give_back(&mut self, key: &TradeKey, asked: &NewRefund) -> RefundState {
        let now = self.now();
        let refuses = self.strikes(self.faults.refund_refused);
        let paid = self.bank.trades.get_mut(key).and_then(|trade| {
            trade.payments.iter_mut().find(|paid| paid.proven.transaction_id == asked.transaction_id)
        });
        let Some(paid) = paid else {
            self.broken(format!("I3: refund {} of a payment that the wallet does not have", asked.refund_no));
            return RefundState::Refused;
        };
        if paid.proven.amount != asked.paid || paid.proven.currency != asked.currency {
            self.broken(format!("I9: refund {} names another payment", asked.refund_no));
            return RefundState::Refused;
        }
        let taken = |paid: &Paid| paid.refunds.values().filter(|known| !known.refused).map(|known| known.amount).sum();
        let before: i64 = taken(paid);
        if let Some(known) = paid.refunds.get(&asked.refund_no) {
            let (same, refused, asked_at) = (known.amount == asked.amount, known.refused, known.asked_at);
            self.must(same, || format!("I3: refund {} changed its amount", asked.refund_no));
            return match refused {
                true => RefundState::Refused,
                false if now >= asked_at + REFUND_TAKES => RefundState::Succeeded,
                false => RefundState::Processing,
            };
        }
        if before + asked.amount > paid.proven.amount {
            let paid = paid.proven.amount;
            self.broken(format!("I3: refund {}: {before} + {} of {paid}", asked.refund_no, asked.amount));
            return RefundState::Refused;
        }
        let given_back = GivenBack { amount: asked.amount, asked_at: now, refused: refuses };
        paid.refunds.insert(asked.refund_no.clone(), given_back);
        self.count(if refuses { "wallet: refund refused" } else { "wallet: refund taken on" });
        if refuses { RefundState::Refused } else { RefundState::Processing }
    }

    /// A payment arrives at a wallet, which then tells us, or not. No real wallet takes more than one payment for a trade number; one
    /// that does (`times`) tells of all of them or of none, because a trade that is known to be paid is not asked about any more.
    pub fn pay(&mut self, key: &TradeKey, manner: Manner, paid_at: Timestamp, times: usize) {
        let is_lost = self.strikes(self.faults.notice_lost);
        let is_behind = self.strikes(self.faults.wallet_behind);
        if is_behind {
            self.count("wallet: answers behind its notice");
        }
        let known_from = self.now() + Span::millis(if is_behind { self.chance.between(1, MOST_BEHIND_MS) } else { 0 });
        for _ in 0..times {
            let Some(proven) = self.book_payment(key, manner, paid_at, known_from) else { return };
            self.say(|| format!("{} {} is paid {manner:?}: {}", key.1, key.2, proven.transaction_id));
            self.count("wallet: paid");
            if self.strikes(self.faults.notice_misdirected) {
                self.misdirect(key, proven.clone());
            }
            if is_lost {
                self.count("notice lost");
                self.untold.insert(proven.transaction_id, self.now_ms);
            } else {
                self.tell(key, &Notice::Paid(proven));
            }
        }
    }

    fn book_payment(
        &mut self,
        key: &TradeKey,
        manner: Manner,
        paid_at: Timestamp,
        known_from: Timestamp,
    ) -> Option<ProvenPayment> {
        self.bank.transactions += 1;
        let transaction_id = format!("tx{}", self.bank.transactions);
        let trade = self.bank.trades.get_mut(key)?;
        trade.scanned = true;
        let (amount, currency) = match manner {
            Manner::Right => (trade.amount, trade.currency.clone()),
            Manner::OtherAmount => (trade.amount + 1, trade.currency.clone()),
            Manner::OtherCurrency => (trade.amount, "USD".to_owned()),
        };
        let proven = ProvenPayment {
            wallet: key.1,
            account: account_name(&key.0, key.1),
            trade_no: TradeNo::new(&key.2)?,
            transaction_id,
            amount,
            currency,
            // Wallets tell whole seconds.
            paid_at: paid_at.floor_to_second(),
        };
        trade.payments.push(Paid { proven: proven.clone(), known_from, refunds: BTreeMap::new() });
        Some(proven)
    }

    /// A payer tries, and it fails.
    pub fn fail(&mut self, key: &TradeKey) {
        let Some(trade) = self.bank.trades.get_mut(key) else { return };
        trade.scanned = true;
        trade.end.get_or_insert(TradeState::Failed);
        let Some(trade_no) = TradeNo::new(&key.2) else { return };
        self.say(|| format!("{} {} failed", key.1, key.2));
        if self.strikes(self.faults.notice_lost) {
            self.count("notice lost");
        } else {
            self.tell(key, &Notice::Failed(trade_no));
        }
    }

    fn tell(&mut self, key: &TradeKey, notice: &Notice) {
        let (merchant, wallet) = (key.0.clone(), key.1);
        let about = match notice {
            Notice::Paid(proven) => proven.transaction_id.clone(),
            _ => key.2.clone(),
        };
        let notice = as_told(wallet, notice);
        let copies = match self.strikes(self.faults.notice_repeated) {
            true => self.chance.between(2, 20),
            false => 1,
        };
        for _ in 0..copies {
            let wait = if self.strikes(self.faults.notice_delayed) { self.chance.between(0, 600_000) } else { 0 };
            let due_at = self.now() + Span::millis(wait);
            self.bank.letters.push(Letter {
                merchant: merchant.clone(),
                wallet,
                notice: notice.clone(),
                about: about.clone(),
                genuine: true,
                due_at,
            });
        }
    }

    /// Somebody's genuine notice that names our trade but another account, wallet or merchant.
    fn misdirect(&mut self, key: &TradeKey, mut proven: ProvenPayment) {
        let has = |merchant: &Merchant, wallet: &Wallet| merchant.wallets.contains_key(wallet);
        let every =
            self.merchants.values().flat_map(|merchant| Wallet::ALL.map(|wallet| (Arc::clone(merchant), wallet)));
        let others: Vec<(MerchantId, Wallet)> = every
            .filter(|(merchant, wallet)| has(merchant, wallet) && (&merchant.id, wallet) != (&key.0, &key.1))
            .map(|(merchant, wallet)| (merchant.id.clone(), wallet))
            .collect();
        let (merchant, wallet) = match self.chance.pick(&others) {
            Some((merchant, wallet)) if self.chance.below(3) > 0 => {
                (proven.wallet, proven.account) = (*wallet, account_name(merchant, *wallet));
                (merchant.clone(), *wallet)
            }
            _ => {
                proven.account = "somebody-else".to_owned();
                (key.0.clone(), key.1)
            }
        };
        self.count("notice misdirected");
        proven.transaction_id.push('x');
        let (due_at, about) = (self.now(), proven.transaction_id.clone());
        let is_foreign = proven.account != account_name(&merchant, wallet);
        let notice = match wallet {
            Wallet::Unionpay if is_foreign => Notice::Foreign(Some(proven.trade_no), "it is for another account"),
            _ => as_told(wallet, &Notice::Paid(proven)),
        };
        self.bank.letters.push(Letter { merchant, wallet, notice, about, genuine: false, due_at });
    }
}
