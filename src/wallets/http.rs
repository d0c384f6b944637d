//! The guarded client through which every real wallet is called: bounded in time and size, no redirects, a pause for one that fails.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT_ENCODING, CONNECTION, HOST, HeaderName, USER_AGENT};
use hyper::{Method, Request};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::breaker::Breaker;
use crate::exchange::{Answer, Exchange, NAME};
use crate::ports::wallet::WalletError;

/// The longest answer that is taken, in bytes.
const LONGEST_ANSWER: usize = 1024 * 1024;
/// How long one try may take, from resolving the name to the last byte.
const ONE_TRY: Duration = Duration::from_secs(5);
/// How long all tries of a call may take together: a payer may be waiting.
const ALL_TRIES: Duration = Duration::from_secs(12);
/// How long to wait before each further try.
const WAITS: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];

/// One HTTP request, as a wallet's own module writes it.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The path with its query, as it is sent: it may be part of what is signed.
    pub target: String,
    /// Header fields beside `Host`, `User-Agent` and those that belong to the connection.
    pub headers: Vec<(HeaderName, String)>,
    /// The exact body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Outgoing {
    /// Header fields, body and what follows a `?` hold signatures, payers and the secrets of logins: they are not for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        write!(formatter, "Outgoing({} {path}…)", self.method)
    }
}

/// Whether a call may be made again when its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The wallet does the work once however often it is asked.
    Harmless,
    /// Asking twice may do it twice.
    Never,
}

/// The way to all gateways: what is known of one that answers nobody is known to every account there.
#[derive(Clone)]
pub struct WalletNetwork {
    exchange: Exchange,
    silences: Arc<Mutex<HashMap<String, Arc<Breaker>>>>,
}

impl WalletNetwork {
    /// A way over these exchanges.
    #[must_use]
    pub fn new(exchange: Exchange) -> Self {
        Self { exchange, silences: Arc::default() }
    }

    /// An account's client for the gateway at the first of these addresses; the others stand in when it does not answer. Each is
    /// https, or http on a loopback address.
    #[must_use]
    pub fn client(&self, addresses: Vec<Url>) -> WalletClient {
        let mut known = self.silences.lock().unwrap_or_else(PoisonError::into_inner);
        let gateway = |address: Url| {
            let silence = known.entry(address.origin().ascii_serialization()).or_default().clone();
            Gateway { address, silence }
        };
        let gateways = addresses.into_iter().map(gateway).collect();
        WalletClient { exchange: self.exchange.clone(), gateways, errors: Breaker::default() }
    }
}

struct Gateway {
    address: Url,
    /// Opened by calls that got no whole answer, whoever called.
    silence: Arc<Breaker>,
}

/// Calls one wallet for one account.
pub struct WalletClient {
    exchange: Exchange,
    gateways: Vec<Gateway>,
    /// Opened by answers of status 500 and more to this account: they come soon, and what breaks there may be this account alone.
    errors: Breaker,
}

impl WalletClient {
    /// Calls and gives the wallet's whole answer, whatever its status is. `write` makes the request anew for each try, because what
    /// is signed has a time in it. Tries again only what is harmless to repeat: when no answer came, and on a status of 500 and more.
    ///
    /// # Errors
    /// [`WalletError::Unknown`]: no whole answer in time, or none was asked for because the wallet keeps failing. Whatever `write`
    /// answers.
    pub async fn call(
        &self,
        repeat: Repeat,
        write: impl Fn() -> Result<Outgoing, WalletError> + Send + Sync,
    ) -> Result<Answer, WalletError> {
        let end = Instant::now() + ALL_TRIES;
        let mut waits = match repeat {
            Repeat::Harmless => WAITS.iter(),
            Repeat::Never => [].iter(),
        };
        let mut turn = 0;
        loop {
            let not_asked = |why: &str| Err(WalletError::Unknown(format!("not asked: {why}")));
            if !self.errors.lets_through(Instant::now()) {
                return not_asked("it has failed several times in a row");
            }
            let Some(gateway) = self.answering(turn) else {
                return not_asked("nobody has got an answer there several times in a row");
            };
            let outgoing = write()?;
            let answer = self.try_once(&gateway.address, outgoing, end.min(Instant::now() + ONE_TRY)).await;
            gateway.silence.note(answer.is_err(), Instant::now());
            if let Ok(answer) = &answer {
                self.errors.note(answer.status >= 500, Instant::now());
            }
            let is_failure = answer.as_ref().map_or(true, |answer| answer.status >= 500);
            match waits.next().filter(|wait| is_failure && Instant::now() + **wait < end) {
                Some(wait) => sleep(*wait).await,
                None => return answer.map_err(WalletError::Unknown),
            }
            turn += 1;
        }
    }

    /// The gateway whose turn it is, or the next one after it that is not known to be silent.
    fn answering(&self, turn: usize) -> Option<&Gateway> {
        let in_turn = self.gateways.iter().cycle().skip(turn % self.gateways.len().max(1)).take(self.gateways.len());
        in_turn.into_iter().find(|gateway| gateway.silence.lets_through(Instant::now()))
    }

    async fn try_once(&self, base: &Url, outgoing: Outgoing, deadline: Instant) -> Result<Answer, String> {
        let (host, port) = base.host_str().zip(base.port_or_known_default()).ok_or("the address has no host")?;
        let bare_host = host.trim_start_matches('[').trim_end_matches(']');
        let resolved = timeout_at(deadline, tokio::net::lookup_host((bare_host, port))).await;
        let resolved = resolved.map_err(|_| "the name was not resolved in time")?;
        let addresses: Vec<SocketAddr> = resolved.map_err(|_| "the name cannot be resolved")?.collect();
        let is_https = base.scheme() == "https";
        if !is_https && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err("plain http is for loopback addresses only".to_owned());
        }
        let authority = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut request = Request::builder()
            .method(outgoing.method)
            .uri(format!("{}{}", base.path().trim_end_matches('/'), outgoing.target))
            .header(HOST, authority)
            .header(USER_AGENT, NAME)
            .header(ACCEPT_ENCODING, "identity")
            .header(CONNECTION, "close");
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let request =
            request.body(Full::new(Bytes::from(outgoing.body))).map_err(|_| "the request cannot be written")?;
        let tls_name = is_https.then_some(bare_host);
        let answer = self.exchange.send(&addresses, tls_name, request, deadline, LONGEST_ANSWER).await?;
        if answer.is_whole { Ok(answer) } else { Err("the answer was cut off, too slow or too long".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpSocket};

    fn address(of: SocketAddr) -> Url {
        Url::parse(&format!("http://{of}")).unwrap()
    }

    /// Where nobody listens, and nobody else will as long as this is kept.
    fn deserted() -> TcpSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket
    }

    /// A gateway that fails whoever asks for `/fail` and answers everybody else.
    async fn gateway() -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let found = address(listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                let length = stream.read(&mut asked).await.unwrap_or(0);
                let status = if asked[..length].starts_with(b"GET /fail") { 500 } else { 200 };
                let _ = stream.write_all(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
            }
        });
        found
    }

    async fn ask(client: &WalletClient, target: &str) -> Result<u16, WalletError> {
        let outgoing = Outgoing { method: Method::GET, target: target.to_owned(), headers: vec![], body: vec![] };
        client.call(Repeat::Never, || Ok(outgoing.clone())).await.map(|answer| answer.status)
    }

    #[test]
    fn no_secret_is_in_any_debug_output_of_a_request() {
        let outgoing = Outgoing {
            method: Method::GET,
            target: "/sns/oauth2/access_token?secret=canary&code=canary".to_owned(),
            headers: vec![(HOST, "canary".to_owned())],
            body: b"canary".to_vec(),
        };
        assert_eq!(format!("{outgoing:?}"), "Outgoing(GET /sns/oauth2/access_token…)");
    }

    fn was_not_asked(answer: &Result<u16, WalletError>) -> bool {
        matches!(answer, Err(WalletError::Unknown(words)) if words.starts_with("not asked"))
    }

    #[tokio::test]
    async fn a_gateway_that_answers_nobody_is_left_alone_by_every_account_there_and_by_no_other() {
        let network = WalletNetwork::new(Exchange::trusting_this_machine());
        let (deserted, well) = (deserted(), gateway().await);
        let silent = address(deserted.local_addr().unwrap());
        let [tea, book] = [(); 2].map(|()| network.client(vec![silent.clone()]));
        for _ in 0..5 {
            assert!(!was_not_asked(&ask(&tea, "/").await));
        }
        assert!(was_not_asked(&ask(&tea, "/").await) && was_not_asked(&ask(&book, "/").await));
        assert_eq!(ask(&network.client(vec![well.clone()]), "/").await, Ok(200));
        let with_stand_in = network.client(vec![silent, well]);
        assert_eq!(ask(&with_stand_in, "/").await, Ok(200), "the one that stands in is asked at once");
    }

    #[tokio::test]
    async fn errors_that_one_account_gets_stop_its_own_calls_alone() {
        let network = WalletNetwork::new(Exchange::trusting_this_machine());
        let gateway = gateway().await;
        let [tea, book] = [(); 2].map(|()| network.client(vec![gateway.clone()]));
        for _ in 0..5 {
            assert_eq!(ask(&tea, "/fail").await, Ok(500));
        }
        assert!(was_not_asked(&ask(&tea, "/").await));
        for _ in 0..10 {
            assert_eq!(ask(&book, "/").await, Ok(200));
        }
    }
}
