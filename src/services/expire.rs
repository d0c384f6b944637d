//! The end of an order's time: the wallets close first, then it is published as expired.

use super::Services;
use super::refusal::Refusal;
use crate::domain::friend_link::LinkStatus;
use crate::domain::id::{FriendLinkId, OrderId};
use crate::domain::order::OrderStatus;
use crate::ports::store::Lease;

impl Services {
    /// Closes the attempts of an order whose time is over and publishes it as expired. A wallet that does not answer delays
    /// nothing: its attempt goes on being closed, and a payment made in time still pays the order whenever it is heard of.
    pub(crate) async fn expire(&self, order: OrderId, lease: Lease) -> Result<(), Refusal> {
        self.close_everything(order, Some(lease)).await?;
        let ended = self.amend(self.by_id(order), Some(lease), |ledger, now| {
            let over = ledger.order.status == OrderStatus::Pending && now >= ledger.order.expires_at;
            if over { ledger.expire(now).map_err(Refusal::from) } else { Ok(()) }
        });
        ended.await.map(|_| ())
    }

    pub(crate) async fn expire_link(&self, order: OrderId, link: FriendLinkId, lease: Lease) -> Result<(), Refusal> {
        let ended = self.amend(self.by_id(order), Some(lease), |ledger, now| {
            if ledger.friend_link(link).is_some_and(|link| now >= link.expires_at) {
                ledger.end_link(link, LinkStatus::Expired, now);
            }
            Ok(())
        });
        ended.await.map(|_| ())
    }
}
