//! Friend links: asking, taking back, saying no, reporting.

use super::answer::{Answer, Once};
use super::proven_codes::CodePage;
use super::refusal::Refusal;
use super::{Changed, Services, Terms};
use crate::domain::event::EventKind;
use crate::domain::friend_link::{FriendLink, LinkStatus};
use crate::domain::id::{FriendLinkId, OrderId};
use crate::domain::ledger::{Ledger, LinkRequest};
use crate::domain::merchant::{Merchant, MerchantId};
use crate::domain::time::Timestamp;
use crate::domain::token::Token;
use crate::ports::store::{EventQuery, EventRecord, LedgerKey};
use crate::wire::friend_link::{FriendLinkWish, FullFriendLinkJson};

impl Services {
    /// Asks a friend to pay an order.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPending`], [`Refusal::TooManyFriendLinks`], [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn ask_friend(
        &self,
        merchant: &Merchant,
        order: OrderId,
        wish: FriendLinkWish,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let asked = self.make_link(merchant, order, wish, once).await;
        let answer = asked.and_then(|changed| changed.answer.ok_or(Refusal::NotFound));
        self.or_kept(answer, once).await
    }

    /// The same for the buyer's form, which wants to know the link and not the answer.
    ///
    /// # Errors
    /// As [`Services::ask_friend`].
    pub async fn ask_friend_by_form(
        &self,
        merchant: &Merchant,
        order: OrderId,
        wish: FriendLinkWish,
    ) -> Result<FriendLinkId, Refusal> {
        Ok(self.make_link(merchant, order, wish, None).await?.outcome)
    }

    async fn make_link(
        &self,
        merchant: &Merchant,
        order: OrderId,
        wish: FriendLinkWish,
        once: Option<&Once>,
    ) -> Result<Changed<FriendLinkId>, Refusal> {
        let code = self.new_code(CodePage::Friend)?;
        let decide = |ledger: &mut Ledger, now: Timestamp| {
            let request = LinkRequest {
                id: FriendLinkId::new(self.entropy.uuid(now)),
                token: code.token,
                mask: code.mask,
                requester: wish.requester.clone(),
                message: wish.message.clone(),
                expires_in: wish.expires_in,
                window: merchant.friend_window,
            };
            ledger.ask_friend(request, now).map_err(Refusal::from)
        };
        let terms = Terms { merchant: Some(&merchant.id), once, lease: None };
        let respond = |ledger: &Ledger, id: &FriendLinkId, now: Timestamp| self.link_answer(201, ledger, *id, now);
        self.change(self.by_id(order), terms, decide, respond).await
    }

    fn link_answer(&self, status: u16, ledger: &Ledger, id: FriendLinkId, now: Timestamp) -> Option<Answer> {
        let link = ledger.friend_link(id)?;
        Some(Answer::of(status, &FullFriendLinkJson::of(link, ledger, &self.links, now)))
    }

    /// Takes a link back and asks the wallets to close what was begun through it. A link that has ended stays as it is.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::FriendLinkNotOpen`], [`Refusal::Unavailable`].
    pub async fn revoke_link(
        &self,
        merchant: &MerchantId,
        id: FriendLinkId,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let decide = |ledger: &mut Ledger, now: Timestamp| {
            let already = ledger.friend_link(id).is_some_and(|link| link.status == LinkStatus::Revoked);
            if already || ledger.end_link(id, LinkStatus::Revoked, now) {
                Ok(())
            } else {
                Err(Refusal::FriendLinkNotOpen)
            }
        };
        let terms = Terms { merchant: Some(merchant), once, lease: None };
        let respond = |ledger: &Ledger, (): &(), now: Timestamp| self.link_answer(200, ledger, id, now);
        let revoked = match self.change(LedgerKey::FriendLink(id), terms, decide, respond).await {
            Ok(changed) => {
                self.close_through(&changed.ledger, id).await?;
                changed.answer.ok_or(Refusal::NotFound)
            }
            Err(refusal) => Err(refusal),
        };
        self.or_kept(revoked, once).await
    }

    /// The friend says no. Not possible while somebody pays.
    ///
    /// # Errors
    /// [`Refusal::LinkHeld`], [`Refusal::FriendLinkNotOpen`], [`Refusal::Unavailable`].
    pub async fn decline_link(&self, id: FriendLinkId) -> Result<(), Refusal> {
        let declined = self.amend(LedgerKey::FriendLink(id), None, |ledger, now| {
            if let Some(until) = ledger.friend_link(id).and_then(|link| link.held_until(now)) {
                return Err(Refusal::LinkHeld(until));
            }
            if ledger.end_link(id, LinkStatus::Declined, now) { Ok(()) } else { Err(Refusal::FriendLinkNotOpen) }
        });
        let changed = declined.await?;
        self.close_through(&changed.ledger, id).await
    }

    /// Somebody reports a link; the merchant is told, once for each link.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn report_link(&self, id: FriendLinkId) -> Result<(), Refusal> {
        let order = self.read(LedgerKey::FriendLink(id)).await?.order;
        let earlier = self.store.events(EventQuery {
            merchant: order.merchant,
            after: None,
            kind: Some(EventKind::FriendLinkReported),
            order: Some(order.id),
            limit: 100,
        });
        let name = id.to_string();
        let about_it = |event: &EventRecord| event.body.windows(name.len()).any(|part| part == name.as_bytes());
        if earlier.await?.iter().any(about_it) {
            return Ok(());
        }
        let reported = self.amend(LedgerKey::FriendLink(id), None, |ledger, now| {
            ledger.report_link(id, now);
            Ok(())
        });
        reported.await.map(|_| ())
    }

    async fn close_through(&self, ledger: &Ledger, id: FriendLinkId) -> Result<(), Refusal> {
        self.close_where(ledger.order.id, None, |attempt| attempt.friend_link == Some(id)).await
    }

    /// The link of a ledger that this token opens.
    #[must_use]
    pub fn link_of<'a>(&self, ledger: &'a Ledger, token: Token) -> Option<&'a FriendLink> {
        ledger.friend_links.iter().find(|link| link.token == token)
    }
}
