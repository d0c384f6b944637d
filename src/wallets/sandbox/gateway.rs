//! The merchant's side of a simulated wallet.

use std::sync::Arc;

use async_trait::async_trait;

use super::account::Account;
use super::shelf::Shelf;
use super::trade::Trade;
use super::{notice, signature};
use crate::domain::attempt::{Handover, TradeNo};
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};
use crate::ports::clock::Clock;
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradeBook;
use crate::ports::wallet::{
    Acknowledgement, CloseAnswer, NewRefund, NewTrade, Notice, RawNotice, RefundState, TradeState, Unproven,
    WalletError, WalletGateway,
};

/// One merchant's account at a simulated wallet.
pub struct SandboxWallet {
    account: Account,
    shelf: Shelf,
    clock: Arc<dyn Clock>,
    public_base: String,
}

impl SandboxWallet {
    /// The gateway of an account. `public_base` is where a payer's browser finds the simulated app: `http://127.0.0.1:8080`,
    /// without a slash at its end.
    #[must_use]
    pub fn new(account: Account, book: Arc<dyn TradeBook>, clock: Arc<dyn Clock>, public_base: String) -> Self {
        Self { account, shelf: Shelf::new(book), clock, public_base }
    }

    /// The trade, if it is one of this account: a wallet tells nobody of another's.
    fn own<'trade>(&self, trade: &'trade mut Option<Trade>) -> Option<&'trade mut Trade> {
        trade.as_mut().filter(|trade| trade.is_of(&self.account))
    }

    /// Enters a trade, or finds it entered already.
    fn enter(&self, kept: &mut Option<Trade>, asked: &NewTrade) -> Result<(), WalletError> {
        let refuse = |why: &str| Err(WalletError::Refused(why.to_owned()));
        match kept {
            None => {
                *kept = Some(Trade::new(&self.account, asked));
                Ok(())
            }
            Some(trade) if !trade.is_of(&self.account) || !trade.is_as_asked(asked) => {
                refuse("another trade has this number")
            }
            Some(trade) if !trade.is_payable() => refuse("the trade has been paid, has failed or was closed"),
            Some(_) => Ok(()),
        }
    }
}

#[async_trait]
impl WalletGateway for SandboxWallet {
    fn account(&self) -> &str {
        self.account.name()
    }

    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError> {
        self.shelf.change(&trade.trade_no, |kept| self.enter(kept, trade)).await.map_err(no_answer)??;
        let address = format!("{}/sandbox/{}", self.public_base, trade.trade_no.as_str());
        Ok(match trade.product {
            Product::Code => Handover::Code(address),
            Product::InApp | Product::Browser => Handover::Redirect(address),
        })
    }

    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError> {
        let mut kept = self.shelf.read(trade_no).await.map_err(no_answer)?;
        Ok(self.own(&mut kept).map_or(TradeState::Pending, |trade| trade.state(&self.account)))
    }

    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError> {
        let now = self.clock.now();
        // What was never begun cannot be paid.
        let close = |kept: &mut Option<Trade>| self.own(kept).map_or(CloseAnswer::Closed, |trade| trade.close(now));
        self.shelf.change(trade_no, close).await.map_err(no_answer)
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        let now = self.clock.now();
        let give_back =
            |kept: &mut Option<Trade>| self.own(kept).map_or(RefundState::Refused, |trade| trade.refund(refund, now));
        self.shelf.change(&refund.trade_no, give_back).await.map_err(no_answer)
    }

    fn prove(&self, notice: &RawNotice, now: Timestamp) -> Result<Notice, Unproven> {
        signature::verify(&self.account, notice, now)?;
        notice::read(&self.account, &notice.body)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        match self.account.wallet {
            Wallet::WechatPay => {
                Acknowledgement { content_type: "application/json", body: r#"{"code":"SUCCESS","message":"成功"}"# }
            }
            Wallet::Alipay | Wallet::Unionpay => Acknowledgement { content_type: "text/plain", body: "success" },
        }
    }
}

/// To the merchant a wallet whose own store fails is one that does not answer.
fn no_answer(error: StoreError) -> WalletError {
    WalletError::Unknown(error.to_string())
}
