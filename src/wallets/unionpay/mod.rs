//! UnionPay's gateway (ACP 5.1.0) for one merchant: dynamic codes that any app of the network scans, and the page to which a payer's
//! browser brings a signed form.
//!
//! What is sent is a signed form (`api`). An answer or a notice names the certificate that it was signed with; it is believed when
//! that certificate was issued under the pinned ones of UnionPay (`proof`). A notice is a hint all the same: what became of a trade or a
//! refund, the gateway is asked (`trade`, `refund`). `gateway` is the port.

mod api;
pub mod gateway;
mod proof;
mod refund;
mod trade;
#[cfg(feature = "fuzzing")]
pub mod unproven;
