//! A notice: a form that Alipay signed, proven and read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::api::SIGN_TYPE;
use super::trade::{Trade, account_name};
use crate::config::live_wallets::alipay::AlipayAccount;
use crate::ports::wallet::{Notice, TradeState, Unproven};
use crate::wallets::form::{self, Fields};

/// The names whose values decide something.
const DECIDING: [&str; 11] = [
    "app_id",
    "seller_id",
    "out_trade_no",
    "trade_no",
    "trade_status",
    "total_amount",
    "trans_currency",
    "gmt_payment",
    "gmt_refund",
    "refund_fee",
    "notify_type",
];

/// Proves a body and reads it.
///
/// # Errors
/// [`Unproven`].
pub(super) fn prove(account: &AlipayAccount, body: &[u8]) -> Result<Notice, Unproven> {
    let fields = form::read(body).ok_or(Unproven::Unreadable)?;
    if is_proven(account, &fields) { read(&fields) } else { Err(Unproven::NotProven) }
}

/// Whether Alipay signed it, with a key that we know: of a notice that names its certificate, with no other.
/// Neither the signature nor its kind is part of what is signed, unlike in a request; everything else is, known or not.
fn is_proven(account: &AlipayAccount, fields: &Fields) -> bool {
    if fields.get("sign_type").map(String::as_str) != Some(SIGN_TYPE) {
        return false;
    }
    let certificate = fields.get("alipay_cert_sn").map(String::as_str);
    let signature = fields.get("sign").and_then(|text| STANDARD.decode(text).ok());
    let text = form::text_to_sign(fields.iter().filter(|(name, _)| !matches!(name.as_str(), "sign" | "sign_type")));
    signature.is_some_and(|signature| account.alipay_keys.verify(certificate, text.as_bytes(), &signature))
        && form::is_clear(&text, &DECIDING)
}

/// Reads what was proven. The payment bears the account that the notice names; that it is ours is for who hears of it.
pub(super) fn read(fields: &Fields) -> Result<Notice, Unproven> {
    let field = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
    let required = |name: &str| field(name).ok_or(Unproven::Unreadable);
    if field("notify_type").is_some_and(|kind| kind != "trade_status_sync") {
        return Ok(Notice::Other);
    }
    // A notice about money that went back looks like a payment in everything but these; what we gave back we know.
    let is_refund = ["gmt_refund", "refund_fee", "out_biz_no"].into_iter().any(|name| field(name).is_some());
    let account = account_name(&required("seller_id")?, &required("app_id")?);
    let trade = Trade {
        out_trade_no: required("out_trade_no")?,
        trade_no: required("trade_no")?,
        trade_status: required("trade_status")?,
        total_amount: required("total_amount")?,
        trans_currency: field("trans_currency"),
        send_pay_date: field("gmt_payment"),
    };
    match trade.state(&account) {
        Ok(TradeState::Paid(payments)) if trade.trade_status != "TRADE_CLOSED" && !is_refund => {
            Ok(payments.into_iter().next().map_or(Notice::Other, Notice::Paid))
        }
        Ok(_) => Ok(Notice::Other),
        Err(_) => Err(Unproven::Unreadable),
    }
}
