//! Whether the process lives, and whether it can serve.

use actix_web::HttpResponse;

use super::error::Fault;
use super::extract::Shared;
use crate::services::refusal::Refusal;

/// The process lives.
pub async fn lives() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// It can serve: the store reads and writes.
///
/// # Errors
/// 503 when it cannot.
pub async fn can_serve(web: Shared) -> Result<HttpResponse, Fault> {
    web.services.store.check().await.map_err(Refusal::from)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
