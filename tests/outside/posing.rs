//! Every page in every state that a visitor can meet, made on a running program, for the tests that look at all of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Browser, Chromium, Look, Server, Shop, least_order, path_of, wait_until};

/// One page to look at.
pub struct Pose {
    /// Its name in file names.
    pub name: &'static str,
    /// Its path, perhaps with a query.
    pub path: String,
    /// In which app and on what screen it is looked at.
    pub look: Look,
}

impl Pose {
    /// Its address in a language.
    pub fn address(&self, server: &Server, locale: &str) -> String {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{}{joint}locale={locale}", server.base(), self.path)
    }
}

/// All pages, and the browser that began the payments among them.
pub struct Poses {
    pub poses: Vec<Pose>,
    payer: String,
}

const IPHONE_SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

/// The first User-Agent of the corpus for an app on a platform.
pub fn user_agent(host_app: &str, platform: &str) -> &'static str {
    corpus()
        .into_iter()
        .find(|row| row.0 == host_app && row.1 == platform)
        .unwrap_or_else(|| panic!("no {host_app} on {platform}"))
        .2
}

/// App, platform and User-Agent of every line of the corpus.
pub fn corpus() -> Vec<(&'static str, &'static str, &'static str)> {
    let lines = include_str!("../data/user_agents.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_else(|| panic!("a line lacks a column: {line}"));
            let (host_app, platform, _source, agent) = (next(), next(), next(), next());
            (host_app, platform, agent)
        })
        .collect()
}

/// A phone on which this app is open.
pub fn phone(user_agent: &'static str) -> Look {
    Look { user_agent, ..Look::default() }
}

/// A computer.
pub fn computer() -> Look {
    Look { user_agent: user_agent("browser", "desktop"), width: 1280, height: 800, density: 1, ..Look::default() }
}

impl Poses {
    /// Lets a browser be the one that began the payments.
    pub async fn lend_cookie(&self, chromium: &Chromium, server: &Server) {
        chromium.set_cookie(&server.base(), "pay_browser", &self.payer).await;
    }

    /// Makes everything but what takes a minute to come about.
    pub async fn of(server: &Server) -> Self {
        let stand = Stand::up(server).await;
        Self { poses: stand.poses, payer: stand.cookie }
    }

    /// Makes everything, what has expired too.
    pub async fn with_expired(server: &Server) -> Self {
        let mut stand = Stand::up(server).await;
        stand.expired().await;
        Self { poses: stand.poses, payer: stand.cookie }
    }
}

struct Stand<'a> {
    server: &'a Server,
    shop: Shop,
    payer: Browser,
    poses: Vec<Pose>,
    cookie: String,
}

impl<'a> Stand<'a> {
    async fn up(server: &'a Server) -> Self {
        let shop = server.shop();
        let payer = server.browser();
        let mut stand = Stand { server, shop, payer, poses: Vec::new(), cookie: String::new() };
        stand.surfaces().await;
        stand.payments().await;
        stand.friends().await;
        stand.endings().await;
        stand.rest();
        stand
    }
}

fn checkout(order: &Value) -> String {
    path_of(order["checkout_url"].as_str().unwrap())
}

fn scan(order: &Value) -> String {
    path_of(order["qr"]["payload"].as_str().unwrap())
}

fn page(link: &Value) -> String {
    path_of(link["url"].as_str().unwrap())
}

fn android() -> Look {
    phone(user_agent("browser", "android"))
}

impl Stand<'_> {
    fn pose(&mut self, name: &'static str, path: String, look: Look) {
        self.poses.push(Pose { name, path, look });
    }

    async fn order(&self) -> Value {
        self.shop.place_with(json!({ "expires_in": 3600 })).await
    }

    async fn asked(&self) -> (Value, Value) {
        let order = self.order().await;
        let link = self
            .shop
            .ask_friend(&order, json!({ "requester": "小林", "message": "帮我付一下茶壶的钱，晚上还你" }))
            .await;
        (order, link)
    }

    /// The checkout in every kind of place.
    async fn surfaces(&mut self) {
        let order = self.order().await;
        self.pose("checkout-desktop", checkout(&order), computer());
        self.pose("checkout-iphone", checkout(&order), phone(IPHONE_SAFARI));
        self.pose("checkout-android", checkout(&order), android());
        for (name, app, platform) in [
            ("checkout-taobao", "taobao", "ios"),
            ("checkout-douyin", "douyin", "android"),
            ("checkout-wechat", "wechat", "android"),
            ("checkout-alipay", "alipay", "ios"),
            ("checkout-unionpay", "unionpay", "ios"),
            ("checkout-mini-program", "wechat_mini_program", "android"),
        ] {
            self.pose(name, checkout(&order), phone(user_agent(app, platform)));
        }
        self.pose("pay", scan(&order), android());
        self.pose("pay-wechat", scan(&order), phone(user_agent("wechat", "ios")));
        self.pose(
            "guide-wechat-iphone",
            format!("{}/guide/wechat_pay", checkout(&order)),
            phone(user_agent("taobao", "ios")),
        );
        self.pose(
            "guide-alipay-android",
            format!("{}/guide/alipay", checkout(&order)),
            phone(user_agent("wechat", "android")),
        );
        self.pose(
            "guide-unionpay-android",
            format!("{}/guide/unionpay", checkout(&order)),
            phone(user_agent("jd", "android")),
        );
    }

    /// What a payer sees after the tap.
    async fn payments(&mut self) {
        let order = self.order().await;
        let answer = self
            .payer
            .post_form(&format!("{}/attempts", scan(&order)), &[("wallet", "wechat_pay"), ("product", "code")])
            .await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        self.cookie = cookie.strip_prefix("pay_browser=").expect("the payer's cookie").to_owned();
        self.pose("attempt-wechat-code", answer.location(), android());
        for (name, wallet, product) in [
            ("attempt-alipay-code", "alipay", "code"),
            ("attempt-leaving", "alipay", "browser"),
            ("attempt-unionpay-leaving", "unionpay", "browser"),
            ("attempt-in-app", "wechat_pay", "in_app"),
        ] {
            let begun = self
                .payer
                .post_form(&format!("{}/attempts", scan(&order)), &[("wallet", wallet), ("product", product)])
                .await;
            self.pose(name, begun.location(), android());
        }
        let trade_no = self.shop.attempts(&order).await[0]["trade_no"].as_str().unwrap().to_owned();
        self.pose("simulated-wallet", format!("/sandbox/{trade_no}"), android());
    }

    /// The friend's page and the buyer's page about the link, in every state.
    async fn friends(&mut self) {
        let wechat = || phone(user_agent("wechat", "android"));
        let (order, link) = self.asked().await;
        self.pose("friend-open", page(&link), wechat());
        self.pose("friend-taobao", page(&link), phone(user_agent("taobao", "ios")));
        self.pose("checkout-friends", checkout(&order), android());
        self.pose(
            "link-open",
            format!("{}/friend_links/{}", checkout(&order), link["id"].as_str().unwrap()),
            android(),
        );

        let (order, link) = self.asked().await;
        self.server.browser().begin(&page(&link), "alipay").await;
        self.pose("friend-held-by-another", page(&link), wechat());
        self.pose(
            "link-held",
            format!("{}/friend_links/{}", checkout(&order), link["id"].as_str().unwrap()),
            android(),
        );

        let (_, link) = self.asked().await;
        self.payer.begin(&page(&link), "wechat_pay").await;
        self.pose("friend-held-by-you", page(&link), wechat());

        let (order, link) = self.asked().await;
        let other = self.shop.ask_friend(&order, json!({})).await;
        let attempt = self.payer.begin(&page(&link), "wechat_pay").await;
        let winning = self.payer.begin(&page(&other), "wechat_pay").await;
        self.server.play(&self.shop, &order, "paid").await;
        self.server.await_status(&self.shop, &order, "paid").await;
        let first = self.shop.attempts(&order).await[1]["trade_no"].as_str().unwrap().to_owned();
        self.server.browser().play(&first, "paid").await;
        // The second link's payment was the quicker one, so the first one's goes back.
        self.pose("friend-paid", page(&other), wechat());
        self.pose("friend-given-back", page(&link), wechat());
        self.pose("attempt-paid", winning, android());
        self.pose("attempt-given-back", attempt, android());
        self.pose(
            "link-paid",
            format!("{}/friend_links/{}", checkout(&order), other["id"].as_str().unwrap()),
            android(),
        );
        self.pose("checkout-paid-by-friend", checkout(&order), android());

        let (order, link) = self.asked().await;
        self.server.browser().begin(&page(&link), "alipay").await;
        self.server.play(&self.shop, &order, "paid").await;
        self.server.await_status(&self.shop, &order, "paid").await;
        self.pose("friend-paid-by-another", page(&link), wechat());

        let (_, link) = self.asked().await;
        self.server.browser().post_form(&format!("{}/decline", page(&link)), &[]).await.location();
        self.pose("friend-declined", page(&link), wechat());

        let (order, link) = self.asked().await;
        let id = link["id"].as_str().unwrap();
        self.shop.post_nothing(&format!("/v1/friend_links/{id}/revoke")).await.expect(200);
        self.pose("friend-revoked", page(&link), wechat());
        self.pose("link-revoked", format!("{}/friend_links/{id}", checkout(&order)), android());

        let (order, link) = self.asked().await;
        self.shop.post_nothing(&format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap())).await.expect(200);
        self.pose("friend-order-cancelled", page(&link), wechat());
        self.pose("checkout-cancelled", checkout(&order), android());
    }

    /// Receipts.
    async fn endings(&mut self) {
        let order = self.shop.place(&least_order()).await;
        self.server.pay(&self.shop, &order, "alipay").await;
        self.pose("receipt", checkout(&order), android());

        let order = self.order().await;
        for wallet in ["wechat_pay", "alipay"] {
            self.payer.begin(&scan(&order), wallet).await;
        }
        for attempt in self.shop.attempts(&order).await {
            self.server.browser().play(attempt["trade_no"].as_str().unwrap(), "paid").await;
        }
        self.server.await_status(&self.shop, &order, "paid").await;
        self.pose("checkout-paid-twice", checkout(&order), android());
        self.pose("pay-paid-twice", scan(&order), android());
    }

    /// An order and a link whose minute is over.
    async fn expired(&mut self) {
        let order = self.shop.place_with(json!({ "expires_in": 60, "return_url": "http://127.0.0.1:9/back" })).await;
        let link = self.shop.ask_friend(&order, json!({ "requester": "小林", "expires_in": 60 })).await;
        wait_until(Duration::from_secs(130), "an order to expire", async || {
            (self.shop.order(&order).await["status"] == "expired").then_some(())
        })
        .await;
        self.pose("friend-expired", page(&link), phone(user_agent("wechat", "android")));
        self.pose("checkout-expired", checkout(&order), android());
        let id = link["id"].as_str().unwrap();
        self.pose("link-expired", format!("{}/friend_links/{id}", checkout(&order)), android());
    }

    /// What belongs to no order.
    fn rest(&mut self) {
        self.pose("not-found", "/c/nothing".to_owned(), android());
        self.pose("guide", "/guide/wechat_pay".to_owned(), android());
        self.pose("demo", "/demo".to_owned(), android());
        self.pose("docs", "/docs".to_owned(), computer());
    }
}
