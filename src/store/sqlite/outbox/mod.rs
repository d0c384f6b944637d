//! The outbox in SQLite: endpoints, their secrets, and the deliveries of events to each.

mod claims;
mod deliveries;
mod endpoints;

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, Params, Row};

use super::{SqliteStore, save, unavailable};
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::domain::merchant::MerchantId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::webhook::{Attempted, Delivery, Disabled, Jitter, WebhookEndpoint, WebhookSecret};
use crate::ports::outbox::{Claim, DeliveryQuery, Lane, Outbox};
use crate::ports::store::{EventRecord, KeptAnswer, StoreError};
use crate::store::rows::{AnswerRow, EndpointRow, seal_secret};

pub(super) use claims::drop_claims;
pub(super) use deliveries::begin_deliveries;

/// How many old deliveries one transaction forgets, so that nothing else waits long for it.
const FORGET_AT_ONCE: usize = 1000;

/// Executes a statement and tells how many rows it touched.
fn execute(connection: &Connection, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
    connection.prepare_cached(sql).and_then(|mut sql| sql.execute(parameters)).map_err(unavailable)
}

/// The rows that a query gives.
fn query<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    connection.prepare_cached(sql).and_then(|mut sql| sql.query_map(parameters, read)?.collect()).map_err(unavailable)
}

impl SqliteStore {
    /// Does some work together with keeping its answer: both stay, or none. Work that answers `false` did nothing.
    async fn write_with_answer(
        &self,
        answer: Option<KeptAnswer>,
        work: impl Fn(&Connection) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<bool, StoreError> {
        let answer = answer.map(|answer| AnswerRow::of(&answer, &self.sealer)).transpose()?;
        let write = move |connection: &Connection| {
            let done = work(connection)?;
            match &answer {
                Some(answer) if done => save::keep_answer(connection, answer).map(|()| done),
                _ => Ok(done),
            }
        };
        self.writer.write(write).await
    }
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn add_endpoint(
        &self,
        endpoint: WebhookEndpoint,
        secret: WebhookSecret,
        answer: Option<KeptAnswer>,
    ) -> Result<bool, StoreError> {
        let row = EndpointRow::of(&endpoint);
        let sealed = seal_secret(&row.id, &secret, &self.sealer)?;
        self.write_with_answer(answer, move |connection| endpoints::add(connection, &row, &sealed)).await
    }

    async fn endpoints(&self, merchant: &MerchantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
        let merchant = merchant.clone();
        self.readers.read(move |connection| endpoints::list(connection, merchant.as_str())).await
    }

    async fn remove_endpoint(&self, merchant: &MerchantId, endpoint: WebhookEndpointId) -> Result<bool, StoreError> {
        let (merchant, endpoint) = (merchant.clone(), endpoint.uuid().into_bytes());
        self.writer.write(move |connection| endpoints::remove(connection, merchant.as_str(), endpoint)).await
    }

    async fn rotate_secret(
        &self,
        merchant: &MerchantId,
        endpoint: WebhookEndpointId,
        secret: WebhookSecret,
        now: Timestamp,
        answer: Option<KeptAnswer>,
    ) -> Result<bool, StoreError> {
        let (merchant, endpoint) = (merchant.clone(), endpoint.uuid().into_bytes());
        let sealed = seal_secret(&endpoint, &secret, &self.sealer)?;
        let rotate =
            move |connection: &Connection| endpoints::rotate(connection, merchant.as_str(), endpoint, &sealed, now);
        self.write_with_answer(answer, rotate).await
    }

    async fn event(&self, merchant: &MerchantId, event: EventId) -> Result<Option<EventRecord>, StoreError> {
        let (merchant, event) = (merchant.clone(), event.uuid().into_bytes());
        self.readers.read(move |connection| deliveries::event(connection, merchant.as_str(), event)).await
    }

    async fn redeliver(
        &self,
        event: EventId,
        endpoints: Vec<WebhookEndpointId>,
        now: Timestamp,
        answer: Option<KeptAnswer>,
    ) -> Result<(), StoreError> {
        let event = event.uuid().into_bytes();
        let again = move |connection: &Connection| {
            for endpoint in &endpoints {
                deliveries::begin_again(connection, endpoint.uuid().into_bytes(), event, now)?;
            }
            Ok(true)
        };
        self.write_with_answer(answer, again).await?;
        self.stirred.notify_one();
        Ok(())
    }

    async fn deliveries(&self, query: DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        self.readers.read(move |connection| deliveries::list(connection, &query)).await
    }

    async fn claim(&self, lane: Lane, now: Timestamp, span: Span, limit: usize) -> Result<Vec<Claim>, StoreError> {
        // Looking costs no transaction of the writer; most of the time nothing is due.
        let delivers_since = *self.delivers_since.get_or_init(|| now);
        let due =
            self.readers.read(move |connection| claims::due(connection, lane, now, delivers_since, limit)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let sealer = Arc::clone(&self.sealer);
        self.writer.write(move |connection| claims::take(connection, &due, now, span, &sealer)).await
    }

    async fn note(
        &self,
        endpoint: WebhookEndpointId,
        event: EventId,
        fence: u64,
        attempted: Attempted,
        jitter: Jitter,
    ) -> Result<Option<Disabled>, StoreError> {
        let (endpoint, event) = (endpoint.uuid().into_bytes(), event.uuid().into_bytes());
        let note =
            move |connection: &Connection| deliveries::note(connection, (endpoint, event), fence, &attempted, jitter);
        let disabled = self.writer.write(note).await?;
        self.stirred.notify_one();
        Ok(disabled)
    }

    async fn next_due_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(move |connection| claims::next_due_after(connection, now)).await
    }

    async fn forget_old_deliveries(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        loop {
            let forget = move |connection: &Connection| deliveries::forget(connection, now, FORGET_AT_ONCE);
            let these = self.writer.write(forget).await?;
            forgotten += these;
            if these < FORGET_AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    async fn stirred(&self) {
        self.stirred.notified().await;
    }
}
