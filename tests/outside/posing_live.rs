//! The pages of live merchants that a sandbox does not have, before pretended gateways: WeChat's login and bridge, UnionPay's form.

use serde_json::json;

use crate::harness::{Answer, Browser, Chromium, SOON, Server, Shop, path_of, wait_until};
use crate::posing::{Pose, phone, user_agent};
use crate::wechat::IN_WECHAT;
use crate::{unionpay, wechat};

/// A tap on the first of these, after which the second is to be seen.
pub type Tap = (&'static str, &'static str);

/// A live merchant's program, and what there is to look at.
pub struct LiveStand {
    pub server: Server,
    /// Each with the tap that brings it about, if there is one.
    pub poses: Vec<(Pose, Option<Tap>)>,
    cookie: String,
    shop: Shop,
    payer: Browser,
}

/// Everything of every live merchant.
pub async fn stands() -> [LiveStand; 2] {
    [at_wechat().await, at_unionpay().await]
}

async fn at_wechat() -> LiveStand {
    let (gateway, server, shop) = wechat::world().await;
    let mut stand = LiveStand::new(server, shop, Some(IN_WECHAT));
    let page = stand.page().await;
    stand.pose("wechat-login-explained", format!("{page}/login/wechat_pay"), IN_WECHAT);
    stand.pose("wechat-login-lost", "/oauth/wechat_pay/teashop?code=x&state=x".to_owned(), IN_WECHAT);
    stand.pose("wechat-pay-page", format!("{page}?login=done"), IN_WECHAT);
    let login = stand.payer.get(&page).await.expect(303);
    let state = wechat::state_of(login.header("location"));
    gateway.will_log_in("code-one", "oPosing");
    stand.payer.get(&format!("/oauth/wechat_pay/teashop?code=code-one&state={state}")).await.expect(303);
    let attempt = stand.begin(&page, "wechat_pay", "in_app").await;
    stand.pose("wechat-bridge", attempt.clone(), IN_WECHAT);
    stand.pose("wechat-bridge-failed", attempt, IN_WECHAT);
    // Nobody answers the page's call here: after a while it says so, and shows the other way.
    stand.tapping(("[data-bridge]", "[data-bridge-failed]"));
    let page = stand.page().await;
    let attempt = stand.begin(&page, "wechat_pay", "browser").await;
    stand.pose("wechat-h5-returned", format!("{attempt}?returned=1"), user_agent("browser", "android"));
    stand
}

async fn at_unionpay() -> LiveStand {
    let (_gateway, server, shop) = unionpay::world().await;
    let mut stand = LiveStand::new(server, shop, None);
    let page = stand.page().await;
    let android = user_agent("browser", "android");
    stand.pose("unionpay-pay-page", page.clone(), android);
    let attempt = stand.begin(&page, "unionpay", "browser").await;
    stand.pose("unionpay-form", attempt.clone(), android);
    stand.pose("unionpay-form-returned", format!("{attempt}?returned=1"), android);
    let page = stand.page().await;
    let attempt = stand.begin(&page, "unionpay", "in_app").await;
    stand.pose("unionpay-form-in-app", attempt, user_agent("unionpay", "ios"));
    stand
}

impl LiveStand {
    fn new(server: Server, shop: Shop, user_agent: Option<&str>) -> Self {
        let payer = server.browser();
        let payer = match user_agent {
            Some(agent) => payer.inside(agent),
            None => payer,
        };
        Self { server, poses: Vec::new(), cookie: String::new(), shop, payer }
    }

    /// The lasting page of a new order.
    async fn page(&self) -> String {
        let order = self.shop.place_with(json!({ "expires_in": 3600 })).await;
        path_of(order["qr"]["payload"].as_str().unwrap())
    }

    async fn begin(&mut self, page: &str, wallet: &str, product: &str) -> String {
        let form = [("wallet", wallet), ("product", product)];
        let begun: Answer = self.payer.post_form(&format!("{page}/attempts"), &form).await;
        let cookie = begun.header("set-cookie").split(';').next().unwrap_or_default();
        if let Some(cookie) = cookie.strip_prefix("pay_browser=") {
            cookie.clone_into(&mut self.cookie);
        }
        begun.location()
    }

    fn pose(&mut self, name: &'static str, path: String, user_agent: &'static str) {
        self.poses.push((Pose { name, path, look: phone(user_agent) }, None));
    }

    fn tapping(&mut self, tap: Tap) {
        self.poses.last_mut().expect("a pose").1 = Some(tap);
    }

    /// Lets a browser be the one that began the payments.
    pub async fn lend_cookie(&self, chromium: &Chromium) {
        chromium.set_cookie(&self.server.base(), "pay_browser", &self.cookie).await;
    }
}

/// Brings about what a pose shows after a tap.
pub async fn play(chromium: &Chromium, (tapped, shown): Tap) {
    chromium.click(tapped).await;
    let script = format!(
        "const e = document.querySelector(\"{shown}\"); if (!e || e.hidden) return false;\
         scrollTo(0, 0); document.activeElement.blur(); return true;"
    );
    wait_until(SOON, shown, async || (chromium.run(&script).await == true).then_some(())).await;
}
