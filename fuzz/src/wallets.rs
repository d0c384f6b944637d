//! What wallets send, read as if it were proven.

use std::sync::LazyLock;

use pay_handoff::domain::attempt::TradeNo;
use pay_handoff::domain::payment::ProvenPayment;
use pay_handoff::domain::time::Timestamp;
use pay_handoff::keys::{RsaPublicKey, Secret};
use pay_handoff::ports::wallet::{Notice, TradeState};
use pay_handoff::wallets::{alipay, unionpay, wechat_pay};

use super::parts::Parts;

/// 2026-11-22 12:00:00 in China.
const NOW: Timestamp = Timestamp::from_seconds(1_795_320_000);
/// Somebody's key, whose private half is lost.
const KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzCb7kePbWQZYd5xbRrGk
LSOCNVuyKceRKPaoqFg39hBnfN8M4LZMLod3un8yFtdYZqMkgR9lI+/z9hsdAj8c
l2hS4kISezPB5KgXZPqkvQiMujuN0axqbS2sw5QTwB/Z/S1jNzKCLJ+ZfL470RWZ
UE/1I/IcPAbcxv5IQ02W/AhZnuRHvv53XLy8j+faio8yoC5reEjSd8Dw/YZ0yyRx
UVPym7C2u6l6FXDUi3MPQP2K6YUma7+hph4CvcuNbrlqIc+sQ2eggRcO8kVIt4DP
yYvwFOG21RPdhHJSh+XIZCtwJBIiNWDama43BD/lnmPRdMlXS5B24ykk9crg+chj
kQIDAQAB
-----END PUBLIC KEY-----
";

/// The first part says what the second is.
pub fn check_wechat_pay(input: &[u8]) {
    static API_V3_KEY: LazyLock<Secret> = LazyLock::new(|| Secret::new("0123456789abcdef0123456789abcdef".to_owned()));
    let mut parts = Parts::of(input);
    match parts.bytes() {
        b"proof" => {
            let texts: [String; 5] = std::array::from_fn(|_| parts.text());
            let values = texts.each_ref().map(|text| Some(text.as_str()).filter(|text| !text.is_empty()));
            let could_prove = wechat_pay::unproven::could_prove(values, NOW);
            assert!(!could_prove || texts[1].parse::<i64>().is_ok_and(|sent| sent.abs_diff(NOW.seconds()) < 300));
        }
        b"notice" => {
            let notice = wechat_pay::unproven::notice(parts.rest(), &API_V3_KEY);
            assert!(!matches!(notice, Some(Notice::Paid(_))), "nobody here could encrypt a payment");
        }
        b"enclosed" => assert_sound_notice(wechat_pay::unproven::enclosed(parts.rest())),
        b"trade" => assert_sound_state(wechat_pay::unproven::trade(parts.rest())),
        b"refund" => drop(wechat_pay::unproven::refund(parts.rest())),
        b"refusal" => assert_one_line(&wechat_pay::unproven::refusal(400, parts.rest().to_vec())),
        b"payer" => {
            let payer = wechat_pay::unproven::payer(parts.rest());
            assert!(payer.is_none_or(|payer| (1..=128).contains(&payer.len()) && payer.is_ascii()));
        }
        b"certificates" => {
            let found = wechat_pay::unproven::certificates(parts.rest(), &API_V3_KEY);
            assert!(found.is_none_or(|found| found == 0), "nobody here could encrypt a certificate");
        }
        _ => {}
    }
}

/// The first part says what the second is.
pub fn check_alipay(input: &[u8]) {
    static PUBLIC_KEY: LazyLock<RsaPublicKey> = LazyLock::new(|| RsaPublicKey::from_pem(KEY).expect("a key"));
    let mut parts = Parts::of(input);
    match parts.bytes() {
        b"notice" => assert_sound_notice(alipay::unproven::notice(parts.rest())),
        b"answer" => {
            let content = alipay::unproven::content(parts.rest(), "alipay.trade.query", &PUBLIC_KEY);
            if let Some((content, is_proven)) = content {
                assert!(!is_proven, "nobody here could sign it");
                assert_sound_state(alipay::unproven::trade(content, "2088:2021"));
            }
        }
        b"trade" => assert_sound_state(alipay::unproven::trade(&parts.text(), "2088:2021")),
        b"amount" => {
            if let Some(amount) = alipay::unproven::amount(&parts.text()) {
                assert_eq!(alipay::unproven::amount(&alipay::unproven::written_amount(amount)), Some(amount));
            }
        }
        b"form" => {
            if let Some(again) = alipay::unproven::form_again(parts.rest()) {
                assert_eq!(alipay::unproven::form_again(again.as_bytes()).as_ref(), Some(&again));
            }
        }
        _ => {}
    }
}

/// Two parts: when the trade began, and the answer about it.
pub fn check_unionpay(input: &[u8]) {
    let mut parts = Parts::of(input);
    let seconds = (parts.number() % 10_000_000_000) as i64;
    let begun = Timestamp::from_seconds(seconds);
    let trade_no = TradeNo::begun(begun, "chancechance").expect("a number");
    assert_eq!(trade_no.begun_at(), Some(begun));
    if let Some((state, refusal)) = unionpay::unproven::trade(parts.rest(), "777290058110048", &trade_no, begun) {
        assert_one_line(&refusal);
        if let Some(TradeState::Paid(payments)) = &state {
            let day_before = begun.seconds() - 24 * 3600;
            assert!(
                payments.iter().all(|payment| payment.trade_no == trade_no && payment.paid_at.seconds() >= day_before)
            );
        }
        assert_sound_state(state);
    }
}

fn assert_sound_notice(notice: Option<Notice>) {
    if let Some(Notice::Paid(payment)) = notice {
        assert_sound(&payment);
    }
}

fn assert_sound_state(state: Option<TradeState>) {
    if let Some(TradeState::Paid(payments)) = state {
        assert!(!payments.is_empty());
        payments.iter().for_each(assert_sound);
    }
}

/// What the books can keep: numbers in plain letters, bounded.
fn assert_sound(payment: &ProvenPayment) {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!((1..=64).contains(&payment.transaction_id.len()) && is_plain(&payment.transaction_id), "{payment:?}");
    assert!((20..=32).contains(&payment.trade_no.as_str().len()) && is_plain(payment.trade_no.as_str()), "{payment:?}");
}

fn assert_one_line(words: &str) {
    assert!(!words.contains(char::is_control) && words.chars().count() < 1000, "{words:?}");
}
