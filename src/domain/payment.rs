//! A payment: one fact that a wallet proved. It is kept whatever we think of it.

use std::str::FromStr;

use super::attempt::TradeNo;
use super::id::{AttemptId, PaymentId, RefundId};
use super::time::Timestamp;
use super::wallet::{UnknownWord, Wallet};

/// What a wallet proved, before we have decided what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenPayment {
    /// Which wallet said it.
    pub wallet: Wallet,
    /// The merchant's account at that wallet, as the wallet named it.
    pub account: String,
    /// Our number for the attempt.
    pub trade_no: TradeNo,
    /// The wallet's own number for the payment; with wallet and account it is unique.
    pub transaction_id: String,
    /// How much, in minor units, as the wallet said it.
    pub amount: i64,
    /// ISO 4217 code, as the wallet said it.
    pub currency: String,
    /// The wallet's own payment time.
    pub paid_at: Timestamp,
}

/// What a payment turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It paid the order.
    Winner,
    /// The order was paid already.
    Surplus,
    /// It came after the end.
    Late,
    /// Amount or currency differ from the order's.
    Mismatch,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Winner, Self::Surplus, Self::Late, Self::Mismatch];

    /// The word that stands for the verdict in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Winner => "winner",
            Self::Surplus => "surplus",
            Self::Late => "late",
            Self::Mismatch => "mismatch",
        }
    }
}

impl FromStr for Verdict {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or(UnknownWord)
    }
}

/// A stored payment fact with what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its identifier.
    pub id: PaymentId,
    /// The attempt it belongs to.
    pub attempt: AttemptId,
    /// What the wallet proved.
    pub proven: ProvenPayment,
    /// When we heard of it.
    pub heard_at: Timestamp,
    /// What it turned out to be.
    pub verdict: Verdict,
    /// The refund that gives it back, when it is not ours to keep.
    pub refund: Option<RefundId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_has_the_word_of_the_contract_and_is_read_back_from_it() {
        assert_eq!(Verdict::ALL.map(Verdict::as_str), ["winner", "surplus", "late", "mismatch"]);
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse(), Ok(verdict));
        }
        assert_eq!("lost".parse::<Verdict>(), Err(UnknownWord));
    }
}
