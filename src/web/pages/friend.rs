//! A friend's page: pay for somebody, say no, or report the link.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::attempt::{Attempt, BrowserKey};
use crate::domain::event::EventKind;
use crate::domain::friend_link::{FriendLink, LinkStatus};
use crate::domain::payment::{Payment, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::drill::is_planted;
use crate::services::refusal::Refusal;
use crate::views::friend::{FriendHold, FriendPage};
use crate::web::cookies;
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
    let browser = cookies::browser(&request);
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
        hold: hold(&opened, link, browser, web.services.clock.now()),
        own_payment: browser.and_then(|browser| own_payment(&opened, link, browser)),
        reported: query(&request, "reported").is_some(),
    };
    page(StatusCode::OK, &shown)
}

/// Who keeps others out of a link, seen from a browser.
fn hold(opened: &Opened, link: &FriendLink, browser: Option<BrowserKey>, now: Timestamp) -> FriendHold {
    let Some(until) = link.held_until(now) else { return FriendHold::Free };
    let Some(browser) = browser.filter(|browser| link.is_held_by(*browser, now)) else {
        return FriendHold::Another(until);
    };
    let begun = through(opened, link, browser).rev().find(|attempt| attempt.can_be_paid(now));
    FriendHold::Own { until, attempt: begun.map(|attempt| (opened.page.attempt(attempt.id), attempt.wallet)) }
}

/// What this browser began through a link, oldest first.
fn through<'a>(
    opened: &'a Opened,
    link: &FriendLink,
    browser: BrowserKey,
) -> impl DoubleEndedIterator<Item = &'a Attempt> {
    let link = Some(link.id);
    opened.ledger.attempts.iter().filter(move |attempt| attempt.browser == browser && attempt.friend_link == link)
}

/// What became of the money that this browser paid through a link: the winning payment, else the newest.
fn own_payment(opened: &Opened, link: &FriendLink, browser: BrowserKey) -> Option<(Wallet, Verdict)> {
    let of = |payment: &Payment| through(opened, link, browser).find(|attempt| attempt.id == payment.attempt);
    let mine = || opened.ledger.payments.iter().filter_map(|payment| Some((of(payment)?.wallet, payment.verdict)));
    mine().find(|(_, verdict)| *verdict == Verdict::Winner).or_else(|| mine().next_back())
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
