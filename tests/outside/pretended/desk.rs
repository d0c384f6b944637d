//! The desk of a pretended wallet: it takes requests over real HTTP, keeps them, and misbehaves on request. What is said at it is the
//! affair of each wallet.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Call, Mischief};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What is answered: status, further lines of the head, and the body.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// What a wallet knows, and how it answers.
pub trait Book: Default + Send + Sized + 'static {
    /// What a request asks for; `None` for anything beside the calls of the interface.
    fn call(asked: &Asked) -> Option<Call>;

    /// Does what is asked for and answers as it should. Of mischief, what lies in the connection is the desk's affair.
    fn answer(desk: &Desk<Self>, asked: &Asked, mischief: Option<Mischief>) -> Reply;
}

struct State<B> {
    book: B,
    asked: Vec<Asked>,
    /// What goes wrong next: in an answer to this call that has these letters in it.
    mischief: VecDeque<(Call, String, Mischief)>,
}

/// A desk.
pub struct Desk<B> {
    address: SocketAddr,
    state: Arc<Mutex<State<B>>>,
}

impl<B> Clone for Desk<B> {
    fn clone(&self) -> Self {
        Self { address: self.address, state: Arc::clone(&self.state) }
    }
}

impl<B: Book> Desk<B> {
    /// Opens it on a free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let state = State { book: B::default(), asked: Vec::new(), mischief: VecDeque::new() };
        let desk = Self { address: listener.local_addr().expect("an address"), state: Arc::new(Mutex::new(state)) };
        let serving = desk.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = serving.clone();
                tokio::spawn(async move { desk.serve(stream).await });
            }
        });
        desk
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State<B>> {
        self.state.lock().unwrap()
    }

    /// Looks at what the wallet knows, or changes it.
    pub fn book<T>(&self, with: impl FnOnce(&mut B) -> T) -> T {
        with(&mut self.state().book)
    }

    /// The next answers to this call go wrong so.
    pub fn misbehave(&self, call: Call, mischief: &[Mischief]) {
        self.misbehave_about(call, "", mischief);
    }

    /// The same for requests alone that say these letters somewhere: a trade's number.
    pub fn misbehave_about(&self, call: Call, about: &str, mischief: &[Mischief]) {
        self.state().mischief.extend(mischief.iter().map(|each| (call, about.to_owned(), *each)));
    }

    /// From now on nothing goes wrong; how much was still to.
    pub fn calm(&self) -> usize {
        self.state().mischief.drain(..).count()
    }

    /// The requests with this in their target, oldest first.
    pub fn asked(&self, part: &str) -> Vec<Asked> {
        self.state().asked.iter().filter(|asked| asked.target.contains(part)).cloned().collect()
    }

    /// The requests of this kind, oldest first.
    pub fn calls(&self, call: Call) -> Vec<Asked> {
        self.state().asked.iter().filter(|asked| B::call(asked) == Some(call)).cloned().collect()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream).await else { return };
        let mischief = self.enter(&asked);
        if mischief == Some(Mischief::GatewayError) {
            return send(&mut stream, 502, "", b"<html>bad gateway</html>").await;
        }
        let Reply { status, head, body } = B::answer(self, &asked, mischief);
        match mischief {
            Some(Mischief::ServerError) => send(&mut stream, 500, "", b"{}").await,
            Some(Mischief::Cut) => {
                let head = format!("HTTP/1.1 {status} x\r\n{head}content-length: {}\r\n\r\n", body.len() + 1);
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            }
            Some(Mischief::Silent) => tokio::time::sleep(Duration::from_secs(30)).await,
            Some(Mischief::Redirect) => send(&mut stream, 302, "location: /elsewhere\r\n", b"").await,
            _ => send(&mut stream, status, &head, &body).await,
        }
    }

    /// Keeps a request, and tells what is to go wrong with it.
    fn enter(&self, asked: &Asked) -> Option<Mischief> {
        let call = B::call(asked);
        let mut state = self.state();
        state.asked.push(asked.clone());
        let at = state.mischief.iter().position(|(kind, about, _)| Some(*kind) == call && asked.says(about));
        at.and_then(|at| state.mischief.remove(at)).map(|(.., mischief)| mischief)
    }
}

/// Answers one request; `lines` are further lines of the head.
async fn send(stream: &mut TcpStream, status: u16, lines: &str, body: &[u8]) {
    // A 204 has no body and tells no length of one.
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("HTTP/1.1 {status} x\r\n{lines}{length}connection: close\r\n\r\n");
    if stream.write_all(&[head.as_bytes(), body].concat()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

/// Reads one request.
async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Some(asked) = parsed(&bytes) {
            return Some(asked);
        }
        let mut piece = [0; 8192];
        let length = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut piece)).await.ok()?.ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend(&piece[..length]);
    }
}

fn parsed(bytes: &[u8]) -> Option<Asked> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let (request, fields) = head.split_once("\r\n")?;
    let headers: BTreeMap<String, String> = fields
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(Some(0), |length| length.parse().ok())?;
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    let mut words = request.split(' ');
    Some(Asked { method: words.next()?.to_owned(), target: words.next()?.to_owned(), headers, body })
}

impl Asked {
    /// Whether these letters stand somewhere in it.
    pub fn says(&self, letters: &str) -> bool {
        let within = |text: &[u8]| text.windows(letters.len()).any(|window| window == letters.as_bytes());
        letters.is_empty() || within(self.target.as_bytes()) || within(&self.body)
    }
}

impl Reply {
    /// An answer of this status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, head: String::new(), body: body.into() }
    }

    /// The same with another line in its head.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.head += &format!("{name}: {value}\r\n");
        self
    }
}

/// A body that is longer than anybody should read, when that is the mischief.
pub fn padded(mut body: Vec<u8>, mischief: Option<Mischief>) -> Vec<u8> {
    if mischief == Some(Mischief::TooLong) {
        body.resize(body.len() + (2 << 20), b' ');
    }
    body
}
