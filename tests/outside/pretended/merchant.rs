//! A live merchant who has one pretended wallet.

use std::sync::Arc;

use super::PretendedWallet;
use crate::harness::{Server, Settings, Shop};

/// The merchant's key.
pub const SHOP_KEY: &str = "key_of_the_tea_shop";

/// The live merchant `teashop` with this wallet and these lines in its table, and a sandbox merchant beside him.
pub fn live_merchant(wallet: &str, lines: &str) -> Settings {
    let digest = ring::digest::digest(&ring::digest::SHA256, SHOP_KEY.as_bytes());
    let hash: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let config = format!(
        r#"
[merchants.teashop]
name = "青石茶铺"
mode = "live"
api_keys = ["sha256:{hash}"]
origins = ["https://shop.example"]
[merchants.teashop.wallets.{wallet}]
{lines}
[merchants.bookshop]
name = "Book Shop"
mode = "sandbox"
api_keys = ["sha256:{books}"]
"#,
        books = "ab".repeat(32),
    );
    Settings { config: Some(config), ..Settings::default() }
}

/// The program with a live merchant whose wallet this is, and his shop.
pub async fn world(wallet: &Arc<dyn PretendedWallet>) -> (Server, Shop) {
    let server = Server::start_with(wallet.settings()).await;
    let shop = server.shop_with(SHOP_KEY);
    (server, shop)
}
