//! Notices of WeChat Pay under attack: nothing is believed that is not proven, and what is proven is believed for what it says alone.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Shop, least_order, now};
use crate::pretended::keys::identities;
use crate::wechat::notice::{body_of, encrypted_with};
use crate::wechat::{Notice, PUBLIC_KEY_ID, world};

/// An order with an open trade at WeChat Pay.
struct Scene {
    server: Server,
    shop: Shop,
    order: Value,
    /// What WeChat Pay will say of the trade once it is paid. It does not say so when asked: what pays here is a notice alone.
    paid: Value,
    url: String,
}

impl Scene {
    async fn new() -> Self {
        let (gateway, server, shop) = world().await;
        let order = shop.place(&least_order()).await;
        server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
        let trade = gateway.newest_trade();
        let url = gateway.notify_url(&trade);
        gateway.pay_silently(&trade);
        let paid = gateway.book(|book| {
            let paid = book.describe(&trade).unwrap();
            book.trades.get_mut(&trade).unwrap().state = "NOTPAY".to_owned();
            paid
        });
        Self { server, shop, order, paid, url }
    }

    /// The paid trade as WeChat Pay describes it, with members changed.
    fn described(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut described = self.paid.clone();
        change(&mut described);
        described
    }

    fn genuine(&self) -> Notice {
        self.about(|_| {})
    }

    /// A genuine notice about a trade that is described otherwise.
    fn about(&self, change: impl FnOnce(&mut Value)) -> Notice {
        Notice::genuine(&body_of(&self.described(change)))
    }

    async fn deliver(&self, notice: &Notice) -> Answer {
        notice.deliver(&self.url).await
    }

    /// Nothing has become of the order.
    async fn is_untouched(&self) {
        assert_eq!(self.shop.order(&self.order).await["status"], "pending");
        assert_eq!(self.shop.attempts(&self.order).await[0]["payments"], json!([]));
        assert_eq!(self.shop.history_types(&self.order).await, ["order.created", "attempt.created"]);
    }

    async fn is_paid(&self) {
        self.deliver(&self.genuine()).await.expect(200);
        assert_eq!(self.shop.order(&self.order).await["status"], "paid");
    }
}

/// Notices without the right header fields, or with a body that is not the signed one.
fn altered_notices(genuine: &Notice) -> Vec<Notice> {
    let signature = genuine.head.iter().find(|(name, _)| name == "wechatpay-signature").unwrap().1.clone();
    let altered = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut notice = genuine.clone();
        change(&mut notice.body);
        notice
    };
    let with = |name: &str, value: &str| genuine.clone().with(name, value);
    let without = |name: &str| genuine.clone().without(name);
    let more = |name: &str, value: &str, mut notice: Notice| {
        notice.head.push((name.to_owned(), value.to_owned()));
        notice
    };
    vec![
        // 1: no, empty, partial, or shorter signature, or without what belongs to it.
        without("wechatpay-signature"),
        without("wechatpay-serial"),
        without("wechatpay-nonce"),
        without("wechatpay-timestamp"),
        with("wechatpay-signature", ""),
        with("wechatpay-signature", "v1,"),
        with("wechatpay-signature", &signature[..signature.len() - 4]),
        with("wechatpay-signature", &signature[..172]),
        // WeChat Pay itself sends such, to see whether anybody looks.
        with("wechatpay-signature", &format!("WECHATPAY/SIGNTEST/{}", &signature[19..])),
        // 3: the body in another form.
        altered(&|body| body[40] ^= 1),
        altered(&|body| body.push(b' ')),
        altered(&|body| body.insert(0, b' ')),
        altered(&|body| *body = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(body).unwrap()).unwrap()),
        altered(&Vec::clear),
        more("content-encoding", "gzip", altered(&|body| *body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0])),
        // 11: the same signed text cut in another place.
        with("wechatpay-nonce", "qXo8Gt3ZkV1bW9c"),
        // 12: two of what there must be one of.
        more("wechatpay-signature", &signature, genuine.clone()),
        // 13: another algorithm.
        with("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3"),
        with("wechatpay-signature-type", "none"),
        // 16: the old interface's XML is nobody's notice.
        altered(&|body| *body = b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml>&a;</xml>".to_vec()),
        // 18: an address is no proof.
        more("x-forwarded-for", "101.226.103.0", without("wechatpay-signature")),
    ]
}

/// Notices that are signed well, at the wrong time or by the wrong one.
fn wrongly_signed_notices(genuine: &Notice) -> Vec<Notice> {
    let all = identities();
    let body: Value = serde_json::from_slice(&genuine.body).unwrap();
    let at = now().as_second();
    let by = |name: &str, identity| Notice::signed_by(name, identity, at, &body);
    vec![
        // 4: old, or from the future.
        Notice::signed_by(PUBLIC_KEY_ID, &all.public_key, at - 360, &body),
        Notice::signed_by(PUBLIC_KEY_ID, &all.public_key, at + 360, &body),
        genuine.clone().with("wechatpay-timestamp", &format!("{}", at + 7)),
        genuine.clone().with("wechatpay-timestamp", &format!("+{at}")),
        genuine.clone().with("wechatpay-timestamp", "99999999999999999999"),
        // 13: another signer, an unknown one, one under another's name.
        by(PUBLIC_KEY_ID, &all.stranger),
        by(PUBLIC_KEY_ID, &all.certificate),
        by(&all.certificate.serial, &all.public_key),
        by(&all.stranger.serial, &all.stranger),
        by(&all.merchant.serial, &all.merchant),
        by("PUB_KEY_ID_0101", &all.public_key),
        by("pub_key_id_0100", &all.public_key),
    ]
}

#[tokio::test]
async fn without_a_whole_right_and_fresh_signature_a_notice_changes_nothing() {
    let scene = Scene::new().await;
    let genuine = scene.genuine();
    let mut words = Vec::new();
    for attack in [altered_notices(&genuine), wrongly_signed_notices(&genuine)].concat() {
        let answer = scene.deliver(&attack).await;
        assert_eq!(answer.status, 401, "{attack:?}");
        words.push(answer.problem(401, "unauthorized")["detail"].clone());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "no attacker learns which part was wrong: {words:?}");
    scene.is_untouched().await;
    // A certificate that the operator configured proves as well as the public key.
    let certificate = &identities().certificate;
    let body: Value = serde_json::from_slice(&genuine.body).unwrap();
    let proven = Notice::signed_by(&certificate.serial, certificate, now().as_second(), &body);
    scene.deliver(&proven).await.expect(200);
    assert_eq!(scene.shop.order(&scene.order).await["status"], "paid");
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_refused_like_what_was_not_signed() {
    let scene = Scene::new().await;
    let trade = scene.described(|_| {});
    let plain = trade.to_string();
    let with_resource = |change: &dyn Fn(&mut Value)| {
        let mut body = body_of(&trade);
        change(&mut body["resource"]);
        Notice::genuine(&body)
    };
    let foreign = encrypted_with("another89abcdef0123456789abcdef0", plain.as_bytes(), "transaction");
    for attack in [
        with_resource(&|resource| resource["ciphertext"] = json!("AAAA")),
        with_resource(&|resource| {
            let text = resource["ciphertext"].as_str().unwrap().to_owned();
            let other = if text.starts_with('A') { 'B' } else { 'A' };
            resource["ciphertext"] = json!(format!("{other}{}", &text[1..]));
        }),
        with_resource(&|resource| resource["nonce"] = json!("aaaaaaaaaaaa")),
        with_resource(&|resource| resource["nonce"] = json!("short")),
        with_resource(&|resource| resource["associated_data"] = json!("certificate")),
        with_resource(&|resource| resource["algorithm"] = json!("AEAD_AES_128_GCM")),
        with_resource(&|resource| {
            *resource = foreign.clone();
            resource["original_type"] = json!("transaction");
        }),
    ] {
        scene.deliver(&attack).await.problem(401, "unauthorized");
    }
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn what_is_proven_and_makes_no_sense_cannot_be_read() {
    let scene = Scene::new().await;
    let genuine = String::from_utf8(scene.genuine().body).unwrap();
    let all = identities();
    for body in [
        genuine.replace("\"event_type\"", "\"event_type\":\"TRANSACTION.SUCCESS\",\"event_type\""),
        genuine.replace("\"resource\"", "\"resourse\""),
        "[]".to_owned(),
        "not json".to_owned(),
    ] {
        let head = crate::wechat::notice::head_of(PUBLIC_KEY_ID, &all.public_key, now().as_second(), body.as_bytes());
        let answer = scene.deliver(&Notice { head, body: body.clone().into_bytes() }).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    for change in [
        (|trade: &mut Value| trade["transaction_id"] = Value::Null) as fn(&mut Value),
        |trade| trade["success_time"] = json!("yesterday"),
        |trade| trade["amount"]["total"] = json!("12900"),
        |trade| trade["amount"]["total"] = json!(129.0),
        |trade| trade["out_trade_no"] = json!("x"),
        |trade| trade["trade_state"] = json!("MAGIC"),
    ] {
        let answer = scene.deliver(&scene.about(change)).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    let huge = Notice { head: scene.genuine().head, body: vec![b' '; 70_000] };
    scene.deliver(&huge).await.problem(413, "");
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn what_is_proven_about_another_account_or_trade_is_kept_and_pays_nothing() {
    let scene = Scene::new().await;
    let other = scene.shop.place(&least_order()).await;
    for change in [
        // 5: a good signature of another merchant of the same wallet.
        (|trade: &mut Value| trade["mchid"] = json!("1230000110")) as fn(&mut Value),
        |trade| trade["appid"] = json!("wxd678efh567hg6788"),
        |trade| {
            trade["mchid"] = json!("");
            trade["appid"] = json!("1230000109:wxd678efh567hg6787");
        },
        // 7: an unknown trade.
        |trade| trade["out_trade_no"] = json!("A".repeat(32)),
    ] {
        let taken = scene.deliver(&scene.about(change)).await.expect(200);
        assert_eq!(taken.text(), "{\"code\":\"SUCCESS\",\"message\":\"成功\"}", "the same words as for any other");
    }
    scene.is_untouched().await;
    let trade_no = scene.paid["out_trade_no"].as_str().unwrap();
    let transaction = scene.paid["transaction_id"].as_str().unwrap();
    let own = "1230000109:wxd678efh567hg6787";
    let unknown = "A".repeat(32);
    scene.server.names_strays(&[
        ("1230000110:wxd678efh567hg6787", trade_no, transaction, "another account"),
        ("1230000109:wxd678efh567hg6788", trade_no, transaction, "another account"),
        (":1230000109:wxd678efh567hg6787", trade_no, transaction, "another account"),
        (own, &unknown, transaction, "its trade is not ours"),
    ]);
    assert_eq!(scene.shop.order(&other).await["status"], "pending");
    // 8: confirmed at another wallet's or merchant's address.
    let elsewhere = |path: &str| format!("{}{path}", scene.server.base());
    let genuine = scene.genuine();
    for (path, status) in [
        ("/notify/alipay/teashop", 404),
        ("/notify/wechat_pay/bookshop", 401),
        ("/notify/wechat_pay/nobody", 404),
        ("/notify/paypal/teashop", 404),
    ] {
        assert_eq!(genuine.deliver(&elsewhere(path)).await.status, status, "{path}");
    }
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn a_wrong_amount_or_currency_is_a_mismatch_and_never_pays() {
    for change in [
        (|trade: &mut Value| trade["amount"]["total"] = json!(1)) as fn(&mut Value),
        |trade| trade["amount"]["total"] = json!(12901),
        |trade| trade["amount"]["currency"] = json!("USD"),
        // What the payer gave himself is not the price.
        |trade| trade["amount"] = json!({ "total": 12899, "payer_total": 12900, "currency": "CNY" }),
    ] {
        let scene = Scene::new().await;
        scene.deliver(&scene.about(change)).await.expect(200);
        assert_eq!(scene.shop.order(&scene.order).await["status"], "pending");
        assert_eq!(scene.shop.attempts(&scene.order).await[0]["payments"][0]["result"], "mismatch");
    }
}

#[tokio::test]
async fn news_that_is_no_payment_is_taken_and_pays_nothing() {
    let scene = Scene::new().await;
    for state in ["NOTPAY", "CLOSED", "USERPAYING", "PAYERROR", "REVOKED"] {
        scene.deliver(&scene.about(|trade| trade["trade_state"] = json!(state))).await.expect(200);
    }
    for kind in ["REFUND.SUCCESS", "REFUND.ABNORMAL", "TRANSACTION.CLOSED", "COUPON.USE", ""] {
        let mut body = body_of(&scene.described(|_| {}));
        body["event_type"] = json!(kind);
        scene.deliver(&Notice::genuine(&body)).await.expect(200);
    }
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn a_good_notice_again_is_thanked_for_and_changes_nothing() {
    let mut scene = Scene::new().await;
    scene.is_paid().await;
    let before = scene.shop.history(&scene.order).await;
    let genuine = scene.genuine();
    let deliveries = futures_util::future::join_all((0..10).map(|_| genuine.deliver(&scene.url)));
    assert!(deliveries.await.iter().all(|answer| answer.status == 200));
    scene.server.restart().await;
    genuine.deliver(&format!("{}/notify/wechat_pay/teashop", scene.server.base())).await.expect(200);
    let shop = scene.server.shop_with("key_of_the_tea_shop");
    assert_eq!(shop.history(&scene.order).await, before);
    assert_eq!(shop.attempts(&scene.order).await[0]["payments"].as_array().unwrap().len(), 1);
}

/// Every notice that differs from this one in one place: a bit of each byte of the body, each byte left out or doubled, each character
/// of each header field, and pairs of fields that changed places.
fn mutants(genuine: &Notice) -> Vec<Notice> {
    let mut all = Vec::new();
    for at in 0..genuine.body.len() {
        let mut body = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut mutant = genuine.clone();
            change(&mut mutant.body);
            if mutant.body != genuine.body {
                all.push(mutant);
            }
        };
        body(&|body| body[at] ^= 1 << (at % 8));
        body(&|body| {
            body.remove(at);
        });
        body(&|body| body.insert(at, body[at]));
    }
    for (field, (_, value)) in genuine.head.iter().enumerate() {
        for at in 0..value.len() {
            let mut mutant = genuine.clone();
            let letter = if value.as_bytes()[at] == b'A' { "B" } else { "A" };
            mutant.head[field].1.replace_range(at..=at, letter);
            all.push(mutant);
        }
        for other in 0..field {
            let mut mutant = genuine.clone();
            (mutant.head[field].1, mutant.head[other].1) = (genuine.head[other].1.clone(), value.clone());
            all.push(mutant);
        }
    }
    all
}

#[tokio::test]
async fn no_mutant_of_a_good_notice_is_believed() {
    let scene = Scene::new().await;
    let mutants = mutants(&scene.genuine());
    assert!(mutants.len() >= 2000, "only {} mutants", mutants.len());
    let deliveries =
        futures_util::stream::iter(&mutants).map(async |mutant| (mutant, mutant.deliver(&scene.url).await.status));
    let believed: Vec<(&Notice, u16)> =
        deliveries.buffer_unordered(16).filter(|(_, status)| std::future::ready(*status != 401)).collect().await;
    assert_eq!(believed.len(), 0, "{:?}", believed.first());
    let told = scene.server.errors().matches("was not proven").count();
    assert!((10..mutants.len() / 2).contains(&told), "{told} lines: nobody can fill the log with forgeries");
    scene.is_untouched().await;
    scene.is_paid().await;
}
