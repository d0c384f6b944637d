//! How to scan a saved code from the album, wallet by wallet.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::wallet::Wallet;
use crate::views::guide::GuidePage;
use crate::web::error::Fault;
use crate::web::extract::{Shared, part};
use crate::web::render::{frame, page};
use crate::web::visitor::Visitor;

/// The guide without an order.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for an unknown wallet.
pub async fn general(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let locale = Visitor::of(&request).locale();
    let picture = web.services.links.absolute(&crate::views::assets::preview_picture_path());
    let frame = frame(&request, locale, web.sandbox.is_some(), Some(picture));
    page(StatusCode::OK, &GuidePage { frame, wallet, order: None, back: None, qr_png: None })
}

/// The guide for an order's page.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn of_order(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, kind).await?;
    let wallet: Wallet = part(&request, "wallet")?;
    let context = PageContext::of(&web, &request, &opened)?;
    let shown = GuidePage {
        frame: context.frame(&request),
        wallet,
        order: Some(context.summary()),
        back: Some(opened.page.to_string()),
        qr_png: Some(format!("{}/qr.png", opened.code_page())),
    };
    page(StatusCode::OK, &shown)
}
