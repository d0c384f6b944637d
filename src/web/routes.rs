//! Every route of the program, in one table.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, Scope, guard};

use super::api::{events, friend_links, handoff, orders, refunds, webhooks};
use super::error::Fault;
use super::extract::{Body, Shared};
use super::pages::opened::Kind;
use super::pages::{assets, attempt, card, checkout, demo, friend, guide, sandbox, scan};
use super::{health, login, notify, openapi};

/// Enters all routes. The lasting code's picture comes first: it is asked for most, and a dynamic part of a path costs the router more
/// than drawing the code does.
pub fn enter(config: &mut ServiceConfig) {
    let lasting_picture = |context: &guard::GuardContext<'_>| {
        let head = context.head();
        matches!(head.method, Method::GET | Method::HEAD) && scan::lasting_picture(head.uri.path()).is_some()
    };
    config
        .service(web::scope("/s").guard(guard::fn_guard(lasting_picture)).default_service(web::to(scan::lasting_code)))
        .service(payer_pages("/s/{token}", Kind::Scan).route("", read().to(scan::show)))
        .service(
            payer_pages("/c/{token}", Kind::Checkout)
                .route("", read().to(checkout::show))
                .service(web::resource("/cancel").route(web::post().to(checkout::cancel)))
                .service(web::resource("/friend_links").route(web::post().to(checkout::ask_friend)))
                .service(web::resource("/friend_links/{id}").route(read().to(checkout::friend_link)))
                .service(web::resource("/friend_links/{id}/revoke").route(web::post().to(checkout::revoke))),
        )
        .service(
            payer_pages("/f/{token}", Kind::Friend)
                .route("", read().to(friend::show))
                .service(web::resource("/decline").route(web::post().to(friend::decline)))
                .service(web::resource("/report").route(web::post().to(friend::report))),
        )
        .service(web::resource("/notify/{wallet}/{merchant}").route(web::post().to(notify::receive)))
        .service(web::resource("/oauth/{wallet}/{merchant}").route(web::get().to(login::returned)))
        .service(web::resource(r"/{name:MP_verify_[A-Za-z0-9]+\.txt}").route(read().to(login::domain_proof)))
        .service(web::resource("/assets/{name}").route(read().to(assets::serve)))
        .service(web::resource("/guide/{wallet}").route(read().to(guide::general)))
        .service(
            web::resource("/sandbox/{trade_no}").route(read().to(sandbox::show)).route(web::post().to(sandbox::play)),
        )
        .service(web::resource("/demo").route(read().to(demo::shop)))
        .service(web::resource("/demo/cart").route(read().to(demo::shop)))
        .service(web::resource("/demo/orders").route(web::post().to(demo::order)))
        .service(web::resource("/demo/orders/{token}").route(read().to(demo::order_page)))
        .service(api())
        .service(web::resource("/healthz").route(read().to(health::lives)))
        .service(web::resource("/readyz").route(read().to(health::can_serve)))
        .service(web::resource("/openapi.json").route(read().to(openapi::document)))
        .service(web::resource("/docs").route(read().to(openapi::page)));
}

/// What no route takes.
///
/// # Errors
/// Always [`Fault::NOT_FOUND`].
pub async fn nothing() -> Result<HttpResponse, Fault> {
    Err(Fault::NOT_FOUND)
}

fn api() -> Scope {
    web::scope("/v1")
        .service(web::resource("/orders").route(web::post().to(orders::create)).route(read().to(orders::list)))
        .service(web::resource("/orders/{id}").route(read().to(orders::read)))
        .service(web::resource("/orders/{id}/cancel").route(web::post().to(orders::cancel)))
        .service(web::resource("/orders/{id}/extend").route(web::post().to(orders::extend)))
        .service(web::resource("/orders/{id}/attempts").route(read().to(orders::attempts)))
        .service(web::resource("/orders/{id}/events").route(read().to(events::of_order)))
        .service(
            web::resource("/orders/{id}/refunds")
                .route(web::post().to(refunds::create))
                .route(read().to(refunds::list)),
        )
        .service(
            web::resource("/orders/{id}/friend_links")
                .route(web::post().to(friend_links::create))
                .route(read().to(friend_links::list)),
        )
        .service(web::resource("/friend_links/{id}/revoke").route(web::post().to(friend_links::revoke)))
        .service(web::resource("/payments/{id}/refund").route(web::post().to(refunds::of_payment)))
        .service(web::resource("/events").route(read().to(events::list)))
        .service(web::resource("/events/{id}/redeliver").route(web::post().to(webhooks::redeliver)))
        .service(
            web::resource("/webhook_endpoints")
                .route(web::post().to(webhooks::create))
                .route(read().to(webhooks::list)),
        )
        .service(web::resource("/webhook_endpoints/{id}").route(web::delete().to(webhooks::remove)))
        .service(web::resource("/webhook_endpoints/{id}/rotate_secret").route(web::post().to(webhooks::rotate)))
        .service(web::resource("/webhook_endpoints/{id}/deliveries").route(read().to(webhooks::deliveries)))
        .service(web::resource("/handoff").route(read().to(handoff::read)))
}

/// The parts that the three payer pages share.
fn payer_pages(prefix: &str, kind: Kind) -> Scope {
    web::scope(prefix)
        .service(get("/qr.png", move |request, web| scan::png(request, web, kind)))
        .service(get("/qr.svg", move |request, web| scan::svg(request, web, kind)))
        .service(get("/card.png", move |request, web| card::of_page(request, web, kind)))
        .service(get("/status", move |request, web| scan::status(request, web, kind)))
        .service(get("/events", move |request, web| scan::events(request, web, kind)))
        .service(get("/guide/{wallet}", move |request, web| guide::of_order(request, web, kind)))
        .service(get("/login/{wallet}", move |request, web| login::explain(request, web, kind)))
        .service(get("/login/{wallet}/go", move |request, web| login::go(request, web, kind)))
        .service(form("/check", move |request, web, body| scan::check(request, web, body, kind)))
        .service(form("/attempts", move |request, web, body| attempt::begin(request, web, body, kind)))
        .service(
            get("/attempts/{id}", move |request, web| attempt::show(request, web, kind))
                .route(web::post().to(move |request, web, body| attempt::returned(request, web, body, kind))),
        )
        .service(get("/attempts/{id}/qr.png", move |request, web| attempt::png(request, web, kind)))
        .service(get("/attempts/{id}/card.png", move |request, web| card::of_attempt(request, web, kind)))
        .service(form("/attempts/{id}/check", move |request, web, body| attempt::check(request, web, body, kind)))
        .service(form("/attempts/{id}/close", move |request, web, body| attempt::give_up(request, web, body, kind)))
}

/// Looking, with or without the body: neither changes anything.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn get<F, R>(path: &str, handler: F) -> Resource
where
    F: Fn(HttpRequest, Shared) -> R + Clone + 'static,
    R: Future<Output = Result<HttpResponse, Fault>> + 'static,
{
    web::resource(path).route(read().to(handler))
}

fn form<F, R>(path: &str, handler: F) -> Resource
where
    F: Fn(HttpRequest, Shared, Body) -> R + Clone + 'static,
    R: Future<Output = Result<HttpResponse, Fault>> + 'static,
{
    web::resource(path).route(web::post().to(handler))
}
