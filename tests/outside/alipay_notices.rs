//! Notices of Alipay under attack: nothing is believed that is not proven, and what is proven is believed for what it says alone.

use serde_json::{Value, json};

use crate::alipay::{Notice, deliver, world};
use crate::harness::{Answer, Server, Shop, least_order};
use crate::pretended::keys::identities;
use crate::pretended::no_mutant_is_believed;

/// An order with a trade at Alipay, and what a notice of its payment says. Asked, the gateway knows of no payment: only the notice tells.
struct Scene {
    fields: Vec<(String, String)>,
    server: Server,
    shop: Shop,
    order: Value,
    url: String,
}

impl Scene {
    async fn new() -> Self {
        let (gateway, server, shop) = world().await;
        let order = shop.place(&least_order()).await;
        server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "alipay").await;
        let trade = gateway.newest_code();
        let url = gateway.notify_url(&trade);
        gateway.pay_silently(&trade);
        let fields = gateway.fields(&trade);
        gateway.book(|book| drop(book.trades.remove(&trade)));
        Self { fields, server, shop, order, url }
    }

    fn genuine(&self) -> Notice {
        Notice::genuine(&self.fields)
    }

    /// A genuine notice that says something else in one field.
    fn saying(&self, name: &str, value: &str) -> Notice {
        let mut fields = self.fields.clone();
        fields.retain(|(known, _)| known != name);
        fields.push((name.to_owned(), value.to_owned()));
        Notice::genuine(&fields)
    }

    /// A genuine notice that lacks a field.
    fn lacking(&self, name: &str) -> Notice {
        let others = self.fields.iter().filter(|(known, _)| known != name).cloned();
        Notice::genuine(&others.collect::<Vec<_>>())
    }

    async fn send(&self, notice: &Notice) -> Answer {
        notice.deliver(&self.url).await
    }

    /// Nothing has become of the order.
    async fn is_untouched(&self) {
        assert_eq!(self.shop.order(&self.order).await["status"], "pending");
        assert_eq!(self.shop.attempts(&self.order).await[0]["payments"], json!([]));
        assert_eq!(self.shop.history_types(&self.order).await, ["order.created", "attempt.created"]);
    }

    async fn is_paid(&self) {
        self.send(&self.genuine()).await.expect(200);
        assert_eq!(self.shop.order(&self.order).await["status"], "paid");
    }
}

#[tokio::test]
async fn without_a_whole_and_right_signature_a_notice_changes_nothing() {
    let scene = Scene::new().await;
    let genuine = scene.genuine();
    let sign = genuine.get("sign").to_owned();
    let all = identities();
    let fields = scene.fields.clone();
    let mut with_kind = fields.clone();
    with_kind.push(("sign_type".to_owned(), "RSA2".to_owned()));
    let signed_with_kind = Notice::genuine(&with_kind).get("sign").to_owned();
    let attacks = vec![
        // 1: no, empty, partial, or shorter signature.
        genuine.clone().without("sign"),
        genuine.clone().with("sign", ""),
        genuine.clone().with("sign", "v1,"),
        genuine.clone().with("sign", &sign[..sign.len() - 4]),
        genuine.clone().with("sign", &sign[..172]),
        genuine.clone().with("sign", &format!("{sign}AAAA")),
        // 3: the content changed, or something put beside it.
        genuine.clone().with("total_amount", "0.01"),
        genuine.clone().with("total_amount", "129.000"),
        genuine.clone().with("trade_status", "TRADE_FINISHED"),
        genuine.clone().with("notify_id", "another"),
        genuine.clone().plus("unknown", "1"),
        genuine.clone().without("version"),
        // 5: our signature's form is not a notice's form: there the kind is signed too.
        genuine.clone().with("sign", &signed_with_kind),
        // 11: the same signed text cut in another place.
        genuine.clone().with("subject", "x&total_amount=1.00"),
        // 13: another algorithm, another signer.
        genuine.clone().with("sign_type", "RSA"),
        genuine.clone().with("sign_type", "MD5"),
        genuine.clone().with("sign_type", "rsa2"),
        genuine.clone().with("sign_type", ""),
        genuine.clone().without("sign_type"),
        Notice::signed_by(&all.stranger, &fields),
        Notice::signed_by(&all.merchant, &fields),
        Notice::signed_by(&all.certificate, &fields),
    ];
    let mut words = Vec::new();
    for (number, attack) in attacks.iter().enumerate() {
        let answer = scene.send(attack).await;
        assert_eq!(answer.status, 401, "attack {number}: {attack:?}");
        words.push(answer.problem(401, "unauthorized")["detail"].clone());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "no attacker learns which part was wrong: {words:?}");
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn a_form_of_doubtful_meaning_is_not_read_however_well_it_is_signed() {
    let scene = Scene::new().await;
    let body = scene.genuine().body();
    for attack in [
        // 12: one of two is signed; another reader might take the other.
        format!("{body}&total_amount=0.01"),
        format!("out_trade_no={}&{body}", "A".repeat(32)),
        format!("{body}&%74otal_amount=0.01"),
        format!("{body}&sign=AAAA"),
        format!("{body}&"),
        format!("{body}&empty"),
        body.replace("app_id=", "app_id=%z"),
        body.replace("version=1.0", "version=%ff"),
        // 16, and other things that are no form.
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml>&a;</xml>".to_owned(),
        "{\"trade_status\":\"TRADE_SUCCESS\"}".to_owned(),
        String::new(),
    ] {
        let answer = deliver(&scene.url, attack.clone().into_bytes()).await;
        assert_eq!(answer.status, 400, "{attack}");
    }
    for name in ["out_trade_no", "trade_no", "trade_status", "total_amount", "app_id", "seller_id", "gmt_payment"] {
        assert_eq!(scene.send(&scene.lacking(name)).await.status, 400, "{name}");
    }
    for (name, value) in [
        ("total_amount", "1e4"),
        ("gmt_payment", "yesterday"),
        ("out_trade_no", "x"),
        ("trade_status", "MAGIC"),
        ("trade_no", "a b"),
    ] {
        assert_eq!(scene.send(&scene.saying(name, value)).await.status, 400, "{name}={value}");
    }
    deliver(&scene.url, format!("{body}&x={}", "x".repeat(70_000)).into_bytes()).await.problem(413, "");
    scene.is_untouched().await;
    scene.is_paid().await;
}

/// 11: values stand in the signed text as they are. Whoever could put words into a genuine notice could have them read as fields.
#[tokio::test]
async fn a_genuine_text_cannot_be_cut_into_other_fields() {
    let scene = Scene::new().await;
    let words = "x&total_amount=129.00&totalz=";
    let mut fields = scene.fields.clone();
    for (name, value) in &mut fields {
        match name.as_str() {
            "subject" => words.clone_into(value),
            "total_amount" => "0.01".clone_into(value),
            _ => {}
        }
    }
    let cheap = Notice::genuine(&fields);
    let mut cut = cheap.clone().with("subject", "x").with("total_amount", "129.00");
    cut = cut.plus("totalz", "&total_amount=0.01");
    scene.send(&cut).await.problem(401, "unauthorized");
    scene.send(&cheap).await.problem(401, "unauthorized");
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn what_is_proven_about_another_account_or_trade_is_kept_and_pays_nothing() {
    let scene = Scene::new().await;
    for (name, value) in [
        // 5: a good signature of another application or seller.
        ("app_id", "2014072300007149"),
        ("seller_id", "2088102147948061"),
        // 7: an unknown trade.
        ("out_trade_no", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let taken = scene.send(&scene.saying(name, value)).await.expect(200);
        assert_eq!(taken.text(), "success", "the same word as for any other");
    }
    scene.is_untouched().await;
    let own = scene.genuine();
    let (trade_no, transaction) = (own.get("out_trade_no"), own.get("trade_no"));
    scene.server.names_strays(&[
        ("2014072300007149", trade_no, transaction, "another account"),
        ("2088102147948061", trade_no, transaction, "another account"),
        (own.get("app_id"), &"A".repeat(32), transaction, "its trade is not ours"),
    ]);
    // 8: confirmed at another wallet's or merchant's address.
    for (path, status) in
        [("/notify/wechat_pay/teashop", 404), ("/notify/alipay/bookshop", 401), ("/notify/alipay/x", 404)]
    {
        let url = format!("{}{path}", scene.server.base());
        assert_eq!(scene.genuine().deliver(&url).await.status, status, "{path}");
    }
    // 12, 18: what stands in the address, or who calls, says nothing.
    let url = format!("{}?trade_status=TRADE_SUCCESS", scene.url);
    assert_eq!(scene.genuine().without("sign").deliver(&url).await.status, 401);
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn a_wrong_amount_or_currency_is_a_mismatch_and_never_pays() {
    for (name, value) in
        [("total_amount", "0.01"), ("total_amount", "129.01"), ("total_amount", "128.99"), ("trans_currency", "USD")]
    {
        let scene = Scene::new().await;
        scene.send(&scene.saying(name, value)).await.expect(200);
        assert_eq!(scene.shop.order(&scene.order).await["status"], "pending", "{name}={value}");
        assert_eq!(scene.shop.attempts(&scene.order).await[0]["payments"][0]["result"], "mismatch");
    }
}

#[tokio::test]
async fn news_that_is_no_payment_is_taken_and_pays_nothing() {
    let scene = Scene::new().await;
    for notice in [
        scene.saying("trade_status", "WAIT_BUYER_PAY"),
        scene.saying("trade_status", "TRADE_CLOSED"),
        scene.saying("gmt_refund", "2026-11-22 12:00:01.000"),
        scene.saying("refund_fee", "0.01"),
        scene.saying("out_biz_no", "R1"),
        scene.saying("notify_type", "dut_user_sign"),
    ] {
        assert_eq!(scene.send(&notice).await.expect(200).text(), "success");
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
    genuine.deliver(&format!("{}/notify/alipay/teashop", scene.server.base())).await.expect(200);
    let shop = scene.server.shop_with("key_of_the_tea_shop");
    assert_eq!(shop.history(&scene.order).await, before);
    assert_eq!(shop.attempts(&scene.order).await[0]["payments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_mutant_of_a_good_notice_is_believed() {
    let scene = Scene::new().await;
    no_mutant_is_believed(&scene.genuine().0, async |mutant| deliver(&scene.url, mutant).await.status).await;
    scene.is_untouched().await;
    scene.is_paid().await;
}
