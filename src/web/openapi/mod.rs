//! The description of the API for programs, made from the code, and the page that shows it to people.

pub mod bodies;
mod every_call;

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::{IntoParams, OpenApi};

use self::every_call::EveryCall;
use super::api::{events, friend_links, handoff, orders, refunds, webhooks};
use super::error::Fault;
use super::extract::Shared;
use super::render::{frame, page as answer_page};
use super::visitor::Visitor;
use crate::views::docs::{DocsPage, Operation};
use crate::wire::problem::{Problem, ProblemKind};

/// Which part of a list is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[a-z]{3}_[0-9a-f]{32}$")]
    pub cursor: Option<String>,
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
    components(schemas(Problem)),
    modifiers(&EveryCall)
)]
struct Document;

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
    let frame = frame(&request, Visitor::of(&request).locale(), web.is_all_simulated(), None);
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
