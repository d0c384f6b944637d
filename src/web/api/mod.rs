//! The merchants' calls under `/v1`.

pub mod events;
pub mod friend_links;
pub mod handoff;
pub mod lists;
pub mod orders;
pub mod refunds;
pub mod webhooks;
