//! A pretended Alipay and a live merchant who uses it.

mod book;
mod gateway;
mod notice;

pub use gateway::{Gateway, Mischief};
pub use notice::{Notice, deliver};

use crate::harness::{Server, Settings, Shop};
use crate::wechat::keys::identities;

/// The application.
pub const APP_ID: &str = "2014072300007148";
/// The merchant's number.
pub const SELLER_ID: &str = "2088102147948060";
const SHOP_KEY: &str = "key_of_the_tea_shop";

/// What Alipay's own browser says it is.
pub const IN_ALIPAY: &str = "Mozilla/5.0 (Linux; U; Android 12; zh-CN; KB2000 Build/RKQ1.211119.001) AppleWebKit/537.36 \
    (KHTML, like Gecko) Version/4.0 Chrome/69.0.3497.100 UWS/3.22.2.43 Mobile Safari/537.36 NebulaSDK/1.8.100112 Nebula \
    AliApp(AP/10.3.0.8000) AlipayClient/10.3.0.8000 Language/zh-Hans";

/// A live merchant whose wallet is Alipay at this gateway, with all products; `more` are further lines of his account.
pub fn live_merchant(gateway: &Gateway, more: &str) -> Settings {
    let all = identities();
    let digest = ring::digest::digest(&ring::digest::SHA256, SHOP_KEY.as_bytes());
    let hash: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let config = format!(
        r#"
[merchants.teashop]
name = "青石茶铺"
mode = "live"
api_keys = ["sha256:{hash}"]
origins = ["https://shop.example"]
[merchants.teashop.wallets.alipay]
products = ["code", "in_app", "browser"]
base_url = "{base}"
app_id = "{APP_ID}"
seller_id = "{SELLER_ID}"
private_key_file = "{key}"
alipay_public_key_file = "{public}"
{more}
"#,
        base = gateway.base(),
        key = all.merchant.file("key.pem").display(),
        public = all.public_key.file("pub.pem").display(),
    );
    Settings { config: Some(config), ..Settings::default() }
}

/// A gateway, the program with the live merchant, and his shop.
pub async fn world() -> (Gateway, Server, Shop) {
    world_with("").await
}

/// The same with further lines of the account.
pub async fn world_with(more: &str) -> (Gateway, Server, Shop) {
    let gateway = Gateway::start().await;
    let server = Server::start_with(live_merchant(&gateway, more)).await;
    let shop = server.shop_with(SHOP_KEY);
    (gateway, server, shop)
}
