//! Money that a wallet proved and that is on no order here: acknowledged, and from then on in everybody's sight who looks after the program.

use serde_json::{Value, json};

use crate::harness::{Server, Shop, finished, least_order, now, program};
use crate::pretended::SHOP_KEY;
use crate::wechat::notice::body_of;
use crate::wechat::{Gateway, Notice, live_merchant};

/// What a command says of a server's data, and whether it ended well.
fn said(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = finished(program().args(arguments).arg("--data-dir").arg(server.data_dir()));
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn proven_money_of_no_order_is_counted_audited_and_noted_until_somebody_has_looked_into_it() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway).flag("--metrics-listen", &free)).await;
    let shop = server.shop_with(SHOP_KEY);
    let order = shop.place(&least_order()).await;
    server.browser().begin_code(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    let trade = gateway.newest_trade();
    let url = gateway.notify_url(&trade);
    gateway.pay_silently(&trade);
    let paid = gateway.book(|book| book.describe(&trade).unwrap());
    let about = |change: &dyn Fn(&mut Value)| {
        let mut described = paid.clone();
        change(&mut described);
        Notice::genuine(&body_of(&described))
    };
    let stray = about(&|trade| trade["out_trade_no"] = json!("B".repeat(32)));
    let (clean, text) = server.audit();
    assert!(clean && text.contains("The books balance"), "{text}");
    assert!(!said(&server, &["doctor"]).1.contains("stray"), "there is none yet");

    about(&|_| {}).deliver(&url).await.expect(200);
    stray.deliver(&url).await.expect(200);
    stray.deliver(&url).await.expect(200);
    about(&|trade| trade["trade_state"] = json!("USERPAYING")).deliver(&url).await.expect(200);
    let mut forged = about(&|_| {});
    forged.body.push(b' ');
    forged.deliver(&url).await.expect(401);

    let metrics = Shop::new(&format!("http://{free}"), "none").get("/metrics").await.expect(200).text();
    for (result, times) in [("accepted", 1), ("stray", 2), ("other", 1), ("refused", 1)] {
        let line = format!("pay_handoff_wallet_notices_total{{wallet=\"wechat_pay\",result=\"{result}\"}} {times}\n");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
    let transaction = paid["transaction_id"].as_str().unwrap();
    let unknown = "B".repeat(32);
    server.names_strays(&[("1230000109:wxd678efh567hg6787", &unknown, transaction, "heard of 2 times")]);
    let (_, doctor) = said(&server, &["doctor"]);
    assert!(doctor.contains("note   2 stray notices are kept"), "{doctor}");
    let token = order["qr"]["payload"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(!server.audit().1.contains(token), "a permission is printed");

    let soon = (now() + jiff::SignedDuration::from_mins(1)).to_string();
    let (clean, text) = said(&server, &["audit", "--strays-since", &soon]);
    assert!(clean && text.contains("The books balance") && text.contains("1 strays of before that time"), "{text}");
    assert!(!said(&server, &["audit", "--strays-since", "2020-01-01T00:00:00Z"]).0, "it was heard of since");
    let nonsense = finished(program().args(["audit", "--strays-since", "yesterday"]));
    assert_eq!(nonsense.status.code(), Some(2));
}
