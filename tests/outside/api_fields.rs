//! `POST /v1/orders`, field by field, at and beyond every border.

use serde_json::{Value, json};

use crate::harness::{Server, Settings, Shop, least_order, seconds_between};

/// Places an order with one field set to each value, and insists that each is taken. Returns the orders.
async fn takes(shop: &Shop, field: &str, values: &[Value]) -> Vec<Value> {
    let mut orders = Vec::new();
    for value in values {
        let mut order = least_order();
        order[field] = value.clone();
        let answer = shop.post("/v1/orders", &order).await;
        assert_eq!(answer.status, 201, "{field} = {value}: {}", answer.text());
        orders.push(answer.json());
    }
    orders
}

/// Places an order with one field set to each value, and insists that each is refused in that field's name alone.
async fn refuses(shop: &Shop, field: &str, values: &[Value]) {
    for value in values {
        let mut order = least_order();
        order[field] = value.clone();
        let answer = shop.post("/v1/orders", &order).await;
        assert_eq!(answer.status, 422, "{field} = {value}: {}", answer.text());
        let pointers = answer.bad_fields();
        let of_this_field =
            |pointer: &String| *pointer == format!("/{field}") || pointer.starts_with(&format!("/{field}/"));
        assert!(!pointers.is_empty() && pointers.iter().all(of_this_field), "{field} = {value}: {pointers:?}");
    }
}

#[tokio::test]
async fn the_least_order_gets_every_default() {
    let server = Server::start().await;
    let asked = least_order();
    let order = server.shop().place(&asked).await;
    let names: Vec<&str> = order.as_object().unwrap().keys().map(String::as_str).collect();
    for name in [
        "id",
        "merchant_order_no",
        "status",
        "sandbox",
        "amount",
        "currency",
        "subject",
        "wallets",
        "created_at",
        "expires_at",
        "paid_at",
        "paid_with",
        "paid_by",
        "amount_refunded",
        "return_url",
        "locale",
        "metadata",
        "checkout_url",
        "qr",
    ] {
        assert!(names.contains(&name), "{name} is missing: {order}");
    }
    assert_eq!(names.len(), 19, "{order}");
    assert!(order["id"].as_str().unwrap().starts_with("ord_"));
    assert_eq!(order["merchant_order_no"], asked["merchant_order_no"]);
    assert_eq!(order["status"], "pending");
    assert_eq!(order["sandbox"], true);
    assert_eq!((&order["amount"], &order["currency"]), (&json!(12900), &json!("CNY")));
    assert_eq!(order["subject"], "青瓷茶壶");
    assert_eq!(order["wallets"], json!(["wechat_pay", "alipay", "unionpay"]));
    assert_eq!(seconds_between(&order["created_at"], &order["expires_at"]), 900);
    for name in ["paid_at", "paid_with", "paid_by", "return_url", "locale"] {
        assert_eq!(order[name], Value::Null, "{name}");
    }
    assert_eq!(order["amount_refunded"], 0);
    assert_eq!(order["metadata"], json!({}));
}

#[tokio::test]
async fn addresses_are_built_from_two_different_tokens_at_the_public_address() {
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let token_of = |address: &Value, page: &str| {
        let address = address.as_str().unwrap();
        let token = address.strip_prefix(&format!("{}/{page}/", server.base())).unwrap_or_else(|| panic!("{address}"));
        assert_eq!(token.len(), 22, "128 bits in base64url: {address}");
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')), "{address}");
        token.to_owned()
    };
    let checkout = token_of(&order["checkout_url"], "c");
    let scan = token_of(&order["qr"]["payload"], "s");
    assert_ne!(checkout, scan);
    let payload = order["qr"]["payload"].as_str().unwrap();
    assert_eq!(order["qr"]["png_url"], format!("{payload}/qr.png"));
    assert_eq!(order["qr"]["svg_url"], format!("{payload}/qr.svg"));
    assert_eq!(order["qr"]["card_url"], format!("{payload}/card.png"));
}

#[tokio::test]
async fn the_picture_inside_the_answer_holds_the_lasting_address() {
    use base64::Engine as _;
    let server = Server::start().await;
    let order = server.shop().place(&least_order()).await;
    let data_url = order["qr"]["png_data_url"].as_str().unwrap();
    let base64 = data_url.strip_prefix("data:image/png;base64,").expect("a PNG data URL");
    let png = base64::engine::general_purpose::STANDARD.decode(base64).expect("base64");
    let codes = crate::harness::read_codes(&crate::harness::read_picture(&png));
    assert_eq!(codes, [order["qr"]["payload"].as_str().unwrap()]);
}

#[tokio::test]
async fn an_amount_is_a_whole_number_of_minor_units_within_its_range() {
    let server = Server::start().await;
    let shop = server.shop();
    let orders = takes(&shop, "amount", &[json!(1), json!(99_999_999_999_i64)]).await;
    assert_eq!(orders[1]["amount"], 99_999_999_999_i64);
    let wrong = [
        json!(0),
        json!(-1),
        json!(100_000_000_000_i64),
        json!(1.5),
        json!("1"),
        json!(true),
        Value::Null,
        json!([1]),
        json!({"value": 1}),
        json!(u64::MAX),
        json!(i64::MIN),
    ];
    refuses(&shop, "amount", &wrong).await;
    // Numbers that a JSON library might quietly bring to a whole number.
    for number in
        ["1.0", "1e2", "12900.0", "-0", "-0.0", "1E0", "18446744073709551616", "1e400", "99999999999999999999999999"]
    {
        let text = least_order().to_string().replace("12900", number);
        assert!(text.contains(number));
        let answer = shop.post_text("/v1/orders", &text).await;
        assert_eq!(answer.status, 422, "{number}: {}", answer.text());
        assert_eq!(answer.bad_fields(), ["/amount"], "{number}");
    }
}

#[tokio::test]
async fn only_the_currency_of_todays_wallets_is_taken() {
    let server = Server::start().await;
    let shop = server.shop();
    takes(&shop, "currency", &[json!("CNY")]).await;
    refuses(&shop, "currency", &[json!("USD"), json!("cny"), json!(""), json!("CNYY"), json!(156), json!(true)]).await;
}

#[tokio::test]
async fn a_merchant_order_number_is_1_to_64_plain_characters() {
    let server = Server::start().await;
    let shop = server.shop();
    takes(&shop, "merchant_order_no", &[json!("x"), json!("A-Za-z0-9_-"), json!("9".repeat(64))]).await;
    let wrong = [
        json!(""),
        json!("9".repeat(65)),
        json!("a b"),
        json!("a.b"),
        json!("a/b"),
        json!("é"),
        json!("订单"),
        json!(" a"),
        json!("a\n"),
        json!("a\u{0}"),
        json!(17),
        Value::Null,
        json!(["a"]),
    ];
    refuses(&shop, "merchant_order_no", &wrong).await;
}

#[tokio::test]
async fn a_subject_is_trimmed_normalised_counted_in_characters_and_free_of_deceit() {
    let server = Server::start().await;
    let shop = server.shop();
    let longest = "茶".repeat(127);
    let right = [
        json!("a"),
        json!(longest),
        json!(format!("  {longest}\u{3000} ")),
        json!("e\u{301}".repeat(127)),
        json!("🍵 <b>&amp;</b> \"'"),
    ];
    let orders = takes(&shop, "subject", &right).await;
    assert_eq!(orders[2]["subject"], longest, "trimmed");
    assert_eq!(orders[3]["subject"], "é".repeat(127), "brought to NFC");
    assert_eq!(orders[4]["subject"], "🍵 <b>&amp;</b> \"'", "words stay as they are");
    let wrong = [
        json!(""),
        json!("   "),
        json!("茶".repeat(128)),
        json!("a\nb"),
        json!("a\u{0}b"),
        json!("a\tb"),
        json!("a\u{7f}b"),
        json!("a\u{85}b"),
        json!("a\u{202e}b"),
        json!("a\u{2066}b"),
        json!("a\u{202a}b"),
        json!(5),
        Value::Null,
        json!({}),
    ];
    refuses(&shop, "subject", &wrong).await;
}

#[tokio::test]
async fn wallets_are_some_of_those_that_the_merchant_has() {
    let server = Server::start().await;
    let shop = server.shop();
    let orders = takes(
        &shop,
        "wallets",
        &[json!(["wechat_pay"]), json!(["alipay"]), json!(["unionpay"]), json!(["wechat_pay", "alipay"])],
    )
    .await;
    assert_eq!(orders[3]["wallets"], json!(["wechat_pay", "alipay"]));
    let wrong = [
        json!([]),
        json!(["paypal"]),
        json!(["wechat_pay", "paypal"]),
        json!(["Alipay"]),
        json!([1]),
        json!("alipay"),
        json!({}),
    ];
    refuses(&shop, "wallets", &wrong).await;
}

#[tokio::test]
async fn an_order_lives_from_a_minute_to_a_week() {
    let server = Server::start().await;
    let shop = server.shop();
    for (order, seconds) in takes(&shop, "expires_in", &[json!(60), json!(604_800)]).await.iter().zip([60, 604_800]) {
        assert_eq!(seconds_between(&order["created_at"], &order["expires_at"]), seconds);
    }
    let wrong = [
        json!(59),
        json!(604_801),
        json!(0),
        json!(-60),
        json!(60.5),
        json!(90.0),
        json!("900"),
        json!(true),
        json!(u64::MAX),
    ];
    refuses(&shop, "expires_in", &wrong).await;
}

#[tokio::test]
async fn the_sandbox_returns_to_loopback_addresses_alone() {
    let server = Server::start().await;
    let shop = server.shop();
    let right = [
        json!("http://127.0.0.1:3000/thanks?order=1"),
        json!("https://127.0.0.1:8443/"),
        json!("http://localhost:3000/x"),
        json!("http://[::1]:3000/"),
    ];
    for (order, address) in takes(&shop, "return_url", &right).await.iter().zip(&right) {
        assert_eq!(order["return_url"], *address);
    }
    let wrong = [
        json!("https://shop.example/"),
        json!("http://shop.example/"),
        json!("javascript:alert(1)"),
        json!("data:text/html,x"),
        json!("//127.0.0.1/x"),
        json!("/thanks"),
        json!("ftp://127.0.0.1/"),
        json!(""),
        json!("http://127.0.0.1.evil.example/"),
        json!("http://127.0.0.1@evil.example/"),
        json!("http://evil.example\\@127.0.0.1/"),
        json!("http://localhost.evil.example/"),
        json!(5),
        json!("http://"),
        json!("https://127.0.0.1:99999/"),
    ];
    refuses(&shop, "return_url", &wrong).await;
}

#[tokio::test]
async fn a_merchants_own_origins_are_matched_whole() {
    let server = Server::start_with(Settings::two_merchants("origins = [\"https://shop.example\"]")).await;
    let shop = server.shop_with("key_of_the_tea_shop");
    takes(
        &shop,
        "return_url",
        &[
            json!("https://shop.example/thanks?x=1#top"),
            json!("https://shop.example"),
            json!("https://shop.example:443/"),
        ],
    )
    .await;
    let wrong = [
        json!("https://shop.example:8443/"),
        json!("http://shop.example/"),
        json!("https://shop.example.evil.example/"),
        json!("https://evil.example/https://shop.example"),
        json!("https://www.shop.example/"),
        json!("https://shop.example@evil.example/"),
        json!("https://evil.example#@shop.example"),
    ];
    refuses(&shop, "return_url", &wrong).await;
    refuses(&server.shop_with("key_of_the_book_shop"), "return_url", &[json!("https://shop.example/thanks")]).await;
}

#[tokio::test]
async fn a_locale_is_one_of_two() {
    let server = Server::start().await;
    let shop = server.shop();
    for (order, locale) in takes(&shop, "locale", &[json!("zh-CN"), json!("en")]).await.iter().zip(["zh-CN", "en"]) {
        assert_eq!(order["locale"], locale);
    }
    refuses(&shop, "locale", &[json!("fr"), json!("zh"), json!("EN"), json!(""), json!(1), json!(["en"])]).await;
}

#[tokio::test]
async fn metadata_is_bounded_and_handed_back_untouched() {
    let server = Server::start().await;
    let shop = server.shop();
    let pairs = |count: usize| Value::Object((0..count).map(|at| (format!("key{at}"), json!("v"))).collect());
    let odd = json!({ "z": " e\u{301} \u{202e}\n\u{0} ", "a": "", "<b>": "\"\\", "k".repeat(40): "茶".repeat(500) });
    let right = [json!({}), pairs(20), odd];
    for (order, metadata) in takes(&shop, "metadata", &right).await.iter().zip(&right) {
        assert_eq!(order["metadata"].to_string(), metadata.to_string(), "in the same order too");
        assert_eq!(shop.order(order).await["metadata"], *metadata, "also when read again");
    }
    let wrong = [
        pairs(21),
        json!({ "k".repeat(41): "v" }),
        json!({ "k": "v".repeat(501) }),
        json!({ "k": 1 }),
        json!({ "k": null }),
        json!({ "k": {} }),
        json!([]),
        json!("k"),
        json!(7),
    ];
    refuses(&shop, "metadata", &wrong).await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once_and_unknown_ones_too() {
    let server = Server::start().await;
    let shop = server.shop();
    let wrong = json!({
        "merchant_order_no": "a b", "amount": 0, "currency": "XXX", "subject": "", "wallets": ["paypal"], "expires_in": 1,
        "return_url": "javascript:alert(1)", "locale": "fr", "metadata": { "k": 1 }, "colour": "red", "a/b~c": 1,
    });
    let pointers = shop.post("/v1/orders", &wrong).await.bad_fields();
    for field in [
        "merchant_order_no",
        "amount",
        "currency",
        "subject",
        "wallets",
        "expires_in",
        "return_url",
        "locale",
        "metadata",
        "colour",
    ] {
        assert!(pointers.iter().any(|pointer| pointer.starts_with(&format!("/{field}"))), "{field}: {pointers:?}");
    }
    assert!(pointers.contains(&"/a~1b~0c".to_owned()), "RFC 6901 writes / as ~1 and ~ as ~0: {pointers:?}");
    let missing = shop.post("/v1/orders", &json!({})).await.bad_fields();
    assert_eq!(missing, ["/amount", "/merchant_order_no", "/subject"]);
}
