//! The simulated wallet app of the sandbox: a person plays what a wallet could answer.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::is_long;
use super::samples;
use crate::domain::locale::Locale;
use crate::domain::money::Money;
use crate::domain::wallet::Wallet;

/// Where the simulated trade stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedState {
    /// Can be paid.
    Waiting,
    /// Was paid.
    Paid,
    /// Paying failed.
    Failed,
    /// Was closed.
    Closed,
    /// The code was refused because it came from the album.
    AlbumRefused,
}

/// `GET /sandbox/{trade_no}`.
#[derive(Clone, Debug, Template)]
#[template(path = "sandbox.html")]
pub struct SimulatedWalletPage {
    /// What stands around the page.
    pub frame: Frame,
    /// Which wallet is played.
    pub wallet: Wallet,
    /// The wallet's number of the trade.
    pub trade_no: String,
    /// Who gets the money.
    pub payee: String,
    /// What is bought.
    pub subject: String,
    /// How much.
    pub money: Money,
    /// Where the trade stands.
    pub state: SimulatedState,
    /// Where the buyer returns.
    pub back: Option<String>,
}

impl SimulatedWalletPage {
    fn is_waiting(&self) -> bool {
        self.state == SimulatedState::Waiting
    }

    fn has_long_amount(&self) -> bool {
        is_long(&self.money)
    }

    fn state_label(&self) -> &'static str {
        let words = &self.frame.words().sandbox;
        match self.state {
            SimulatedState::Waiting => words.state_waiting,
            SimulatedState::Paid => words.state_paid,
            SimulatedState::Failed => words.state_failed,
            SimulatedState::Closed => words.state_closed,
            SimulatedState::AlbumRefused => words.state_album_refused,
        }
    }

    /// What can go wrong: the form's word, its label, and a sentence.
    fn outcomes(&self) -> [(&'static str, &'static str, &'static str); 7] {
        let words = &self.frame.words().sandbox;
        [
            ("failed", words.failed, words.failed_text),
            ("paid_twice", words.paid_twice, words.paid_twice_text),
            ("paid_late", words.paid_late, words.paid_late_text),
            ("paid_wrong_amount", words.paid_wrong_amount, words.paid_wrong_amount_text),
            ("notice_lost", words.notice_lost, words.notice_lost_text),
            ("notice_repeated", words.notice_repeated, words.notice_repeated_text),
            ("album_refused", words.album_refused, words.album_refused_text),
        ]
    }
}

impl Page for SimulatedWalletPage {
    const NAME: &'static str = "sandbox";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = |wallet, state| {
            let order = samples::order(locale);
            Self {
                frame: samples::frame(locale, "/sandbox/7Yp3kQ9mZ2xW5vB8nR4t"),
                wallet,
                trade_no: "7Yp3kQ9mZ2xW5vB8nR4t".to_owned(),
                payee: order.merchant_name,
                subject: order.subject,
                money: order.money,
                state,
                back: Some("/s/SAMPLE/attempts/att_1".to_owned()),
            }
        };
        vec![
            ("waiting", page(Wallet::Alipay, SimulatedState::Waiting)),
            ("paid", page(Wallet::Unionpay, SimulatedState::Paid)),
            ("failed", page(Wallet::WechatPay, SimulatedState::Failed)),
            ("closed", page(Wallet::Alipay, SimulatedState::Closed)),
            ("album-refused", page(Wallet::WechatPay, SimulatedState::AlbumRefused)),
        ]
    }
}
