//! The wallet port over the bank, with the faults of calls over a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use pay_handoff::domain::attempt::{Handover, TradeNo};
use pay_handoff::domain::merchant::{Merchant, MerchantId};
use pay_handoff::domain::time::Timestamp;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::ports::wallet::{
    Acknowledgement, CloseAnswer, NewRefund, NewTrade, Notice, RawNotice, RefundState, TradeState, Unproven,
    WalletDirectory, WalletError, WalletGateway,
};

use super::bank::{TradeKey, account_name};
use super::scene::{Scene, State};

/// One merchant's account at one wallet.
pub struct SimulatedGateway {
    scene: Arc<Scene>,
    merchant: MerchantId,
    wallet: Wallet,
    account: String,
}

impl SimulatedGateway {
    fn key(&self, trade_no: &TradeNo) -> TradeKey {
        (self.merchant.clone(), self.wallet, trade_no.as_str().to_owned())
    }

    /// One call: the request may be lost, and so may the answer; or the wallet does not do it now.
    async fn call<T>(
        &self,
        what: &str,
        work: impl FnOnce(&mut State) -> Result<T, WalletError>,
    ) -> Result<T, WalletError>
    where
        T: std::fmt::Debug,
    {
        self.scene.turn().await;
        let lost = |words: &str| Err(WalletError::Unknown(words.to_owned()));
        let result = self.scene.with(|state| {
            if state.strikes(state.faults.wallet_down) {
                state.count("wallet: did nothing, no answer");
                return lost("no connection");
            }
            if state.strikes(state.faults.wallet_later) {
                state.count("wallet: not now");
                return Err(WalletError::Later("simulated".to_owned()));
            }
            let done = work(state);
            state.say(|| format!("{} {what}: {done:?}", self.account));
            if state.strikes(state.faults.wallet_unknown) {
                state.count("wallet: done, answer lost");
                return lost("timed out after the work");
            }
            done
        });
        self.scene.turn().await;
        result
    }
}

#[async_trait]
impl WalletGateway for SimulatedGateway {
    fn account(&self) -> &str {
        &self.account
    }

    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError> {
        let key = self.key(&trade.trade_no);
        self.call("begins", |state| state.enter_trade(key, trade)).await?;
        let address = format!("https://wallet.example/{}", trade.trade_no.as_str());
        Ok(match trade.product {
            Product::Code => Handover::Code(address),
            Product::InApp | Product::Browser => Handover::Redirect(address),
        })
    }

    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError> {
        let key = self.key(trade_no);
        self.call("is asked", |state| Ok(state.trade_state(&key))).await
    }

    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError> {
        let key = self.key(trade_no);
        self.call("closes", |state| Ok(state.close_trade(&key))).await
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        let key = self.key(&refund.trade_no);
        self.call("refunds", |state| state.refund_payment(&key, refund)).await
    }

    fn prove(&self, _notice: &RawNotice, _now: Timestamp) -> Result<Notice, Unproven> {
        // Letters are delivered proven here; proofs are the business of each wallet's own tests.
        Err(Unproven::NotProven)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "text/plain", body: "success" }
    }
}

/// Every account of every merchant.
pub struct SimulatedWallets {
    gateways: BTreeMap<(MerchantId, Wallet), SimulatedGateway>,
}

impl SimulatedWallets {
    /// The accounts that these merchants have.
    pub fn new(scene: &Arc<Scene>, merchants: &BTreeMap<MerchantId, Arc<Merchant>>) -> Self {
        let accounts = merchants.values().flat_map(|merchant| {
            merchant.wallets.keys().map(|wallet| (merchant.id.clone(), *wallet)).collect::<Vec<_>>()
        });
        let gateway = |(merchant, wallet): (MerchantId, Wallet)| {
            let account = account_name(&merchant, wallet);
            ((merchant.clone(), wallet), SimulatedGateway { scene: Arc::clone(scene), merchant, wallet, account })
        };
        Self { gateways: accounts.map(gateway).collect() }
    }
}

impl WalletDirectory for SimulatedWallets {
    fn gateway(&self, merchant: &MerchantId, wallet: Wallet) -> Option<&dyn WalletGateway> {
        self.gateways.get(&(merchant.clone(), wallet)).map(|gateway| gateway as &dyn WalletGateway)
    }
}
