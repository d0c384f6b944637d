//! One request and its answer, over a connection of its own to an address that has been checked.
//!
//! This is no general client, on purpose: it follows no redirect, knows no proxy, asks for no compression and undoes none, keeps
//! no connection for later and no cookie, and reads no more of an answer than it is asked to.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// An address that has not taken the connection by then is given up for the next one.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// The head of an answer may be so long at most, in bytes.
const HEAD_AT_MOST: usize = 16 * 1024;
/// An answer may have so many header fields.
const MOST_HEADERS: usize = 100;

/// How this program calls itself to others.
pub const NAME: &str = concat!("pay-handoff/", env!("CARGO_PKG_VERSION"));

type Tls = LazyLock<Result<TlsConnector, String>>;

/// Makes exchanges.
#[derive(Clone)]
pub struct Exchange {
    tls: Arc<Tls>,
}

/// An answer, as far as it is read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body as it was sent, up to the asked number of bytes.
    pub body: Vec<u8>,
    /// Whether that is the whole body: it did not break off, was in time, and was not longer than asked for.
    pub is_whole: bool,
}

impl Exchange {
    /// Exchanges that trust the certificates which this machine trusts (or `SSL_CERT_FILE`, `SSL_CERT_DIR`). They are read beside
    /// everything else, because that takes longer than the rest of a start; the first exchange over TLS waits for them.
    #[must_use]
    pub fn trusting_this_machine() -> Self {
        let tls: Arc<Tls> = Arc::new(LazyLock::new(with_trusted_certificates));
        let early = tls.clone();
        std::thread::spawn(move || {
            if let Err(error) = &**early {
                tracing::error!(%error, "nothing can be sent over https");
            }
        });
        Self { tls }
    }

    /// Sends a request to the first of these addresses that takes the connection, and reads the answer, of its body at most
    /// `most_bytes`; with the rest the connection is cut off. `tls_name` is whom the certificate must name; without one, nothing
    /// is encrypted. The head of the answer must be there by `deadline`; of the body counts what has come by then.
    ///
    /// # Errors
    /// Why there is no answer, in words that tell nothing about our inside.
    pub async fn send(
        &self,
        addresses: &[SocketAddr],
        tls_name: Option<&str>,
        request: Request<Full<Bytes>>,
        deadline: Instant,
        most_bytes: usize,
    ) -> Result<Answer, String> {
        let in_time = |_| "no answer in time".to_owned();
        let stream = timeout_at(deadline, connect(addresses)).await.map_err(in_time)??;
        let Some(name) = tls_name else { return converse(stream, request, deadline, most_bytes).await };
        let name = ServerName::try_from(name.to_owned()).map_err(|_| "the host is no name for TLS".to_owned())?;
        let tls = self.tls.as_ref().as_ref().map_err(String::clone)?;
        let opened = timeout_at(deadline, tls.connect(name, stream)).await.map_err(in_time)?;
        converse(opened.map_err(|error| format!("TLS failed: {error}"))?, request, deadline, most_bytes).await
    }
}

fn with_trusted_certificates() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for fault in &found.errors {
        tracing::warn!(%fault, "a trusted certificate cannot be read");
    }
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        tracing::warn!("this machine trusts no certificate: nothing can be sent over https (install ca-certificates)");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut why = "there is no address".to_owned();
    for address in addresses {
        match timeout(CONNECT_PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it, the small last packet of a request may wait for an acknowledgement.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection keeps its packets back");
                }
                return Ok(stream);
            }
            Ok(Err(error)) => why = format!("no connection: {}", error.kind()),
            Err(_) => why = "no connection: timed out".to_owned(),
        }
    }
    Err(why)
}

async fn converse<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    deadline: Instant,
    most_bytes: usize,
) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_headers(MOST_HEADERS).max_buf_size(HEAD_AT_MOST);
    let opened = builder.handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| broken(&error))?;
    let talk = async {
        let answered = timeout_at(deadline, sender.send_request(request)).await;
        let response = answered.map_err(|_| "no answer in time".to_owned())?.map_err(|error| broken(&error))?;
        Ok(read(response, deadline, most_bytes).await)
    };
    // The connection is driven beside the talk and dropped with it: whatever else the endpoint sends finds nobody.
    tokio::pin!(talk);
    tokio::select! {
        answer = &mut talk => answer,
        _ = connection => talk.await,
    }
}

/// A body that breaks off, takes too long or is too long is kept as far as it came; whether that is enough is for the caller.
async fn read(response: Response<Incoming>, deadline: Instant, most_bytes: usize) -> Answer {
    let (head, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    let mut is_whole = false;
    while let Ok(next) = timeout_at(deadline, incoming.frame()).await {
        let Some(next) = next else {
            is_whole = true;
            break;
        };
        let Ok(frame) = next else { break };
        if let Some(piece) = frame.data_ref() {
            let room = most_bytes - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room {
                break;
            }
        }
    }
    Answer { status: head.status.as_u16(), headers: head.headers, body, is_whole }
}

fn broken(error: &hyper::Error) -> String {
    if error.is_parse() { "the answer is not HTTP".to_owned() } else { "the connection broke off".to_owned() }
}
