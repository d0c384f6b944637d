//! A refund: what is asked for, and the answer, which must be about just that.

use serde::{Deserialize, Serialize};

use super::order::{LONGEST_REASON, cut};
use crate::ports::wallet::{NewRefund, RefundState, WalletError};

/// What asks for money to go back.
#[derive(Serialize)]
pub(super) struct RefundRequest<'a> {
    transaction_id: &'a str,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    amount: AskedAmount<'a>,
}

#[derive(Serialize)]
struct AskedAmount<'a> {
    refund: i64,
    total: i64,
    currency: &'a str,
}

impl<'a> RefundRequest<'a> {
    pub(super) fn of(refund: &'a NewRefund) -> Self {
        Self {
            transaction_id: &refund.transaction_id,
            out_refund_no: &refund.refund_no,
            reason: refund.reason.as_deref().map(|reason| cut(reason, LONGEST_REASON)),
            amount: AskedAmount { refund: refund.amount, total: refund.paid, currency: &refund.currency },
        }
    }
}

/// A refund as WeChat Pay describes it. What the payer himself gets back may be less, when a part of the price was a coupon.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    out_refund_no: String,
    transaction_id: String,
    out_trade_no: String,
    status: String,
    amount: KnownAmount,
}

#[derive(Debug, Deserialize)]
struct KnownAmount {
    refund: i64,
    total: i64,
    currency: String,
}

impl Refund {
    /// How the refund that was asked for stands.
    ///
    /// # Errors
    /// [`WalletError::Unknown`] for an answer about anything else, well signed or not; what [`Refund::state`] answers.
    pub(super) fn state_of(&self, asked: &NewRefund) -> Result<RefundState, WalletError> {
        let differs = [
            ("out_refund_no", self.out_refund_no != asked.refund_no),
            ("transaction_id", self.transaction_id != asked.transaction_id),
            ("out_trade_no", self.out_trade_no != asked.trade_no.as_str()),
            ("amount.refund", self.amount.refund != asked.amount),
            ("amount.total", self.amount.total != asked.paid),
            ("amount.currency", self.amount.currency != asked.currency),
        ];
        match differs.iter().find(|(_, differs)| *differs) {
            Some((member, _)) => {
                Err(WalletError::Unknown(format!("its answer is about another refund: {member} differs")))
            }
            None => self.state(),
        }
    }

    /// How this refund stands, whosever it is. One that cannot reach its payer's bank stays asked about: somebody ends it by hand at
    /// WeChat Pay.
    ///
    /// # Errors
    /// [`WalletError`].
    pub(super) fn state(&self) -> Result<RefundState, WalletError> {
        match self.status.as_str() {
            "SUCCESS" => Ok(RefundState::Succeeded),
            "PROCESSING" => Ok(RefundState::Processing),
            "CLOSED" => Ok(RefundState::Refused),
            "ABNORMAL" => Err(WalletError::Later(
                "the refund is abnormal: the payer's account does not take it; end it at pay.weixin.qq.com".to_owned(),
            )),
            _ => Err(WalletError::Unknown("the refund is in a state without a known meaning".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attempt::TradeNo;
    use serde_json::{Value, json};

    fn asked() -> NewRefund {
        NewRefund {
            refund_no: "R1".to_owned(),
            trade_no: TradeNo::new(&"A".repeat(32)).unwrap(),
            transaction_id: "4200".to_owned(),
            amount: 100,
            paid: 12_900,
            currency: "CNY".to_owned(),
            reason: None,
        }
    }

    fn answer() -> Value {
        json!({
            "refund_id": "50", "out_refund_no": "R1", "transaction_id": "4200", "out_trade_no": "A".repeat(32), "channel": "ORIGINAL",
            "status": "SUCCESS", "amount": { "refund": 100, "total": 12_900, "payer_refund": 90, "currency": "CNY" },
        })
    }

    fn read(answer: Value) -> Option<Refund> {
        serde_json::from_value(answer).ok()
    }

    #[test]
    fn every_status_means_one_thing_and_an_unheard_of_one_means_nothing() {
        let stands = |status: &str| {
            let mut answer = answer();
            answer["status"] = json!(status);
            read(answer).unwrap().state_of(&asked())
        };
        assert_eq!(stands("SUCCESS"), Ok(RefundState::Succeeded));
        assert_eq!(stands("PROCESSING"), Ok(RefundState::Processing));
        assert_eq!(stands("CLOSED"), Ok(RefundState::Refused));
        assert!(matches!(stands("ABNORMAL"), Err(WalletError::Later(_))));
        assert!(matches!(stands("DONE"), Err(WalletError::Unknown(_))));
    }

    #[test]
    fn an_answer_about_another_refund_in_any_of_its_members_says_nothing() {
        for (member, other) in [
            ("/out_refund_no", json!("R2")),
            ("/transaction_id", json!("4201")),
            ("/out_trade_no", json!("B".repeat(32))),
            ("/amount/refund", json!(101)),
            ("/amount/total", json!(12_901)),
            ("/amount/currency", json!("HKD")),
        ] {
            let mut answer = answer();
            *answer.pointer_mut(member).unwrap() = other;
            let state = read(answer).unwrap().state_of(&asked());
            let name = member[1..].replace('/', ".");
            assert!(matches!(&state, Err(WalletError::Unknown(words)) if words.contains(&name)), "{member}: {state:?}");
        }
        for member in ["out_refund_no", "transaction_id", "out_trade_no", "status", "amount"] {
            let mut answer = answer();
            answer.as_object_mut().unwrap().remove(member);
            assert!(read(answer).is_none(), "without {member}");
        }
    }
}
