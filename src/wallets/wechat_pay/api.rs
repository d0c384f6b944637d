//! One call of the interface: signed, sent, and its answer proven before anything of it is used.

use std::sync::Arc;

use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use tokio::time::Instant;

use super::platform_keys::{PlatformKeys, Worth};
use super::proof::Proof;
use super::refusal::{Refusal, remarks, single};
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
        let now = self.clock.now();
        match answer.status {
            200..=299 if is_proven => Ok(Answered::Done(answer.body)),
            200..=299 => {
                Err(WalletError::Unknown(format!("its answer is not proven{}", remarks(&answer.headers, now))))
            }
            400..=499 => Ok(Answered::Refused(Refusal::read(&answer, is_proven, now))),
            status => {
                let refusal = Refusal::read(&answer, false, now);
                Err(WalletError::Unknown(format!("it answered {status}: {refusal}")))
            }
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
