//! Crashes while notices come in: whichever was acknowledged is recorded right after the restart. The wallet, asked, says that nothing was
//! paid, so that nothing but the notice can have brought the fact.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Server, Shop, drawn, least_order};
use crate::pretended::{Letter, SHOP_KEY};
use crate::wechat::notice::body_of;
use crate::wechat::{Gateway, Notice, live_merchant};
use crate::{Kill, chosen};

/// The points that a notice passes on its way to its acknowledgement.
const POINTS: [&str; 6] =
    ["settle.before", "commit.before", "commit.after", "answer.after", "settle.after", "notice.acknowledge"];
/// How many notices are on their way in a round; one address may begin no more payments in a second.
const NOTICES: u64 = 16;
/// Every so many notices, one is of a trade that nobody here began.
const STRAYS: u64 = 4;
/// How many kills one installation goes through: its strays are listed in every round.
const KILLS_OF_ONE: usize = 25;
/// How many come at once.
const AT_ONCE: usize = 4;
/// A program that has not come to its point by then is killed anyhow.
const LONGEST_ROUND: Duration = Duration::from_secs(6);

/// A payment of which the wallet tells, and which it denies when asked.
struct Told {
    trade_no: String,
    transaction: String,
    /// The order it is for; none for a stray.
    order: Option<serde_json::Value>,
    letter: Letter,
}

async fn told(gateway: &Gateway, server: &Server, shop: &Shop, is_stray: bool) -> Told {
    let order = shop.place(&least_order()).await;
    server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    let begun = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    let url = gateway.notify_url(&begun);
    let transaction = gateway.pay_silently(&begun);
    let mut paid = gateway.book(|book| {
        let paid = book.describe(&begun).unwrap();
        book.trades.get_mut(&begun).unwrap().state = "NOTPAY".to_owned();
        paid
    });
    if !is_stray {
        return Told {
            letter: Notice::genuine(&body_of(&paid)).to(&url),
            trade_no: begun,
            transaction,
            order: Some(order),
        };
    }
    let trade_no: String = begun.chars().rev().collect();
    paid["out_trade_no"] = json!(trade_no);
    Told { letter: Notice::genuine(&body_of(&paid)).to(&url), trade_no, transaction, order: None }
}

/// Delivers a letter. Nothing when the connection broke.
async fn acknowledged(client: &reqwest::Client, letter: &Letter) -> Option<u16> {
    let head = letter.head.iter();
    let request = head.fold(client.post(&letter.url), |request, (name, value)| request.header(name, value));
    Some(request.body(letter.body.clone()).send().await.ok()?.status().as_u16())
}

/// Every point at its first passage, then points at drawn passages and drawn moments in turn.
fn kill_of(seed: u64, round: u64) -> Kill {
    if let Some(point) = usize::try_from(round).ok().and_then(|round| POINTS.get(round)) {
        return Kill::At(point, 1);
    }
    if drawn(seed, round + 1, 3) == 0 {
        return Kill::After(Duration::from_millis(drawn(seed, round + 2, 60)));
    }
    let point = usize::try_from(drawn(seed, round + 3, POINTS.len() as u64)).unwrap();
    Kill::At(POINTS[point], 1 + drawn(seed, round + 4, NOTICES))
}

/// It is recorded where it belongs, once, and the wallet cannot have been asked.
async fn is_recorded(shop: &Shop, audit: &str, told: &Told, when: &str) {
    let Told { trade_no, transaction, order, .. } = told;
    let Some(order) = order else {
        let line = audit.lines().find(|line| line.starts_with("finding: stray") && line.contains(trade_no.as_str()));
        assert!(line.is_some_and(|line| line.contains(transaction.as_str())), "{when}: the stray is lost: {audit}");
        return;
    };
    let payments = shop.attempts(order).await[0]["payments"].clone();
    let known: Vec<_> =
        payments.as_array().unwrap().iter().map(|each| (&each["transaction_id"], &each["result"])).collect();
    assert_eq!(known, [(&json!(transaction), &json!("winner"))], "{when}: an acknowledged notice is forgotten");
    assert_eq!(shop.order(order).await["status"], "paid", "{when}");
}

/// What all rounds together did.
#[derive(Default)]
struct Tally {
    acknowledged: usize,
    strays: usize,
    at_points: usize,
    again: usize,
}

async fn round(gateway: &Gateway, server: &mut Server, seed: u64, number: u64, tally: &mut Tally) {
    let shop = server.shop_with(SHOP_KEY);
    let mut all = Vec::new();
    for notice in 0..NOTICES {
        all.push(told(gateway, server, &shop, notice % STRAYS == 1).await);
    }
    let kill = kill_of(seed, number);
    let mut variables = live_merchant(gateway).variables;
    if let Kill::At(name, passage) = kill {
        variables.push(("DRILL_CRASH_AT".to_owned(), format!("{name}:{passage}")));
    }
    server.restart_with(variables).await;
    let all = Arc::new(all);
    let (next, heard) = (Arc::new(Mutex::new(0..all.len())), Arc::new(Mutex::new(Vec::new())));
    let began = Instant::now();
    let bringers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (all, next, heard) = (Arc::clone(&all), Arc::clone(&next), Arc::clone(&heard));
            tokio::spawn(async move {
                let client = reqwest::Client::builder().no_proxy().build().expect("a client");
                loop {
                    let Some(place) = next.lock().unwrap().next() else { return };
                    let Some(status) = acknowledged(&client, &all[place].letter).await else { return };
                    assert_eq!(status, 200);
                    heard.lock().unwrap().push(place);
                }
            })
        })
        .collect();
    let is_over = || bringers.iter().all(tokio::task::JoinHandle::is_finished);
    let limit = if let Kill::After(limit) = kill { limit } else { LONGEST_ROUND };
    while server.end().is_none() && began.elapsed() < limit && !is_over() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tally.at_points += usize::from(server.end().is_some());
    server.kill();
    for bringer in bringers {
        bringer.await.unwrap_or_else(|error| panic!("round {number} of seed {seed}: {error}"));
    }
    server.restart_with(live_merchant(gateway).variables).await;
    let (shop, when) = (server.shop_with(SHOP_KEY), format!("round {number} of seed {seed}"));
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let audit = server.audit().1;
    assert!(audit.contains("books balance"), "{when}: {audit}");
    for place in &heard {
        is_recorded(&shop, &audit, &all[*place], &when).await;
    }
    tally.acknowledged += heard.len();
    tally.strays += heard.iter().filter(|place| all[**place].order.is_none()).count();
    // What was not acknowledged comes again, as a wallet would send it, and then counts once.
    let rest: Vec<&Told> =
        all.iter().enumerate().filter(|(place, _)| !heard.contains(place)).map(|(_, told)| told).collect();
    for told in &rest {
        told.letter.deliver().await.expect(200);
    }
    for told in rest.iter().filter(|told| told.order.is_some()) {
        is_recorded(&shop, &audit, told, &when).await;
    }
    tally.again += rest.len();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_notice_is_recorded_after_the_crash_though_its_wallet_denies_it_when_asked() {
    let seed = chosen("PAY_HANDOFF_CRASH_SEED", 0x5eed);
    let rounds = chosen("PAY_HANDOFF_NOTICE_CRASHES", 20);
    let mut tally = Tally::default();
    for first in (0..rounds).step_by(KILLS_OF_ONE) {
        let gateway = Gateway::open().await;
        let mut server = Server::start_with(live_merchant(&gateway)).await;
        for number in first..rounds.min(first + KILLS_OF_ONE as u64) {
            round(&gateway, &mut server, seed, number, &mut tally).await;
        }
    }
    let Tally { acknowledged, strays, at_points, again } = tally;
    assert!(acknowledged > strays && strays > 0 && again > 0 && at_points > 0, "the load did too little");
    println!(
        "seed {seed}, {rounds} kills, {at_points} of them at named points: {acknowledged} notices acknowledged ({strays} of no order), none \
         lost; {again} came again"
    );
}
