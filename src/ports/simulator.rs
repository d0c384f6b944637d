//! The simulated wallet app, as its pages see it: look at a trade, and play what a payer could do.

use std::str::FromStr;

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::money::Money;
use crate::domain::wallet::{UnknownWord, Wallet};

/// What a person can make a simulated wallet do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Paid, and told.
    Paid,
    /// Paying failed, and told.
    Failed,
    /// Two successful payments, both told.
    PaidTwice,
    /// Told at once, with a payment time after the deadline.
    PaidLate,
    /// Paid, but another amount.
    PaidWrongAmount,
    /// Paid, but never told: only asking finds it.
    NoticeLost,
    /// Paid once, told five times.
    NoticeRepeated,
    /// Refused, as WeChat refuses its own codes from the album; nothing changes.
    AlbumRefused,
}

impl Outcome {
    /// Every outcome.
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

    /// The word that stands for it in a form.
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

/// How a simulated trade stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeStanding {
    /// Waits for its payer.
    Waiting,
    /// Paid.
    Paid,
    /// Paying failed.
    Failed,
    /// Closed by the shop.
    Closed,
}

/// A simulated trade, as the simulated app shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedTrade {
    /// The merchant who gets the money.
    pub merchant: MerchantId,
    /// The wallet that is simulated.
    pub wallet: Wallet,
    /// What for.
    pub subject: String,
    /// How much.
    pub money: Money,
    /// How it stands.
    pub standing: TradeStanding,
    /// Where the payer returns to.
    pub return_url: String,
}

/// All simulated wallets of this program. Exists only for sandbox merchants.
#[async_trait]
pub trait Simulator: Send + Sync {
    /// A trade; `None` when no simulated wallet knows it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<SimulatedTrade>, StoreError>;

    /// Plays an outcome, also on a closed or paid trade, as a race would. What it brings, notices included, is durable when
    /// this returns.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn play(&self, trade_no: &TradeNo, outcome: Outcome) -> Result<Option<SimulatedTrade>, StoreError>;
}
