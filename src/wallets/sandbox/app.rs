//! The payer's side of a simulated wallet: the app on a phone, played by a tester.

use std::sync::Arc;

use tokio::sync::Notify;

use super::account::{Account, Accounts};
use super::shelf::Shelf;
use super::trade::{FreshNumbers, Trade};
use crate::domain::attempt::TradeNo;
use crate::domain::money::Money;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::sandbox::{Outcome, PlayError, Sandbox, SandboxState, SandboxTrade};
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradeBook;
use crate::ports::wallet::TradeState;
use async_trait::async_trait;

/// The app of all simulated wallets: it finds the wallet by the trade.
pub struct SandboxApp {
    accounts: Accounts,
    shelf: Shelf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    notices_due: Arc<Notify>,
}

impl SandboxApp {
    /// The app for the trades of these accounts. `notices_due` is notified after each play, so that the loop around
    /// [`super::notifier::Notifier::deliver_due`] need not wait for its next round.
    #[must_use]
    pub fn new(
        accounts: Accounts,
        book: Arc<dyn TradeBook>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        notices_due: Arc<Notify>,
    ) -> Self {
        Self { accounts, shelf: Shelf::new(book), clock, entropy, notices_due }
    }

    fn account(&self, trade: &Trade) -> Option<&Account> {
        self.accounts.account(&trade.merchant, trade.wallet)
    }

    fn fresh_numbers(&self) -> FreshNumbers {
        let number = || self.entropy.alphanumeric(28);
        FreshNumbers { transaction_ids: [number(), number()], notice_ids: [number(), number()] }
    }
}

#[async_trait]
impl Sandbox for SandboxApp {
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<SandboxTrade>, StoreError> {
        let trade = self.shelf.read(trade_no).await?;
        Ok(trade.and_then(|trade| self.account(&trade).map(|account| view(&trade, account))))
    }

    async fn play(&self, trade_no: &TradeNo, outcome: Outcome) -> Result<SandboxTrade, PlayError> {
        let now = self.clock.now();
        let fresh = self.fresh_numbers();
        let play = |kept: &mut Option<Trade>| {
            let trade = kept.as_mut()?;
            let account = self.account(trade)?;
            trade.play(account, outcome, fresh.clone(), now);
            Some(view(trade, account))
        };
        let mut played = self.shelf.change(trade_no, play).await?.ok_or(PlayError::UnknownTrade)?;
        self.notices_due.notify_one();
        if outcome == Outcome::AlbumRefused {
            played.state = SandboxState::AlbumRefused;
        }
        Ok(played)
    }
}

fn view(trade: &Trade, account: &Account) -> SandboxTrade {
    SandboxTrade {
        trade_no: trade.trade_no.clone(),
        merchant: trade.merchant.clone(),
        wallet: trade.wallet,
        product: trade.product,
        subject: trade.subject.clone(),
        money: Money { amount: trade.amount, currency: trade.currency },
        expires_at: trade.expires_at,
        state: match trade.state(account) {
            TradeState::Pending => SandboxState::Open,
            TradeState::Paid(_) => SandboxState::Paid,
            TradeState::Failed => SandboxState::Failed,
            TradeState::Closed => SandboxState::Closed,
        },
        return_url: trade.return_url.clone(),
    }
}
