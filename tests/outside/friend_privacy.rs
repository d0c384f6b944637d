//! Who sees what: whatever an order holds, nothing a friend can fetch tells more than the contract's list.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, SOON, Server, Shop, least_order, path_of, read_codes, read_picture};

/// What a shop and a buyer may have written into an order; each word is one that no page has by itself.
#[derive(Clone, Debug)]
struct Secrets {
    number: String,
    metadata: Vec<(String, String)>,
    return_path: String,
    other_requester: String,
    other_message: String,
    phase: Phase,
}

/// How far the order has come when the friend looks.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Pending,
    PaidByBuyer,
    PaidByOtherFriend,
    PaidByThisFriend,
    Refunded,
    Cancelled,
}

/// A word that stands on no page by chance.
fn canary() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]{9}".prop_map(|word| format!("Zq{word}"))
}

/// How every number ends here: six letters, of which that is as true.
const TAIL: &str = "QX7JZK";

fn secrets() -> impl Strategy<Value = Secrets> {
    use Phase::{Cancelled, PaidByBuyer, PaidByOtherFriend, PaidByThisFriend, Pending, Refunded};
    let phase = prop::sample::select(vec![
        Pending,
        Pending,
        PaidByBuyer,
        PaidByOtherFriend,
        PaidByThisFriend,
        Refunded,
        Cancelled,
    ]);
    let metadata = prop::collection::vec((canary(), canary()), 0..4);
    (canary(), metadata, canary(), canary(), canary(), phase).prop_map(
        |(number, metadata, return_path, other_requester, other_message, phase)| Secrets {
            number: number + TAIL,
            metadata,
            return_path,
            other_requester,
            other_message,
            phase,
        },
    )
}

/// Everything that the friend's browser got.
struct Seen {
    answers: Vec<Answer>,
    streamed: Vec<Value>,
}

async fn look_everywhere(friend: &Browser, page: &str, attempt: &str) -> Seen {
    let mut answers = Vec::new();
    for part in [
        "",
        "?locale=en",
        "?reported=1",
        "/status",
        "/qr.png",
        "/qr.svg",
        "/card.png",
        "/card.png?wallet=unionpay&locale=en&download=1",
        "/qr.png?download=1",
        "/guide/wechat_pay",
        "/guide/alipay?locale=en",
        "/guide/unionpay",
        "/guide/paypal",
        "/nothing",
    ] {
        answers.push(friend.get(&format!("{page}{part}")).await);
    }
    for part in ["", "/qr.png", "/card.png", "/card.png?locale=en"] {
        answers.push(friend.get(&format!("{attempt}{part}")).await);
    }
    for (part, form) in
        [("/attempts", ("wallet", "paypal")), ("/cancel", ("x", "y")), ("/friend_links", ("requester", "x"))]
    {
        answers.push(friend.post_form(&format!("{page}{part}"), &[form]).await);
    }
    let robot = friend.request(reqwest::Method::GET, page).header("user-agent", "WhatsApp/2.24.20.89 A");
    answers.push(Answer::of(robot).await);
    let mut stream = friend.watch(page, None).await;
    let streamed = vec![stream.next(SOON).await.expect("the present state").data];
    Seen { answers, streamed }
}

impl Seen {
    /// Where this word was told, in whatever part of an answer.
    fn tells(&self, word: &str) -> Option<String> {
        let in_answer = |answer: &&Answer| {
            let headers = format!("{:?}", answer.headers);
            let body = answer.body.windows(word.len()).any(|part| part == word.as_bytes());
            body || headers.contains(word)
        };
        let answer = self.answers.iter().find(in_answer).map(|answer| answer.asked.clone());
        answer.or_else(|| self.streamed.iter().find(|news| news.to_string().contains(word)).map(Value::to_string))
    }
}

/// The kinds of chunks of a PNG.
fn chunks(png: &[u8]) -> Vec<String> {
    let mut rest = &png[8..];
    let mut kinds = Vec::new();
    while rest.len() >= 12 {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        kinds.push(String::from_utf8_lossy(&rest[4..8]).into_owned());
        rest = &rest[12 + length..];
    }
    kinds
}

async fn bring_to(
    phase: Phase,
    server: &Server,
    shop: &Shop,
    order: &Value,
    others: &str,
    friend: &Browser,
    page: &str,
) {
    let id = order["id"].as_str().unwrap();
    match phase {
        Phase::Pending => return,
        Phase::Cancelled => {
            shop.post_nothing(&format!("/v1/orders/{id}/cancel")).await.expect(200);
            return;
        }
        Phase::PaidByBuyer | Phase::Refunded => {
            drop(server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await)
        }
        Phase::PaidByOtherFriend => drop(server.browser().begin(others, "unionpay").await),
        Phase::PaidByThisFriend => drop(friend.begin(page, "wechat_pay").await),
    }
    server.play(shop, order, "paid").await;
    server.await_status(shop, order, "paid").await;
    if matches!(phase, Phase::Refunded) {
        shop.post(&format!("/v1/orders/{id}/refunds"), &json!({})).await.expect(201);
        server.await_status(shop, order, "refunded").await;
    }
}

async fn a_friend_learns_only_what_is_on_the_list(server: &Server, secrets: &Secrets) {
    let shop = server.shop();
    let metadata: serde_json::Map<String, Value> =
        secrets.metadata.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    let order = shop
        .place_with(json!({
            "merchant_order_no": secrets.number, "metadata": metadata, "amount": 54_321, "subject": "看得见的茶",
            "return_url": format!("http://127.0.0.1:9/{}", secrets.return_path),
        }))
        .await;
    let words = json!({ "requester": secrets.other_requester, "message": secrets.other_message });
    let other = shop.ask_friend(&order, words).await;
    let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "看得见的话" })).await;
    let page = path_of(link["url"].as_str().unwrap());
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    let friend = server.browser();
    let attempt = friend.begin_code(&page, "alipay").await;
    bring_to(secrets.phase, server, &shop, &order, other["url"].as_str().unwrap(), &friend, &page).await;
    let seen = look_everywhere(&friend, &page, &attempt).await;

    let own_attempts: Vec<String> = shop
        .attempts(&order)
        .await
        .iter()
        .filter(|one| one["friend_link_id"] == link["id"])
        .flat_map(|one| [one["id"].clone(), one["trade_no"].clone()])
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    let mut private: Vec<String> = vec![
        secrets.number.clone(),
        secrets.return_path.clone(),
        secrets.other_requester.clone(),
        secrets.other_message.clone(),
        order["id"].as_str().unwrap()[4..].to_owned(),
        link["id"].as_str().unwrap()[4..].to_owned(),
        other["id"].as_str().unwrap()[4..].to_owned(),
        path_of(order["checkout_url"].as_str().unwrap())[3..].to_owned(),
        path_of(order["qr"]["payload"].as_str().unwrap())[3..].to_owned(),
        path_of(other["url"].as_str().unwrap())[3..].to_owned(),
        TAIL.to_owned(),
    ];
    private.extend(secrets.metadata.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
    for one in shop.attempts(&order).await {
        let words = [one["id"].as_str().unwrap()[4..].to_owned(), one["trade_no"].as_str().unwrap().to_owned()];
        private.extend(words.into_iter().filter(|word| !own_attempts.iter().any(|own| own.contains(word.as_str()))));
    }
    for word in &private {
        assert_eq!(seen.tells(word), None, "{word} of {secrets:?}");
    }
    for news in seen.streamed.iter().cloned().chain([friend.status(&page).await]) {
        for (field, _) in news.as_object().unwrap() {
            let listed = ["status", "seq", "expires_at", "final", "link_status", "held_until"];
            assert!(listed.contains(&field.as_str()), "the status tells {field}");
        }
    }
    for picture in
        seen.answers.iter().filter(|answer| answer.header("content-type") == "image/png" && !answer.body.is_empty())
    {
        let unexpected: Vec<String> = chunks(&picture.body)
            .into_iter()
            .filter(|kind| !["IHDR", "PLTE", "IDAT", "IEND"].contains(&kind.as_str()))
            .collect();
        assert!(unexpected.is_empty(), "{} has {unexpected:?}", picture.asked);
        let own_code = picture.asked.contains("/attempts/");
        for text in read_codes(&read_picture(&picture.body)) {
            assert!(own_code || text == link["url"], "{} holds {text}", picture.asked);
        }
    }
}

#[test]
fn nothing_that_a_friend_can_fetch_tells_more_than_the_list() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(12).min(400);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&secrets(), |secrets| {
        runtime.block_on(a_friend_learns_only_what_is_on_the_list(&server, &secrets));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// The friend's card of an order with these private fields, and when its link ends.
async fn card_of(shop: &Shop, friend: &Browser, private: &str) -> (Vec<u8>, Value, String) {
    let order = shop
        .place_with(json!({
            "merchant_order_no": private, "metadata": { "private": private }, "subject": "青瓷茶壶", "amount": 12900,
            "return_url": format!("http://127.0.0.1:9/{private}"),
        }))
        .await;
    let link = shop.ask_friend(&order, json!({ "requester": private, "message": private, "expires_in": 3600 })).await;
    let url = link["url"].as_str().unwrap().to_owned();
    (friend.get(&format!("{url}/card.png")).await.expect(200).body, link["expires_at"].clone(), url)
}

#[tokio::test]
async fn two_cards_for_friends_differ_in_their_code_and_in_nothing_else() {
    let server = Server::start().await;
    let (shop, friend) = (server.shop(), server.browser());
    let minute = |time: &Value| time.as_str().unwrap()[..16].to_owned();
    for round in 0..10 {
        let (first, first_end, url) = card_of(&shop, &friend, &format!("FIRST-{round}")).await;
        let (second, second_end, _) = card_of(&shop, &friend, &format!("another-{round}-Zq")).await;
        if minute(&first_end) != minute(&second_end) {
            continue; // The cards tell the minute of their end.
        }
        let grey = |png: &[u8]| image::load_from_memory(png).unwrap().to_luma8();
        let (first, second) = (grey(&first), grey(&second));
        assert_eq!(first.dimensions(), second.dimensions());
        let differing: Vec<(u32, u32)> = first
            .enumerate_pixels()
            .filter(|(x, y, pixel)| second.get_pixel(*x, *y) != *pixel)
            .map(|(x, y, _)| (x, y))
            .collect();
        let (left, right) =
            (differing.iter().map(|at| at.0).min().unwrap(), differing.iter().map(|at| at.0).max().unwrap());
        let (top, bottom) =
            (differing.iter().map(|at| at.1).min().unwrap(), differing.iter().map(|at| at.1).max().unwrap());
        // A code's corners are alike in all codes, so what differs lies inside it: it has almost a code's shape, and is one.
        let margin = ((right - left) / 3).min(left).min(top);
        let (width, height) = (right - left + 2 * margin, bottom - top + 2 * margin);
        let cut = image::imageops::crop_imm(&first, left - margin, top - margin, width, height);
        assert_eq!(read_codes(&cut.to_image().into()), [url]);
        assert!(
            (right - left).abs_diff(bottom - top) * 10 < right - left,
            "{left}…{right} × {top}…{bottom} is no square"
        );
        return;
    }
    panic!("no two cards were made within one minute");
}

#[tokio::test]
async fn a_link_that_has_ended_says_so_and_nothing_more() {
    let server = Server::start().await;
    let shop = server.shop();
    for end in ["cancelled", "paid by the buyer", "declined"] {
        let order = shop.place(&least_order()).await;
        let link = shop.ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下" })).await;
        let page = path_of(link["url"].as_str().unwrap());
        match end {
            "cancelled" => {
                shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
            }
            "declined" => assert_eq!(server.browser().post_form(&format!("{page}/decline"), &[]).await.status, 303),
            _ => server.pay(&shop, &order, "alipay").await,
        }
        for path in [page.clone(), format!("{page}/guide/alipay")] {
            let shown = server.browser().get(&path).await.expect(200).text();
            for word in ["小林", "帮我付一下", "青瓷茶壶", "129.00", "/qr.png", "/attempts", "<form"] {
                assert!(!shown.contains(word), "{end}: {path} still tells {word}");
            }
        }
    }
}
