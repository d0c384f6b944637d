//! What the services need from outside, and what they are promised by whoever provides it.

pub mod books;
pub mod clock;
pub mod courier;
pub mod entropy;
pub mod outbox;
pub mod public_address;
pub mod sandbox;
pub mod store;
pub mod trade_book;
pub mod wallet;
