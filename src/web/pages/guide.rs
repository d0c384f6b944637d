//! How to scan a saved code from the album, wallet by wallet.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::handoff::capability::{Acceptance, CodeKind};
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::wallet::Wallet;
use crate::views::guide::{GuideLabels, GuidePage, GuidePicture};
use crate::web::error::Fault;
use crate::web::extract::{Shared, part};
use crate::web::render::{frame, page};
use crate::web::visitor::{Visitor, query};

/// The guide without an order.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for an unknown wallet.
pub async fn general(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let visitor = Visitor::of(&request);
    let locale = visitor.locale();
    let picture = web.services.links.absolute(&crate::views::assets::preview_picture_path());
    let takes = |kind| web.capabilities.code(wallet, kind).is_some_and(|row| row.album == Acceptance::Allowed);
    let shown = GuidePage {
        frame: frame(&request, locale, web.is_all_simulated(), Some(picture)),
        wallet,
        platform: platform(&request, visitor.host.1),
        labels: labels(&web, wallet, locale)?,
        picture: picture_of(takes, None),
        order: None,
        back: None,
        asks_friends: false,
        can_download: visitor.host.0 == HostApp::Browser,
    };
    page(StatusCode::OK, &shown)
}

/// The guide for an order's page. When nothing can be paid any more, it tells nothing of the order.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn of_order(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, kind).await?;
    let wallet: Wallet = part(&request, "wallet")?;
    let context = PageContext::of(&web, &request, &opened)?;
    let payable = context.is_payable();
    let saved = payable.then(|| format!("{}/qr.png", opened.code_page()));
    let shown = GuidePage {
        frame: context.frame(&request),
        wallet,
        platform: platform(&request, context.visitor.host.1),
        labels: labels(&web, wallet, context.locale)?,
        picture: picture_of(|kind| context.album_takes(wallet, kind), saved),
        order: payable.then(|| context.summary()),
        back: Some(opened.page.to_string()),
        asks_friends: payable && kind == Kind::Checkout,
        can_download: context.can_download(),
    };
    page(StatusCode::OK, &shown)
}

/// Which picture the wallet takes from the album: our lasting code (`saved` is its path), else its own, else none.
fn picture_of(takes: impl Fn(CodeKind) -> bool, saved: Option<String>) -> GuidePicture {
    if takes(CodeKind::Lasting) {
        GuidePicture::OurPage(saved)
    } else if takes(CodeKind::Own) {
        GuidePicture::OwnCode
    } else {
        GuidePicture::Nothing
    }
}

/// The phone that is explained: the one asked for, else the visitor's.
fn platform(request: &HttpRequest, visitors: Platform) -> Platform {
    query(request, "platform").and_then(|word| word.parse().ok()).unwrap_or(visitors)
}

fn labels(web: &Shared, wallet: Wallet, locale: Locale) -> Result<GuideLabels, Fault> {
    let of = |locale| web.capabilities.album_labels(wallet, locale);
    // The data is refused at the start when a wallet lacks its labels in either language.
    let (Some(here), Some(chinese)) = (of(locale), of(Locale::ZhCn)) else { return Err(Fault::NOT_FOUND) };
    Ok(GuideLabels {
        scan_place: here.scan_place.clone(),
        scan: here.scan.clone(),
        scan_in_chinese: chinese.scan.clone(),
        album_place: here.album_place.clone(),
        album: here.album.clone(),
        album_in_chinese: chinese.album.clone(),
        confirmed: here.confirmed,
    })
}
