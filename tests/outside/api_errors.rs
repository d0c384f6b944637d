//! What is refused before anyone looks at its meaning: wrong keys, broken JSON, large bodies, things that are not there.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Settings, least_order};

const UNKNOWN_ID: &str = "019ae0c11111711181111111111111fe";

#[tokio::test]
async fn a_call_without_the_right_key_is_unauthorized() {
    let server = Server::start().await;
    let shop = server.shop();
    let key = crate::harness::API_KEY;
    let wrong = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer wrong".into(),
        format!("Basic {key}"),
        key.to_owned(),
        format!("Bearer {key}x"),
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {}", key.to_uppercase()),
        format!("Bearer {key} {key}"),
    ];
    for authorization in &wrong {
        let request =
            shop.anonymous(Method::POST, "/v1/orders").header("authorization", authorization).json(&least_order());
        Answer::of(request).await.problem(401, "unauthorized");
    }
    Answer::of(shop.anonymous(Method::POST, "/v1/orders").json(&least_order())).await.problem(401, "unauthorized");
    for path in
        ["/v1/orders", "/v1/events", &format!("/v1/orders/ord_{UNKNOWN_ID}"), "/v1/handoff?wallet=alipay&user_agent=x"]
    {
        Answer::of(shop.anonymous(Method::GET, path)).await.problem(401, "unauthorized");
    }
    assert_eq!(shop.list("/v1/orders").await, Vec::<Value>::new(), "nothing was made");
}

#[tokio::test]
async fn malformed_json_is_told_from_wrong_fields() {
    let server = Server::start().await;
    let shop = server.shop();
    let whole = least_order().to_string();
    let mut broken = vec![
        b"{".to_vec(),
        b"nul".to_vec(),
        b"{\"amount\":1,}".to_vec(),
        b"{'amount':1}".to_vec(),
        b"{\"amount\":01}".to_vec(),
        format!("{whole}{whole}").into_bytes(),
        format!("{whole}x").into_bytes(),
        b"{\"subject\":\"\xff\xfe\"}".to_vec(),
        b"{\"subject\":\"a\nb\"}".to_vec(),
        b"{\"subject\":\"\\ud800\"}".to_vec(),
        b"{\"amount\":NaN}".to_vec(),
        b"amount=1".to_vec(),
    ];
    broken.push([b"\xef\xbb\xbf".to_vec(), b"{\"amount\"".to_vec()].concat());
    for cut in [1, whole.len() / 2, whole.len() - 1] {
        broken.push(whole.as_bytes()[..cut].to_vec());
    }
    for body in broken {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let request = shop.request(Method::POST, "/v1/orders").header("content-type", "application/json").body(body);
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        answer.problem(400, "malformed_json");
    }
    for body in ["[]", "5", "\"x\"", "true", "[{}]"] {
        let answer = shop.post_text("/v1/orders", body).await;
        assert_eq!(answer.status, 422, "JSON, but not an object: {body}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_json_nested_without_end_does_no_harm() {
    let server = Server::start().await;
    let shop = server.shop();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 60_000 / (open.len() + close.len()) - 1;
        let body = format!("{}0{}", open.repeat(depth), close.repeat(depth));
        let answer = shop.post_text("/v1/orders", &body).await;
        assert!(matches!(answer.status, 400 | 422), "{}", answer.status);
        answer.problem(answer.status, "");
    }
    shop.place(&least_order()).await;
}

#[tokio::test]
async fn a_key_that_stands_twice_is_refused_at_any_depth() {
    let server = Server::start().await;
    let shop = server.shop();
    let with = |more: &str| least_order().to_string().replacen('{', &format!("{{{more},"), 1);
    for more in [
        "\"amount\":12900",
        "\"amount\":1",
        "\"\\u0061mount\":1",
        "\"metadata\":{\"a\":\"1\",\"a\":\"1\"}",
        "\"metadata\":{},\"metadata\":{}",
        "\"new\":{\"a\":1,\"a\":2}",
    ] {
        let answer = shop.post_text("/v1/orders", &with(more)).await;
        assert_eq!(answer.status, 422, "{more}: {}", answer.text());
        answer.problem(422, "");
    }
    assert_eq!(shop.list("/v1/orders").await, Vec::<Value>::new(), "nothing was made");
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_not_one_byte_more() {
    let server = Server::start().await;
    let shop = server.shop();
    let padded = |length: usize| {
        let order = least_order().to_string();
        order.clone() + &" ".repeat(length - order.len())
    };
    shop.post_text("/v1/orders", &padded(65_536)).await.expect(201);
    shop.post_text("/v1/orders", &padded(65_537)).await.problem(413, "");
    shop.post_text("/v1/orders", &padded(1_000_000)).await.problem(413, "");
    let chunks = vec![Ok::<_, std::io::Error>(vec![b' '; 40_000]), Ok(vec![b' '; 30_000])];
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    Answer::of(shop.request(Method::POST, "/v1/orders").body(body)).await.problem(413, "");
}

#[tokio::test]
async fn another_merchants_things_are_not_there() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let (tea, books) = (server.shop_with("key_of_the_tea_shop"), server.shop_with("key_of_the_book_shop"));
    let order = tea.place(&least_order()).await;
    let link = tea.ask_friend(&order, json!({})).await;
    let payer = server.browser();
    payer.begin(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
    server.play(&tea, &order, "paid_wrong_amount").await;
    let payment = crate::harness::wait_until(crate::harness::SOON, "the payment", async || {
        tea.attempts(&order).await[0]["payments"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let id = order["id"].as_str().unwrap();
    let link_id = link["id"].as_str().unwrap();
    for (method, path, body) in [
        (Method::GET, format!("/v1/orders/{id}"), Value::Null),
        (Method::GET, format!("/v1/orders/{id}/attempts"), Value::Null),
        (Method::GET, format!("/v1/orders/{id}/events"), Value::Null),
        (Method::GET, format!("/v1/orders/{id}/refunds"), Value::Null),
        (Method::GET, format!("/v1/orders/{id}/friend_links"), Value::Null),
        (Method::POST, format!("/v1/orders/{id}/cancel"), json!({})),
        (Method::POST, format!("/v1/orders/{id}/extend"), json!({ "expires_in": 900 })),
        (Method::POST, format!("/v1/orders/{id}/refunds"), json!({})),
        (Method::POST, format!("/v1/orders/{id}/friend_links"), json!({})),
        (Method::POST, format!("/v1/friend_links/{link_id}/revoke"), json!({})),
        (Method::POST, format!("/v1/payments/{payment}/refund"), json!({})),
    ] {
        let ask = async |path: &str| {
            let mut request = books.request(method.clone(), path);
            if method == Method::POST {
                request = request.json(&body);
            }
            Answer::of(request).await.problem(404, "")
        };
        let mut foreign = ask(&path).await;
        let hex = path.split(['/', '_']).find(|part| part.len() == 32).unwrap_or_default().to_owned();
        assert_eq!(hex.len(), 32, "{path}");
        let mut missing = ask(&path.replace(&hex, UNKNOWN_ID)).await;
        foreign["request_id"] = Value::Null;
        missing["request_id"] = Value::Null;
        let blank = |problem: &Value| problem.to_string().replace(&hex, "").replace(UNKNOWN_ID, "");
        assert_eq!(blank(&foreign), blank(&missing), "{path}: a stranger cannot tell foreign from missing");
    }
    assert_eq!(tea.order(&order).await["status"], "pending");
    assert_eq!(books.list("/v1/orders").await, Vec::<Value>::new());
    assert_eq!(books.list("/v1/events").await, Vec::<Value>::new());
}

#[tokio::test]
async fn identifiers_of_another_form_are_not_found() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let id = order["id"].as_str().unwrap();
    let hex = &id[4..];
    for wrong in [
        hex.to_owned(),
        format!("evt_{hex}"),
        id.to_uppercase(),
        format!("{id}0"),
        "ord_".into(),
        "ord_zz".into(),
        "%00".into(),
        "ord_%27".into(),
        "..%2f..".into(),
    ] {
        shop.get(&format!("/v1/orders/{wrong}")).await.problem(404, "");
    }
    shop.get("/v1/nothing").await.problem(404, "");
    let answer = Answer::of(shop.request(Method::DELETE, &format!("/v1/orders/{id}"))).await;
    assert!(matches!(answer.status, 404 | 405), "{}", answer.status);
    answer.problem(answer.status, "");
    shop.get(&format!("/v1/orders/{id}")).await.expect(200);
}

#[tokio::test]
async fn bad_query_parameters_are_400() {
    let server = Server::start().await;
    let shop = server.shop();
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=abc",
        "limit=",
        "limit=1.5",
        "cursor=nonsense",
        "cursor=%00",
        "status=unknown",
        "status=PAID",
        "created_after=yesterday",
        "created_before=2026-13-01T00:00:00Z",
        "created_after=1700000000",
    ] {
        let answer = shop.get(&format!("/v1/orders?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        answer.problem(400, "");
    }
    for query in ["limit=0", "limit=101", "type=nonsense", "after=nonsense"] {
        let answer = shop.get(&format!("/v1/events?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
    for query in ["limit=1", "limit=100", "status=pending", "created_after=2026-01-01T00:00:00Z"] {
        shop.get(&format!("/v1/orders?{query}")).await.expect(200);
    }
}

#[tokio::test]
async fn every_error_has_a_request_id_of_its_own() {
    let server = Server::start().await;
    let shop = server.shop();
    let mut seen = HashSet::new();
    for _ in 0..10 {
        let problem = shop.get(&format!("/v1/orders/ord_{UNKNOWN_ID}")).await.problem(404, "");
        assert!(seen.insert(problem["request_id"].as_str().unwrap().to_owned()), "seen before: {problem}");
    }
}

#[tokio::test]
async fn a_merchant_on_loopback_is_never_told_to_slow_down() {
    let server = Server::start().await;
    let shop = server.shop();
    for _ in 0..500 {
        shop.get("/v1/orders?limit=1").await.expect(200);
    }
}
