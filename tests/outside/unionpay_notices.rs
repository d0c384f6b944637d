//! Notices of UnionPay under attack: nothing is believed that is not proven, and a proven one only makes us ask.

use crate::harness::least_order;
use crate::pretended::no_mutant_is_believed;
use crate::unionpay::keys::identities;
use crate::unionpay::{deliver, signed, world, written};

#[tokio::test]
async fn a_notice_that_is_not_unionpays_is_refused_and_a_proven_one_only_makes_us_ask() {
    let (gateway, server, shop) = world().await;
    let order = shop.place(&least_order()).await;
    server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "unionpay").await;
    let number = shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
    let url = gateway.entry(&number).asked["backUrl"].clone();
    let said = gateway.notice(&number, 12900);
    let all = identities();
    let genuine = signed(said.clone(), &all.unionpay);
    let with = |name: &str, value: &str| {
        let mut form = genuine.clone();
        form.insert(name.to_owned(), value.to_owned());
        form
    };
    for attack in [
        with("signature", ""),
        with("signature", "AAAA"),
        with("txnAmt", "1"),
        with("extra", "1"),
        with("signMethod", "11"),
        with("signPubKeyCert", &all.stranger.certificate),
        with("signPubKeyCert", &std::fs::read_to_string(all.file("middle.pem")).unwrap()),
        with("signPubKeyCert", ""),
        signed(said.clone(), &all.stranger),
        signed(said.clone(), &all.other_owner),
        signed(said.clone(), &all.merchant),
    ] {
        deliver(&url, written(&attack).into_bytes()).await.problem(401, "unauthorized");
    }
    let twice = format!("{}&txnAmt=1", written(&genuine));
    assert_eq!(deliver(&url, twice.into_bytes()).await.status, 400);
    let pairs = genuine.clone().into_iter().collect();
    no_mutant_is_believed(&pairs, async |mutant| deliver(&url, mutant).await.status).await;
    // Proven, and yet the gateway knows of no payment.
    deliver(&url, written(&genuine).into_bytes()).await.expect(200);
    let mut elsewhere = said.clone();
    elsewhere.insert("orderId".to_owned(), "A".repeat(32));
    deliver(&url, written(&signed(elsewhere, &all.unionpay)).into_bytes()).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "pending");
    gateway.pay(&number).await.expect(200);
    assert_eq!(shop.order(&order).await["status"], "paid");
}
