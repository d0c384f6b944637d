//! Webhook endpoints and what arrives there.

use serde_json::{Value, json};

use crate::harness::{API_KEY, Receiver, Server, Settings, finished, least_order, program, wait_until};

#[tokio::test]
async fn an_endpoint_is_made_listed_given_a_new_secret_and_removed() {
    let server = Server::start().await;
    let shop = server.shop();
    let asked = json!({ "url": "https://shop.example/hook", "events": ["order.paid", "attempt.created"] });
    let made = shop.post_once("one", "/v1/webhook_endpoints", &asked).await.expect(201);
    let again = shop.post_once("one", "/v1/webhook_endpoints", &asked).await.expect(201);
    assert_eq!((again.text(), again.header("idempotency-replayed")), (made.text(), "true"));
    let endpoint = made.json();
    let secret = endpoint["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let id = endpoint["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("whe_"));

    let listed = shop.list("/v1/webhook_endpoints").await;
    let mut expected = endpoint.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(listed, [expected], "the secret is shown once");
    assert_eq!((&listed[0]["status"], &listed[0]["sandbox"]), (&json!("enabled"), &json!(true)));
    assert_eq!(listed[0]["events"].as_array().unwrap().len(), 2);

    let rotate = format!("/v1/webhook_endpoints/{id}/rotate_secret");
    let rotated = shop.post_once("two", &rotate, &json!({})).await.expect(200);
    assert_eq!(shop.post_once("two", &rotate, &json!({})).await.text(), rotated.text());
    assert_ne!(rotated.json()["secret"], endpoint["secret"]);
    assert_eq!(rotated.json()["id"], endpoint["id"]);

    let remove = |path: String| shop.request(reqwest::Method::DELETE, &path);
    let path = format!("/v1/webhook_endpoints/{id}");
    assert_eq!(crate::harness::Answer::of(remove(path.clone())).await.status, 204);
    crate::harness::Answer::of(remove(path)).await.problem(404, "not_found");
    assert!(shop.list("/v1/webhook_endpoints").await.is_empty());
}

#[tokio::test]
async fn every_bad_field_of_an_endpoint_is_named() {
    let server = Server::start().await;
    let shop = server.shop();
    for (body, pointers) in [
        (json!({}), &["/url"][..]),
        (json!({ "url": 7, "events": "order.paid", "more": 1 }), &["/events", "/more", "/url"]),
        (json!({ "url": "http://10.0.0.1/", "events": ["order.payed"] }), &["/events", "/url"]),
        (json!({ "url": "https://shop.example", "events": [] }), &["/events"]),
        (json!({ "url": "http://127.0.0.1:22/" }), &["/url"]),
        (json!({ "url": "http://2130706433:8080/" }), &["/url"]),
        (json!({ "url": "https://user:secret@shop.example/" }), &["/url"]),
        (json!({ "url": "https://shop.example:8443/" }), &["/url"]),
        (json!({ "url": "https://169.254.169.254/latest/meta-data" }), &["/url"]),
    ] {
        assert_eq!(shop.post("/v1/webhook_endpoints", &body).await.bad_fields(), pointers, "{body}");
    }
}

#[tokio::test]
async fn another_merchants_endpoints_and_events_are_not_there() {
    let server = Server::start_with(Settings::two_merchants("")).await;
    let (tea, books) = (server.shop_with("key_of_the_tea_shop"), server.shop_with("key_of_the_book_shop"));
    let receiver = Receiver::start().await;
    let (id, _) = tea.endpoint(&receiver.url("/")).await;
    let (own, _) = books.endpoint(&receiver.url("/books")).await;
    let order = tea.place(&least_order()).await;
    let event = tea.history(&order).await[0]["id"].as_str().unwrap().to_owned();
    receiver.heard_at_least(1).await;
    assert_eq!(books.list("/v1/webhook_endpoints").await.len(), 1);
    books.get(&format!("/v1/webhook_endpoints/{id}/deliveries")).await.problem(404, "not_found");
    books.post_nothing(&format!("/v1/webhook_endpoints/{id}/rotate_secret")).await.problem(404, "not_found");
    books.post_nothing(&format!("/v1/events/{event}/redeliver")).await.problem(404, "not_found");
    let foreign = json!({ "endpoint_id": own });
    tea.post(&format!("/v1/events/{event}/redeliver"), &foreign).await.problem(404, "not_found");
    let remove = books.request(reqwest::Method::DELETE, &format!("/v1/webhook_endpoints/{id}"));
    crate::harness::Answer::of(remove).await.problem(404, "not_found");
    assert_eq!(receiver.heard().len(), 1);
    assert_eq!(receiver.heard()[0].path, "/");
}

#[tokio::test]
async fn events_arrive_in_order_with_the_bytes_of_the_list_and_genuine() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::start().await;
    let (id, secret) = shop.endpoint(&receiver.url("/hook?shop=7")).await;
    let order = shop.place(&least_order()).await;
    shop.ask_friend(&order, json!({})).await;
    server.pay(&shop, &order, "alipay").await;
    let history = shop.history(&order).await;
    let sent: Vec<&Value> =
        history.iter().filter(|event| !event["type"].as_str().unwrap().starts_with("attempt.")).collect();
    let heard = receiver.heard_at_least(sent.len()).await;
    let listed = shop.get("/v1/events?limit=100").await.text();
    for (heard, event) in heard.iter().zip(&sent) {
        assert_eq!(heard.event(), **event);
        assert!(listed.contains(std::str::from_utf8(&heard.body).unwrap()), "the same bytes");
        assert_eq!(heard.header("webhook-id"), event["id"].as_str().unwrap());
        assert_eq!((heard.path.as_str(), heard.header("content-type")), ("/hook?shop=7", "application/json"));
        let timestamp: i64 = heard.header("webhook-timestamp").parse().unwrap();
        assert!((crate::harness::now().as_second() - timestamp).abs() < 60);
        assert!(heard.is_signed_with(&secret), "{heard:?}");
    }
    assert_eq!(heard.len(), sent.len());
    let deliveries = wait_until(crate::harness::SOON, "all deliveries to be noted", async || {
        Some(shop.deliveries(&id).await).filter(|all| all.iter().all(|delivery| delivery["status"] == "delivered"))
    })
    .await;
    assert_eq!(deliveries.len(), sent.len());
    let oldest = deliveries.last().unwrap();
    assert_eq!((&oldest["event_type"], &oldest["tries"]), (&json!("order.created"), &json!(1)));
    assert_eq!((&oldest["last_try"]["http_status"], &oldest["last_try"]["response"]), (&json!(200), &json!("thanks")));
    assert!(oldest["last_try"]["latency_ms"].as_i64().is_some_and(|latency| (0..15_000).contains(&latency)));
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign() {
    let server = Server::start().await;
    let shop = server.shop();
    let receiver = Receiver::start().await;
    let (id, old) = shop.endpoint(&receiver.url("/")).await;
    let rotated = shop.post_nothing(&format!("/v1/webhook_endpoints/{id}/rotate_secret")).await.expect(200).json();
    shop.place(&least_order()).await;
    let heard = receiver.heard_at_least(1).await.remove(0);
    assert_eq!(heard.header("webhook-signature").split(' ').count(), 2);
    assert!(heard.is_signed_with(&old) && heard.is_signed_with(rotated["secret"].as_str().unwrap()));
    assert!(!heard.is_signed_with(&shop.endpoint("https://shop.example/").await.1), "this test can fail");
}

#[tokio::test]
async fn an_event_is_sent_again_by_the_api_and_by_the_command() {
    let server = Server::start().await;
    let shop = server.shop();
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let (id, _) = shop.endpoint(&first.url("/")).await;
    let order = shop.place(&least_order()).await;
    let event = shop.history(&order).await[0]["id"].as_str().unwrap().to_owned();
    // Sending again what is just being sent would be one delivery, not two: each has to be noted first.
    let noted = async |tries: u64| {
        wait_until(crate::harness::SOON, &format!("{tries} tries to be noted"), async || {
            let delivery = shop.deliveries(&id).await.remove(0);
            (delivery["status"] == "delivered" && delivery["tries"] == tries).then_some(())
        })
        .await;
    };
    noted(1).await;
    shop.endpoint(&second.url("/")).await;
    let path = format!("/v1/events/{event}/redeliver");
    let answer = shop.post_once("again", &path, &json!({})).await.expect(202);
    assert_eq!(answer.json()["event_id"], event);
    assert_eq!(answer.json()["endpoint_ids"].as_array().unwrap().len(), 2, "also one that was made later");
    assert_eq!(shop.post_once("again", &path, &json!({})).await.text(), answer.text());
    noted(2).await;
    second.heard_at_least(1).await;
    shop.post(&path, &json!({ "endpoint_id": id })).await.expect(202);
    noted(3).await;
    let heard = first.heard_at_least(3).await;
    assert!(heard.iter().all(|heard| heard.header("webhook-id") == event));

    let command = |key: &str, event: &str| {
        let mut command = program();
        command.args(["redeliver", event, "--server", &server.base()]).env("PAY_HANDOFF_API_KEY", key);
        finished(&mut command)
    };
    let output = command(API_KEY, &event);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains(&event));
    let heard = first.heard_at_least(4).await;
    assert!(heard.iter().all(|each| each.body == heard[0].body));
    assert_eq!(command("wrong_key_0123456789", &event).status.code(), Some(1));
    assert_eq!(command(API_KEY, "evt_00000000000000000000000000000007").status.code(), Some(1));
    assert_eq!(command(API_KEY, "ord_1").status.code(), Some(2));

    shop.post_nothing("/v1/events/evt_00000000000000000000000000000007/redeliver").await.problem(404, "not_found");
    shop.post(&path, &json!({ "endpoint": id })).await.problem(422, "invalid_request");
}

#[tokio::test]
async fn an_event_that_nobody_takes_is_not_sent_again() {
    let server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    let event = shop.history(&order).await[0]["id"].as_str().unwrap().to_owned();
    shop.post("/v1/webhook_endpoints", &json!({ "url": "https://shop.example/", "events": ["order.paid"] }))
        .await
        .expect(201);
    shop.post_nothing(&format!("/v1/events/{event}/redeliver")).await.problem(409, "no_webhook_endpoint");
}
