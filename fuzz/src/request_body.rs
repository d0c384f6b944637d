//! The bodies of requests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pay_handoff::domain::merchant::{LatePayment, Merchant, MerchantId, Mode};
use pay_handoff::domain::money::Amount;
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::wire::friend_link::FriendLinkWish;
use pay_handoff::wire::json::Json;
use pay_handoff::wire::order_request::{read_extension, read_order};
use pay_handoff::wire::refund::RefundWish;
use pay_handoff::wire::webhook::{WebhookEndpointWish, read_redelivery};

/// A body that another reader takes for JSON is JSON here too, and as an order it keeps every bound.
pub fn check(input: &[u8]) {
    static MERCHANT: LazyLock<Merchant> = LazyLock::new(|| Merchant {
        id: MerchantId::new("teashop").expect("a name"),
        name: "Tea Shop".to_owned(),
        mode: Mode::Sandbox,
        origins: vec!["https://shop.example".to_owned()],
        late_payment: LatePayment::Refund,
        friend_window: Span::hours(24),
        wallets: BTreeMap::from(Wallet::ALL.map(|wallet| (wallet, Product::ALL.to_vec()))),
    });
    let Ok(json) = Json::parse(input) else {
        assert!(serde_json::from_slice::<serde_json::Value>(input).is_err(), "another reader takes it");
        return;
    };
    assert!(!json.canonical().is_empty());
    if let Ok(order) = read_order(json.clone(), &MERCHANT) {
        assert!((1..=Amount::MAX).contains(&order.money.amount.minor_units()));
        assert!((1..=127).contains(&order.subject.chars().count()));
        assert!(!order.subject.contains(char::is_control) && !order.wallets.is_empty());
        assert!(Span::seconds(60) <= order.expires_in && order.expires_in <= Span::hours(24 * 7));
        let address = order.return_url.as_ref().map(ToString::to_string);
        assert!(
            address.is_none_or(|address| address.starts_with("https://shop.example/") || address.starts_with("http"))
        );
    }
    let _ = (read_extension(json.clone()), FriendLinkWish::read(json.clone()), RefundWish::read(json.clone()));
    let _ = (WebhookEndpointWish::read(json.clone(), |_| Ok(())), read_redelivery(json));
}
