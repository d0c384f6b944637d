//! An order on the wire.

use crate::wire::words::{LocaleWord, OrderStatusWord, PayerWord, WalletWord};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::time::rfc3339;
use crate::domain::order::Order;
use crate::links::{Links, TokenPage};

/// An order as lists, events and webhooks carry it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderJson {
    /// Identifier: `ord_` and 32 hexadecimal digits.
    pub id: String,
    /// The shop's own number.
    pub merchant_order_no: String,
    /// `pending`, `paid`, `expired`, `cancelled`, `partially_refunded` or `refunded`.
    #[schema(value_type = OrderStatusWord)]
    pub status: &'static str,
    /// Whether simulated wallets stand behind it.
    pub sandbox: bool,
    /// In the currency's minor unit.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: &'static str,
    /// What is bought.
    pub subject: String,
    /// The wallets the buyer may use.
    #[schema(value_type = Vec<WalletWord>)]
    pub wallets: Vec<&'static str>,
    /// When it was placed.
    pub created_at: String,
    /// Until when it can be paid.
    pub expires_at: String,
    /// The wallet's payment time.
    #[schema(required)]
    pub paid_at: Option<String>,
    /// The wallet that paid it.
    #[schema(value_type = Option<WalletWord>, required)]
    pub paid_with: Option<&'static str>,
    /// `buyer` or `friend`.
    #[schema(value_type = Option<PayerWord>, required)]
    pub paid_by: Option<&'static str>,
    /// Sum of succeeded merchant refunds, in minor units.
    pub amount_refunded: i64,
    /// Where the page leads after payment.
    #[schema(required)]
    pub return_url: Option<String>,
    /// The language of the pages.
    #[schema(value_type = Option<LocaleWord>, required)]
    pub locale: Option<&'static str>,
    /// The shop's own pairs.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub metadata: Map<String, Value>,
}

/// The addresses and the picture of an order's lasting code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QrJson {
    /// The address that the code holds.
    pub payload: String,
    /// The picture.
    pub png_url: String,
    /// The same as SVG.
    pub svg_url: String,
    /// The album card.
    pub card_url: String,
    /// The picture itself.
    pub png_data_url: String,
}

/// An order as its own address answers it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullOrderJson {
    /// The order.
    #[serde(flatten)]
    pub order: OrderJson,
    /// The buyer's page.
    pub checkout_url: String,
    /// The lasting code.
    pub qr: QrJson,
}

impl OrderJson {
    /// An order without its addresses.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let request = &order.request;
        let metadata = request.metadata.iter().map(|(key, value)| (key.clone(), Value::String(value.clone())));
        Self {
            id: order.id.to_string(),
            merchant_order_no: request.merchant_order_no.as_str().to_owned(),
            status: order.status.as_str(),
            sandbox: order.sandbox,
            amount: request.money.amount.minor_units(),
            currency: request.money.currency.as_str(),
            subject: request.subject.clone(),
            wallets: request.wallets.iter().map(|wallet| wallet.as_str()).collect(),
            created_at: rfc3339(order.created_at),
            expires_at: rfc3339(order.expires_at),
            paid_at: order.winner.map(|winner| rfc3339(winner.paid_at)),
            paid_with: order.winner.map(|winner| winner.wallet.as_str()),
            paid_by: order.winner.map(|winner| winner.payer.as_str()),
            amount_refunded: order.amount_refunded,
            return_url: request.return_url.clone(),
            locale: request.locale.map(|locale| locale.as_str()),
            metadata: metadata.collect(),
        }
    }
}

impl FullOrderJson {
    /// An order with its addresses; `png_data_url` is the drawn lasting code.
    #[must_use]
    pub fn of(order: &Order, links: &Links, png_data_url: String) -> Self {
        let payload = links.page(TokenPage::Scan(order.scan_token));
        Self {
            order: OrderJson::of(order),
            checkout_url: links.page(TokenPage::Checkout(order.checkout_token)),
            qr: QrJson {
                png_url: format!("{payload}/qr.png"),
                svg_url: format!("{payload}/qr.svg"),
                card_url: format!("{payload}/card.png"),
                png_data_url,
                payload,
            },
        }
    }
}
