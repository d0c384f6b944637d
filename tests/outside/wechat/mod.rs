//! A pretended WeChat Pay and a live merchant who uses it.

mod book;
mod gateway;
pub mod notice;
mod wallet;

pub use gateway::REQUEST_ID;
pub use notice::Notice;
pub use wallet::logged_in;

use crate::harness::{Server, Settings, Shop};
use crate::pretended::keys::identities;
use crate::pretended::{Desk, SHOP_KEY};

/// The pretended WeChat Pay of one test.
pub type Gateway = Desk<book::Book>;

/// The official account.
pub const APP_ID: &str = "wxd678efh567hg6787";
/// Its secret.
pub const APP_SECRET: &str = "canary-app-secret";
/// The merchant's number.
pub const MCH_ID: &str = "1230000109";
/// The name of WeChat Pay's public key.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0100";
/// What notices are encrypted under.
pub const API_V3_KEY: &str = "canary6789abcdef0123456789abcdef";

/// A live merchant whose wallet is WeChat Pay at this gateway, with all products.
pub fn live_merchant(gateway: &Gateway) -> Settings {
    let all = identities();
    let lines = format!(
        r#"
products = ["code", "in_app", "browser"]
base_url = "{base}"
app_id = "{APP_ID}"
mch_id = "{MCH_ID}"
serial_no = "{serial}"
private_key_file = "{key}"
certificate_file = "{certificate}"
api_v3_key_env = "WECHAT_API_V3_KEY"
public_keys = {{ "{PUBLIC_KEY_ID}" = "{public}", "{platform}" = "{platform_file}" }}
oauth = {{ app_secret_env = "WECHAT_APP_SECRET", login_url = "{base}", base_url = "{base}" }}
verify_files = ["{proof}"]
"#,
        base = gateway.base(),
        proof = all.proof_file().display(),
        serial = all.merchant.serial,
        key = all.merchant.file("key.pem").display(),
        certificate = all.merchant.file("cert.pem").display(),
        public = all.public_key.file("pub.pem").display(),
        platform = all.certificate.serial,
        platform_file = all.certificate.file("cert.pem").display(),
    );
    crate::pretended::live_merchant("wechat_pay", &lines)
        .variable("WECHAT_API_V3_KEY", API_V3_KEY)
        .variable("WECHAT_APP_SECRET", APP_SECRET)
}

/// A gateway, the program with the live merchant, and his shop.
pub async fn world() -> (Gateway, Server, Shop) {
    let gateway = Gateway::open().await;
    let server = Server::start_with(live_merchant(&gateway)).await;
    let shop = server.shop_with(SHOP_KEY);
    (gateway, server, shop)
}

/// What WeChat's own browser says it is.
pub const IN_WECHAT: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
    Chrome/130.0.0.0 Mobile Safari/537.36 XWEB/1300 MMWEBSDK/20240801 MicroMessenger/8.0.50.2701(0x28003253) WeChat/arm64 \
    NetType/WIFI Language/zh_CN";

/// The `state` of the login address that a page led to.
pub fn state_of(login: &str) -> String {
    let url = url::Url::parse(login).unwrap_or_else(|error| panic!("{login}: {error}"));
    url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).expect("a state")
}
