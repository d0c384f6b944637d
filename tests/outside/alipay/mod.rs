//! A pretended Alipay and a live merchant who uses it.

mod book;
mod certificates;
mod gateway;
mod notice;
mod wallet;

pub use certificates::{certificate_lines, certificates, rotation_lines};
pub use notice::{Notice, deliver};
pub use wallet::Alipay;

use crate::harness::{Server, Settings, Shop};
use crate::pretended::keys::identities;
use crate::pretended::{Desk, SHOP_KEY};

/// The pretended Alipay of one test.
pub type Gateway = Desk<book::Book>;

/// The application.
pub const APP_ID: &str = "2014072300007148";
/// The merchant's number.
pub const SELLER_ID: &str = "2088102147948060";
/// What Alipay's own browser says it is.
pub const IN_ALIPAY: &str = "Mozilla/5.0 (Linux; U; Android 12; zh-CN; KB2000 Build/RKQ1.211119.001) AppleWebKit/537.36 \
    (KHTML, like Gecko) Version/4.0 Chrome/69.0.3497.100 UWS/3.22.2.43 Mobile Safari/537.36 NebulaSDK/1.8.100112 Nebula \
    AliApp(AP/10.3.0.8000) AlipayClient/10.3.0.8000 Language/zh-Hans";

/// A live merchant whose wallet is Alipay at this gateway, with all products; `more` are further lines of his account.
pub fn live_merchant(gateway: &Gateway, more: &str) -> Settings {
    let all = identities();
    let key = if more.contains("alipay_cert_file") {
        String::new()
    } else {
        format!("alipay_public_key_file = \"{}\"", all.public_key.file("pub.pem").display())
    };
    let lines = format!(
        r#"
products = ["code", "in_app", "browser"]
base_url = "{base}"
app_id = "{APP_ID}"
seller_id = "{SELLER_ID}"
private_key_file = "{private_key}"
{key}
{more}
"#,
        base = gateway.base(),
        private_key = all.merchant.file("key.pem").display(),
    );
    crate::pretended::live_merchant("alipay", &lines)
}

/// A gateway, the program with the live merchant, and his shop.
pub async fn world() -> (Gateway, Server, Shop) {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway, "")).await;
    let shop = server.shop_with(SHOP_KEY);
    (gateway, server, shop)
}
