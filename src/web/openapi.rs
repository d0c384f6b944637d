//! The description of the API for programs, made from the code, and the page that shows it to people.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use super::api::{events, friend_links, handoff, orders, refunds, webhooks};
use super::error::Fault;
use super::extract::Shared;
use super::render::{frame, page as answer_page};
use super::visitor::Visitor;
use crate::views::docs::{DocsPage, Operation};
use crate::wire::problem::ProblemKind;

/// The body of a new order.
#[derive(ToSchema)]
pub struct NewOrder {
    /// The shop's own number: 1–64 of `A-Za-z0-9_-`, unique per merchant.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub merchant_order_no: String,
    /// In the currency's minor unit.
    #[schema(minimum = 1, maximum = 99_999_999_999_i64)]
    pub amount: i64,
    /// ISO 4217; `CNY` is the only one that the wallets take.
    #[schema(default = "CNY")]
    pub currency: Option<String>,
    /// What is bought: 1–127 characters.
    #[schema(min_length = 1, max_length = 127)]
    pub subject: String,
    /// Of `wechat_pay`, `alipay`, `unionpay`; default: all that the merchant has.
    pub wallets: Option<Vec<String>>,
    /// Seconds.
    #[schema(minimum = 60, maximum = 604_800, default = 900)]
    pub expires_in: Option<i64>,
    /// Where the page leads after payment; on one of the merchant's origins.
    pub return_url: Option<String>,
    /// `zh-CN` or `en`.
    pub locale: Option<String>,
    /// Up to 20 pairs.
    pub metadata: Option<std::collections::HashMap<String, String>>,
}

/// The body of an extension.
#[derive(ToSchema)]
pub struct Extension {
    /// Seconds from now.
    #[schema(minimum = 60, maximum = 604_800)]
    pub expires_in: i64,
}

/// The body of a new friend link.
#[derive(ToSchema)]
pub struct NewFriendLink {
    /// Who asks: at most 20 characters.
    pub requester: Option<String>,
    /// What he says: at most 60 characters.
    pub message: Option<String>,
    /// Seconds; default: the merchant's window.
    #[schema(minimum = 60, maximum = 604_800)]
    pub expires_in: Option<i64>,
}

/// The body of a new refund.
#[derive(ToSchema)]
pub struct NewRefund {
    /// In minor units; default: whatever is left.
    #[schema(minimum = 1)]
    pub amount: Option<i64>,
    /// 1–80 characters.
    pub reason: Option<String>,
}

/// The body of a new webhook endpoint.
#[derive(ToSchema)]
pub struct NewWebhookEndpoint {
    /// `https:` on port 443, with a name or a public address; in the sandbox also `http:` on port 80, and both on a loopback
    /// address with a port from 1024.
    #[schema(max_length = 2000)]
    pub url: String,
    /// The types to send; default: all but those of attempts.
    pub events: Option<Vec<String>>,
}

/// The body of a redelivery.
#[derive(ToSchema)]
pub struct Redelivery {
    /// The only endpoint to send to; default: every one that is enabled and takes events of this type.
    pub endpoint_id: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "pay-handoff", description = "From an order to a code, a page, a friend link and a payment."),
    paths(
        orders::create, orders::read, orders::list, orders::cancel, orders::extend, orders::attempts,
        events::of_order, events::list, refunds::create, refunds::list, refunds::of_payment,
        friend_links::create, friend_links::list, friend_links::revoke, handoff::read,
        webhooks::create, webhooks::list, webhooks::remove, webhooks::rotate, webhooks::deliveries, webhooks::redeliver,
    ),
    modifiers(&ApiKey)
)]
struct Document;

struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key of the merchant")).build();
        document.components.get_or_insert_default().add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| Document::openapi().to_pretty_json().unwrap_or_default());

/// The description as JSON.
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(TEXT.as_str())
}

/// The description for people.
///
/// # Errors
/// [`Fault::Broken`].
pub async fn page(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let frame = frame(&request, Visitor::of(&request).locale(), web.sandbox.is_some(), None);
    let errors =
        ProblemKind::ALL.iter().map(|kind| (kind.status, kind.code.to_owned(), kind.title.to_owned())).collect();
    answer_page(StatusCode::OK, &DocsPage { frame, operations: operations(), errors })
}

/// The operations in the order of their paths.
fn operations() -> Vec<Operation> {
    let document: serde_json::Value = serde_json::from_str(&TEXT).unwrap_or_default();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let mut operations = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().cloned().unwrap_or_default() {
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            let statuses = operation["responses"].as_object().map(|answers| answers.keys().cloned().collect());
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text("summary"),
                statuses: statuses.unwrap_or_default(),
            });
        }
    }
    operations
}
