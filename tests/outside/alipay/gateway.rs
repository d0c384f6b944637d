//! How a pretended Alipay speaks: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::book::{Book, in_china};
use super::{APP_ID, Gateway, certificates};
use crate::harness::now;
use crate::pretended::keys::identities;
use crate::pretended::{self, Asked, Call, Mischief, Reply, padded};

/// The ways in which its answers can go wrong.
pub const MENU: [Mischief; 12] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::Reordered,
    Mischief::Respelled,
    Mischief::Swapped,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::Redirect,
    Mischief::GatewayError,
    Mischief::UnsignedError,
    Mischief::Doubtful("ACQ.UNHEARD_OF"),
];

/// A request as it was meant: the fields of its form in their order, and its content.
struct Meant {
    form: Vec<(String, String)>,
    fields: BTreeMap<String, String>,
    content: Value,
}

impl Meant {
    fn read(asked: &Asked) -> Self {
        // Fields may stand in the address, in the body, or some here and some there.
        let query = asked.target.split_once('?').map_or("", |(_, query)| query).as_bytes();
        let form = [query, &asked.body].into_iter().flat_map(url::form_urlencoded::parse);
        let form: Vec<(String, String)> = form.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let fields: BTreeMap<String, String> = form.iter().cloned().collect();
        let content = fields.get("biz_content").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { form, fields, content }
    }

    fn method(&self) -> &str {
        self.fields.get("method").map(String::as_str).unwrap_or_default()
    }
}

impl pretended::Book for Book {
    fn call(asked: &Asked) -> Option<Call> {
        match Meant::read(asked).method() {
            "alipay.trade.precreate" => Some(Call::Begin),
            "alipay.trade.query" => Some(Call::Query),
            "alipay.trade.close" => Some(Call::Close),
            "alipay.trade.refund" => Some(Call::Refund),
            "alipay.trade.fastpay.refund.query" => Some(Call::AskRefund),
            _ => None,
        }
    }

    fn answer(gateway: &Gateway, asked: &Asked, mischief: Option<Mischief>) -> Reply {
        if asked.target.split('?').next() != Some("/gateway.do") {
            return Reply::new(404, "");
        }
        let meant = Meant::read(asked);
        if meant.fields.len() != meant.form.len() {
            return error("isv.duplicate");
        }
        if let Err(rule) = authorized(asked, &meant.fields) {
            return error(rule);
        }
        let answer = match mischief {
            Some(Mischief::UnsignedError) => return error("isv.invalid-signature"),
            Some(Mischief::Refuse(code, reason)) => {
                json!({ "code": code, "msg": "Failed", "sub_code": reason, "sub_msg": "不行" })
            }
            Some(Mischief::Doubtful(reason)) => {
                let mut answer = gateway.done(&meant);
                answer["sub_code"] = json!(reason);
                answer
            }
            _ => gateway.done(&meant),
        };
        if meant.method() == "alipay.trade.wap.pay" {
            return Reply::new(200, "<!doctype html><title>cashier</title>").with("content-type", "text/html");
        }
        signed(meant.method(), &answer, gateway.book(|book| book.is_renewed), mischief)
    }
}

impl Gateway {
    /// Its address.
    pub fn base(&self) -> String {
        format!("{}/gateway.do", self.origin())
    }

    /// The forms with which anything was called, oldest first.
    pub fn forms(&self) -> Vec<BTreeMap<String, String>> {
        self.asked("").iter().map(|asked| Meant::read(asked).fields).collect()
    }

    /// The number of the newest code.
    pub fn newest_code(&self) -> String {
        let asked = self.calls(Call::Begin);
        let content = Meant::read(asked.last().expect("a code was asked for")).content;
        content["out_trade_no"].as_str().expect("a number").to_owned()
    }

    /// Does what is asked for.
    fn done(&self, meant: &Meant) -> Value {
        let (method, content) = (meant.method(), meant.content.clone());
        let notify_url = meant.fields.get("notify_url").cloned().unwrap_or_default();
        self.book(|book| match method {
            "alipay.trade.precreate" => book.ask(method, content, &notify_url),
            "alipay.trade.wap.pay" => {
                let number = content["out_trade_no"].as_str().unwrap_or_default().to_owned();
                let answer = book.ask(method, content, &notify_url);
                assert_eq!(answer["code"], "10000", "{answer}");
                book.scan(&number);
                answer
            }
            "alipay.trade.query" => book.query(&content),
            "alipay.trade.close" => book.close(&content),
            "alipay.trade.refund" => book.refund(&content),
            "alipay.trade.fastpay.refund.query" => book.refund_state(&content),
            _ => json!({ "code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-method" }),
        })
    }
}

/// Checks the form as Alipay's documents say.
fn authorized(asked: &Asked, fields: &BTreeMap<String, String>) -> Result<(), &'static str> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let fixed = [("app_id", APP_ID), ("charset", "utf-8"), ("sign_type", "RSA2"), ("version", "1.0")];
    if !["", "JSON"].contains(&field("format")) || fixed.iter().any(|(name, value)| field(name) != *value) {
        return Err("isv.invalid-parameter");
    }
    let moment = field("timestamp");
    let minute = jiff::SignedDuration::from_mins(10);
    if moment.len() != 19 || moment < in_china(now() - minute).as_str() || moment > in_china(now() + minute).as_str() {
        return Err("isv.invalid-timestamp");
    }
    // Every field but the signature that says something, in the order of names.
    let mut signed = String::new();
    for (name, value) in fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()) {
        if !signed.is_empty() {
            signed.push('&');
        }
        signed += &format!("{name}={value}");
    }
    if !identities().merchant.signed(signed.as_bytes(), field("sign")) {
        return Err("isv.invalid-signature");
    }
    let kind = asked.headers.get("content-type").map(String::as_str).unwrap_or_default();
    // The name of a charset is the same in capitals.
    let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded;charset=utf-8");
    if asked.method == "POST" && !is_form { Err("isv.invalid-encoding") } else { Ok(()) }
}

/// The gateway itself refuses: nobody signs that.
fn error(reason: &str) -> Reply {
    let body = json!({ "error_response": { "code": "40002", "msg": "Invalid Arguments", "sub_code": reason } });
    Reply::new(200, body.to_string())
}

/// An answer with its signature, right or wrong.
fn signed(method: &str, answer: &Value, is_renewed: bool, mischief: Option<Mischief>) -> Reply {
    // Spelled as only Alipay spells it, so that whoever writes it anew before he verifies it fails.
    let content = answer.to_string().replace("{\"code\"", "{ \"code\"").replace("https://", "https:\\/\\/");
    let all = identities();
    let (signer, named) = match is_renewed {
        true => (&all.certificate, format!("\"alipay_cert_sn\":\"{}\",", certificates().next_name)),
        false => (&all.public_key, String::new()),
    };
    let body = |content: &str, sign: &str| {
        format!("{{\"{}_response\":{content},{named}\"sign\":\"{sign}\"}}", method.replace('.', "_")).into_bytes()
    };
    let right = signer.sign(content.as_bytes());
    let body = match mischief {
        Some(Mischief::Unsigned) => format!("{{\"{}_response\":{content}}}", method.replace('.', "_")).into_bytes(),
        Some(Mischief::Forged) => body(&content, &all.stranger.sign(content.as_bytes())),
        Some(Mischief::Reordered) => {
            let mut members: Vec<(String, Value)> =
                answer.as_object().cloned().unwrap_or_default().into_iter().collect();
            members.reverse();
            let turned: serde_json::Map<String, Value> = members.into_iter().collect();
            body(&Value::Object(turned).to_string(), &right)
        }
        Some(Mischief::Respelled) => body(&answer.to_string(), &right),
        Some(Mischief::Swapped) => {
            let mut other = answer.clone();
            for name in ["out_trade_no", "out_request_no"] {
                if other.get(name).is_some() {
                    other[name] = json!("B".repeat(32));
                }
            }
            let other = other.to_string();
            body(&other, &all.public_key.sign(other.as_bytes()))
        }
        _ => body(&content, &right),
    };
    Reply::new(200, padded(body, mischief)).with("content-type", "text/html;charset=utf-8")
}
