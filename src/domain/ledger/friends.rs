//! Asking friends, and their answers.

use super::Ledger;
use super::ending::LONGEST_LIFE;
use crate::domain::code_mask::CodeMask;
use crate::domain::event::{About, EventKind};
use crate::domain::friend_link::{FriendLink, LinkStatus, MAX_OPEN_LINKS};
use crate::domain::id::FriendLinkId;
use crate::domain::order::OrderStatus;
use crate::domain::order_state::Refused;
use crate::domain::time::{Span, Timestamp};
use crate::domain::token::Token;

/// A friend is to be asked.
#[derive(Clone, Debug)]
pub struct LinkRequest {
    /// The identifier of the new link.
    pub id: FriendLinkId,
    /// Its token.
    pub token: Token,
    /// What its code is drawn with.
    pub mask: CodeMask,
    /// Who asks.
    pub requester: Option<String>,
    /// What he says.
    pub message: Option<String>,
    /// How long the link is to live; `None`: as long as the merchant's window.
    pub expires_in: Option<Span>,
    /// How long after this moment the merchant lets a link prolong its order.
    pub window: Span,
}

/// The order has as many open links as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyLinks {
    /// Ten are open.
    TooMany,
    /// The order is not pending.
    OrderFinished,
}

impl From<Refused> for TooManyLinks {
    fn from(_: Refused) -> Self {
        Self::OrderFinished
    }
}

impl Ledger {
    /// Makes a friend link. A pending order is prolonged to the link's end, within the merchant's window and the longest
    /// life of an order; the link then ends with the order at the latest.
    ///
    /// # Errors
    /// [`TooManyLinks`].
    pub fn ask_friend(&mut self, request: LinkRequest, now: Timestamp) -> Result<FriendLinkId, TooManyLinks> {
        if self.order.status != OrderStatus::Pending || now >= self.order.expires_at {
            return Err(TooManyLinks::OrderFinished);
        }
        if self.friend_links.iter().filter(|link| link.status == LinkStatus::Open).count() >= MAX_OPEN_LINKS {
            return Err(TooManyLinks::TooMany);
        }
        let now_s = now.floor_to_second();
        let wanted = match request.expires_in {
            Some(span) => now_s + span,
            None if request.window.as_millis() == 0 => self.order.expires_at,
            None => now_s + request.window,
        };
        let reachable = wanted.min(now_s + request.window).min(self.order.created_at + LONGEST_LIFE);
        if reachable > self.order.expires_at {
            self.prolong(reachable, now);
        }
        self.friend_links.push(FriendLink {
            id: request.id,
            token: request.token,
            mask: request.mask,
            requester: request.requester,
            message: request.message,
            status: LinkStatus::Open,
            created_at: now_s,
            expires_at: wanted.min(self.order.expires_at),
            holds: Vec::new(),
            view_changes: 0,
        });
        self.happen(EventKind::FriendLinkCreated, now, About::FriendLink(request.id));
        Ok(request.id)
    }

    /// Ends an open link as declined, revoked or expired and marks its living attempts for closing. Tells whether it moved;
    /// a link that has its end keeps it.
    pub fn end_link(&mut self, id: FriendLinkId, status: LinkStatus, now: Timestamp) -> bool {
        let Some(link) = self.friend_links.iter_mut().find(|link| link.id == id) else { return false };
        if !link.finish(status) {
            return false;
        }
        self.start_closing(now, |attempt| attempt.friend_link == Some(id));
        match status {
            LinkStatus::Declined => self.happen(EventKind::FriendLinkDeclined, now, About::FriendLink(id)),
            LinkStatus::Revoked => self.happen(EventKind::FriendLinkRevoked, now, About::FriendLink(id)),
            LinkStatus::Open | LinkStatus::Paid | LinkStatus::Expired => {}
        }
        true
    }

    /// Notes that somebody reported a link, for the merchant to look at.
    pub fn report_link(&mut self, id: FriendLinkId, now: Timestamp) {
        if self.friend_link(id).is_some() {
            self.happen(EventKind::FriendLinkReported, now, About::FriendLink(id));
        }
    }
}
