//! Asking a running program to send an event again, as an operator does from the command line.

use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use tokio::time::Instant;
use url::Url;

use super::courier::READ_AT_MOST;
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::exchange::{Answer, Exchange};

/// The program must have answered by then.
const DEADLINE: Duration = Duration::from_secs(30);

/// Why the event is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The server's address cannot be used.
    #[error("the server must be a web address such as http://127.0.0.1:8080")]
    BadServer,
    /// The server does not answer.
    #[error("the server does not answer: {0}")]
    NoAnswer(String),
    /// The server refused; its words.
    #[error("the server answered {0}: {1}")]
    Refused(u16, String),
}

/// Which event a program is to send again.
#[derive(Clone, Debug)]
pub struct Resend<'a> {
    /// Where the program listens: `http://127.0.0.1:8080`. The operator names it, so it may be anywhere.
    pub server: &'a str,
    /// An API key of the merchant whose event it is.
    pub api_key: &'a str,
    /// The event.
    pub event: EventId,
    /// The only endpoint to send to; `None`: every one that wants it.
    pub endpoint: Option<WebhookEndpointId>,
}

/// Asks, and gives the program's answer: JSON.
///
/// # Errors
/// [`ResendError`].
pub async fn resend(asked: &Resend<'_>) -> Result<String, ResendError> {
    let url = Url::parse(asked.server).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or(ResendError::BadServer)?;
    let (host, port) = url.host_str().zip(url.port_or_known_default()).ok_or(ResendError::BadServer)?;
    let bare_host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<_> = tokio::net::lookup_host((bare_host, port))
        .await
        .map_err(|error| ResendError::NoAnswer(error.to_string()))?
        .collect();
    let body = asked.endpoint.map_or_else(|| "{}".to_owned(), |id| format!("{{\"endpoint_id\":\"{id}\"}}"));
    let path = format!("{}/v1/events/{}/redeliver", url.path().trim_end_matches('/'), asked.event);
    let request = Request::post(path)
        .header(HOST, format!("{host}:{port}"))
        .header(AUTHORIZATION, format!("Bearer {}", asked.api_key))
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| ResendError::BadServer)?;
    let tls_name = (url.scheme() == "https").then_some(bare_host);
    let deadline = Instant::now() + DEADLINE;
    let sent = Exchange::trusting_this_machine().send(&addresses, tls_name, request, deadline, READ_AT_MOST).await;
    let Answer { status, body, .. } = sent.map_err(ResendError::NoAnswer)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if (200..300).contains(&status) { Ok(body) } else { Err(ResendError::Refused(status, body)) }
}
