//! The guarded client through which every real wallet is called: bounded in time and size, no redirects, a pause for one that fails.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT_ENCODING, CONNECTION, HOST, HeaderName, USER_AGENT};
use hyper::{Method, Request};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

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
/// So many failures in a row open the breaker.
const FAILURES_THAT_OPEN: u32 = 5;
/// An open breaker lets nothing through for so long, then one call to see.
const PAUSE: Duration = Duration::from_secs(10);

/// One HTTP request, as a wallet's own module writes it.
#[derive(Clone, Debug)]
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

/// Whether a call may be made again when its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The wallet does the work once however often it is asked.
    Harmless,
    /// Asking twice may do it twice.
    Never,
}

/// Calls one wallet.
pub struct WalletClient {
    exchange: Exchange,
    bases: Vec<Url>,
    breaker: Breaker,
}

impl WalletClient {
    /// A client for the gateway at the first of these addresses; the others stand in when it does not answer. Each is https, or
    /// http on a loopback address.
    #[must_use]
    pub fn new(exchange: Exchange, bases: Vec<Url>) -> Self {
        Self { exchange, bases, breaker: Breaker::default() }
    }

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
        let mut bases = self.bases.iter().cycle();
        loop {
            let Some(base) = bases.next() else { return Err(WalletError::Unknown("it has no address".to_owned())) };
            if !self.breaker.lets_through(Instant::now()) {
                return Err(WalletError::Unknown("not asked: it has failed several times in a row".to_owned()));
            }
            let outgoing = write()?;
            let answer = self.try_once(base, outgoing, end.min(Instant::now() + ONE_TRY)).await;
            let is_failure = answer.as_ref().map_or(true, |answer| answer.status >= 500);
            self.breaker.note(is_failure, Instant::now());
            match waits.next().filter(|wait| is_failure && Instant::now() + **wait < end) {
                Some(wait) => sleep(*wait).await,
                None => return answer.map_err(WalletError::Unknown),
            }
        }
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

/// Stops calling a wallet that keeps failing, so that nobody waits for it and it can recover.
#[derive(Debug, Default)]
struct Breaker(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    in_a_row: u32,
    /// Nothing is let through before this.
    closed_until: Option<Instant>,
}

impl Breaker {
    fn lets_through(&self, now: Instant) -> bool {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.closed_until {
            Some(until) if now < until => false,
            Some(_) => {
                // This one call tries; the next ones wait for what becomes of it.
                failures.closed_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    fn note(&self, is_failure: bool, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_failure {
            *failures = Failures::default();
            return;
        }
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        if failures.in_a_row >= FAILURES_THAT_OPEN {
            failures.closed_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_stop_the_calls_until_one_that_tries_succeeds() {
        let breaker = Breaker::default();
        let begin = Instant::now();
        for _ in 0..4 {
            breaker.note(true, begin);
        }
        breaker.note(false, begin);
        for _ in 0..4 {
            breaker.note(true, begin);
            assert!(breaker.lets_through(begin));
        }
        breaker.note(true, begin);
        assert!(!breaker.lets_through(begin + PAUSE - Duration::from_millis(1)));
        let after = begin + PAUSE;
        assert!(breaker.lets_through(after), "one tries");
        assert!(!breaker.lets_through(after), "and only one");
        breaker.note(true, after);
        assert!(!breaker.lets_through(after + Duration::from_secs(1)), "it failed again");
        assert!(breaker.lets_through(after + PAUSE));
        breaker.note(false, after + PAUSE);
        assert!(breaker.lets_through(after + PAUSE) && breaker.lets_through(after + PAUSE));
    }
}
