//! How a pretended UnionPay speaks: it checks what is signed, signs what it says, and misbehaves on request.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use super::keys::identities;
use super::{Gateway, MER_ID, front};
use crate::harness::{Answer, now};
use crate::pretended::keys::Identity;
use crate::pretended::{self, Asked, Call, Letter, Mischief, Reply, padded};

/// Names and values.
pub type Form = BTreeMap<String, String>;

/// The ways in which its answers can go wrong.
pub const MENU: [Mischief; 9] = [
    Mischief::Unsigned,
    Mischief::Forged,
    Mischief::OtherOwner,
    Mischief::Swapped,
    Mischief::ServerError,
    Mischief::Cut,
    Mischief::TooLong,
    Mischief::GatewayError,
    Mischief::UnsignedError,
];

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

/// What it knows.
#[derive(Default)]
pub struct Book {
    pub entries: BTreeMap<String, Entry>,
    /// What a question about any refund is told of it instead of the truth: its `origRespCode`, which may be missing.
    pub says_of_refunds: Option<Option<&'static str>>,
    /// The currency in which it says that everything was paid, instead of CNY.
    pub answers_in: Option<&'static str>,
    /// Whether questions do not know yet what was paid.
    pub is_behind: bool,
    counter: u64,
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
pub fn signed(mut form: Form, signer: &Identity) -> Form {
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

/// The letter in which a form travels to us.
pub fn letter(url: &str, body: Vec<u8>) -> Letter {
    let kind = "application/x-www-form-urlencoded";
    Letter { url: url.to_owned(), head: vec![("content-type".to_owned(), kind.to_owned())], body }
}

/// Delivers a notice.
pub async fn deliver(url: &str, body: Vec<u8>) -> Answer {
    letter(url, body).deliver().await
}

/// The form in a request.
pub fn form_of(asked: &Asked) -> Form {
    url::form_urlencoded::parse(&asked.body).into_owned().collect()
}

impl pretended::Book for Book {
    /// No call closes anything, and what became of a refund is asked like what became of a trade.
    fn call(asked: &Asked) -> Option<Call> {
        match form_of(asked).get("txnType").map(String::as_str) {
            Some("01") => Some(Call::Begin),
            Some("00") => Some(Call::Query),
            Some("04") => Some(Call::Refund),
            _ => None,
        }
    }

    fn answer(gateway: &Gateway, asked: &Asked, mischief: Option<Mischief>) -> Reply {
        if asked.target != "/gateway/api/backTransReq.do" {
            return front::answer(gateway, asked);
        }
        let form = form_of(asked);
        let mut answer = match fault(&form, Door::Back) {
            Some(code) => told(&form, code),
            None => match mischief {
                Some(Mischief::UnsignedError) => told(&form, "10"),
                Some(Mischief::Refuse(code, _)) => told(&form, code),
                _ => gateway.book(|book| book.done(&form)),
            },
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
        if matches!(mischief, Some(Mischief::Unsigned | Mischief::UnsignedError)) {
            answer.remove("signature");
        }
        // Answers are pairs as they are: nothing in them is escaped.
        let pairs: Vec<String> = answer.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Reply::new(200, padded(pairs.join("&").into_bytes(), mischief))
    }
}

fn told(form: &Form, code: &str) -> Form {
    let kept = ["version", "encoding", "bizType", "txnType", "txnSubType", "accessType", "merId", "orderId", "txnTime"];
    let mut told: Form = kept.iter().filter_map(|name| Some(((*name).to_owned(), form.get(*name)?.clone()))).collect();
    told.insert("respCode".to_owned(), code.to_owned());
    told.insert("respMsg".to_owned(), "说明[0000000]".to_owned());
    told
}

impl Book {
    fn number(&mut self) -> String {
        self.counter += 1;
        format!("{:021}", self.counter)
    }

    /// The payer pays so much; UnionPay's number of it.
    pub fn pay(&mut self, number: &str, fen: i64, at: Timestamp) -> String {
        let query_id = self.number();
        self.entries.get_mut(number).expect("a trade").done = Some((query_id.clone(), fen, at));
        query_id
    }

    /// The trade that a browser's form asks for, entered when it is a new one; what is wrong with the form otherwise.
    pub fn enter(&mut self, form: &Form) -> Result<(), &'static str> {
        fault(form, Door::Front).map_or(Ok(()), Err)?;
        let new = || Entry { asked: form.clone(), code: String::new(), done: None };
        let entry = self.entries.entry(form["orderId"].clone()).or_insert_with(new);
        if entry.asked == *form && entry.done.is_none() { Ok(()) } else { Err("12") }
    }

    /// What was given back of a trade, in fen.
    pub fn given_back(&self, number: &str) -> Vec<i64> {
        let paid = self.entries[number].done.as_ref().map(|(id, ..)| id);
        let refunds = self.entries.values().filter(|entry| entry.asked["txnType"] == "04");
        let of_trade = refunds.filter(|entry| entry.asked.get("origQryId") == paid);
        of_trade.filter_map(|entry| entry.done.as_ref().map(|(_, fen, _)| *fen)).collect()
    }

    /// Does what is asked for.
    fn done(&mut self, form: &Form) -> Form {
        let number = form["orderId"].clone();
        let known = self.entries.get(&number).filter(|entry| entry.asked["txnTime"] == form["txnTime"]).cloned();
        match (form["txnType"].as_str(), known) {
            ("00", None) => told(form, "34"),
            ("00", Some(entry)) => {
                let mut told = told(form, "00");
                match entry.done.filter(|_| !self.is_behind) {
                    None => drop(told.insert("origRespCode".to_owned(), "05".to_owned())),
                    Some((query_id, fen, at)) => told.extend([
                        ("origRespCode".to_owned(), "00".to_owned()),
                        ("queryId".to_owned(), query_id),
                        ("txnAmt".to_owned(), fen.to_string()),
                        ("currencyCode".to_owned(), self.answers_in.unwrap_or("156").to_owned()),
                        ("traceTime".to_owned(), in_china(at, "%m%d%H%M%S")),
                    ]),
                }
                if let Some(original) = entry.asked.get("origQryId") {
                    told.insert("origQryId".to_owned(), original.clone());
                    match self.says_of_refunds {
                        Some(Some(code)) => drop(told.insert("origRespCode".to_owned(), code.to_owned())),
                        Some(None) => drop(told.remove("origRespCode")),
                        None => {}
                    }
                }
                told
            }
            (_, Some(_)) => told(form, "12"),
            ("01", None) => {
                self.counter += 1;
                let code = format!("https://qr.95516.com/00010001/62{:030}", self.counter);
                self.entries.insert(number, Entry { asked: form.clone(), code: code.clone(), done: None });
                let mut told = told(form, "00");
                told.insert("qrCode".to_owned(), code);
                told
            }
            _ => {
                let paid = |entry: &Entry| entry.done.as_ref().is_some_and(|(id, ..)| *id == form["origQryId"]);
                if !self.entries.values().any(paid) {
                    return told(form, "35");
                }
                let fen = form["txnAmt"].parse().expect("an amount");
                let done = Some((self.number(), fen, now()));
                self.entries.insert(number, Entry { asked: form.clone(), code: String::new(), done });
                told(form, "00")
            }
        }
    }
}

impl Gateway {
    /// Its address. By this name it is another site than the program, as the real one is.
    pub fn base(&self) -> String {
        self.origin().replace("127.0.0.1", "localhost")
    }

    /// A trade or refund by its number.
    pub fn entry(&self, number: &str) -> Entry {
        self.book(|book| book.entries[number].clone())
    }

    /// What a notice of a payment says.
    pub fn notice(&self, number: &str, fen: i64) -> Form {
        let mut form = self.entry(number).asked;
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

    /// What is sent of a trade that is paid.
    pub fn news(&self, number: &str) -> Letter {
        let entry = self.entry(number);
        let (_, fen, _) = entry.done.expect("it is paid");
        let notice = signed(self.notice(number, fen), &identities().unionpay);
        letter(&entry.asked["backUrl"], written(&notice).into_bytes())
    }

    /// The payer pays the price, and the shop is told.
    pub async fn pay(&self, number: &str) -> Answer {
        let price = self.entry(number).asked["txnAmt"].parse().expect("an amount");
        self.book(|book| book.pay(number, price, now()));
        self.news(number).deliver().await
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
    let all = identities();
    if field("certId") != all.merchant_number || !all.merchant.signed(digest_of(form).as_bytes(), field("signature")) {
        return Some("11");
    }
    let fixed =
        [("version", "5.1.0"), ("encoding", "utf-8"), ("signMethod", "01"), ("accessType", "0"), ("merId", MER_ID)];
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
        && (8..=32).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && field("txnTime").len() == 14
        && field("txnTime") <= now.as_str()
        && begins;
    if fits { None } else { Some("10") }
}
