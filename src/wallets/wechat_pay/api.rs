//! One call of the interface: signed, sent, and its answer proven before anything of it is used.

use std::sync::Arc;

use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName};
use serde::Deserialize;
use tokio::time::Instant;

use super::platform_keys::{PlatformKeys, Worth};
use super::proof::Proof;
use super::signature::{Signed, authorization};
use crate::config::live_wallets::wechat_pay::WechatPayAccount;
use crate::exchange::Answer;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::wallet::WalletError;
use crate::wallets::http::{Outgoing, Repeat, WalletClient};

/// Where the certificates are listed.
const CERTIFICATES: &str = "/v3/certificates";
/// How long a nonce is; WeChat Pay takes up to 32 characters.
pub(super) const NONCE_LENGTH: usize = 32;
/// Of a wallet's own words so many characters reach the log.
const WORDS_KEPT: usize = 200;

/// The interface for one merchant.
pub(super) struct Api {
    pub account: WechatPayAccount,
    pub client: WalletClient,
    pub keys: PlatformKeys,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// What a call brought.
#[derive(Debug)]
pub(super) enum Answered {
    /// Done; the proven body.
    Done(Vec<u8>),
    /// Not done.
    Refused(Refusal),
}

/// A refusal in the wallet's words.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The stable word: `ORDERPAID`.
    pub code: String,
    /// A sentence for people.
    message: String,
    /// Whether WeChat Pay signed it: what came from something on the way decides nothing.
    pub is_proven: bool,
}

#[derive(Deserialize)]
struct RefusalBody {
    code: String,
    #[serde(default)]
    message: String,
}

impl Api {
    /// Asks for something; every call of this interface may be made again with the same content.
    pub(super) async fn get(&self, target: &str) -> Result<Answered, WalletError> {
        self.call(Method::GET, target, Vec::new()).await
    }

    /// Sends something.
    pub(super) async fn post(&self, target: &str, body: Vec<u8>) -> Result<Answered, WalletError> {
        self.call(Method::POST, target, body).await
    }

    async fn call(&self, method: Method, target: &str, body: Vec<u8>) -> Result<Answered, WalletError> {
        let answer = self.send(&method, target, &body).await?;
        let proof = self.proof(&answer);
        let mut worth = proof.as_ref().map_or(Worth::Forged, |proof| self.keys.judge(proof, &answer.body));
        if let (Some(proof), Worth::UnknownSigner) = (&proof, worth) {
            self.look_for_key(&proof.serial).await;
            worth = self.keys.judge(proof, &answer.body);
        }
        let is_proven = worth == Worth::Proven;
        match answer.status {
            200..=299 if is_proven => Ok(Answered::Done(answer.body)),
            200..=299 => Err(WalletError::Unknown("its answer is not proven".to_owned())),
            400..=499 => Ok(Answered::Refused(Refusal::read(&answer, is_proven))),
            status => Err(WalletError::Unknown(format!("it answered {status}: {}", Refusal::read(&answer, false)))),
        }
    }

    async fn send(&self, method: &Method, target: &str, body: &[u8]) -> Result<Answer, WalletError> {
        let write = || {
            let signed = Signed { method, target, body };
            let now_s = self.clock.now().seconds();
            let authorization = authorization(&self.account, &signed, now_s, &self.entropy.alphanumeric(NONCE_LENGTH));
            let authorization = authorization.map_err(|error| WalletError::Later(error.to_string()))?;
            let mut headers = vec![(ACCEPT, "application/json".to_owned()), (AUTHORIZATION, authorization)];
            if let Some(name) = self.keys.preferred() {
                headers.push((HeaderName::from_static("wechatpay-serial"), name.to_owned()));
            }
            if !body.is_empty() {
                headers.push((CONTENT_TYPE, "application/json".to_owned()));
            }
            Ok(Outgoing { method: method.clone(), target: target.to_owned(), headers, body: body.to_vec() })
        };
        self.client.call(Repeat::Harmless, write).await
    }

    fn proof(&self, answer: &Answer) -> Option<Proof> {
        Proof::read(|name| single(&answer.headers, name), self.clock.now())
    }

    /// Fetches the platform certificates because something was signed with an unknown one; at most once a minute.
    pub(super) async fn look_for_key(&self, name: &str) {
        if !self.keys.may_look_for(name, Instant::now()) {
            return;
        }
        let found = match self.send(&Method::GET, CERTIFICATES, &[]).await {
            Ok(answer) if answer.status == 200 => {
                self.proof(&answer).is_some_and(|proof| self.keys.add(&answer.body, &proof, &self.account.api_v3_key))
            }
            _ => false,
        };
        tracing::info!(mch_id = self.account.mch_id, found, "asked WeChat Pay for its certificates");
    }
}

/// The value of a header that came exactly once: of two values, another reader might believe the other one.
fn single<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

impl Refusal {
    pub(super) fn read(answer: &Answer, is_proven: bool) -> Self {
        let body: Option<RefusalBody> = serde_json::from_slice(&answer.body).ok();
        let (code, message) = body.map_or_else(Default::default, |body| (body.code, body.message));
        let plain = |text: String| text.chars().filter(|letter| !letter.is_control()).take(WORDS_KEPT).collect();
        let code = if code.is_empty() { format!("HTTP {}", answer.status) } else { plain(code) };
        Self { code, message: plain(message), is_proven }
    }

    /// Whether the code is one of these.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Refused for good, if WeChat Pay said so itself; nothing is known otherwise.
    pub(super) fn for_good(&self) -> WalletError {
        if self.is_proven { WalletError::Refused(self.to_string()) } else { self.unknown() }
    }

    /// Not now, if WeChat Pay said so itself; nothing is known otherwise.
    pub(super) fn for_now(&self) -> WalletError {
        if self.is_proven { WalletError::Later(self.to_string()) } else { self.unknown() }
    }

    /// It says nothing about what became of the trade.
    pub(super) fn unknown(&self) -> WalletError {
        WalletError::Unknown(self.to_string())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signed = if self.is_proven { "" } else { ", unsigned" };
        write!(formatter, "{} {}{signed}", self.code, self.message)
    }
}
