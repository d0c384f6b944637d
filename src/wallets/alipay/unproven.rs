//! What Alipay sends, read as if it were proven: for fuzzers, which cannot sign.

use super::answer;
use super::api::readable;
use super::notice;
use super::trade::{Trade, fen, yuan};
use crate::config::live_wallets::alipay_keys::AlipayKeys;
use crate::keys::RsaPublicKey;
use crate::ports::wallet::{Notice, TradeState};
use crate::wallets::form;

/// A notice.
#[must_use]
pub fn notice(body: &[u8]) -> Option<Notice> {
    notice::read(&form::read(body)?).ok()
}

/// The letters of an answer that Alipay would have to sign, and whether it did with this key.
#[must_use]
pub fn content<'body>(body: &'body [u8], method: &str, key: &RsaPublicKey) -> Option<(&'body str, bool)> {
    answer::read(body, method, &AlipayKeys::Bare(key.clone())).map(|said| (said.content, said.is_proven))
}

/// The content of the answer to the question about a trade of this account.
#[must_use]
pub fn trade(content: &str, account: &str) -> Option<TradeState> {
    readable::<Trade>(content).ok()?.state(account).ok()
}

/// An amount in yuan, in minor units.
#[must_use]
pub fn amount(text: &str) -> Option<i64> {
    fen(text)
}

/// An amount in minor units as Alipay reads it.
#[must_use]
pub fn written_amount(minor_units: i64) -> String {
    yuan(minor_units)
}

/// A form, written again.
#[must_use]
pub fn form_again(body: &[u8]) -> Option<String> {
    form::read(body).map(|fields| form::write(&fields))
}
