//! The accounts at real wallets: their fields read with the keys that they name, and refused for a sandbox merchant.

pub mod alipay;
pub mod alipay_keys;
mod named;
pub mod unionpay;
pub mod wechat_pay;

use super::Surroundings;
use super::fault::Report;
use super::section::Section;
use crate::domain::wallet::{Product, Wallet};
use alipay::AlipayAccount;
use unionpay::UnionpayAccount;
use wechat_pay::WechatPayAccount;

/// The name of a field.
type Field = &'static str;

/// The real wallets of a live merchant, each with the keys that belong to it.
#[derive(Clone, Debug, Default)]
pub struct LiveWallets {
    /// His account at WeChat Pay.
    pub wechat_pay: Option<WechatPayAccount>,
    /// His account at Alipay.
    pub alipay: Option<AlipayAccount>,
    /// His account at UnionPay.
    pub unionpay: Option<UnionpayAccount>,
}

/// The fields of a wallet beside `products`.
const fn fields(wallet: Wallet) -> &'static [Field] {
    match wallet {
        Wallet::WechatPay => wechat_pay::FIELDS,
        Wallet::Alipay => alipay::FIELDS,
        Wallet::Unionpay => unionpay::FIELDS,
    }
}

/// A sandbox merchant's wallets are simulated: a credential beside them is a contradiction, and the operator may believe that
/// real money moves.
pub(super) fn refuse(wallet: Wallet, table: &mut Section<'_>, report: &mut Report) {
    for field in fields(wallet) {
        if table.has(field) {
            table.fault(field, report, "contradicts mode = \"sandbox\": a simulated wallet takes products only");
        }
    }
}

/// Makes the fields known without looking at them.
pub(super) fn pass_over(wallet: Wallet, table: &mut Section<'_>) {
    for field in fields(wallet) {
        table.has(field);
    }
}

impl LiveWallets {
    /// Reads a live wallet's fields and the keys that they name.
    pub(super) fn read(
        &mut self,
        wallet: Wallet,
        table: &mut Section<'_>,
        products: &[Product],
        around: &Surroundings<'_>,
        report: &mut Report,
    ) {
        match wallet {
            Wallet::WechatPay => self.wechat_pay = wechat_pay::read(table, products, around, report),
            Wallet::Alipay => self.alipay = alipay::read(table, around, report),
            Wallet::Unionpay => self.unionpay = unionpay::read(table, around, report),
        }
    }

    /// Whether wallets call back over the open internet: none of these gateways is one for tests on this very machine.
    pub(super) fn call_back_from_outside(&self) -> bool {
        let gateways = [
            self.wechat_pay.as_ref().map(|account| &account.base_url),
            self.alipay.as_ref().map(|account| &account.base_url),
            self.unionpay.as_ref().map(|account| &account.base_url),
        ];
        gateways.into_iter().flatten().any(|gateway| gateway.scheme() == "https")
    }
}

fn word(text: &str, max: usize, allowed: fn(&u8) -> bool, what: &str) -> Result<(), String> {
    let fits = (1..=max).contains(&text.len()) && text.as_bytes().iter().all(allowed);
    fits.then_some(()).ok_or_else(|| format!("must have 1 to {max} {what}"))
}

fn variable_name(text: &str) -> Result<(), String> {
    let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let fits = letters && (1..=128).contains(&text.len()) && !text.as_bytes()[0].is_ascii_digit();
    fits.then_some(())
        .ok_or_else(|| "must be the name of an environment variable (A-Z, 0-9, _), not the secret itself".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_place_of_a_variable_name_is_refused_without_repeating_it() {
        assert_eq!(variable_name("WECHAT_API_V3_KEY"), Ok(()));
        for text in ["", "9LIVES", "canary-secret", "canary", "WITH SPACE"] {
            let refusal = variable_name(text).unwrap_err();
            assert!(refusal.contains("not the secret itself") && !refusal.contains("canary"));
        }
    }
}
