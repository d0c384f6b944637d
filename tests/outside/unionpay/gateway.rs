//! A pretended UnionPay over real HTTP: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::keys::{Signer, identities};
use super::{MER_ID, front};
use crate::harness::{Answer, now};
use crate::wechat::gateway::{read, send};

/// Names and values.
pub type Form = BTreeMap<String, String>;

/// How an answer goes wrong. All but the last come after the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Without a signature.
    Unsigned,
    /// Signed by somebody who only calls himself UnionPay.
    Forged,
    /// Signed by somebody else whose certificate is good.
    OtherOwner,
    /// A good answer about another number.
    Swapped,
    /// 500 although it was done.
    ServerError,
    /// The connection ends in the middle of the body.
    Cut,
    /// Two megabytes.
    TooLong,
    /// 502 from something on the way, nothing done.
    GatewayError,
}

/// A trade or a refund.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it was asked for with.
    pub asked: Form,
    /// Its code; empty for a refund.
    pub code: String,
    /// UnionPay's number, amount in fen and moment, once it is done.
    pub done: Option<(String, i64, Timestamp)>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    mischief: VecDeque<(&'static str, Mischief)>,
    asked: Vec<Form>,
    counter: u64,
}

/// The pretended UnionPay of one test.
#[derive(Clone)]
pub struct Gateway {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// A moment as UnionPay writes it.
fn in_china(at: Timestamp, pattern: &str) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    at.to_zoned(zone).strftime(pattern).to_string()
}

/// What is signed: all fields that say something, sorted, their digest in small hexadecimal digits.
fn digest_of(form: &Form) -> String {
    let said = form.iter().filter(|(name, value)| *name != "signature" && !value.is_empty());
    let pairs: Vec<String> = said.map(|(name, value)| format!("{name}={value}")).collect();
    digest(&SHA256, pairs.join("&").as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fields with certificate and signature of somebody.
pub fn signed(mut form: Form, signer: &Signer) -> Form {
    form.insert("signMethod".into(), "01".into());
    form.insert("signPubKeyCert".into(), signer.certificate.clone());
    let signature = signer.sign(digest_of(&form).as_bytes());
    form.insert("signature".into(), signature);
    form
}

/// A form as it travels to us.
pub fn written(form: &Form) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// Delivers a notice.
pub async fn deliver(url: &str, body: Vec<u8>) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    Answer::of(client.post(url).header("content-type", "application/x-www-form-urlencoded").body(body)).await
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

    /// Its address. By this name it is another site than the program, as the real one is.
    pub fn base(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// The trade that a browser's form asks for, entered when it is a new one; what is wrong with the form otherwise.
    pub fn enter(&self, form: &Form) -> Result<Entry, &'static str> {
        fault(form, Door::Front).map_or(Ok(()), Err)?;
        let mut state = self.state();
        let new = || Entry { asked: form.clone(), code: String::new(), done: None };
        let entry = state.entries.entry(form["orderId"].clone()).or_insert_with(new);
        let is_same = entry.asked == *form;
        if is_same && entry.done.is_none() { Ok(entry.clone()) } else { Err("12") }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next answers to this `txnType` go wrong so.
    pub fn misbehave(&self, kind: &'static str, mischief: &[Mischief]) {
        self.state().mischief.extend(mischief.iter().map(|each| (kind, *each)));
    }

    /// A trade or refund by its number.
    pub fn entry(&self, number: &str) -> Entry {
        self.state().entries[number].clone()
    }

    /// How many refunds were done.
    pub fn refunds(&self) -> usize {
        self.state().entries.values().filter(|entry| entry.asked["txnType"] == "04").count()
    }

    /// The payer scans and pays so much; nobody is told yet. UnionPay's number of it.
    pub fn pay_silently(&self, number: &str, fen: i64) -> String {
        let mut state = self.state();
        state.counter += 1;
        let query_id = format!("{:021}", state.counter);
        state.entries.get_mut(number).expect("a trade").done = Some((query_id.clone(), fen, now()));
        query_id
    }

    /// What a notice of a payment says.
    pub fn notice(&self, number: &str, fen: i64) -> Form {
        let entry = self.entry(number);
        let mut form = entry.asked.clone();
        for name in ["signature", "certId", "backUrl", "channelType"] {
            form.remove(name);
        }
        for (name, value) in
            [("respCode", "00"), ("respMsg", "成功[0000000]"), ("queryId", "1"), ("settleDate", "1122")]
        {
            form.insert(name.to_owned(), value.to_owned());
        }
        form.insert("txnAmt".to_owned(), fen.to_string());
        form
    }

    /// The payer pays the price, and the shop is told.
    pub async fn pay(&self, number: &str) -> Answer {
        let price = self.entry(number).asked["txnAmt"].parse().expect("an amount");
        self.pay_silently(number, price);
        let notice = signed(self.notice(number, price), &identities().unionpay);
        deliver(&self.entry(number).asked["backUrl"], written(&notice).into_bytes()).await
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream).await else { return };
        if let Some((status, lines, body)) = front::answer(self, &asked).await {
            return send(&mut stream, status, &lines, body.as_bytes()).await;
        }
        let form: Form = url::form_urlencoded::parse(&asked.body).into_owned().collect();
        let kind = form.get("txnType").cloned().unwrap_or_default();
        let mischief = {
            let mut state = self.state();
            state.asked.push(form.clone());
            let at = state.mischief.iter().position(|(name, _)| *name == kind);
            at.and_then(|at| state.mischief.remove(at)).map(|(_, mischief)| mischief)
        };
        if asked.target != "/gateway/api/backTransReq.do" || mischief == Some(Mischief::GatewayError) {
            return send(&mut stream, 502, "", b"<html>bad gateway</html>").await;
        }
        let mut answer = match fault(&form, Door::Back) {
            Some(code) => self.told(&form, code),
            None => self.answer(&form, &kind),
        };
        let all = identities();
        let signer = match mischief {
            Some(Mischief::Forged) => &all.stranger,
            Some(Mischief::OtherOwner) => &all.other_owner,
            _ => &all.unionpay,
        };
        if mischief == Some(Mischief::Swapped) {
            answer.insert("orderId".to_owned(), "B".repeat(32));
        }
        let mut answer = signed(answer, signer);
        if mischief == Some(Mischief::Unsigned) {
            answer.remove("signature");
        }
        // Answers are pairs as they are: nothing in them is escaped.
        let pairs: Vec<String> = answer.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = pairs.join("&").into_bytes();
        match mischief {
            Some(Mischief::ServerError) => send(&mut stream, 500, "", b"").await,
            Some(Mischief::TooLong) => send(&mut stream, 200, "", &[body, vec![b' '; 2 << 20]].concat()).await,
            Some(Mischief::Cut) => {
                let head = format!("HTTP/1.1 200 x\r\ncontent-length: {}\r\n\r\n", body.len() + 1);
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            }
            _ => send(&mut stream, 200, "", &body).await,
        }
    }

    fn told(&self, form: &Form, code: &str) -> Form {
        let kept =
            ["version", "encoding", "bizType", "txnType", "txnSubType", "accessType", "merId", "orderId", "txnTime"];
        let mut told: Form =
            kept.iter().filter_map(|name| Some(((*name).to_owned(), form.get(*name)?.clone()))).collect();
        told.insert("respCode".to_owned(), code.to_owned());
        told.insert("respMsg".to_owned(), "说明[0000000]".to_owned());
        told
    }

    fn answer(&self, form: &Form, kind: &str) -> Form {
        let mut state = self.state();
        let number = form["orderId"].clone();
        let known = state.entries.get(&number).filter(|entry| entry.asked["txnTime"] == form["txnTime"]).cloned();
        match (kind, known) {
            ("00", None) => self.told(form, "34"),
            ("00", Some(entry)) => {
                let mut told = self.told(form, "00");
                match entry.done {
                    None => drop(told.insert("origRespCode".to_owned(), "05".to_owned())),
                    Some((query_id, fen, at)) => told.extend([
                        ("origRespCode".to_owned(), "00".to_owned()),
                        ("queryId".to_owned(), query_id),
                        ("txnAmt".to_owned(), fen.to_string()),
                        ("currencyCode".to_owned(), "156".to_owned()),
                        ("traceTime".to_owned(), in_china(at, "%m%d%H%M%S")),
                    ]),
                }
                told
            }
            (_, Some(_)) => self.told(form, "12"),
            ("01", None) => {
                state.counter += 1;
                let code = format!("https://qr.95516.com/00010001/62{:030}", state.counter);
                state.entries.insert(number, Entry { asked: form.clone(), code: code.clone(), done: None });
                let mut told = self.told(form, "00");
                told.insert("qrCode".to_owned(), code);
                told
            }
            _ => {
                let paid = |entry: &Entry| entry.done.as_ref().is_some_and(|(id, ..)| *id == form["origQryId"]);
                if !state.entries.values().any(paid) {
                    return self.told(form, "35");
                }
                state.counter += 1;
                let fen = form["txnAmt"].parse().expect("an amount");
                let done = Some((format!("{:021}", state.counter), fen, now()));
                state.entries.insert(number, Entry { asked: form.clone(), code: String::new(), done });
                self.told(form, "00")
            }
        }
    }
}

/// Which of the gateway's doors a request came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    /// From a shop's program.
    Back,
    /// From a payer's browser.
    Front,
}

/// What is wrong with a request, as UnionPay's documents say.
fn fault(form: &Form, door: Door) -> Option<&'static str> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let merchant = &identities().merchant;
    if field("certId") != merchant.number || !merchant.signed(digest_of(form).as_bytes(), field("signature")) {
        return Some("11");
    }
    let fixed = [("version", "5.1.0"), ("signMethod", "01"), ("accessType", "0"), ("merId", MER_ID)];
    let number = field("orderId");
    let now = in_china(now(), "%Y%m%d%H%M%S");
    let begins = match door {
        Door::Back => {
            let begins = [("channelType", "08"), ("currencyCode", "156"), ("txnSubType", "07")];
            field("bizType") == "000000"
                && (field("txnType") != "01" || begins.iter().all(|(name, value)| field(name) == *value))
        }
        Door::Front => {
            let begins = [("bizType", "000201"), ("txnType", "01"), ("txnSubType", "01"), ("currencyCode", "156")];
            begins.iter().all(|(name, value)| field(name) == *value)
                && ["07", "08"].contains(&field("channelType"))
                && field("payTimeout").len() == 14
                && field("payTimeout") > now.as_str()
                && !field("frontUrl").contains(['#', '~'])
        }
    };
    let fits = fixed.iter().all(|(name, value)| field(name) == *value)
        && (8..=40).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && field("txnTime").len() == 14
        && field("txnTime") <= now.as_str()
        && begins;
    if fits { None } else { Some("10") }
}
