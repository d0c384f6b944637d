//! A friend's page: pay for somebody, say no, or report the link.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::event::EventKind;
use crate::domain::friend_link::LinkStatus;
use crate::drill::is_planted;
use crate::services::refusal::Refusal;
use crate::views::friend::FriendPage;
use crate::web::error::Fault;
use crate::web::extract::{Body, Shared};
use crate::web::login;
use crate::web::render::{page, see_other};
use crate::web::visitor::query;

/// Shows who asks for what.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn show(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Friend).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    let link = opened.link().ok_or(Refusal::NotFound)?;
    if let Some(way) = login::first_way(&request, &context)? {
        return Ok(way);
    }
    if is_planted("a GET that consumes") && link.status == LinkStatus::Open {
        web.services.decline_link(link.id).await?;
    }
    let (host_app, platform) = context.visitor.host;
    let shown = FriendPage {
        frame: context.frame(&request),
        order: context.summary(),
        host_app,
        platform,
        wallets: context.wallets(),
        base: opened.page.to_string(),
        copy_url: context.copy_url(),
        requester: link.requester.clone(),
        message: link.message.clone(),
        link_status: link.status,
        link_expires_at: link.expires_at,
        held_until: link.held_until(web.services.clock.now()),
        paid_here: link.status == LinkStatus::Paid,
        reported: query(&request, "reported").is_some(),
    };
    page(StatusCode::OK, &shown)
}

/// The friend says no.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 409 while somebody pays or when the link has ended.
pub async fn decline(request: HttpRequest, web: Shared, _: Body) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Friend).await?;
    let link = opened.link().ok_or(Refusal::NotFound)?;
    web.services.decline_link(link.id).await?;
    Ok(see_other(&opened.page.to_string()))
}

/// Somebody does not trust the link; the merchant is told, once.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn report(request: HttpRequest, web: Shared, _: Body) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Friend).await?;
    let link = opened.link().ok_or(Refusal::NotFound)?;
    web.services.report_link(link.id).await?;
    tracing::warn!(order = %opened.ledger.order.id, event = EventKind::FriendLinkReported.as_str(), "a friend link was reported");
    Ok(see_other(&format!("{}?reported=1", opened.page)))
}
