//! What the lasting code opens, and the parts that all three payer pages share.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::token::Token;
use crate::links::TokenPage;
use crate::qr::Mask;
use crate::views::pay::PayPage;
use crate::web::error::Fault;
use crate::web::extract::{Body, Shared};
use crate::web::layers::RouteName;
use crate::web::limits::Allowed;
use crate::web::pictures::Code;
use crate::web::render::page;
use crate::web::{live, login, pictures};

/// Shows the pay-only page.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn show(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Scan).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    if let Some(way) = login::first_way(&request, &context)? {
        return Ok(way);
    }
    let (host_app, platform) = context.visitor.host;
    let shown = PayPage {
        frame: context.frame(&request),
        order: context.summary(),
        host_app,
        platform,
        wallets: context.wallets(),
        base: opened.page.to_string(),
        copy_url: context.copy_url(),
        not_kept: opened.not_kept(&request),
    };
    page(StatusCode::OK, &shown)
}

/// An order's lasting code, the picture that is asked for most: without its order when that is known, and on a short way through the
/// routes. `None` for a path that is not that of such a picture.
#[must_use]
pub fn lasting_picture(path: &str) -> Option<(Token, pictures::Format)> {
    let (page, file) = path.rsplit_once('/')?;
    let format = match file {
        "qr.png" => pictures::Format::Png,
        "qr.svg" => pictures::Format::Svg,
        _ => return None,
    };
    match TokenPage::parse(page)? {
        TokenPage::Scan(token) => Some((token, format)),
        TokenPage::Checkout(_) | TokenPage::Friend(_) => None,
    }
}

/// The lasting code as a picture.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 400 for a bad size.
pub async fn lasting_code(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let (token, format) = lasting_picture(request.path()).ok_or(Fault::NOT_FOUND)?;
    request.extensions_mut().insert(RouteName(match format {
        pictures::Format::Png => "/s/{token}/qr.png",
        pictures::Format::Svg => "/s/{token}/qr.svg",
    }));
    let known = web.services.lasting_code(token).await?;
    let text = web.services.links.page(TokenPage::Scan(known.token));
    let code = Code { text, mask: Some(Mask::of(known.mask.number())) };
    let name = format!("order-{}", known.merchant_order_no.as_str());
    pictures::of_page(&request, code, format, web.logos.get(&known.merchant), &name).await
}

/// The code of a page as PNG.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 400 for a bad size.
pub async fn png(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    picture(&request, &web, kind, pictures::Format::Png).await
}

/// The code of a page as SVG.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 400 for a bad size.
pub async fn svg(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    picture(&request, &web, kind, pictures::Format::Svg).await
}

async fn picture(
    request: &HttpRequest,
    web: &Shared,
    kind: Kind,
    format: pictures::Format,
) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(web, request, kind).await?;
    let logo = web.logos.get(&opened.ledger.order.merchant);
    pictures::of_page(request, opened.code(web), format, logo, &opened.file_name()).await
}

/// The live status of a page.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn status(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by_payer(&web, &request, kind).await?;
    Ok(live::status(&web, &opened.ledger, opened.page))
}

/// The live status of a page, as a stream.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 503.
pub async fn events(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by_payer(&web, &request, kind).await?;
    live::events(&request, &web, &opened.ledger, opened.page)
}

/// A payer came back to the page: the wallets are asked about the order's open attempts now, at most once a second.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn check(request: HttpRequest, web: Shared, _: Body, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by_payer(&web, &request, kind).await?;
    if web.limits.check(opened.ledger.order.id) == Allowed::Yes {
        web.services.check_order(&opened.ledger).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
