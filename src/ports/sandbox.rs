//! The simulated wallet app, as its pages see it: look at a trade, and play what a payer could do.

use std::str::FromStr;

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::money::Money;
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, UnknownWord, Wallet};

/// One play of a trade. Every one works on a closed or already paid trade too, as a race would: paying again is another transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Paid, and called back.
    Paid,
    /// The payer tried and it failed; called back.
    Failed,
    /// Two successful payments, each called back.
    PaidTwice,
    /// Paid with a payment time after the trade's deadline, called back at once.
    PaidLate,
    /// Paid one minor unit less than asked (one more when only one was asked), called back.
    PaidWrongAmount,
    /// Paid, but never called back: only a query finds it.
    NoticeLost,
    /// Paid, and called back five times.
    NoticeRepeated,
    /// The app refuses the code from the album, as WeChat does with a Native code. Nothing changes.
    AlbumRefused,
}

impl Outcome {
    /// Every outcome, in the order in which the simulated app offers them.
    pub const ALL: [Self; 8] = [
        Self::Paid,
        Self::Failed,
        Self::PaidTwice,
        Self::PaidLate,
        Self::PaidWrongAmount,
        Self::NoticeLost,
        Self::NoticeRepeated,
        Self::AlbumRefused,
    ];

    /// The word that stands for the outcome in the form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::PaidTwice => "paid_twice",
            Self::PaidLate => "paid_late",
            Self::PaidWrongAmount => "paid_wrong_amount",
            Self::NoticeLost => "notice_lost",
            Self::NoticeRepeated => "notice_repeated",
            Self::AlbumRefused => "album_refused",
        }
    }
}

impl FromStr for Outcome {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or(UnknownWord)
    }
}

/// How a trade stands, as the simulated app shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SandboxState {
    /// Waits for its payer.
    Open,
    /// Paid at least once.
    Paid,
    /// The payer tried and it failed.
    Failed,
    /// Closed by the merchant.
    Closed,
    /// The answer to [`Outcome::AlbumRefused`], and to nothing else: the trade itself stands as before.
    AlbumRefused,
}

/// A trade, as the simulated app shows it to its payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxTrade {
    /// The number it is known by.
    pub trade_no: TradeNo,
    /// Who gets the money.
    pub merchant: MerchantId,
    /// Whose app this is.
    pub wallet: Wallet,
    /// How the payer came here.
    pub product: Product,
    /// What is bought.
    pub subject: String,
    /// How much was asked.
    pub money: Money,
    /// Until when it is to be paid.
    pub expires_at: Timestamp,
    /// How it stands.
    pub state: SandboxState,
    /// Where the payer returns to.
    pub return_url: String,
}

/// Why a play did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// No sandbox merchant has a trade of this number. Fate: give up.
    #[error("no such trade")]
    UnknownTrade,
    /// The trades cannot be read or written now. Fate: retry; look at the trade first, for the play may have been kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The app of all simulated wallets. Exists only where there are sandbox merchants.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// The trade of this number, as the payer sees it; `None` when no sandbox merchant has it. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<SandboxTrade>, StoreError>;

    /// Lets an outcome happen, and answers how the trade stands then. When this answers, the payments and the notices that are
    /// to tell of them survive a crash; they are delivered after that.
    ///
    /// # Errors
    /// [`PlayError`].
    async fn play(&self, trade_no: &TradeNo, outcome: Outcome) -> Result<SandboxTrade, PlayError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_read_back_from_its_word_and_no_other_text_is_one() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        for text in ["", "Paid", "paid ", "refunded"] {
            assert_eq!(text.parse::<Outcome>(), Err(UnknownWord), "{text:?}");
        }
    }
}
