//! Carrying one event to one endpoint, as Standard Webhooks has it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, LOCATION, RETRY_AFTER, USER_AGENT};
use tokio::time::{Instant, timeout_at};

use super::guard::{Lookup, SystemLookup, Target};
use super::{retry_after, sign};
use crate::domain::webhook::{ANSWER_KEPT_BYTES, TryResult};
use crate::drill::is_planted;
use crate::exchange::{Answer, Exchange, NAME};
use crate::ports::courier::{Carried, Courier, Parcel, Reach};

/// From resolving the name to the last byte that is read.
const DEADLINE: Duration = Duration::from_secs(15);
/// Of an answer so much is read at most.
pub(super) const READ_AT_MOST: usize = 16 * 1024;

/// Carries events over HTTP.
pub struct HttpCourier {
    exchange: Exchange,
    lookup: Arc<dyn Lookup>,
    deadline: Duration,
}

impl HttpCourier {
    /// A courier that resolves names as this machine does.
    #[must_use]
    pub fn new(exchange: Exchange) -> Self {
        Self { exchange, lookup: Arc::new(SystemLookup), deadline: DEADLINE }
    }

    /// The same with another way of resolving names, and less patience.
    #[must_use]
    pub fn with(self, lookup: Arc<dyn Lookup>, deadline: Duration) -> Self {
        Self { lookup, deadline, ..self }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Answer, String> {
        let target = Target::read(&parcel.url, parcel.reach).map_err(|rule| format!("not sent: the address {rule}"))?;
        let deadline = Instant::now() + self.deadline;
        let addresses = timeout_at(deadline, target.addresses(&*self.lookup)).await;
        let addresses = addresses.unwrap_or_else(|_| Err("the name was not resolved in time".to_owned()));
        let addresses = addresses.map_err(|why| format!("not sent: {why}"))?;
        let request = request(&target, parcel)?;
        let tls_name = target.is_https().then(|| target.host());
        self.exchange.send(&addresses, tls_name, request, deadline, READ_AT_MOST).await
    }
}

fn request(target: &Target, parcel: &Parcel) -> Result<Request<Full<Bytes>>, String> {
    let (id, timestamp_s) = (parcel.event.to_string(), parcel.at.seconds());
    let signatures = sign::signatures(&parcel.secrets, &id, timestamp_s, &parcel.body);
    Request::post(target.path_and_query())
        .header(HOST, target.authority())
        .header(USER_AGENT, NAME)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp_s)
        .header("webhook-signature", signatures)
        .body(Full::new(Bytes::from(parcel.body.clone())))
        .map_err(|_| "not sent: the address cannot be asked for".to_owned())
}

#[async_trait]
impl Courier for HttpCourier {
    fn admit(&self, url: &str, reach: Reach) -> Result<(), String> {
        Target::read(url, reach).map(drop)
    }

    async fn carry(&self, parcel: Parcel) -> Carried {
        let mut sent = self.send(&parcel).await;
        if is_planted("redirects followed")
            && let Some(to) = sent.as_ref().ok().and_then(|answer| answer.headers.get(LOCATION)?.to_str().ok())
        {
            sent = self.send(&Parcel { url: to.to_owned(), ..parcel.clone() }).await;
        }
        match sent {
            Ok(mut answer) => {
                answer.body.truncate(ANSWER_KEPT_BYTES);
                let asked = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                Carried {
                    result: TryResult::Answered(answer.status),
                    retry_after: asked.and_then(|value| retry_after::read(value, parcel.at)),
                    answer: answer.body,
                }
            }
            Err(why) => Carried { result: TryResult::NoAnswer(why), retry_after: None, answer: Vec::new() },
        }
    }
}
