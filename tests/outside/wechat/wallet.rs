//! WeChat Pay as any wallet: its payers scan a code, come back from its login, or leave for its page.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use super::gateway::MENU;
use super::{Gateway, IN_WECHAT, live_merchant, state_of};
use crate::harness::{Browser, Server, Settings, read_codes, read_picture};
use crate::pretended::{Call, Letter, Mischief, PretendedWallet, Stand};

/// A browser inside WeChat that has come back from the login.
pub async fn logged_in(gateway: &Gateway, server: &Server, page: &str) -> Browser {
    let payer = server.browser().inside(IN_WECHAT);
    let sent = payer.get(page).await.expect(303);
    let (code, state) = (format!("code{}", gateway.asked("").len()), state_of(sent.header("location")));
    gateway.will_log_in(&code, "oPayer");
    payer.get(&format!("/oauth/wechat_pay/teashop?code={code}&state={state}")).await.expect(303);
    payer
}

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

    async fn payer(&self, server: &Server, page: &str, product: &str) -> Browser {
        if product == "in_app" { logged_in(self, server, page).await } else { server.browser() }
    }

    async fn way(&self, payer: &Browser, attempt: &str, trade_no: &str) -> String {
        let way = self.book(|book| book.trades[trade_no].way.clone());
        if way.starts_with("weixin://") {
            let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
            assert_eq!(read_codes(&read_picture(&picture.body)), std::slice::from_ref(&way));
            return way;
        }
        let shown = payer.get(attempt).await.expect(200).text();
        let number = way.split("prepay_id=").last().and_then(|rest| rest.split('&').next()).unwrap_or_default();
        assert!(shown.contains(&format!("prepay_id={number}")), "the way {way}: {shown}");
        let is_page = way.starts_with("http");
        assert!(shown.contains(if is_page { "redirect_url=" } else { "paySign" }), "{shown}");
        way
    }

    async fn go(&self, way: &str, trade_no: &str) {
        let newest = self.book(|book| book.trades[trade_no].way.clone());
        assert_eq!(way, newest, "asking again has made the way before it useless");
    }

    fn pay(&self, trade_no: &str, fen: i64, at: Timestamp) -> String {
        self.book(|book| book.pay(trade_no, fen, at))
    }

    fn end(&self, trade_no: &str) {
        self.book(|book| book.trades.get_mut(trade_no).expect("a trade").state = "CLOSED".to_owned());
    }

    fn stand(&self, trade_no: &str) -> Stand {
        let state = self.book(|book| book.trades.get(trade_no).map(|trade| trade.state.clone()));
        match state.as_deref() {
            None => Stand::NotThere,
            Some("NOTPAY") => Stand::Waiting,
            Some("CLOSED") => Stand::Closed,
            Some(_) => Stand::Paid,
        }
    }

    fn given_back(&self, trade_no: &str) -> Vec<i64> {
        self.book(|book| {
            let paid: Option<Value> = book.trades[trade_no].transaction_id.clone().map(Value::from);
            let of_trade = book.refunds.values().filter(|refund| Some(&refund["transaction_id"]) == paid.as_ref());
            of_trade.map(|refund| refund["amount"]["refund"].as_i64().expect("fen")).collect()
        })
    }

    fn deadline(&self, trade_no: &str) -> Option<Timestamp> {
        let told = self.book(|book| book.trades[trade_no].request["time_expire"].clone());
        Some(told.as_str()?.parse().expect("a moment"))
    }

    fn letter(&self, trade_no: &str) -> Letter {
        self.notice(trade_no).to(&self.notify_url(trade_no))
    }
}
