//! Orders: place, read, list, cancel, extend, and what belongs to one.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::{envelope, page_of, paging, value};
use crate::domain::id::{AttemptId, OrderId};
use crate::domain::order::MerchantOrderNo;
use crate::domain::time::Timestamp;
use crate::drill::crash_point;
use crate::ports::store::{LedgerKey, OrderQuery};
use crate::services::answer::{Answer, Once, Recalled};
use crate::services::refusal::Refusal;
use crate::web::error::Fault;
use crate::web::extract::{Body, Caller, Shared, asked, parameters, part};
use crate::web::render;
use crate::wire::attempt::AttemptJson;
use crate::wire::order::{FullOrderJson, OrderJson};
use crate::wire::order_request::{read_extension, read_order};
use crate::wire::refund::read_nothing;
use crate::wire::time::parse_rfc3339;
use crate::wire::words::OrderStatusWord;

/// Answers a POST once: the first answer again when there is one, else whatever `carry_out` gives.
///
/// # Errors
/// What `carry_out` refuses, and misuse of the key.
pub async fn once<F>(web: &Shared, once: Option<&Once>, carry_out: F) -> Result<HttpResponse, Fault>
where
    F: Future<Output = Result<Answer, Fault>>,
{
    let _running = match once {
        None => None,
        Some(once) => match web.services.recall(once).await? {
            Recalled::Answered(answer) => return Ok(render::answer(answer)),
            Recalled::New(guard) => Some(guard),
        },
    };
    let answer = carry_out.await;
    crash_point("request.done");
    answer.map(render::answer)
}

/// Places an order.
#[utoipa::path(
    post, path = "/v1/orders", tag = "orders", security(("api_key" = [])),
    request_body(content = crate::web::openapi::bodies::NewOrder, content_type = "application/json"),
    responses(
        (status = 201, body = FullOrderJson), (status = 200, description = "The same order exists", body = FullOrderJson),
        (status = 409, description = "`merchant_order_no_taken`, `order_finished`"),
    )
)]
pub async fn create(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    once(&web, asked.once.as_ref(), async {
        let order = read_order(asked.json, &caller.0)?;
        Ok(web.services.open_order(&caller.0, order, asked.once.as_ref()).await?)
    })
    .await
}

/// Reads an order.
#[utoipa::path(
    get, path = "/v1/orders/{id}", tag = "orders", security(("api_key" = [])), params(("id" = String, Path)),
    responses((status = 200, body = FullOrderJson))
)]
pub async fn read(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    parameters(&request, &[])?;
    let ledger = web.services.merchant_ledger(&caller.0.id, part(&request, "id")?).await?;
    Ok(render::answer(web.services.describe_order(&ledger.order)?))
}

/// Lists orders, newest first.
#[utoipa::path(
    get, path = "/v1/orders", tag = "orders", security(("api_key" = [])),
    params(
        crate::web::openapi::PageQuery,
        ("merchant_order_no" = Option<String>, Query, pattern = "^[A-Za-z0-9_-]{1,64}$"), ("status" = Option<OrderStatusWord>, Query),
        ("created_after" = Option<String>, Query, description = "RFC 3339", format = DateTime),
        ("created_before" = Option<String>, Query, description = "RFC 3339", format = DateTime),
    ),
    responses((status = 200, body = render::ListJson<OrderJson>))
)]
pub async fn list(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    const KNOWN: [&str; 6] = ["limit", "cursor", "merchant_order_no", "status", "created_after", "created_before"];
    let given = parameters(&request, &KNOWN)?;
    let paging = paging::<OrderId>(&given)?;
    if let Some(cursor) = paging.cursor
        && web.services.merchant_ledger(&caller.0.id, cursor).await == Err(Refusal::NotFound)
    {
        return Err(bad("cursor must be a next_cursor of this list"));
    }
    let number = value(&given, "merchant_order_no").map(|text| {
        MerchantOrderNo::new(text).ok_or_else(|| bad("merchant_order_no must have 1 to 64 of A-Z a-z 0-9 _ -"))
    });
    let status =
        value(&given, "status").map(|word| word.parse().map_err(|_| bad("status must be a status of an order")));
    let orders = web.services.list_orders(OrderQuery {
        merchant: caller.0.id.clone(),
        merchant_order_no: number.transpose()?,
        status: status.transpose()?,
        created_after: time(&given, "created_after")?,
        created_before: time(&given, "created_before")?,
        older_than: paging.cursor,
        limit: paging.limit + 1,
    });
    let list = envelope(orders.await?, paging.limit, |order| order.id.to_string(), OrderJson::of);
    Ok(render::json(&list))
}

fn bad(sentence: &str) -> Fault {
    Fault::Parameter(sentence.to_owned())
}

fn time(given: &[(String, String)], name: &str) -> Result<Option<Timestamp>, Fault> {
    let read = |text: &str| {
        parse_rfc3339(text).ok_or_else(|| Fault::Parameter(format!("{name} must be an RFC 3339 time with an offset")))
    };
    value(given, name).map(read).transpose()
}

/// Cancels an order.
#[utoipa::path(
    post, path = "/v1/orders/{id}/cancel", tag = "orders", security(("api_key" = [])), params(("id" = String, Path)),
    responses((status = 200, body = FullOrderJson), (status = 409, description = "`order_not_pending`"))
)]
pub async fn cancel(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let id: OrderId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        read_nothing(asked.json)?;
        Ok(web.services.cancel_order(&caller.0.id, id, asked.once.as_ref()).await?)
    })
    .await
}

/// Gives an order more time.
#[utoipa::path(
    post, path = "/v1/orders/{id}/extend", tag = "orders", security(("api_key" = [])), params(("id" = String, Path)),
    request_body(content = crate::web::openapi::bodies::Extension, content_type = "application/json"),
    responses((status = 200, body = FullOrderJson), (status = 409, description = "`order_not_pending`"))
)]
pub async fn extend(request: HttpRequest, web: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(&request, &caller.0, &body)?;
    let id: OrderId = part(&request, "id")?;
    once(&web, asked.once.as_ref(), async {
        let expires_in = read_extension(asked.json)?;
        Ok(web.services.extend(&caller.0, id, expires_in, asked.once.as_ref()).await?)
    })
    .await
}

/// Lists the payment attempts of an order, newest first.
#[utoipa::path(
    get, path = "/v1/orders/{id}/attempts", tag = "orders", security(("api_key" = [])), params(("id" = String, Path), crate::web::openapi::PageQuery),
    responses((status = 200, body = render::ListJson<AttemptJson>))
)]
pub async fn attempts(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let paging = paging::<AttemptId>(&parameters(&request, &["limit", "cursor"])?)?;
    let ledger = web.services.merchant_ledger(&caller.0.id, part(&request, "id")?).await?;
    let newest_first = ledger.attempts.iter().rev();
    let list = page_of(newest_first, &paging, |attempt| attempt.id, |attempt| AttemptJson::of(attempt, &ledger))?;
    Ok(render::json(&list))
}

/// The ledger of another thing of this merchant's.
///
/// # Errors
/// [`Refusal::NotFound`], also for another merchant's.
pub async fn owned(web: &Shared, caller: &Caller, key: LedgerKey) -> Result<crate::domain::ledger::Ledger, Fault> {
    let ledger = web.services.read(key).await?;
    if ledger.order.merchant == caller.0.id { Ok(ledger) } else { Err(Refusal::NotFound.into()) }
}
