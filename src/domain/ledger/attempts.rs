//! Beginning and ending payment attempts.

use super::Ledger;
use crate::domain::attempt::{Attempt, AttemptStatus, BrowserKey, Handover, TradeNo, lifetime};
use crate::domain::event::{About, EventKind};
use crate::domain::friend_link::{LinkStatus, NotBefore};
use crate::domain::id::{AttemptId, FriendLinkId};
use crate::domain::order::OrderStatus;
use crate::domain::payment::{Payment, Verdict};
use crate::domain::schedule;
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};

/// How many attempts of one order may live at once.
const MAX_LIVING: usize = 20;

/// Who wants to begin paying, and how.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    /// The identifier to use if a new attempt is made.
    pub id: AttemptId,
    /// The trade number to use if a new attempt is made.
    pub trade_no: TradeNo,
    /// At which wallet.
    pub wallet: Wallet,
    /// In which way; `None`: the payer did not say, so that any living attempt of his will do.
    pub product: Option<Product>,
    /// The way to take for a new attempt when the payer did not say.
    pub default_product: Product,
    /// Whose browser.
    pub browser: BrowserKey,
    /// Through which friend link.
    pub friend_link: Option<FriendLinkId>,
}

/// Why nobody can begin paying now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginError {
    /// The order is not pending, or its time is over.
    OrderFinished,
    /// The link is not open any more.
    LinkFinished,
    /// Another browser holds the link until then.
    Held(NotBefore),
    /// Too many attempts of this order are living.
    TooMany,
}

impl Ledger {
    /// Begins to pay: gives the browser its living attempt again, or makes a new one. A friend link is held first;
    /// attempts that other browsers began through it are then to be closed.
    ///
    /// # Errors
    /// [`BeginError`]. A refused hold is still a change worth committing: it is remembered who else wanted the link. Who finds no
    /// room holds nothing: he would keep others out of what he cannot pay.
    pub fn begin_attempt(&mut self, wish: NewAttempt, now: Timestamp) -> Result<AttemptId, BeginError> {
        if self.order.status != OrderStatus::Pending || now >= self.order.expires_at {
            return Err(BeginError::OrderFinished);
        }
        let living = self.living_attempt(&wish, now).map(|attempt| attempt.id);
        let full = self.attempts.iter().filter(|attempt| attempt.status.is_living()).count() >= MAX_LIVING;
        let has_room = living.is_some() || !full;
        if let Some(link) = wish.friend_link {
            self.hold_link(link, wish.browser, has_room, now)?;
        }
        if let Some(living) = living {
            return Ok(living);
        }
        if !has_room {
            return Err(BeginError::TooMany);
        }
        let product = wish.product.unwrap_or(wish.default_product);
        let expires_at = self.order.expires_at.min((now + lifetime(wish.wallet, product)).floor_to_second());
        let expires_at = match wish.friend_link.and_then(|id| self.friend_link(id)) {
            Some(link) => expires_at.min(link.expires_at),
            None => expires_at,
        };
        let id = wish.id;
        self.attempts.push(Attempt {
            id,
            wallet: wish.wallet,
            product,
            trade_no: wish.trade_no,
            status: AttemptStatus::Open,
            browser: wish.browser,
            friend_link: wish.friend_link,
            created_at: now,
            expires_at,
            handover: None,
            ended_at: None,
            hinted_at: None,
            next_look_at: schedule::next_look(now, None, now),
        });
        self.happen(EventKind::AttemptCreated, now, About::Attempt(id));
        Ok(id)
    }

    fn hold_link(
        &mut self,
        id: FriendLinkId,
        browser: BrowserKey,
        has_room: bool,
        now: Timestamp,
    ) -> Result<(), BeginError> {
        let link = self.friend_links.iter_mut().find(|link| link.id == id);
        let link = link.filter(|link| link.status == LinkStatus::Open && now < link.expires_at);
        let link = link.ok_or(BeginError::LinkFinished)?;
        if !has_room && !link.is_held_by_another(browser, now) {
            return Err(BeginError::TooMany);
        }
        link.take_hold(browser, now).map_err(BeginError::Held)?;
        let others = |attempt: &&mut Attempt| attempt.friend_link == Some(id) && attempt.browser != browser;
        self.attempts.iter_mut().filter(others).for_each(|attempt| attempt.start_closing(now));
        Ok(())
    }

    fn living_attempt(&self, wish: &NewAttempt, now: Timestamp) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|attempt| {
            attempt.can_be_paid(now)
                && attempt.browser == wish.browser
                && attempt.wallet == wish.wallet
                && attempt.friend_link == wish.friend_link
                && wish.product.is_none_or(|product| product == attempt.product)
        })
    }

    /// Keeps what the wallet answered when the attempt was begun; the first answer stays.
    pub fn hand_over(&mut self, id: AttemptId, handover: Handover) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) {
            attempt.handover.get_or_insert(handover);
        }
    }

    /// Marks living attempts that match for closing; tells which they are.
    pub fn start_closing(&mut self, now: Timestamp, matches: impl Fn(&Attempt) -> bool) -> Vec<AttemptId> {
        let living = self.attempts.iter_mut().filter(|attempt| attempt.status.is_living() && matches(attempt));
        living
            .map(|attempt| {
                attempt.start_closing(now);
                attempt.id
            })
            .collect()
    }

    /// Ends an attempt as closed, expired or failed, and frees the friend link its browser held. An attempt that already
    /// has an end, or succeeded, keeps it.
    pub fn end_attempt(&mut self, id: AttemptId, status: AttemptStatus, now: Timestamp) {
        let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) else { return };
        if !attempt.status.is_living() {
            return;
        }
        attempt.end(status, now);
        let (browser, link) = (attempt.browser, attempt.friend_link);
        let kind = match status {
            AttemptStatus::Failed => EventKind::AttemptFailed,
            _ => EventKind::AttemptClosed,
        };
        if status == AttemptStatus::Failed {
            self.view_changed_while_pending();
        }
        self.happen(kind, now, About::Attempt(id));
        let still_paying = self
            .attempts
            .iter()
            .any(|other| other.friend_link == link && other.browser == browser && other.status == AttemptStatus::Open);
        let link = self.friend_links.iter_mut().find(|candidate| Some(candidate.id) == link);
        if let (Some(link), false) = (link, still_paying) {
            link.release_hold(browser, now);
        }
    }

    /// Heeds that the wallet proved news of a trade without saying what; of one whose payment is recorded there is nothing to ask, unless it
    /// was of a wrong amount, after which the right one may have come. `false` when no attempt of this order has that number.
    pub fn heed_hint(&mut self, wallet: Wallet, trade_no: &TradeNo, now: Timestamp) -> bool {
        let belongs = |attempt: &&mut Attempt| attempt.wallet == wallet && attempt.trade_no == *trade_no;
        let Some(attempt) = self.attempts.iter_mut().find(belongs) else { return false };
        if !is_settled(&self.payments, attempt.id) {
            attempt.hint(now);
        }
        true
    }

    /// What a wallet answers says nothing about a hint that came after it was asked: when `heeded` is not the attempt's last one, it is to
    /// be asked again at once.
    pub fn look_again_if_hinted(&mut self, id: AttemptId, heeded: Option<Timestamp>, now: Timestamp) {
        let is_paid = is_settled(&self.payments, id);
        let attempt = self.attempts.iter_mut().find(|attempt| attempt.id == id && attempt.hinted_at != heeded);
        if let (Some(attempt), false) = (attempt, is_paid) {
            attempt.next_look_at = Some(now);
        }
    }

    /// Plans the next look at an attempt after one that its wallet did not answer.
    pub fn not_answered(&mut self, id: AttemptId, now: Timestamp) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) {
            attempt.not_answered(now);
        }
    }

    /// Plans the next look at an attempt after one that found nothing new.
    pub fn looked_at(&mut self, id: AttemptId, now: Timestamp) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) {
            attempt.looked(now);
        }
    }
}

/// Whether an attempt has a payment of the right amount.
fn is_settled(payments: &[Payment], attempt: AttemptId) -> bool {
    payments.iter().any(|payment| payment.attempt == attempt && payment.verdict != Verdict::Mismatch)
}
