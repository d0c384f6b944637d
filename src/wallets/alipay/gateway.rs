//! The port of wallets, spoken with Alipay.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::api::{Answered, Api, Refusal, readable};
use super::notice;
use super::order::{OrderRequest, is_code};
use super::trade::{Trade, fen, own_name, yuan};
use crate::config::live_wallets::alipay::{AlipayAccount, InAppWay};
use crate::domain::attempt::{Handover, TradeNo};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Product;
use crate::ports::clock::Clock;
use crate::ports::wallet::{
    Acknowledgement, CloseAnswer, NewRefund, NewTrade, Notice, RawNotice, RefundState, TradeState, Unproven,
    WalletError, WalletGateway,
};
use crate::wallets::http::WalletNetwork;

/// No such trade is known there: nobody has scanned the code, or opened the page, yet.
const NO_SUCH_TRADE: [&str; 1] = ["ACQ.TRADE_NOT_EXIST"];
/// The trade is paid.
const PAID: [&str; 1] = ["ACQ.TRADE_HAS_SUCCESS"];
/// The trade waits for nobody any more: it is paid or closed. Which of the two, only a question tells.
const OVER: [&str; 3] = ["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"];
/// What no later try of the same refund can change. Anything else may pass, or somebody may remove it: an account without enough
/// money, a permission, a frozen trade.
const REFUND_NEVER: [&str; 6] = [
    "ACQ.INVALID_PARAMETER",
    "ACQ.TRADE_NOT_EXIST",
    "ACQ.TRADE_HAS_FINISHED",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR",
    "ACQ.DISCORDANT_REPEAT_REQUEST",
];
/// The longest words of a refund, in characters.
const LONGEST_REASON: usize = 256;

/// One merchant's account at Alipay.
pub struct Alipay {
    api: Api,
    account_name: String,
    notify_url: String,
}

impl Alipay {
    /// The gateway of this account; `notify_url` is where Alipay calls back, absolute.
    #[must_use]
    pub fn new(account: AlipayAccount, notify_url: String, network: &WalletNetwork, clock: Arc<dyn Clock>) -> Self {
        let account_name = own_name(&account);
        let client = network.client(vec![account.base_url.clone()]);
        Self { api: Api { account, client, clock }, account_name, notify_url }
    }

    /// A code's address from precreate.
    async fn code(&self, trade: &NewTrade) -> Result<String, WalletError> {
        let request = OrderRequest::of(trade, &self.api.account.code_contract, None, &self.notify_url)?;
        let more = [("notify_url", self.notify_url.as_str())];
        let content = match self.api.call("alipay.trade.precreate", &request, &more).await? {
            Answered::Done(content) => content,
            // Begun before, answered to nobody, and paid: the query tells the rest.
            Answered::Refused(refusal) if refusal.is(&PAID) => return Err(refusal.unknown()),
            Answered::Refused(refusal) => return Err(refusal.for_good()),
        };
        let begun: Begun = readable(&content)?;
        about(&trade.trade_no, &begun.out_trade_no)?;
        let is_code = is_code(&begun.qr_code, &self.api.account.code_url);
        is_code.then_some(begun.qr_code).ok_or_else(|| WalletError::Unknown("its answer leads nowhere".to_owned()))
    }

    /// The address of the page for phones. Nothing is called: the payer's browser begins the trade.
    fn page(&self, trade: &NewTrade) -> Result<String, WalletError> {
        let back = trade.return_url.as_str();
        let request = OrderRequest::of(trade, &self.api.account.browser_contract, Some(back), &self.notify_url)?;
        let more = [("notify_url", self.notify_url.as_str()), ("return_url", back)];
        self.api.address("alipay.trade.wap.pay", &request, &more)
    }

    /// How a refund stands that Alipay has taken, or may have taken.
    async fn asked_refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        let request = json!({
            "trade_no": refund.transaction_id, "out_trade_no": refund.trade_no.as_str(),
            "out_request_no": refund.refund_no,
        });
        match self.api.call("alipay.trade.fastpay.refund.query", &request, &[]).await? {
            Answered::Done(content) => {
                let known: KnownRefund = readable(&content)?;
                let is_other = known.out_request_no.as_ref().is_some_and(|number| *number != refund.refund_no)
                    || known.refund_amount.is_some_and(|amount| fen(&amount) != Some(refund.amount));
                match known.refund_status.as_deref() {
                    _ if is_other => Err(WalletError::Unknown("its answer is about another refund".to_owned())),
                    Some("REFUND_SUCCESS") => Ok(RefundState::Succeeded),
                    _ => Ok(RefundState::Processing),
                }
            }
            Answered::Refused(refusal) if refusal.is(&NO_SUCH_TRADE) => Ok(RefundState::Processing),
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    /// What a refusal of a refund means. An earlier call under the same number may have been done and its answer lost, and then what is
    /// refused is the repetition: so Alipay is asked about the number first.
    async fn refused_refund(&self, refund: &NewRefund, refusal: &Refusal) -> Result<RefundState, WalletError> {
        if !refusal.is_proven {
            return Err(refusal.unknown());
        }
        match self.asked_refund(refund).await {
            Ok(RefundState::Succeeded) => Ok(RefundState::Succeeded),
            // It knows of none, or has not done it.
            Ok(_) if refusal.is(&REFUND_NEVER) => Err(refusal.for_good()),
            Ok(_) => Err(refusal.for_now()),
            Err(error) => Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Begun {
    #[serde(default)]
    out_trade_no: String,
    #[serde(default)]
    qr_code: String,
}

#[derive(Deserialize)]
struct Closed {
    #[serde(default)]
    out_trade_no: Option<String>,
}

#[derive(Deserialize)]
struct Refunded {
    #[serde(default)]
    out_trade_no: String,
    /// `Y` when this very call moved money; a repeated one says `N`.
    #[serde(default)]
    fund_change: String,
}

#[derive(Deserialize)]
struct KnownRefund {
    #[serde(default)]
    out_request_no: Option<String>,
    #[serde(default)]
    refund_amount: Option<String>,
    #[serde(default)]
    refund_status: Option<String>,
}

/// Whether an answer is about this trade: a good signature under the answer to another question is worth nothing.
fn about(asked: &TradeNo, answered: &str) -> Result<(), WalletError> {
    let other = || WalletError::Unknown("its answer is about another trade".to_owned());
    (asked.as_str() == answered).then_some(()).ok_or_else(other)
}

#[async_trait]
impl WalletGateway for Alipay {
    fn account(&self) -> &str {
        &self.account_name
    }

    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError> {
        match (trade.product, self.api.account.in_app_way) {
            (Product::Code, _) => self.code(trade).await.map(Handover::Code),
            (Product::InApp, InAppWay::CodeAddress) => self.code(trade).await.map(Handover::Redirect),
            (Product::InApp, InAppWay::WapPay) | (Product::Browser, _) => self.page(trade).map(Handover::Redirect),
        }
    }

    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError> {
        let request = json!({ "out_trade_no": trade_no.as_str() });
        match self.api.call("alipay.trade.query", &request, &[]).await? {
            Answered::Done(content) => {
                let trade: Trade = readable(&content)?;
                about(trade_no, &trade.out_trade_no)?;
                let state = trade.state(&self.account_name);
                state.map_err(|unclear| WalletError::Unknown(format!("the trade is {}", unclear.0)))
            }
            Answered::Refused(refusal) if refusal.is(&NO_SUCH_TRADE) => Ok(TradeState::Pending),
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    /// Never by `alipay.trade.cancel`: that gives back what was paid in the meantime.
    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError> {
        let request = json!({ "out_trade_no": trade_no.as_str() });
        match self.api.call("alipay.trade.close", &request, &[]).await? {
            Answered::Done(content) => {
                let closed: Closed = readable(&content)?;
                closed.out_trade_no.map_or(Ok(()), |number| about(trade_no, &number))?;
                Ok(CloseAnswer::Closed)
            }
            Answered::Refused(refusal) if refusal.is(&NO_SUCH_TRADE) => Ok(CloseAnswer::CannotYet),
            Answered::Refused(refusal) if refusal.is(&OVER) || refusal.is(&PAID) => Ok(CloseAnswer::AlreadyPaid),
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        let mut request = json!({
            "trade_no": refund.transaction_id, "out_trade_no": refund.trade_no.as_str(),
            "out_request_no": refund.refund_no, "refund_amount": yuan(refund.amount),
        });
        if let Some(reason) = &refund.reason {
            request["refund_reason"] = reason.chars().take(LONGEST_REASON).collect::<String>().into();
        }
        match self.api.call("alipay.trade.refund", &request, &[]).await? {
            Answered::Done(content) => {
                let refunded: Refunded = readable(&content)?;
                about(&refund.trade_no, &refunded.out_trade_no)?;
                if refunded.fund_change == "Y" { Ok(RefundState::Succeeded) } else { self.asked_refund(refund).await }
            }
            Answered::Refused(refusal) => self.refused_refund(refund, &refusal).await,
        }
    }

    fn prove(&self, notice: &RawNotice, _: Timestamp) -> Result<Notice, Unproven> {
        notice::prove(&self.api.account, &notice.body)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "text/plain", body: "success" }
    }
}
