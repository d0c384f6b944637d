//! Writing: one change of an order, and kept answers, inside the writer's transaction.

use rusqlite::{Connection, OptionalExtension, Params, ToSql, params};

use super::{known_already, unavailable};
use crate::domain::time::Timestamp;
use crate::drill::is_planted;
use crate::ports::store::{Lease, StoreError};
use crate::store::rows::{
    AnswerRow, AttemptRow, EventRow, FriendLinkRow, IdBytes, OrderProgress, OrderRow, PaymentRow, RefundRow, widen,
};
use crate::store::writes::{OrderWrite, Writes};
use crate::store::{ANSWER_LIFE, oldest_kept_answer};

/// Executes a statement and tells how many rows it touched. Something that must be unique and is not, and for which no other
/// word was agreed, was drawn or read too long ago: a conflict.
fn execute(connection: &Connection, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut sql| sql.execute(parameters))
        .map_err(|error| if known_already(&error) { StoreError::Conflict } else { unavailable(error) })
}

/// Writes a change. An answer kept already comes before any other refusal: when the same request runs twice at once, the second
/// is to read the answer of the first. What refuses in ordinary life does so before anything is written, so that there is
/// nothing to undo.
pub(super) fn commit(connection: &Connection, writes: &Writes) -> Result<(), StoreError> {
    let order = writes.order_id;
    if let Some(lease) = &writes.lease {
        check_lease(connection, lease, order)?;
    }
    if let Some(answer) = &writes.answer {
        refuse_second_answer(connection, answer)?;
    }
    match &writes.order {
        OrderWrite::New(row) => insert_order(connection, row, writes.due_at)?,
        OrderWrite::Progress(version, progress) => {
            progress_order(connection, order, *version, progress, writes.due_at)?
        }
    }
    // In the order in which the rows point at each other.
    for row in &writes.friend_links.new {
        insert_friend_link(connection, order, row)?;
    }
    for row in &writes.attempts.new {
        insert_attempt(connection, order, row)?;
    }
    for row in &writes.payments.new {
        insert_payment(connection, order, row)?;
    }
    for row in &writes.refunds.new {
        insert_refund(connection, order, row)?;
    }
    update_changed(connection, order, writes)?;
    for row in &writes.events {
        insert_event(connection, order, &writes.merchant, row)?;
    }
    writes.answer.as_ref().map_or(Ok(()), |answer| keep_answer(connection, answer))
}

fn check_lease(connection: &Connection, lease: &Lease, order: IdBytes) -> Result<(), StoreError> {
    let fence: Option<i64> = connection
        .prepare_cached("SELECT fence FROM orders WHERE id = ?1")
        .and_then(|mut sql| sql.query_one([order], |row| row.get(0)).optional())
        .map_err(unavailable)?;
    let holds = lease.order.uuid().into_bytes() == order && fence == Some(widen(lease.fence));
    if holds || is_planted("no lease fence") { Ok(()) } else { Err(StoreError::LeaseLost) }
}

fn insert_order(connection: &Connection, row: &OrderRow, due_at: Option<i64>) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO orders (\
        id, merchant, merchant_order_no, sandbox, amount, currency, subject, wallets, expires_in, return_url, locale, \
        metadata, created_at, checkout_hash, checkout_sealed, scan_hash, scan_sealed, expires_at, status, cancelled_at, \
        winner, paid_at, paid_with, paid_by, amount_refunded, history_seq, view_seq, version, due_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT (merchant, merchant_order_no) DO NOTHING";
    let progress = &row.progress;
    let values: [&dyn ToSql; 29] = [
        &row.id,
        &row.merchant,
        &row.merchant_order_no,
        &row.sandbox,
        &row.amount,
        &row.currency,
        &row.subject,
        &row.wallets,
        &row.expires_in,
        &row.return_url,
        &row.locale,
        &row.metadata,
        &row.created_at,
        &row.checkout_hash,
        &row.checkout_sealed,
        &row.scan_hash,
        &row.scan_sealed,
        &progress.expires_at,
        &progress.status,
        &progress.cancelled_at,
        &progress.winner,
        &progress.paid_at,
        &progress.paid_with,
        &progress.paid_by,
        &progress.amount_refunded,
        &progress.history_seq,
        &progress.view_seq,
        &progress.version,
        &due_at,
    ];
    match execute(connection, SQL, values.as_slice())? {
        0 => Err(StoreError::MerchantOrderNoTaken),
        _ => Ok(()),
    }
}

fn progress_order(
    connection: &Connection,
    id: IdBytes,
    version: i64,
    progress: &OrderProgress,
    due_at: Option<i64>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE orders SET \
        expires_at = ?, status = ?, cancelled_at = ?, winner = ?, paid_at = ?, paid_with = ?, paid_by = ?, \
        amount_refunded = ?, history_seq = ?, view_seq = ?, version = ?, due_at = ? \
        WHERE id = ? AND version = ?";
    let values = params![
        progress.expires_at,
        progress.status,
        progress.cancelled_at,
        progress.winner,
        progress.paid_at,
        progress.paid_with,
        progress.paid_by,
        progress.amount_refunded,
        progress.history_seq,
        progress.view_seq,
        progress.version,
        due_at,
        id,
        version,
    ];
    match execute(connection, SQL, values)? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

fn insert_friend_link(connection: &Connection, order: IdBytes, row: &FriendLinkRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO friend_links (\
        id, order_id, token_hash, token_sealed, requester, message, created_at, expires_at, status, holds, view_changes) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        row.id,
        order,
        row.token_hash,
        row.token_sealed,
        row.requester,
        row.message,
        row.created_at,
        row.expires_at,
        row.status,
        row.holds,
        row.view_changes,
    ];
    execute(connection, SQL, values).map(drop)
}

fn insert_attempt(connection: &Connection, order: IdBytes, row: &AttemptRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO attempts (\
        id, order_id, wallet, product, trade_no, browser, friend_link, created_at, expires_at, status, \
        handover_sealed, ended_at, hinted_at, next_look_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        row.id,
        order,
        row.wallet,
        row.product,
        row.trade_no,
        row.browser,
        row.friend_link,
        row.created_at,
        row.expires_at,
        row.status,
        row.handover_sealed,
        row.ended_at,
        row.hinted_at,
        row.next_look_at,
    ];
    execute(connection, SQL, values).map(drop)
}

fn insert_payment(connection: &Connection, order: IdBytes, row: &PaymentRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO payments (\
        id, order_id, attempt, wallet, account, trade_no, transaction_id, amount, currency, paid_at, heard_at, verdict, \
        refund) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT (wallet, account, transaction_id) DO NOTHING";
    let values = params![
        row.id,
        order,
        row.attempt,
        row.wallet,
        row.account,
        row.trade_no,
        row.transaction_id,
        row.amount,
        row.currency,
        row.paid_at,
        row.heard_at,
        row.verdict,
        row.refund,
    ];
    match execute(connection, SQL, values)? {
        0 => Err(StoreError::PaymentKnown(row.transaction_id.clone())),
        _ => Ok(()),
    }
}

fn insert_refund(connection: &Connection, order: IdBytes, row: &RefundRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO refunds (\
        id, order_id, payment, wallet, amount, currency, kind, reason, created_at, status, tries, next_try_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        row.id,
        order,
        row.payment,
        row.wallet,
        row.amount,
        row.currency,
        row.kind,
        row.reason,
        row.created_at,
        row.status,
        row.tries,
        row.next_try_at,
    ];
    execute(connection, SQL, values).map(drop)
}

/// What an update writes is what each row's `may_become` lets differ.
fn update_changed(connection: &Connection, order: IdBytes, writes: &Writes) -> Result<(), StoreError> {
    let update = |sql, values: &[&dyn ToSql]| match execute(connection, sql, values)? {
        // The order's version has just matched, so its rows can only be missing if something else deleted them.
        0 => Err(StoreError::Unavailable(format!("a row to be changed is gone: {sql}"))),
        _ => Ok(()),
    };
    for row in &writes.friend_links.changed {
        update(
            "UPDATE friend_links SET status = ?, expires_at = ?, holds = ?, view_changes = ? WHERE id = ? AND order_id = ?",
            params![row.status, row.expires_at, row.holds, row.view_changes, row.id, order],
        )?;
    }
    for row in &writes.attempts.changed {
        update(
            "UPDATE attempts SET status = ?, handover_sealed = ?, ended_at = ?, hinted_at = ?, next_look_at = ? WHERE id = ? AND order_id = ?",
            params![row.status, row.handover_sealed, row.ended_at, row.hinted_at, row.next_look_at, row.id, order],
        )?;
    }
    for row in &writes.payments.changed {
        update("UPDATE payments SET refund = ? WHERE id = ? AND order_id = ?", params![row.refund, row.id, order])?;
    }
    for row in &writes.refunds.changed {
        update(
            "UPDATE refunds SET status = ?, tries = ?, next_try_at = ? WHERE id = ? AND order_id = ?",
            params![row.status, row.tries, row.next_try_at, row.id, order],
        )?;
    }
    Ok(())
}

fn insert_event(connection: &Connection, order: IdBytes, merchant: &str, row: &EventRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO events (id, order_id, merchant, seq, kind, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
    execute(connection, SQL, params![row.id, order, merchant, row.seq, row.kind, row.at, row.body]).map(drop)
}

fn refuse_second_answer(connection: &Connection, row: &AnswerRow) -> Result<(), StoreError> {
    let oldest = oldest_kept_answer(Timestamp::from_millis(row.at)).millis();
    let kept = connection
        .prepare_cached("SELECT 1 FROM kept_answers WHERE merchant = ?1 AND key = ?2 AND at >= ?3")
        .and_then(|mut sql| sql.exists(params![row.merchant, row.key, oldest]))
        .map_err(unavailable)?;
    if kept { Err(StoreError::AnswerKept) } else { Ok(()) }
}

/// Keeps an answer, also in the place of one that is too old to count.
pub(super) fn keep_answer(connection: &Connection, row: &AnswerRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO kept_answers (merchant, key, fingerprint, status, body_sealed, at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
        ON CONFLICT (merchant, key) DO UPDATE SET \
        fingerprint = excluded.fingerprint, status = excluded.status, body_sealed = excluded.body_sealed, at = excluded.at \
        WHERE kept_answers.at < excluded.at - ?7";
    let life = ANSWER_LIFE.as_millis();
    let values = params![row.merchant, row.key, row.fingerprint, row.status, row.body_sealed, row.at, life];
    match execute(connection, SQL, values)? {
        0 => Err(StoreError::AnswerKept),
        _ => Ok(()),
    }
}

/// Forgets at most so many answers that are too old; tells how many it were.
pub(super) fn forget_old_answers(connection: &Connection, now: Timestamp, at_most: usize) -> Result<usize, StoreError> {
    const SQL: &str = "DELETE FROM kept_answers WHERE row IN (SELECT row FROM kept_answers WHERE at < ?1 LIMIT ?2)";
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    execute(connection, SQL, params![oldest_kept_answer(now).millis(), at_most])
}

/// Writes for the sake of writing, so that a full or read-only disk is noticed.
pub(super) fn prove_writing(connection: &Connection) -> Result<(), StoreError> {
    match execute(connection, "UPDATE key_proof SET checks = checks + 1", [])? {
        1 => Ok(()),
        _ => Err(StoreError::Unavailable("the database has lost its key proof".to_owned())),
    }
}
