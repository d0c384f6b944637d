//! Friend-pay links: make, list, take back.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::{page_of, paging};
use super::orders::{once, owned};
use crate::domain::id::{FriendLinkId, OrderId};
use crate::ports::store::LedgerKey;
use crate::web::error::Fault;
use crate::web::extract::{Body, Caller, Shared, asked, parameters, part};
use crate::web::render;
use crate::wire::friend_link::{FriendLinkWish, FullFriendLinkJson};
use crate::wire::refund::read_nothing;

/// Asks a friend to pay.
#[utoipa::path(
    post, path = "/v1/orders/{id}/friend_links", tag = "friend links", security(("api_key" = [])), params(("id" = String, Path)),
    request_body(content = crate::web::openapi::bodies::NewFriendLink, content_type = "application/json"),
    responses((status = 201, body = FullFriendLinkJson), (status = 409, description = "`order_not_pending`, `too_many_friend_links`"))
)]
pub async fn create(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let order: OrderId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        let wish = FriendLinkWish::read(asked.json)?;
        Ok(web.services.ask_friend(&caller.0, order, wish, asked.once.as_ref()).await?)
    })
    .await
}

/// Lists the friend links of an order, newest first.
#[utoipa::path(
    get, path = "/v1/orders/{id}/friend_links", tag = "friend links", security(("api_key" = [])), params(("id" = String, Path), crate::web::openapi::PageQuery),
    responses((status = 200, body = render::ListJson<FullFriendLinkJson>))
)]
pub async fn list(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<FriendLinkId>(&parameters(&request, &["limit", "cursor"])?)?;
    let ledger = web.services.merchant_ledger(&caller.0.id, part(&request, "id")?).await?;
    let now = web.services.clock.now();
    let links = &web.services.links;
    let json = |link: &&crate::domain::friend_link::FriendLink| FullFriendLinkJson::of(link, &ledger, links, now);
    Ok(render::json(&page_of(ledger.friend_links.iter().rev(), &paging, |link| link.id, json)?))
}

/// Takes a friend link back.
#[utoipa::path(
    post, path = "/v1/friend_links/{id}/revoke", tag = "friend links", security(("api_key" = [])), params(("id" = String, Path)),
    responses((status = 200, body = FullFriendLinkJson), (status = 409, description = "`friend_link_not_open`"))
)]
pub async fn revoke(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let id: FriendLinkId = part(&request, "id")?;
    owned(&web, &caller, LedgerKey::FriendLink(id)).await?;
    once(&web, asked.once.as_ref(), async {
        read_nothing(asked.json)?;
        Ok(web.services.revoke_link(&caller.0.id, id, asked.once.as_ref()).await?)
    })
    .await
}
