//! Notices as WeChat Pay sends them: encrypted, signed, and delivered to the address that the trade named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};

use super::{API_V3_KEY, Gateway, PUBLIC_KEY_ID};
use crate::harness::{Answer, now};
use crate::pretended::Letter;
use crate::pretended::keys::{Identity, identities};

/// A notice on its way: header fields and body.
#[derive(Clone, Debug)]
pub struct Notice {
    pub head: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Something encrypted under the APIv3 key.
pub fn encrypted(plain: &[u8], associated_data: &str) -> Value {
    encrypted_with(API_V3_KEY, plain, associated_data)
}

/// The same under another key.
pub fn encrypted_with(key: &str, plain: &[u8], associated_data: &str) -> Value {
    let mut nonce = [0; 12];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut nonce).expect("chance");
    let nonce = nonce.map(|byte| b'a' + byte % 26);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).expect("a key of 32 bytes"));
    let mut text = plain.to_vec();
    let aad = Aad::from(associated_data.as_bytes());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text).expect("it encrypts");
    json!({
        "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(text),
        "nonce": String::from_utf8_lossy(&nonce), "associated_data": associated_data,
    })
}

/// The header fields that prove a body.
pub fn head_of(name: &str, identity: &Identity, seconds: i64, body: &[u8]) -> Vec<(String, String)> {
    let nonce = "qXo8Gt3ZkV1bW9cY";
    let text = [format!("{seconds}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
    let field = |name: &str, value: String| (name.to_owned(), value);
    vec![
        field("wechatpay-timestamp", seconds.to_string()),
        field("wechatpay-nonce", nonce.to_owned()),
        field("wechatpay-signature", identity.sign(&text)),
        field("wechatpay-serial", name.to_owned()),
        field("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
    ]
}

/// The body of a notice about this trade.
pub fn body_of(trade: &Value) -> Value {
    let mut resource = encrypted(trade.to_string().as_bytes(), "transaction");
    resource["original_type"] = json!("transaction");
    json!({
        "id": "EV-2018022511223320873", "create_time": "2026-11-22T12:00:01+08:00", "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功", "resource": resource,
    })
}

impl Notice {
    /// A genuine notice with this body, of now.
    pub fn genuine(body: &Value) -> Self {
        Self::signed_by(PUBLIC_KEY_ID, &identities().public_key, now().as_second(), body)
    }

    /// A notice signed so.
    pub fn signed_by(name: &str, identity: &Identity, seconds: i64, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { head: head_of(name, identity, seconds, &body), body }
    }

    /// The same with another value of a header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.head.iter_mut().filter(|(known, _)| known == name).for_each(|(_, known)| value.clone_into(known));
        self
    }

    /// The same without a header field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.head.retain(|(known, _)| known != name);
        self
    }

    /// The letter in which it travels to this address.
    pub fn to(&self, url: &str) -> Letter {
        let mut head = self.head.clone();
        head.push(("content-type".to_owned(), "application/json".to_owned()));
        Letter { url: url.to_owned(), head, body: self.body.clone() }
    }

    /// Delivers it.
    pub async fn deliver(&self, url: &str) -> Answer {
        self.to(url).deliver().await
    }
}

impl Gateway {
    /// Where a trade wants to be told of.
    pub fn notify_url(&self, trade_no: &str) -> String {
        self.book(|book| book.trades[trade_no].request["notify_url"].as_str().expect("an address").to_owned())
    }

    /// The payer pays the price; nobody is told yet.
    pub fn pay_silently(&self, trade_no: &str) -> String {
        self.book(|book| {
            let total = book.trades[trade_no].request["amount"]["total"].as_i64().expect("a total");
            book.pay(trade_no, total, now())
        })
    }

    /// The notice about a trade as it stands.
    pub fn notice(&self, trade_no: &str) -> Notice {
        Notice::genuine(&body_of(&self.book(|book| book.describe(trade_no)).expect("a trade")))
    }

    /// The payer pays, and the shop is told.
    pub async fn pay(&self, trade_no: &str) -> Answer {
        self.pay_silently(trade_no);
        self.notice(trade_no).deliver(&self.notify_url(trade_no)).await
    }
}
