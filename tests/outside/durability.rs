//! A program that dies, and what it finds afterwards. `tests/crashes` kills it under load.

use crate::harness::{SOON, Server, least_order, wait_until};

/// How many kills a run has: `PAY_HANDOFF_KILL_ROUNDS`, 20 otherwise.
pub fn rounds() -> u64 {
    std::env::var("PAY_HANDOFF_KILL_ROUNDS").map_or(20, |text| text.parse().expect("a number of rounds"))
}

#[tokio::test]
async fn a_payment_whose_notice_met_a_dead_program_is_found_afterwards() {
    let mut server = Server::start().await;
    let shop = server.shop();
    let order = shop.place(&least_order()).await;
    server.browser().begin(order["qr"]["payload"].as_str().unwrap(), "wechat_pay").await;
    server.play(&shop, &order, "notice_lost").await;
    server.restart().await;
    wait_until(SOON, "the payment to be found", async || (shop.order(&order).await["status"] == "paid").then_some(()))
        .await;
    assert_eq!(shop.attempts(&order).await[0]["payments"].as_array().unwrap().len(), 1);
}
