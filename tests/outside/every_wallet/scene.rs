//! A wallet, the program with a live merchant who uses it, and what his buyers do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::row::Row;
use crate::harness::{Answer, Browser, SOON, Server, Shop, least_order, now, path_of, wait_until};
use crate::pretended::{Call, Mischief, PretendedWallet, world};

/// The price of an order here, in fen.
pub const PRICE: i64 = 12900;

/// Where the cells of one row are played.
pub struct Scene {
    pub row: &'static Row,
    pub wallet: Arc<dyn PretendedWallet>,
    pub server: Server,
    pub shop: Shop,
}

/// Somebody who has begun to pay.
pub struct Payer {
    pub browser: Browser,
    /// The page on which he began: an order's or a friend link's.
    pub page: String,
    /// His attempt's page.
    pub attempt: String,
    pub trade: String,
}

/// The lasting page of an order.
pub fn page_of(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().expect("an address"))
}

impl Scene {
    /// A new wallet and a new merchant.
    pub async fn new(row: &'static Row) -> Self {
        let wallet = (row.open)().await;
        let (server, shop) = world(&wallet).await;
        Self { row, wallet, server, shop }
    }

    pub async fn place(&self) -> Value {
        self.shop.place(&least_order()).await
    }

    /// Somebody opens a page and begins to pay.
    pub async fn begin_at(&self, order: &Value, page: &str) -> Payer {
        let browser = self.wallet.payer(&self.server, page, self.row.product).await;
        let mut payer = Payer { browser, page: page.to_owned(), attempt: String::new(), trade: String::new() };
        self.begin_again(order, &mut payer).await;
        payer
    }

    /// The same on the order's lasting page.
    pub async fn begin(&self, order: &Value) -> Payer {
        self.begin_at(order, &page_of(order)).await
    }

    /// A payer sends the form once more.
    pub async fn begin_again(&self, order: &Value, payer: &mut Payer) {
        let form = [("wallet", self.row.wallet), ("product", self.row.product)];
        payer.attempt = payer.browser.post_form(&format!("{}/attempts", payer.page), &form).await.location();
        let id = payer.attempt.rsplit('/').next().expect("an attempt").to_owned();
        let attempts = self.shop.attempts(order).await;
        let own = attempts.iter().find(|attempt| id.starts_with(attempt["id"].as_str().unwrap_or("-")));
        payer.trade = own.expect("the attempt is listed")["trade_no"].as_str().expect("a number").to_owned();
    }

    /// The payer goes the way that his attempt's page shows, up to the button that pays.
    pub async fn go(&self, payer: &Payer) {
        let way = self.wallet.way(&payer.browser, &payer.attempt, &payer.trade).await;
        self.wallet.go(&way, &payer.trade).await;
    }

    /// Somebody begins to pay and comes to the button that pays.
    pub async fn come(&self, order: &Value) -> Payer {
        let payer = self.begin(order).await;
        self.go(&payer).await;
        payer
    }

    /// The payer pays the price; nobody is told.
    pub fn pay(&self, payer: &Payer) -> String {
        self.wallet.pay(&payer.trade, PRICE, now())
    }

    /// The wallet tells of a paid trade, and is thanked in its own words; by then the payment is known, or will be soon.
    pub async fn tell(&self, order: &Value, payer: &Payer) {
        let thanked = self.wallet.letter(&payer.trade).deliver().await.expect(200);
        assert_eq!(thanked.text(), self.row.thanks);
        if self.row.notices_are_hints {
            wait_until(SOON, "the payment to be asked about", async || {
                (self.attempt(order, payer).await["payments"] != json!([])).then_some(())
            })
            .await;
        }
    }

    /// A paid order and its payer.
    pub async fn paid(&self) -> (Value, Payer) {
        let order = self.place().await;
        let payer = self.come(&order).await;
        self.pay(&payer);
        self.tell(&order, &payer).await;
        assert_eq!(self.status(&order).await, "paid");
        (order, payer)
    }

    pub async fn status(&self, order: &Value) -> Value {
        self.shop.order(order).await["status"].clone()
    }

    /// The attempt of a payer as it stands.
    pub async fn attempt(&self, order: &Value, payer: &Payer) -> Value {
        let attempts = self.shop.attempts(order).await;
        attempts.into_iter().find(|attempt| attempt["trade_no"] == payer.trade).expect("the attempt is listed")
    }

    /// The payer comes back and asks whether it is paid.
    pub async fn check(&self, payer: &Payer) {
        payer.browser.post_form(&format!("{}/check", payer.page), &[]).await.expect(204);
    }

    /// The payer comes back until the order is paid.
    pub async fn check_until_paid(&self, order: &Value, payer: &Payer) {
        wait_until(SOON, "the payment to be found", async || {
            self.check(payer).await;
            (self.status(order).await == "paid").then_some(())
        })
        .await;
    }

    pub async fn cancel(&self, order: &Value) -> Answer {
        self.shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().expect("an id"))).await
    }

    /// The merchant gives back so much, or the rest.
    pub async fn refund(&self, order: &Value, amount: Option<i64>) -> Answer {
        let path = format!("/v1/orders/{}/refunds", order["id"].as_str().expect("an id"));
        let reason = "杯子碎了".repeat(20);
        let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount, "reason": reason }));
        self.shop.post(&path, &body).await
    }

    /// Waits until one refund of this kind is done, and sees that it is the only one and that the wallet made it once.
    pub async fn goes_back(&self, order: &Value, payer: &Payer, kind: &str, fen: i64) {
        let refunds = wait_until(SOON, "the money to go back", async || {
            Some(self.shop.refunds(order).await).filter(|all| all.iter().any(|one| one["status"] == "succeeded"))
        })
        .await;
        assert_eq!((refunds.len(), &refunds[0]["kind"], &refunds[0]["amount"]), (1, &json!(kind), &json!(fen)));
        assert_eq!(self.wallet.given_back(&payer.trade), [fen]);
    }

    /// The wallet's next answers to this call about a trade go wrong so.
    pub fn misbehave(&self, call: Call, about: &str, mischief: &[Mischief]) {
        self.wallet.misbehave(call, about, mischief);
    }
}
