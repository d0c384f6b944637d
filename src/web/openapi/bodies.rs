//! The bodies of requests, as the description of the API shows them.

use utoipa::ToSchema;

use crate::wire::words::{EventWord, LocaleWord, WalletWord};

/// The body of a new order.
#[derive(ToSchema)]
pub struct NewOrder {
    /// The shop's own number: 1–64 of `A-Za-z0-9_-`, unique per merchant.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub merchant_order_no: String,
    /// In the currency's minor unit.
    #[schema(minimum = 1, maximum = 99_999_999_999_i64)]
    pub amount: i64,
    /// ISO 4217; `CNY` is the only one that the wallets take.
    #[schema(default = "CNY", pattern = "^CNY$")]
    pub currency: Option<String>,
    /// What is bought: 1–127 characters.
    #[schema(min_length = 1, max_length = 127)]
    pub subject: String,
    /// Of `wechat_pay`, `alipay`, `unionpay`; default: all that the merchant has.
    #[schema(min_items = 1)]
    pub wallets: Option<Vec<WalletWord>>,
    /// Seconds.
    #[schema(minimum = 60, maximum = 604_800, default = 900)]
    pub expires_in: Option<i64>,
    /// Where the page leads after payment; on one of the merchant's origins.
    #[schema(pattern = "^https?://", max_length = 2000)]
    pub return_url: Option<String>,
    /// `zh-CN` or `en`.
    pub locale: Option<LocaleWord>,
    /// Up to 20 pairs.
    pub metadata: Option<std::collections::HashMap<String, String>>,
}

/// The body of an extension.
#[derive(ToSchema)]
pub struct Extension {
    /// Seconds from now.
    #[schema(minimum = 60, maximum = 604_800)]
    pub expires_in: i64,
}

/// The body of a new friend link.
#[derive(ToSchema)]
pub struct NewFriendLink {
    /// Who asks: at most 20 characters.
    #[schema(max_length = 20)]
    pub requester: Option<String>,
    /// What he says: at most 60 characters.
    #[schema(max_length = 60)]
    pub message: Option<String>,
    /// Seconds; default: the merchant's window.
    #[schema(minimum = 60, maximum = 604_800)]
    pub expires_in: Option<i64>,
}

/// The body of a new refund.
#[derive(ToSchema)]
pub struct NewRefund {
    /// In minor units; default: whatever is left.
    #[schema(minimum = 1, maximum = 99_999_999_999_i64)]
    pub amount: Option<i64>,
    /// 1–80 characters.
    #[schema(min_length = 1, max_length = 80)]
    pub reason: Option<String>,
}

/// The body of a new webhook endpoint.
#[derive(ToSchema)]
pub struct NewWebhookEndpoint {
    /// `https:` on port 443, with a name or a public address; in the sandbox also `http:` on port 80, and both on a loopback
    /// address with a port from 1024.
    #[schema(pattern = "^https?://", max_length = 2000)]
    pub url: String,
    /// The types to send; default: all but those of attempts.
    #[schema(min_items = 1)]
    pub events: Option<Vec<EventWord>>,
}

/// The body of a redelivery.
#[derive(ToSchema)]
pub struct Redelivery {
    /// The only endpoint to send to; default: every one that is enabled and takes events of this type.
    pub endpoint_id: Option<String>,
}
