//! What an order becomes in a request: the fields of each product, within WeChat Pay's limits.

use jiff::tz::{Offset, TimeZone};
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;
use url::Url;

use crate::config::live_wallets::wechat_pay::WechatPayAccount;
use crate::domain::money::Currency;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Product;
use crate::ports::wallet::{NewTrade, WalletError};

/// The longest description, in bytes. WeChat Pay does not say whether it counts characters; what has so few bytes has not more characters.
const LONGEST_DESCRIPTION: usize = 127;
/// The longest words of a refund, in bytes, for the same reason.
pub(super) const LONGEST_REASON: usize = 80;
/// Where the codes of native payments lead, and the longest one.
const CODE_HOSTS: [&str; 2] = ["wxpay", "pay.weixin.qq.com"];
const CODE_PATHS: [&str; 2] = ["/bizpayurl", "/bizpayurl/up"];
const LONGEST_CODE: usize = 512;
/// The longest address to call back.
const LONGEST_NOTIFY_URL: usize = 255;

/// The body of a request that begins a trade.
#[derive(Serialize)]
pub(super) struct OrderRequest<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: String,
    out_trade_no: &'a str,
    time_expire: String,
    notify_url: &'a str,
    amount: OrderAmount,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<OrderPayer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene_info: Option<Scene>,
}

#[derive(Serialize)]
struct OrderAmount {
    total: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct OrderPayer<'a> {
    openid: &'a str,
}

#[derive(Serialize)]
struct Scene {
    payer_client_ip: String,
    h5_info: H5Info,
}

#[derive(Serialize)]
struct H5Info {
    r#type: &'static str,
}

impl<'a> OrderRequest<'a> {
    /// The request for a trade.
    ///
    /// # Errors
    /// What the trade lacks for its product, or what WeChat Pay is known to refuse.
    pub(super) fn of(
        account: &'a WechatPayAccount,
        trade: &'a NewTrade,
        notify_url: &'a str,
    ) -> Result<Self, WalletError> {
        let refuse = |why: &str| Err(WalletError::Refused(format!("not asked: {why}")));
        if trade.money.currency != Currency::Cny {
            return refuse("WeChat Pay takes CNY alone");
        }
        if notify_url.len() > LONGEST_NOTIFY_URL {
            return refuse("the address to call back is too long");
        }
        let payer = match (trade.product, &trade.payer.identity) {
            (Product::InApp, Some(openid)) => Some(OrderPayer { openid }),
            (Product::InApp, None) => return refuse("who pays is not known: the login is missing"),
            (Product::Code | Product::Browser, _) => None,
        };
        let scene_info = match (trade.product, trade.payer.address) {
            (Product::Browser, Some(address)) => {
                let address = address.to_canonical();
                // A page of the web is always this kind; the others are for apps.
                Some(Scene { payer_client_ip: address.to_string(), h5_info: H5Info { r#type: "Wap" } })
            }
            (Product::Browser, None) => return refuse("the payer's address is not known"),
            (Product::Code | Product::InApp, _) => None,
        };
        Ok(Self {
            appid: &account.app_id,
            mchid: &account.mch_id,
            description: cut(&trade.subject, LONGEST_DESCRIPTION),
            out_trade_no: trade.trade_no.as_str(),
            // WeChat Pay lifts what is nearer than a minute to a minute. No attempt lives longer for that: it is closed there when its
            // own time is over, whatever WeChat Pay made of this.
            time_expire: time_in_china(trade.expires_at),
            notify_url,
            amount: OrderAmount { total: trade.money.amount.minor_units(), currency: "CNY" },
            payer,
            scene_info,
        })
    }
}

/// The text within so many bytes, cut between what people see as letters, an ellipsis showing that it was cut.
pub(super) fn cut(text: &str, most_bytes: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= most_bytes {
        return text.to_owned();
    }
    let room = most_bytes - ELLIPSIS.len();
    let ends = text.grapheme_indices(true).map(|(at, letter)| at + letter.len());
    let end = ends.take_while(|end| *end <= room).last().unwrap_or(0);
    format!("{}{ELLIPSIS}", text[..end].trim_end())
}

/// A moment in the form of WeChat Pay's own examples: RFC 3339 with China's offset, whole seconds.
fn time_in_china(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(8));
    let instant = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
    instant.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// Whether a text is the code of a native payment: nothing else is drawn for a payer's camera, whoever signed it.
pub(super) fn is_code(text: &str) -> bool {
    let rest = text.strip_prefix("weixin://").filter(|_| text.len() <= LONGEST_CODE);
    let parts = rest.and_then(|rest| rest.split_once('?')).and_then(|(place, query)| {
        let (host, path) = place.split_at(place.find('/')?);
        Some((host, path, query))
    });
    parts.is_some_and(|(host, path, query)| {
        let is_plain = query.bytes().all(|letter| letter.is_ascii_graphic());
        CODE_HOSTS.contains(&host) && CODE_PATHS.contains(&path) && !query.is_empty() && is_plain
    })
}

/// The address of an H5 payment with the page that the payer comes back to.
///
/// # Errors
/// It is no address that a browser may be sent to: without encryption only a gateway on this machine leads to itself.
pub(super) fn with_return(h5_url: &str, return_url: &str, gateway: &Url) -> Result<String, WalletError> {
    let unusable = || WalletError::Unknown("its address for browsers is none".to_owned());
    let mut url = Url::parse(h5_url).map_err(|_| unusable())?;
    let is_own = gateway.scheme() == "http" && url.origin() == gateway.origin();
    let has_name = url.username().is_empty() && url.password().is_none();
    if !(url.scheme() == "https" || is_own) || !has_name {
        return Err(unusable());
    }
    url.query_pairs_mut().append_pair("redirect_url", return_url);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cut_text_fits_begins_as_the_whole_one_and_breaks_no_letter(text in "\\PC{0,80}", most in 3_usize..127) {
            let cut = cut(&text, most);
            prop_assert!(cut.len() <= most);
            match cut.strip_suffix('…') {
                Some(begin) if cut != text => {
                    prop_assert!(text.starts_with(begin));
                    let rest = &text[begin.len()..];
                    let joined = begin.graphemes(true).count() + rest.graphemes(true).count();
                    prop_assert!(joined >= text.graphemes(true).count());
                }
                _ => prop_assert_eq!(cut, text),
            }
        }
    }

    #[test]
    fn chinese_words_and_families_are_cut_between_letters() {
        assert_eq!(cut(&"青".repeat(42), 127), "青".repeat(42));
        assert_eq!(cut(&"青".repeat(43), 127), format!("{}…", "青".repeat(41)));
        assert_eq!(cut("茶👨‍👩‍👧", 20), "茶…");
    }

    #[test]
    fn a_deadline_is_told_in_chinas_time() {
        assert_eq!(time_in_china(Timestamp::from_seconds(1_795_320_001)), "2026-11-22T12:00:01+08:00");
    }

    #[test]
    fn the_page_to_come_back_to_is_appended_once_encoded() {
        let real = Url::parse("https://api.mch.weixin.qq.com").unwrap();
        let at = |h5_url: &str| with_return(h5_url, "https://pay.example/s/a?b=1&c", &real);
        let url = at("https://wx.tenpay.com/x?prepay_id=1&package=2").unwrap();
        assert_eq!(
            url,
            "https://wx.tenpay.com/x?prepay_id=1&package=2&redirect_url=https%3A%2F%2Fpay.example%2Fs%2Fa%3Fb%3D1%26c"
        );
        for bad in
            ["javascript:alert(1)", "nothing", "http://wx.tenpay.com/x", "http://127.0.0.1:9000/h5", "https://a@b/"]
        {
            assert!(at(bad).is_err(), "{bad}");
        }
        let here = Url::parse("http://127.0.0.1:9000").unwrap();
        assert!(with_return("http://127.0.0.1:9000/h5", "x", &here).is_ok(), "a gateway on this machine");
        assert!(with_return("http://127.0.0.1:9001/h5", "x", &here).is_err());
    }

    #[test]
    fn a_code_is_wechat_pays_own_or_none() {
        for code in [
            "weixin://wxpay/bizpayurl?pr=NwY5Mz9",
            "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00",
            "weixin://pay.weixin.qq.com/bizpayurl/up?pr=NwY5Mz9&groupid=00",
        ] {
            assert!(is_code(code), "{code}");
        }
        for other in [
            "",
            "weixin://",
            "weixin://dl/scan",
            "weixin://wxpay/bizpayurl",
            "weixin://wxpay/bizpayurl?",
            "weixin://wxpay/other?pr=1",
            "weixin://wxpay.evil.example/bizpayurl?pr=1",
            "weixin://evil.example/wxpay/bizpayurl?pr=1",
            "weixin://evil@wxpay/bizpayurl?pr=1",
            "weixin://wxpay/bizpayurl/../other?pr=1",
            "weixin://wxpay/bizpayurl?pr=1 2",
            "weixin://wxpay/bizpayurl?pr=茶",
            "Weixin://wxpay/bizpayurl?pr=1",
            "https://wxpay/bizpayurl?pr=1",
            &format!("weixin://wxpay/bizpayurl?pr={}", "1".repeat(512)),
        ] {
            assert!(!is_code(other), "{other}");
        }
    }
}
