//! One HTTP answer, with the questions that tests ask of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// What was asked, for messages.
    pub asked: String,
}

impl Answer {
    /// Sends a request and reads the answer whole.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request that can be sent");
        let asked = format!("{} {}", request.method(), request.url());
        let response = client.execute(request).await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.unwrap_or_else(|error| panic!("{asked}: {error:?}")).to_vec();
        Self { status, headers, body, asked }
    }

    /// Insists on a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{}: {} {error}: {}", self.asked, self.status, self.text()),
        }
    }

    /// A header's value; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The path that a redirect leads to.
    #[track_caller]
    pub fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}: a form's answer leads on: {}", self.asked, self.text());
        let location = self.header("location");
        assert!(!location.is_empty(), "{}: no Location", self.asked);
        path_of(location)
    }

    /// Insists on an error of this status and code in the form of RFC 9457; an empty code stands for any.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        let kind = self.header("content-type");
        assert!(kind.starts_with("application/problem+json"), "{}: content type {kind:?}", self.asked);
        let problem = self.json();
        for member in ["type", "title", "detail", "code", "request_id"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{}: {member} is missing: {problem}", self.asked);
        }
        assert_eq!(problem["status"], u64::from(status), "{problem}");
        let word = problem["code"].as_str().unwrap_or_default();
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{word}");
        assert!(code.is_empty() || word == code, "{}: code {word}, expected {code}: {problem}", self.asked);
        problem
    }

    /// Insists on a 422 that names bad fields, and returns their JSON pointers, sorted.
    #[track_caller]
    pub fn bad_fields(&self) -> Vec<String> {
        let problem = self.problem(422, "invalid_request");
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{}: no errors: {problem}", self.asked));
        let mut pointers: Vec<String> = errors
            .iter()
            .map(|error| {
                assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
                error["pointer"].as_str().unwrap_or_else(|| panic!("no pointer: {problem}")).to_owned()
            })
            .collect();
        pointers.sort();
        pointers
    }
}

/// The path and query of an address, whether or not it names its origin.
pub fn path_of(address: &str) -> String {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => address.to_owned(),
    }
}
