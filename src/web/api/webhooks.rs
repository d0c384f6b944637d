//! Webhook endpoints, what was delivered to them, and sending an event again.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::{envelope, page_of, paging};
use super::orders::once;
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::ports::outbox::DeliveryQuery;
use crate::web::error::Fault;
use crate::web::extract::{Body, Caller, Shared, asked, parameters, part};
use crate::web::render;
use crate::wire::refund::read_nothing;
use crate::wire::webhook::{
    DeliveryJson, NewSecretJson, RedeliveryJson, WebhookEndpointJson, WebhookEndpointWish, read_redelivery,
};

/// Adds a webhook endpoint. Only this answer shows its secret.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints", tag = "webhooks", security(("api_key" = [])),
    request_body(content = crate::web::openapi::bodies::NewWebhookEndpoint, content_type = "application/json"),
    responses((status = 201, body = NewSecretJson), (status = 409, description = "`too_many_webhook_endpoints`"))
)]
pub async fn create(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    once(&web, asked.once.as_ref(), async {
        let wish = WebhookEndpointWish::read(asked.json, |url| web.webhooks.admit(&caller.0, url))?;
        let answer = web.webhooks.add_endpoint(&caller.0, wish, asked.once.as_ref()).await;
        Ok(web.services.or_kept(answer, asked.once.as_ref()).await?)
    })
    .await
}

/// Lists the webhook endpoints, newest first.
#[utoipa::path(
    get, path = "/v1/webhook_endpoints", tag = "webhooks", security(("api_key" = [])),
    params(crate::web::openapi::PageQuery),
    responses((status = 200, body = render::ListJson<WebhookEndpointJson>))
)]
pub async fn list(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<WebhookEndpointId>(&parameters(&request, &["limit", "cursor"])?)?;
    let endpoints = web.webhooks.endpoints(&caller.0.id).await?;
    let sandbox = caller.0.is_sandbox();
    let json = |endpoint: &&crate::domain::webhook::WebhookEndpoint| WebhookEndpointJson::of(endpoint, sandbox);
    Ok(render::json(&page_of(endpoints.iter(), &paging, |endpoint| endpoint.id, json)?))
}

/// Removes a webhook endpoint; nothing more is sent to it.
#[utoipa::path(
    delete, path = "/v1/webhook_endpoints/{id}", tag = "webhooks", security(("api_key" = [])), params(("id" = String, Path)),
    responses((status = 204, description = "It is gone"))
)]
pub async fn remove(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    parameters(&request, &[])?;
    web.webhooks.remove_endpoint(&caller.0.id, part(&request, "id")?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a new secret. The old one goes on signing beside it for 24 hours.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints/{id}/rotate_secret", tag = "webhooks", security(("api_key" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = NewSecretJson))
)]
pub async fn rotate(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let id: WebhookEndpointId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        read_nothing(asked.json)?;
        let answer = web.webhooks.rotate_secret(&caller.0, id, asked.once.as_ref()).await;
        Ok(web.services.or_kept(answer, asked.once.as_ref()).await?)
    })
    .await
}

/// Lists the deliveries to a webhook endpoint, newest first.
#[utoipa::path(
    get, path = "/v1/webhook_endpoints/{id}/deliveries", tag = "webhooks", security(("api_key" = [])),
    params(("id" = String, Path), crate::web::openapi::PageQuery),
    responses((status = 200, body = render::ListJson<DeliveryJson>))
)]
pub async fn deliveries(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<EventId>(&parameters(&request, &["limit", "cursor"])?)?;
    let query = DeliveryQuery { endpoint: part(&request, "id")?, older_than: paging.cursor, limit: paging.limit + 1 };
    let deliveries = web.webhooks.deliveries(&caller.0.id, query).await?;
    let list = envelope(deliveries, paging.limit, |delivery| delivery.event.to_string(), DeliveryJson::of);
    Ok(render::json(&list))
}

/// Sends an event again, with the whole schedule before it.
#[utoipa::path(
    post, path = "/v1/events/{id}/redeliver", tag = "webhooks", security(("api_key" = [])), params(("id" = String, Path)),
    request_body(content = crate::web::openapi::bodies::Redelivery, content_type = "application/json"),
    responses((status = 202, body = RedeliveryJson), (status = 409, description = "`no_webhook_endpoint`"))
)]
pub async fn redeliver(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let event: EventId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        let only = read_redelivery(asked.json)?;
        let answer = web.webhooks.redeliver(&caller.0.id, event, only, asked.once.as_ref()).await;
        Ok(web.services.or_kept(answer, asked.once.as_ref()).await?)
    })
    .await
}
