//! What holds for every call of the API, written once: the key, the idempotency header, and the refusals that any call may meet.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use crate::wire::problem::ProblemKind;

/// The statuses that any call may answer, whatever it does.
const ANY: [u16; 5] = [400, 401, 429, 500, 503];

/// What only a call with a body may answer beside them.
const WITH_BODY: [u16; 4] = [408, 409, 413, 422];

/// What a kept answer's key may meet.
const KEY_IN_USE: &str = "`idempotency_key_in_use`";

/// Adds what all calls share to the descriptions that stand at each.
pub(super) struct EveryCall;

impl Modify for EveryCall {
    fn modify(&self, document: &mut OpenApi) {
        let bearer =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key of the merchant")).build();
        document.components.get_or_insert_default().add_security_scheme("api_key", SecurityScheme::Http(bearer));
        refuse_other_members(document);
        for (path, item) in &mut document.paths.paths {
            let PathItem { get, post, delete, .. } = item;
            for call in [get, post, delete].into_iter().flatten() {
                add_refusals(call, path.contains('{'), &ANY);
            }
            if let Some(call) = post {
                add_refusals(call, false, &WITH_BODY);
                call.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            }
        }
    }
}

/// A body with a member that is not described is refused.
fn refuse_other_members(document: &mut OpenApi) {
    let calls = document.paths.paths.values().filter_map(|item| item.post.as_ref());
    let bodies = calls.filter_map(|call| match &call.request_body {
        Some(RefOr::T(body)) => body.content.get("application/json"),
        _ => None,
    });
    let names: Vec<String> = bodies
        .filter_map(|content| match content {
            RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => schema.ref_location.rsplit('/').next(),
            _ => None,
        })
        .map(str::to_owned)
        .collect();
    let schemas = &mut document.components.get_or_insert_default().schemas;
    for name in names {
        if let Some(RefOr::T(Schema::Object(body))) = schemas.get_mut(&name) {
            body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Every refusal is a problem document; what a call says of its own conflicts stays.
fn add_refusals(call: &mut Operation, names_a_thing: bool, statuses: &[u16]) {
    let not_found = names_a_thing.then_some(404);
    let answers = &mut call.responses.responses;
    for status in statuses.iter().copied().chain(not_found) {
        let RefOr::T(answer) = answers.entry(status.to_string()).or_insert_with(|| RefOr::T(Response::default()))
        else {
            continue;
        };
        let own = std::mem::take(&mut answer.description);
        let described = if status == 409 { conflicts(&own) } else { words(status) };
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        *answer = ResponseBuilder::new().description(described).content("application/problem+json", problem).build();
    }
}

fn conflicts(own: &str) -> String {
    if own.is_empty() { KEY_IN_USE.to_owned() } else { format!("{own}, {KEY_IN_USE}") }
}

/// The words that a status can stand for.
fn words(status: u16) -> String {
    let kinds = ProblemKind::ALL.iter().filter(|kind| kind.status == status);
    kinds.map(|kind| format!("`{}`", kind.code)).collect::<Vec<_>>().join(", ")
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "1–255 visible ASCII characters: the same key with the same body answers the first answer again",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$"))))
        .build()
}
