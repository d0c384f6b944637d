//! One call of the gateway: a signed form there, a proven form back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::CONTENT_TYPE;

use super::proof::{SIGNATURE, is_proven, text_to_sign};
use crate::config::live_wallets::unionpay::UnionpayAccount;
use crate::domain::attempt::PostedForm;
use crate::ports::clock::Clock;
use crate::ports::wallet::WalletError;
use crate::wallets::form::{self, Fields};
use crate::wallets::http::{Outgoing, Repeat, WalletClient};

/// Where everything is asked.
const TARGET: &str = "/gateway/api/backTransReq.do";
/// Where a payer's browser sends its form.
const FRONT: &str = "/gateway/api/frontTransReq.do";
/// Refused, and the same request never helps: a wrong form, a missing field, an original trade that is not there or not in the right
/// state, that differs, or that was given back already.
const NEVER: [&str; 5] = ["10", "13", "35", "36", "45"];
/// Of a wallet's own words so many characters reach the log.
const WORDS_KEPT: usize = 200;

/// The interface for one merchant.
pub(super) struct Api {
    pub account: UnionpayAccount,
    pub client: WalletClient,
    pub clock: Arc<dyn Clock>,
}

/// A proven answer.
#[derive(Debug)]
pub(super) struct Answered(pub Fields);

impl Api {
    /// Asks for something. Only a question is harmless to repeat: whatever else comes a second time under its number is answered with
    /// "repeated", which says nothing of what became of the first one.
    pub(super) async fn call(&self, repeat: Repeat, asked: &[(&str, &str)]) -> Result<Answered, WalletError> {
        let write = || {
            let headers = vec![(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8".to_owned())];
            let body = form::write(&self.signed(asked)?).into_bytes();
            Ok(Outgoing { method: Method::POST, target: TARGET.to_owned(), headers, body })
        };
        let answer = self.client.call(repeat, write).await?;
        if answer.status != 200 {
            return Err(WalletError::Unknown(format!("it answered {}", answer.status)));
        }
        let unreadable = || WalletError::Unknown("its answer cannot be read".to_owned());
        let fields = read(&answer.body).ok_or_else(unreadable)?;
        if !is_proven(&self.account, &fields, self.clock.now()) {
            return Err(WalletError::Unknown("its answer is not proven".to_owned()));
        }
        let same = |name: &str| {
            let wanted = asked.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            wanted.is_none_or(|wanted| fields.get(name).is_some_and(|answered| answered == wanted))
        };
        let is_own = fields.get("merId").is_some_and(|merchant| *merchant == self.account.mer_id);
        if !is_own || !same("orderId") || !same("txnTime") || !same("txnType") {
            return Err(WalletError::Unknown("its answer is about something else".to_owned()));
        }
        Ok(Answered(fields))
    }

    /// A form for the payer's browser. Nobody is called; the same words make the same form.
    pub(super) fn form(&self, asked: &[(&str, &str)]) -> Result<PostedForm, WalletError> {
        let action = format!("{}{FRONT}", self.account.base_url.as_str().trim_end_matches('/'));
        Ok(PostedForm { action, fields: self.signed(asked)?.into_iter().collect() })
    }

    fn signed(&self, asked: &[(&str, &str)]) -> Result<Fields, WalletError> {
        let common = [
            ("version", "5.1.0"),
            ("encoding", "utf-8"),
            ("signMethod", "01"),
            ("bizType", "000000"),
            ("accessType", "0"),
            ("merId", self.account.mer_id.as_str()),
            ("certId", self.account.cert_id.as_str()),
        ];
        let named = common.iter().chain(asked).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut fields: Fields = named.collect();
        let signature = self.account.private_key.sign(text_to_sign(&fields).as_bytes());
        let signature = signature.map_err(|error| WalletError::Later(error.to_string()))?;
        fields.insert(SIGNATURE.to_owned(), STANDARD.encode(signature));
        Ok(fields)
    }
}

/// Reads an answer: pairs with `&` between them and nothing escaped. A name that comes twice makes it none.
pub(super) fn read(body: &[u8]) -> Option<Fields> {
    let mut fields = BTreeMap::new();
    for pair in std::str::from_utf8(body).ok()?.split('&') {
        let (name, value) = pair.split_once('=')?;
        if name.is_empty() || fields.insert(name.to_owned(), value.to_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

impl Answered {
    /// A field; empty when it is missing.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Whether it was done.
    pub(super) fn is_done(&self) -> bool {
        self.field("respCode") == "00"
    }

    /// What a refusal means: of a form or an original trade that is wrong nothing ever comes. A time-out, a request that is taken,
    /// "repeated", and whatever is not known here leave open what became of it.
    pub(super) fn refusal(&self) -> WalletError {
        if NEVER.contains(&self.field("respCode")) { WalletError::Refused(self.to_string()) } else { self.unknown() }
    }

    /// It does not say what became of what it is about.
    pub(super) fn unknown(&self) -> WalletError {
        WalletError::Unknown(self.to_string())
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain =
            |text: &str| text.chars().filter(|letter| !letter.is_control()).take(WORDS_KEPT).collect::<String>();
        write!(formatter, "{} {}", plain(self.field("respCode")), plain(self.field("respMsg")))
    }
}
