//! The wallets: each merchant's accounts at the payment apps, real or simulated, behind one port.

use std::collections::BTreeMap;

use crate::domain::merchant::MerchantId;
use crate::domain::wallet::Wallet;
use crate::ports::wallet::{WalletDirectory, WalletGateway};

pub mod alipay;
mod breaker;
mod china_time;
mod form;
pub mod http;
pub mod sandbox;
pub mod unionpay;
pub mod wechat_pay;

/// Every merchant's gateways, put together once at the start.
#[derive(Default)]
pub struct Wallets {
    gateways: BTreeMap<MerchantId, BTreeMap<Wallet, Box<dyn WalletGateway>>>,
}

impl Wallets {
    /// A directory without any gateway.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a merchant's gateway to a wallet; an earlier one for the same two is replaced.
    pub fn enter(&mut self, merchant: MerchantId, wallet: Wallet, gateway: Box<dyn WalletGateway>) {
        self.gateways.entry(merchant).or_default().insert(wallet, gateway);
    }
}

impl WalletDirectory for Wallets {
    fn gateway(&self, merchant: &MerchantId, wallet: Wallet) -> Option<&dyn WalletGateway> {
        self.gateways.get(merchant)?.get(&wallet).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::sandbox::testing::World;
    use super::*;

    #[test]
    fn a_merchant_has_exactly_the_wallets_that_were_entered_for_him() {
        let world = World::new();
        let mut wallets = Wallets::new();
        wallets.enter(World::teashop(), Wallet::Alipay, Box::new(world.wallet(Wallet::Alipay)));
        let account = |merchant: &MerchantId, wallet| {
            wallets.gateway(merchant, wallet).map(|gateway| gateway.account().to_owned())
        };
        assert_eq!(account(&World::teashop(), Wallet::Alipay).as_deref(), Some("sandbox-teashop-alipay"));
        assert_eq!(account(&World::teashop(), Wallet::Unionpay), None);
        assert_eq!(account(&World::bookshop(), Wallet::Alipay), None);
    }
}
