//! What the watched store is asked to do: orders that are placed, paid and given back, events for an endpoint, and strays; and how each
//! of it is found again.

use std::collections::HashSet;

use rusqlite::Connection;
use uuid::Uuid;

use crate::domain::attempt::TradeNo;
use crate::domain::code_mask::CodeMask;
use crate::domain::id::{AttemptId, EventId, OrderId, PaymentId, RefundId, WebhookEndpointId};
use crate::domain::ledger::{FreshIds, Heard, Ledger, NewAttempt};
use crate::domain::merchant::{LatePayment, MerchantId};
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::order::{MerchantOrderNo, Order, OrderRequest, OrderStatus};
use crate::domain::payment::{ProvenPayment, Verdict};
use crate::domain::time::{Span, Timestamp};
use crate::domain::token::Token;
use crate::domain::wallet::{Product, Wallet};
use crate::domain::webhook::{Standing, WebhookEndpoint, WebhookSecret};
use crate::ports::outbox::Outbox;
use crate::ports::store::{Change, EventRecord, Store, Stray};
use crate::store::SqliteStore;

/// How many orders go their whole way, …
pub(super) const ORDERS: usize = 60;
/// … each in so many steps, every one a commit that is acknowledged by a number of its own.
pub(super) const STEPS: usize = 5;
const NOW: Timestamp = Timestamp::from_seconds(1_795_300_000);
const PRICE: i64 = 12_900;

/// How what a step of an order writes is found again, all of it together: for an event, with its delivery. The order's number stands first.
const FOUND_BY: [&str; STEPS] = [
    // Placed.
    "SELECT substr(merchant_order_no, 2) FROM orders JOIN events ON events.order_id = orders.id AND events.kind = 'order.created' \
     JOIN deliveries ON deliveries.event = events.id",
    // A payment was begun.
    "SELECT substr(merchant_order_no, 2) FROM orders JOIN attempts ON attempts.order_id = orders.id \
     JOIN events ON events.order_id = orders.id AND events.kind = 'attempt.created'",
    // Paid.
    "SELECT substr(transaction_id, 3) FROM payments JOIN orders ON orders.winner = payments.id AND orders.status = 'paid' \
     JOIN events ON events.order_id = orders.id AND events.kind = 'order.paid' JOIN deliveries ON deliveries.event = events.id",
    // The money is to go back.
    "SELECT substr(merchant_order_no, 2) FROM refunds JOIN orders ON orders.id = refunds.order_id AND orders.due_at = refunds.next_try_at",
    // Something came that belongs to no order.
    "SELECT substr(transaction_id, 3) FROM strays WHERE amount IS NOT NULL",
];

fn unique(kind: u128, order: usize, seq: u32) -> Uuid {
    Uuid::from_u128(kind << 64 | (order as u128) << 16 | u128::from(seq))
}

fn teashop() -> MerchantId {
    MerchantId::new("teashop").unwrap()
}

fn trade_no(order: usize) -> TradeNo {
    TradeNo::new(&format!("{order:024}")).unwrap()
}

fn proven(order: usize) -> ProvenPayment {
    ProvenPayment {
        wallet: Wallet::Alipay,
        account: "1900000109".to_owned(),
        trade_no: trade_no(order),
        transaction_id: format!("tx{order}"),
        amount: PRICE,
        currency: "CNY".to_owned(),
        paid_at: NOW,
    }
}

fn placed(order: usize) -> Ledger {
    let token = |kind: u128| Token::from_bytes(unique(kind, order, 0).into_bytes());
    Ledger::place(Order {
        id: OrderId::new(unique(1, order, 0)),
        merchant: teashop(),
        sandbox: true,
        request: OrderRequest {
            merchant_order_no: MerchantOrderNo::new(&format!("T{order}")).unwrap(),
            money: Money { amount: Amount::new(PRICE).unwrap(), currency: Currency::Cny },
            subject: "青瓷茶壶".to_owned(),
            wallets: Wallet::ALL.to_vec(),
            expires_in: Span::seconds(60),
            return_url: None,
            locale: None,
            metadata: Vec::new(),
        },
        created_at: NOW,
        expires_at: NOW + Span::seconds(60),
        status: OrderStatus::Pending,
        cancelled_at: None,
        winner: None,
        amount_refunded: 0,
        checkout_token: token(2),
        scan_token: token(3),
        scan_mask: CodeMask::default(),
        history_seq: 0,
        view_seq: 1,
        version: 0,
    })
}

fn begun(ledger: &mut Ledger, order: usize) {
    let wish = NewAttempt {
        id: AttemptId::new(unique(5, order, 0)),
        trade_no: trade_no(order),
        wallet: Wallet::Alipay,
        product: Some(Product::Code),
        default_product: Product::Code,
        browser: [7; 32],
        friend_link: None,
    };
    ledger.begin_attempt(wish, NOW).unwrap();
}

fn paid(ledger: &mut Ledger, order: usize) {
    let ids = FreshIds { payment: PaymentId::new(unique(6, order, 0)), refund: RefundId::new(unique(7, order, 0)) };
    assert_eq!(ledger.record(proven(order), ids, LatePayment::Refund, NOW), Heard::New(Verdict::Winner));
}

/// Writes a ledger with its news; it is then as the store has it.
async fn commit(store: &SqliteStore, order: usize, before: Option<Ledger>, after: &mut Ledger) {
    let event = |news: &crate::domain::event::Happening| EventRecord {
        id: EventId::new(unique(4, order, news.seq)),
        seq: news.seq,
        kind: news.kind,
        at: news.at,
        body: vec![b'x'; 300],
    };
    let events = after.news.iter().map(event).collect();
    store.commit(Change { before, after: after.clone(), events, answer: None, lease: None }).await.unwrap();
    after.news.clear();
    after.order.version += 1;
}

/// Adds the endpoint to which every event is to be delivered.
pub(super) async fn prepare(store: &SqliteStore) {
    let endpoint = WebhookEndpoint {
        id: WebhookEndpointId::new(unique(8, 0, 0)),
        merchant: teashop(),
        url: "https://shop.example/hook".to_owned(),
        kinds: None,
        created_at: NOW,
        standing: Standing::default(),
    };
    assert!(store.add_endpoint(endpoint, WebhookSecret::from_bytes([8; 32]), None).await.unwrap());
}

/// Lets one order go its whole way; each step is told as soon as it is acknowledged.
pub(super) async fn go(store: &SqliteStore, order: usize, acknowledged: impl Fn(usize)) {
    let told = |step: usize| acknowledged(order * STEPS + step);
    let mut ledger = placed(order);
    commit(store, order, None, &mut ledger).await;
    told(0);
    let refund = |ledger: &mut Ledger, order: usize| {
        assert!(ledger.ask_refund(RefundId::new(unique(7, order, 1)), None, None, NOW).is_ok());
    };
    for (step, happen) in (1..).zip([begun as fn(&mut Ledger, usize), paid, refund]) {
        let before = ledger.clone();
        happen(&mut ledger, order);
        commit(store, order, Some(before), &mut ledger).await;
        told(step);
    }
    let payment = ProvenPayment { account: "of somebody else".to_owned(), ..proven(order) };
    let stray = Stray {
        merchant: teashop(),
        wallet: Wallet::Alipay,
        at: NOW,
        reason: "it is for another account".to_owned(),
        trade_no: Some(trade_no(order)),
        payment: Some(payment),
        body: vec![b'x'; 300],
    };
    store.keep_stray(stray).await.unwrap();
    told(4);
}

/// The numbers of the steps that a sound database has, whole.
pub(super) fn present(connection: &Connection) -> rusqlite::Result<HashSet<usize>> {
    let version: i64 = connection.query_one("PRAGMA user_version", [], |row| row.get(0))?;
    if usize::try_from(version) != Ok(crate::store::sqlite::schema::KNOWN) {
        return Ok(HashSet::new());
    }
    let mut found = HashSet::new();
    for (step, sql) in FOUND_BY.into_iter().enumerate() {
        let mut orders = connection.prepare(sql)?;
        for order in orders.query_map([], |row| row.get::<_, String>(0))? {
            let order: usize = order?.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
            found.insert(order * STEPS + step);
        }
    }
    Ok(found)
}
