//! The words on an album card: an order, and how to pay it with one wallet from the picture alone.

use super::order_summary::OrderSummary;
use super::{clock_time, samples, texts};
use crate::domain::locale::Locale;
use crate::domain::order::Payer;
use crate::domain::wallet::Wallet;
use crate::qr::card::CardWords;

/// How the code of a card is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardWay {
    /// The wallet's scanner takes it from the album.
    Album(Wallet),
    /// That is not known to work: the code opens the payment page in a browser, where the wallet is chosen.
    PaymentPage(Wallet),
}

/// An order as a card shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCard {
    /// The language of its words.
    pub locale: Locale,
    /// Whether simulated wallets stand behind it.
    pub sandbox: bool,
    /// The order.
    pub order: OrderSummary,
    /// Who gets the card.
    pub payer: Payer,
    /// The last characters of the shop's number; `None` where the payer must not learn them.
    pub order_tail: Option<String>,
    /// How its code is used.
    pub way: CardWay,
}

impl OrderCard {
    /// The words to be drawn.
    #[must_use]
    pub fn words(&self) -> CardWords {
        let texts = texts::of(self.locale);
        let (common, card) = (&texts.common, &texts.card);
        let deadline = clock_time::dated(self.locale, self.order.expires_at);
        let warning = match self.payer {
            Payer::Buyer => card.warning,
            Payer::Friend => card.warning_friend,
        };
        CardWords {
            notice: self.sandbox.then(|| common.sandbox.to_owned()),
            payee: self.order.merchant_name.clone(),
            amount: self.order.money.to_string(),
            subject: self.order.subject.clone(),
            deadline: fill(card.deadline, &deadline),
            steps: self.steps(),
            warning: warning.to_owned(),
            order: self.order_tail.as_ref().map(|tail| fill(common.order_tail, tail)),
        }
    }

    fn steps(&self) -> [String; 3] {
        let card = &texts::of(self.locale).card;
        match self.way {
            CardWay::PaymentPage(wallet) => {
                let choose = fill(card.choose_wallet, texts::wallet(self.locale, wallet));
                [card.open_page.to_owned(), choose, card.follow_page.to_owned()]
            }
            CardWay::Album(wallet) => {
                let scan = match wallet {
                    Wallet::WechatPay => card.scan_wechat.to_owned(),
                    Wallet::Alipay | Wallet::Unionpay => fill(card.scan_home, texts::wallet_app(self.locale, wallet)),
                };
                let album = match wallet {
                    Wallet::WechatPay => card.album_wechat,
                    Wallet::Alipay => card.album_alipay,
                    Wallet::Unionpay => card.album_unionpay,
                };
                [scan, album.to_owned(), card.check.to_owned()]
            }
        }
    }

    /// The cards worth looking at, each with a name.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let usual = Self {
            locale,
            sandbox: false,
            order: samples::order(locale),
            payer: Payer::Buyer,
            order_tail: Some("200017".to_owned()),
            way: CardWay::Album(Wallet::WechatPay),
        };
        let by_page = Self { way: CardWay::PaymentPage(Wallet::Unionpay), sandbox: true, ..usual.clone() };
        let friend = Self {
            payer: Payer::Friend,
            order_tail: None,
            way: CardWay::Album(Wallet::Alipay),
            order: OrderSummary {
                merchant_name: "Väterchen’s Teahouse & 景德茶社杭州西湖区南山路旗舰店".to_owned(),
                subject: "Celadon teapot 🍵 青瓷茶壶一把，配两只茶杯、一个竹茶盘、一罐明前龙井，礼盒包装，附手写贺卡，顺丰发货".to_owned(),
                money: samples::yuan(99_999_999_999),
                ..samples::order(locale)
            },
            ..usual.clone()
        };
        vec![("usual", usual), ("page", by_page), ("friend", friend)]
    }
}

fn fill(text: &str, value: &str) -> String {
    text.replacen("{}", value, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(locale: Locale, name: &str) -> CardWords {
        OrderCard::samples(locale).into_iter().find(|(known, _)| *known == name).unwrap().1.words()
    }

    #[test]
    fn a_card_says_who_how_much_until_when_and_how() {
        let card = words(Locale::ZhCn, "usual");
        assert_eq!((card.payee.as_str(), card.amount.as_str()), ("景德茶社", "¥129.00"));
        assert_eq!(card.deadline, "请在 11月22日 21:30 前付款（UTC+8）");
        assert_eq!(card.order.as_deref(), Some("订单尾号 200017"));
        assert!(card.steps[0].contains("微信") && card.steps[1].contains("相册"));
        assert_eq!(words(Locale::En, "usual").deadline, "Pay before 22 Nov, 21:30 (UTC+8)");
    }

    #[test]
    fn a_friend_learns_no_order_number() {
        let card = words(Locale::En, "friend");
        assert_eq!(card.order, None);
        assert!(card.warning.contains("people"));
    }

    #[test]
    fn a_wallet_whose_album_is_not_known_to_work_is_reached_by_the_page() {
        let card = words(Locale::ZhCn, "page");
        assert!(card.steps.iter().all(|step| !step.contains("相册")), "{:?}", card.steps);
        assert!(card.steps[1].contains("云闪付") && card.notice.is_some());
    }
}
