//! WeChat Pay, API v3, for one merchant: Native codes, JSAPI inside WeChat, H5 from a browser.
//!
//! What is sent is signed with the merchant's key (`signature`). What comes back, an answer or a notice, is believed only when
//! it is signed with a key of WeChat Pay's that is known (`proof`, `platform_keys`); what a notice holds is encrypted too
//! (`resource`). `api` makes one call and says what a refusal means; `gateway` is the port.

mod api;
pub mod gateway;
mod login;
mod order;
mod platform_keys;
mod proof;
mod refund;
mod refusal;
mod resource;
mod signature;
mod trade;
#[cfg(feature = "fuzzing")]
pub mod unproven;
