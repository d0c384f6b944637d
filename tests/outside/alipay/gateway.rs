//! A pretended Alipay over real HTTP: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::APP_ID;
use super::book::{Book, in_china};
use crate::harness::now;
use crate::wechat::gateway::{Asked, read, send};
use crate::wechat::keys::identities;

/// How an answer goes wrong. All but the last three come after the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Without a signature.
    Unsigned,
    /// Signed by somebody else.
    Forged,
    /// The right signature, and the content with its members in another order.
    Reordered,
    /// The right signature, and the same content written with other letters.
    Respelled,
    /// A good answer to the same question about something else.
    Swapped,
    /// 500 although it was done.
    ServerError,
    /// The connection ends in the middle of the body.
    Cut,
    /// Two megabytes.
    TooLong,
    /// Somewhere else.
    Redirect,
    /// 502 from something on the way, nothing done.
    GatewayError,
    /// The gateway itself refuses, unsigned, nothing done.
    UnsignedError,
    /// The service does not want to, signed, nothing done: code and reason.
    Refuse(&'static str, &'static str),
}

#[derive(Default)]
struct State {
    book: Book,
    asked: Vec<(String, Value)>,
    forms: Vec<BTreeMap<String, String>>,
    mischief: VecDeque<(&'static str, Mischief)>,
}

/// The pretended Alipay of one test.
#[derive(Clone)]
pub struct Gateway {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Gateway {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let gateway = Self { address: listener.local_addr().expect("an address"), state: Arc::default() };
        let serving = gateway.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gateway = serving.clone();
                tokio::spawn(async move { gateway.serve(stream).await });
            }
        });
        gateway
    }

    /// Its address.
    pub fn base(&self) -> String {
        format!("http://{}/gateway.do", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Looks at its book, or changes it.
    pub fn book<T>(&self, with: impl FnOnce(&mut Book) -> T) -> T {
        with(&mut self.state().book)
    }

    /// The next answers to this method go wrong so.
    pub fn misbehave(&self, method: &'static str, mischief: &[Mischief]) {
        self.state().mischief.extend(mischief.iter().map(|each| (method, *each)));
    }

    /// The contents with which this method was called, oldest first; `*` for all.
    pub fn asked(&self, method: &str) -> Vec<Value> {
        let state = self.state();
        let matching = state.asked.iter().filter(|(name, _)| method == "*" || name == method);
        matching.map(|(_, content)| content.clone()).collect()
    }

    /// The forms with which anything was called, oldest first.
    pub fn forms(&self) -> Vec<BTreeMap<String, String>> {
        self.state().forms.clone()
    }

    /// The number of the newest code.
    pub fn newest_code(&self) -> String {
        let asked = self.asked("alipay.trade.precreate");
        asked.last().expect("a code was asked for")["out_trade_no"].as_str().expect("a number").to_owned()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream).await else { return };
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        if path != "/gateway.do" {
            return send(&mut stream, 404, "", b"").await;
        }
        let form = if asked.method == "GET" { query.as_bytes() } else { &asked.body };
        let form: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
        let fields: BTreeMap<String, String> = form.iter().cloned().collect();
        let method = fields.get("method").cloned().unwrap_or_default();
        let content: Value =
            fields.get("biz_content").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let mischief = {
            let mut state = self.state();
            state.asked.push((method.clone(), content.clone()));
            state.forms.push(fields.clone());
            let at = state.mischief.iter().position(|(name, _)| *name == method);
            at.and_then(|at| state.mischief.remove(at)).map(|(_, mischief)| mischief)
        };
        if fields.len() != form.len() {
            return error(&mut stream, "isv.duplicate").await;
        }
        if let Err(rule) = authorized(&asked, &fields) {
            return error(&mut stream, rule).await;
        }
        let answer = match mischief {
            Some(Mischief::GatewayError) => return send(&mut stream, 502, "", b"<html>bad gateway</html>").await,
            Some(Mischief::UnsignedError) => return error(&mut stream, "isv.invalid-signature").await,
            Some(Mischief::Refuse(code, reason)) => {
                json!({ "code": code, "msg": "Failed", "sub_code": reason, "sub_msg": "不行" })
            }
            _ => self.answer(&method, content, &fields),
        };
        if method == "alipay.trade.wap.pay" {
            return send(&mut stream, 200, "content-type: text/html\r\n", b"<!doctype html><title>cashier</title>")
                .await;
        }
        misbehaving(&mut stream, &method, &answer, mischief).await;
    }

    fn answer(&self, method: &str, content: Value, fields: &BTreeMap<String, String>) -> Value {
        let notify_url = fields.get("notify_url").cloned().unwrap_or_default();
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
    let is_form = kind == "application/x-www-form-urlencoded;charset=utf-8";
    if asked.method == "POST" && !is_form { Err("isv.invalid-encoding") } else { Ok(()) }
}

async fn error(stream: &mut TcpStream, reason: &str) {
    let body = json!({ "error_response": { "code": "40002", "msg": "Invalid Arguments", "sub_code": reason } });
    send(stream, 200, "", body.to_string().as_bytes()).await;
}

async fn misbehaving(stream: &mut TcpStream, method: &str, answer: &Value, mischief: Option<Mischief>) {
    // Spelled as only Alipay spells it, so that whoever writes it anew before he verifies it fails.
    let content = answer.to_string().replace("{\"code\"", "{ \"code\"").replace("https://", "https:\\/\\/");
    let by = |content: &str| identities().public_key.sign(content.as_bytes());
    let body = |content: &str, sign: &str| {
        format!("{{\"{}_response\":{content},\"sign\":\"{sign}\"}}", method.replace('.', "_")).into_bytes()
    };
    let right = body(&content, &by(&content));
    match mischief {
        Some(Mischief::Unsigned) => {
            let unsigned = format!("{{\"{}_response\":{content}}}", method.replace('.', "_"));
            send(stream, 200, "", unsigned.as_bytes()).await;
        }
        Some(Mischief::Forged) => {
            send(stream, 200, "", &body(&content, &identities().stranger.sign(content.as_bytes()))).await;
        }
        Some(Mischief::Reordered) => {
            let mut members: Vec<(String, Value)> =
                answer.as_object().cloned().unwrap_or_default().into_iter().collect();
            members.reverse();
            let turned: serde_json::Map<String, Value> = members.into_iter().collect();
            send(stream, 200, "", &body(&Value::Object(turned).to_string(), &by(&content))).await;
        }
        Some(Mischief::Respelled) => send(stream, 200, "", &body(&answer.to_string(), &by(&content))).await,
        Some(Mischief::Swapped) => {
            let mut other = answer.clone();
            for name in ["out_trade_no", "out_request_no"] {
                if other.get(name).is_some() {
                    other[name] = json!("B".repeat(32));
                }
            }
            let other = other.to_string();
            send(stream, 200, "", &body(&other, &by(&other))).await;
        }
        Some(Mischief::ServerError) => send(stream, 500, "", b"{}").await,
        Some(Mischief::Cut) => {
            let head = format!("HTTP/1.1 200 x\r\ncontent-length: {}\r\n\r\n", right.len() + 1);
            let _ = stream.write_all(&[head.as_bytes(), &right].concat()).await;
        }
        Some(Mischief::TooLong) => send(stream, 200, "", &[right, vec![b' '; 2 << 20]].concat()).await,
        Some(Mischief::Redirect) => send(stream, 302, "location: /elsewhere\r\n", b"").await,
        _ => send(stream, 200, "content-type: text/html;charset=utf-8\r\n", &right).await,
    }
}
