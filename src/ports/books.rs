//! Reading what is kept of each order as a whole, to hold it against itself.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::books::OrderBook;
use crate::domain::id::OrderId;

/// One order's book, or why it cannot be read.
#[derive(Debug)]
pub struct BookPage {
    /// Whose book it is.
    pub order: OrderId,
    /// The book; else which stored value no program of ours has written.
    pub book: Result<OrderBook, String>,
}

/// How far the books have been checked: the last event, payment and refund, each by its place in its table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookMark {
    /// The last event's place.
    pub event: i64,
    /// The last payment's place.
    pub payment: i64,
    /// The last refund's place.
    pub refund: i64,
}

/// Some orders that changed since the last check.
#[derive(Debug)]
pub struct ChangedBooks {
    /// Each of them once.
    pub pages: Vec<BookPage>,
    /// What has been checked when these are. Equal to the mark before: nothing is left to check.
    pub up_to: BookMark,
}

/// Gives out the books of orders, each as of one moment.
#[async_trait]
pub trait Books: Send + Sync {
    /// The mark that was noted last; zeros when none was.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn mark(&self) -> Result<BookMark, StoreError>;

    /// The orders that at most so many events, payments and refunds after a mark belong to. Whatever moves money adds one of the three.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn changed_since(&self, mark: BookMark, limit: u32) -> Result<ChangedBooks, StoreError>;

    /// Notes how far the books have been checked.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn note(&self, mark: BookMark) -> Result<(), StoreError>;
}
