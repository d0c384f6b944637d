//! Reading: one ledger whole.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::unavailable;
use crate::domain::ledger::Ledger;
use crate::ports::store::{LedgerKey, StoreError};
use crate::store::rows::{
    AttemptRow, FriendLinkRow, IdBytes, OrderProgress, OrderRow, PaymentRow, RefundRow, Unreadable,
};
use crate::store::seal::Sealer;

/// The ledger of this key. The connection must hold a snapshot.
pub(super) fn ledger(connection: &Connection, key: &LedgerKey, sealer: &Sealer) -> Result<Option<Ledger>, StoreError> {
    let Some(id) = order_id(connection, key).map_err(unavailable)? else { return Ok(None) };
    let order = connection
        .prepare_cached("SELECT * FROM orders WHERE id = ?1")
        .and_then(|mut sql| sql.query_one([id], order_row).optional())
        .map_err(unavailable)?;
    // A foreign key holds every child to its order; only the caller's own identifier may name nothing.
    let Some(order) = order else { return Ok(None) };
    let links =
        children(connection, "SELECT * FROM friend_links WHERE order_id = ?1 ORDER BY row", id, friend_link_row)?;
    let attempts = children(connection, "SELECT * FROM attempts WHERE order_id = ?1 ORDER BY row", id, attempt_row)?;
    let payments = children(connection, "SELECT * FROM payments WHERE order_id = ?1 ORDER BY row", id, payment_row)?;
    let refunds = children(connection, "SELECT * FROM refunds WHERE order_id = ?1 ORDER BY row", id, refund_row)?;
    Ok(Some(Ledger {
        order: order.into_order(sealer)?,
        attempts: attempts.into_iter().map(|row| row.into_attempt(sealer)).collect::<Result<_, _>>()?,
        payments: payments.into_iter().map(PaymentRow::into_payment).collect::<Result<_, Unreadable>>()?,
        friend_links: links.into_iter().map(|row| row.into_friend_link(sealer)).collect::<Result<_, _>>()?,
        refunds: refunds.into_iter().map(RefundRow::into_refund).collect::<Result<_, Unreadable>>()?,
        news: Vec::new(),
    }))
}

/// The order that a key names, if there is one.
fn order_id(connection: &Connection, key: &LedgerKey) -> rusqlite::Result<Option<IdBytes>> {
    let find = |sql, parameters: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.query_one(parameters, |row| row.get(0)).optional()
    };
    match key {
        LedgerKey::Order(order) => Ok(Some(order.uuid().into_bytes())),
        LedgerKey::MerchantOrderNo(merchant, number) => find(
            "SELECT id FROM orders WHERE merchant = ?1 AND merchant_order_no = ?2",
            params![merchant.as_str(), number.as_str()],
        ),
        LedgerKey::CheckoutToken(token) => {
            find("SELECT id FROM orders WHERE checkout_hash = ?1", params![token.hash()])
        }
        LedgerKey::ScanToken(token) => find("SELECT id FROM orders WHERE scan_hash = ?1", params![token.hash()]),
        LedgerKey::FriendToken(token) => find(
            "SELECT order_id FROM friend_links WHERE token_hash = ?1 AND status <> 'revoked'",
            params![token.hash()],
        ),
        LedgerKey::AnyFriendToken(token) => {
            find("SELECT order_id FROM friend_links WHERE token_hash = ?1", params![token.hash()])
        }
        LedgerKey::FriendLink(link) => {
            find("SELECT order_id FROM friend_links WHERE id = ?1", params![link.uuid().into_bytes()])
        }
        LedgerKey::TradeNo(merchant, wallet, trade_no) => find(
            "SELECT orders.id FROM attempts JOIN orders ON orders.id = attempts.order_id \
             WHERE attempts.wallet = ?1 AND attempts.trade_no = ?2 AND orders.merchant = ?3",
            params![wallet.as_str(), trade_no.as_str(), merchant.as_str()],
        ),
        LedgerKey::Payment(payment) => {
            find("SELECT order_id FROM payments WHERE id = ?1", params![payment.uuid().into_bytes()])
        }
    }
}

fn children<R>(
    connection: &Connection,
    sql: &str,
    order: IdBytes,
    read: fn(&Row<'_>) -> rusqlite::Result<R>,
) -> Result<Vec<R>, StoreError> {
    let mut sql = connection.prepare_cached(sql).map_err(unavailable)?;
    let rows = sql.query_map([order], read).map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}

pub(super) fn order_row(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    Ok(OrderRow {
        id: row.get("id")?,
        merchant: row.get("merchant")?,
        merchant_order_no: row.get("merchant_order_no")?,
        sandbox: row.get("sandbox")?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        subject: row.get("subject")?,
        wallets: row.get("wallets")?,
        expires_in: row.get("expires_in")?,
        return_url: row.get("return_url")?,
        locale: row.get("locale")?,
        metadata: row.get("metadata")?,
        created_at: row.get("created_at")?,
        checkout_hash: row.get("checkout_hash")?,
        checkout_sealed: row.get("checkout_sealed")?,
        scan_hash: row.get("scan_hash")?,
        scan_sealed: row.get("scan_sealed")?,
        progress: OrderProgress {
            expires_at: row.get("expires_at")?,
            status: row.get("status")?,
            cancelled_at: row.get("cancelled_at")?,
            winner: row.get("winner")?,
            paid_at: row.get("paid_at")?,
            paid_with: row.get("paid_with")?,
            paid_by: row.get("paid_by")?,
            amount_refunded: row.get("amount_refunded")?,
            history_seq: row.get("history_seq")?,
            view_seq: row.get("view_seq")?,
            version: row.get("version")?,
        },
    })
}

fn friend_link_row(row: &Row<'_>) -> rusqlite::Result<FriendLinkRow> {
    Ok(FriendLinkRow {
        id: row.get("id")?,
        token_hash: row.get("token_hash")?,
        token_sealed: row.get("token_sealed")?,
        requester: row.get("requester")?,
        message: row.get("message")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        status: row.get("status")?,
        holds: row.get("holds")?,
        view_changes: row.get("view_changes")?,
    })
}

fn attempt_row(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        id: row.get("id")?,
        wallet: row.get("wallet")?,
        product: row.get("product")?,
        trade_no: row.get("trade_no")?,
        browser: row.get("browser")?,
        friend_link: row.get("friend_link")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        status: row.get("status")?,
        handover_sealed: row.get("handover_sealed")?,
        ended_at: row.get("ended_at")?,
        hinted_at: row.get("hinted_at")?,
        next_look_at: row.get("next_look_at")?,
    })
}

fn payment_row(row: &Row<'_>) -> rusqlite::Result<PaymentRow> {
    Ok(PaymentRow {
        id: row.get("id")?,
        attempt: row.get("attempt")?,
        wallet: row.get("wallet")?,
        account: row.get("account")?,
        trade_no: row.get("trade_no")?,
        transaction_id: row.get("transaction_id")?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        paid_at: row.get("paid_at")?,
        heard_at: row.get("heard_at")?,
        verdict: row.get("verdict")?,
        refund: row.get("refund")?,
    })
}

fn refund_row(row: &Row<'_>) -> rusqlite::Result<RefundRow> {
    Ok(RefundRow {
        id: row.get("id")?,
        payment: row.get("payment")?,
        wallet: row.get("wallet")?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        kind: row.get("kind")?,
        reason: row.get("reason")?,
        created_at: row.get("created_at")?,
        status: row.get("status")?,
        tries: row.get("tries")?,
        next_try_at: row.get("next_try_at")?,
    })
}
