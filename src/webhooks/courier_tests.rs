//! Tests of carrying, against listeners on this machine that count who comes.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::courier::HttpCourier;
use super::guard::Lookup;
use super::sign;
use crate::domain::id::EventId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{ANSWER_KEPT_BYTES, TryResult, WebhookSecret};
use crate::exchange::{Exchange, NAME};
use crate::ports::courier::{Carried, Courier, Parcel, Reach};

/// Answers every name with the same addresses.
struct Fixed(Vec<IpAddr>);

#[async_trait]
impl Lookup for Fixed {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

/// What a call may take here: short, because some cases wait for it, and long enough for a machine that does much else.
const DEADLINE: Duration = Duration::from_secs(15);

fn courier(resolved: &[&str]) -> HttpCourier {
    let addresses = resolved.iter().map(|address| address.parse().unwrap()).collect();
    HttpCourier::new(Exchange::trusting_this_machine()).with(Arc::new(Fixed(addresses)), DEADLINE)
}

fn parcel(url: &str, reach: Reach) -> Parcel {
    Parcel {
        url: url.to_owned(),
        reach,
        event: EventId::new(uuid::Uuid::from_u128(7)),
        body: br#"{"type":"order.paid"}"#.to_vec(),
        secrets: vec![WebhookSecret::from_bytes([1; 32]), WebhookSecret::from_bytes([2; 32])],
        at: Timestamp::from_millis(1_795_316_400_999),
    }
}

/// An endpoint that sends fixed bytes, over and over when `again`, and keeps what it was sent.
struct Endpoint {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
    /// How many bytes of its answers went out.
    sent: Arc<AtomicUsize>,
}

impl Endpoint {
    async fn start(answer: Vec<u8>, again: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?shop=7", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (keep, sent) = (Arc::clone(&heard), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (keep, count, answer) = (Arc::clone(&keep), Arc::clone(&count), answer.clone());
                tokio::spawn(async move {
                    let mut request = vec![0; 64 * 1024];
                    let length = stream.read(&mut request).await.unwrap_or_default();
                    keep.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
                    while stream.write_all(&answer).await.is_ok() {
                        count.fetch_add(answer.len(), Ordering::SeqCst);
                        if !again {
                            break;
                        }
                    }
                    // Held open until the other side goes.
                    while stream.read(&mut request).await.is_ok_and(|length| length > 0) {}
                });
            }
        });
        Self { url, heard, sent }
    }

    async fn answering(head: &str, body: &str) -> Self {
        let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        Self::start(answer.into_bytes(), false).await
    }

    async fn carried(&self) -> Carried {
        courier(&[]).carry(parcel(&self.url, Reach::Sandbox)).await
    }
}

#[tokio::test]
async fn a_request_is_what_standard_webhooks_asks_for_and_nothing_more() {
    let endpoint = Endpoint::answering("204 No Content", "").await;
    let carried = endpoint.carried().await;
    assert_eq!(carried, Carried { result: TryResult::Answered(204), retry_after: None, answer: Vec::new() });
    let heard = endpoint.heard.lock().unwrap().join("|");
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"type":"order.paid"}"#);
    let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "POST /hook?shop=7 HTTP/1.1");
    let id = "evt_00000000000000000000000000000007";
    let signatures = sign::signatures(
        &[WebhookSecret::from_bytes([1; 32]), WebhookSecret::from_bytes([2; 32])],
        id,
        1_795_316_400,
        body.as_bytes(),
    );
    let authority = endpoint.url.trim_start_matches("http://").split('/').next().unwrap();
    let mut expected = vec![
        format!("host: {authority}"),
        format!("user-agent: {NAME}"),
        "content-type: application/json".to_owned(),
        "accept: */*".to_owned(),
        "accept-encoding: identity".to_owned(),
        "connection: close".to_owned(),
        format!("webhook-id: {id}"),
        "webhook-timestamp: 1795316400".to_owned(),
        format!("webhook-signature: {signatures}"),
        format!("content-length: {}", body.len()),
    ];
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn the_status_the_wish_for_more_time_and_the_first_kilobyte_are_brought_back() {
    let endpoint = Endpoint::answering("503 Busy\r\nretry-after: 99999999999999999999", &"ä".repeat(4000)).await;
    let carried = endpoint.carried().await;
    assert_eq!(carried.result, TryResult::Answered(503));
    assert_eq!(carried.retry_after, Some(Span::hours(365 * 24)));
    assert_eq!(carried.answer, "ä".repeat(512).as_bytes());
}

#[tokio::test]
async fn a_redirection_is_an_answer_and_nobody_follows_it() {
    let inside = Endpoint::answering("200 OK", "secret").await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let endpoint = Endpoint::answering(&format!("{status} Elsewhere\r\nlocation: {}", inside.url), "").await;
        assert_eq!(endpoint.carried().await.result, TryResult::Answered(status));
    }
    assert_eq!(inside.heard.lock().unwrap().len(), 0);
    assert_eq!(inside.carried().await.result, TryResult::Answered(200), "it would have been heard");
}

#[tokio::test]
async fn hostile_answers_are_cut_off_in_time_and_in_size() {
    let head = "HTTP/1.1 200 OK\r\n";
    let endless_header = format!("{head}x: {}", "a".repeat(1000));
    let cases: [(Vec<u8>, bool, TryResult); 9] = [
        (Vec::new(), false, TryResult::NoAnswer("no answer in time".to_owned())),
        (b"HTTP/1.1 200".to_vec(), false, TryResult::NoAnswer("no answer in time".to_owned())),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), false, TryResult::NoAnswer("the answer is not HTTP".to_owned())),
        (b"-ERR unknown command\r\n".to_vec(), true, TryResult::NoAnswer("the answer is not HTTP".to_owned())),
        (endless_header.into_bytes(), true, TryResult::NoAnswer("the answer is not HTTP".to_owned())),
        (
            format!("{head}{}", "x: y\r\n".repeat(200)).into_bytes(),
            true,
            TryResult::NoAnswer("the answer is not HTTP".to_owned()),
        ),
        // A body without end, one that is announced as endless, and one that stops in the middle: the status has decided.
        (format!("{head}\r\n{}", "A".repeat(5000)).into_bytes(), true, TryResult::Answered(200)),
        (format!("{head}content-length: 10000000000\r\n\r\nAA").into_bytes(), false, TryResult::Answered(200)),
        (format!("{head}transfer-encoding: chunked\r\n\r\nffffff\r\nAA").into_bytes(), false, TryResult::Answered(200)),
    ];
    let carry = cases.into_iter().map(|(answer, again, expected)| async move {
        let endpoint = Endpoint::start(answer.clone(), again).await;
        let carried = tokio::time::timeout(6 * DEADLINE, endpoint.carried()).await;
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
        let carried = carried.unwrap_or_else(|_| panic!("no end: {shown:?}"));
        assert_eq!(carried.result, expected, "{shown:?}");
        assert!(carried.answer.len() <= ANSWER_KEPT_BYTES);
        // What is not read stays in the buffers between the two, which hold a few megabytes.
        let sent = endpoint.sent.load(Ordering::SeqCst);
        assert!(sent < 32 * 1024 * 1024, "{sent} bytes were taken: {shown:?}");
        assert!(carried.answer.iter().all(|byte| *byte == b'A'), "{shown:?}");
    });
    futures_util::future::join_all(carry).await;
}

#[tokio::test]
async fn a_compressed_answer_is_kept_as_it_came() {
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n".to_vec();
    answer.extend(bomb);
    assert_eq!(Endpoint::start(answer, false).await.carried().await.answer, bomb);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_or_speaks_no_tls_is_no_answer() {
    // Bound, so that nobody else is given it, and not listened at.
    let deserted = TcpSocket::new_v4().unwrap();
    deserted.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/", deserted.local_addr().unwrap());
    let carried = courier(&[]).carry(parcel(&url, Reach::Sandbox)).await;
    assert_eq!(carried.result, TryResult::NoAnswer("no connection: connection refused".to_owned()));
    let plain = Endpoint::answering("200 OK", "").await;
    let carried = courier(&[]).carry(parcel(&plain.url.replace("http:", "https:"), Reach::Sandbox)).await;
    assert!(matches!(&carried.result, TryResult::NoAnswer(why) if why.starts_with("TLS failed")), "{carried:?}");
}

/// Listens on every address of this machine, on each of these ports that is free and allowed, and counts who comes.
async fn canaries(ports: &[u16]) -> (Arc<AtomicUsize>, Vec<u16>) {
    let count = Arc::new(AtomicUsize::new(0));
    let mut listening = Vec::new();
    for (host, port) in ["::", "0.0.0.0"].into_iter().flat_map(|host| ports.iter().map(move |port| (host, *port))) {
        // Where [::] stands for IPv4 too, the second of the two is taken already.
        let Ok(listener) = TcpListener::bind((host, port)).await else { continue };
        listening.push(listener.local_addr().unwrap().port());
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    (count, listening)
}

#[tokio::test]
async fn nobody_is_called_at_a_refused_address_nor_at_an_inner_one_behind_a_name() {
    let (count, listening) = canaries(&[443, 80, 8080, 1023, 631, 53, 22, 0]).await;
    let forms =
        include_str!("refused_addresses.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    let anywhere = courier(&["127.0.0.1", "::1"]);
    let mut tried = 0;
    for (form, reach) in forms.flat_map(|form| [(form, Reach::Public), (form, Reach::Sandbox)]) {
        let carried = anywhere.carry(parcel(form, reach)).await;
        assert!(
            matches!(&carried.result, TryResult::NoAnswer(why) if why.starts_with("not sent: ")),
            "{form}: {carried:?}"
        );
        tried += 1;
    }
    // The name is good, and what it resolves to is not: also when one of the addresses is tried before the others.
    for address in
        ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::127.0.0.1", "169.254.169.254"]
    {
        for url in ["https://rebound.example/", "http://rebound.example/"] {
            let carried = courier(&[address]).carry(parcel(url, Reach::Sandbox)).await;
            assert_eq!(carried.result, TryResult::NoAnswer("not sent: the name leads to no public address".to_owned()));
            tried += 1;
        }
    }
    assert!(tried >= 400, "{tried}");
    assert_eq!(count.load(Ordering::SeqCst), 0, "somebody was called; canaries on {listening:?}");

    // The canaries can sing.
    let port = listening.last().unwrap();
    let carried = anywhere.carry(parcel(&format!("http://127.0.0.1:{port}/"), Reach::Sandbox)).await;
    assert!(matches!(carried.result, TryResult::NoAnswer(_)));
    let carried = anywhere.carry(parcel(&format!("http://127.0.0.1:{port}/"), Reach::Public)).await;
    assert!(matches!(carried.result, TryResult::NoAnswer(_)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
