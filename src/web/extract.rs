//! What handlers take from a request: the calling merchant, a bounded body, forms, identifiers.

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::Web;
use super::error::Fault;
use super::limits::Allowed;
use super::visitor::client_address;
use crate::domain::merchant::Merchant;
use crate::domain::token::sha256;
use crate::services::answer::Once;
use crate::wire::json::Json;

/// Largest body that is read.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// A body that has not arrived whole by then is given up.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// The program's state, as every handler gets it.
pub type Shared = Data<Web>;

/// A whole body, bounded in size and time.
pub struct Body(pub Vec<u8>);

impl FromRequest for Body {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        let announced =
            request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Box::pin(async move {
            if announced.is_some_and(|length: usize| length > BODY_MAX_BYTES) {
                return Err(Fault::TooLarge);
            }
            let read = async {
                let mut body = Vec::new();
                while let Some(piece) = payload.next().await {
                    let piece = piece.map_err(|_| Fault::TooSlow)?;
                    if body.len() + piece.len() > BODY_MAX_BYTES {
                        return Err(Fault::TooLarge);
                    }
                    body.extend_from_slice(&piece);
                }
                Ok(Self(body))
            };
            tokio::time::timeout(BODY_DEADLINE, read).await.unwrap_or(Err(Fault::TooSlow))
        })
    }
}

/// The merchant whose API key came with the request.
pub struct Caller(pub Arc<Merchant>);

impl FromRequest for Caller {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(caller(request).map(Self))
    }
}

fn caller(request: &HttpRequest) -> Result<Arc<Merchant>, Fault> {
    let web = request.app_data::<Shared>().ok_or_else(|| Fault::Broken("no state".to_owned()))?;
    let address = client_address(web, request);
    // The map is searched by a hash, so that the time it takes tells nothing about the keys in it.
    let merchant = bearer(request).and_then(|key| web.api_keys.get(&sha256(key.as_bytes())));
    let Some(merchant) = merchant else {
        // Nobody is slowed down who tries the sandbox on his own machine.
        if web.sandbox.is_some() && address.is_loopback() {
            return Err(Fault::Unauthorized);
        }
        return match web.limits.wrong_key(address) {
            Allowed::Yes => Err(Fault::Unauthorized),
            Allowed::After(seconds) => Err(Fault::RateLimited(seconds)),
        };
    };
    if merchant.is_sandbox() && address.is_loopback() {
        return Ok(merchant.clone());
    }
    match web.limits.merchant(&merchant.id) {
        Allowed::Yes => Ok(merchant.clone()),
        Allowed::After(seconds) => Err(Fault::RateLimited(seconds)),
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// A POST of the merchant's: its JSON and, when it has a key, how it can be told from others.
pub struct Asked {
    /// The body.
    pub json: Json,
    /// The request's identity for keeping its answer.
    pub once: Option<Once>,
}

/// Reads the body and the `Idempotency-Key` of a POST.
///
/// # Errors
/// [`Fault::Malformed`], [`Fault::Parameter`].
pub fn asked(request: &HttpRequest, merchant: &Merchant, body: &Body) -> Result<Asked, Fault> {
    parameters(request, &[])?;
    let json = Json::parse(&body.0).map_err(|malformed| Fault::Malformed(malformed.0))?;
    let key = idempotency_key(request)?;
    let canonical = json.canonical();
    let once =
        key.map(|key| Once::new(merchant.id.clone(), key, request.method().as_str(), request.path(), &canonical));
    Ok(Asked { json, once })
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Fault> {
    const RULE: &str = "Idempotency-Key must be one header of 1 to 255 visible ASCII characters";
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    let visible =
        !value.is_empty() && value.len() <= 255 && value.as_bytes().iter().all(|byte| (0x21..=0x7e).contains(byte));
    if !visible || values.next().is_some() {
        return Err(Fault::Parameter(RULE.to_owned()));
    }
    Ok(value.to_str().ok().map(str::to_owned))
}

/// A part of the path as a domain value; anything else is not found.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub fn part<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Fault> {
    request.match_info().get(name).and_then(|text| text.parse().ok()).ok_or(Fault::NOT_FOUND)
}

/// The query parameters, each named at most once and all of them known.
///
/// # Errors
/// [`Fault::Parameter`] names the first that is not.
pub fn parameters(request: &HttpRequest, known: &[&str]) -> Result<Vec<(String, String)>, Fault> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        if !known.contains(&name.as_ref()) {
            return Err(Fault::Parameter(format!("{name} is not a parameter here")));
        }
        if found.iter().any(|(earlier, _)| *earlier == name) {
            return Err(Fault::Parameter(format!("{name} stands there more than once")));
        }
        found.push((name.into_owned(), value.into_owned()));
    }
    Ok(found)
}

/// A form as sent by a page: fields by name. A field that comes twice makes it unreadable.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a URL-encoded form.
    ///
    /// # Errors
    /// [`Fault::BadForm`].
    pub fn read(body: &Body) -> Result<Self, Fault> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body.0).into_owned().collect();
        let repeated =
            fields.iter().enumerate().any(|(index, (name, _))| fields[..index].iter().any(|(other, _)| other == name));
        if repeated { Err(Fault::BadForm) } else { Ok(Self(fields)) }
    }

    /// A field; empty text counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}
