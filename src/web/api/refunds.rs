//! Refunds: of an order by its merchant, and of a payment that no rule gives back.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::{page_of, paging};
use super::orders::{once, owned};
use crate::domain::id::{OrderId, PaymentId, RefundId};
use crate::ports::store::LedgerKey;
use crate::web::error::Fault;
use crate::web::extract::{Body, Caller, Shared, asked, parameters, part};
use crate::web::render;
use crate::wire::refund::{RefundJson, RefundWish, read_nothing};

/// Gives a paid order's money back, all or a part.
#[utoipa::path(
    post, path = "/v1/orders/{id}/refunds", tag = "refunds", security(("api_key" = [])), params(("id" = String, Path)),
    request_body(content = crate::web::openapi::bodies::NewRefund, content_type = "application/json"),
    responses((status = 201, body = RefundJson), (status = 409, description = "`order_not_paid`, `refund_exceeds_payment`"))
)]
pub async fn create(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let order: OrderId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        let wish = RefundWish::read(asked.json)?;
        Ok(web.services.refund_order(&caller.0.id, order, wish, asked.once.as_ref()).await?)
    })
    .await
}

/// Lists the refunds of an order, newest first.
#[utoipa::path(
    get, path = "/v1/orders/{id}/refunds", tag = "refunds", security(("api_key" = [])), params(("id" = String, Path), crate::web::openapi::PageQuery),
    responses((status = 200, body = render::ListJson<RefundJson>))
)]
pub async fn list(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<RefundId>(&parameters(&request, &["limit", "cursor"])?)?;
    let ledger = web.services.merchant_ledger(&caller.0.id, part(&request, "id")?).await?;
    let json = |refund: &&crate::domain::refund::Refund| RefundJson::of(refund, &ledger);
    Ok(render::json(&page_of(ledger.refunds.iter().rev(), &paging, |refund| refund.id, json)?))
}

/// Gives back a payment of a wrong amount or currency.
#[utoipa::path(
    post, path = "/v1/payments/{id}/refund", tag = "refunds", security(("api_key" = [])), params(("id" = String, Path)),
    responses((status = 201, body = RefundJson), (status = 409, description = "`payment_not_returnable`"))
)]
pub async fn of_payment(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let payment: PaymentId = part(&request, "id")?;
    owned(&web, &caller, LedgerKey::Payment(payment)).await?;
    once(&web, asked.once.as_ref(), async {
        read_nothing(asked.json)?;
        Ok(web.services.return_payment(&caller.0.id, payment, asked.once.as_ref()).await?)
    })
    .await
}
