//! The closed lists of words of the public JSON, as the description of the API names them.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::attempt::AttemptStatus;
use crate::domain::event::EventKind;
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::{HostApp, Method, Platform};
use crate::domain::locale::Locale;
use crate::domain::order::{OrderStatus, Payer};
use crate::domain::payment::Verdict;
use crate::domain::refund::{RefundKind, RefundStatus};
use crate::domain::wallet::{Product, Wallet};
use crate::domain::webhook::DeliveryStatus;

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $words:expr;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some($words));
                    RefOr::T(Schema::Object(words.build()))
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

lists! {
    /// A wallet.
    WalletWord = Wallet::ALL.map(Wallet::as_str);
    /// A way of paying with a wallet.
    ProductWord = Product::ALL.map(Product::as_str);
    /// A language of the pages.
    LocaleWord = Locale::ALL.map(Locale::as_str);
    /// How an order stands.
    OrderStatusWord = OrderStatus::ALL.map(OrderStatus::as_str);
    /// How an attempt stands.
    AttemptStatusWord = AttemptStatus::ALL.map(AttemptStatus::as_str);
    /// How a friend link stands.
    LinkStatusWord = LinkStatus::ALL.map(LinkStatus::as_str);
    /// What a payment was decided to be.
    VerdictWord = Verdict::ALL.map(Verdict::as_str);
    /// Why money goes back.
    RefundKindWord = RefundKind::ALL.map(RefundKind::as_str);
    /// How a refund stands.
    RefundStatusWord = RefundStatus::ALL.map(RefundStatus::as_str);
    /// How a delivery stands.
    DeliveryStatusWord = DeliveryStatus::ALL.map(DeliveryStatus::as_str);
    /// The app in which a page is open.
    HostAppWord = HostApp::ALL.iter().map(|app| app.as_str());
    /// The kind of device.
    PlatformWord = Platform::ALL.iter().map(|platform| platform.as_str());
    /// A way of getting from the page to the wallet.
    MethodWord = Method::ALL.iter().map(|method| method.as_str());
    /// Who pays.
    PayerWord = [Payer::Buyer, Payer::Friend].map(Payer::as_str);
    /// What happened.
    EventWord = EventKind::ALL.iter().map(|kind| kind.as_str());
}
