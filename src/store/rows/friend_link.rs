//! The row of a friend-pay link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;

use super::{IdBytes, Unreadable, json, narrow, open_code, seal_code, word};
use crate::domain::friend_link::{FriendLink, Hold};
use crate::domain::id::FriendLinkId;
use crate::domain::time::Timestamp;
use crate::ports::store::StoreError;
use crate::store::seal::{Purpose, Sealer};

/// A friend-pay link as it is stored, without the order it belongs to.
#[derive(Debug)]
pub(in crate::store) struct FriendLinkRow {
    pub id: IdBytes,
    pub token_hash: [u8; 32],
    /// The token and the mask of its code.
    pub token_sealed: Vec<u8>,
    pub requester: Option<String>,
    pub message: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub status: String,
    /// A JSON array of holds: `[browser in base64url, until in milliseconds, contested]`.
    pub holds: String,
    pub view_changes: i64,
}

fn holds_to_json(holds: &[Hold]) -> String {
    let holds: Vec<_> = holds
        .iter()
        .map(|hold| json!([URL_SAFE_NO_PAD.encode(hold.browser), hold.until.millis(), hold.contested]))
        .collect();
    json!(holds).to_string()
}

fn holds_from_json(text: &str) -> Result<Vec<Hold>, Unreadable> {
    let unreadable = Unreadable("friend_links.holds");
    let holds: Vec<(String, i64, bool)> = json(text, unreadable.0)?;
    let hold = |(browser, until, contested): (String, i64, bool)| {
        let browser = URL_SAFE_NO_PAD.decode(browser).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Hold { browser: browser.ok_or(unreadable)?, until: Timestamp::from_millis(until), contested })
    };
    holds.into_iter().map(hold).collect()
}

impl FriendLinkRow {
    pub fn of(link: &FriendLink, sealer: &Sealer) -> Result<Self, StoreError> {
        let id = link.id.uuid().into_bytes();
        Ok(Self {
            id,
            token_hash: link.token.hash(),
            token_sealed: seal_code(sealer, Purpose::FriendToken, &id, link.token, link.mask)?,
            requester: link.requester.clone(),
            message: link.message.clone(),
            created_at: link.created_at.millis(),
            expires_at: link.expires_at.millis(),
            status: link.status.as_str().to_owned(),
            holds: holds_to_json(&link.holds),
            view_changes: i64::from(link.view_changes),
        })
    }

    pub fn into_friend_link(self, sealer: &Sealer) -> Result<FriendLink, StoreError> {
        let (token, mask) = open_code(sealer, Purpose::FriendToken, &self.id, &self.token_sealed)?;
        Ok(FriendLink {
            id: FriendLinkId::new(Uuid::from_bytes(self.id)),
            token,
            mask,
            requester: self.requester,
            message: self.message,
            status: word(&self.status, "friend_links.status")?,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            holds: holds_from_json(&self.holds)?,
            view_changes: narrow(self.view_changes, "friend_links.view_changes")?,
        })
    }

    /// Whether the second is the first with nothing changed but what an update writes.
    pub fn may_become(before: &FriendLink, after: &FriendLink) -> bool {
        let progressed = FriendLink {
            status: after.status,
            expires_at: after.expires_at,
            holds: after.holds.clone(),
            view_changes: after.view_changes,
            ..before.clone()
        };
        progressed == *after
    }
}
