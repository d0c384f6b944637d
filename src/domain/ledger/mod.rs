//! The ledger of an order: the order with everything that happened to it, and the decisions that change it.
//!
//! A ledger is read whole, changed by the methods here, and committed whole; nothing else writes to an order.

mod attempts;
#[cfg(test)]
mod books_tests;
mod ending;
mod friends;
#[cfg(test)]
mod hint_tests;
mod money_back;
#[cfg(test)]
mod money_tests;
mod settle;
#[cfg(test)]
mod tests;

pub use attempts::{BeginError, NewAttempt};
pub use ending::LONGEST_LIFE;
pub use friends::{LinkRequest, TooManyLinks};
pub use money_back::RefundRefused;
pub use settle::{FreshIds, Heard};

use super::attempt::{Attempt, AttemptStatus};
use super::event::{About, EventKind, Happening};
use super::friend_link::{FriendLink, LinkStatus};
use super::id::{AttemptId, FriendLinkId, PaymentId, RefundId};
use super::order::{Order, OrderStatus};
use super::payment::Payment;
use super::refund::Refund;
use super::time::Timestamp;

/// An order with all its attempts, payments, friend links and refunds, each list oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The order itself.
    pub order: Order,
    /// Everybody who began to pay.
    pub attempts: Vec<Attempt>,
    /// Every proven payment.
    pub payments: Vec<Payment>,
    /// Every friend who was asked.
    pub friend_links: Vec<FriendLink>,
    /// All money on its way back.
    pub refunds: Vec<Refund>,
    /// What happened since the ledger was read; empty when it comes from a store.
    pub news: Vec<Happening>,
}

/// Work that has come due on an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Close its attempts and publish it as expired.
    Expire,
    /// End this friend link.
    ExpireLink(FriendLinkId),
    /// Ask the wallet about this attempt, or to close it.
    Look(AttemptId),
    /// Ask the wallet for this refund, or how it went.
    PushRefund(RefundId),
}

impl Ledger {
    /// The ledger of a new order, with its first event.
    #[must_use]
    pub fn place(order: Order) -> Self {
        let now = order.created_at;
        let mut ledger = Self {
            order,
            attempts: Vec::new(),
            payments: Vec::new(),
            friend_links: Vec::new(),
            refunds: Vec::new(),
            news: Vec::new(),
        };
        ledger.happen(EventKind::OrderCreated, now, About::Order);
        ledger
    }

    /// The attempt of this identifier.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// The payment of this identifier.
    #[must_use]
    pub fn payment(&self, id: PaymentId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id == id)
    }

    /// The friend link of this identifier.
    #[must_use]
    pub fn friend_link(&self, id: FriendLinkId) -> Option<&FriendLink> {
        self.friend_links.iter().find(|link| link.id == id)
    }

    /// The refund of this identifier.
    #[must_use]
    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// When the next work comes due; `None` when the order will rest until somebody touches it.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.agenda().map(|(at, _)| at).min()
    }

    /// The work that is due at this moment, the ending of the order first.
    #[must_use]
    pub fn due_tasks(&self, now: Timestamp) -> Vec<Task> {
        self.agenda().filter(|(at, _)| *at <= now).map(|(_, task)| task).collect()
    }

    fn agenda(&self) -> impl Iterator<Item = (Timestamp, Task)> + '_ {
        let expiry = (self.order.status == OrderStatus::Pending).then_some((self.order.expires_at, Task::Expire));
        let links = self.friend_links.iter().filter(|link| link.status == LinkStatus::Open);
        expiry
            .into_iter()
            .chain(links.map(|link| (link.expires_at, Task::ExpireLink(link.id))))
            .chain(self.attempts.iter().filter_map(|attempt| Some((look_at(attempt)?, Task::Look(attempt.id)))))
            .chain(self.refunds.iter().filter_map(|refund| Some((refund.next_try_at?, Task::PushRefund(refund.id)))))
    }

    /// Writes the next entry of the order's history.
    fn happen(&mut self, kind: EventKind, at: Timestamp, about: About) {
        self.order.history_seq += 1;
        self.news.push(Happening { seq: self.order.history_seq, kind, at, about });
    }

    /// Counts a change of what the order's pages show.
    fn view_changed(&mut self) {
        self.order.view_seq += 1;
    }

    /// The same for what happens to attempts: their own pages must not go on offering what is over. Once the order has its end,
    /// that end is the last news.
    fn view_changed_while_pending(&mut self) {
        if self.order.status == OrderStatus::Pending {
            self.view_changed();
        }
    }
}

/// An open attempt is looked at when its deadline passes, even if no query is due.
fn look_at(attempt: &Attempt) -> Option<Timestamp> {
    match attempt.status {
        AttemptStatus::Open => {
            Some(attempt.next_look_at.map_or(attempt.expires_at, |look| look.min(attempt.expires_at)))
        }
        _ => attempt.next_look_at,
    }
}
