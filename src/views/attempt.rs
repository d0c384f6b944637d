//! One browser's payment attempt: the way into the wallet, or the wallet's own code.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::order_summary::OrderSummary;
use super::samples;
use crate::domain::attempt::{AttemptStatus, PostedForm};
use crate::domain::locale::Locale;
use crate::domain::order::OrderStatus;
use crate::domain::time::Span;
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};

/// What a tap that leaves for the wallet does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It opens the wallet's address.
    Link(String),
    /// It sends the wallet a form.
    Form(PostedForm),
}

/// How the payer gets from the attempt's page to the wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptWay {
    /// The wallet's own code.
    Code {
        /// The path of its picture.
        qr_png: String,
        /// Whether the wallet takes this code from the album; WeChat's Native code it does not, only from another screen.
        album_allowed: bool,
    },
    /// A tap leads into the wallet.
    Leave {
        /// By what.
        to: Leave,
        /// Whether the page already stands inside the wallet.
        in_app: bool,
    },
    /// The page stands inside the wallet, and its script asks the wallet to pay.
    Bridge {
        /// What it asks with, as JSON.
        call: String,
    },
    /// The wallet has not answered yet; the payer may ask again.
    Preparing,
}

/// `GET {page}/attempts/{id}`, visible only to the browser that began it.
#[derive(Clone, Debug, Template)]
#[template(path = "attempt.html")]
pub struct AttemptPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order.
    pub order: OrderSummary,
    /// At which wallet.
    pub wallet: Wallet,
    /// In which way.
    pub product: Product,
    /// Where the attempt stands.
    pub status: AttemptStatus,
    /// How to get to the wallet.
    pub way: AttemptWay,
    /// This page's path.
    pub base: String,
    /// The page it was begun on: `/s/…`, `/c/…` or `/f/…`.
    pub back: String,
    /// The path of the lasting code's picture, where this wallet takes that code from the album; `None` advises nothing.
    pub album_qr_png: Option<String>,
    /// Whether this wallet can make a code of its own for the order, should the way into it fail.
    pub has_own_code: bool,
    /// Whether a download reaches the phone; the web views of apps ignore them.
    pub can_download: bool,
    /// In the sandbox: where the simulated wallet app opens, since no camera leads there from this screen.
    pub simulated_wallet: Option<String>,
    /// Whether the wallet sent the payer back here: he may have paid, or not.
    pub returned: bool,
    /// Until when the attempt can be paid.
    pub expires_at: Timestamp,
    /// Whether this payer's money was surplus or late and goes back by itself.
    pub payment_given_back: bool,
    /// Whether this payer's money was not the order's amount: the shop was told and decides about it.
    pub payment_differs: bool,
}

/// What the page has to say to the payer.
enum AttemptState {
    /// His money goes back.
    GivenBack,
    /// His payment won.
    Paid,
    /// This attempt can no longer be paid: a title, and a text that may want the wallet's name.
    Ended(&'static str, &'static str),
    /// It can be paid.
    Open,
}

impl AttemptPage {
    /// Only the buyer's page tells the end of the shop's order number.
    const fn no_order_tail(&self) -> Option<&str> {
        None
    }

    fn state(&self) -> AttemptState {
        let words = &self.frame.words().attempt;
        if self.payment_given_back {
            return AttemptState::GivenBack;
        }
        if self.payment_differs {
            return AttemptState::Ended(words.differs_title, words.differs_text);
        }
        match (self.status, self.order.status) {
            (AttemptStatus::Succeeded, _) => AttemptState::Paid,
            (_, order) if order.was_paid() => AttemptState::Ended(words.paid_by_other_title, words.paid_by_other_text),
            (_, OrderStatus::Expired | OrderStatus::Cancelled) => {
                AttemptState::Ended(words.over_title, words.over_text)
            }
            (AttemptStatus::Open, _) => AttemptState::Open,
            (AttemptStatus::Closing, _) => AttemptState::Ended(words.closing_title, words.closing_text),
            (AttemptStatus::Closed, _) => AttemptState::Ended(words.closed_title, words.closed_text),
            (AttemptStatus::Failed, _) => AttemptState::Ended(words.failed_title, words.failed_text),
            (AttemptStatus::Expired, _) => AttemptState::Ended(words.expired_title, words.expired_text),
        }
    }

    fn is_preparing(&self) -> bool {
        self.way == AttemptWay::Preparing
    }

    fn can_choose_again(&self) -> bool {
        self.order.status == OrderStatus::Pending
            && self.status != AttemptStatus::Succeeded
            && !self.payment_given_back
            && !self.payment_differs
    }
}

fn sample_form() -> Leave {
    let fields = [("orderId", "1795320001SAMPLE"), ("signature", "a+b/c=")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Leave::Form(PostedForm { action: "https://gateway.95516.example/front".to_owned(), fields })
}

impl Page for AttemptPage {
    const NAME: &'static str = "attempt";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let code = |wallet, album_allowed| Self {
            frame: samples::frame(locale, "/s/SAMPLE/attempts/att_1"),
            order: samples::order(locale),
            wallet,
            product: Product::Code,
            status: AttemptStatus::Open,
            way: AttemptWay::Code { qr_png: "/s/SAMPLE/attempts/att_1/qr.png".to_owned(), album_allowed },
            base: "/s/SAMPLE/attempts/att_1".to_owned(),
            back: "/s/SAMPLE".to_owned(),
            album_qr_png: (wallet != Wallet::Unionpay).then(|| "/s/SAMPLE/qr.png".to_owned()),
            has_own_code: true,
            can_download: true,
            simulated_wallet: Some("/sandbox/SAMPLE".to_owned()),
            returned: false,
            expires_at: samples::NOW + Span::minutes(5),
            payment_given_back: false,
            payment_differs: false,
        };
        let leaving = |wallet, product, to| Self {
            product,
            way: AttemptWay::Leave { to, in_app: product == Product::InApp },
            ..code(wallet, false)
        };
        let leave = |wallet, product, href: &str| leaving(wallet, product, Leave::Link(href.to_owned()));
        let with_status = |status| Self { status, ..code(Wallet::Alipay, true) };
        let paid = samples::paid_order(locale, OrderStatus::Paid, 0);
        vec![
            ("wechat-code", code(Wallet::WechatPay, false)),
            ("unionpay-code", code(Wallet::Unionpay, true)),
            ("leave", leave(Wallet::Alipay, Product::Browser, "https://openapi.alipay.example/gateway.do?a=1&b=2")),
            (
                "returned",
                Self {
                    returned: true,
                    ..leave(Wallet::WechatPay, Product::Browser, "https://wx.tenpay.example/h5?a=1")
                },
            ),
            ("form", leaving(Wallet::Unionpay, Product::Browser, sample_form())),
            ("form-in-app", leaving(Wallet::Unionpay, Product::InApp, sample_form())),
            ("in-app", leave(Wallet::WechatPay, Product::InApp, "/s/SAMPLE/attempts/att_1#pay")),
            (
                "bridge",
                Self {
                    product: Product::InApp,
                    way: AttemptWay::Bridge { call: r#"{"appId":"wx","package":"prepay_id=SAMPLE"}"#.to_owned() },
                    simulated_wallet: None,
                    ..code(Wallet::WechatPay, false)
                },
            ),
            ("differs", Self { payment_differs: true, ..with_status(AttemptStatus::Failed) }),
            ("preparing", Self { way: AttemptWay::Preparing, ..code(Wallet::Alipay, true) }),
            ("closing", with_status(AttemptStatus::Closing)),
            ("closed", with_status(AttemptStatus::Closed)),
            ("failed", with_status(AttemptStatus::Failed)),
            ("expired", with_status(AttemptStatus::Expired)),
            ("paid", Self { order: paid.clone(), ..with_status(AttemptStatus::Succeeded) }),
            ("paid-by-other", Self { order: paid.clone(), ..with_status(AttemptStatus::Open) }),
            (
                "order-over",
                Self {
                    order: OrderSummary { status: OrderStatus::Expired, ..samples::order(locale) },
                    ..with_status(AttemptStatus::Open)
                },
            ),
            ("given-back", Self { order: paid, payment_given_back: true, ..with_status(AttemptStatus::Succeeded) }),
        ]
    }
}
