//! How to scan a saved picture from the album, drawn step by step for one wallet.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::OrderSummary;
use super::samples;
use crate::domain::locale::Locale;
use crate::domain::wallet::Wallet;

/// `GET /guide/{wallet}` and, for one order, `GET {page}/guide/{wallet}`.
#[derive(Clone, Debug, Template)]
#[template(path = "guide.html")]
pub struct GuidePage {
    /// What stands around the page.
    pub frame: Frame,
    /// Whose scanner is explained.
    pub wallet: Wallet,
    /// The order it is for.
    pub order: Option<OrderSummary>,
    /// The page it was opened from.
    pub back: Option<String>,
    /// The path of the picture to save.
    pub qr_png: Option<String>,
}

/// Which screen is drawn beside a step.
enum Drawing {
    Home,
    ScanInMenu,
    ScanAtHome,
    AlbumBottom,
    AlbumTop,
    AlbumSomewhere,
    Pick,
    Check,
    Pay,
}

/// One step of the guide.
struct GuideStep {
    title: String,
    text: &'static str,
    drawing: Drawing,
}

impl GuideStep {
    const fn is_check(&self) -> bool {
        matches!(self.drawing, Drawing::Check)
    }
}

impl GuidePage {
    fn is_wechat(&self) -> bool {
        self.wallet == Wallet::WechatPay
    }

    fn is_unionpay(&self) -> bool {
        self.wallet == Wallet::Unionpay
    }

    /// UnionPay's scanner is not known to open our address, so its guide shows no picture to save.
    fn picture_to_save(&self) -> Option<&str> {
        self.qr_png.as_deref().filter(|_| !self.is_unionpay())
    }

    /// The six steps. Where a label sits differs: WeChat's scanner hides behind `+` and its album at the bottom right, Alipay's
    /// album has moved between versions (so no corner is named), UnionPay's is at the top right.
    fn steps(&self) -> [GuideStep; 6] {
        let words = &self.frame.words().guide;
        let step = |title: &str, text, drawing| GuideStep { title: title.to_owned(), text, drawing };
        let scan = match self.wallet {
            Wallet::WechatPay => step(words.scan_wechat, words.scan_wechat_text, Drawing::ScanInMenu),
            Wallet::Alipay | Wallet::Unionpay => step(words.scan_home, words.scan_home_text, Drawing::ScanAtHome),
        };
        let album = match self.wallet {
            Wallet::WechatPay => step(words.album_wechat, words.album_text, Drawing::AlbumBottom),
            Wallet::Alipay => step(words.album_alipay, words.album_text, Drawing::AlbumSomewhere),
            Wallet::Unionpay => step(words.album_unionpay, words.album_text, Drawing::AlbumTop),
        };
        let open = self.frame.fill(words.open, self.frame.wallet_app(&self.wallet));
        [
            step(&open, words.open_text, Drawing::Home),
            scan,
            album,
            step(words.pick, words.pick_text, Drawing::Pick),
            step(words.check, words.check_text, Drawing::Check),
            step(words.pay, words.pay_text, Drawing::Pay),
        ]
    }

    /// What can go wrong, and what to do then.
    fn troubles(&self) -> [(&'static str, &'static str); 5] {
        let words = &self.frame.words().guide;
        let refused = match self.wallet {
            Wallet::WechatPay => words.refused_wechat,
            Wallet::Alipay | Wallet::Unionpay => words.refused_other,
        };
        [
            (words.no_picture, words.no_picture_text),
            (words.no_permission, words.no_permission_text),
            (words.not_recognised, words.not_recognised_text),
            (words.refused, refused),
            (words.expired, words.expired_text),
        ]
    }

    /// What the drawn wallet asks to pay: the order's amount where it fits the drawing.
    fn drawn_amount(&self) -> String {
        let amount = self.order.as_ref().map(|order| order.money.to_string());
        amount.filter(|text| text.chars().count() <= 9).unwrap_or_else(|| "¥ ···".to_owned())
    }

    fn other_wallets(&self) -> impl Iterator<Item = Wallet> {
        Wallet::ALL.into_iter().filter(|wallet| *wallet != self.wallet)
    }
}

impl Page for GuidePage {
    const NAME: &'static str = "guide";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let alone = |wallet: Wallet| Self {
            frame: Frame { sandbox: false, ..samples::frame(locale, &format!("/guide/{wallet}")) },
            wallet,
            order: None,
            back: None,
            qr_png: None,
        };
        let for_order = Self {
            frame: samples::frame(locale, "/s/SAMPLE/guide/wechat_pay"),
            order: Some(samples::order(locale)),
            back: Some("/s/SAMPLE".to_owned()),
            qr_png: Some("/s/SAMPLE/qr.png".to_owned()),
            ..alone(Wallet::WechatPay)
        };
        vec![
            ("wechat", alone(Wallet::WechatPay)),
            ("alipay", alone(Wallet::Alipay)),
            ("unionpay", alone(Wallet::Unionpay)),
            ("order", for_order),
        ]
    }
}
