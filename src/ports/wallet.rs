//! A wallet as the services see it: begin, ask, close, refund, and prove what it says.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;

use crate::domain::attempt::{Handover, TradeNo};
use crate::domain::merchant::MerchantId;
use crate::domain::money::Money;
use crate::domain::payment::ProvenPayment;
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};

/// What is known of whoever pays, as far as some wallets have to be told.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KnownPayer {
    /// The address that the payer's device calls from; `None` when nobody can tell.
    pub address: Option<IpAddr>,
    /// Who the payer is to the wallet, from its own login ([`PayerLogin`]); `None` without one.
    pub identity: Option<String>,
    /// Whether the payer sits at a computer.
    pub at_computer: bool,
}

impl fmt::Debug for KnownPayer {
    /// Address and identity are nobody's business in a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownPayer(…)")
    }
}

/// What a wallet is told when an attempt begins.
#[derive(Clone, Debug)]
pub struct NewTrade {
    /// In which way it will be paid.
    pub product: Product,
    /// Our number for it.
    pub trade_no: TradeNo,
    /// How much.
    pub money: Money,
    /// What for.
    pub subject: String,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
    /// Where the payer returns to: the attempt's page, absolute. It takes a POST as well as a GET.
    pub return_url: String,
    /// Who pays.
    pub payer: KnownPayer,
}

/// What a wallet knows about a trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// Not paid, and still payable; also what an unscanned code looks like at a wallet that knows no trade yet.
    Pending,
    /// Paid: proven payments, one for each transaction.
    Paid(Vec<ProvenPayment>),
    /// The payer tried and it failed; this trade cannot be paid any more.
    Failed,
    /// Closed unpaid.
    Closed,
}

/// What a wallet answers when asked to close a trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseAnswer {
    /// It can no longer be paid.
    Closed,
    /// Too late: it has been paid. Ask for the payments.
    AlreadyPaid,
    /// The wallet cannot close it before somebody scanned it; it dies by its own deadline.
    CannotYet,
}

/// What is told to a wallet that shall give money back.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Our number for the refund; asking again with the same one refunds once.
    pub refund_no: String,
    /// The trade that was paid.
    pub trade_no: TradeNo,
    /// The wallet's number of the payment.
    pub transaction_id: String,
    /// How much goes back, in minor units.
    pub amount: i64,
    /// How much was paid, in minor units.
    pub paid: i64,
    /// ISO 4217 code of both.
    pub currency: String,
    /// The merchant's words.
    pub reason: Option<String>,
}

/// How a refund stands at the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The wallet works on it.
    Processing,
    /// The money is back.
    Succeeded,
    /// Refused for good: asking again under this number cannot help. What may help later is [`WalletError::Later`].
    Refused,
}

/// A notification as it came: nothing in it is believed before it is proven.
#[derive(Clone, Debug)]
pub struct RawNotice {
    /// Header names in lower case with their values, as received.
    pub headers: Vec<(String, String)>,
    /// The exact bytes of the body.
    pub body: Vec<u8>,
}

impl RawNotice {
    /// The value of a header that came exactly once: of two values, another reader might believe the other one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }
}

/// What a proven notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Money moved.
    Paid(ProvenPayment),
    /// The payer tried and it failed.
    Failed(TradeNo),
    /// Something happened to this trade: the wallet is to be asked what, until it says something final.
    Hint(TradeNo),
    /// Genuine, and about nothing of this account, for this reason: it is kept for a person, with the trade that it names if that can be a
    /// number of ours.
    Foreign(Option<TradeNo>, &'static str),
    /// Something we need not act on.
    Other,
}

/// Why a notification is not believed, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Signature, key, time window or account are not right. Never says which.
    #[error("the notification is not proven")]
    NotProven,
    /// Proven or not, it has not the form of a notification.
    #[error("the notification cannot be read")]
    Unreadable,
}

/// The words in which a wallet wants to hear that its notification arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

/// Why a call to a wallet brought no answer to act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// No answer, or none that can be believed. The wallet may have done the work. Fate: ask what became of it, then retry.
    #[error("the wallet's answer is unknown: {0}")]
    Unknown(String),
    /// The wallet understood and did nothing, for a reason that passes or that somebody can remove: too many calls, no money on
    /// the account, a permission that is missing. Fate: the same call again later; the text is the wallet's, for logs.
    #[error("the wallet does not do it now: {0}")]
    Later(String),
    /// The wallet understood and refused. Fate: give up; the text is the wallet's, for logs.
    #[error("the wallet refused: {0}")]
    Refused(String),
}

/// A wallet's own login, for products in which it wants to know who pays.
#[async_trait]
pub trait PayerLogin: Send + Sync {
    /// Which products cannot be begun without [`KnownPayer::identity`].
    fn wanted_for(&self, product: Product) -> bool;

    /// To whom an identity means something: the same person has another one elsewhere.
    fn realm(&self) -> &str;

    /// Where the payer's browser goes to log in. It comes back to `back`, an absolute address, with `code` and `state`.
    fn address(&self, back: &str, state: &str) -> String;

    /// Whose code this is. A code is good once.
    ///
    /// # Errors
    /// [`WalletError`]: [`WalletError::Refused`] for a code that is used up, too old or made up.
    async fn identify(&self, code: &str) -> Result<String, WalletError>;
}

/// One merchant's account at one wallet. Every call is bounded in time and safe to repeat.
#[async_trait]
pub trait WalletGateway: Send + Sync {
    /// The merchant's account, as the wallet names it in its payments.
    fn account(&self) -> &str;

    /// Makes the trade known and tells how the payer gets to it. Asking again for the same number gives a way again.
    ///
    /// # Errors
    /// [`WalletError`], each with its fate.
    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError>;

    /// Asks what became of a trade.
    ///
    /// # Errors
    /// [`WalletError`].
    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError>;

    /// Asks to close a trade.
    ///
    /// # Errors
    /// [`WalletError`].
    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError>;

    /// Asks to give money back, or how that goes: the same number is refunded once however often this is called.
    ///
    /// # Errors
    /// [`WalletError`].
    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError>;

    /// Proves a notification and reads it.
    ///
    /// # Errors
    /// [`Unproven`]; nothing of the notice may be used then.
    fn prove(&self, notice: &RawNotice, now: Timestamp) -> Result<Notice, Unproven>;

    /// What to answer once the notification is durable.
    fn acknowledgement(&self) -> Acknowledgement;

    /// The wallet's login, where one of its products needs it.
    fn login(&self) -> Option<&dyn PayerLogin> {
        None
    }
}

/// Finds the gateway of a merchant's wallet.
pub trait WalletDirectory: Send + Sync {
    /// `None` when the merchant does not have this wallet.
    fn gateway(&self, merchant: &MerchantId, wallet: Wallet) -> Option<&dyn WalletGateway>;
}
