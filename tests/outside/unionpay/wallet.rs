//! UnionPay as any wallet: its payers scan a code.

use async_trait::async_trait;
use jiff::Timestamp;

use super::keys::identities;
use super::{Gateway, live_merchant, signed, written};
use crate::harness::{Browser, Server, Settings, read_codes, read_picture};
use crate::pretended::{Call, Letter, Mischief, PretendedWallet, Stand};

/// The ways in which its answers can go wrong.
const MENU: [Mischief; 9] = [
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

/// The `txnType` of a call. No call closes anything: a question is asked instead.
const fn kind(call: Call) -> &'static str {
    match call {
        Call::Begin => "01",
        Call::Query | Call::Close | Call::AskRefund => "00",
        Call::Refund => "04",
    }
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
        Self::misbehave(self, kind(call), about, mischief);
    }

    fn times_asked(&self, call: Call, about: &str) -> usize {
        self.asked(kind(call)).iter().filter(|form| form["orderId"] == about).count()
    }

    async fn payer(&self, server: &Server, _: &str, _: &str) -> Browser {
        server.browser()
    }

    async fn way(&self, payer: &Browser, attempt: &str, trade_no: &str) -> String {
        let picture = payer.get(&format!("{attempt}/qr.png")).await.expect(200);
        let code = self.entry(trade_no).code;
        assert_eq!(read_codes(&read_picture(&picture.body)), std::slice::from_ref(&code));
        code
    }

    async fn go(&self, way: &str, trade_no: &str) {
        assert_eq!(way, self.entry(trade_no).code);
    }

    fn pay(&self, trade_no: &str, fen: i64, at: Timestamp) -> String {
        self.pay_silently(trade_no, fen, at)
    }

    fn end(&self, _: &str) {
        unreachable!("UnionPay says nothing final about an unpaid trade");
    }

    fn stand(&self, trade_no: &str) -> Stand {
        match self.knows(trade_no).then(|| self.entry(trade_no)) {
            None => Stand::NotThere,
            Some(entry) if entry.done.is_some() => Stand::Paid,
            Some(_) => Stand::Waiting,
        }
    }

    fn given_back(&self, trade_no: &str) -> Vec<i64> {
        Self::given_back(self, trade_no)
    }

    fn deadline(&self, _: &str) -> Option<Timestamp> {
        None
    }

    fn letter(&self, trade_no: &str) -> Letter {
        let entry = self.entry(trade_no);
        let (_, fen, _) = entry.done.expect("it is paid");
        let body = written(&signed(self.notice(trade_no, fen), &identities().unionpay)).into_bytes();
        let kind = "application/x-www-form-urlencoded";
        let head = vec![("content-type".to_owned(), kind.to_owned())];
        Letter { url: entry.asked["backUrl"].clone(), head, body }
    }
}
