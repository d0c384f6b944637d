//! Every page: a typed context, its template, and its words in each language. HTML stands in `templates/` only.

pub mod attempt;
pub mod checkout;
pub mod demo;
pub mod frame;
pub mod friend;
pub mod friend_link;
pub mod guide;
pub mod message;
pub mod order_summary;
pub mod pay;
pub mod sandbox;
