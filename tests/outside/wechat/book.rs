//! What the pretended WeChat Pay knows: its trades and refunds, and the rules of its interface, written from its documents.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{APP_ID, MCH_ID};
use crate::harness::now;

/// What it answers: status and body.
pub type Reply = (u16, Value);

/// A trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// The request that began it.
    pub request: Value,
    /// `NOTPAY`, `SUCCESS`, `REFUND`, `CLOSED`, …
    pub state: String,
    /// What leads to it now; asking again replaces it.
    pub way: String,
    /// Its number once it is paid.
    pub transaction_id: Option<String>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// What was paid, in fen.
    pub paid: i64,
}

/// Trades and refunds.
#[derive(Default)]
pub struct Book {
    pub trades: BTreeMap<String, Trade>,
    pub refunds: BTreeMap<String, Value>,
    /// Every nonce of a request; none may come twice.
    pub nonces: HashSet<String>,
    /// The account has no money for refunds while this is set.
    pub is_poor: bool,
    /// What a new refund becomes at its first question; `SUCCESS` when unset.
    pub refunds_become: Option<&'static str>,
    /// What leads to a new trade in place of what should.
    pub strange_way: Option<&'static str>,
    /// Answers are signed with the certificate that nobody configured.
    pub has_new_certificate: bool,
    /// Whose login ends with which code.
    pub codes: BTreeMap<String, String>,
    /// Who is logged in on the phone that is sent to the login; nobody cancels.
    pub person: Option<String>,
    counter: u64,
}

fn refuse(status: u16, code: &str) -> Reply {
    (status, json!({ "code": code, "message": "说明" }))
}

/// Exactly these members, no others.
fn has_only(value: &Value, members: &[&str]) -> bool {
    value.as_object().is_some_and(|object| object.keys().all(|key| members.contains(&key.as_str())))
}

fn is_text(value: &Value, most_bytes: usize) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && text.len() <= most_bytes)
}

/// The rules of a request that begins a trade; the first broken one.
fn fault(product: &str, request: &Value) -> Option<&'static str> {
    let number = request["out_trade_no"].as_str().unwrap_or_default();
    let number_fits = (6..=32).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte));
    let notify = request["notify_url"].as_str().unwrap_or_default();
    let expires = request["time_expire"].as_str().unwrap_or_default();
    let rules = [
        (
            has_only(
                request,
                &[
                    "appid",
                    "mchid",
                    "description",
                    "out_trade_no",
                    "time_expire",
                    "notify_url",
                    "amount",
                    "payer",
                    "scene_info",
                ],
            ),
            "unknown member",
        ),
        (request["appid"] == APP_ID && request["mchid"] == MCH_ID, "appid or mchid"),
        (is_text(&request["description"], 127), "description"),
        (number_fits, "out_trade_no"),
        (expires.len() == 25 && expires.ends_with("+08:00") && expires.parse::<Timestamp>().is_ok(), "time_expire"),
        (notify.starts_with("http") && notify.len() <= 255 && !notify.contains('?'), "notify_url"),
        (has_only(&request["amount"], &["total", "currency"]), "amount"),
        (request["amount"]["total"].as_i64().is_some_and(|total| total > 0), "total"),
        (request["amount"]["currency"] == "CNY", "currency"),
        ((product == "jsapi") == is_text(&request["payer"]["openid"], 128), "openid"),
        ((product == "h5") == (request["scene_info"]["h5_info"]["type"] == "Wap"), "h5_info"),
        (
            (product == "h5")
                == request["scene_info"]["payer_client_ip"]
                    .as_str()
                    .is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()),
            "payer_client_ip",
        ),
    ];
    rules.into_iter().find(|(kept, _)| !kept).map(|(_, name)| name)
}

impl Book {
    fn number(&mut self, prefix: &str, digits: usize) -> String {
        self.counter += 1;
        format!("{prefix}{:0digits$}", self.counter)
    }

    /// Begins a trade, or gives a new way to one that was begun with the same content.
    pub fn begin(&mut self, product: &str, request: Value, base: &str) -> Reply {
        if let Some(rule) = fault(product, &request) {
            return (400, json!({ "code": "PARAM_ERROR", "message": rule }));
        }
        let number = request["out_trade_no"].as_str().unwrap_or_default().to_owned();
        match self.trades.get(&number) {
            Some(known) if known.request != request => return refuse(400, "INVALID_REQUEST"),
            Some(known) if known.state == "CLOSED" => return refuse(400, "ORDER_CLOSED"),
            Some(known) if known.state != "NOTPAY" => return refuse(400, "ORDERPAID"),
            _ => {}
        }
        let prepay_id = self.number("wx2212", 28);
        let (member, way) = match product {
            "native" => ("code_url", format!("weixin://wxpay/bizpayurl?pr={prepay_id}")),
            "jsapi" => ("prepay_id", prepay_id),
            _ => ("h5_url", format!("{base}/h5?prepay_id={prepay_id}&package=1")),
        };
        let way = self.strange_way.map_or(way, str::to_owned);
        let trade =
            Trade { request, state: "NOTPAY".into(), way: way.clone(), transaction_id: None, paid_at: None, paid: 0 };
        self.trades.insert(number, trade);
        (200, json!({ member: way }))
    }

    /// The payer pays so much; the number of the payment.
    pub fn pay(&mut self, number: &str, total: i64, at: Timestamp) -> String {
        let transaction_id = self.number("4200", 24);
        let trade = self.trades.get_mut(number).unwrap_or_else(|| panic!("no trade {number}"));
        trade.state = "SUCCESS".to_owned();
        trade.paid = total;
        trade.paid_at = Some(at);
        trade.transaction_id = Some(transaction_id.clone());
        transaction_id
    }

    /// A trade as answers and notices describe it.
    pub fn describe(&self, number: &str) -> Option<Value> {
        let trade = self.trades.get(number)?;
        let mut described = json!({
            "mchid": MCH_ID, "appid": APP_ID, "out_trade_no": number,
            "trade_state": trade.state, "trade_state_desc": "说明", "payer": { "openid": "oPayer" },
        });
        if let (Some(id), Some(at)) = (&trade.transaction_id, trade.paid_at) {
            described["transaction_id"] = json!(id);
            described["success_time"] = json!(in_china(at));
            described["trade_type"] = json!("NATIVE");
            described["bank_type"] = json!("OTHERS");
            described["attach"] = json!("");
            // The payer had a coupon: what he paid himself is not what the shop gets.
            described["amount"] = json!({ "total": trade.paid, "payer_total": trade.paid - 1, "currency": "CNY", "payer_currency": "CNY" });
        }
        Some(described)
    }

    /// Answers a question about a trade.
    pub fn query(&self, number: &str) -> Reply {
        self.describe(number).map_or_else(|| refuse(404, "ORDER_NOT_EXIST"), |trade| (200, trade))
    }

    /// Closes an unpaid trade.
    pub fn close(&mut self, number: &str) -> Reply {
        match self.trades.get_mut(number) {
            None => refuse(404, "ORDER_NOT_EXIST"),
            Some(trade) if matches!(trade.state.as_str(), "SUCCESS" | "REFUND") => refuse(400, "ORDERPAID"),
            Some(trade) => {
                trade.state = "CLOSED".to_owned();
                (204, Value::Null)
            }
        }
    }

    /// Gives money back, each number once.
    pub fn refund(&mut self, request: &Value) -> Reply {
        let number = request["out_refund_no"].as_str().unwrap_or_default().to_owned();
        if let Some(known) = self.refunds.get(&number) {
            return (200, known.clone());
        }
        let fits = has_only(request, &["transaction_id", "out_refund_no", "reason", "amount"])
            && (1..=64).contains(&number.len())
            && (request.get("reason").is_none() || is_text(&request["reason"], 80))
            && request["amount"]["currency"] == "CNY";
        let trade = self
            .trades
            .values_mut()
            .find(|trade| trade.transaction_id.as_deref() == request["transaction_id"].as_str());
        let (Some(trade), true) = (trade, fits) else { return refuse(400, "PARAM_ERROR") };
        let amount = request["amount"]["refund"].as_i64().unwrap_or_default();
        let back: i64 = self
            .refunds
            .values()
            .filter(|refund| refund["transaction_id"] == request["transaction_id"])
            .map(|refund| refund["amount"]["refund"].as_i64().unwrap_or_default())
            .sum();
        if request["amount"]["total"] != trade.paid || amount < 1 || back + amount > trade.paid {
            return refuse(400, "INVALID_REQUEST");
        }
        if self.is_poor {
            return refuse(403, "NOT_ENOUGH");
        }
        trade.state = "REFUND".to_owned();
        let trade_no = trade.request["out_trade_no"].clone();
        let id = self.number("5030", 24);
        let refund = json!({
            "refund_id": id, "out_refund_no": number, "transaction_id": request["transaction_id"], "out_trade_no": trade_no,
            "channel": "ORIGINAL", "status": "PROCESSING", "create_time": in_china(now()), "amount": request["amount"],
        });
        self.refunds.insert(number, refund.clone());
        (200, refund)
    }

    /// Answers a question about a refund; by the second answer it is done.
    pub fn refund_state(&mut self, number: &str) -> Reply {
        let become_ = self.refunds_become.unwrap_or("SUCCESS");
        match self.refunds.get_mut(number) {
            None => refuse(404, "RESOURCE_NOT_EXISTS"),
            Some(refund) => {
                refund["status"] = json!(become_);
                (200, refund.clone())
            }
        }
    }
}

/// A moment as WeChat Pay writes it.
pub fn in_china(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}
