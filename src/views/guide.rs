//! How to scan a saved picture from the album, drawn step by step for one wallet on one kind of phone.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::OrderSummary;
use super::samples;
use super::texts::guide::GuideTexts;
use crate::domain::handoff::Platform;
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
    /// The kind of phone that is explained.
    pub platform: Platform,
    /// What the way to the album is called there.
    pub labels: GuideLabels,
    /// Which picture is saved.
    pub picture: GuidePicture,
    /// The order it is for, while it can be paid.
    pub order: Option<OrderSummary>,
    /// The page it was opened from.
    pub back: Option<String>,
    /// Whether that page asks friends.
    pub asks_friends: bool,
    /// Whether a download reaches the phone; the web views of apps ignore them.
    pub can_download: bool,
}

/// The words that the wallet's app uses, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuideLabels {
    /// Where the scanner is found.
    pub scan_place: String,
    /// What it is called.
    pub scan: String,
    /// What it is called when the app speaks Chinese, as most do.
    pub scan_in_chinese: String,
    /// Where the album button is, when versions agree on it.
    pub album_place: Option<String>,
    /// What it is called.
    pub album: String,
    /// What it is called in Chinese.
    pub album_in_chinese: String,
    /// Whether somebody has seen these words in the app.
    pub confirmed: bool,
}

/// What is saved and picked from the album.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuidePicture {
    /// Our own code, which the wallet opens; with an order, the path of its picture.
    OurPage(Option<String>),
    /// The wallet's own code, which is shown first.
    OwnCode,
    /// The wallet takes nothing from the album here.
    Nothing,
}

/// Which screen is drawn beside a step.
enum Drawing {
    Save,
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
    text: String,
    drawing: Drawing,
}

impl GuideStep {
    const fn is_check(&self) -> bool {
        matches!(self.drawing, Drawing::Check)
    }

    const fn is_save(&self) -> bool {
        matches!(self.drawing, Drawing::Save)
    }
}

/// Something that can go wrong: what one sees, what to do, and where to.
struct Trouble {
    question: &'static str,
    answer: String,
    way_on: Option<(String, &'static str)>,
}

impl GuideLabels {
    /// A label in the page's language, with the Chinese one that most apps show.
    fn both(label: &str, chinese: &str) -> String {
        if label == chinese { format!("「{label}」") } else { format!("“{label}” ({chinese})") }
    }

    fn scan(&self) -> String {
        Self::both(&self.scan, &self.scan_in_chinese)
    }

    fn album(&self) -> String {
        Self::both(&self.album, &self.album_in_chinese)
    }

    /// A scanner that is reached through a `+` hides in a menu.
    fn scan_drawing(&self) -> Drawing {
        if self.scan_place.contains('+') { Drawing::ScanInMenu } else { Drawing::ScanAtHome }
    }

    fn album_drawing(&self) -> Drawing {
        let place = self.album_place.as_deref().unwrap_or_default();
        if place.contains('下') || place.contains("bottom") {
            Drawing::AlbumBottom
        } else if place.contains('上') || place.contains("top") {
            Drawing::AlbumTop
        } else {
            Drawing::AlbumSomewhere
        }
    }
}

impl GuidePage {
    fn texts(&self) -> &'static GuideTexts {
        &self.frame.words().guide
    }

    /// What is peculiar to this wallet.
    fn note(&self) -> &'static str {
        let words = self.texts();
        match (&self.picture, self.wallet) {
            (GuidePicture::Nothing, _) => words.nothing_note,
            (GuidePicture::OwnCode, _) => words.own_code_note,
            (GuidePicture::OurPage(_), Wallet::WechatPay) => words.wechat_note,
            (GuidePicture::OurPage(_), _) => self.frame.words().pay.safety,
        }
    }

    fn album_helps(&self) -> bool {
        self.picture != GuidePicture::Nothing
    }

    /// The path of the picture to save, when there is one already.
    fn picture_to_save(&self) -> Option<&str> {
        match &self.picture {
            GuidePicture::OurPage(path) => path.as_deref(),
            GuidePicture::OwnCode | GuidePicture::Nothing => None,
        }
    }

    /// The page under which the wallet's own code is made, when that is the one to save.
    fn own_code_base(&self) -> Option<&str> {
        self.back.as_deref().filter(|_| self.picture == GuidePicture::OwnCode && self.order.is_some())
    }

    fn steps(&self) -> [GuideStep; 7] {
        let (words, labels) = (self.texts(), &self.labels);
        let step = |title: String, text: String, drawing| GuideStep { title, text, drawing };
        let filled = |text: &str, value: &str| self.frame.fill(text, value);
        let album_place = match &labels.album_place {
            Some(place) => filled(words.album_at, place),
            None => words.album_anywhere.to_owned(),
        };
        let saving = match self.picture {
            GuidePicture::OwnCode => words.save_own_code,
            GuidePicture::OurPage(_) | GuidePicture::Nothing => words.save,
        };
        let app = self.frame.wallet_app(&self.wallet);
        [
            step(filled(saving, self.frame.wallet(&self.wallet)), self.how_to_save().to_owned(), Drawing::Save),
            step(filled(words.open, app), words.open_text.to_owned(), Drawing::Home),
            step(filled(words.scan, &labels.scan()), filled(words.scan_at, &labels.scan_place), labels.scan_drawing()),
            step(
                filled(words.album, &labels.album()),
                format!("{album_place}{}", words.album_text),
                labels.album_drawing(),
            ),
            step(words.pick.to_owned(), words.pick_text.to_owned(), Drawing::Pick),
            step(words.check.to_owned(), words.check_text.to_owned(), Drawing::Check),
            step(words.pay.to_owned(), words.pay_text.to_owned(), Drawing::Pay),
        ]
    }

    const fn by_phone(&self, ios: &'static str, android: &'static str, any: &'static str) -> &'static str {
        match self.platform {
            Platform::Ios => ios,
            Platform::Android | Platform::Harmony => android,
            Platform::Desktop | Platform::Unknown => any,
        }
    }

    fn how_to_save(&self) -> &'static str {
        let words = self.texts();
        self.by_phone(words.save_ios, words.save_android, words.save_any)
    }

    /// What can go wrong, and what to do then.
    fn troubles(&self) -> Vec<Trouble> {
        let words = self.texts();
        let app = self.frame.wallet_app(&self.wallet);
        let to = |part: &str, label| self.back.as_ref().map(|back| (format!("{back}{part}"), label));
        let permission = self.by_phone(words.no_permission_ios, words.no_permission_android, words.no_permission_any);
        let refused = match (&self.picture, self.wallet) {
            (GuidePicture::OurPage(_), Wallet::WechatPay) => words.refused_wechat,
            (GuidePicture::OurPage(_), _) => words.refused_our_page,
            (GuidePicture::OwnCode | GuidePicture::Nothing, _) => words.refused_own_code,
        };
        let friend = if self.asks_friends { to("#friend", words.go_ask_friend) } else { None };
        let trouble = |question, answer: &str, way_on| Trouble { question, answer: answer.to_owned(), way_on };
        let album = [
            trouble(
                words.no_picture,
                self.by_phone(words.no_picture_ios, words.no_picture_android, words.no_picture_any),
                None,
            ),
            trouble(words.no_permission, &self.frame.fill(permission, app), None),
            trouble(words.not_recognised, words.not_recognised_text, to("#code", words.go_save_again)),
        ];
        let wallet = [
            trouble(words.refused, &self.frame.fill(refused, app), to("#wallets-title", words.go_choose)),
            trouble(words.expired, words.expired_text, to("", words.go_look)),
            trouble(words.no_wallet, words.no_wallet_text, friend),
        ];
        album.into_iter().filter(|_| self.album_helps()).chain(wallet).collect()
    }

    /// What the drawn wallet asks to pay: the order's amount where it fits the drawing.
    fn drawn_amount(&self) -> String {
        let amount = self.order.as_ref().map(|order| order.money.to_string());
        amount.filter(|text| text.chars().count() <= 9).unwrap_or_else(|| "¥ ···".to_owned())
    }

    fn other_wallets(&self) -> impl Iterator<Item = Wallet> {
        Wallet::ALL.into_iter().filter(|wallet| *wallet != self.wallet)
    }

    /// The kinds of phones, with their names.
    fn phones(&self) -> [(Platform, &'static str); 3] {
        let words = self.texts();
        [
            (Platform::Ios, words.phone_ios),
            (Platform::Android, words.phone_android),
            (Platform::Harmony, words.phone_harmony),
        ]
    }

    /// This guide for another phone.
    fn for_phone(&self, platform: &Platform) -> String {
        let path = self.frame.path.split('?').next().unwrap_or_default();
        format!("{path}?platform={platform}")
    }
}

impl Page for GuidePage {
    const NAME: &'static str = "guide";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let labels = |place: &str, album: Option<&str>| GuideLabels {
            scan_place: place.to_owned(),
            scan: samples::either(locale, "扫一扫", "Scan").to_owned(),
            scan_in_chinese: "扫一扫".to_owned(),
            album_place: album.map(str::to_owned),
            album: samples::either(locale, "相册", "Album").to_owned(),
            album_in_chinese: "相册".to_owned(),
            confirmed: true,
        };
        let home = samples::either(locale, "首页", "the home page");
        let alone = |wallet: Wallet, platform, labels, picture| Self {
            frame: Frame { sandbox: false, ..samples::frame(locale, &format!("/guide/{wallet}")) },
            wallet,
            platform,
            labels,
            picture,
            order: None,
            back: None,
            asks_friends: false,
            can_download: platform == Platform::Android,
        };
        let wechats = labels(
            samples::either(locale, "右上角「+」或「发现」", "\"+\" at the top right, or \"Discover\""),
            Some(samples::either(locale, "右下角", "bottom right")),
        );
        let unionpays = GuideLabels {
            confirmed: locale == Locale::ZhCn,
            ..labels(home, Some(samples::either(locale, "右上角", "top right")))
        };
        let wechat = alone(Wallet::WechatPay, Platform::Ios, wechats, GuidePicture::OurPage(None));
        let unionpay = alone(Wallet::Unionpay, Platform::Android, unionpays, GuidePicture::OwnCode);
        let for_order = |page: &Self| Self {
            frame: samples::frame(locale, "/c/SAMPLE/guide/x"),
            order: Some(samples::order(locale)),
            back: Some("/c/SAMPLE".to_owned()),
            asks_friends: true,
            ..page.clone()
        };
        let saved = GuidePicture::OurPage(Some("/s/SAMPLE/qr.png".to_owned()));
        vec![
            ("order-wechat", Self { picture: saved, ..for_order(&wechat) }),
            ("order-wechat-nothing", Self { picture: GuidePicture::Nothing, ..for_order(&wechat) }),
            ("order-unionpay", for_order(&unionpay)),
            ("wechat", wechat),
            ("alipay", alone(Wallet::Alipay, Platform::Unknown, labels(home, None), GuidePicture::OurPage(None))),
            ("unionpay", unionpay),
        ]
    }
}
