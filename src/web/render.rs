//! Turning results into responses.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Serialize;

use super::error::Fault;
use crate::domain::locale::Locale;
use crate::services::answer::Answer;
use crate::views::frame::Frame;

/// A page.
///
/// # Errors
/// [`Fault::Broken`] when the template fails.
pub fn page(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Fault> {
    let html = page.render().map_err(|error| Fault::Broken(format!("a page cannot be written: {error}")))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// What stands around a page's content.
#[must_use]
pub fn frame(request: &HttpRequest, locale: Locale, sandbox: bool, og_image: Option<String>) -> Frame {
    Frame { locale, sandbox, path: path_without_locale(request), og_image }
}

/// The address of this page without its language, for the language switch.
fn path_without_locale(request: &HttpRequest) -> String {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "locale");
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // Two slashes at the start would name another host.
    let path = format!("/{}", request.path().trim_start_matches('/'));
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// To another page of ours, to be fetched with GET.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// An answer of the API.
#[must_use]
pub fn answer(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if answer.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    response.content_type("application/json").body(answer.body)
}

/// A document of the API.
#[must_use]
pub fn json(document: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(document)
}

/// One page of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ListJson<T> {
    /// The things, newest first unless said otherwise.
    pub data: Vec<T>,
    /// What to ask for next; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}
