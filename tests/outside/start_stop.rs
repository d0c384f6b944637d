//! Starting and stopping: what is printed, refused, kept and finished.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::harness::{HeldPort, SOON, Server, Settings, Shop, finished, least_order, program, wait_until};

#[tokio::test]
async fn port_zero_picks_a_free_port_and_one_line_tells_it() {
    let server = Server::start().await;
    assert_ne!(server.address().port(), 0);
    let lines = server.output().lines().filter(|line| line.starts_with("listening on ")).count();
    assert_eq!(lines, 1, "{}", server.output());
    let order = server.shop().place(&least_order()).await;
    assert!(
        order["checkout_url"].as_str().unwrap().starts_with(&format!("{}/c/", server.base())),
        "links lead to the real port"
    );
}

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_can_serve() {
    let server = Server::start().await;
    let browser = server.browser();
    browser.get("/healthz").await.expect(200);
    browser.get("/readyz").await.expect(200);
    browser.get("/metrics").await.expect(404);
    let openapi = browser.get("/openapi.json").await.expect(200).json();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3."));
    for (path, verb) in [
        ("/v1/orders", "post"),
        ("/v1/orders", "get"),
        ("/v1/orders/{id}", "get"),
        ("/v1/orders/{id}/cancel", "post"),
        ("/v1/orders/{id}/extend", "post"),
        ("/v1/orders/{id}/refunds", "post"),
        ("/v1/orders/{id}/attempts", "get"),
        ("/v1/orders/{id}/events", "get"),
        ("/v1/orders/{id}/friend_links", "post"),
        ("/v1/friend_links/{id}/revoke", "post"),
        ("/v1/payments/{id}/refund", "post"),
        ("/v1/handoff", "get"),
        ("/v1/events", "get"),
    ] {
        assert!(openapi["paths"][path][verb].is_object(), "{verb} {path} is described");
    }
    let docs = browser.get("/docs").await.expect(200);
    assert!(docs.header("content-type").starts_with("text/html"));
    let demo = browser.get("/demo").await.expect(200);
    assert!(demo.header("content-type").starts_with("text/html"));
}

#[test]
fn whoever_ends_it_as_soon_as_it_says_that_it_listens_ends_it_cleanly() {
    for _ in 0..5 {
        let home = tempfile::tempdir().unwrap();
        let arguments = ["--listen", "127.0.0.1:0", "--data-dir"];
        let mut command = program();
        command.args(arguments).arg(home.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with("listening on http://")));
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let port = HeldPort::any();
    let free = port.address().to_string();
    let server = Server::start_with(Settings::default().flag("--metrics-listen", &free)).await;
    server.shop().place(&least_order()).await;
    server.browser().get("/metrics").await.expect(404);
    let metrics = Shop::new(&format!("http://{free}"), "none");
    let answer = metrics.get("/metrics").await.expect(200);
    assert!(
        answer.header("content-type").starts_with("text/plain; version=0.0.4"),
        "{}",
        answer.header("content-type")
    );
    let text = answer.text();
    assert!(text.contains("# TYPE pay_handoff_http_requests_total counter\n"), "{text}");
    let placed = "pay_handoff_http_requests_total{method=\"POST\",route=\"/v1/orders\",status=\"201\"} 1\n";
    assert!(text.contains(placed), "{text}");
    assert!(!text.contains("# EOF"), "{text}");
    metrics.get("/v1/orders").await.expect(404);
}

#[tokio::test]
async fn with_nothing_told_it_makes_its_keys_and_keeps_them_to_itself() {
    let home = tempfile::tempdir().unwrap();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let mut child = program()
            .current_dir(home.path())
            .env("PAY_HANDOFF_LISTEN", "127.0.0.1:0")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut printed = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(std::io::BufRead::read_line(&mut out, &mut line).unwrap(), 0, "it ended: {printed}");
            printed.push_str(&line);
            if let Some(address) = line.strip_prefix("listening on ") {
                break address.trim().to_owned();
            }
        };
        let mut right = None;
        for word in printed.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',', '.', '`'])) {
            if word.len() >= 16 && !word.contains('/') && word.is_ascii() {
                let answer = Shop::new(&address, word).get("/v1/orders").await;
                if answer.status == 200 {
                    right = Some(word.to_owned());
                }
            }
        }
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        keys.push(right.unwrap_or_else(|| panic!("no printed word is the key: {printed}")));
    }
    assert_eq!(keys[0], keys[1], "the key is kept");
    assert!(keys[0].len() >= 22, "at least 128 bits");
    assert_private_files(&home.path().join("data"), 2);
}

/// Insists that at least so many files of a directory are readable by their owner alone.
fn assert_private_files(directory: &Path, at_least: usize) {
    let mut private = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains("key") {
            assert_eq!(mode, 0o600, "{name}");
            private += 1;
        }
    }
    assert!(private >= at_least, "{private} key files in {directory:?}");
}

#[tokio::test]
async fn a_lost_server_key_is_not_replaced_in_silence() {
    let mut server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    server.kill();
    let key = std::fs::read_dir(server.data_dir()).unwrap().map(|entry| entry.unwrap().path()).find(|path| {
        path.file_name().unwrap().to_string_lossy().contains("key")
            && !path.file_name().unwrap().to_string_lossy().contains("api")
    });
    std::fs::remove_file(key.expect("a server key file")).unwrap();
    let output = finished(
        program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(server.data_dir())
            .env("PAY_HANDOFF_API_KEY", crate::harness::API_KEY),
    );
    assert_eq!(
        output.status.code(),
        Some(1),
        "without its key {} cannot be read again: {}",
        order["id"],
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stderr).to_lowercase().contains("key"));
}

#[test]
fn the_sandbox_without_a_config_listens_on_loopback_alone() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let home = tempfile::tempdir().unwrap();
        let output = finished(program().current_dir(home.path()).args(["serve", "--listen", address]));
        assert!(matches!(output.status.code(), Some(1 | 2)), "{address}: {:?}", output.status);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("listening on"));
        assert!(!output.stderr.is_empty(), "it says why");
    }
}

#[tokio::test]
async fn an_address_in_use_is_a_failure() {
    let server = Server::start().await;
    let home = tempfile::tempdir().unwrap();
    let output =
        finished(program().current_dir(home.path()).args(["serve", "--listen", &server.address().to_string()]));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(&server.address().port().to_string()),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn the_file_yields_to_the_environment_and_the_environment_to_the_flag() {
    let sources = Settings::two_merchants("");
    let config = format!(
        "public_url = \"https://from-the-file.example\"\nlisten = \"127.0.0.1:1\"\n{}",
        sources.config.unwrap()
    );
    let file_only = Settings { config: Some(config.clone()), ..Settings::default() };
    let server = Server::start_with(file_only).await;
    let url_of = async |server: &Server| {
        let order = server.shop_with("key_of_the_tea_shop").place(&least_order()).await;
        order["qr"]["payload"].as_str().unwrap().to_owned()
    };
    assert!(url_of(&server).await.starts_with("https://from-the-file.example/s/"));
    let flag =
        Settings { config: Some(config), ..Settings::default() }.flag("--public-url", "https://from-the-flag.example");
    let server = Server::start_with(flag).await;
    assert!(url_of(&server).await.starts_with("https://from-the-flag.example/s/"));
    let home = tempfile::tempdir().unwrap();
    let in_use = server.address().to_string();
    let output = finished(
        program()
            .current_dir(home.path())
            .env("PAY_HANDOFF_LISTEN", &in_use)
            .env("PAY_HANDOFF_DATA_DIR", home.path().join("elsewhere")),
    );
    assert_eq!(output.status.code(), Some(1), "the environment's address is taken, and it is in use");
    let output = finished(
        program()
            .current_dir(home.path())
            .env("PAY_HANDOFF_LISTEN", "127.0.0.1:0")
            .args(["serve", "--listen", &in_use]),
    );
    assert_eq!(output.status.code(), Some(1), "the flag's address is taken before the environment's");
}

#[tokio::test]
async fn the_tokens_of_orders_and_the_key_stay_out_of_logs_and_files() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let link = shop.ask_friend(&order, json!({})).await;
    let payer = server.browser();
    for address in [&order["checkout_url"], &order["qr"]["payload"], &link["url"]] {
        payer.get(address.as_str().unwrap()).await.expect(200);
    }
    shop.post_once("idem", "/v1/orders", &least_order()).await.expect(201);
    server.pay(&shop, &order, "alipay").await;
    server.ask_to_end();
    server.ended(SOON).await;
    let tokens: Vec<String> = [&order["checkout_url"], &order["qr"]["payload"], &link["url"]]
        .iter()
        .map(|address| address.as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    for token in tokens.iter().map(String::as_str).chain([crate::harness::API_KEY]) {
        assert!(!server.errors().contains(token), "the log tells {token}: {}", server.errors());
    }
    for entry in std::fs::read_dir(server.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for token in &tokens {
            assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{path:?} holds {token}");
        }
    }
}

#[tokio::test]
async fn a_polite_end_is_quick_and_clean_with_streams_and_idle_connections_open() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let payer = server.browser();
    let mut stream = payer.watch(order["qr"]["payload"].as_str().unwrap(), None).await;
    stream.next(SOON).await.expect("the present state");
    let _idle = TcpStream::connect(server.address()).unwrap();
    server.ask_to_end();
    let status = server.ended(Duration::from_secs(20)).await;
    assert_eq!(status.code(), Some(0), "{}", server.errors());
    server.restart().await;
    assert_eq!(shop.order(&order).await["status"], "pending");
}

#[tokio::test]
async fn a_request_that_runs_when_the_end_is_asked_for_is_finished() {
    let mut server = Server::start().await;
    let body = least_order().to_string();
    let mut connection = TcpStream::connect(server.address()).unwrap();
    connection.set_read_timeout(Some(SOON)).unwrap();
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        server.address(),
        crate::harness::API_KEY,
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    // Answered when the head has been read and the body is awaited: the request is under way.
    let mut interim = [0; 25];
    connection.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.write_all(&body.as_bytes()[..10]).unwrap();
    server.ask_to_end();
    let address = server.address();
    wait_until(SOON, "new connections to be refused", async || TcpStream::connect(address).is_err().then_some(()))
        .await;
    connection.write_all(&body.as_bytes()[10..]).unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
    drop(connection);
    assert_eq!(server.ended(Duration::from_secs(20)).await.code(), Some(0));
    server.restart().await;
    assert_eq!(server.shop().list("/v1/orders").await.len(), 1);
}
