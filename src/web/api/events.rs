//! Events: the merchant's list, and the history of one order.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::{Paging, paging, value};
use crate::domain::event::EventKind;
use crate::domain::id::{EventId, OrderId};
use crate::ports::store::{EventQuery, EventRecord};
use crate::web::error::Fault;
use crate::web::extract::{Caller, Shared, parameters, part};
use crate::wire::event::EventJson;
use crate::wire::words::EventWord;

/// Lists a merchant's events, oldest first.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", security(("api_key" = [])),
    params(
        ("after" = Option<String>, Query, description = "Begin after this event", pattern = "^evt_[0-9a-f]{32}$"), ("type" = Option<EventWord>, Query),
        crate::web::openapi::PageQuery,
    ),
    responses((status = 200, body = crate::web::render::ListJson<EventJson>))
)]
pub async fn list(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let given = parameters(&request, &["after", "type", "limit", "cursor"])?;
    let paging = paging::<EventId>(&given)?;
    let after = value(&given, "after")
        .map(|text| text.parse().map_err(|_| Fault::Parameter("after must be the identifier of an event".to_owned())))
        .transpose()?;
    let kind = value(&given, "type")
        .map(|word| word.parse::<EventKind>().map_err(|_| Fault::Parameter("type must be a type of event".to_owned())))
        .transpose()?;
    answer(&web, &caller, paging, after, kind, None).await
}

/// Lists the history of an order, oldest first.
#[utoipa::path(
    get, path = "/v1/orders/{id}/events", tag = "events", security(("api_key" = [])), params(("id" = String, Path), crate::web::openapi::PageQuery),
    responses((status = 200, body = crate::web::render::ListJson<EventJson>))
)]
pub async fn of_order(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<EventId>(&parameters(&request, &["limit", "cursor"])?)?;
    let order: OrderId = part(&request, "id")?;
    web.services.merchant_ledger(&caller.0.id, order).await?;
    answer(&web, &caller, paging, None, None, Some(order)).await
}

async fn answer(
    web: &Shared,
    caller: &Caller,
    paging: Paging<EventId>,
    after: Option<EventId>,
    kind: Option<EventKind>,
    order: Option<OrderId>,
) -> Result<HttpResponse, Fault> {
    let query = EventQuery {
        merchant: caller.0.id.clone(),
        after: paging.cursor.or(after),
        kind,
        order,
        limit: paging.limit + 1,
    };
    let mut events = web.services.list_events(query).await?;
    let more = events.len() > paging.limit;
    events.truncate(paging.limit);
    Ok(HttpResponse::Ok().content_type("application/json").body(list_of_bytes(&events, more)))
}

/// Events are handed out byte for byte as they were written, never parsed and written anew.
fn list_of_bytes(events: &[EventRecord], more: bool) -> Vec<u8> {
    let mut body = Vec::with_capacity(events.iter().map(|event| event.body.len() + 1).sum::<usize>() + 80);
    body.extend(b"{\"data\":[");
    for (position, event) in events.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend(&event.body);
    }
    body.extend(b"],\"next_cursor\":");
    match events.last().filter(|_| more) {
        Some(last) => body.extend(format!("\"{}\"}}", last.id).bytes()),
        None => body.extend(b"null}"),
    }
    body
}
