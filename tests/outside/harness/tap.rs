//! A listener between the simulated wallets and the program: it stands at the public address, keeps a copy of every notice, and
//! hands on what it hears, or refuses it when told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::answer::Answer;

/// One request that a wallet sent.
#[derive(Clone, Debug)]
pub struct Notice {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Notice {
    /// Sends it (again) to the program at this origin, as it is.
    pub async fn send(&self, client: &reqwest::Client, base: &str) -> Answer {
        let mut request = client.post(format!("{base}{}", self.path)).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Answer::of(request).await
    }
}

/// The listener.
pub struct Tap {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    upstream: Mutex<Option<SocketAddr>>,
    notices: Mutex<Vec<Notice>>,
    refuses: AtomicBool,
}

impl Tap {
    /// Listens on a free port; [`Tap::lead_to`] says where to.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// The origin to give to the program as its public address.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where requests are handed on to.
    pub fn lead_to(&self, upstream: SocketAddr) {
        *self.state.upstream.lock().unwrap() = Some(upstream);
    }

    /// From now on notices are kept, and answered with 503 instead of being handed on (or handed on again).
    pub fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::SeqCst);
    }

    /// The notices so far.
    pub fn notices(&self) -> Vec<Notice> {
        self.state.notices.lock().unwrap().clone()
    }
}

/// Reads one request, keeps it if it is a notice, hands it on over a new connection that ends with the answer.
async fn serve(mut connection: TcpStream, state: Arc<State>) {
    let Some(notice) = read_request(&mut connection).await else { return };
    if notice.path.starts_with("/notify/") {
        state.notices.lock().unwrap().push(notice.clone());
        if state.refuses.load(Ordering::SeqCst) {
            let _ = connection
                .write_all(b"HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .await;
            return;
        }
    }
    let Some(upstream) = *state.upstream.lock().unwrap() else { return };
    let Ok(mut onward) = TcpStream::connect(upstream).await else { return };
    let mut head = format!("POST {} HTTP/1.1\r\nconnection: close\r\n", notice.path);
    for (name, value) in notice.headers.iter().filter(|(name, _)| name != "connection") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    if onward.write_all(head.as_bytes()).await.is_err() || onward.write_all(&notice.body).await.is_err() {
        return;
    }
    let mut answer = Vec::new();
    if onward.read_to_end(&mut answer).await.is_ok() {
        let _ = connection.write_all(&answer).await;
    }
}

/// Reads a POST with a length. Anything else is not for this listener.
async fn read_request(connection: &mut TcpStream) -> Option<Notice> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.strip_prefix("POST ")?.split(' ').next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    while bytes.len() < head_end + length {
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Notice { path, headers, body: bytes[head_end..head_end + length].to_vec() })
}
