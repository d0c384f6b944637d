//! What the program has acknowledged, and holding it to that.

use serde_json::{Value, json};

use crate::harness::{Answer, Shop};

/// A request under an idempotency key, with the answer that came.
pub struct Answered {
    /// The key.
    pub key: String,
    /// Where it went.
    pub path: String,
    /// What it asked.
    pub asked: Value,
    /// What came.
    pub answer: Answer,
}

/// Everything that was acknowledged in a round.
#[derive(Default)]
pub struct Acknowledged {
    /// Placed orders.
    pub orders: Vec<Answered>,
    /// Orders that were said to be paid.
    pub paid: Vec<Value>,
    /// Refunds that were taken on.
    pub refunds: Vec<Answered>,
    /// Orders that were said to be cancelled.
    pub cancelled: Vec<Value>,
}

impl Acknowledged {
    /// Everything is there, and said in the same bytes.
    pub async fn check(&self, shop: &Shop, when: &str) {
        for Answered { key, path, asked, answer } in self.orders.iter().chain(&self.refunds) {
            let again = shop.post_once(key, path, asked).await;
            assert_eq!(again.header("idempotency-replayed"), "true", "{when}: {key} was acknowledged and is forgotten");
            assert_eq!((again.status, again.text()), (answer.status, answer.text()), "{when}: {key}");
        }
        for order in &self.paid {
            let status = shop.order(order).await["status"].clone();
            let was_paid = ["paid", "partially_refunded"].contains(&status.as_str().unwrap());
            assert!(was_paid, "{when}: a paid order is {status}");
            let payments = shop.attempts(order).await[0]["payments"].clone();
            let winners = payments.as_array().unwrap().iter().filter(|payment| payment["result"] == "winner");
            assert_eq!(winners.count(), 1, "{when}: {payments}");
        }
        for order in &self.cancelled {
            assert_eq!(shop.order(order).await["status"], "cancelled", "{when}");
        }
        for Answered { answer, .. } in &self.refunds {
            let refund = answer.json();
            let order = json!({ "id": refund["order_id"] });
            let refunds = shop.refunds(&order).await;
            assert!(refunds.iter().any(|known| known["id"] == refund["id"]), "{when}: {refund} is not in {refunds:?}");
        }
        for Answered { answer, .. } in &self.orders {
            for (event, seq) in shop.history(&answer.json()).await.iter().zip(1_u64..) {
                assert_eq!(event["data"]["seq"], json!(seq), "{when}: the history has a gap");
            }
        }
    }
}
