//! The port of wallets, spoken with UnionPay.

use std::sync::Arc;

use async_trait::async_trait;

use super::api::Api;
use super::proof;
use super::refund::became;
use super::trade::{CNY, NO_SUCH_TRADE, state};
use crate::config::live_wallets::unionpay::UnionpayAccount;
use crate::domain::attempt::{Handover, PostedForm, TradeNo};
use crate::domain::money::Currency;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Product;
use crate::ports::clock::Clock;
use crate::ports::wallet::{
    Acknowledgement, CloseAnswer, NewRefund, NewTrade, Notice, RawNotice, RefundState, TradeState, Unproven,
    WalletError, WalletGateway,
};
use crate::wallets::china_time::Form;
use crate::wallets::form;
use crate::wallets::http::{Repeat, WalletNetwork};

/// A request under this number and time came before.
const REPEATED: &str = "12";

/// Where a payer is: `channelType`.
const COMPUTER: &str = "07";
const PHONE: &str = "08";
/// The product of the page that a browser is sent to: `bizType`.
const FRONT_GATEWAY: &str = "000201";

/// One merchant's account at UnionPay.
pub struct Unionpay {
    api: Api,
    notify_url: String,
}

impl Unionpay {
    /// The gateway of this account; `notify_url` is where UnionPay calls back, absolute.
    #[must_use]
    pub fn new(account: UnionpayAccount, notify_url: String, network: &WalletNetwork, clock: Arc<dyn Clock>) -> Self {
        let client = network.client(vec![account.base_url.clone()]);
        Self { api: Api { account, client, clock }, notify_url }
    }
}

impl Unionpay {
    /// The text of a code for this trade.
    async fn code(&self, asked: &[(&str, &str)]) -> Result<String, WalletError> {
        let asked = [asked, &[("txnSubType", "07"), ("channelType", PHONE)]].concat();
        let answer = self.api.call(Repeat::Never, &asked).await?;
        match answer.field("respCode") {
            "00" => {}
            // The code was made, its answer was lost, and no question tells it: nobody has it, and nobody ever will.
            REPEATED => return Err(WalletError::Refused(answer.to_string())),
            _ => return Err(answer.refusal()),
        }
        let code = answer.field("qrCode");
        let is_address = code.starts_with("https://") && code.len() <= 1024;
        is_address.then(|| code.to_owned()).ok_or_else(|| WalletError::Unknown("its answer leads nowhere".to_owned()))
    }

    /// The form with which the payer's browser comes to UnionPay's page. It names one trade: sent again, it leads to the same one.
    fn page(&self, asked: &[(&str, &str)], trade: &NewTrade) -> Result<PostedForm, WalletError> {
        let deadline = Form::Joined.write(trade.expires_at);
        let channel = if trade.payer.at_computer { COMPUTER } else { PHONE };
        let front = [
            ("bizType", FRONT_GATEWAY),
            ("txnSubType", "01"),
            ("channelType", channel),
            ("frontUrl", &trade.return_url),
            ("payTimeout", &deadline),
        ];
        self.api.form(&[asked, &front].concat())
    }
}

/// The time of a trade, which UnionPay wants to hear again with every question about it: its number tells.
fn begun(trade_no: &TradeNo) -> Result<Timestamp, WalletError> {
    trade_no
        .begun_at()
        .ok_or_else(|| WalletError::Refused("not asked: the trade's number has no time in it".to_owned()))
}

/// The time of a refund: its number is a UUID of version 7, which begins with milliseconds in hexadecimal.
fn asked_at(refund_no: &str) -> Result<Timestamp, WalletError> {
    let millis = refund_no.get(..12).and_then(|digits| i64::from_str_radix(digits, 16).ok());
    millis
        .map(Timestamp::from_millis)
        .ok_or_else(|| WalletError::Refused("not asked: the refund's number has no time in it".to_owned()))
}

#[async_trait]
impl WalletGateway for Unionpay {
    fn account(&self) -> &str {
        &self.api.account.mer_id
    }

    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError> {
        let refuse = |why: &str| Err(WalletError::Refused(format!("not asked: {why}")));
        if trade.money.currency != Currency::Cny {
            return refuse("UnionPay is asked for CNY alone");
        }
        let (time, amount) =
            (Form::Joined.write(begun(&trade.trade_no)?), trade.money.amount.minor_units().to_string());
        let asked = [
            ("txnType", "01"),
            ("orderId", trade.trade_no.as_str()),
            ("txnTime", &time),
            ("txnAmt", &amount),
            ("currencyCode", CNY),
            ("backUrl", &self.notify_url),
        ];
        match trade.product {
            Product::Code => self.code(&asked).await.map(Handover::Code),
            Product::InApp | Product::Browser => self.page(&asked, trade).map(Handover::Form),
        }
    }

    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError> {
        let begun = begun(trade_no)?;
        let time = Form::Joined.write(begun);
        let asked = [("txnType", "00"), ("txnSubType", "00"), ("orderId", trade_no.as_str()), ("txnTime", &time)];
        let answer = self.api.call(Repeat::Harmless, &asked).await?;
        match answer.field("respCode") {
            "00" => state(&answer, self.account(), trade_no, begun),
            NO_SUCH_TRADE => Ok(TradeState::Pending),
            _ => Err(answer.unknown()),
        }
    }

    /// There is no call that closes a code: it dies by itself, and what is paid in the meantime goes back.
    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError> {
        match self.query(trade_no).await? {
            TradeState::Paid(_) => Ok(CloseAnswer::AlreadyPaid),
            _ => Ok(CloseAnswer::CannotYet),
        }
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        let (time, amount) = (Form::Joined.write(asked_at(&refund.refund_no)?), refund.amount.to_string());
        let number = [("orderId", refund.refund_no.as_str()), ("txnTime", time.as_str())];
        let question = [&number[..], &[("txnType", "00"), ("txnSubType", "00")]].concat();
        if let Some(state) = became(&self.api.call(Repeat::Harmless, &question).await?, refund)? {
            return Ok(state);
        }
        let asked = [
            ("txnType", "04"),
            ("txnSubType", "00"),
            ("channelType", PHONE),
            ("origQryId", refund.transaction_id.as_str()),
            ("txnAmt", &amount),
            ("backUrl", &self.notify_url),
        ];
        let answer = self.api.call(Repeat::Never, &[&number[..], &asked].concat()).await?;
        // Taken is not done: the next question tells.
        if answer.is_done() {
            return Ok(RefundState::Processing);
        }
        // Nor is a refusal the end: it may be about a request that an earlier one under this number was quicker than.
        became(&self.api.call(Repeat::Harmless, &question).await?, refund)?.ok_or_else(|| answer.refusal())
    }

    fn prove(&self, notice: &RawNotice, now: Timestamp) -> Result<Notice, Unproven> {
        let fields = form::read(&notice.body).ok_or(Unproven::Unreadable)?;
        if !proof::is_proven(&self.api.account, &fields, now) {
            return Err(Unproven::NotProven);
        }
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        // News of refunds is asked for anyway.
        if field("txnType") != "01" {
            return Ok(Notice::Other);
        }
        if field("merId") != self.api.account.mer_id {
            return Ok(Notice::Foreign(TradeNo::new(field("orderId")), "it is for another account"));
        }
        Ok(TradeNo::new(field("orderId")).map_or(Notice::Foreign(None, "its trade is not ours"), Notice::Hint))
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "text/plain", body: "success" }
    }
}
