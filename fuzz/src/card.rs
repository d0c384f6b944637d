//! The album card: whatever its words are, the code on it stays whole and free.

use image::{GrayImage, ImageFormat};
use pay_handoff::domain::locale::Locale;
use pay_handoff::domain::money::{Amount, Currency, Money};
use pay_handoff::domain::order::{OrderStatus, Payer};
use pay_handoff::domain::time::Timestamp;
use pay_handoff::domain::token::Token;
use pay_handoff::domain::wallet::Wallet;
use pay_handoff::qr::edge::picture_modules;
use pay_handoff::qr::{QUIET_ZONE_MODULES, Symbol, card};
use pay_handoff::views::card::{CardWay, OrderCard};
use pay_handoff::views::order_summary::OrderSummary;

use super::parts::Parts;

/// No card is larger, whatever stands on it.
const MOST_BYTES: usize = 60_000;
/// As wide as the widest margin that any glyph reaches into: letters overhang their own box a little.
const OVERHANG_PX: u32 = 8;
/// The band that says that simulated wallets stand behind it.
const NOTICE_PX: u32 = 76;

/// Seven parts: choices, amount, end, merchant, subject, end of the order's number, and the text of the code (none: a lasting address).
pub fn check(input: &[u8]) {
    let (symbol, order) = made(input);
    let Some(symbol) = symbol else { return };
    assert_whole_and_free(&symbol, &order);
}

/// The card that an input stands for; no symbol where no code could hold the text.
#[must_use]
pub fn made(input: &[u8]) -> (Option<Symbol>, OrderCard) {
    let mut parts = Parts::of(input);
    let choices = parts.number();
    let pick = |bit: u32, count: u64| (choices >> bit) % count;
    let amount = Amount::new((parts.number() % Amount::MAX.unsigned_abs()) as i64 + 1).expect("within the bounds");
    let end = Timestamp::from_millis(parts.number() as i64);
    let wallet = Wallet::ALL[pick(3, 3) as usize];
    let order = OrderCard {
        locale: Locale::ALL[pick(0, 2) as usize],
        sandbox: pick(1, 2) == 1,
        payer: [Payer::Buyer, Payer::Friend][pick(2, 2) as usize],
        way: [CardWay::Album(wallet), CardWay::PaymentPage(wallet)][pick(5, 2) as usize],
        order: OrderSummary {
            merchant_name: parts.text(),
            subject: parts.text(),
            money: Money { amount, currency: Currency::Cny },
            status: OrderStatus::Pending,
            expires_at: end,
            paid_at: None,
            paid_with: None,
            paid_by: None,
            amount_refunded: 0,
            now: end,
            seq: 1,
        },
        order_tail: Some(parts.text()).filter(|tail| !tail.is_empty()),
    };
    let text = Some(parts.text()).filter(|text| !text.is_empty()).unwrap_or_else(|| {
        let token = Token::from_bytes(std::array::from_fn(|at| (choices >> at) as u8 ^ at as u8));
        format!("https://pay.example/s/{}", token.expose())
    });
    (Symbol::encode(&text).ok(), order)
}

/// Width, bytes, code, quiet zone and margins.
///
/// # Panics
/// When one of them is not as it must be.
pub fn assert_whole_and_free(symbol: &Symbol, order: &OrderCard) -> GrayImage {
    let file = card::draw(symbol, &order.words());
    assert!(file.len() <= MOST_BYTES, "{} bytes", file.len());
    let picture = image::load_from_memory_with_format(&file, ImageFormat::Png).expect("a PNG").into_luma8();
    assert_eq!(picture.width() as usize, card::WIDTH_PX);
    let module_px = (card::WIDTH_PX / picture_modules(symbol)) as u32;
    if symbol.version() <= 38 {
        assert!(module_px as usize * picture_modules(symbol) * 100 >= card::WIDTH_PX * 85);
    }
    let side = symbol.side_modules() as u32 * module_px;
    let left = (picture.width() - side) / 2;
    let is_dark = |x: u32, y: u32| picture.get_pixel(x, y).0[0] < 128;
    let is_code = |top: &u32| {
        let module = |offset: u32| (offset / module_px) as usize;
        (0..side).all(|y| (0..side).all(|x| is_dark(left + x, top + y) == symbol.is_dark(module(x), module(y))))
    };
    let top = (0..picture.height() - side).find(is_code).expect("the code stands on the card, module by module");
    let quiet = QUIET_ZONE_MODULES as u32 * module_px;
    let around = left.saturating_sub(quiet)..(left + side + quiet).min(picture.width());
    let within = |x: u32, y: u32| (left..left + side).contains(&x) && (top..top + side).contains(&y);
    for y in top - quiet..(top + side + quiet).min(picture.height()) {
        for x in around.clone() {
            assert!(
                within(x, y) || picture.get_pixel(x, y).0[0] == 255,
                "ink at {x}, {y} in the quiet zone ({left}, {top})"
            );
        }
    }
    let margin = left.max(72) - OVERHANG_PX;
    for y in if order.sandbox { NOTICE_PX } else { 0 }..picture.height() {
        for x in (0..margin).chain(picture.width() - margin..picture.width()) {
            assert!(picture.get_pixel(x, y).0[0] == 255 || within(x, y), "ink at {x}, {y} in the margin of {margin}");
        }
    }
    picture
}
