//! Notices as Alipay sends them: a signed form, delivered to the address that the trade named.

use std::collections::BTreeMap;

use super::book::{in_china, yuan};
use super::{APP_ID, Gateway, SELLER_ID};
use crate::harness::{Answer, now};
use crate::pretended::Letter;
use crate::pretended::keys::{Identity, identities};

/// A notice on its way: its fields, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Notice(pub Vec<(String, String)>);

impl Notice {
    /// A genuine notice with these fields.
    pub fn genuine(fields: &[(String, String)]) -> Self {
        Self::signed_by(&identities().public_key, fields)
    }

    /// A notice signed by somebody.
    pub fn signed_by(identity: &Identity, fields: &[(String, String)]) -> Self {
        let sorted: BTreeMap<&String, &String> = fields.iter().map(|(name, value)| (name, value)).collect();
        let text: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let signature = identity.sign(text.join("&").as_bytes());
        let mut all = fields.to_vec();
        all.push(("sign_type".to_owned(), "RSA2".to_owned()));
        all.push(("sign".to_owned(), signature));
        Self(all)
    }

    /// A field's value.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same with another value of a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.iter_mut().filter(|(known, _)| known == name).for_each(|(_, known)| value.clone_into(known));
        self
    }

    /// The same with one field more.
    #[must_use]
    pub fn plus(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// Its form.
    pub fn body(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// The letter in which it travels to this address.
    pub fn to(&self, url: &str) -> Letter {
        letter(url, self.body().into_bytes())
    }

    /// Delivers it.
    pub async fn deliver(&self, url: &str) -> Answer {
        self.to(url).deliver().await
    }
}

fn letter(url: &str, body: Vec<u8>) -> Letter {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    Letter { url: url.to_owned(), head: vec![("content-type".to_owned(), kind.to_owned())], body }
}

/// Delivers any bytes.
pub async fn deliver(url: &str, body: Vec<u8>) -> Answer {
    letter(url, body).deliver().await
}

impl Gateway {
    /// Where a trade wants to be told of.
    pub fn notify_url(&self, number: &str) -> String {
        self.book(|book| book.asked[number].notify_url.clone())
    }

    /// The payer scans and pays the price; nobody is told yet.
    pub fn pay_silently(&self, number: &str) -> String {
        self.book(|book| book.pay(number, book.price(number), now()))
    }

    /// The fields of the notice about a trade as it stands, without signature.
    pub fn fields(&self, number: &str) -> Vec<(String, String)> {
        let (trade, subject) = self.book(|book| {
            (book.trades[number].clone(), book.asked[number].content["subject"].as_str().expect("words").to_owned())
        });
        let paid = yuan(trade.paid);
        let at = trade.paid_at.map(in_china).unwrap_or_default();
        let all = [
            ("gmt_create", at.as_str()),
            ("charset", "utf-8"),
            ("gmt_payment", at.as_str()),
            ("notify_time", in_china(now()).as_str()),
            ("subject", subject.as_str()),
            ("buyer_id", "2088101117955611"),
            ("invoice_amount", paid.as_str()),
            ("version", "1.0"),
            ("notify_id", "2026112200222120001014911400000000"),
            ("fund_bill_list", "[{\"amount\":\"129.00\",\"fundChannel\":\"ALIPAYACCOUNT\"}]"),
            ("notify_type", "trade_status_sync"),
            ("out_trade_no", number),
            ("total_amount", paid.as_str()),
            ("trade_status", trade.status.as_str()),
            ("trade_no", trade.trade_no.as_str()),
            ("auth_app_id", APP_ID),
            ("receipt_amount", "0.01"),
            ("point_amount", "0.00"),
            ("buyer_pay_amount", "0.02"),
            ("app_id", APP_ID),
            ("seller_id", SELLER_ID),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        all.into()
    }

    /// The notice about a trade as it stands.
    pub fn notice(&self, number: &str) -> Notice {
        Notice::genuine(&self.fields(number))
    }

    /// The payer pays, and the shop is told.
    pub async fn pay(&self, number: &str) -> Answer {
        self.pay_silently(number);
        self.notice(number).deliver(&self.notify_url(number)).await
    }
}
