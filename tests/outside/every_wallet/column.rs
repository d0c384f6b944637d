//! The columns of the table: what can happen to an order, whatever the wallet.

use super::scene::Scene;
use super::{money_cells, time_cells, trust_cells};

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    PaidByNotice,
    FoundByQuery,
    Receipt,
    FriendPays,
    SecondPayer,
    FullRefund,
    PartialRefunds,
    RefundAnswerLost,
    WrongAmount,
    Cancel,
    CancelAfterPaying,
    NobodyCame,
    Expiry,
    Lifetime,
    WalletEndsFirst,
    BeginTimesOut,
    UnbelievableBegin,
    UnbelievableQuery,
    UnbelievableRefund,
    UnsignedRefusal,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 20] = [
        Self::PaidByNotice,
        Self::FoundByQuery,
        Self::Receipt,
        Self::FriendPays,
        Self::SecondPayer,
        Self::FullRefund,
        Self::PartialRefunds,
        Self::RefundAnswerLost,
        Self::WrongAmount,
        Self::Cancel,
        Self::CancelAfterPaying,
        Self::NobodyCame,
        Self::Expiry,
        Self::Lifetime,
        Self::WalletEndsFirst,
        Self::BeginTimesOut,
        Self::UnbelievableBegin,
        Self::UnbelievableQuery,
        Self::UnbelievableRefund,
        Self::UnsignedRefusal,
    ];

    /// What must hold.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaidByNotice => {
                "paid and told of: paid at once, thanked for in the wallet's words, and once however often told"
            }
            Self::FoundByQuery => "paid, every notice lost: found by asking, with nobody at the page",
            Self::Receipt => {
                "the receipt says what was paid to whom for what, in both languages, and offers nothing more"
            }
            Self::FriendPays => "a friend pays a trade of his own; the buyer's is closed where the wallet can",
            Self::SecondPayer => "two pay: the second one's money goes back, once, and the order stays paid",
            Self::FullRefund => "given back whole, and asked about again after that",
            Self::PartialRefunds => "given back in parts, never more than was paid",
            Self::RefundAnswerLost => "the refund was made and its answer lost: made once",
            Self::WrongAmount => "another amount: a mismatch, told, pays nothing, can be given back",
            Self::Cancel => "cancelled: closed there where the wallet can; paid after all, it goes back",
            Self::CancelAfterPaying => "paid and not told of, then cancelled: the payment wins",
            Self::NobodyCame => "nobody scanned or opened it: waits, and is cancelled as far as the wallet can",
            Self::Expiry => "the order ends: closed there where the wallet can; paid after that, it goes back",
            Self::Lifetime => "it lives no longer than the product allows, and the wallet is told so",
            Self::WalletEndsFirst => "the wallet ends it while we wait: the order can be paid by another trade",
            Self::BeginTimesOut => "begun, and no answer came: one payer, one payment",
            Self::UnbelievableBegin => {
                "each answer to a beginning that cannot be believed leads nowhere; the next does"
            }
            Self::UnbelievableQuery => "each answer to a question that cannot be believed pays nothing; the next does",
            Self::UnbelievableRefund => "each answer to a refund that cannot be believed: made once",
            Self::UnsignedRefusal => "a refusal that nobody signed ends nothing: no attempt, no close, no refund",
        }
    }

    /// Whether it waits for the clock more than for the program.
    pub const fn waits(self) -> bool {
        matches!(self, Self::FoundByQuery | Self::Expiry)
    }

    /// Holds it against a wallet.
    pub async fn check(self, scene: &Scene) {
        match self {
            Self::PaidByNotice => money_cells::paid_by_notice(scene).await,
            Self::FoundByQuery => money_cells::found_by_query(scene).await,
            Self::Receipt => money_cells::receipt(scene).await,
            Self::FriendPays => money_cells::friend_pays(scene).await,
            Self::SecondPayer => money_cells::second_payer(scene).await,
            Self::FullRefund => money_cells::full_refund(scene).await,
            Self::PartialRefunds => money_cells::partial_refunds(scene).await,
            Self::RefundAnswerLost => money_cells::refund_answer_lost(scene).await,
            Self::WrongAmount => money_cells::wrong_amount(scene).await,
            Self::Cancel => time_cells::cancel(scene).await,
            Self::CancelAfterPaying => time_cells::cancel_after_paying(scene).await,
            Self::NobodyCame => time_cells::nobody_came(scene).await,
            Self::Expiry => time_cells::expiry(scene).await,
            Self::Lifetime => time_cells::lifetime(scene).await,
            Self::WalletEndsFirst => time_cells::wallet_ends_first(scene).await,
            Self::BeginTimesOut => trust_cells::begin_times_out(scene).await,
            Self::UnbelievableBegin => trust_cells::unbelievable_begin(scene).await,
            Self::UnbelievableQuery => trust_cells::unbelievable_query(scene).await,
            Self::UnbelievableRefund => trust_cells::unbelievable_refund(scene).await,
            Self::UnsignedRefusal => trust_cells::unsigned_refusal(scene).await,
        }
    }
}
