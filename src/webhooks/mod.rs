//! Carrying events to merchants' endpoints: which addresses may be called, how a request is signed, and one careful exchange.
//!
//! An endpoint's address comes from outside, and so does everything it answers. [`guard`] says where it may lead, once when it
//! is saved and again on every way; the connection is made to the very address that was checked. [`crate::exchange`]
//! bounds the time and the bytes of everything.

pub mod courier;
pub mod guard;
pub mod resend;
pub mod retry_after;
pub mod sign;

#[cfg(test)]
mod courier_tests;
#[cfg(test)]
mod guard_tests;
