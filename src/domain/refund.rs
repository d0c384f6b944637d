//! A refund: money on its way back to the one who paid it.

use std::str::FromStr;

use super::id::{PaymentId, RefundId};
use super::time::Timestamp;
use super::wallet::{UnknownWord, Wallet};

/// Why money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundKind {
    /// The merchant wished it.
    Merchant,
    /// The order had been paid already.
    Surplus,
    /// The payment came after the end.
    Late,
    /// The payment was of another amount or currency, and the merchant gave it back.
    Mismatch,
}

impl RefundKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Merchant, Self::Surplus, Self::Late, Self::Mismatch];

    /// The word that stands for the kind in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Surplus => "surplus",
            Self::Late => "late",
            Self::Mismatch => "mismatch",
        }
    }
}

impl FromStr for RefundKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownWord)
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundStatus {
    /// Asked for, or to be asked for; the wallet has not finished it.
    Pending,
    /// The money is back.
    Succeeded,
    /// The wallet refused it for good.
    Failed,
}

impl RefundStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Succeeded, Self::Failed];

    /// The word that stands for the status in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RefundStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownWord)
    }
}

/// One refund of (a part of) one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its identifier. The number the wallet is told is made from it and never changes, so that asking again refunds once.
    pub id: RefundId,
    /// The payment whose money goes back.
    pub payment: PaymentId,
    /// The wallet it goes back through.
    pub wallet: Wallet,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217 code, as the payment had it.
    pub currency: String,
    /// Why.
    pub kind: RefundKind,
    /// The merchant's words.
    pub reason: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// When it was decided.
    pub created_at: Timestamp,
    /// How often the wallet was asked.
    pub tries: u32,
    /// When the wallet is to be asked next.
    pub next_try_at: Option<Timestamp>,
}

impl Refund {
    /// The number under which the wallet knows this refund: 32 of `0-9a-f`.
    #[must_use]
    pub fn refund_no(&self) -> String {
        self.id.uuid().simple().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn kinds_and_statuses_have_the_words_of_the_contract_and_are_read_back_from_them() {
        assert_eq!(RefundKind::ALL.map(RefundKind::as_str), ["merchant", "surplus", "late", "mismatch"]);
        assert_eq!(RefundStatus::ALL.map(RefundStatus::as_str), ["pending", "succeeded", "failed"]);
        for kind in RefundKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for status in RefundStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("lost".parse::<RefundKind>(), Err(UnknownWord));
        assert_eq!("lost".parse::<RefundStatus>(), Err(UnknownWord));
    }

    #[test]
    fn the_number_a_wallet_is_told_is_the_identifier_and_nothing_else() {
        let id = RefundId::new(Uuid::from_u128(0xab));
        let refund = Refund {
            id,
            payment: PaymentId::new(Uuid::from_u128(1)),
            wallet: Wallet::Alipay,
            amount: 1,
            currency: "CNY".to_owned(),
            kind: RefundKind::Late,
            reason: None,
            status: RefundStatus::Pending,
            created_at: Timestamp::from_seconds(0),
            tries: 0,
            next_try_at: None,
        };
        assert_eq!(refund.refund_no(), format!("{:032x}", 0xab));
        assert_eq!(Refund { tries: 9, ..refund }.refund_no(), format!("{:032x}", 0xab));
    }
}
