//! The row of a kept answer.

use super::{Unreadable, narrow};
use crate::domain::merchant::MerchantId;
use crate::domain::time::Timestamp;
use crate::ports::store::{KeptAnswer, StoreError};
use crate::store::seal::{Purpose, Sealer};

/// A kept answer as it is stored.
#[derive(Debug)]
pub(in crate::store) struct AnswerRow {
    pub merchant: String,
    pub key: String,
    pub fingerprint: [u8; 32],
    pub status: i64,
    pub body_sealed: Vec<u8>,
    pub at: i64,
}

/// Neither part of a key holds a zero byte, so two keys never make the same place.
fn place(merchant: &str, key: &str) -> Vec<u8> {
    [merchant.as_bytes(), key.as_bytes()].join(&0)
}

impl AnswerRow {
    pub fn of(answer: &KeptAnswer, sealer: &Sealer) -> Result<Self, StoreError> {
        let place = place(answer.merchant.as_str(), &answer.key);
        Ok(Self {
            merchant: answer.merchant.as_str().to_owned(),
            key: answer.key.clone(),
            fingerprint: answer.fingerprint,
            status: i64::from(answer.status),
            body_sealed: sealer.seal(Purpose::KeptAnswer, &place, &answer.body)?,
            at: answer.at.millis(),
        })
    }

    pub fn into_answer(self, sealer: &Sealer) -> Result<KeptAnswer, StoreError> {
        let body = sealer.open(Purpose::KeptAnswer, &place(&self.merchant, &self.key), &self.body_sealed)?;
        Ok(KeptAnswer {
            merchant: MerchantId::new(&self.merchant).ok_or(Unreadable("kept_answers.merchant"))?,
            key: self.key,
            fingerprint: self.fingerprint,
            status: narrow(self.status, "kept_answers.status")?,
            body,
            at: Timestamp::from_millis(self.at),
        })
    }
}
