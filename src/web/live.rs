//! Live status: one JSON line now, or a stream of them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use tokio::sync::watch;

use super::error::Fault;
use super::extract::Shared;
use super::render;
use crate::domain::id::OrderId;
use crate::domain::ledger::Ledger;
use crate::links::TokenPage;
use crate::services::refusal::Refusal;
use crate::wire::view::ViewJson;

/// A comment is sent at least this often, and the store is read again in case another instance changed it.
const HEARTBEAT: Duration = Duration::from_secs(10);
const STREAM_TYPE: &str = "text/event-stream; charset=utf-8";
/// More streams than this are refused; their pages ask instead.
const MOST_STREAMS: usize = 10_000;

/// Which page of an order is watched.
#[derive(Clone, Copy)]
struct Watched {
    order: OrderId,
    page: TokenPage,
}

/// What a page shows now.
#[must_use]
pub fn view(web: &Shared, ledger: &Ledger, page: TokenPage) -> ViewJson {
    match page {
        TokenPage::Checkout(_) => ViewJson::of_buyer(ledger),
        TokenPage::Scan(_) => ViewJson::of_order(&ledger.order),
        TokenPage::Friend(token) => match web.services.link_of(ledger, token) {
            Some(link) => ViewJson::of_link(&ledger.order, link, web.services.clock.now()),
            None => ViewJson::of_order(&ledger.order),
        },
    }
}

/// Answers the present state.
#[must_use]
pub fn status(web: &Shared, ledger: &Ledger, page: TokenPage) -> HttpResponse {
    render::json(&view(web, ledger, page))
}

/// Streams the present state and each change until the last one.
///
/// # Errors
/// 503 when too many streams are open.
pub fn events(request: &HttpRequest, web: &Shared, ledger: &Ledger, page: TokenPage) -> Result<HttpResponse, Fault> {
    let last_id =
        request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
    let now = view(web, ledger, page);
    if now.is_final && last_id == Some(now.seq) {
        return Ok(HttpResponse::NoContent().finish());
    }
    if request.method() == Method::HEAD {
        // Nobody would read the stream, so nobody would notice that its reader has left.
        return Ok(HttpResponse::Ok().content_type(STREAM_TYPE).finish());
    }
    let place = StreamPlace::take(web).ok_or_else(|| Refusal::Unavailable("too many live streams".to_owned()))?;
    let watched = Watched { order: ledger.order.id, page };
    let start = Stream {
        bell: web.services.live.watch(watched.order),
        place,
        watched,
        sent: last_id.filter(|id| *id <= now.seq),
        ended: false,
        fresh: true,
    };
    let body = stream::unfold(start, |state| async move { state.next().await });
    Ok(HttpResponse::Ok().content_type(STREAM_TYPE).insert_header(("X-Accel-Buffering", "no")).streaming(body))
}

/// One of the places for streams; given back when the stream ends or its reader leaves.
struct StreamPlace(Shared);

impl StreamPlace {
    fn take(web: &Shared) -> Option<Self> {
        let open = web.streams.fetch_add(1, Ordering::Relaxed);
        let place = Self(web.clone());
        (open < MOST_STREAMS).then_some(place)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Stream {
    bell: watch::Receiver<()>,
    place: StreamPlace,
    watched: Watched,
    sent: Option<u32>,
    ended: bool,
    fresh: bool,
}

impl Stream {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        if self.ended {
            return None;
        }
        if std::mem::take(&mut self.fresh) {
            let opening = self.news().await.unwrap_or_else(|| ": open\n\n".to_owned());
            return Some((Ok(Bytes::from(format!("retry: 3000\n{opening}"))), self));
        }
        let heartbeat = tokio::time::Instant::now() + HEARTBEAT;
        loop {
            let mut stop = self.place.0.stopping.clone();
            let rung = tokio::select! {
                rung = tokio::time::timeout_at(heartbeat, self.bell.changed()) => rung,
                // The program is told to stop: its pages come back to the one that starts next.
                _ = stop.wait_for(|stopping| *stopping) => return None,
            };
            if matches!(rung, Ok(Err(_))) {
                // The bell was taken down in a race with our coming; a new one hangs in its place.
                self.bell = self.place.0.services.live.watch(self.watched.order);
            }
            match self.news().await {
                Some(news) => return Some((Ok(Bytes::from(news)), self)),
                None if rung.is_err() => return Some((Ok(Bytes::from_static(b": still here\n\n")), self)),
                // Something happened that this view does not show.
                None => {}
            }
        }
    }

    /// The event to send, if the view has changed since the last one. Never an older state than was sent before.
    async fn news(&mut self) -> Option<String> {
        let ledger = match self.place.0.services.read(crate::ports::store::LedgerKey::Order(self.watched.order)).await {
            Ok(ledger) => ledger,
            Err(_) => return None,
        };
        let view = view(&self.place.0, &ledger, self.watched.page);
        if self.sent.is_some_and(|sent| view.seq <= sent) {
            return None;
        }
        self.sent = Some(view.seq);
        self.ended = view.is_final;
        let data = serde_json::to_string(&view).ok()?;
        Some(format!("event: order\nid: {}\ndata: {data}\n\n", view.seq))
    }
}
