//! What UnionPay says about a trade when it is asked, and what it means to us.

use super::api::Answered;
use crate::domain::attempt::TradeNo;
use crate::domain::payment::ProvenPayment;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::ports::wallet::{TradeState, WalletError};
use crate::wallets::china_time::Form;

/// `156`, the number of CNY.
pub(super) const CNY: &str = "156";

/// No such trade is known there: nobody has paid yet, or it was never begun.
pub(super) const NO_SUCH_TRADE: &str = "34";
/// What became of a trade that was done: `A6` is done, of which only parts of the side services failed.
pub(super) const DONE: [&str; 2] = ["00", "A6"];

/// Where a trade stands that began at this time. Of an unpaid one UnionPay tells nothing final: whoever scans the code may try again.
///
/// # Errors
/// [`WalletError::Unknown`]: paid, and it does not say how.
pub(super) fn state(
    answer: &Answered,
    account: &str,
    trade_no: &TradeNo,
    begun: Timestamp,
) -> Result<TradeState, WalletError> {
    if !DONE.contains(&answer.field("origRespCode")) {
        return Ok(TradeState::Pending);
    }
    let unclear = || WalletError::Unknown("the trade is paid, but number, time or amount are missing".to_owned());
    let query_id = answer.field("queryId");
    let is_id = (1..=64).contains(&query_id.len()) && query_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let currency = match answer.field("currencyCode") {
        CNY => "CNY",
        "" => return Err(unclear()),
        other => other,
    };
    Ok(TradeState::Paid(vec![ProvenPayment {
        wallet: Wallet::Unionpay,
        account: account.to_owned(),
        trade_no: trade_no.clone(),
        transaction_id: is_id.then(|| query_id.to_owned()).ok_or_else(unclear)?,
        amount: fen(answer.field("txnAmt")).ok_or_else(unclear)?,
        currency: currency.to_owned(),
        paid_at: moment(answer.field("traceTime"), begun).ok_or_else(unclear)?,
    }]))
}

pub(super) fn fen(text: &str) -> Option<i64> {
    let is_plain = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// A moment without its year, `MMDDhhmmss`: the first such one that is not more than a day before the trade began.
fn moment(text: &str, begun: Timestamp) -> Option<Timestamp> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year: i32 = is_plain.then(|| Form::Joined.write(begun)[..4].parse().ok()).flatten()?;
    let earliest = begun - crate::domain::time::Span::hours(24);
    let in_year = |year: i32| Form::Joined.read(&format!("{year}{text}"));
    [year - 1, year, year + 1].into_iter().filter_map(in_year).find(|moment| *moment >= earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_a_year_lies_after_the_trade_began() {
        let at = |text: &str| Form::Joined.read(text).unwrap();
        assert_eq!(moment("1122120001", at("20261122115900")), Some(at("20261122120001")));
        assert_eq!(moment("0101000001", at("20261231235900")), Some(at("20270101000001")));
        assert_eq!(moment("1231235959", at("20270101000030")), Some(at("20261231235959")), "by another clock");
        for text in ["", "1322120001", "11221200", "1122120001x"] {
            assert_eq!(moment(text, at("20261122115900")), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_fen() {
        assert_eq!(
            (fen("12900"), fen("000000012900"), fen("129.00"), fen("-1"), fen("")),
            (Some(12900), Some(12900), None, None, None)
        );
    }
}
