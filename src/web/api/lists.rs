//! Paging: `limit`, `cursor`, and the envelope of a list.

use std::str::FromStr;

use crate::web::error::Fault;
use crate::web::render::ListJson;

const MOST: usize = 100;
const USUAL: usize = 20;

/// Which part of a list is wanted.
pub struct Paging<C> {
    /// At most so many: 1–100.
    pub limit: usize,
    /// After this thing; `None`: from the start.
    pub cursor: Option<C>,
}

/// Reads `limit` and `cursor`; a cursor is the identifier of the last thing of the page before.
///
/// # Errors
/// [`Fault::Parameter`].
pub fn paging<C: FromStr>(parameters: &[(String, String)]) -> Result<Paging<C>, Fault> {
    let limit = match value(parameters, "limit") {
        None => USUAL,
        Some(text) => {
            number(text).ok_or_else(|| Fault::Parameter(format!("limit must be an integer from 1 to {MOST}")))?
        }
    };
    let cursor = match value(parameters, "cursor") {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| Fault::Parameter("cursor must be a next_cursor of this list".to_owned()))?)
        }
    };
    Ok(Paging { limit, cursor })
}

fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|limit| digits && (1..=MOST).contains(limit))
}

/// The value of a parameter.
#[must_use]
pub fn value<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Puts a list that was asked for with one more than the limit into its envelope.
pub fn envelope<T, J>(
    mut things: Vec<T>,
    limit: usize,
    id: impl Fn(&T) -> String,
    json: impl Fn(&T) -> J,
) -> ListJson<J> {
    let more = things.len() > limit;
    things.truncate(limit);
    let next_cursor = things.last().filter(|_| more).map(id);
    ListJson { data: things.iter().map(json).collect(), next_cursor }
}

/// Pages through things that are already at hand, in the order in which the list shows them.
///
/// # Errors
/// [`Fault::Parameter`] when the cursor names nothing in the list.
pub fn page_of<T, C: PartialEq + ToString, J>(
    things: impl Iterator<Item = T>,
    paging: &Paging<C>,
    id: impl Fn(&T) -> C,
    json: impl Fn(&T) -> J,
) -> Result<ListJson<J>, Fault> {
    let mut things = things.peekable();
    if let Some(cursor) = &paging.cursor {
        while things.peek().is_some_and(|thing| id(thing) != *cursor) {
            things.next();
        }
        if things.next().is_none() {
            return Err(Fault::Parameter("cursor must be a next_cursor of this list".to_owned()));
        }
    }
    let page = things.take(paging.limit + 1).collect();
    Ok(envelope(page, paging.limit, |thing| id(thing).to_string(), json))
}
