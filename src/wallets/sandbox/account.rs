//! The accounts of sandbox merchants, each with the key its notices are signed with.

use std::collections::BTreeMap;
use std::sync::Arc;

use ring::hmac;

use super::signature::length_clear;
use crate::domain::merchant::MerchantId;
use crate::domain::wallet::Wallet;

/// One merchant's account at one simulated wallet. Printing it shows no key.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose it is.
    pub merchant: MerchantId,
    /// At which wallet.
    pub wallet: Wallet,
    name: String,
    key: hmac::Key,
}

impl Account {
    /// What the wallet calls the account: `sandbox-<merchant>-<wallet>`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs notices of this account, and of no other.
    pub(super) const fn key(&self) -> &hmac::Key {
        &self.key
    }
}

/// The accounts of all sandbox merchants, at each wallet. Whoever is not in here has real wallets, and the sandbox knows nothing of him.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<BTreeMap<(MerchantId, Wallet), Account>>);

impl Accounts {
    /// The accounts of these merchants. Keys are derived from the server's key, so that every instance, and this one after a
    /// restart, proves what another has signed.
    #[must_use]
    pub fn new(server_key: &[u8; 32], merchants: impl IntoIterator<Item = MerchantId>) -> Self {
        let server_key = hmac::Key::new(hmac::HMAC_SHA256, server_key);
        let open = |merchant: MerchantId, wallet: Wallet| {
            let purpose =
                [b"pay-handoff sandbox notices".as_slice(), merchant.as_str().as_bytes(), wallet.as_str().as_bytes()];
            let derived = hmac::sign(&server_key, &length_clear(&purpose));
            let key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
            let name = format!("sandbox-{merchant}-{wallet}");
            ((merchant.clone(), wallet), Account { merchant, wallet, name, key })
        };
        let all = merchants.into_iter().flat_map(|merchant| Wallet::ALL.map(|wallet| open(merchant.clone(), wallet)));
        Self(Arc::new(all.collect()))
    }

    /// A merchant's account at a wallet; `None` when he is no sandbox merchant.
    #[must_use]
    pub fn account(&self, merchant: &MerchantId, wallet: Wallet) -> Option<&Account> {
        self.0.get(&(merchant.clone(), wallet))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::World;
    use super::*;

    #[test]
    fn each_account_has_a_key_of_its_own_which_depends_on_the_server_alone() {
        let merchants = || [World::teashop(), World::bookshop()];
        let tag = |key: &[u8; 32], merchant: MerchantId, wallet| {
            let accounts = Accounts::new(key, merchants());
            accounts.account(&merchant, wallet).map(|account| hmac::sign(account.key(), b"x").as_ref().to_vec())
        };
        let mut tags = Vec::new();
        for server_key in [[1; 32], [2; 32]] {
            for merchant in merchants() {
                for wallet in Wallet::ALL {
                    assert_eq!(tag(&server_key, merchant.clone(), wallet), tag(&server_key, merchant.clone(), wallet));
                    tags.push(tag(&server_key, merchant.clone(), wallet).unwrap());
                }
            }
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 12);
    }

    #[test]
    fn a_merchant_with_real_wallets_has_no_account_and_printing_one_shows_no_key() {
        let accounts = Accounts::new(&[0xAB; 32], [World::teashop()]);
        assert!(accounts.account(&World::bookshop(), Wallet::Alipay).is_none());
        let printed = format!("{:?}", accounts.account(&World::teashop(), Wallet::Alipay).unwrap());
        assert!(printed.contains("sandbox-teashop-alipay"));
        assert!(!printed.to_lowercase().contains("abab") && !printed.contains("171"), "{printed}");
    }
}
