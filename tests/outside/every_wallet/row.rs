//! The rows of the table: each wallet's products, and what is so with it alone.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::column::Column;
use crate::alipay::{self, Alipay, certificate_lines};
use crate::pretended::PretendedWallet;
use crate::{unionpay, wechat};

/// When a wallet closes a trade that it is asked to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closes {
    /// Always.
    Always,
    /// Once somebody has scanned or opened it: before that, it has no trade.
    OnceThere,
    /// It has no such call.
    Never,
}

/// A product of a wallet, for one kind of account.
pub struct Row {
    pub wallet: &'static str,
    pub product: &'static str,
    /// What is particular about the account.
    pub account: &'static str,
    /// A new pretended wallet with such an account.
    pub open: fn() -> BoxFuture<'static, Arc<dyn PretendedWallet>>,
    /// What a notice is thanked with.
    pub thanks: &'static str,
    /// How the wallet is called on a receipt, in Chinese and English.
    pub names: [&'static str; 2],
    /// How long an attempt lives at most, in seconds.
    pub lifetime_s: i64,
    pub closes: Closes,
    /// Whether it is told until when a trade may be paid.
    pub is_told_deadline: bool,
    /// Whether asking again under the same number leads to the same trade.
    pub begins_again: bool,
    /// Whether a notice only says that something happened, so that the wallet is asked after it was thanked for.
    pub notices_are_hints: bool,
    /// What the wallet's protocol cannot bring about, and why.
    pub never: &'static [(Column, &'static str)],
}

impl Row {
    /// Its name in the table.
    pub fn name(&self) -> String {
        format!("{} {} ({})", self.wallet, self.product, self.account)
    }

    /// Why something never happens here.
    pub fn never(&self, column: Column) -> Option<&'static str> {
        self.never.iter().find(|(known, _)| *known == column).map(|(_, reason)| *reason)
    }
}

const WECHAT: Row = Row {
    wallet: "wechat_pay",
    product: "code",
    account: "public key",
    open: || async { Arc::new(wechat::Gateway::open().await) as Arc<dyn PretendedWallet> }.boxed(),
    thanks: "{\"code\":\"SUCCESS\",\"message\":\"成功\"}",
    names: ["微信支付", "WeChat Pay"],
    lifetime_s: 7200,
    closes: Closes::Always,
    is_told_deadline: true,
    begins_again: true,
    notices_are_hints: false,
    never: &[],
};

fn open_alipay(more: String) -> BoxFuture<'static, Arc<dyn PretendedWallet>> {
    async { Arc::new(Alipay { gateway: alipay::Gateway::open().await, more }) as Arc<dyn PretendedWallet> }.boxed()
}

const ALIPAY: Row = Row {
    wallet: "alipay",
    product: "code",
    account: "public key",
    open: || open_alipay(String::new()),
    thanks: "success",
    names: ["支付宝", "Alipay"],
    lifetime_s: 900,
    closes: Closes::OnceThere,
    is_told_deadline: true,
    begins_again: true,
    notices_are_hints: false,
    never: &[],
};

const NOTHING_IS_CALLED: &str = "nothing is called to begin it: the payer's own browser brings what is signed";

const ALIPAY_PAGE: Row = Row {
    never: &[(Column::BeginTimesOut, NOTHING_IS_CALLED), (Column::UnbelievableBegin, NOTHING_IS_CALLED)],
    ..ALIPAY
};

const CERTIFICATES: &str = "certificates";

const NOTHING_FINAL: &str = "the wallet says nothing final about an unpaid trade: its end is our own deadline";

const UNIONPAY: Row = Row {
    wallet: "unionpay",
    product: "code",
    account: "certificates",
    open: || async { Arc::new(unionpay::Gateway::open().await) as Arc<dyn PretendedWallet> }.boxed(),
    thanks: "success",
    names: ["云闪付", "UnionPay QuickPass"],
    lifetime_s: 900,
    closes: Closes::Never,
    is_told_deadline: false,
    begins_again: false,
    notices_are_hints: true,
    never: &[(Column::WalletEndsFirst, NOTHING_FINAL)],
};

const UNIONPAY_PAGE: Row = Row {
    is_told_deadline: true,
    begins_again: true,
    never: &[
        (Column::WalletEndsFirst, NOTHING_FINAL),
        (Column::BeginTimesOut, NOTHING_IS_CALLED),
        (Column::UnbelievableBegin, NOTHING_IS_CALLED),
    ],
    ..UNIONPAY
};

/// The rows.
pub static ROWS: [Row; 13] = [
    WECHAT,
    Row { product: "in_app", ..WECHAT },
    Row { product: "browser", lifetime_s: 300, ..WECHAT },
    ALIPAY,
    Row { product: "in_app", ..ALIPAY_PAGE },
    Row {
        product: "in_app",
        account: "the code's address",
        open: || open_alipay("in_app_way = \"code_address\"".to_owned()),
        ..ALIPAY
    },
    Row { product: "browser", ..ALIPAY_PAGE },
    Row { account: CERTIFICATES, open: || open_alipay(certificate_lines()), ..ALIPAY },
    Row { product: "in_app", account: CERTIFICATES, open: || open_alipay(certificate_lines()), ..ALIPAY_PAGE },
    Row { product: "browser", account: CERTIFICATES, open: || open_alipay(certificate_lines()), ..ALIPAY_PAGE },
    UNIONPAY,
    Row { product: "in_app", ..UNIONPAY_PAGE },
    Row { product: "browser", ..UNIONPAY_PAGE },
];
