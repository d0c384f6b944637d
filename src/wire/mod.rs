//! The public JSON, in and out.

pub mod attempt;
pub mod event;
pub mod fields;
pub mod friend_link;
pub mod json;
pub mod order;
pub mod order_request;
pub mod plan;
pub mod problem;
pub mod refund;
pub mod time;
pub mod view;
pub mod webhook;
pub mod words;
