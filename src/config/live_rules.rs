//! What real wallets need of the rest of a configuration: an address that they reach, the payer's own address, and a right clock.

use url::Host;

use super::fault::Report;
use super::{ConfiguredMerchant, PublicUrl, Settings};
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};
use crate::ports::clock::EARLIEST;
use crate::ports::public_address::is_public;

/// Names that mean something in one house alone: nobody outside finds them.
const INNER_NAMES: [&str; 6] = ["localhost", "local", "internal", "lan", "home.arpa", "localdomain"];

/// Checks what the wallets of live merchants need.
pub(super) fn compare(settings: &Settings, report: &mut Report) {
    let merchants = &settings.merchants;
    let call_back = merchants.iter().any(|merchant| merchant.live.call_back_from_outside());
    match &settings.public_url {
        _ if !call_back => {}
        Some(url) if url.as_str().starts_with("https://") => {
            let needs_domain = merchants.iter().any(needs_registered_domain);
            if let Some(rule) = unreachable(url, needs_domain) {
                report.fault("public_url", None, rule);
            }
        }
        _ => {
            let rule = "must be set and begin with https:// for a live merchant: wallets call back there, and only so";
            report.fault("public_url", None, rule);
        }
    }
    let has_h5 = |merchant: &ConfiguredMerchant| takes_wechat_pay(merchant, &[Product::Browser]);
    if settings.trusted_proxies.is_empty() && settings.listen.ip().is_loopback() && merchants.iter().any(has_h5) {
        report.warn(
            "trusted_proxies: is empty, so WeChat Pay's product browser is told the address of the proxy in front of this program \
             instead of the payer's, and refuses the payer.",
        );
    }
}

/// Refuses a clock that is plainly wrong.
pub(super) fn clock(now: Timestamp, report: &mut Report) {
    if now < EARLIEST {
        let rule = "this machine's clock shows a time that is past: set it, and keep it set by NTP, because deadlines, certificates and \
                    the wallets' signatures depend on it";
        report.fault("clock", None, rule);
    }
}

fn takes_wechat_pay(merchant: &ConfiguredMerchant, products: &[Product]) -> bool {
    let taken = merchant.merchant.products(Wallet::WechatPay);
    merchant.live.wechat_pay.is_some() && products.iter().any(|product| taken.contains(product))
}

/// WeChat Pay opens its payment pages on registered domains alone.
fn needs_registered_domain(merchant: &ConfiguredMerchant) -> bool {
    let real = merchant.live.wechat_pay.as_ref().is_some_and(|account| account.base_url.scheme() == "https");
    real && takes_wechat_pay(merchant, &[Product::InApp, Product::Browser])
}

/// Why wallets, or their payers, do not reach this address.
fn unreachable(url: &PublicUrl, needs_domain: bool) -> Option<&'static str> {
    let address = match url.host()? {
        Host::Domain(name) => return (!is_outer(&name)).then_some(
            "must name a host that the whole internet finds, such as pay.example: wallets call back there, and this name is known in \
             one house alone",
        ),
        Host::Ipv4(address) => address.into(),
        Host::Ipv6(address) => address.into(),
    };
    if !is_public(address) {
        return Some(
            "must not be a loopback or private address for a live merchant: wallets call back there from the internet",
        );
    }
    needs_domain.then_some(
        "must name a domain: WeChat Pay takes no IP address as the place of the products in_app and browser, where it wants the domain \
         registered",
    )
}

fn is_outer(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let is_within = |outer: &str| name.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !INNER_NAMES.into_iter().any(is_within)
}
