//! Server-sent events, read as a browser reads them.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// One event.
#[derive(Clone, Debug)]
pub struct Message {
    pub event: String,
    pub id: String,
    pub data: Value,
}

/// An open stream of events.
pub struct LiveStatus {
    response: reqwest::Response,
    buffer: Vec<u8>,
}

impl LiveStatus {
    /// Takes over an answer whose head has arrived.
    pub fn new(response: reqwest::Response) -> Self {
        Self { response, buffer: Vec::new() }
    }

    /// The answer's status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next event, or `None` when the stream has ended. Fails after the limit.
    pub async fn next(&mut self, limit: Duration) -> Option<Message> {
        tokio::time::timeout(limit, self.read()).await.unwrap_or_else(|_| panic!("no event within {limit:?}"))
    }

    async fn read(&mut self) -> Option<Message> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(message) = parse(&String::from_utf8(block).expect("event streams are UTF-8")) {
                    return Some(message);
                }
                continue;
            }
            let chunk = self.response.chunk().await.expect("the stream is not torn")?;
            self.buffer.extend(chunk.iter().filter(|byte| **byte != b'\r'));
        }
    }
}

/// Reads one block of lines; comments and fields without an event are nothing.
fn parse(block: &str) -> Option<Message> {
    let mut message = Message { event: "message".into(), id: String::new(), data: Value::Null };
    let mut data = String::new();
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut message.event),
            "id" => value.clone_into(&mut message.id),
            "data" => data.push_str(value),
            "retry" | "" => {}
            other => panic!("unknown field {other:?} in {block:?}"),
        }
    }
    if data.is_empty() {
        return None;
    }
    message.data = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{data:?}: {error}"));
    Some(message)
}
