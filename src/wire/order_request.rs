//! Reading the body of a new order, and of more time for one.

use url::Url;

use super::fields::{self, Fields};
use super::json::Json;
use super::problem::FieldError;
use crate::domain::locale::Locale;
use crate::domain::merchant::Merchant;
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::order::{MerchantOrderNo, OrderRequest};
use crate::domain::text;
use crate::domain::time::Span;
use crate::domain::wallet::Wallet;

/// How long an order lives when nobody says.
const DEFAULT_LIFE_S: i64 = 900;

/// Reads a new order for this merchant, with every default filled in.
///
/// # Errors
/// Every bad field.
pub fn read_order(body: Json, merchant: &Merchant) -> Result<OrderRequest, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let number = fields.required("merchant_order_no", |value| {
        MerchantOrderNo::new(&fields::text(value)?).ok_or_else(|| "must have 1 to 64 of A-Z a-z 0-9 _ -".to_owned())
    });
    let amount = fields.required("amount", |value| {
        let minor_units = fields::integer(value, 1, Amount::MAX)?;
        Amount::new(minor_units).ok_or_else(|| format!("must be an integer from 1 to {}", Amount::MAX))
    });
    let currency = fields.optional("currency", |value| {
        fields::text(value)?
            .parse::<Currency>()
            .map_err(|_| "must be CNY, the only currency that the wallets take".to_owned())
    });
    let subject =
        fields.required("subject", |value| text::line(&fields::text(value)?, 127).map_err(|error| error.to_string()));
    let wallets = fields.optional("wallets", |value| read_wallets(value, merchant));
    let expires_in = fields.optional("expires_in", |value| fields::integer(value, 60, 604_800));
    let return_url = fields.optional("return_url", |value| read_return_url(&fields::text(value)?, merchant));
    let locale = fields.optional("locale", |value| {
        let word = fields::text(value)?;
        Locale::ALL.into_iter().find(|locale| locale.as_str() == word).ok_or_else(|| "must be zh-CN or en".to_owned())
    });
    let metadata = fields.text_pairs("metadata", 20, 40, 500);
    let money = amount.map(|amount| Money { amount, currency: currency.unwrap_or(Currency::Cny) });
    let request = number.zip(money).zip(subject).map(|((merchant_order_no, money), subject)| OrderRequest {
        merchant_order_no,
        money,
        subject,
        wallets: wallets.unwrap_or_else(|| merchant.wallets.keys().copied().collect()),
        expires_in: Span::seconds(expires_in.unwrap_or(DEFAULT_LIFE_S)),
        return_url,
        locale,
        metadata,
    });
    fields.finish(request)
}

fn read_wallets(value: Json, merchant: &Merchant) -> Result<Vec<Wallet>, String> {
    let known = || Wallet::ALL.map(Wallet::as_str).join(", ");
    let Json::List(items) = value else { return Err(format!("must be an array of {}", known())) };
    let mut wanted = Vec::new();
    for item in items {
        let wallet: Wallet = fields::text(item)?.parse().map_err(|_| format!("must hold only {}", known()))?;
        if merchant.products(wallet).is_empty() {
            return Err(format!("{wallet} is not configured for this merchant"));
        }
        if wanted.contains(&wallet) {
            return Err(format!("names {wallet} more than once"));
        }
        wanted.push(wallet);
    }
    if wanted.is_empty() {
        return Err("must name at least one wallet".to_owned());
    }
    wanted.sort_unstable();
    Ok(wanted)
}

/// An address on one of the merchant's origins; loopback is one of them in the sandbox.
fn read_return_url(text: &str, merchant: &Merchant) -> Result<String, String> {
    const RULE: &str = "must be an https address (http only on loopback) on one of the merchant's origins";
    let suspicious = |character: char| character.is_control() || character.is_whitespace() || character == '\\';
    let lower = text.to_ascii_lowercase();
    let written_out = lower.starts_with("https://") || lower.starts_with("http://");
    if text.len() > 2000 || text.chars().any(suspicious) || !written_out {
        return Err(RULE.to_owned());
    }
    let url = Url::parse(text).map_err(|_| RULE.to_owned())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{RULE}, without a user name"));
    }
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => return Err(RULE.to_owned()),
    };
    let origin = url.origin().ascii_serialization();
    let scheme_fits = url.scheme() == "https" || url.scheme() == "http" && loopback;
    let listed = merchant.origins.contains(&origin) || loopback && merchant.is_sandbox();
    if scheme_fits && listed { Ok(url.into()) } else { Err(RULE.to_owned()) }
}

/// Reads how long from now an order is to live.
///
/// # Errors
/// Every bad field.
pub fn read_extension(body: Json) -> Result<Span, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let expires_in = fields.required("expires_in", |value| fields::integer(value, 60, 604_800));
    fields.finish(expires_in.map(Span::seconds))
}
