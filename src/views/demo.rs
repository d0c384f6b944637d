//! A small shop, so that the whole way can be tried without writing code.

use super::frame::Frame;
use crate::domain::handoff::{HostApp, Platform};
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
