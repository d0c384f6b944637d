//! The order that every small world begins with.

use pay_handoff::domain::code_mask::CodeMask;
use pay_handoff::domain::id::OrderId;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::money::{Amount, Currency, Money};
use pay_handoff::domain::order::{MerchantOrderNo, Order, OrderRequest, OrderStatus};
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::token::Token;
use pay_handoff::domain::wallet::Wallet;
use uuid::Uuid;

/// A pending order of this price that lives for a minute.
pub fn order_of(begun: Timestamp, price: i64, wallets: &[Wallet]) -> Order {
    Order {
        id: OrderId::new(Uuid::from_u128(1)),
        merchant: MerchantId::new("teashop").unwrap(),
        sandbox: true,
        request: OrderRequest {
            merchant_order_no: MerchantOrderNo::new("T1").unwrap(),
            money: Money { amount: Amount::new(price).unwrap(), currency: Currency::Cny },
            subject: "茶".to_owned(),
            wallets: wallets.to_vec(),
            expires_in: Span::seconds(60),
            return_url: None,
            locale: None,
            metadata: Vec::new(),
        },
        created_at: begun,
        expires_at: begun + Span::seconds(60),
        status: OrderStatus::Pending,
        cancelled_at: None,
        winner: None,
        amount_refunded: 0,
        checkout_token: Token::from_bytes([1; 16]),
        scan_token: Token::from_bytes([2; 16]),
        scan_mask: CodeMask::default(),
        history_seq: 0,
        view_seq: 1,
        version: 1,
    }
}
