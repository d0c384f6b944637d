//! Alipay's open platform for one merchant: codes by precreate, and the page for phones that opens the app.
//!
//! What is sent is a form signed with the merchant's key (`api`). An answer is believed only when Alipay signed the very letters of
//! its content (`answer`); a notice is a signed form (`notice`). `trade` says what their words mean; `gateway` is the port.
//!
//! Precreate makes no trade: until somebody scans its code, Alipay knows none, and such a code cannot be closed. It dies by the time
//! that was given with it.

mod answer;
mod api;
pub mod gateway;
mod notice;
mod order;
mod trade;
#[cfg(feature = "fuzzing")]
pub mod unproven;
