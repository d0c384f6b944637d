//! Answers that are given once and then again, byte for byte, to whoever repeats the request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::Services;
use super::refusal::Refusal;
use crate::domain::merchant::MerchantId;
use crate::domain::time::Timestamp;
use crate::domain::token::sha256;
use crate::ports::store::KeptAnswer;

/// What the API answers when all went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status, 2xx.
    pub status: u16,
    /// JSON.
    pub body: Vec<u8>,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Answer {
    /// An answer of this status with this document.
    pub(crate) fn of(status: u16, document: &impl Serialize) -> Self {
        // Our own documents hold only strings, integers and maps with string keys: writing them cannot fail.
        Self { status, body: serde_json::to_vec(document).unwrap_or_default(), replayed: false }
    }
}

/// A request that may be repeated: whose it is, its key, and what it asks.
#[derive(Clone, Debug)]
pub struct Once {
    merchant: MerchantId,
    key: String,
    fingerprint: [u8; 32],
}

impl Once {
    /// A request with an `Idempotency-Key`; `canonical_body` is the same for equal bodies.
    #[must_use]
    pub fn new(merchant: MerchantId, key: String, method: &str, path: &str, canonical_body: &[u8]) -> Self {
        let mut asked = Vec::with_capacity(method.len() + path.len() + canonical_body.len() + 16);
        for part in [method.as_bytes(), path.as_bytes(), canonical_body] {
            asked.extend((part.len() as u64).to_be_bytes());
            asked.extend(part);
        }
        Self { merchant, key, fingerprint: sha256(&asked) }
    }

    pub(crate) fn keep(&self, answer: &Answer, now: Timestamp) -> KeptAnswer {
        KeptAnswer {
            merchant: self.merchant.clone(),
            key: self.key.clone(),
            fingerprint: self.fingerprint,
            status: answer.status,
            body: answer.body.clone(),
            at: now,
        }
    }
}

/// What is running in this process: requests by their keys (which hold no space), and what is named with one.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<BTreeSet<(MerchantId, String)>>>);

/// Marks a key as running until it is dropped.
pub struct RunningGuard {
    running: Running,
    name: (MerchantId, String),
}

impl Running {
    fn start(&self, once: &Once) -> Option<RunningGuard> {
        self.mark(once.merchant.clone(), once.key.clone())
    }

    /// Marks something of a merchant's as running; `None` while it is marked already.
    pub(crate) fn mark(&self, merchant: MerchantId, what: String) -> Option<RunningGuard> {
        let name = (merchant, what);
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.clone()).then(|| RunningGuard { running: self.clone(), name })
    }
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// What is known of a request before it is carried out.
pub enum Recalled {
    /// It was answered before, so.
    Answered(Answer),
    /// It is new; keep the guard until it is answered.
    New(RunningGuard),
}

impl Services {
    /// Finds the answer that was given to this request before, or marks it as running.
    ///
    /// # Errors
    /// [`Refusal::KeyInUse`] while the first one runs, [`Refusal::KeyReused`] when the key was used for another request.
    pub async fn recall(&self, once: &Once) -> Result<Recalled, Refusal> {
        if let Some(answer) = self.kept(once).await? {
            return Ok(Recalled::Answered(answer));
        }
        let Some(guard) = self.running.start(once) else { return Err(Refusal::KeyInUse) };
        // The first one may have been answered between the look and the mark.
        match self.kept(once).await? {
            Some(answer) => Ok(Recalled::Answered(answer)),
            None => Ok(Recalled::New(guard)),
        }
    }

    async fn kept(&self, once: &Once) -> Result<Option<Answer>, Refusal> {
        let kept = self.store.kept_answer(&once.merchant, &once.key, self.clock.now()).await?;
        match kept {
            None => Ok(None),
            Some(kept) if kept.fingerprint == once.fingerprint => {
                Ok(Some(Answer { status: kept.status, body: kept.body, replayed: true }))
            }
            Some(_) => Err(Refusal::KeyReused),
        }
    }

    /// Another instance may have answered the same request while this one was deciding; its answer is the answer then.
    pub(crate) async fn or_kept(
        &self,
        result: Result<Answer, Refusal>,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        match (result, once) {
            (Err(Refusal::KeyInUse), Some(once)) => self.kept(once).await?.ok_or(Refusal::KeyInUse),
            (result, _) => result,
        }
    }
}
