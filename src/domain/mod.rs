//! Values and decisions of a payment handoff, pure: no HTTP, no SQL, no clock and no chance.

pub mod attempt;
pub mod books;
pub mod code_mask;
pub mod event;
pub mod friend_link;
pub mod handoff;
pub mod id;
pub mod ledger;
pub mod locale;
pub mod merchant;
pub mod money;
pub mod order;
pub mod order_state;
pub mod payment;
pub mod public_address;
pub mod refund;
pub mod schedule;
pub mod text;
pub mod time;
pub mod token;
pub mod wallet;
pub mod webhook;
