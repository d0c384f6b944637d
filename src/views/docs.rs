//! The description of the API for people.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::samples;
use crate::domain::locale::Locale;

/// One call of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, with its parts in braces.
    pub path: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// The statuses it answers.
    pub statuses: Vec<String>,
}

/// The calls and the errors.
#[derive(Clone, Debug, Template)]
#[template(path = "docs.html")]
pub struct DocsPage {
    /// What stands around the page.
    pub frame: Frame,
    /// Every call.
    pub operations: Vec<Operation>,
    /// Every kind of problem: status, word, title.
    pub errors: Vec<(u16, String, String)>,
}

impl Page for DocsPage {
    const NAME: &'static str = "docs";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let operation = Operation {
            method: "POST".to_owned(),
            path: "/v1/orders".to_owned(),
            summary: "Places an order.".to_owned(),
            statuses: vec!["201".to_owned(), "422".to_owned()],
        };
        let errors = vec![(422, "invalid_request".to_owned(), "The request is not valid".to_owned())];
        vec![("calls", Self { frame: samples::frame(locale, "/docs"), operations: vec![operation], errors })]
    }
}
