//! The buyer's own page: pay, cancel, ask friends; in the end the receipt.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::{PageContext, order_tail};
use super::opened::{Kind, Opened};
use crate::domain::friend_link::{FriendLink, LinkStatus, MAX_OPEN_LINKS};
use crate::domain::id::FriendLinkId;
use crate::domain::order::OrderStatus;
use crate::domain::time::Span;
use crate::links::TokenPage;
use crate::services::refusal::Refusal;
use crate::views::checkout::{CheckoutPage, FriendLinkRow};
use crate::views::friend_link::FriendLinkPage;
use crate::web::error::Fault;
use crate::web::extract::{Body, Form, Shared, part};
use crate::web::render::{page, see_other};
use crate::wire::friend_link::{FriendLinkWish, LINK_LIFE_S, MESSAGE_MAX, REQUESTER_MAX, share_text, words};

/// Shows the checkout, the receipt or the end.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn show(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Checkout).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    let order = &opened.ledger.order;
    let open_links = opened.ledger.friend_links.iter().filter(|link| link.status == LinkStatus::Open).count();
    let summary = context.summary();
    let (host_app, platform) = context.visitor.host;
    let checkout = CheckoutPage {
        frame: context.frame(&request),
        can_ask_friend: summary.status == OrderStatus::Pending && open_links < MAX_OPEN_LINKS,
        order: summary,
        host_app,
        platform,
        wallets: context.wallets(),
        base: opened.page.to_string(),
        scan_base: TokenPage::Scan(order.scan_token).to_string(),
        copy_url: context.copy_url(),
        order_tail: order_tail(order.request.merchant_order_no.as_str()),
        friend_links: opened.ledger.friend_links.iter().rev().map(|link| row(&opened, link)).collect(),
        not_kept: opened.not_kept(&request),
        return_url: order.request.return_url.clone(),
    };
    page(StatusCode::OK, &checkout)
}

fn row(opened: &Opened, link: &FriendLink) -> FriendLinkRow {
    FriendLinkRow {
        page: opened.page.friend_link(link.id),
        requester: link.requester.clone(),
        status: link.status,
        expires_at: link.expires_at,
    }
}

/// Cancels the order for its buyer.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 409 once it is paid or has ended.
pub async fn cancel(request: HttpRequest, web: Shared, _: Body) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Checkout).await?;
    web.services.cancel_by_buyer(&opened.ledger).await?;
    Ok(see_other(&opened.page.to_string()))
}

/// Asks a friend: the buyer's form.
///
/// # Errors
/// [`Fault::BadWords`], [`Fault::NOT_FOUND`], 409.
pub async fn ask_friend(request: HttpRequest, web: Shared, body: Body) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Checkout).await?;
    let form = Form::read(&body)?;
    let wish = FriendLinkWish {
        requester: field(&form, "requester", REQUESTER_MAX)?,
        message: field(&form, "message", MESSAGE_MAX)?,
        expires_in: life(&form)?,
    };
    let merchant = web.services.merchants.get(&opened.ledger.order.merchant).ok_or(Refusal::NotFound)?;
    let id = web.services.ask_friend_by_form(merchant, opened.ledger.order.id, wish).await?;
    Ok(see_other(&opened.page.friend_link(id)))
}

/// How long the link is to work; nothing: as long as the merchant lets it.
fn life(form: &Form) -> Result<Option<Span>, Fault> {
    let Some(text) = form.get("expires_in").filter(|text| !text.is_empty()) else { return Ok(None) };
    let seconds: i64 = text.parse().map_err(|_| Fault::BadForm)?;
    if LINK_LIFE_S.contains(&seconds) { Ok(Some(Span::seconds(seconds))) } else { Err(Fault::BadForm) }
}

fn field(form: &Form, name: &'static str, max: usize) -> Result<Option<String>, Fault> {
    let Some(text) = form.get(name) else { return Ok(None) };
    words(text, max).map_err(|error| Fault::BadWords { field: name, error })
}

/// Shows a friend link to the buyer who asked.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn friend_link(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Checkout).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    let id: FriendLinkId = part(&request, "id")?;
    let link = opened.ledger.friend_link(id).ok_or(Refusal::NotFound)?;
    let friend_page = TokenPage::Friend(link.token);
    let url = web.services.links.page(friend_page);
    let shown = FriendLinkPage {
        frame: context.frame(&request),
        order: context.summary(),
        base: opened.page.friend_link(id),
        checkout: opened.page.to_string(),
        qr_png: format!("{friend_page}/qr.png"),
        share_text: share_text(context.locale, link.requester.as_deref(), &url),
        url,
        requester: link.requester.clone(),
        message: link.message.clone(),
        link_status: link.status,
        link_expires_at: link.expires_at,
        held_until: link.held_until(web.services.clock.now()),
    };
    page(StatusCode::OK, &shown)
}

/// Takes a friend link back.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 409 when it has ended.
pub async fn revoke(request: HttpRequest, web: Shared, _: Body) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, Kind::Checkout).await?;
    let id: FriendLinkId = part(&request, "id")?;
    opened.ledger.friend_link(id).ok_or(Refusal::NotFound)?;
    web.services.revoke_link(&opened.ledger.order.merchant, id, None).await?;
    Ok(see_other(&opened.page.friend_link(id)))
}
