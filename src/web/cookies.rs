//! The two cookies: which browser pays, and which language was chosen.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

use super::Web;
use crate::domain::attempt::BrowserKey;
use crate::domain::locale::Locale;
use crate::domain::token::{Token, sha256};

const BROWSER: &str = "pay_browser";
/// Chosen on an order's page, for that page and what lies below it.
const ORDER_LOCALE: &str = "pay_locale";
/// Chosen on a page that belongs to no order.
const SITE_LOCALE: &str = "site_locale";
const BROWSER_LIFE: Duration = Duration::days(30);

/// The browser of a request, when it has begun to pay before.
#[must_use]
pub fn browser(request: &HttpRequest) -> Option<BrowserKey> {
    let token: Token = request.cookie(BROWSER)?.value().parse().ok()?;
    Some(sha256(token.expose_bytes()))
}

/// The browser of a request that begins to pay, with the cookie to set when it is new.
#[must_use]
pub fn browser_or_new(web: &Web, request: &HttpRequest) -> (BrowserKey, Option<Cookie<'static>>) {
    if let Some(known) = browser(request) {
        return (known, None);
    }
    let (key, cookie) = new_browser(web);
    (key, Some(cookie))
}

/// A browser that has begun nothing yet, with the cookie to set.
#[must_use]
pub fn new_browser(web: &Web) -> (BrowserKey, Cookie<'static>) {
    let token = Token::from_bytes(web.services.entropy.sixteen());
    (sha256(token.expose_bytes()), made(web, BROWSER, token.expose(), Some(BROWSER_LIFE)))
}

/// The root of the order's page that a request is below: `/s/<token>`.
fn order_page(request: &HttpRequest) -> Option<String> {
    let parts: Vec<&str> = request.path().split('/').take(3).collect();
    match parts[..] {
        ["", "c" | "s" | "f", token] if token.parse::<Token>().is_ok() => Some(parts.join("/")),
        _ => None,
    }
}

/// The language chosen earlier on this page: what was chosen for one order says nothing about the next.
#[must_use]
pub fn locale(request: &HttpRequest) -> Option<Locale> {
    let name = if order_page(request).is_some() { ORDER_LOCALE } else { SITE_LOCALE };
    request.cookie(name)?.value().parse().ok()
}

/// Remembers a chosen language until the browser is closed.
#[must_use]
pub fn remember_locale(web: &Web, request: &HttpRequest, locale: Locale) -> Cookie<'static> {
    let word = locale.as_str().to_owned();
    match order_page(request) {
        None => made(web, SITE_LOCALE, word, None),
        Some(root) => {
            let mut cookie = made(web, ORDER_LOCALE, word, None);
            cookie.set_path(root);
            cookie
        }
    }
}

fn made(web: &Web, name: &'static str, value: String, life: Option<Duration>) -> Cookie<'static> {
    let mut cookie = Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.services.links.is_https())
        .finish();
    cookie.set_max_age(life);
    cookie
}
