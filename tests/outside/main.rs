//! The program from outside: each test starts the real binary and holds it to its public contract over HTTP, in a browser, and on
//! the command line. Nothing of the crate is imported here.

#![cfg(test)]

mod harness;

mod album_card;
mod alipay;
mod alipay_notices;
mod alipay_pay;
mod alipay_sdk;
mod api_description;
mod api_errors;
mod api_events;
mod api_fields;
mod api_idempotency;
mod api_lists;
mod api_orders;
mod audit;
mod browser;
mod coming_back;
mod command_line;
mod durability;
mod every_page;
mod every_wallet;
mod expiry;
mod friend_holds;
mod friend_links;
mod friend_privacy;
mod friend_races;
mod handoff;
mod keyboard;
mod link_previews;
mod live_status;
mod money;
mod notice_speed;
mod page_pictures;
mod page_rules;
mod pages;
mod posing;
mod posing_live;
mod pretended;
mod sandbox;
mod sandbox_notices;
mod screenshots;
mod start_stop;
mod strays;
mod surfaces;
mod unionpay;
mod unionpay_front;
mod unionpay_hints;
mod unionpay_notices;
mod unionpay_refunds;
mod webhook_durability;
mod webhook_failures;
mod webhook_receivers;
mod webhooks;
mod wechat;
mod wechat_browser;
mod wechat_login;
mod wechat_notices;
mod wechat_pay;
mod wechat_sdk;
