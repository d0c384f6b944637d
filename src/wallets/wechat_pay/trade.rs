//! What WeChat Pay says about a trade, in a notice or asked, and what it means to us.

use serde::Deserialize;

use crate::domain::attempt::TradeNo;
use crate::domain::payment::ProvenPayment;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::ports::wallet::TradeState;

/// A trade as WeChat Pay describes it; fields that decide nothing here are passed over.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Trade {
    appid: String,
    mchid: String,
    pub out_trade_no: String,
    #[serde(default)]
    transaction_id: Option<String>,
    trade_state: String,
    #[serde(default)]
    success_time: Option<String>,
    #[serde(default)]
    amount: Option<TradeAmount>,
}

/// What was ordered. What the payer paid himself may be less, when somebody gave him a coupon: the merchant gets the total.
#[derive(Clone, Debug, Deserialize)]
struct TradeAmount {
    total: i64,
    #[serde(default)]
    currency: Option<String>,
}

/// The trade is in a state that nobody has told us about, or says that it is paid without saying how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclear(pub String);

/// How an account is named in payments: both halves must be ours.
pub(super) fn account_name(mch_id: &str, app_id: &str) -> String {
    format!("{mch_id}:{app_id}")
}

impl Trade {
    /// Where the trade stands.
    pub(super) fn state(&self) -> Result<TradeState, Unclear> {
        match self.trade_state.as_str() {
            // A refund begins with a payment.
            "SUCCESS" | "REFUND" => match self.payment() {
                Some(payment) => Ok(TradeState::Paid(vec![payment])),
                None => Err(Unclear("paid, but number, time or amount are missing".to_owned())),
            },
            "NOTPAY" | "USERPAYING" | "ACCEPT" => Ok(TradeState::Pending),
            "CLOSED" | "REVOKED" => Ok(TradeState::Closed),
            "PAYERROR" => Ok(TradeState::Failed),
            other => {
                Err(Unclear(format!("in the state {}", other.chars().take(32).collect::<String>().escape_debug())))
            }
        }
    }

    fn payment(&self) -> Option<ProvenPayment> {
        let amount = self.amount.as_ref()?;
        let paid_at: jiff::Timestamp = self.success_time.as_ref()?.parse().ok()?;
        Some(ProvenPayment {
            wallet: Wallet::WechatPay,
            account: account_name(&self.mchid, &self.appid),
            trade_no: TradeNo::new(&self.out_trade_no)?,
            transaction_id: self.transaction_id.clone().filter(|id| is_transaction_id(id))?,
            amount: amount.total,
            currency: amount.currency.clone().unwrap_or_else(|| "CNY".to_owned()),
            paid_at: Timestamp::from_seconds(paid_at.as_second()),
        })
    }
}

/// WeChat Pay's numbers have 28 digits today; its field holds 32 characters.
fn is_transaction_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn trade(change: impl FnOnce(&mut Value)) -> Trade {
        let mut value = json!({
            "appid": "wx1", "mchid": "19", "out_trade_no": "A".repeat(32), "transaction_id": "42000000000000000000000000001",
            "trade_state": "SUCCESS", "success_time": "2026-11-22T12:00:01+08:00",
            "amount": {"total": 12900, "payer_total": 12000, "currency": "CNY", "payer_currency": "CNY"},
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_state_means_one_thing_and_an_unheard_of_one_means_nothing() {
        for (word, state) in [
            ("NOTPAY", Some(TradeState::Pending)),
            ("USERPAYING", Some(TradeState::Pending)),
            ("ACCEPT", Some(TradeState::Pending)),
            ("CLOSED", Some(TradeState::Closed)),
            ("REVOKED", Some(TradeState::Closed)),
            ("PAYERROR", Some(TradeState::Failed)),
            ("PAID", None),
            ("success", None),
            ("", None),
        ] {
            assert_eq!(trade(|value| value["trade_state"] = json!(word)).state().ok(), state, "{word}");
        }
    }

    #[test]
    fn a_payment_is_the_total_at_the_wallets_own_time() {
        for word in ["SUCCESS", "REFUND"] {
            let Ok(TradeState::Paid(payments)) = trade(|value| value["trade_state"] = json!(word)).state() else {
                panic!()
            };
            let [paid] = &payments[..] else { panic!("{payments:?}") };
            assert_eq!((paid.amount, paid.currency.as_str(), paid.account.as_str()), (12_900, "CNY", "19:wx1"));
            assert_eq!(paid.paid_at, Timestamp::from_seconds(1_795_320_001));
        }
    }

    #[test]
    fn a_payment_that_does_not_say_what_it_is_is_no_payment() {
        for (field, value) in [
            ("transaction_id", Value::Null),
            ("transaction_id", json!("")),
            ("transaction_id", json!("a b")),
            ("success_time", Value::Null),
            ("success_time", json!("yesterday")),
            ("amount", Value::Null),
            ("out_trade_no", json!("short")),
        ] {
            assert!(trade(|trade| trade[field] = value.clone()).state().is_err(), "{field}: {value}");
        }
    }
}
