//! What a change writes: the rows that differ between the ledger that was read and the one that is to be.

use super::rows::{
    AnswerRow, AttemptRow, EventRow, FriendLinkRow, IdBytes, OrderProgress, OrderRow, PaymentRow, RefundRow, widen,
};
use super::seal::Sealer;
use crate::domain::time::Timestamp;
use crate::ports::store::{Change, Lease, StoreError};

/// The rows of one kind that a change adds, and those it replaces, each in the ledger's order.
#[derive(Debug)]
pub(super) struct Rows<R> {
    pub new: Vec<R>,
    pub changed: Vec<R>,
}

/// What becomes of the row of the order.
#[derive(Debug)]
pub(super) enum OrderWrite {
    New(Box<OrderRow>),
    /// Only if its version is still the one given here.
    Progress(i64, OrderProgress),
}

/// Everything one change writes, ready for a database: sealed, and in plain numbers, words and bytes.
#[derive(Debug)]
pub(super) struct Writes {
    pub order_id: IdBytes,
    pub merchant: String,
    pub order: OrderWrite,
    pub due_at: Option<i64>,
    pub friend_links: Rows<FriendLinkRow>,
    pub attempts: Rows<AttemptRow>,
    pub payments: Rows<PaymentRow>,
    pub refunds: Rows<RefundRow>,
    pub events: Vec<EventRow>,
    pub answer: Option<AnswerRow>,
    pub lease: Option<Lease>,
}

impl Writes {
    /// The writes of this change.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a value cannot be sealed, or when the change would drop or rewrite what is fixed.
    pub fn of(change: Change, sealer: &Sealer) -> Result<Self, StoreError> {
        let after = &change.after;
        let before = change.before.as_ref();
        let order = match before {
            None => OrderWrite::New(Box::new(OrderRow::of(&after.order, 1, sealer)?)),
            Some(before) if OrderRow::may_become(&before.order, &after.order) => {
                let version = before.order.version;
                OrderWrite::Progress(widen(version), OrderProgress::of(&after.order, version + 1))
            }
            Some(_) => return Err(rewritten("order")),
        };
        Ok(Self {
            order_id: after.order.id.uuid().into_bytes(),
            merchant: after.order.merchant.as_str().to_owned(),
            order,
            due_at: after.due_at().map(Timestamp::millis),
            friend_links: differing(
                before.map_or(&[], |ledger| &ledger.friend_links),
                &after.friend_links,
                FriendLinkRow::may_become,
                |link| FriendLinkRow::of(link, sealer),
            )?,
            attempts: differing(
                before.map_or(&[], |ledger| &ledger.attempts),
                &after.attempts,
                AttemptRow::may_become,
                |attempt| AttemptRow::of(attempt, sealer),
            )?,
            payments: differing(
                before.map_or(&[], |ledger| &ledger.payments),
                &after.payments,
                PaymentRow::may_become,
                |payment| Ok(PaymentRow::of(payment)),
            )?,
            refunds: differing(
                before.map_or(&[], |ledger| &ledger.refunds),
                &after.refunds,
                RefundRow::may_become,
                |refund| Ok(RefundRow::of(refund)),
            )?,
            events: change.events.into_iter().map(EventRow::of).collect(),
            answer: change.answer.as_ref().map(|answer| AnswerRow::of(answer, sealer)).transpose()?,
            lease: change.lease,
        })
    }
}

/// A ledger only ever grows at the end of its lists, so the two are compared place by place.
fn differing<T: PartialEq, R>(
    before: &[T],
    after: &[T],
    may_become: impl Fn(&T, &T) -> bool,
    row: impl Fn(&T) -> Result<R, StoreError>,
) -> Result<Rows<R>, StoreError> {
    let Some((kept, new)) = after.split_at_checked(before.len()) else { return Err(rewritten("list")) };
    let mut changed = Vec::new();
    for (old, kept) in before.iter().zip(kept).filter(|(old, kept)| old != kept) {
        if !may_become(old, kept) {
            return Err(rewritten(std::any::type_name::<T>()));
        }
        changed.push(row(kept)?);
    }
    Ok(Rows { new: new.iter().map(row).collect::<Result<_, _>>()?, changed })
}

/// A fault of the program, not of the store; refused, because writing only a part of a change would lose the rest silently.
fn rewritten(what: &str) -> StoreError {
    StoreError::Unavailable(format!("a change would drop or rewrite what is fixed in: {what}"))
}
