//! What is tried with arbitrary input: each body takes bytes and panics when something does not hold.
//!
//! The fuzz targets give them what coverage leads to, `tests/arbitrary_input.rs` what chance and the seeds give.

pub mod card;
pub mod emvco;
pub mod forged;
pub mod headers;
pub mod keys;
pub mod parts;
pub mod pictures;
pub mod qr;
pub mod request_body;
pub mod wallets;

/// Takes an input; panics when something does not hold.
pub type Body = fn(&[u8]);

/// Every body under its target's name.
pub const ALL: [(&str, Body); 12] = [
    ("qr", qr::check),
    ("card", card::check),
    ("inspect", pictures::check_file),
    ("picture", pictures::check_pixels),
    ("emvco", emvco::check),
    ("wechat_pay", wallets::check_wechat_pay),
    ("alipay", wallets::check_alipay),
    ("unionpay", wallets::check_unionpay),
    ("forged_notice", forged::check),
    ("keys", keys::check),
    ("request_body", request_body::check),
    ("headers", headers::check),
];
