//! The store of orders: what it keeps, and what it promises.

use async_trait::async_trait;

use crate::domain::attempt::TradeNo;
use crate::domain::event::EventKind;
use crate::domain::id::{EventId, FriendLinkId, OrderId, PaymentId};
use crate::domain::ledger::Ledger;
use crate::domain::merchant::MerchantId;
use crate::domain::order::{MerchantOrderNo, Order, OrderStatus};
use crate::domain::payment::ProvenPayment;
use crate::domain::time::{Span, Timestamp};
use crate::domain::token::Token;
use crate::domain::wallet::Wallet;

/// How to find one ledger.
#[derive(Clone, Debug)]
pub enum LedgerKey {
    /// By the order's identifier.
    Order(OrderId),
    /// By the shop's number.
    MerchantOrderNo(MerchantId, MerchantOrderNo),
    /// By the token of the buyer's page.
    CheckoutToken(Token),
    /// By the token in the lasting code.
    ScanToken(Token),
    /// By the token of a friend link that is not revoked. A revoked one is looked for and not found like any unknown one: in the
    /// same time.
    FriendToken(Token),
    /// By the token of a friend link, a revoked one too: for those who began to pay through it.
    AnyFriendToken(Token),
    /// By a friend link.
    FriendLink(FriendLinkId),
    /// By the number a wallet knows an attempt by.
    TradeNo(MerchantId, Wallet, TradeNo),
    /// By a payment.
    Payment(PaymentId),
}

/// One event, written out: what the event list, the history and a webhook carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its identifier.
    pub id: EventId,
    /// Its place in the order's history.
    pub seq: u32,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// The event object as JSON, byte for byte as every reader gets it.
    pub body: Vec<u8>,
}

/// An answer to keep, so that the same request gets it again byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Whose request it was.
    pub merchant: MerchantId,
    /// The `Idempotency-Key`: 1–255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of what was asked: method, path and body.
    pub fingerprint: [u8; 32],
    /// The HTTP status, always 2xx.
    pub status: u16,
    /// The answer's body.
    pub body: Vec<u8>,
    /// When it was given; kept for 30 days from then.
    pub at: Timestamp,
}

/// One instance's claim to do an order's due work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The order.
    pub order: OrderId,
    /// Grows with every claim of this order; a commit under an older one is refused.
    pub fence: u64,
}

/// Everything one commit writes. All of it becomes durable, or none.
#[derive(Clone, Debug)]
pub struct Change {
    /// The ledger as it was read; `None` for a new order. Only what differs is written.
    pub before: Option<Ledger>,
    /// The ledger as it is to be.
    pub after: Ledger,
    /// The news of `after`, written out, in order.
    pub events: Vec<EventRecord>,
    /// An answer to keep with it.
    pub answer: Option<KeptAnswer>,
    /// The lease under which the work was done.
    pub lease: Option<Lease>,
}

/// A notice that was proven genuine but belongs to nothing we know; kept for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Whose notification address it came to.
    pub merchant: MerchantId,
    /// From which wallet.
    pub wallet: Wallet,
    /// When.
    pub at: Timestamp,
    /// Why it belongs to nothing.
    pub reason: String,
    /// The trade it names, if that can be a number of ours.
    pub trade_no: Option<TradeNo>,
    /// The money that it proves, if it does.
    pub payment: Option<ProvenPayment>,
    /// The notice as it came, at most 64 KiB.
    pub body: Vec<u8>,
}

/// Which orders to list. Newest first.
#[derive(Clone, Debug)]
pub struct OrderQuery {
    /// Whose.
    pub merchant: MerchantId,
    /// Only this number of the shop.
    pub merchant_order_no: Option<MerchantOrderNo>,
    /// Only in this status.
    pub status: Option<OrderStatus>,
    /// Only placed after this moment.
    pub created_after: Option<Timestamp>,
    /// Only placed before this moment.
    pub created_before: Option<Timestamp>,
    /// Only orders older than this one: where the last page ended.
    pub older_than: Option<OrderId>,
    /// At most so many.
    pub limit: usize,
}

/// Which events to list. Oldest first.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Whose.
    pub merchant: MerchantId,
    /// Only events after this one.
    pub after: Option<EventId>,
    /// Only of this kind.
    pub kind: Option<EventKind>,
    /// Only of this order.
    pub order: Option<OrderId>,
    /// At most so many.
    pub limit: usize,
}

/// Why the store did not do what it was asked. Nothing was changed then, except as [`StoreError::Unavailable`] says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else committed to this order meanwhile. Fate: read again, decide again.
    #[error("the order changed meanwhile")]
    Conflict,
    /// The merchant has an order of this number already. Fate: give up, or read that one.
    #[error("the merchant order number is taken")]
    MerchantOrderNoTaken,
    /// An answer is kept under this key already. Fate: read that one.
    #[error("an answer is kept under this key")]
    AnswerKept,
    /// The payment with this transaction identifier is recorded already, on this order or another. Fate: give that one up.
    #[error("the payment of transaction {0} is recorded already")]
    PaymentKnown(String),
    /// The lease was taken over by another claim. Fate: give up; the other one does the work.
    #[error("the lease was lost")]
    LeaseLost,
    /// No event of this identifier belongs to the merchant. Fate: give up.
    #[error("no such event")]
    NoSuchEvent,
    /// The store cannot be used now; after a commit the outcome is unknown. Fate: retry, reading first. The text is for logs.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// The store of orders. Each method is one transaction. "Not found" is `None` or an empty list, never an error.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes a change; when it answers `Ok`, everything in it survives a crash of the machine. The version of the order
    /// must still be the one of `before`, and is one higher afterwards.
    ///
    /// # Errors
    /// [`StoreError`], each with its fate.
    async fn commit(&self, change: Change) -> Result<(), StoreError>;

    /// Reads one ledger whole, as of one moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn ledger(&self, key: LedgerKey) -> Result<Option<Ledger>, StoreError>;

    /// Lists orders.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn orders(&self, query: OrderQuery) -> Result<Vec<Order>, StoreError>;

    /// Lists events. An event is listed only when no earlier one can still appear.
    ///
    /// # Errors
    /// [`StoreError::NoSuchEvent`] when `after` is not the merchant's, [`StoreError::Unavailable`].
    async fn events(&self, query: EventQuery) -> Result<Vec<EventRecord>, StoreError>;

    /// The answer kept under a key, unless it is older than 30 days at `now`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn kept_answer(
        &self,
        merchant: &MerchantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, StoreError>;

    /// Keeps an answer that came without any change of an order.
    ///
    /// # Errors
    /// [`StoreError::AnswerKept`], [`StoreError::Unavailable`].
    async fn keep_answer(&self, answer: KeptAnswer) -> Result<(), StoreError>;

    /// Claims up to `limit` orders whose work is due and that nobody holds, for `span` from `now`. An order is claimed by one
    /// caller at a time; after `span` another may claim it, with a higher fence.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn claim_due(&self, now: Timestamp, span: Span, limit: usize) -> Result<Vec<Lease>, StoreError>;

    /// Gives a claim back early; a lost one is left alone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn release(&self, lease: Lease) -> Result<(), StoreError>;

    /// When the next unclaimed work comes due; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Keeps a stray notice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn keep_stray(&self, stray: Stray) -> Result<(), StoreError>;

    /// Forgets kept answers older than 30 days; tells how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn forget_old_answers(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// Proves that the store can read and write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn check(&self) -> Result<(), StoreError>;
}
