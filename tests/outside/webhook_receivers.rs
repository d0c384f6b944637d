//! Receivers that others wrote: the public verifying library, the samples of the documentation, and TLS.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::harness::{
    API_KEY, Answer, Heard, HeldPort, Receiver, SOON, Server, Settings, Shop, answer_one, least_order, now,
    python_library, wait_until,
};

const DOCUMENT: &str = include_str!("../../docs/webhooks.md");

const VERIFY: &str = "
import base64, json, sys
from standardwebhooks import Webhook, WebhookVerificationError
for case in json.load(sys.stdin):
    try:
        Webhook(case['secret']).verify(base64.b64decode(case['body']), case['headers'])
        print('genuine')
    except (WebhookVerificationError, ValueError):
        print('refused')
";

fn case(secret: &str, heard: &Heard) -> Value {
    let headers: serde_json::Map<String, Value> =
        heard.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({ "secret": secret, "headers": headers, "body": STANDARD.encode(&heard.body) })
}

/// The request with one header put in another's place.
fn with_header(heard: &Heard, name: &str, value: &str) -> Heard {
    let mut heard = heard.clone();
    heard.headers.retain(|(known, _)| known != name);
    heard.headers.push((name.to_owned(), value.to_owned()));
    heard
}

/// The request with its body altered.
fn with_body(heard: &Heard, alter: impl FnOnce(&mut Vec<u8>)) -> Heard {
    let mut heard = heard.clone();
    alter(&mut heard.body);
    heard
}

/// Forgeries of a genuine request with one signature, each refused by whoever verifies.
fn forgeries(heard: &Heard) -> Vec<Heard> {
    let timestamp: i64 = heard.header("webhook-timestamp").parse().unwrap();
    let signature = heard.header("webhook-signature");
    vec![
        with_body(heard, |body| body[10] ^= 1),
        with_body(heard, |body| body.push(b' ')),
        with_body(heard, |body| body.truncate(body.len() - 1)),
        with_header(heard, "webhook-id", "evt_00000000000000000000000000000007"),
        with_header(heard, "webhook-timestamp", &(timestamp + 1).to_string()),
        with_header(heard, "webhook-timestamp", &(timestamp - 3600).to_string()),
        with_header(heard, "webhook-timestamp", &(timestamp + 3600).to_string()),
        with_header(heard, "webhook-timestamp", "soon"),
        with_header(heard, "webhook-signature", "v1,"),
        with_header(heard, "webhook-signature", &signature[..signature.len() - 4]),
        with_header(heard, "webhook-signature", &signature.replace("v1,", "v2,")),
        with_header(heard, "webhook-signature", &signature.replace("v1,", "")),
    ]
}

#[tokio::test]
async fn the_public_library_takes_what_we_send_and_refuses_what_was_altered() {
    // Installed before anything is sent: what was sent is genuine for five minutes.
    let library = python_library("standardwebhooks", "1.1.0");
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::start().await;
    let (id, old) = shop.endpoint(&receiver.url("/")).await;
    shop.place(&least_order()).await;
    receiver.heard_at_least(1).await;
    let rotated = shop.post_nothing(&format!("/v1/webhook_endpoints/{id}/rotate_secret")).await.expect(200).json();
    let new = rotated["secret"].as_str().unwrap();
    shop.place_with(json!({ "subject": "茶 🍵 \"quoted\"" })).await;
    let heard = receiver.heard_at_least(2).await;
    let mut cases = vec![case(&old, &heard[0]), case(&old, &heard[1]), case(new, &heard[1])];
    let genuine = cases.len();
    cases.push(case(new, &heard[0]));
    cases.extend(forgeries(&heard[0]).iter().map(|forged| case(&old, forged)));

    let mut child = Command::new("python3")
        .args(["-c", VERIFY])
        .env("PYTHONPATH", library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let input = serde_json::to_vec(&cases).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let verdicts: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(verdicts.len(), cases.len());
    assert!(verdicts[..genuine].iter().all(|verdict| *verdict == "genuine"), "{verdicts:?}");
    assert!(verdicts[genuine..].iter().all(|verdict| *verdict == "refused"), "{verdicts:?}");
}

/// The sample of the documentation in this language.
fn sample(language: &str) -> &'static str {
    let (_, rest) =
        DOCUMENT.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no sample in {language}"));
    rest.split_once("```").expect("the end of the sample").0
}

/// A running sample; killed when dropped.
struct Sample(Child);

impl Drop for Sample {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a request as it was heard, or as it was altered, and gives the status.
async fn replay(url: &str, heard: &Heard) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let named = |name: &str| heard.header(name).to_owned();
    let mut request = client.post(url).header("content-type", "application/json").body(heard.body.clone());
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        request = request.header(name, named(name));
    }
    Answer::of(request).await.status
}

/// Holds a sample to what the documentation says of it.
async fn try_sample(language: &str, file: &str, command: impl FnOnce(&Path) -> Command) {
    let server = Server::start().await;
    let shop = server.shop();
    let held = HeldPort::any();
    let port = held.address().port();
    let url = format!("http://127.0.0.1:{port}/");
    let (id, secret) = shop.endpoint(&url).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::write(&path, sample(language)).unwrap();
    let mut command = command(&path);
    command.env("WEBHOOK_SECRET", &secret).env("PORT", port.to_string()).stdout(Stdio::null());
    let started = command.spawn().unwrap_or_else(|error| panic!("the sample in {language} needs its runtime: {error}"));
    let _sample = Sample(started);
    wait_until(2 * SOON, "the sample to listen", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;

    shop.place(&least_order()).await;
    let delivered = wait_until(SOON, "the sample to take an event", async || {
        Some(shop.deliveries(&id).await).filter(|all| all[0]["status"] == "delivered")
    });
    assert_eq!(delivered.await[0]["last_try"]["http_status"], 204, "{language}");
    // What is genuine as another receiver hears it, for forging.
    let heard = genuine(&shop, &secret).await;
    assert_eq!(replay(&url, &heard).await, 204, "{language}");
    for forged in forgeries(&heard) {
        assert_eq!(replay(&url, &forged).await, 400, "{language}: {:?}", forged.headers);
    }
}

/// A request signed with this secret, made from an event as any receiver hears it.
async fn genuine(shop: &Shop, secret: &str) -> Heard {
    let receiver = Receiver::start().await;
    shop.endpoint(&receiver.url("/")).await;
    shop.place(&least_order()).await;
    let heard = receiver.heard_at_least(1).await.remove(0);
    let heard = with_header(&heard, "webhook-timestamp", &now().as_second().to_string());
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut signed = format!("{}.{}.", heard.header("webhook-id"), heard.header("webhook-timestamp")).into_bytes();
    signed.extend(&heard.body);
    let tag = ::ring::hmac::sign(&::ring::hmac::Key::new(::ring::hmac::HMAC_SHA256, &key), &signed);
    with_header(&heard, "webhook-signature", &format!("v1,{}", STANDARD.encode(tag)))
}

#[tokio::test]
async fn the_sample_in_python_verifies() {
    let library = python_library("standardwebhooks", "1.1.0");
    try_sample("python", "receiver.py", |path| {
        let mut command = Command::new("python3");
        command.arg(path).env("PYTHONPATH", library).stderr(Stdio::null());
        command
    })
    .await;
}

#[tokio::test]
async fn the_sample_in_javascript_verifies() {
    try_sample("javascript", "receiver.js", |path| {
        let mut command = Command::new("node");
        command.arg(path);
        command
    })
    .await;
}

#[tokio::test]
async fn the_sample_in_java_verifies() {
    try_sample("java", "Receiver.java", |path| {
        let mut command = Command::new("java");
        command.arg(path);
        command
    })
    .await;
}

#[tokio::test]
async fn the_sample_in_go_verifies() {
    // Built first: `go run` would put a process between the test and the sample, and the sample would outlive it.
    try_sample("go", "receiver.go", |path| {
        let program = path.with_extension("");
        let built = Command::new("go").arg("build").arg("-o").arg(&program).arg(path).status();
        assert!(built.expect("this test needs go (Debian: golang-go)").success());
        let mut command = Command::new(program);
        command.stderr(Stdio::null());
        command
    })
    .await;
}

#[tokio::test]
async fn the_sample_in_php_verifies() {
    try_sample("php", "receiver.php", |path| {
        let mut command = Command::new("sh");
        command.arg("-c").arg("exec php -S 127.0.0.1:$PORT \"$0\"").arg(path).stderr(Stdio::null());
        command
    })
    .await;
}

#[tokio::test]
async fn the_samples_with_curl_do_what_they_say() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::start().await;
    let (endpoint, _) = shop.endpoint(&receiver.url("/")).await;
    let order = shop.place(&least_order()).await;
    let event = shop.history(&order).await[0]["id"].as_str().unwrap().to_owned();
    // Sending again what is just being sent would be one delivery, not two.
    let deliveries = format!("/v1/webhook_endpoints/{endpoint}/deliveries");
    wait_until(SOON, "the first delivery", async || {
        shop.list(&deliveries).await.iter().any(|delivery| delivery["status"] == "delivered").then_some(())
    })
    .await;
    let mut calls = 0;
    for block in DOCUMENT.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        calls += block.matches("curl ").count();
        if block.contains("-X DELETE") {
            // What was sent again must arrive before its endpoint goes.
            receiver.heard_at_least(2).await;
        }
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", block])
            .env("BASE", server.base())
            .env("API_KEY", API_KEY)
            .env("URL", receiver.url("/more"))
            .env("ENDPOINT", &endpoint)
            .env("EVENT", &event)
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .expect("bash and curl");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(calls, 6);
    let left = shop.list("/v1/webhook_endpoints").await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["url"], receiver.url("/more"));
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
}

/// A receiver behind TLS, with a certificate for 127.0.0.1.
async fn tls_receiver() -> (String, Arc<Mutex<Vec<Heard>>>) {
    let certificates = vec![CertificateDer::from_pem_file(data("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(data("server_key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, keep) = (acceptor.clone(), Arc::clone(&keep));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer_one(stream, keep, Arc::new(|_: &Heard| (200, ""))).await;
                }
            });
        }
    });
    (url, heard)
}

#[tokio::test]
async fn https_goes_to_whom_the_machine_trusts_and_to_nobody_else() {
    let (url, heard) = tls_receiver().await;
    let strangers = Server::start().await;
    let shop = strangers.shop();
    let (id, _) = shop.endpoint(&url).await;
    shop.place(&least_order()).await;
    let failed = wait_until(SOON, "a first try", async || {
        Some(shop.deliveries(&id).await.remove(0)).filter(|delivery| delivery["last_try"].is_object())
    })
    .await;
    let error = failed["last_try"]["error"].as_str().unwrap_or_default();
    assert!(error.starts_with("TLS failed: "), "{failed}");
    assert_eq!(failed["last_try"]["http_status"], Value::Null);
    assert!(heard.lock().unwrap().is_empty());

    let authority = data("authority.pem").to_str().unwrap().to_owned();
    let trusting = Server::start_with(Settings::default().variable("SSL_CERT_FILE", &authority)).await;
    let shop = trusting.shop();
    let (_, secret) = shop.endpoint(&url).await;
    shop.place(&least_order()).await;
    let heard = wait_until(SOON, "an event over TLS", async || heard.lock().unwrap().first().cloned()).await;
    assert!(heard.is_signed_with(&secret));
    // A certificate for an address is none for another one of the same machine.
    let (id, _) = shop.endpoint(&url.replace("127.0.0.1", "127.0.0.2")).await;
    shop.place(&least_order()).await;
    let failed = wait_until(SOON, "a try at the other address", async || {
        Some(shop.deliveries(&id).await.remove(0)).filter(|delivery| delivery["last_try"].is_object())
    })
    .await;
    assert_ne!(failed["status"], "delivered", "{failed}");
}
