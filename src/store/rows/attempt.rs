//! The row of a payment attempt.

use url::form_urlencoded;
use uuid::Uuid;

use super::{IdBytes, Unreadable, millis, moment, trade_no, word};
use crate::domain::attempt::{Attempt, Handover, PostedForm};
use crate::domain::id::{AttemptId, FriendLinkId};
use crate::domain::time::Timestamp;
use crate::ports::store::StoreError;
use crate::store::seal::{Purpose, Sealer};

/// A payment attempt as it is stored, without the order it belongs to.
#[derive(Debug)]
pub(in crate::store) struct AttemptRow {
    pub id: IdBytes,
    pub wallet: String,
    pub product: String,
    pub trade_no: String,
    pub browser: [u8; 32],
    pub friend_link: Option<IdBytes>,
    pub created_at: i64,
    pub expires_at: i64,
    pub status: String,
    pub handover_sealed: Option<Vec<u8>>,
    pub ended_at: Option<i64>,
    pub hinted_at: Option<i64>,
    pub next_look_at: Option<i64>,
}

/// The first byte of a sealed handover says of which kind it is; the rest is its text.
const CODE: u8 = b'c';
const REDIRECT: u8 = b'r';
const BRIDGE: u8 = b'b';
const FORM: u8 = b'f';

fn seal_handover(handover: &Handover, id: &IdBytes, sealer: &Sealer) -> Result<Vec<u8>, StoreError> {
    let (kind, text) = match handover {
        Handover::Code(text) => (CODE, text),
        Handover::Redirect(text) => (REDIRECT, text),
        Handover::Bridge(text) => (BRIDGE, text),
        Handover::Form(form) => (FORM, &written(form)),
    };
    Ok(sealer.seal(Purpose::Handover, id, &[&[kind], text.as_bytes()].concat())?)
}

fn open_handover(sealed: &[u8], id: &IdBytes, sealer: &Sealer) -> Result<Handover, StoreError> {
    let unreadable = Unreadable("attempts.handover_sealed");
    let opened = sealer.open(Purpose::Handover, id, sealed)?;
    let (kind, text) = opened.split_first().ok_or(unreadable)?;
    let text = String::from_utf8(text.to_vec()).map_err(|_| unreadable)?;
    match *kind {
        CODE => Ok(Handover::Code(text)),
        REDIRECT => Ok(Handover::Redirect(text)),
        BRIDGE => Ok(Handover::Bridge(text)),
        FORM => read(&text).map(Handover::Form).ok_or_else(|| unreadable.into()),
        _ => Err(unreadable.into()),
    }
}

/// A form as text: where it goes, a line's end, and its fields as a form is written.
fn written(form: &PostedForm) -> String {
    let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    format!("{}\n{fields}", form.action)
}

fn read(text: &str) -> Option<PostedForm> {
    let (action, fields) = text.rsplit_once('\n')?;
    let fields = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
    Some(PostedForm { action: action.to_owned(), fields })
}

impl AttemptRow {
    pub fn of(attempt: &Attempt, sealer: &Sealer) -> Result<Self, StoreError> {
        let id = attempt.id.uuid().into_bytes();
        let handover = attempt.handover.as_ref();
        Ok(Self {
            id,
            wallet: attempt.wallet.as_str().to_owned(),
            product: attempt.product.as_str().to_owned(),
            trade_no: attempt.trade_no.as_str().to_owned(),
            browser: attempt.browser,
            friend_link: attempt.friend_link.map(|link| link.uuid().into_bytes()),
            created_at: attempt.created_at.millis(),
            expires_at: attempt.expires_at.millis(),
            status: attempt.status.as_str().to_owned(),
            handover_sealed: handover.map(|handover| seal_handover(handover, &id, sealer)).transpose()?,
            ended_at: millis(attempt.ended_at),
            hinted_at: millis(attempt.hinted_at),
            next_look_at: millis(attempt.next_look_at),
        })
    }

    pub fn into_attempt(self, sealer: &Sealer) -> Result<Attempt, StoreError> {
        let handover = self.handover_sealed.map(|sealed| open_handover(&sealed, &self.id, sealer)).transpose()?;
        Ok(Attempt {
            id: AttemptId::new(Uuid::from_bytes(self.id)),
            wallet: word(&self.wallet, "attempts.wallet")?,
            product: word(&self.product, "attempts.product")?,
            trade_no: trade_no(&self.trade_no, "attempts.trade_no")?,
            status: word(&self.status, "attempts.status")?,
            browser: self.browser,
            friend_link: self.friend_link.map(|link| FriendLinkId::new(Uuid::from_bytes(link))),
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            handover,
            ended_at: moment(self.ended_at),
            hinted_at: moment(self.hinted_at),
            next_look_at: moment(self.next_look_at),
        })
    }

    /// Whether the second is the first with nothing changed but what an update writes.
    pub fn may_become(before: &Attempt, after: &Attempt) -> bool {
        let progressed = Attempt {
            status: after.status,
            handover: after.handover.clone(),
            ended_at: after.ended_at,
            hinted_at: after.hinted_at,
            next_look_at: after.next_look_at,
            ..before.clone()
        };
        progressed == *after
    }
}
