//! What Alipay says about a trade, asked or in a notice, and what it means to us.

use serde::Deserialize;

use crate::config::live_wallets::alipay::AlipayAccount;
use crate::domain::attempt::TradeNo;
use crate::domain::payment::ProvenPayment;
use crate::domain::wallet::Wallet;
use crate::ports::wallet::TradeState;
use crate::wallets::china_time::Form;

/// A trade as Alipay describes it; fields that decide nothing here are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Trade {
    pub out_trade_no: String,
    pub trade_no: String,
    pub trade_status: String,
    /// What was ordered, in yuan. What the payer paid himself may be less, when somebody gave him a coupon.
    pub total_amount: String,
    /// Its currency; absent for CNY.
    pub trans_currency: Option<String>,
    /// When it was paid; absent when it never was. A notice calls it otherwise.
    pub send_pay_date: Option<String>,
}

/// The trade is in a state that nobody has told us about, or says that it is paid without saying how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclear(pub String);

/// How an account is named in payments: both halves must be ours.
pub(super) fn account_name(seller_id: &str, app_id: &str) -> String {
    format!("{seller_id}:{app_id}")
}

/// The name of this very account.
pub(super) fn own_name(account: &AlipayAccount) -> String {
    account_name(&account.seller_id, &account.app_id)
}

impl Trade {
    /// Where the trade of this account stands.
    pub(super) fn state(&self, account: &str) -> Result<TradeState, Unclear> {
        let paid = || match self.payment(account) {
            Some(payment) => Ok(TradeState::Paid(vec![payment])),
            None => Err(Unclear("paid, but number, time or amount are missing".to_owned())),
        };
        match self.trade_status.as_str() {
            "WAIT_BUYER_PAY" => Ok(TradeState::Pending),
            "TRADE_SUCCESS" | "TRADE_FINISHED" => paid(),
            // Closed means unpaid in time, or given back whole: then it was paid once.
            "TRADE_CLOSED" if self.send_pay_date.as_ref().is_some_and(|date| !date.is_empty()) => paid(),
            "TRADE_CLOSED" => Ok(TradeState::Closed),
            other => {
                Err(Unclear(format!("in the state {}", other.chars().take(32).collect::<String>().escape_debug())))
            }
        }
    }

    fn payment(&self, account: &str) -> Option<ProvenPayment> {
        let is_id =
            (1..=64).contains(&self.trade_no.len()) && self.trade_no.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(ProvenPayment {
            wallet: Wallet::Alipay,
            account: account.to_owned(),
            trade_no: TradeNo::new(&self.out_trade_no)?,
            transaction_id: is_id.then(|| self.trade_no.clone())?,
            amount: fen(&self.total_amount)?,
            currency: self.trans_currency.clone().filter(|code| !code.is_empty()).unwrap_or_else(|| "CNY".to_owned()),
            paid_at: Form::Spaced.read(self.send_pay_date.as_ref()?)?,
        })
    }
}

/// An amount of minor units in Alipay's form: `129.00`.
pub(super) fn yuan(minor_units: i64) -> String {
    format!("{}.{:02}", minor_units / 100, minor_units % 100)
}

/// Reads an amount that Alipay wrote: digits, and one or two after a point, if there is one.
pub(super) fn fen(yuan: &str) -> Option<i64> {
    let (whole, parts) = yuan.split_once('.').map_or((yuan, None), |(whole, parts)| (whole, Some(parts)));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || whole.len() > 12 {
        return None;
    }
    let parts = match parts {
        None => 0,
        Some(parts) if !are_digits(parts) || parts.len() > 2 => return None,
        Some(parts) => parts.parse::<i64>().ok()? * if parts.len() == 1 { 10 } else { 1 },
    };
    Some(whole.parse::<i64>().ok()? * 100 + parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use proptest::prelude::*;

    fn trade(change: impl FnOnce(&mut Trade)) -> Trade {
        let mut trade = Trade {
            out_trade_no: "A".repeat(32),
            trade_no: "2026112222001400000000000001".to_owned(),
            trade_status: "TRADE_SUCCESS".to_owned(),
            total_amount: "129.00".to_owned(),
            trans_currency: None,
            send_pay_date: Some("2026-11-22 12:00:01".to_owned()),
        };
        change(&mut trade);
        trade
    }

    #[test]
    fn every_state_means_one_thing_and_an_unheard_of_one_means_nothing() {
        for (word, date, state) in [
            ("WAIT_BUYER_PAY", None, Some(TradeState::Pending)),
            ("TRADE_CLOSED", None, Some(TradeState::Closed)),
            ("TRADE_CLOSED", Some(String::new()), Some(TradeState::Closed)),
            ("TRADE_SUCCESS", None, None),
            ("TRADE_PENDING", None, None),
            ("trade_success", None, None),
            ("", None, None),
        ] {
            let stands = trade(|trade| {
                trade.trade_status = word.to_owned();
                trade.send_pay_date = date;
            });
            assert_eq!(stands.state("x").ok(), state, "{word}");
        }
    }

    #[test]
    fn a_payment_is_the_total_at_the_wallets_own_time_also_after_it_was_given_back() {
        for word in ["TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"] {
            let Ok(TradeState::Paid(payments)) = trade(|trade| trade.trade_status = word.to_owned()).state("20:14")
            else {
                panic!("{word}")
            };
            let [paid] = &payments[..] else { panic!("{payments:?}") };
            assert_eq!((paid.amount, paid.currency.as_str(), paid.account.as_str()), (12_900, "CNY", "20:14"));
            assert_eq!(paid.paid_at, Timestamp::from_seconds(1_795_320_001));
        }
        let Ok(TradeState::Paid(payments)) = trade(|trade| trade.trans_currency = Some("HKD".to_owned())).state("x")
        else {
            panic!()
        };
        assert_eq!(payments[0].currency, "HKD", "another currency is no CNY");
    }

    #[test]
    fn a_payment_that_does_not_say_what_it_is_is_no_payment() {
        let changes: [fn(&mut Trade); 6] = [
            |trade| trade.trade_no.clear(),
            |trade| "a b".clone_into(&mut trade.trade_no),
            |trade| trade.send_pay_date = Some("yesterday".to_owned()),
            |trade| trade.total_amount.clear(),
            |trade| "1e3".clone_into(&mut trade.total_amount),
            |trade| "short".clone_into(&mut trade.out_trade_no),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert!(trade(change).state("x").is_err(), "{number}");
        }
    }

    #[test]
    fn amounts_are_decimals_and_nothing_else() {
        for (text, amount) in [("0.01", 1), ("129", 12_900), ("129.5", 12_950), ("00129.50", 12_950), ("0", 0)] {
            assert_eq!(fen(text), Some(amount), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1.234", "-1", "+1", "1,00", "1e2", " 1", "1.0.0", "９", "1234567890123"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_is_read_back(amount in 0_i64..=99_999_999_999) {
            prop_assert_eq!(fen(&yuan(amount)), Some(amount));
        }
    }
}
