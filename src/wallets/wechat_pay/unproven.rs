//! What WeChat Pay sends, read as if it were proven and decrypted: for fuzzers, which can neither sign nor encrypt.

use hyper::header::HeaderMap;

use super::gateway::{news, read_notice};
use super::login::openid;
use super::platform_keys;
use super::proof::Proof;
use super::refund::Refund;
use super::refusal::Refusal;
use super::trade::Trade;
use crate::domain::time::Timestamp;
use crate::exchange::Answer;
use crate::keys::Secret;
use crate::ports::wallet::{Notice, RefundState, TradeState};

/// Whether the values of the five header fields (signature type, timestamp, nonce, signature, serial; `None`: not sent) could prove
/// something at this time.
#[must_use]
pub fn could_prove(values: [Option<&str>; 5], now: Timestamp) -> bool {
    let names = ["signature-type", "timestamp", "nonce", "signature", "serial"];
    let value = |name: &str| {
        let field = name.strip_prefix("wechatpay-")?;
        names.iter().position(|known| *known == field).and_then(|at| values[at])
    };
    Proof::read(value, now).is_some()
}

/// A notice's envelope; what it encloses can only be opened by who encrypted it.
#[must_use]
pub fn notice(body: &[u8], api_v3_key: &Secret) -> Option<Notice> {
    read_notice(body, api_v3_key).ok()
}

/// What a notice encloses.
#[must_use]
pub fn enclosed(plain: &[u8]) -> Option<Notice> {
    news(plain).ok()
}

/// The answer to the question about a trade.
#[must_use]
pub fn trade(body: &[u8]) -> Option<TradeState> {
    serde_json::from_slice::<Trade>(body).ok()?.state().ok()
}

/// The answer to the question about a refund.
#[must_use]
pub fn refund(body: &[u8]) -> Option<RefundState> {
    serde_json::from_slice::<Refund>(body).ok()?.state().ok()
}

/// A refusal, as the log shows it.
#[must_use]
pub fn refusal(status: u16, body: Vec<u8>) -> String {
    let answer = Answer { status, headers: HeaderMap::new(), body, is_whole: true };
    Refusal::read(&answer, true, Timestamp::from_seconds(0)).to_string()
}

/// Whom the login names.
#[must_use]
pub fn payer(body: &[u8]) -> Option<String> {
    openid(200, body).ok()
}

/// How many certificates a list holds that this key opens.
#[must_use]
pub fn certificates(list: &[u8], api_v3_key: &Secret) -> Option<usize> {
    platform_keys::read(list, api_v3_key).map(|found| found.len())
}
