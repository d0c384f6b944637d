//! Sample orders from which each page makes the samples that tests render and people look at.

use super::frame::Frame;
use super::order_summary::{OrderSummary, StepView, WalletChoice};
use crate::domain::handoff::Method;
use crate::domain::locale::Locale;
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::order::{OrderStatus, Payer};
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::Wallet;

/// 2026-11-22T13:15:00Z, 21:15 in China.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_795_353_300);

/// The words of the sample's language.
pub(super) const fn either(locale: Locale, zh_cn: &'static str, en: &'static str) -> &'static str {
    match locale {
        Locale::ZhCn => zh_cn,
        Locale::En => en,
    }
}

/// So many fen; an amount out of range becomes one fen.
pub(super) const fn yuan(minor_units: i64) -> Money {
    let amount = match (Amount::new(minor_units), Amount::new(1)) {
        (Some(amount), _) | (None, Some(amount)) => amount,
        (None, None) => unreachable!(),
    };
    Money { amount, currency: Currency::Cny }
}

pub(super) fn frame(locale: Locale, path: &str) -> Frame {
    Frame { locale, sandbox: true, path: path.to_owned(), og_image: None }
}

/// An order that waits, with a quarter of an hour left.
pub(super) fn order(locale: Locale) -> OrderSummary {
    OrderSummary {
        merchant_name: either(locale, "景德茶社", "Jingde Tea House").to_owned(),
        subject: either(locale, "青瓷茶壶一把，配两只茶杯", "Celadon teapot with two cups").to_owned(),
        money: yuan(12_900),
        status: OrderStatus::Pending,
        expires_at: NOW + Span::minutes(15),
        paid_at: None,
        paid_with: None,
        paid_by: None,
        amount_refunded: 0,
        now: NOW,
        seq: 1,
    }
}

/// The same order, paid.
pub(super) fn paid_order(locale: Locale, status: OrderStatus, amount_refunded: i64) -> OrderSummary {
    OrderSummary {
        status,
        paid_at: Some(NOW - Span::seconds(42)),
        paid_with: Some(Wallet::WechatPay),
        paid_by: Some(Payer::Friend),
        amount_refunded,
        seq: 2,
        ..order(locale)
    }
}

/// An order whose every text and figure is as long, wide and strange as the contract allows.
pub(super) fn extreme_order(locale: Locale) -> OrderSummary {
    OrderSummary {
        merchant_name: "<script>alert(1)</script>&amp;\"'—".repeat(3),
        subject: "W".repeat(127),
        money: yuan(Amount::MAX),
        expires_at: NOW + Span::hours(6 * 24),
        ..order(locale)
    }
}

pub(super) fn choice(locale: Locale, wallet: Wallet, methods: &[Method]) -> WalletChoice {
    let steps = methods.iter().map(|&method| StepView { method, reason: reason(locale, method).to_owned() }).collect();
    WalletChoice { wallet, steps }
}

const fn reason(locale: Locale, method: Method) -> &'static str {
    match method {
        Method::PayInApp => either(locale, "本页就在这个钱包里。", "This page is open inside the wallet."),
        Method::Redirect => either(locale, "手机浏览器可以打开它。", "A phone browser can open it."),
        Method::ScanScreen => {
            either(locale, "另一部设备的摄像头看得到这个屏幕。", "Another device’s camera can see this screen.")
        }
        Method::ScanAlbum => either(
            locale,
            "这里打不开它，但它能读相册里的图片。",
            "It cannot be opened from here, but it reads pictures from the album.",
        ),
        Method::CopyLink => {
            either(locale, "链接在任何地方都指向这一单。", "The link leads to this order from anywhere.")
        }
        Method::OpenInBrowser => either(locale, "浏览器里的限制更少。", "A browser is less restricted."),
        Method::AskFriend => either(locale, "朋友可以替你付。", "A friend can pay for you."),
    }
}

/// What a foreign app leaves open: save and scan, copy, a friend.
pub(super) fn foreign_app_wallets(locale: Locale) -> Vec<WalletChoice> {
    let methods = [Method::ScanAlbum, Method::ScanScreen, Method::CopyLink, Method::OpenInBrowser, Method::AskFriend];
    Wallet::ALL.into_iter().map(|wallet| choice(locale, wallet, &methods)).collect()
}

/// A phone's own browser: Alipay opens from here.
pub(super) fn browser_wallets(locale: Locale) -> Vec<WalletChoice> {
    vec![
        choice(locale, Wallet::Alipay, &[Method::Redirect, Method::ScanAlbum, Method::ScanScreen, Method::AskFriend]),
        choice(locale, Wallet::WechatPay, &[Method::ScanAlbum, Method::CopyLink, Method::AskFriend]),
        choice(locale, Wallet::Unionpay, &[Method::ScanAlbum, Method::ScanScreen]),
    ]
}

/// Inside WeChat: one button pays.
pub(super) fn wechat_wallets(locale: Locale) -> Vec<WalletChoice> {
    vec![
        choice(locale, Wallet::WechatPay, &[Method::PayInApp, Method::AskFriend]),
        choice(locale, Wallet::Alipay, &[Method::ScanAlbum, Method::CopyLink, Method::AskFriend]),
    ]
}

/// A computer: a phone's camera sees the screen.
pub(super) fn desktop_wallets(locale: Locale) -> Vec<WalletChoice> {
    Wallet::ALL.into_iter().map(|wallet| choice(locale, wallet, &[Method::ScanScreen, Method::AskFriend])).collect()
}
