//! Notices of UnionPay under attack: nothing is believed that is not proven, and a proven one only makes us ask.

use serde_json::{Value, json};

use crate::harness::{Answer, Rows, SOON, Server, Shop, least_order, now, strays, wait_until};
use crate::pretended::keys::Identity;
use crate::pretended::{Call, Letter, SHOP_KEY, no_mutant_is_believed};
use crate::unionpay::keys::identities;
use crate::unionpay::{Form, Gateway, deliver, signed, world, written};

/// An order with a trade at UnionPay that nobody has paid.
pub struct Scene {
    pub gateway: Gateway,
    pub server: Server,
    pub shop: Shop,
    pub order: Value,
    pub number: String,
    pub url: String,
}

impl Scene {
    pub async fn new() -> Self {
        let (gateway, server, shop) = world().await;
        let order = shop.place(&least_order()).await;
        server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "unionpay").await;
        let number = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
        let url = gateway.entry(&number).asked["backUrl"].clone();
        Self { gateway, server, shop, order, number, url }
    }

    /// What a notice of its payment says.
    fn said(&self) -> Form {
        self.gateway.notice(&self.number, 12900)
    }

    fn signed_by(&self, signer: &Identity) -> Form {
        signed(self.said(), signer)
    }

    pub fn genuine(&self) -> Form {
        self.signed_by(&identities().unionpay)
    }

    /// A genuine notice that says something else in one field.
    fn saying(&self, name: &str, value: &str) -> Form {
        let mut said = self.said();
        said.insert(name.to_owned(), value.to_owned());
        signed(said, &identities().unionpay)
    }

    /// The genuine notice with one field changed after it was signed.
    fn with(&self, name: &str, value: &str) -> Form {
        let mut form = self.genuine();
        form.insert(name.to_owned(), value.to_owned());
        form
    }

    pub async fn send(&self, form: &Form) -> Answer {
        deliver(&self.url, written(form).into_bytes()).await
    }

    /// Nothing has become of the order.
    async fn is_untouched(&self) {
        assert_eq!(self.shop.order(&self.order).await["status"], "pending");
        assert_eq!(self.shop.attempts(&self.order).await[0]["payments"], json!([]));
        assert_eq!(self.shop.history_types(&self.order).await, ["order.created", "attempt.created"]);
    }

    /// It can still be paid, and told of.
    pub async fn is_paid(&self) {
        self.gateway.pay(&self.number).await.expect(200);
        self.server.await_status(&self.shop, &self.order, "paid").await;
    }

    pub fn asked(&self) -> usize {
        self.gateway.calls(Call::Query).iter().filter(|asked| asked.says(&self.number)).count()
    }

    fn reasons(&self) -> Vec<String> {
        strays(&self.server.data_dir()).into_iter().map(|[.., reason, _]| reason).collect()
    }
}

#[tokio::test]
async fn without_a_whole_and_right_signature_a_notice_changes_nothing() {
    let scene = Scene::new().await;
    let genuine = scene.genuine();
    let signature = genuine["signature"].clone();
    let all = identities();
    let before = Rows::of(&scene.server.data_dir(), &[scene.order["merchant_order_no"].as_str().unwrap()]);
    let mut moved = genuine.clone();
    moved.remove("respCode");
    moved.insert("queryId".to_owned(), "1&respCode=00".to_owned());
    let mut unsigned = genuine.clone();
    unsigned.remove("signature");
    let attacks = [
        // 1: no, empty, partial, or longer signature.
        unsigned,
        scene.with("signature", ""),
        scene.with("signature", "AAAA"),
        scene.with("signature", "v1,"),
        scene.with("signature", &signature[..signature.len() - 4]),
        scene.with("signature", &format!("{signature}AAAA")),
        // 3: the content changed, or something put beside it.
        scene.with("txnAmt", "1"),
        scene.with("respCode", "A6"),
        scene.with("extra", "1"),
        // 11: the same signed text cut in another place.
        moved,
        // 13: another algorithm.
        scene.with("signMethod", "11"),
        scene.with("signMethod", "12"),
        scene.with("signMethod", ""),
        // 14: another certificate than the signer's, and signers whom nobody should believe.
        scene.with("signPubKeyCert", &all.stranger.certificate),
        scene.with("signPubKeyCert", &std::fs::read_to_string(all.file("middle.pem")).unwrap()),
        scene.with("signPubKeyCert", ""),
        scene.signed_by(&all.stranger),
        scene.signed_by(&all.other_owner),
        scene.signed_by(&all.merchant),
        scene.signed_by(&all.next),
        scene.signed_by(&all.outdated[0]),
        scene.signed_by(&all.outdated[1]),
        scene.signed_by(&all.outdated[2]),
    ];
    let mut words = Vec::new();
    for (number, attack) in attacks.iter().enumerate() {
        let answer = scene.send(attack).await;
        assert_eq!(answer.status, 401, "attack {number}: {attack:?}");
        words.push(answer.problem(401, "unauthorized")["detail"].clone());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "no attacker learns which part was wrong: {words:?}");
    let after = Rows::of(&scene.server.data_dir(), &[scene.order["merchant_order_no"].as_str().unwrap()]);
    assert_eq!(before.changes(&after), [""; 0]);
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn a_form_of_doubtful_meaning_is_not_read_however_well_it_is_signed() {
    let scene = Scene::new().await;
    let body = written(&scene.genuine());
    for attack in [
        // 12: one of two is signed; another reader might take the other.
        format!("{body}&txnAmt=1"),
        format!("orderId={}&{body}", "A".repeat(32)),
        format!("{body}&%74xnAmt=1"),
        format!("{body}&signature=AAAA"),
        format!("{body}&"),
        format!("{body}&empty"),
        body.replace("merId=", "merId=%z"),
        // 16, and other things that are no form.
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml>&a;</xml>".to_owned(),
        "{\"respCode\":\"00\"}".to_owned(),
        String::new(),
    ] {
        let answer = deliver(&scene.url, attack.clone().into_bytes()).await;
        assert_eq!(answer.status, 400, "{attack}");
    }
    // 17: more than a notice can be is not read to its end.
    assert_eq!(deliver(&scene.url, vec![b'a'; 100_000]).await.status, 413);
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn what_is_proven_about_another_account_or_trade_is_kept_and_pays_nothing() {
    let scene = Scene::new().await;
    let another = "it is for another account";
    let not_ours = "its trade is not ours";
    for (name, value, reason) in [
        // 5: a good signature for another merchant, who may know our numbers.
        ("merId", "777290058110097", another),
        // 7: an unknown trade, and a number that another system of the same merchant gave.
        ("orderId", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", not_ours),
        ("orderId", "T2026112200", not_ours),
    ] {
        let notice = scene.saying(name, value);
        assert_eq!(scene.send(&notice).await.expect(200).text(), "success", "the same word as for any other");
        let kept = strays(&scene.server.data_dir());
        let [merchant, wallet, why, body] = kept.last().expect("it is kept");
        assert_eq!((merchant.as_str(), wallet.as_str(), why.as_str()), ("teashop", "unionpay", reason));
        assert_eq!(*body, written(&notice), "as it came");
    }
    assert_eq!(scene.reasons(), [another, not_ours, not_ours]);
    for warning in [another, not_ours] {
        scene.server.errors_with(warning).await;
    }
    // 8: told of at another wallet's or merchant's address.
    let genuine = written(&scene.genuine());
    let elsewhere = [
        ("/notify/wechat_pay/teashop", 404),
        ("/notify/alipay/teashop", 404),
        ("/notify/unionpay/bookshop", 401),
        ("/notify/unionpay/x", 404),
    ];
    for (path, status) in elsewhere {
        let url = format!("{}{path}", scene.server.base());
        assert_eq!(deliver(&url, genuine.clone().into_bytes()).await.status, status, "{path}");
    }
    assert_eq!(scene.reasons().len(), 3);
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn who_calls_and_what_stands_in_the_address_proves_nothing() {
    let scene = Scene::new().await;
    let mut unsigned = scene.genuine();
    let signature = unsigned.remove("signature").unwrap();
    // 12, 18.
    let from_unionpay =
        ["x-forwarded-for", "x-real-ip", "forwarded"].map(|name| (name.to_owned(), "127.0.0.1".to_owned()));
    for url in [scene.url.clone(), format!("{}?signature={signature}", scene.url)] {
        let letter = Letter { url, head: from_unionpay.to_vec(), body: written(&unsigned).into_bytes() };
        assert_eq!(letter.deliver().await.status, 401);
    }
    scene.is_untouched().await;
    scene.is_paid().await;
}

#[tokio::test]
async fn what_a_notice_says_of_the_money_counts_for_nothing_and_what_the_gateway_says_for_all() {
    let scene = Scene::new().await;
    // 6: the notice says something else; asked, the gateway knows of no payment.
    for (name, value) in [("txnAmt", "1"), ("txnAmt", "12901"), ("currencyCode", "840"), ("queryId", "x")] {
        scene.send(&scene.saying(name, value)).await.expect(200);
    }
    // 9: news that is no payment.
    for (name, value) in [
        ("txnType", "04"),
        ("txnType", "31"),
        ("txnType", "99"),
        ("respCode", "01"),
        ("respCode", "05"),
        ("respCode", ""),
    ] {
        assert_eq!(scene.send(&scene.saying(name, value)).await.expect(200).text(), "success", "{name}={value}");
    }
    wait_until(SOON, "the gateway to be asked", async || (scene.asked() > 0).then_some(())).await;
    scene.is_untouched().await;
    assert_eq!(scene.reasons(), [""; 0]);
    scene.is_paid().await;
    // The gateway says something else: kept, told, and no payment.
    for (fen, currency) in [(1, None), (12899, None), (12901, None), (12900, Some("840"))] {
        let scene = Scene::new().await;
        scene.gateway.book(|book| {
            book.answers_in = currency;
            book.pay(&scene.number, fen, now())
        });
        scene.send(&scene.genuine()).await.expect(200);
        wait_until(SOON, "the mismatch", async || {
            let payments = scene.shop.attempts(&scene.order).await[0]["payments"].clone();
            (payments[0]["result"] == "mismatch").then_some(())
        })
        .await;
        assert_eq!(scene.shop.order(&scene.order).await["status"], "pending", "{fen} {currency:?}");
    }
}

#[tokio::test]
async fn a_success_after_an_end_is_kept_and_goes_back_and_the_end_stays() {
    // 10: paid by somebody else, cancelled, given back.
    let scene = Scene::new().await;
    let page = scene.order["qr"]["payload"].as_str().unwrap();
    scene.server.browser().begin_code(page, "unionpay").await;
    let attempts = scene.shop.attempts(&scene.order).await;
    let other = attempts.iter().find(|attempt| attempt["trade_no"] != scene.number.as_str()).unwrap();
    scene.is_paid().await;
    scene.gateway.pay(other["trade_no"].as_str().unwrap()).await.expect(200);
    let goes_back = async |scene: &Scene, kind: &str, status: &str| {
        let refunds = wait_until(SOON, "the money to go back", async || {
            Some(scene.shop.refunds(&scene.order).await)
                .filter(|all| all.iter().any(|one| one["status"] == "succeeded"))
        })
        .await;
        assert_eq!((refunds.len(), &refunds[0]["kind"]), (1, &json!(kind)));
        assert_eq!(scene.shop.order(&scene.order).await["status"], status);
    };
    goes_back(&scene, "surplus", "paid").await;
    let id = scene.order["id"].as_str().unwrap();
    scene.shop.post_nothing(&format!("/v1/orders/{id}/refunds")).await.expect(201);
    scene.server.await_status(&scene.shop, &scene.order, "refunded").await;
    let before = scene.shop.history(&scene.order).await;
    scene.send(&scene.genuine()).await.expect(200);
    assert_eq!(scene.shop.history(&scene.order).await, before);

    let scene = Scene::new().await;
    let id = scene.order["id"].as_str().unwrap();
    scene.shop.post_nothing(&format!("/v1/orders/{id}/cancel")).await.expect(200);
    let next_second = now() + jiff::SignedDuration::from_secs(1);
    scene.gateway.book(|book| book.pay(&scene.number, 12900, next_second));
    scene.send(&scene.genuine()).await.expect(200);
    goes_back(&scene, "late", "cancelled").await;
}

#[tokio::test]
async fn no_mutant_of_a_good_notice_is_believed() {
    let scene = Scene::new().await;
    let pairs = scene.genuine().into_iter().collect();
    no_mutant_is_believed(&pairs, async |mutant| deliver(&scene.url, mutant).await.status).await;
    scene.is_untouched().await;
    // 17: who forges a lot fills no log.
    let told = scene.server.errors().matches("was not proven").count();
    assert!((1..200).contains(&told), "thousands were refused, {told} lines were written");
    scene.is_paid().await;
}

#[tokio::test]
async fn while_unionpay_changes_its_certificates_what_either_signs_is_believed() {
    let mut scene = Scene::new().await;
    let all = identities();
    assert_eq!(scene.send(&scene.signed_by(&all.next)).await.status, 401, "not pinned yet");
    let file = scene.server.data_dir().with_file_name("config.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    assert!(config.contains("middle.pem"));
    std::fs::write(&file, config.replace("middle.pem", "middles.pem")).unwrap();
    scene.server.restart().await;
    scene.shop = scene.server.shop_with(SHOP_KEY);
    scene.server.errors_with("middle_cert_file: certificate 1 in it has expired").await;
    for signer in [&all.unionpay, &all.next] {
        scene.send(&scene.signed_by(signer)).await.expect(200);
    }
    for signer in all.outdated.iter().chain([&all.stranger, &all.other_owner]) {
        assert_eq!(scene.send(&scene.signed_by(signer)).await.status, 401);
    }
    scene.is_untouched().await;
    scene.is_paid().await;
}
