//! What the pretended Alipay knows: its codes, trades and refunds, and the rules of its interface, written from its documents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::now;

/// A code or page that was asked for. It becomes a trade when somebody scans or opens it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it was asked for with.
    pub content: Value,
    /// Where it wants to be told of.
    pub notify_url: String,
    /// What its code holds.
    pub code: String,
}

/// A trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// `WAIT_BUYER_PAY`, `TRADE_SUCCESS`, `TRADE_FINISHED` or `TRADE_CLOSED`.
    pub status: String,
    /// Alipay's number for it.
    pub trade_no: String,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// What was paid, in fen.
    pub paid: i64,
}

/// Codes, trades and refunds.
#[derive(Default)]
pub struct Book {
    pub asked: BTreeMap<String, Asked>,
    pub trades: BTreeMap<String, Trade>,
    /// By their numbers: the trade's and the amount.
    pub refunds: BTreeMap<String, (String, i64)>,
    /// The account has no money for refunds while this is set.
    pub is_poor: bool,
    /// Refunds are taken and not done yet while this is set.
    pub is_slow: bool,
    /// What a new code holds in place of what it should.
    pub strange_code: Option<&'static str>,
    /// Answers are signed with the certificate that Alipay changes to, and name it.
    pub is_renewed: bool,
    counter: u64,
}

fn refuse(sub_code: &str) -> Value {
    json!({ "code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "说明" })
}

fn done(content: Value) -> Value {
    let mut all = json!({ "code": "10000", "msg": "Success" });
    for (name, value) in content.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all
}

/// A moment as Alipay writes it.
pub fn in_china(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Fen as Alipay writes them.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn fen(yuan: &Value) -> Option<i64> {
    let (whole, parts) = yuan.as_str()?.split_once('.')?;
    if parts.len() != 2 || whole.is_empty() {
        return None;
    }
    format!("{whole}{parts}").parse().ok()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The rules of what begins a trade; the first broken one.
fn fault(method: &str, content: &Value, notify_url: &str) -> Option<&'static str> {
    let known = ["out_trade_no", "total_amount", "subject", "product_code", "time_expire", "quit_url"];
    let number = text(&content["out_trade_no"]);
    let subject = text(&content["subject"]);
    let is_page = method == "alipay.trade.wap.pay";
    let rules = [
        (content.as_object().is_some_and(|all| all.keys().all(|key| known.contains(&key.as_str()))), "unknown member"),
        (
            (1..=64).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            "out_trade_no",
        ),
        (fen(&content["total_amount"]).is_some_and(|fen| (1..=10_000_000_000).contains(&fen)), "total_amount"),
        (!subject.is_empty() && subject.chars().count() <= 256 && !subject.contains(['/', '=', '&']), "subject"),
        (content["product_code"] == if is_page { "QUICK_WAP_WAY" } else { "FACE_TO_FACE_PAYMENT" }, "product_code"),
        (is_page == content["quit_url"].is_string(), "quit_url"),
        (text(&content["time_expire"]) > in_china(now()).as_str(), "time_expire"),
        (text(&content["time_expire"]).len() == 19, "time_expire"),
        (notify_url.starts_with("http") && notify_url.len() <= 256, "notify_url"),
    ];
    rules.into_iter().find(|(kept, _)| !kept).map(|(_, name)| name)
}

impl Book {
    fn number(&mut self, prefix: &str, digits: usize) -> String {
        self.counter += 1;
        format!("{prefix}{:0digits$}", self.counter)
    }

    /// Enters a code or page; no trade is made by that.
    pub fn ask(&mut self, method: &str, content: Value, notify_url: &str) -> Value {
        if let Some(rule) = fault(method, &content, notify_url) {
            return json!({ "code": "40004", "msg": "Business Failed", "sub_code": "ACQ.INVALID_PARAMETER", "sub_msg": rule });
        }
        let number = text(&content["out_trade_no"]).to_owned();
        match self.trades.get(&number).map(|trade| trade.status.as_str()) {
            Some("TRADE_SUCCESS" | "TRADE_FINISHED") => return refuse("ACQ.TRADE_HAS_SUCCESS"),
            Some("TRADE_CLOSED") => return refuse("ACQ.TRADE_HAS_CLOSE"),
            _ => {}
        }
        let code = format!("https://qr.alipay.com/{}", self.number("bax", 20));
        let code = self.strange_code.map_or(code, str::to_owned);
        let answer = done(json!({ "out_trade_no": number, "qr_code": code }));
        self.asked.insert(number, Asked { content, notify_url: notify_url.to_owned(), code });
        answer
    }

    /// Somebody scans the code or opens the page: now there is a trade.
    pub fn scan(&mut self, number: &str) {
        assert!(self.asked.contains_key(number), "no code for {number}");
        if !self.trades.contains_key(number) {
            let trade_no = self.number("2026112222001", 15);
            let trade = Trade { status: "WAIT_BUYER_PAY".to_owned(), trade_no, paid_at: None, paid: 0 };
            self.trades.insert(number.to_owned(), trade);
        }
    }

    /// The price of what was asked for.
    pub fn price(&self, number: &str) -> i64 {
        fen(&self.asked[number].content["total_amount"]).expect("an amount")
    }

    /// The payer pays so much; Alipay's number of the trade.
    pub fn pay(&mut self, number: &str, fen: i64, at: Timestamp) -> String {
        self.scan(number);
        let trade = self.trades.get_mut(number).expect("a trade");
        trade.status = "TRADE_SUCCESS".to_owned();
        trade.paid = fen;
        trade.paid_at = Some(at);
        trade.trade_no.clone()
    }

    pub fn query(&self, content: &Value) -> Value {
        let number = text(&content["out_trade_no"]);
        let Some(trade) = self.trades.get(number) else { return refuse("ACQ.TRADE_NOT_EXIST") };
        let price = yuan(if trade.paid_at.is_some() { trade.paid } else { self.price(number) });
        let mut described = json!({
            "out_trade_no": number, "trade_no": trade.trade_no, "trade_status": trade.status, "total_amount": price,
            "buyer_logon_id": "159****5620", "buyer_user_id": "2088101117955611", "receipt_amount": "0.00",
        });
        if let Some(at) = trade.paid_at {
            // The payer had a coupon: what he paid himself is not what the shop gets.
            described["buyer_pay_amount"] = json!(yuan(trade.paid - 1));
            described["send_pay_date"] = json!(in_china(at));
        }
        done(described)
    }

    /// Closes a trade that waits for its payer. A code that nobody scanned is none.
    pub fn close(&mut self, content: &Value) -> Value {
        let number = text(&content["out_trade_no"]);
        match self.trades.get_mut(number) {
            None => refuse("ACQ.TRADE_NOT_EXIST"),
            Some(trade) if trade.status != "WAIT_BUYER_PAY" => refuse("ACQ.REASON_TRADE_STATUS_INVALID"),
            Some(trade) => {
                trade.status = "TRADE_CLOSED".to_owned();
                done(json!({ "out_trade_no": number, "trade_no": trade.trade_no }))
            }
        }
    }

    fn given_back(&self, number: &str) -> i64 {
        self.refunds.values().filter(|(trade, _)| trade == number).map(|(_, fen)| fen).sum()
    }

    /// Gives money back, each number once.
    pub fn refund(&mut self, content: &Value) -> Value {
        let (number, request) =
            (text(&content["out_trade_no"]).to_owned(), text(&content["out_request_no"]).to_owned());
        let amount = fen(&content["refund_amount"]).unwrap_or_default();
        let Some(trade) = self.trades.get(&number).cloned() else { return refuse("ACQ.TRADE_NOT_EXIST") };
        let fits = content["trade_no"] == trade.trade_no.as_str()
            && (1..=64).contains(&request.len())
            && content.get("refund_reason").is_none_or(|reason| text(reason).chars().count() <= 256);
        if !fits || trade.paid_at.is_none() {
            return refuse("ACQ.INVALID_PARAMETER");
        }
        let told = |change: &str, all: i64| {
            done(json!({
                "out_trade_no": number, "trade_no": trade.trade_no, "fund_change": change, "refund_fee": yuan(all),
                "buyer_logon_id": "159****5620",
            }))
        };
        match self.refunds.get(&request) {
            Some((_, known)) if *known != amount => return refuse("ACQ.DISCORDANT_REPEAT_REQUEST"),
            Some(_) => return told("N", self.given_back(&number)),
            None => {}
        }
        if self.is_poor {
            return refuse("ACQ.SELLER_BALANCE_NOT_ENOUGH");
        }
        if amount < 1 || self.given_back(&number) + amount > trade.paid {
            return refuse("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
        }
        self.refunds.insert(request, (number.clone(), amount));
        let all = self.given_back(&number);
        if all == trade.paid {
            self.trades.get_mut(&number).expect("a trade").status = "TRADE_CLOSED".to_owned();
        }
        told(if self.is_slow { "N" } else { "Y" }, all)
    }

    /// Answers a question about a refund. Of one that it does not have, or has not done, it says nothing.
    pub fn refund_state(&self, content: &Value) -> Value {
        let request = text(&content["out_request_no"]);
        let mut answer = json!({ "out_trade_no": content["out_trade_no"], "out_request_no": request });
        if let Some((_, amount)) = self.refunds.get(request).filter(|_| !self.is_slow) {
            answer["refund_amount"] = json!(yuan(*amount));
            answer["refund_status"] = json!("REFUND_SUCCESS");
        }
        done(answer)
    }
}
