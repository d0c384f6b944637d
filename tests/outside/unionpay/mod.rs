//! A pretended UnionPay and a live merchant who uses it.

mod front;
mod gateway;
pub mod keys;
mod wallet;

pub use gateway::{Form, deliver, signed, written};

use crate::harness::{Server, Settings, Shop};
use crate::pretended::{Desk, SHOP_KEY};
use keys::identities;

/// The pretended UnionPay of one test.
pub type Gateway = Desk<gateway::Book>;

/// The merchant's number.
pub const MER_ID: &str = "777290058110048";
const PASSWORD: &str = "canary-password";

/// A live merchant whose wallet is UnionPay at this gateway.
pub fn live_merchant(gateway: &Gateway) -> Settings {
    let all = identities();
    let lines = format!(
        r#"
products = ["code", "in_app", "browser"]
base_url = "{base}"
mer_id = "{MER_ID}"
cert_file = "{pfx}"
cert_password_env = "UNIONPAY_PFX_PASSWORD"
root_cert_file = "{root}"
middle_cert_file = "{middle}"
"#,
        base = gateway.base(),
        pfx = all.file("merchant.pfx").display(),
        root = all.file("root.pem").display(),
        middle = all.file("middle.pem").display(),
    );
    crate::pretended::live_merchant("unionpay", &lines).variable("UNIONPAY_PFX_PASSWORD", PASSWORD)
}

/// A gateway, the program with a live merchant whose wallet it is, and his shop.
pub async fn world() -> (Gateway, Server, Shop) {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway)).await;
    let shop = server.shop_with(SHOP_KEY);
    (gateway, server, shop)
}
