//! The row of an order.

use serde_json::json;
use uuid::Uuid;

use super::{IdBytes, Unreadable, json, millis, moment, narrow, open_code, open_token, seal_code, widen, word};
use crate::domain::id::{OrderId, PaymentId};
use crate::domain::locale::Locale;
use crate::domain::merchant::MerchantId;
use crate::domain::money::{Amount, Money};
use crate::domain::order::{MerchantOrderNo, Order, OrderRequest, Payer, Winner};
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::Wallet;
use crate::ports::store::StoreError;
use crate::store::seal::{Purpose, Sealer};

/// An order as it is stored: what is fixed when it is placed, and its progress.
#[derive(Debug)]
pub(in crate::store) struct OrderRow {
    pub id: IdBytes,
    pub merchant: String,
    pub merchant_order_no: String,
    pub sandbox: bool,
    pub amount: i64,
    pub currency: String,
    pub subject: String,
    /// A JSON array of words.
    pub wallets: String,
    /// Milliseconds.
    pub expires_in: i64,
    pub return_url: Option<String>,
    pub locale: Option<String>,
    /// A JSON array of pairs, because their order is handed back and a name may come twice.
    pub metadata: String,
    pub created_at: i64,
    pub checkout_hash: [u8; 32],
    pub checkout_sealed: Vec<u8>,
    pub scan_hash: [u8; 32],
    /// The token and the mask of its code.
    pub scan_sealed: Vec<u8>,
    pub progress: OrderProgress,
}

/// The part of an order that changes.
#[derive(Debug)]
pub(in crate::store) struct OrderProgress {
    pub expires_at: i64,
    pub status: String,
    pub cancelled_at: Option<i64>,
    pub winner: Option<IdBytes>,
    pub paid_at: Option<i64>,
    pub paid_with: Option<String>,
    pub paid_by: Option<String>,
    pub amount_refunded: i64,
    pub history_seq: i64,
    pub view_seq: i64,
    pub version: i64,
}

impl OrderProgress {
    pub fn of(order: &Order, version: u64) -> Self {
        Self {
            expires_at: order.expires_at.millis(),
            status: order.status.as_str().to_owned(),
            cancelled_at: millis(order.cancelled_at),
            winner: order.winner.map(|winner| winner.payment.uuid().into_bytes()),
            paid_at: order.winner.map(|winner| winner.paid_at.millis()),
            paid_with: order.winner.map(|winner| winner.wallet.as_str().to_owned()),
            paid_by: order.winner.map(|winner| winner.payer.as_str().to_owned()),
            amount_refunded: order.amount_refunded,
            history_seq: i64::from(order.history_seq),
            view_seq: i64::from(order.view_seq),
            version: widen(version),
        }
    }

    fn winner(&self) -> Result<Option<Winner>, Unreadable> {
        let (Some(payment), Some(paid_at), Some(wallet), Some(payer)) =
            (self.winner, self.paid_at, &self.paid_with, &self.paid_by)
        else {
            return Ok(None);
        };
        let payers = [Payer::Buyer, Payer::Friend];
        Ok(Some(Winner {
            payment: PaymentId::new(Uuid::from_bytes(payment)),
            paid_at: Timestamp::from_millis(paid_at),
            wallet: word(wallet, "orders.paid_with")?,
            payer: payers.into_iter().find(|known| known.as_str() == payer).ok_or(Unreadable("orders.paid_by"))?,
        }))
    }
}

impl OrderRow {
    pub fn of(order: &Order, version: u64, sealer: &Sealer) -> Result<Self, StoreError> {
        let (id, request) = (order.id.uuid().into_bytes(), &order.request);
        let wallets: Vec<&str> = request.wallets.iter().map(|wallet| wallet.as_str()).collect();
        Ok(Self {
            id,
            merchant: order.merchant.as_str().to_owned(),
            merchant_order_no: request.merchant_order_no.as_str().to_owned(),
            sandbox: order.sandbox,
            amount: request.money.amount.minor_units(),
            currency: request.money.currency.as_str().to_owned(),
            subject: request.subject.clone(),
            wallets: json!(wallets).to_string(),
            expires_in: request.expires_in.as_millis(),
            return_url: request.return_url.clone(),
            locale: request.locale.map(|locale| locale.as_str().to_owned()),
            metadata: json!(request.metadata).to_string(),
            created_at: order.created_at.millis(),
            checkout_hash: order.checkout_token.hash(),
            checkout_sealed: sealer.seal(Purpose::CheckoutToken, &id, order.checkout_token.expose_bytes())?,
            scan_hash: order.scan_token.hash(),
            scan_sealed: seal_code(sealer, Purpose::ScanToken, &id, order.scan_token, order.scan_mask)?,
            progress: OrderProgress::of(order, version),
        })
    }

    pub fn into_order(self, sealer: &Sealer) -> Result<Order, StoreError> {
        let progress = self.progress;
        let locale = self.locale.map(|tag| word::<Locale>(&tag, "orders.locale")).transpose()?;
        let amount = Amount::new(self.amount).ok_or(Unreadable("orders.amount"))?;
        let wallets: Vec<String> = json(&self.wallets, "orders.wallets")?;
        let (scan_token, scan_mask) = open_code(sealer, Purpose::ScanToken, &self.id, &self.scan_sealed)?;
        Ok(Order {
            id: OrderId::new(Uuid::from_bytes(self.id)),
            merchant: MerchantId::new(&self.merchant).ok_or(Unreadable("orders.merchant"))?,
            sandbox: self.sandbox,
            request: OrderRequest {
                merchant_order_no: MerchantOrderNo::new(&self.merchant_order_no)
                    .ok_or(Unreadable("orders.merchant_order_no"))?,
                money: Money { amount, currency: word(&self.currency, "orders.currency")? },
                subject: self.subject,
                wallets: wallets.iter().map(|text| word::<Wallet>(text, "orders.wallets")).collect::<Result<_, _>>()?,
                expires_in: Span::millis(self.expires_in),
                return_url: self.return_url,
                locale,
                metadata: json(&self.metadata, "orders.metadata")?,
            },
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(progress.expires_at),
            status: word(&progress.status, "orders.status")?,
            cancelled_at: moment(progress.cancelled_at),
            winner: progress.winner()?,
            amount_refunded: progress.amount_refunded,
            checkout_token: open_token(sealer, Purpose::CheckoutToken, &self.id, &self.checkout_sealed)?,
            scan_token,
            scan_mask,
            history_seq: narrow(progress.history_seq, "orders.history_seq")?,
            view_seq: narrow(progress.view_seq, "orders.view_seq")?,
            version: narrow(progress.version, "orders.version")?,
        })
    }

    /// Whether the second is the first with nothing but its progress changed: all that an update writes.
    pub fn may_become(before: &Order, after: &Order) -> bool {
        let progressed = Order {
            expires_at: after.expires_at,
            status: after.status,
            cancelled_at: after.cancelled_at,
            winner: after.winner,
            amount_refunded: after.amount_refunded,
            history_seq: after.history_seq,
            view_seq: after.view_seq,
            version: after.version,
            ..before.clone()
        };
        progressed == *after
    }
}
