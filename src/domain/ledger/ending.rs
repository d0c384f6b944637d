//! Ends of an order that are not payments, and its getting more time.

use super::Ledger;
use crate::domain::event::{About, EventKind};
use crate::domain::friend_link::LinkStatus;
use crate::domain::order_state::{self, Input, Refused};
use crate::domain::time::{Span, Timestamp};

/// No order lives longer than this after it was placed.
pub const LONGEST_LIFE: Span = Span::seconds(604_800);

impl Ledger {
    /// Publishes the order as expired.
    ///
    /// # Errors
    /// [`Refused`] when it is not pending.
    pub fn expire(&mut self, now: Timestamp) -> Result<(), Refused> {
        self.order.status = order_state::next(self.order.status, Input::Expire)?.0;
        self.ended(EventKind::OrderExpired, now);
        Ok(())
    }

    /// Cancels the order; from this second on payments are late.
    ///
    /// # Errors
    /// [`Refused`] when it is not pending.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Refused> {
        self.order.status = order_state::next(self.order.status, Input::Cancel)?.0;
        self.order.cancelled_at = Some(now);
        self.ended(EventKind::OrderCancelled, now);
        Ok(())
    }

    /// Lets the order live until a later moment; an earlier one changes nothing but is no error.
    ///
    /// # Errors
    /// [`Refused`] when it is not pending.
    pub fn extend(&mut self, until: Timestamp, now: Timestamp) -> Result<(), Refused> {
        order_state::next(self.order.status, Input::Extend)?;
        if until > self.order.expires_at {
            self.prolong(until, now);
        }
        Ok(())
    }

    /// Moves the end of a pending order.
    pub(super) fn prolong(&mut self, until: Timestamp, now: Timestamp) {
        self.order.expires_at = until;
        self.view_changed();
        self.happen(EventKind::OrderExtended, now, About::Order);
    }

    fn ended(&mut self, kind: EventKind, now: Timestamp) {
        self.view_changed();
        self.start_closing(now, |_| true);
        self.end_open_links();
        self.happen(kind, now, About::Order);
    }

    /// A link never outlives its order.
    pub(super) fn end_open_links(&mut self) {
        self.friend_links.iter_mut().for_each(|link| {
            link.finish(LinkStatus::Expired);
        });
    }
}
