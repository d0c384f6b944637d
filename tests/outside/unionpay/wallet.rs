//! UnionPay as any wallet: its payers scan a code, or bring a form to its page.

use async_trait::async_trait;
use jiff::Timestamp;

use super::gateway::MENU;
use super::{Gateway, deliver, live_merchant, written};
use crate::harness::{Browser, Server, Settings, read_codes, read_picture};
use crate::posing::user_agent;
use crate::pretended::{Call, Letter, Mischief, PretendedWallet, Stand};
use crate::unionpay_front::leaving;

#[async_trait]
impl PretendedWallet for Gateway {
    fn settings(&self) -> Settings {
        live_merchant(self)
    }

    fn menu(&self) -> &'static [Mischief] {
        &MENU
    }

    fn misbehave(&self, call: Call, about: &str, mischief: &[Mischief]) {
        self.misbehave_about(call, about, mischief);
    }

    fn calm(&self) -> usize {
        Gateway::calm(self)
    }

    fn times_asked(&self, call: Call, about: &str) -> usize {
        self.calls(call).iter().filter(|asked| asked.says(about)).count()
    }

    async fn payer(&self, server: &Server, _: &str, product: &str) -> Browser {
        if product == "in_app" { server.browser().inside(user_agent("unionpay", "ios")) } else { server.browser() }
    }

    async fn way(&self, payer: &Browser, attempt: &str, trade_no: &str) -> String {
        let shown = payer.get(attempt).await.expect(200).text();
        if shown.contains("data-leave") {
            let (action, fields) = leaving(&shown);
            assert_eq!(action, format!("{}/gateway/api/frontTransReq.do", self.base()));
            return written(&fields);
        }
        let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
        let code = self.entry(trade_no).code;
        assert_eq!(read_codes(&read_picture(&picture.body)), std::slice::from_ref(&code));
        code
    }

    async fn go(&self, way: &str, trade_no: &str) {
        if way.starts_with("https://") {
            return assert_eq!(way, self.entry(trade_no).code);
        }
        let action = format!("{}/gateway/api/frontTransReq.do", self.base());
        let accepted = deliver(&action, way.as_bytes().to_vec()).await.expect(200).text();
        assert!(accepted.contains(&format!("/cashier/{trade_no}")), "{accepted}");
    }

    fn pay(&self, trade_no: &str, fen: i64, at: Timestamp) -> String {
        self.book(|book| book.pay(trade_no, fen, at))
    }

    fn end(&self, _: &str) {
        unreachable!("UnionPay says nothing final about an unpaid trade");
    }

    fn stand(&self, trade_no: &str) -> Stand {
        match self.book(|book| book.entries.get(trade_no).cloned()) {
            None => Stand::NotThere,
            Some(entry) if entry.done.is_some() => Stand::Paid,
            Some(_) => Stand::Waiting,
        }
    }

    fn given_back(&self, trade_no: &str) -> Vec<i64> {
        self.book(|book| book.given_back(trade_no))
    }

    fn deadline(&self, trade_no: &str) -> Option<Timestamp> {
        let told = self.entry(trade_no).asked.get("payTimeout")?.clone();
        let moment = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", told).expect("a moment");
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
        Some(moment.to_zoned(zone).expect("a moment").timestamp())
    }

    fn letter(&self, trade_no: &str) -> Letter {
        self.news(trade_no)
    }
}
