//! Styles, scripts and pictures of the pages, under names that change with their contents.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::views::assets::find;
use crate::web::error::Fault;

/// An asset, to be kept for ever.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Fault> {
    let name = request.match_info().get("name").unwrap_or_default();
    let asset = find(name).ok_or(Fault::NOT_FOUND)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.bytes))
}
