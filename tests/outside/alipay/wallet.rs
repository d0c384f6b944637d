//! Alipay as any wallet: its payers scan a code, or a page begins the trade.

use async_trait::async_trait;
use jiff::Timestamp;

use super::gateway::MENU;
use super::{Gateway, IN_ALIPAY, live_merchant};
use crate::harness::{Browser, Server, Settings, read_codes, read_picture};
use crate::pretended::{Call, Letter, Mischief, PretendedWallet, Stand};

/// Alipay for an account that has further lines in its table.
pub struct Alipay {
    pub gateway: Gateway,
    pub more: String,
}

/// The address on an attempt's page that leads to the gateway.
fn way_out(shown: &str, gateway: &Gateway) -> String {
    let begin = shown.find(&format!("{}?", gateway.base())).unwrap_or_else(|| panic!("no way out: {shown}"));
    let end = shown[begin..].find('"').expect("an attribute");
    shown[begin..begin + end].replace("&amp;", "&").replace("&#38;", "&")
}

#[async_trait]
impl PretendedWallet for Alipay {
    fn settings(&self) -> Settings {
        live_merchant(&self.gateway, &self.more)
    }

    fn menu(&self) -> &'static [Mischief] {
        &MENU
    }

    fn misbehave(&self, call: Call, about: &str, mischief: &[Mischief]) {
        self.gateway.misbehave_about(call, about, mischief);
    }

    fn calm(&self) -> usize {
        self.gateway.calm()
    }

    fn times_asked(&self, call: Call, about: &str) -> usize {
        self.gateway.calls(call).iter().filter(|asked| asked.says(about)).count()
    }

    async fn payer(&self, server: &Server, _: &str, product: &str) -> Browser {
        if product == "in_app" { server.browser().inside(IN_ALIPAY) } else { server.browser() }
    }

    async fn way(&self, payer: &Browser, attempt: &str, trade_no: &str) -> String {
        let shown = payer.get(attempt).await.expect(200).text();
        match self.gateway.book(|book| book.asked.get(trade_no).map(|asked| asked.code.clone())) {
            None => way_out(&shown, &self.gateway),
            Some(code) if shown.contains(&format!("href=\"{code}\"")) => code,
            Some(code) => {
                let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
                assert_eq!(read_codes(&read_picture(&picture.body)), std::slice::from_ref(&code));
                code
            }
        }
    }

    async fn go(&self, way: &str, trade_no: &str) {
        if way.starts_with(&self.gateway.base()) {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let opened = client.get(way).send().await.expect("an answer");
            assert_eq!(opened.text().await.expect("a page"), "<!doctype html><title>cashier</title>");
        } else {
            self.gateway.book(|book| book.scan(trade_no));
        }
        assert_ne!(self.stand(trade_no), Stand::NotThere, "whoever comes begins the trade");
    }

    fn pay(&self, trade_no: &str, fen: i64, at: Timestamp) -> String {
        self.gateway.book(|book| book.pay(trade_no, fen, at))
    }

    fn end(&self, trade_no: &str) {
        self.gateway.book(|book| book.trades.get_mut(trade_no).expect("a trade").status = "TRADE_CLOSED".to_owned());
    }

    fn stand(&self, trade_no: &str) -> Stand {
        let trade = self.gateway.book(|book| book.trades.get(trade_no).cloned());
        match trade {
            None => Stand::NotThere,
            Some(trade) if trade.paid_at.is_some() => Stand::Paid,
            Some(trade) if trade.status == "TRADE_CLOSED" => Stand::Closed,
            Some(_) => Stand::Waiting,
        }
    }

    fn given_back(&self, trade_no: &str) -> Vec<i64> {
        self.gateway.book(|book| {
            let of_trade = book.refunds.values().filter(|(number, _)| number == trade_no);
            of_trade.map(|(_, fen)| *fen).collect()
        })
    }

    fn deadline(&self, trade_no: &str) -> Option<Timestamp> {
        let told = self.gateway.book(|book| book.asked[trade_no].content["time_expire"].clone());
        Some(format!("{}+08:00", told.as_str()?.replace(' ', "T")).parse().expect("a moment"))
    }

    fn letter(&self, trade_no: &str) -> Letter {
        self.gateway.notice(trade_no).to(&self.gateway.notify_url(trade_no))
    }
}
