//! One call of the gateway: a signed form there, a proven answer back.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::answer;
use crate::config::live_wallets::alipay::AlipayAccount;
use crate::exchange::Answer;
use crate::ports::clock::Clock;
use crate::ports::wallet::WalletError;
use crate::wallets::china_time::Form;
use crate::wallets::form::{self, Fields};
use crate::wallets::http::{Outgoing, Repeat, WalletClient};

/// The kind of signature that is made and taken; Alipay has older ones.
pub(super) const SIGN_TYPE: &str = "RSA2";
/// Of a wallet's own words so many characters reach the log.
const WORDS_KEPT: usize = 200;

/// The interface for one merchant.
pub(super) struct Api {
    pub account: AlipayAccount,
    pub client: WalletClient,
    pub clock: Arc<dyn Clock>,
}

/// What a call brought.
#[derive(Debug)]
pub(super) enum Answered {
    /// Done; the proven content.
    Done(String),
    /// Not done.
    Refused(Refusal),
}

/// A refusal in the wallet's words.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Who refuses, of the gateway and the service behind it: `40004`.
    code: String,
    /// Why: `ACQ.TRADE_NOT_EXIST`.
    sub_code: String,
    /// A sentence for people.
    words: String,
    /// Whether Alipay signed it.
    pub is_proven: bool,
}

#[derive(Deserialize)]
struct Head {
    code: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    sub_code: String,
    #[serde(default)]
    sub_msg: String,
}

impl Api {
    /// Calls a method; every one that is used here may be called again with the same content.
    pub(super) async fn call(
        &self,
        method: &str,
        content: &impl Serialize,
        more: &[(&str, &str)],
    ) -> Result<Answered, WalletError> {
        let content = written(content)?;
        let write = || {
            let form = form::write(&self.signed(method, &content, more)?);
            let kind = "application/x-www-form-urlencoded;charset=utf-8";
            let headers = vec![(ACCEPT, "application/json".to_owned()), (CONTENT_TYPE, kind.to_owned())];
            Ok(Outgoing { method: Method::POST, target: String::new(), headers, body: form.into_bytes() })
        };
        let answer = self.client.call(Repeat::Harmless, write).await?;
        self.understand(method, &answer)
    }

    /// The address with which a browser calls a method.
    pub(super) fn address(
        &self,
        method: &str,
        content: &impl Serialize,
        more: &[(&str, &str)],
    ) -> Result<String, WalletError> {
        let mut address = self.account.base_url.clone();
        address.set_query(Some(&form::write(&self.signed(method, &written(content)?, more)?)));
        Ok(address.into())
    }

    /// The fields of a request. The kind of signature is signed too, unlike in a notice.
    fn signed(&self, method: &str, content: &str, more: &[(&str, &str)]) -> Result<Fields, WalletError> {
        let timestamp = Form::Spaced.write(self.clock.now());
        let common = [
            ("app_id", self.account.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", SIGN_TYPE),
            ("timestamp", &timestamp),
            ("version", "1.0"),
            ("biz_content", content),
        ];
        let numbers = self.account.certificates.as_ref();
        let certificates = numbers
            .map(|numbers| [("app_cert_sn", numbers.app.as_str()), ("alipay_root_cert_sn", numbers.root.as_str())]);
        let named = common
            .iter()
            .chain(certificates.iter().flatten())
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut fields: Fields = named.collect();
        let signature = self.account.private_key.sign(form::text_to_sign(fields.iter()).as_bytes());
        let signature = signature.map_err(|error| WalletError::Later(error.to_string()))?;
        fields.insert("sign".to_owned(), STANDARD.encode(signature));
        Ok(fields)
    }

    fn understand(&self, method: &str, answer: &Answer) -> Result<Answered, WalletError> {
        if answer.status != 200 {
            return Err(WalletError::Unknown(format!("it answered {}", answer.status)));
        }
        let said = answer::read(&answer.body, method, &self.account.alipay_keys);
        let said = said.ok_or_else(|| WalletError::Unknown("its answer cannot be read".to_owned()))?;
        let head: Head = readable(said.content)?;
        match head.code.as_str() {
            // Success with a reason why not is neither: what became of it has to be asked.
            "10000" if said.is_proven && !head.sub_code.is_empty() => Ok(Answered::Refused(Refusal::of(head, true))),
            "10000" if said.is_proven => Ok(Answered::Done(said.content.to_owned())),
            "10000" if said.certificate.is_some_and(|named| self.account.alipay_keys.lack(&named)) => {
                let rule = "its answer was signed with another certificate: fetch Alipay's new one and add it to alipay_cert_file";
                Err(WalletError::Unknown(rule.to_owned()))
            }
            "10000" => Err(WalletError::Unknown("its answer is not proven".to_owned())),
            _ => Ok(Answered::Refused(Refusal::of(head, said.is_proven))),
        }
    }
}

fn written(content: &impl Serialize) -> Result<String, WalletError> {
    serde_json::to_string(content).map_err(|error| WalletError::Refused(format!("not asked: {error}")))
}

/// The content of an answer as a value.
///
/// # Errors
/// [`WalletError::Unknown`].
pub(super) fn readable<T: DeserializeOwned>(content: &str) -> Result<T, WalletError> {
    serde_json::from_str(content).map_err(|_| WalletError::Unknown("its answer cannot be read".to_owned()))
}

impl Refusal {
    fn of(head: Head, is_proven: bool) -> Self {
        let plain = |text: &str| text.chars().filter(|letter| !letter.is_control()).take(WORDS_KEPT).collect();
        let words = if head.sub_msg.is_empty() { &head.msg } else { &head.sub_msg };
        Self { code: plain(&head.code), sub_code: plain(&head.sub_code), words: plain(words), is_proven }
    }

    /// Whether Alipay itself gives one of these reasons. What it did not sign decides nothing.
    pub(super) fn is(&self, sub_codes: &[&str]) -> bool {
        self.is_proven && sub_codes.contains(&self.sub_code.as_str())
    }

    /// Whether the request was understood, and refused for what it says: not for a permission, a limit or a breakdown.
    fn is_about_the_request(&self) -> bool {
        let breakdown = ["ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR"].contains(&self.sub_code.as_str());
        matches!(self.code.as_str(), "40002" | "40004") && !breakdown
    }

    /// What a refusal means when nothing particular is known about its reason: for good what lies in the request, if `Alipay` said so
    /// itself.
    pub(super) fn for_good(&self) -> WalletError {
        if self.is_proven && self.is_about_the_request() {
            WalletError::Refused(self.to_string())
        } else {
            self.for_now()
        }
    }

    /// The same for what somebody may still remove, or what may pass.
    pub(super) fn for_now(&self) -> WalletError {
        // 20000 says that the service broke down, perhaps after doing the work; 10000 says that the work is done, and was refused.
        let may_be_done = matches!(self.code.as_str(), "10000" | "20000") || self.sub_code.ends_with(".SYSTEM_ERROR");
        let is_clear = self.is_proven && !may_be_done;
        if is_clear { WalletError::Later(self.to_string()) } else { self.unknown() }
    }

    /// It says nothing about what became of the trade.
    pub(super) fn unknown(&self) -> WalletError {
        WalletError::Unknown(self.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = if self.is_proven { "" } else { ", unsigned" };
        write!(formatter, "{} {} {}{signed}", self.code, self.sub_code, self.words)
    }
}
