//! How a pretended WeChat Pay speaks: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::book::Book;
use super::notice::{encrypted, head_of};
use super::{APP_ID, APP_SECRET, Gateway, MCH_ID, PUBLIC_KEY_ID};
use crate::harness::now;
use crate::pretended::keys::{Identity, identities};
use crate::pretended::{self, Asked, Call, Mischief, Reply, padded};

/// What every answer is called.
pub const REQUEST_ID: &str = "08F1E8A2C90610DA0118A6D2B3E80120-268435461";

/// The ways in which its answers can go wrong.
pub const MENU: [Mischief; 12] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::WrongSerial,
    Mischief::Old,
    Mischief::Reordered,
    Mischief::Swapped,
    Mischief::GatewayError,
    Mischief::UnsignedError,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::Redirect,
];

impl pretended::Book for Book {
    fn call(asked: &Asked) -> Option<Call> {
        let path = asked.target.split('?').next().unwrap_or_default();
        let is_get = asked.method == "GET";
        match path.strip_prefix("/v3/")? {
            "refund/domestic/refunds" => Some(Call::Refund),
            path if path.starts_with("refund/domestic/refunds/") => Some(Call::AskRefund),
            path if path.ends_with("/close") => Some(Call::Close),
            path if path.starts_with("pay/transactions/") => Some(if is_get { Call::Query } else { Call::Begin }),
            _ => None,
        }
    }

    fn answer(gateway: &Gateway, asked: &Asked, mischief: Option<Mischief>) -> Reply {
        let path = asked.target.split('?').next().unwrap_or_default();
        if path.starts_with("/sns/") {
            return Reply::new(200, gateway.identify(&asked.target).to_string());
        }
        if path.starts_with("/connect/") {
            return Reply::new(302, "").with("location", &gateway.log_in(&asked.target));
        }
        if path.starts_with("/h5") {
            return Reply::new(200, "<!doctype html><title>wallet</title>").with("content-type", "text/html");
        }
        let (status, value) = match mischief {
            Some(Mischief::Refuse(status, code)) => {
                (status.parse().expect("a status"), json!({ "code": code, "message": "不行" }))
            }
            Some(Mischief::UnsignedError) => (400, json!({ "code": tempting(asked), "message": "不行" })),
            Some(Mischief::Swapped) => {
                let (status, value) = gateway.done(asked, path);
                (status, swapped(value))
            }
            _ => gateway.done(asked, path),
        };
        let body = if value.is_null() { Vec::new() } else { value.to_string().into_bytes() };
        let body = padded(body, mischief);
        let head = format!("request-id: {REQUEST_ID}\r\n{}", gateway.proof(&body, mischief));
        let reply = Reply { status, head, body };
        if mischief != Some(Mischief::Reordered) {
            return reply;
        }
        let mut members: Vec<(String, Value)> = value.as_object().cloned().unwrap_or_default().into_iter().collect();
        members.push((" ".to_owned(), Value::Null));
        members.reverse();
        let turned: serde_json::Map<String, Value> = members.into_iter().collect();
        Reply { body: Value::Object(turned).to_string().into_bytes(), ..reply }
    }
}

/// A good answer about something else: of another trade or refund, or to who asked for another product.
fn swapped(mut value: Value) -> Value {
    for (name, other) in [("out_trade_no", "B".repeat(32)), ("out_refund_no", "C".repeat(32))] {
        if value.get(name).is_some() {
            value[name] = json!(other);
        }
    }
    match value.as_object_mut().map(|members| members.len()) {
        Some(1) => json!({ "mweb_url": "https://wx.tenpay.com/" }),
        _ => value,
    }
}

/// A code that would end what was asked for, if WeChat Pay had said so.
fn tempting(asked: &Asked) -> &'static str {
    match <Book as pretended::Book>::call(asked) {
        Some(Call::Query | Call::Close) => "ORDER_NOT_EXIST",
        Some(Call::AskRefund) => "RESOURCE_NOT_EXISTS",
        _ => "PARAM_ERROR",
    }
}

impl Gateway {
    /// Its address.
    pub fn base(&self) -> String {
        self.origin()
    }

    /// From now on everything is signed with a certificate that nobody configured.
    pub fn renew_certificate(&self) {
        self.book(|book| book.has_new_certificate = true);
    }

    /// A login that ends with this code is this person's.
    pub fn will_log_in(&self, code: &str, openid: &str) {
        self.book(|book| book.codes.insert(code.to_owned(), openid.to_owned()));
    }

    /// From now on whoever is sent to the login page comes back as this person; as nobody, he cancels.
    pub fn person(&self, openid: Option<&str>) {
        self.book(|book| book.person = openid.map(str::to_owned));
    }

    /// The trade that was asked for last.
    pub fn newest_trade(&self) -> String {
        let begun = self.calls(Call::Begin);
        let body: Value = serde_json::from_slice(&begun.last().expect("a trade was begun").body).expect("JSON");
        body["out_trade_no"].as_str().expect("a number").to_owned()
    }

    /// The head that proves a body, right or wrong.
    fn proof(&self, body: &[u8], mischief: Option<Mischief>) -> String {
        let all = identities();
        let (name, identity) = match self.book(|book| book.has_new_certificate) {
            true => (all.next_certificate.serial.clone(), &all.next_certificate),
            false => (PUBLIC_KEY_ID.to_owned(), &all.public_key),
        };
        let seconds = now().as_second();
        let head = match mischief {
            Some(Mischief::Unsigned | Mischief::UnsignedError) => Vec::new(),
            Some(Mischief::Forged) => head_of(&name, &all.stranger, seconds, body),
            Some(Mischief::WrongSerial) => head_of("4E4F424F4459", identity, seconds, body),
            Some(Mischief::Old) => head_of(&name, identity, seconds - 600, body),
            _ => head_of(&name, identity, seconds, body),
        };
        head.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    /// Does what is asked for.
    fn done(&self, asked: &Asked, path: &str) -> (u16, Value) {
        if let Err(rule) = self.authorized(asked) {
            return (401, json!({ "code": "SIGN_ERROR", "message": rule }));
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let base = self.base();
        let below = path.strip_prefix("/v3/pay/transactions/");
        self.book(|book| match (asked.method.as_str(), below) {
            ("POST", Some(product @ ("native" | "jsapi" | "h5"))) => book.begin(product, body, &base),
            ("GET", Some(rest)) if asked.target.ends_with(&format!("?mchid={MCH_ID}")) => {
                book.query(rest.strip_prefix("out-trade-no/").unwrap_or_default())
            }
            ("POST", Some(rest)) if body == json!({ "mchid": MCH_ID }) => {
                let number = rest.strip_prefix("out-trade-no/").and_then(|rest| rest.strip_suffix("/close"));
                book.close(number.unwrap_or_default())
            }
            ("POST", None) if path == "/v3/refund/domestic/refunds" => book.refund(&body),
            ("GET", None) if path == "/v3/certificates" => (200, certificates()),
            ("GET", None) if path.starts_with("/v3/refund/domestic/refunds/") => {
                book.refund_state(path.rsplit('/').next().unwrap_or_default())
            }
            _ => (404, json!({ "code": "RESOURCE_NOT_EXISTS", "message": "" })),
        })
    }

    /// Checks the `Authorization` header as the interface's documents say.
    fn authorized<'a>(&self, asked: &'a Asked) -> Result<(), &'static str> {
        let header = |name: &str| asked.headers.get(name).map(String::as_str).unwrap_or_default();
        let fields = header("authorization").strip_prefix("WECHATPAY2-SHA256-RSA2048 ").ok_or("scheme")?;
        let quoted = |field: &'a str| {
            let (name, value) = field.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            (!value.contains('"')).then_some((name, value))
        };
        let fields: Option<BTreeMap<&str, &str>> = fields.split(',').map(quoted).collect();
        let fields = fields.ok_or("quotes")?;
        let field = |name: &str| fields.get(name).copied().unwrap_or_default();
        let merchant = &identities().merchant;
        if fields.len() != 5 || field("mchid") != MCH_ID || field("serial_no") != merchant.serial {
            return Err("fields");
        }
        let at: i64 = field("timestamp").parse().map_err(|_| "timestamp")?;
        if (now().as_second() - at).abs() > 300 {
            return Err("time");
        }
        let nonce = field("nonce_str");
        if nonce.is_empty() || nonce.len() > 32 || !self.book(|book| book.nonces.insert(nonce.to_owned())) {
            return Err("nonce");
        }
        let head = format!("{}\n{}\n{at}\n{nonce}\n", asked.method, asked.target);
        let text = [head.as_bytes(), &asked.body, b"\n"].concat();
        if !merchant.signed(&text, field("signature")) {
            return Err("signature");
        }
        let json_fits = asked.method == "GET" || header("content-type") == "application/json";
        if header("accept") != "application/json" || header("user-agent").is_empty() || !json_fits {
            return Err("headers");
        }
        if header("wechatpay-serial") != PUBLIC_KEY_ID { Err("which key to answer with") } else { Ok(()) }
    }

    /// Where the login page sends a browser back to.
    fn log_in(&self, target: &str) -> String {
        let url = url::Url::parse(&format!("http://x{target}")).expect("an address");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let mut back = url::Url::parse(&query["redirect_uri"]).expect("an address");
        if let Some(person) = self.book(|book| book.person.clone()) {
            let code = format!("code{}", self.asked("").len());
            back.query_pairs_mut().append_pair("code", &code);
            self.will_log_in(&code, &person);
        }
        back.query_pairs_mut().append_pair("state", &query["state"]);
        back.into()
    }

    fn identify(&self, target: &str) -> Value {
        let url = url::Url::parse(&format!("http://x{target}")).expect("an address");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let right =
            field("appid") == APP_ID && field("secret") == APP_SECRET && field("grant_type") == "authorization_code";
        // A code is used up by the first question.
        let openid = self.book(|book| book.codes.remove(field("code"))).filter(|_| right);
        openid.map_or_else(
            || json!({ "errcode": 40029, "errmsg": "invalid code" }),
            |openid| json!({ "access_token": "t", "openid": openid, "scope": "snsapi_base" }),
        )
    }
}

fn certificates() -> Value {
    let all = identities();
    let listed = |identity: &Identity| {
        json!({
            "serial_no": identity.serial, "effective_time": "2026-01-01T00:00:00+08:00", "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": encrypted(identity.certificate.as_bytes(), "certificate"),
        })
    };
    json!({ "data": [listed(&all.certificate), listed(&all.next_certificate)] })
}
