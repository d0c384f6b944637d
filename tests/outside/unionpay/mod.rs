//! A pretended UnionPay and a live merchant who uses it.

mod front;
mod gateway;
pub mod keys;

pub use gateway::{Form, Gateway, Mischief, deliver, signed, written};

use crate::harness::{Server, Settings, Shop};
use keys::identities;

/// The merchant's number.
pub const MER_ID: &str = "777290058110048";
const PASSWORD: &str = "canary-password";
const SHOP_KEY: &str = "key_of_the_tea_shop";

/// A gateway, the program with a live merchant whose wallet it is, and his shop.
pub async fn world() -> (Gateway, Server, Shop) {
    let all = identities();
    let gateway = Gateway::start().await;
    let digest = ring::digest::digest(&ring::digest::SHA256, SHOP_KEY.as_bytes());
    let hash: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let config = format!(
        r#"
[merchants.teashop]
name = "青石茶铺"
mode = "live"
api_keys = ["sha256:{hash}"]
[merchants.teashop.wallets.unionpay]
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
    let settings = Settings { config: Some(config), ..Settings::default() }.variable("UNIONPAY_PFX_PASSWORD", PASSWORD);
    let server = Server::start_with(settings).await;
    let shop = server.shop_with(SHOP_KEY);
    (gateway, server, shop)
}
