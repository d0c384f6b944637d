//! A merchant's server that is told of events: it keeps what it hears and answers as the test says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use super::shop::Shop;
use super::wait::{SOON, wait_until};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When it had come whole.
    pub at: Instant,
    /// The path with the query.
    pub path: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The exact bytes of the body.
    pub body: Vec<u8>,
}

impl Heard {
    /// A header's value; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The event.
    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Whether one of the signatures was made with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let mut signed = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).into_bytes();
        signed.extend(&self.body);
        let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), &signed);
        let expected = format!("v1,{}", STANDARD.encode(tag));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// What a receiver answers: the status, and lines of the head such as `retry-after: 3`.
pub type Reply = (u16, &'static str);

/// A receiver on a port of its own, as long as the test runs.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Receiver {
    /// A receiver that takes everything.
    pub async fn start() -> Self {
        Self::answering(|_| (200, "")).await
    }

    /// A receiver that answers as it is told.
    pub async fn answering(reply: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let receiver = Self { address, heard: Arc::default() };
        let (heard, reply) = (Arc::clone(&receiver.heard), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&heard), Arc::clone(&reply)));
            }
        });
        receiver
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything heard so far, in its order.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub async fn heard_at_least(&self, count: usize) -> Vec<Heard> {
        let what = format!("{count} requests at a receiver");
        wait_until(SOON, &what, async || Some(self.heard()).filter(|heard| heard.len() >= count)).await
    }
}

/// Takes one request from a connection and answers it.
pub async fn take<S, F>(mut stream: S, keep: Arc<Mutex<Vec<Heard>>>, reply: Arc<F>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(&Heard) -> Reply,
{
    let Some(heard) = read(&mut stream).await else { return };
    let (status, lines) = reply(&heard);
    keep.lock().unwrap().push(heard);
    let lines = if lines.is_empty() { String::new() } else { format!("{lines}\r\n") };
    let answer = format!("HTTP/1.1 {status} Answer\r\n{lines}content-length: 6\r\nconnection: close\r\n\r\nthanks");
    // Whoever asked may be dead by now: that is what some tests are about.
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Heard> {
    let mut bytes = Vec::new();
    loop {
        if let Some(heard) = parsed(&bytes) {
            return Some(heard);
        }
        let mut piece = [0; 8192];
        let length = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut piece)).await.ok()?.ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend(&piece[..length]);
    }
}

fn parsed(bytes: &[u8]) -> Option<Heard> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let (request, fields) = head.split_once("\r\n")?;
    let headers: Vec<(String, String)> = fields
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    Some(Heard { at: Instant::now(), path: request.split(' ').nth(1)?.to_owned(), headers, body })
}

impl Shop {
    /// Makes an endpoint for everything that is sent unasked; gives its identifier and its secret.
    pub async fn endpoint(&self, url: &str) -> (String, String) {
        let endpoint = self.post("/v1/webhook_endpoints", &serde_json::json!({ "url": url })).await.expect(201).json();
        let text = |name: &str| endpoint[name].as_str().unwrap_or_else(|| panic!("{name}: {endpoint}")).to_owned();
        (text("id"), text("secret"))
    }

    /// The deliveries to an endpoint, newest first.
    pub async fn deliveries(&self, endpoint: &str) -> Vec<Value> {
        self.list(&format!("/v1/webhook_endpoints/{endpoint}/deliveries?limit=100")).await
    }
}
