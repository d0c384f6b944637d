//! What an operator counts, as Prometheus text on a listener of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::Web;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NoticeLabel {
    wallet: &'static str,
    result: &'static str,
}

/// The program's counters. No label ever holds a token or an identifier.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Route, Counter>,
    seconds: Histogram,
    notices: Family<NoticeLabel, Counter>,
    streams: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("pay_handoff");
        let requests = Family::<Route, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
        let notices = Family::<NoticeLabel, Counter>::default();
        let streams = Gauge::default();
        registry.register("http_requests", "Answered requests by route and status", requests.clone());
        registry.register("http_request_seconds", "How long answering took", seconds.clone());
        registry.register("wallet_notices", "Wallet notifications by result", notices.clone());
        registry.register("live_streams", "Open live status streams", streams.clone());
        Self { registry: Arc::new(registry), requests, seconds, notices, streams }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        // Strangers can invent methods; each would be a series of its own.
        let method = if ["GET", "HEAD", "POST", "DELETE"].contains(&method) { method } else { "other" };
        self.requests.get_or_create(&Route { method: method.to_owned(), route: route.to_owned(), status }).inc();
        self.seconds.observe(seconds);
    }

    /// Counts a wallet notification: `accepted`, `stray` (proven, and of no order here), `other` (of a kind that is not kept), `refused`,
    /// `unreadable` or `failed`.
    pub fn notice(&self, wallet: &'static str, result: &'static str) {
        self.notices.get_or_create(&NoticeLabel { wallet, result }).inc();
    }
}

async fn text(shared: Data<Web>) -> HttpResponse {
    let streams = i64::try_from(shared.streams.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
    shared.metrics.streams.set(streams);
    let mut out = String::new();
    match encode(&mut out, &shared.metrics.registry) {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(prometheus(&out)),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// From OpenMetrics, which the library writes, to the Prometheus text that every collector reads: there a counter is described
/// under the whole name of its samples, and nothing marks the end.
fn prometheus(open_metrics: &str) -> String {
    let described = |line: &'_ str| Some(line.strip_prefix("# TYPE ")?.strip_suffix(" counter")?.to_owned());
    let counters: Vec<String> = open_metrics.lines().filter_map(described).collect();
    let mut text = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines().filter(|line| *line != "# EOF") {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(what @ ("HELP" | "TYPE")), Some(name), Some(rest))
                if counters.iter().any(|each| each == name) =>
            {
                text.extend(["# ", what, " ", name, "_total ", rest]);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// The server of the metrics listener.
///
/// # Errors
/// The listener cannot be used.
pub fn serve(shared: Data<Web>, listener: std::net::TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || App::new().app_data(shared.clone()).route("/metrics", web::get().to(text)));
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
