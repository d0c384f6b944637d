//! A small shop, so that the whole way can be tried without writing code.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::samples;
use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::money::Money;

/// Something the demo shop sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoProduct {
    /// Its name in forms (`p_<id>`): `a-z` only. `teapot`, `cup`, `tray` and `tea` have a drawing of their own.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// A sentence about it.
    pub note: String,
    /// What one costs.
    pub money: Money,
}

/// `GET /demo` and `GET /demo/cart?p_<id>=<quantity>`.
#[derive(Clone, Debug, Template)]
#[template(path = "demo_shop.html")]
pub struct DemoShopPage {
    /// What stands around the page.
    pub frame: Frame,
    /// What can be bought.
    pub products: Vec<DemoProduct>,
    /// Quantities by product.
    pub cart: Vec<(String, u32)>,
    /// What the cart costs; `None` while it is empty.
    pub total: Option<Money>,
}

/// `GET /demo/orders/{id}`: an order of the demo shop, and the apps in which its checkout can be looked at.
#[derive(Clone, Debug, Template)]
#[template(path = "demo_order.html")]
pub struct DemoOrderPage {
    /// What stands around the page.
    pub frame: Frame,
    /// The order's identifier.
    pub order_id: String,
    /// The absolute address of its checkout page.
    pub checkout_url: String,
    /// What it costs.
    pub money: Money,
    /// What was bought.
    pub subject: String,
    /// Apps and devices to preview; each is a link to `checkout_url?preview=<host_app>-<platform>`.
    pub previews: Vec<(HostApp, Platform)>,
}

impl DemoShopPage {
    fn quantity(&self, product: &DemoProduct) -> u32 {
        self.cart.iter().find(|(id, _)| *id == product.id).map_or(0, |(_, quantity)| *quantity)
    }

    fn drawing(&self, product: &DemoProduct) -> String {
        self.frame.asset(&format!("demo-{}.svg", product.id))
    }
}

impl DemoOrderPage {
    fn app_label(&self, app: &HostApp) -> &'static str {
        if *app == HostApp::Browser { self.frame.words().demo.browser } else { self.frame.host_app(app) }
    }

    fn platform_label(&self, platform: &Platform) -> &'static str {
        let words = &self.frame.words().demo;
        match platform {
            Platform::Ios => words.platform_ios,
            Platform::Android => words.platform_android,
            Platform::Harmony => words.platform_harmony,
            Platform::Desktop => words.platform_desktop,
            Platform::Unknown => words.platform_unknown,
        }
    }
}

impl Page for DemoShopPage {
    const NAME: &'static str = "demo";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let product = |id: &str, name: &str, note: &str, minor_units| DemoProduct {
            id: id.to_owned(),
            name: name.to_owned(),
            note: note.to_owned(),
            money: samples::yuan(minor_units),
        };
        let products = match locale {
            Locale::ZhCn => vec![
                product("teapot", "青瓷茶壶", "龙泉窑，220 毫升", 12_900),
                product("cup", "白瓷茶杯", "一对，手绘青花边", 3_800),
                product("tray", "竹茶盘", "可接水，整竹拼成", 8_600),
                product("tea", "龙井 50 克", "明前采摘", 1),
            ],
            Locale::En => vec![
                product("teapot", "Celadon teapot", "Longquan kiln, 220 ml", 12_900),
                product("cup", "Porcelain cups", "A pair, with a hand-drawn blue rim", 3_800),
                product("tray", "Bamboo tea tray", "Catches water, made of whole bamboo", 8_600),
                product("tea", "Longjing tea, 50 g", "Picked before the Qingming day", 1),
            ],
        };
        let empty = Self { frame: samples::frame(locale, "/demo"), products, cart: Vec::new(), total: None };
        let filled = Self {
            cart: vec![("teapot".to_owned(), 1), ("cup".to_owned(), 2)],
            total: Some(samples::yuan(20_500)),
            ..empty.clone()
        };
        vec![("empty", empty), ("filled", filled)]
    }
}

impl Page for DemoOrderPage {
    const NAME: &'static str = "demo-order";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let apps =
            [HostApp::Browser, HostApp::Wechat, HostApp::Alipay, HostApp::Taobao, HostApp::Douyin, HostApp::Unionpay];
        let mut previews: Vec<_> = apps.into_iter().map(|app| (app, Platform::Ios)).collect();
        previews.push((HostApp::Browser, Platform::Desktop));
        let order = samples::order(locale);
        let page = Self {
            frame: samples::frame(locale, "/demo/orders/ord_1"),
            order_id: "ord_01993a7c-3e1b-7f52-9a11-5b8f2d7c1e90".to_owned(),
            checkout_url: "http://127.0.0.1:8080/c/4fzzzxjylrxQYqFHb1Q3Ug".to_owned(),
            money: order.money,
            subject: order.subject,
            previews,
        };
        vec![("placed", page)]
    }
}
