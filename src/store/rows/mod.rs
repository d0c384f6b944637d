//! What every database writes into its rows: plain numbers, words and bytes, and the way back into domain values.

mod answer;
mod attempt;
mod friend_link;
mod order;
mod payment;
mod refund;
mod webhook;

pub(super) use answer::AnswerRow;
pub(super) use attempt::AttemptRow;
pub(super) use friend_link::FriendLinkRow;
pub(super) use order::{OrderProgress, OrderRow};
pub(super) use payment::PaymentRow;
pub(super) use refund::RefundRow;
pub(super) use webhook::{AttemptedRow, DeliveryRow, EndpointRow, ProgressRow, StandingRow, open_secret, seal_secret};

use std::str::FromStr;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::seal::{Purpose, SealError, Sealer};
use crate::domain::attempt::TradeNo;
use crate::domain::code_mask::CodeMask;
use crate::domain::event::EventKind;
use crate::domain::id::EventId;
use crate::domain::time::Timestamp;
use crate::domain::token::Token;
use crate::ports::store::EventRecord;

/// The 16 bytes of a UUID.
pub(super) type IdBytes = [u8; 16];

/// No domain value can be made of a stored one: something else than this program wrote it. Names the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored {0} cannot be read")]
pub(super) struct Unreadable(pub &'static str);

/// The value a stored word stands for.
pub(super) fn word<T: FromStr>(text: &str, column: &'static str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable(column))
}

/// A stored integer in the narrower type the domain has for it.
pub(super) fn narrow<T: TryFrom<i64>>(number: i64, column: &'static str) -> Result<T, Unreadable> {
    T::try_from(number).map_err(|_| Unreadable(column))
}

/// A count of the domain as databases keep it. Counts of commits and claims never come near 2⁶³.
pub(super) fn widen(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn json<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable(column))
}

fn trade_no(text: &str, column: &'static str) -> Result<TradeNo, Unreadable> {
    TradeNo::new(text).ok_or(Unreadable(column))
}

fn moment(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::millis)
}

fn open_token(sealer: &Sealer, purpose: Purpose, row: &IdBytes, sealed: &[u8]) -> Result<Token, SealError> {
    let bytes = sealer.open(purpose, row, sealed)?;
    bytes.try_into().map(Token::from_bytes).map_err(|_| SealError::NotOurs)
}

/// A token and the mask of its code, one byte behind the other's sixteen: neither is of use without the other.
fn seal_code(
    sealer: &Sealer,
    purpose: Purpose,
    row: &IdBytes,
    token: Token,
    mask: CodeMask,
) -> Result<Vec<u8>, SealError> {
    sealer.seal(purpose, row, &[&token.expose_bytes()[..], &[mask.number()]].concat())
}

fn open_code(sealer: &Sealer, purpose: Purpose, row: &IdBytes, sealed: &[u8]) -> Result<(Token, CodeMask), SealError> {
    let bytes = sealer.open(purpose, row, sealed)?;
    let (mask, token) = bytes.split_last().ok_or(SealError::NotOurs)?;
    let token = token.try_into().map(Token::from_bytes).map_err(|_| SealError::NotOurs)?;
    Ok((token, CodeMask::new(*mask).ok_or(SealError::NotOurs)?))
}

/// An event as it is stored, without the order and the merchant it belongs to.
#[derive(Debug)]
pub(in crate::store) struct EventRow {
    pub id: IdBytes,
    pub seq: i64,
    pub kind: String,
    pub at: i64,
    pub body: Vec<u8>,
}

impl EventRow {
    pub fn of(event: EventRecord) -> Self {
        Self {
            id: event.id.uuid().into_bytes(),
            seq: i64::from(event.seq),
            kind: event.kind.as_str().to_owned(),
            at: event.at.millis(),
            body: event.body,
        }
    }

    pub fn into_event(self) -> Result<EventRecord, Unreadable> {
        Ok(EventRecord {
            id: EventId::new(Uuid::from_bytes(self.id)),
            seq: narrow(self.seq, "events.seq")?,
            kind: word::<EventKind>(&self.kind, "events.kind")?,
            at: Timestamp::from_millis(self.at),
            body: self.body,
        })
    }
}
