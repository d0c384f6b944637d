//! How fast a notice is acknowledged: real keys, a database on the disk, one notice each so many milliseconds whatever happens to the
//! one before it, and junk beside them. A measurement, not a test: `benches/notices.sh` runs it with the release build.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

use crate::every_wallet::row::{ROWS, Row};
use crate::every_wallet::scene::{PRICE, Scene, page_of};
use crate::harness::{least_order, now};
use crate::pretended::{Letter, PretendedWallet};

/// So many orders a second are prepared: a live merchant may call 500 times a second, and each order takes two calls.
const PREPARED_A_SECOND: f64 = 100.0;
/// So many addresses pay: one address may send 20 forms a second.
const PAYERS: u8 = 16;
/// After this an open attempt is asked about once a minute only.
const SETTLED: Duration = Duration::from_secs(42);
/// So many connections bring junk.
const JUNK_CONNECTIONS: usize = 64;

fn setting(name: &str, default: f64) -> f64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Does something so often a second, each time at its planned moment, and tells how long after that moment it was done.
async fn paced<F: Future<Output = bool> + Send + 'static>(
    a_second: f64,
    count: usize,
    work: impl Fn(usize) -> F,
) -> Vec<Duration> {
    let start = Instant::now() + Duration::from_millis(100);
    let mut running = Vec::with_capacity(count);
    for number in 0..count {
        let planned = start + Duration::from_secs_f64(number as f64 / a_second);
        sleep_until(planned).await;
        let task = work(number);
        running.push(tokio::spawn(async move {
            assert!(task.await, "number {number} was not taken");
            planned.elapsed()
        }));
    }
    join_all(running).await.into_iter().map(|done| done.expect("it was taken")).collect()
}

/// The middle, the 99th of a hundred, and the worst, in milliseconds.
fn told(mut all: Vec<Duration>) -> String {
    all.sort_unstable();
    let at = |part: f64| all[((all.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1000.0;
    format!("p50 {:7.2} ms   p99 {:7.2} ms   worst {:7.2} ms", at(0.5), at(0.99), at(1.0))
}

/// A letter as it stands on the wire.
fn wire(letter: &Letter, connection: &str) -> Vec<u8> {
    let url = url::Url::parse(&letter.url).expect("an address");
    let mut head = format!("POST {} HTTP/1.1\r\nhost: x\r\nconnection: {connection}\r\n", url.path());
    for (name, value) in &letter.head {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", letter.body.len());
    [head.as_bytes(), &letter.body].concat()
}

/// Sends a request over a connection of its own; whether it was answered with 200.
async fn is_taken(address: SocketAddr, request: Vec<u8>) -> bool {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(&request).await.expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    answer.starts_with(b"HTTP/1.1 200")
}

/// Two letters that nobody should believe: one for whose signature one has to calculate, and one that names no known signer.
fn spoiled(letter: &Letter) -> [Letter; 2] {
    let change = |text: &mut String, from: usize| {
        let at = from + text[from..].find(|letter: char| ('g'..='y').contains(&letter)).expect("a letter");
        let next = char::from(text.as_bytes()[at] + 1);
        text.replace_range(at..=at, next.encode_utf8(&mut [0; 4]));
    };
    let (mut forged, mut unknown) = (letter.clone(), letter.clone());
    if let Some((_, signature)) = forged.head.iter_mut().find(|(name, _)| name == "wechatpay-signature") {
        change(signature, 60);
        let serial = unknown.head.iter_mut().find(|(name, _)| name == "wechatpay-serial").expect("a name");
        serial.1 = "4E4F424F4459".to_owned();
        return [forged, unknown];
    }
    let mut body = String::from_utf8(letter.body.clone()).expect("a form");
    let name = if body.contains("&signature=") { "&signature=" } else { "&sign=" };
    let at = body.find(name).expect("a signature") + name.len();
    change(&mut body, at + 60);
    forged.body = body.clone().into_bytes();
    unknown.body = body.replace(name, "&unsigned=").into_bytes();
    [forged, unknown]
}

/// Sends junk over one open connection at its planned moments, until the end; counts the answers by their status.
async fn junk(address: SocketAddr, requests: Arc<[Vec<u8>; 2]>, every: Duration, end: Instant) -> BTreeMap<u16, u64> {
    let mut counts = BTreeMap::new();
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut planned = Instant::now();
    let mut piece = [0; 4096];
    for number in 0.. {
        planned += every;
        if planned >= end {
            break;
        }
        sleep_until(planned).await;
        stream.write_all(&requests[number % 2]).await.expect("it is sent");
        let mut answer = Vec::new();
        let status = loop {
            let length = stream.read(&mut piece).await.expect("an answer");
            assert!(length > 0, "the connection was ended: {}", String::from_utf8_lossy(&answer));
            answer.extend(&piece[..length]);
            if let Some(status) = whole(&answer) {
                break status;
            }
        };
        *counts.entry(status).or_default() += 1;
    }
    counts
}

/// The status of an answer, once it is there to its last byte.
fn whole(answer: &[u8]) -> Option<u16> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
    let length: usize = head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
    (answer.len() >= end + 4 + length).then(|| head[9..12].parse().ok()).flatten()
}

/// Orders whose trades are paid at the wallet; nobody was told.
async fn paid_trades(scene: &Scene, count: usize) -> Vec<String> {
    let payers: Vec<reqwest::Client> = (0..PAYERS)
        .map(|number| {
            let address = IpAddr::V4(Ipv4Addr::new(127, 0, 1, number + 1));
            let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
            client.local_address(address).build().expect("a client")
        })
        .collect();
    let begun = Arc::new(std::sync::Mutex::new(Vec::with_capacity(count)));
    paced(PREPARED_A_SECOND, count, |number| {
        let (shop, base, wallet) = (scene.shop.clone(), scene.server.base(), scene.row.wallet);
        let (payer, begun) = (payers[number % payers.len()].clone(), Arc::clone(&begun));
        async move {
            let order = shop.place(&least_order()).await;
            let form = [("wallet", wallet), ("product", "code")];
            let request = payer.post(format!("{base}{}/attempts", page_of(&order))).form(&form);
            let answer = request.header("origin", &base).header("sec-fetch-site", "same-origin").send().await;
            let trade = shop.attempts(&order).await[0]["trade_no"].clone();
            begun.lock().expect("nobody panicked").push(trade);
            answer.expect("an answer").status() == 303
        }
    })
    .await;
    let begun: Vec<Value> = std::mem::take(&mut begun.lock().expect("nobody panicked"));
    let trades: Vec<String> = begun.iter().map(|trade| trade.as_str().expect("a number").to_owned()).collect();
    trades.iter().for_each(|trade| drop(scene.wallet.pay(trade, PRICE, now())));
    trades
}

/// The least that anything can take here: a page brought to the disk, and an answer that says nothing.
async fn floors(scene: &Scene, a_second: f64) {
    let count = (a_second * 5.0) as usize;
    let file = Arc::new(File::create(scene.server.data_dir().join("floor")).expect("a file"));
    let synced = paced(a_second, count, |_| {
        let file = Arc::clone(&file);
        async move {
            let sync = move || (&*file).write_all(&[0; 4096]).and_then(|()| file.sync_all());
            tokio::task::spawn_blocking(sync).await.expect("it runs").is_ok()
        }
    });
    println!("  floor: fsync of a page          {}", told(synced.await));
    let address = scene.server.address();
    let empty = paced(a_second, count, |_| {
        is_taken(address, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec())
    });
    println!("  floor: an empty request         {}", told(empty.await));
}

/// Tells of these trades, so many a second.
async fn tell(scene: &Scene, trades: &[String], a_second: f64) -> String {
    let wallet: &Arc<dyn PretendedWallet> = &scene.wallet;
    let letters: Vec<Vec<u8>> = trades.iter().map(|trade| wire(&wallet.letter(trade), "close")).collect();
    let address = scene.server.address();
    told(paced(a_second, letters.len(), |number| is_taken(address, letters[number].clone())).await)
}

async fn measured(row: &'static Row) {
    let (a_second, seconds, junk_a_second) =
        (setting("NOTICES_A_SECOND", 100.0), setting("NOTICE_SECONDS", 30.0), setting("JUNK_A_SECOND", 5000.0));
    let scene = Scene::new(row).await;
    let half = (a_second * seconds) as usize;
    println!("{}: {half} notices, {a_second} a second", row.name());
    for is_beset in [false, true] {
        let trades = paid_trades(&scene, half).await;
        sleep_until(Instant::now() + SETTLED).await;
        if !is_beset {
            floors(&scene, a_second).await;
            println!("  acknowledged                    {}", tell(&scene, &trades, a_second).await);
            continue;
        }
        let junk_letters =
            Arc::new(spoiled(&scene.wallet.letter(&trades[0])).map(|letter| wire(&letter, "keep-alive")));
        let every = Duration::from_secs_f64(JUNK_CONNECTIONS as f64 / junk_a_second);
        let begin = Instant::now();
        let end = begin + Duration::from_secs_f64(seconds + 1.0);
        let address = scene.server.address();
        let bringers: Vec<_> =
            (0..JUNK_CONNECTIONS).map(|_| tokio::spawn(junk(address, Arc::clone(&junk_letters), every, end))).collect();
        let beset = tell(&scene, &trades, a_second).await;
        let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
        for brought in join_all(bringers).await {
            brought
                .expect("it ended well")
                .into_iter()
                .for_each(|(status, count)| *counts.entry(status).or_default() += count);
        }
        let rate = counts.values().sum::<u64>() as f64 / begin.elapsed().as_secs_f64();
        println!("  acknowledged beside the junk    {beset}   junk {rate:.0} a second, answered {counts:?}");
        assert_eq!(counts.keys().collect::<Vec<_>>(), [&401], "nobody believes junk");
    }
    assert_eq!(scene.shop.list("/v1/orders?status=pending&limit=1").await, Vec::<Value>::new(), "every order is paid");
}

#[ignore = "a measurement of minutes: benches/notices.sh"]
#[tokio::test(flavor = "multi_thread")]
async fn how_fast_a_notice_is_acknowledged() {
    let wanted = std::env::var("WALLETS").unwrap_or_else(|_| "wechat_pay alipay unionpay".to_owned());
    for wallet in wanted.split_whitespace() {
        let row = ROWS.iter().find(|row| row.wallet == wallet && row.product == "code");
        measured(row.unwrap_or_else(|| panic!("no wallet {wallet}"))).await;
    }
}
