//! The port of wallets, spoken with WeChat Pay.

use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::{Answered, Api, NONCE_LENGTH};
use super::login::Login;
use super::order::{OrderRequest, is_code, with_return};
use super::platform_keys::{PlatformKeys, Worth};
use super::proof::Proof;
use super::refund::{Refund, RefundRequest};
use super::resource::Resource;
use super::signature;
use super::trade::{Trade, account_name};
use crate::config::live_wallets::wechat_pay::WechatPayAccount;
use crate::domain::attempt::{Handover, TradeNo};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Product;
use crate::keys::Secret;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::wallet::{
    Acknowledgement, CloseAnswer, NewRefund, NewTrade, Notice, PayerLogin, RawNotice, RefundState, TradeState,
    Unproven, WalletError, WalletGateway,
};
use crate::wallets::http::WalletNetwork;

/// No such trade is known there.
const NO_SUCH_TRADE: [&str; 2] = ["ORDER_NOT_EXIST", "ORDERNOTEXIST"];
/// The trade is paid.
const PAID: [&str; 2] = ["ORDERPAID", "ORDER_PAID"];
/// The trade is closed.
const CLOSED: [&str; 2] = ["ORDER_CLOSED", "ORDERCLOSED"];
/// Asked too often.
const TOO_OFTEN: [&str; 3] = ["FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"];
/// What no later try of the same refund can change. Anything else may pass, or somebody may remove it: an account without enough
/// money, a permission, a limit.
const REFUND_NEVER: [&str; 5] =
    ["PARAM_ERROR", "INVALID_REQUEST", "MCH_NOT_EXISTS", "USER_ACCOUNT_ABNORMAL", "ORDER_NOT_EXIST"];

/// One merchant's account at WeChat Pay.
pub struct WechatPay {
    api: Arc<Api>,
    login: Option<Login>,
    account_name: String,
    notify_url: String,
}

impl WechatPay {
    /// The gateway of this account; `notify_url` is where WeChat Pay calls back, absolute.
    #[must_use]
    pub fn new(
        account: WechatPayAccount,
        notify_url: String,
        network: &WalletNetwork,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let bases = std::iter::once(account.base_url.clone()).chain(account.backup_url.clone()).collect();
        let login = account.login.clone().map(|settings| Login {
            app_id: account.app_id.clone(),
            client: network.client(vec![settings.base_url.clone()]),
            settings,
        });
        let api = Api {
            client: network.client(bases),
            keys: PlatformKeys::new(account.public_keys.clone()),
            account,
            clock,
            entropy,
        };
        let account_name = account_name(&api.account.mch_id, &api.account.app_id);
        Self { api: Arc::new(api), login, account_name, notify_url }
    }

    fn trade_path(&self, trade_no: &TradeNo) -> String {
        format!("/v3/pay/transactions/out-trade-no/{}", trade_no.as_str())
    }

    fn bridge(&self, prepay_id: &str) -> Result<Handover, WalletError> {
        let (now_s, nonce) = (self.api.clock.now().seconds(), self.api.entropy.alphanumeric(NONCE_LENGTH));
        let call = signature::bridge_call(&self.api.account, prepay_id, now_s, &nonce);
        call.map(Handover::Bridge).map_err(|error| WalletError::Later(error.to_string()))
    }

    /// What became of a refund; `None` when WeChat Pay knows none of this number.
    async fn known_refund(&self, refund: &NewRefund) -> Result<Option<RefundState>, WalletError> {
        match self.api.get(&format!("/v3/refund/domestic/refunds/{}", refund.refund_no)).await? {
            Answered::Done(body) => readable::<Refund>(&body)?.state_of(refund).map(Some),
            Answered::Refused(refusal) if refusal.is(&["RESOURCE_NOT_EXISTS"]) => Ok(None),
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }
}

#[derive(Deserialize)]
struct Begun {
    #[serde(default)]
    code_url: Option<String>,
    #[serde(default)]
    prepay_id: Option<String>,
    #[serde(default)]
    h5_url: Option<String>,
}

fn readable<T: DeserializeOwned>(body: &[u8]) -> Result<T, WalletError> {
    serde_json::from_slice(body).map_err(|_| WalletError::Unknown("its answer cannot be read".to_owned()))
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, WalletError> {
    serde_json::to_vec(value).map_err(|error| WalletError::Refused(format!("not asked: {error}")))
}

#[async_trait]
impl WalletGateway for WechatPay {
    fn account(&self) -> &str {
        &self.account_name
    }

    async fn begin(&self, trade: &NewTrade) -> Result<Handover, WalletError> {
        let body = written(&OrderRequest::of(&self.api.account, trade, &self.notify_url)?)?;
        let target = match trade.product {
            Product::Code => "/v3/pay/transactions/native",
            Product::InApp => "/v3/pay/transactions/jsapi",
            Product::Browser => "/v3/pay/transactions/h5",
        };
        let begun: Begun = match self.api.post(target, body).await? {
            Answered::Done(body) => readable(&body)?,
            Answered::Refused(refusal) if refusal.is(&TOO_OFTEN) => return Err(refusal.for_now()),
            // Begun before, answered to nobody, and paid: the query tells the rest.
            Answered::Refused(refusal) if refusal.is(&PAID) => return Err(refusal.unknown()),
            Answered::Refused(refusal) => return Err(refusal.for_good()),
        };
        let nothing = || WalletError::Unknown("its answer leads nowhere".to_owned());
        match trade.product {
            Product::Code => {
                let code = begun.code_url.filter(|code| is_code(code));
                code.map(Handover::Code).ok_or_else(nothing)
            }
            Product::InApp => {
                let prepay_id = begun.prepay_id.filter(|id| (1..=64).contains(&id.len())).ok_or_else(nothing)?;
                self.bridge(&prepay_id)
            }
            Product::Browser => {
                let h5_url = begun.h5_url.ok_or_else(nothing)?;
                with_return(&h5_url, &trade.return_url, &self.api.account.base_url).map(Handover::Redirect)
            }
        }
    }

    async fn query(&self, trade_no: &TradeNo) -> Result<TradeState, WalletError> {
        let target = format!("{}?mchid={}", self.trade_path(trade_no), self.api.account.mch_id);
        match self.api.get(&target).await? {
            Answered::Done(body) => {
                let trade: Trade = readable(&body)?;
                if trade.out_trade_no != trade_no.as_str() {
                    return Err(WalletError::Unknown("its answer is about another trade".to_owned()));
                }
                trade.state().map_err(|unclear| WalletError::Unknown(format!("the trade is {}", unclear.0)))
            }
            Answered::Refused(refusal) if refusal.is(&NO_SUCH_TRADE) => Ok(TradeState::Pending),
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    async fn close(&self, trade_no: &TradeNo) -> Result<CloseAnswer, WalletError> {
        let body = written(&json!({ "mchid": self.api.account.mch_id }))?;
        match self.api.post(&format!("{}/close", self.trade_path(trade_no)), body).await? {
            Answered::Done(_) => Ok(CloseAnswer::Closed),
            // Whoever said it: the query that follows is proven or brings nothing.
            Answered::Refused(refusal) if refusal.is(&PAID) => Ok(CloseAnswer::AlreadyPaid),
            Answered::Refused(refusal) if refusal.is(&CLOSED) || refusal.is(&NO_SUCH_TRADE) => {
                Ok(if refusal.is_proven { CloseAnswer::Closed } else { CloseAnswer::CannotYet })
            }
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundState, WalletError> {
        if let Some(state) = self.known_refund(refund).await? {
            return Ok(state);
        }
        match self.api.post("/v3/refund/domestic/refunds", written(&RefundRequest::of(refund))?).await? {
            Answered::Done(body) => readable::<Refund>(&body)?.state_of(refund),
            // The call may have been made twice, the first time with success and without an answer.
            Answered::Refused(refusal) if refusal.is(&REFUND_NEVER) => match self.known_refund(refund).await? {
                Some(state) => Ok(state),
                None => Err(refusal.for_good()),
            },
            Answered::Refused(refusal) => Err(refusal.for_now()),
        }
    }

    fn prove(&self, notice: &RawNotice, now: Timestamp) -> Result<Notice, Unproven> {
        let proof = Proof::read(|name| notice.header(name), now).ok_or(Unproven::NotProven)?;
        match self.api.keys.judge(&proof, &notice.body) {
            Worth::Proven => read_notice(&notice.body, &self.api.account.api_v3_key),
            Worth::Forged => Err(Unproven::NotProven),
            Worth::UnknownSigner => {
                // Perhaps a new certificate. This notice is refused; WeChat Pay sends it again in a quarter of a minute.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    let (api, name) = (self.api.clone(), proof.serial);
                    runtime.spawn(async move { api.look_for_key(&name).await });
                }
                Err(Unproven::NotProven)
            }
        }
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "application/json", body: r#"{"code":"SUCCESS","message":"成功"}"# }
    }

    fn login(&self) -> Option<&dyn PayerLogin> {
        self.login.as_ref().map(|login| login as &dyn PayerLogin)
    }
}

#[derive(Deserialize)]
struct Envelope {
    event_type: String,
    resource: Resource,
}

/// Reads a notice whose signature was proven. Of all kinds only that of a payment says something that is not asked about anyway.
pub(super) fn read_notice(body: &[u8], api_v3_key: &Secret) -> Result<Notice, Unproven> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| Unproven::Unreadable)?;
    if envelope.event_type != "TRANSACTION.SUCCESS" {
        return Ok(Notice::Other);
    }
    let plain = envelope.resource.open(api_v3_key).map_err(|_| Unproven::NotProven)?;
    if envelope.resource.original_type.as_deref() != Some("transaction") {
        return Err(Unproven::Unreadable);
    }
    news(&plain)
}

/// What the trade in a notice means.
pub(super) fn news(plain: &[u8]) -> Result<Notice, Unproven> {
    let trade: Trade = serde_json::from_slice(plain).map_err(|_| Unproven::Unreadable)?;
    match trade.state() {
        Ok(TradeState::Paid(payments)) => Ok(payments.into_iter().next().map_or(Notice::Other, Notice::Paid)),
        Ok(TradeState::Pending | TradeState::Closed | TradeState::Failed) => Ok(Notice::Other),
        Err(_) => Err(Unproven::Unreadable),
    }
}
