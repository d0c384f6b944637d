//! What an order becomes in a request: the fields of each product, within Alipay's limits.

use serde::Serialize;
use url::Url;

use super::trade::yuan;
use crate::domain::money::Currency;
use crate::ports::wallet::{NewTrade, WalletError};
use crate::wallets::china_time::Form;

/// The highest amount of a trade, in minor units: 100 million yuan.
const MOST: i64 = 10_000_000_000;
/// The longest code.
const LONGEST_CODE: usize = 1024;
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 256;
/// The longest address to call back or to return to.
const LONGEST_ADDRESS: usize = 256;

/// What begins a trade.
#[derive(Debug, Serialize)]
pub(super) struct OrderRequest<'a> {
    out_trade_no: &'a str,
    total_amount: String,
    subject: String,
    product_code: &'a str,
    time_expire: String,
    /// Where a payer goes who gives up on Alipay's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    quit_url: Option<&'a str>,
}

impl<'a> OrderRequest<'a> {
    /// The request for a trade under a contract.
    ///
    /// # Errors
    /// What Alipay is known to refuse.
    pub(super) fn of(
        trade: &'a NewTrade,
        contract: &'a str,
        quit_url: Option<&'a str>,
        notify_url: &str,
    ) -> Result<Self, WalletError> {
        let refuse = |why: &str| Err(WalletError::Refused(format!("not asked: {why}")));
        if trade.money.currency != Currency::Cny {
            return refuse("Alipay takes CNY alone");
        }
        if trade.money.amount.minor_units() > MOST {
            return refuse("Alipay takes at most 100 million yuan");
        }
        if notify_url.len() > LONGEST_ADDRESS || quit_url.is_some_and(|url| url.len() > LONGEST_ADDRESS) {
            return refuse("the address to call back or to return to is too long");
        }
        Ok(Self {
            out_trade_no: trade.trade_no.as_str(),
            total_amount: yuan(trade.money.amount.minor_units()),
            subject: subject(&trade.subject),
            product_code: contract,
            time_expire: Form::Spaced.write(trade.expires_at),
            quit_url,
        })
    }
}

/// Whether a text is an address below `prefix` such as precreate gives: nothing else is drawn for a payer's camera or opened in his
/// browser, whoever signed it.
pub(super) fn is_code(text: &str, prefix: &Url) -> bool {
    let url =
        Some(text).filter(|text| text.len() <= LONGEST_CODE && text.bytes().all(|letter| letter.is_ascii_graphic()));
    // What a parser would repair in silence is another text than the one that is drawn.
    let url = url.and_then(|text| Url::parse(text).ok()).filter(|url| url.as_str() == text);
    url.is_some_and(|url| {
        let below = url.as_str().strip_prefix(prefix.as_str());
        below.is_some_and(|rest| !rest.is_empty())
    })
}

/// The subject as Alipay takes it: it forbids these letters, which have wide twins that read the same.
fn subject(text: &str) -> String {
    let allowed = text.chars().map(|letter| match letter {
        '/' => '／',
        '=' => '＝',
        '&' => '＆',
        other => other,
    });
    allowed.take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attempt::TradeNo;
    use crate::domain::money::{Amount, Money};
    use crate::domain::time::Timestamp;
    use crate::domain::wallet::Product;
    use crate::ports::wallet::KnownPayer;
    use serde_json::json;

    fn trade(amount: i64) -> NewTrade {
        NewTrade {
            product: Product::Code,
            trade_no: TradeNo::new(&"A".repeat(32)).unwrap(),
            money: Money { amount: Amount::new(amount).unwrap(), currency: Currency::Cny },
            subject: "茶 & 壶 1/2".to_owned(),
            expires_at: Timestamp::from_seconds(1_795_320_001),
            return_url: "https://pay.example/s/x".to_owned(),
            payer: KnownPayer::default(),
        }
    }

    #[test]
    fn an_order_is_written_within_alipays_rules() {
        let trade = trade(12_900);
        let request = OrderRequest::of(&trade, "FACE_TO_FACE_PAYMENT", None, "https://pay.example/notify").unwrap();
        let wanted = json!({
            "out_trade_no": "A".repeat(32), "total_amount": "129.00", "subject": "茶 ＆ 壶 1／2",
            "product_code": "FACE_TO_FACE_PAYMENT", "time_expire": "2026-11-22 12:00:01",
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), wanted);
    }

    #[test]
    fn a_code_is_alipays_own_or_none() {
        let prefix = Url::parse("https://qr.alipay.com/").unwrap();
        for code in ["https://qr.alipay.com/bax03206ug0kulveltqc80a8", "https://qr.alipay.com/bax1?t=2"] {
            assert!(is_code(code, &prefix), "{code}");
        }
        for other in [
            "",
            "https://qr.alipay.com/",
            "http://qr.alipay.com/bax1",
            "https://qr.alipay.com.evil.example/bax1",
            "https://qr.alipay.com@evil.example/bax1",
            "https://anna@qr.alipay.com/bax1",
            "https://qr.alipay.com:8443/bax1",
            "https://evil.example/https://qr.alipay.com/bax1",
            "https:\\\\qr.alipay.com\\bax1",
            "HTTPS://qr.alipay.com/bax1",
            "https://qr.alipay.com/bax 1",
            &format!("https://qr.alipay.com/{}", "b".repeat(1024)),
        ] {
            assert!(!is_code(other, &prefix), "{other}");
        }
    }

    #[test]
    fn what_alipay_refuses_is_not_asked() {
        let fits = |amount, url: &str| OrderRequest::of(&trade(amount), "X", Some(url), url).is_ok();
        assert!(fits(MOST, &"u".repeat(256)));
        assert!(!fits(MOST + 1, "u") && !fits(1, &"u".repeat(257)));
    }
}
