//! Who looks at a page: language, app, device, address.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header;

use super::{Web, cookies};
use crate::domain::handoff::{HostApp, Platform, host_app};
use crate::domain::locale::Locale;
use crate::domain::order::Order;

/// A visitor of a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The language asked for in the address or remembered from it.
    pub chosen: Option<Locale>,
    /// The language of the browser.
    pub accepted: Option<Locale>,
    /// The app and the device that the browser says it is.
    pub host: (HostApp, Platform),
}

impl Visitor {
    /// Reads the request's headers and address.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let chosen = query(request, "locale").and_then(|word| word.parse().ok()).or_else(|| cookies::locale(request));
        // Some apps write their Chinese names into it, as bytes that a header need not have.
        let agent = request.headers().get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Self {
            chosen,
            accepted: text(header::ACCEPT_LANGUAGE).and_then(Locale::from_accept_language),
            host: host_app::detect(&agent.unwrap_or_default()),
        }
    }

    /// The language of a page that belongs to no order.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.chosen.or(self.accepted).unwrap_or(Locale::ZhCn)
    }

    /// The language of an order's page: what the visitor chose, else what the merchant said, else the browser's.
    #[must_use]
    pub fn locale_for(&self, order: &Order) -> Locale {
        self.chosen.or(order.request.locale).or(self.accepted).unwrap_or(Locale::ZhCn)
    }

    /// For sandbox orders a merchant may look at a page as another app would show it: `?preview=taobao-ios`.
    #[must_use]
    pub fn previewing(mut self, request: &HttpRequest, order: &Order) -> Self {
        if order.sandbox
            && let Some(word) = query(request, "preview")
            && let Some((app, platform)) = word.split_once('-')
            && let (Ok(app), Ok(platform)) = (app.parse(), platform.parse())
        {
            self.host = (app, platform);
        }
        self
    }
}

/// The first value of a query parameter.
#[must_use]
pub fn query(request: &HttpRequest, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The address of whoever sent the request: the last one in `X-Forwarded-For` that is no trusted proxy, when the request came
/// through one, else the peer.
#[must_use]
pub fn client_address(web: &Web, request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    if !web.is_trusted_proxy(peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).map(str::trim).collect();
    // What stands before a hop that cannot be read may be forged.
    let readable = hops.into_iter().rev().map_while(|hop| hop.parse::<IpAddr>().ok());
    readable.into_iter().find(|hop| !web.is_trusted_proxy(*hop)).unwrap_or(peer)
}
