//! What happens around every handler: request ids, cross-site defence, writing out faults, headers, the access log.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use url::Url;

use super::error::Fault;
use super::extract::Shared;
use super::visitor::{Visitor, query};
use super::{cookies, render};
use crate::domain::handoff::HostApp;
use crate::domain::locale::Locale;
use crate::links;
use crate::views::message::MessagePage;

/// The name of a request in answers and logs.
#[derive(Clone)]
struct RequestId(String);

/// The origins whose pages may hold this page in a frame.
pub struct Embedders(pub Vec<String>);

/// Where this page's form may lead beside our own pages: the origin of a wallet.
pub struct FormTarget(String);

impl FormTarget {
    /// The origin of an absolute address; `None` for what is none.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        let origin = Url::parse(address).ok()?.origin();
        origin.is_tuple().then(|| Self(origin.ascii_serialization()))
    }
}

/// The name of a route for the counters, when a handler serves addresses that the router does not tell apart.
pub struct RouteName(pub &'static str);

/// What kind of thing an address answers; decides the headers and the form of errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surface {
    Api,
    Page,
    Picture,
    Stream,
    Asset,
}

impl Surface {
    fn of(path: &str) -> Self {
        let for_programs = ["/v1/", "/notify/"].iter().any(|prefix| path.starts_with(prefix))
            || matches!(path, "/v1" | "/openapi.json" | "/healthz" | "/readyz")
            || path.ends_with("/status");
        if for_programs {
            Self::Api
        } else if path.starts_with("/assets/") {
            Self::Asset
        } else if path.ends_with(".png") || path.ends_with(".svg") {
            Self::Picture
        } else if path.ends_with("/events") {
            Self::Stream
        } else {
            Self::Page
        }
    }
}

/// Wraps every request.
///
/// # Errors
/// Only what actix-web itself fails with.
pub async fn around(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse, Error> {
    let started = Instant::now();
    let shared = request.app_data::<Shared>().cloned();
    let id = shared.as_ref().map(|web| web.services.entropy.uuid(web.services.clock.now()).simple().to_string());
    request.extensions_mut().insert(RequestId(id.unwrap_or_default()));
    let response = if is_cross_site(&request) {
        request.into_response(actix_web::ResponseError::error_response(&Fault::CrossSite))
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let mut response = write_out_fault(response);
    dress(&mut response);
    if let Some(web) = shared {
        note(&web, &response, started);
    }
    Ok(response)
}

/// A form of our pages may only be sent from our pages. The API has no cookies, wallets call from nowhere, and the form with which
/// a wallet sends its payer back to an attempt's page changes nothing.
fn is_cross_site(request: &ServiceRequest) -> bool {
    let path = request.path();
    if request.method() != Method::POST || path.starts_with("/v1/") || path.starts_with("/notify/") {
        return false;
    }
    if links::is_attempt(path) {
        return false;
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) {
        return true;
    }
    let local = request.app_config().local_addr();
    let names = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("http://{name}:{}", local.port()));
    let ours = |origin: &str| {
        let public = request.app_data::<Shared>().is_some_and(|web| web.services.links.origin() == origin);
        // The Host header proves nothing: whoever rebinds a name to this machine sends that name.
        public || local.ip().is_loopback() && names.iter().any(|name| name == origin)
    };
    text("origin").is_some_and(|origin| !ours(origin))
}

/// Fills a response that only carries a fault: a problem document for programs, a page for people.
fn write_out_fault(response: ServiceResponse<BoxBody>) -> ServiceResponse {
    let unknown = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Fault::MethodNotAllowed),
        _ => None,
    };
    let fault = response.response().extensions().get::<Fault>().cloned().or(unknown);
    let Some(fault) = fault else { return response };
    let request = response.request().clone();
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    if let Some(cause) = fault.cause() {
        tracing::error!(request_id = %id, route = request.match_pattern(), cause, "a request failed");
    }
    let body = match Surface::of(request.path()) {
        Surface::Api => problem(&fault, &id),
        _ => message(&request, &fault, id),
    };
    let (mut written, allow) = (body, response.headers().get(header::ALLOW).cloned());
    if let Some(allow) = allow {
        written.headers_mut().insert(header::ALLOW, allow);
    }
    if let Fault::RateLimited(seconds) = fault {
        written.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(fault, Fault::Unauthorized) {
        written.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    ServiceResponse::new(request, written)
}

fn problem(fault: &Fault, id: &str) -> HttpResponse {
    let body = serde_json::to_vec(&fault.problem(id)).unwrap_or_default();
    let status = actix_web::ResponseError::status_code(fault);
    HttpResponse::build(status).content_type("application/problem+json").body(body)
}

fn message(request: &HttpRequest, fault: &Fault, request_id: String) -> HttpResponse {
    let status = actix_web::ResponseError::status_code(fault);
    let sandbox = request.app_data::<Shared>().is_some_and(|web| web.is_all_simulated());
    let locale = Visitor::of(request).locale();
    let frame = render::frame(request, locale, sandbox, None);
    let page = MessagePage { frame, message: fault.message(locale), back: back_to(request), request_id };
    render::page(status, &page).unwrap_or_else(|_| HttpResponse::new(status))
}

/// The order's page, when the fault happened below one and is not that the page does not exist.
fn back_to(request: &HttpRequest) -> Option<String> {
    let below = request.path().splitn(4, '/').skip(1).collect::<Vec<_>>();
    match below[..] {
        [kind @ ("c" | "s" | "f"), token, _] if request.method() == Method::POST => Some(format!("/{kind}/{token}")),
        _ => None,
    }
}

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/// What WeChat's own bridge may do in a page that is opened there: it speaks to the app through frames of its own schemes, and sets
/// scripts by itself. Not confirmed for each version; without it, no page could pay there at all.
const WECHAT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    frame-src weixin: wvjbscheme:; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

fn dress(response: &mut ServiceResponse) {
    let surface = Surface::of(response.request().path());
    let id = response.request().extensions().get::<RequestId>().map(|id| id.0.clone());
    let https = response.request().app_data::<Shared>().is_some_and(|web| web.services.links.is_https());
    let policy = match surface {
        Surface::Api | Surface::Stream => HeaderValue::from_static(API_POLICY),
        Surface::Page => page_policy(response.request()),
        Surface::Picture | Surface::Asset => HeaderValue::from_static(PICTURE_POLICY),
    };
    remember_locale(response, surface);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "strict-origin");
    set(headers, HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if surface != Surface::Asset {
        set(headers, HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive");
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    if https {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if let Some(Ok(id)) = id.map(|id| HeaderValue::from_str(&id)) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// What a page may do: what its app needs, and what its own handler has asked for it.
fn page_policy(request: &HttpRequest) -> HeaderValue {
    let in_wechat = Visitor::of(request).host.0 == HostApp::Wechat;
    let plain = if in_wechat { WECHAT_POLICY } else { PAGE_POLICY };
    let extensions = request.extensions();
    let mut policy = plain.to_owned();
    if let Some(Embedders(origins)) = extensions.get::<Embedders>() {
        policy = policy.replace("frame-ancestors 'none'", &format!("frame-ancestors {}", origins.join(" ")));
    }
    if let Some(FormTarget(origin)) = extensions.get::<FormTarget>() {
        policy = policy.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    }
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(plain))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// A language chosen in an address stays chosen on the pages that follow.
fn remember_locale(response: &mut ServiceResponse, surface: Surface) {
    let request = response.request().clone();
    let chosen = query(&request, "locale").and_then(|word| word.parse::<Locale>().ok());
    if let (Surface::Page, Some(locale), Some(web)) = (surface, chosen, request.app_data::<Shared>()) {
        let cookie = cookies::remember_locale(web, &request, locale);
        if response.response_mut().add_cookie(&cookie).is_err() {
            tracing::debug!("the language could not be remembered");
        }
    }
}

/// The access log and the counters name routes, never paths: paths hold tokens.
fn note(web: &Shared, response: &ServiceResponse, started: Instant) {
    let request = response.request();
    let named = request.extensions().get::<RouteName>().map(|name| name.0.to_owned());
    let route = named.or_else(|| request.match_pattern()).unwrap_or_else(|| "(none)".to_owned());
    let (method, status) = (request.method().as_str(), response.status().as_u16());
    web.metrics.answered(method, &route, status, started.elapsed().as_secs_f64());
    let request_id = request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    tracing::debug!(%request_id, method, route, status, micros = started.elapsed().as_micros(), "answered");
}
