//! A pretended WeChat Pay over real HTTP: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::book::Book;
use super::keys::identities;
use super::notice::{encrypted, head_of};
use super::{APP_ID, APP_SECRET, MCH_ID, PUBLIC_KEY_ID};
use crate::harness::now;

/// How an answer goes wrong. All but [`Mischief::Refuse`] and [`Mischief::GatewayError`] come after the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Without a signature.
    Unsigned,
    /// Signed by somebody else under the right name.
    Forged,
    /// Under the name of nobody.
    WrongSerial,
    /// Signed ten minutes ago.
    Old,
    /// The right signature, and the body with its members in another order.
    Reordered,
    /// 502 from something on the way, nothing done.
    GatewayError,
    /// 500 although it was done.
    ServerError,
    /// The connection ends in the middle of the body.
    Cut,
    /// Nothing comes at all.
    Silent,
    /// Two megabytes.
    TooLong,
    /// Somewhere else.
    Redirect,
    /// Refused with this status and code, signed.
    Refuse(u16, &'static str),
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct State {
    book: Book,
    asked: Vec<Asked>,
    mischief: VecDeque<(&'static str, Mischief)>,
    /// Answers are signed with the certificate that nobody configured.
    has_new_certificate: bool,
    codes: BTreeMap<String, String>,
    /// Who is logged in on the phone that is sent to the login; nobody cancels.
    person: Option<String>,
}

/// The pretended WeChat Pay of one test.
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
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Looks at its book, or changes it.
    pub fn book<T>(&self, with: impl FnOnce(&mut Book) -> T) -> T {
        with(&mut self.state().book)
    }

    /// The next answers to requests with this in their target go wrong so.
    pub fn misbehave(&self, part: &'static str, mischief: &[Mischief]) {
        self.state().mischief.extend(mischief.iter().map(|each| (part, *each)));
    }

    /// From now on everything is signed with a certificate that nobody configured.
    pub fn renew_certificate(&self) {
        self.state().has_new_certificate = true;
    }

    /// A login that ends with this code is this person's.
    pub fn will_log_in(&self, code: &str, openid: &str) {
        self.state().codes.insert(code.to_owned(), openid.to_owned());
    }

    /// From now on whoever is sent to the login page comes back as this person; as nobody, he cancels.
    pub fn person(&self, openid: Option<&str>) {
        self.state().person = openid.map(str::to_owned);
    }

    /// The requests with this in their target, oldest first.
    pub fn asked(&self, part: &str) -> Vec<Asked> {
        self.state().asked.iter().filter(|asked| asked.target.contains(part)).cloned().collect()
    }

    /// The only trade whose request has this product's form, or the newest.
    pub fn newest_trade(&self) -> String {
        let begun = self.asked("/v3/pay/transactions/");
        let begun = begun.iter().rev().find(|asked| asked.body.starts_with(b"{") && !asked.target.ends_with("/close"));
        let body: Value = serde_json::from_slice(&begun.expect("a trade was begun").body).expect("JSON");
        body["out_trade_no"].as_str().expect("a number").to_owned()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream).await else { return };
        self.state().asked.push(asked.clone());
        let path = asked.target.split('?').next().unwrap_or_default().to_owned();
        let mischief = {
            let mut state = self.state();
            let at = state.mischief.iter().position(|(part, _)| asked.target.contains(part));
            at.and_then(|at| state.mischief.remove(at)).map(|(_, mischief)| mischief)
        };
        match mischief {
            Some(Mischief::GatewayError) => return send(&mut stream, 502, "", b"<html>bad gateway</html>").await,
            Some(Mischief::Refuse(status, code)) => {
                let body = json!({ "code": code, "message": "不行" }).to_string();
                let head = self.signed(body.as_bytes(), None);
                return send(&mut stream, status, &head, body.as_bytes()).await;
            }
            _ => {}
        }
        if path.starts_with("/sns/") {
            let (status, body) = self.identify(&asked.target);
            return send(&mut stream, status, "", body.to_string().as_bytes()).await;
        }
        if path.starts_with("/connect/") {
            let onward = self.log_in(&asked.target);
            return send(&mut stream, 302, &format!("location: {onward}\r\n"), b"").await;
        }
        if path.starts_with("/h5") {
            return send(&mut stream, 200, "content-type: text/html\r\n", b"<!doctype html><title>wallet</title>")
                .await;
        }
        let (status, body) = self.answer(&asked, &path);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.misbehaving(&mut stream, status, body, mischief).await;
    }

    async fn misbehaving(&self, stream: &mut TcpStream, status: u16, body: Vec<u8>, mischief: Option<Mischief>) {
        let right = self.signed(&body, None);
        match mischief {
            Some(Mischief::Unsigned) => send(stream, status, "", &body).await,
            Some(wrong @ (Mischief::Forged | Mischief::WrongSerial | Mischief::Old)) => {
                send(stream, status, &self.signed(&body, Some(wrong)), &body).await;
            }
            Some(Mischief::Reordered) => {
                let value: Value = serde_json::from_slice(&body).unwrap_or_default();
                let mut members: Vec<(String, Value)> =
                    value.as_object().cloned().unwrap_or_default().into_iter().collect();
                members.push((" ".to_owned(), Value::Null));
                members.reverse();
                let turned: serde_json::Map<String, Value> = members.into_iter().collect();
                send(stream, status, &right, Value::Object(turned).to_string().as_bytes()).await;
            }
            Some(Mischief::ServerError) => send(stream, 500, "", b"{\"code\":\"SYSTEM_ERROR\"}").await,
            Some(Mischief::Cut) => {
                let head = format!("HTTP/1.1 {status} x\r\n{right}content-length: {}\r\n\r\n", body.len() + 1);
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            }
            Some(Mischief::Silent) => tokio::time::sleep(Duration::from_secs(30)).await,
            Some(Mischief::TooLong) => {
                let long = [body, vec![b' '; 2 << 20]].concat();
                send(stream, status, &self.signed(&long, None), &long).await;
            }
            Some(Mischief::Redirect) => {
                send(stream, 302, &format!("location: {}/elsewhere\r\n", self.base()), b"").await
            }
            _ => send(stream, status, &right, &body).await,
        }
    }

    /// The head that proves a body, right or wrong.
    fn signed(&self, body: &[u8], wrong: Option<Mischief>) -> String {
        let all = identities();
        let (name, identity) = match self.state().has_new_certificate {
            true => (all.next_certificate.serial.clone(), &all.next_certificate),
            false => (PUBLIC_KEY_ID.to_owned(), &all.public_key),
        };
        let seconds = now().as_second();
        let head = match wrong {
            Some(Mischief::Forged) => head_of(&name, &all.stranger, seconds, body),
            Some(Mischief::WrongSerial) => head_of("4E4F424F4459", identity, seconds, body),
            Some(Mischief::Old) => head_of(&name, identity, seconds - 600, body),
            _ => head_of(&name, identity, seconds, body),
        };
        head.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    fn answer(&self, asked: &Asked, path: &str) -> (u16, Value) {
        if let Err(rule) = self.authorized(asked) {
            return (401, json!({ "code": "SIGN_ERROR", "message": rule }));
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let base = self.base();
        let mut state = self.state();
        let below = path.strip_prefix("/v3/pay/transactions/");
        match (asked.method.as_str(), below) {
            ("POST", Some(product @ ("native" | "jsapi" | "h5"))) => state.book.begin(product, body, &base),
            ("GET", Some(rest)) if asked.target.ends_with(&format!("?mchid={MCH_ID}")) => {
                state.book.query(rest.strip_prefix("out-trade-no/").unwrap_or_default())
            }
            ("POST", Some(rest)) if body == json!({ "mchid": MCH_ID }) => {
                let number = rest.strip_prefix("out-trade-no/").and_then(|rest| rest.strip_suffix("/close"));
                state.book.close(number.unwrap_or_default())
            }
            ("POST", None) if path == "/v3/refund/domestic/refunds" => state.book.refund(&body),
            ("GET", None) if path == "/v3/certificates" => (200, certificates()),
            ("GET", None) if path.starts_with("/v3/refund/domestic/refunds/") => {
                state.book.refund_state(path.rsplit('/').next().unwrap_or_default())
            }
            _ => (404, json!({ "code": "RESOURCE_NOT_EXISTS", "message": "" })),
        }
    }

    /// Checks the `Authorization` header as the interface's documents say.
    fn authorized(&self, asked: &Asked) -> Result<(), &'static str> {
        let header = |name: &str| asked.headers.get(name).map(String::as_str).unwrap_or_default();
        let fields = header("authorization").strip_prefix("WECHATPAY2-SHA256-RSA2048 ").ok_or("scheme")?;
        let fields: BTreeMap<&str, &str> = fields
            .split(',')
            .filter_map(|field| field.split_once('=').map(|(name, value)| (name, value.trim_matches('"'))))
            .collect();
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
        if nonce.is_empty() || nonce.len() > 32 || !self.state().book.nonces.insert(nonce.to_owned()) {
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
        let mut state = self.state();
        if let Some(person) = state.person.clone() {
            let code = format!("code{}", state.asked.len());
            back.query_pairs_mut().append_pair("code", &code);
            state.codes.insert(code, person);
        }
        back.query_pairs_mut().append_pair("state", &query["state"]);
        back.into()
    }

    fn identify(&self, target: &str) -> (u16, Value) {
        let url = url::Url::parse(&format!("http://x{target}")).expect("an address");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let right =
            field("appid") == APP_ID && field("secret") == APP_SECRET && field("grant_type") == "authorization_code";
        // A code is used up by the first question.
        let openid = self.state().codes.remove(field("code")).filter(|_| right);
        (
            200,
            openid.map_or_else(
                || json!({ "errcode": 40029, "errmsg": "invalid code" }),
                |openid| json!({ "access_token": "t", "openid": openid, "scope": "snsapi_base" }),
            ),
        )
    }
}

fn certificates() -> Value {
    let all = identities();
    let listed = |identity: &super::keys::Identity| {
        json!({
            "serial_no": identity.serial, "effective_time": "2026-01-01T00:00:00+08:00", "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": encrypted(identity.certificate().as_bytes(), "certificate"),
        })
    };
    json!({ "data": [listed(&all.certificate), listed(&all.next_certificate)] })
}

/// Answers one request; `lines` are further lines of the head.
pub async fn send(stream: &mut TcpStream, status: u16, lines: &str, body: &[u8]) {
    // A 204 has no body and tells no length of one.
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("HTTP/1.1 {status} x\r\n{lines}{length}connection: close\r\n\r\n");
    if stream.write_all(&[head.as_bytes(), body].concat()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

/// Reads one request.
pub async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Some(asked) = parsed(&bytes) {
            return Some(asked);
        }
        let mut piece = [0; 8192];
        let length = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut piece)).await.ok()?.ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend(&piece[..length]);
    }
}

fn parsed(bytes: &[u8]) -> Option<Asked> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let (request, fields) = head.split_once("\r\n")?;
    let headers: BTreeMap<String, String> = fields
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(Some(0), |length| length.parse().ok())?;
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    let mut words = request.split(' ');
    Some(Asked { method: words.next()?.to_owned(), target: words.next()?.to_owned(), headers, body })
}
