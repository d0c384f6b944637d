//! A friend-pay link: a request to somebody else to pay, held by one payer at a time.

use std::str::FromStr;

use super::attempt::BrowserKey;
use super::code_mask::CodeMask;
use super::id::FriendLinkId;
use super::time::{Span, Timestamp};
use super::token::Token;
use super::wallet::UnknownWord;

/// How long beginning to pay keeps others out.
pub const HOLD: Span = Span::minutes(5);
/// How long a browser must wait before it holds a link again that somebody else wanted meanwhile.
pub const REST: Span = Span::minutes(15);
/// How many links of one order may be open at once.
pub const MAX_OPEN_LINKS: usize = 10;

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkStatus {
    /// Can be paid.
    Open,
    /// Its friend paid the order.
    Paid,
    /// Its friend said no.
    Declined,
    /// Its time, or its order, is over.
    Expired,
    /// The buyer or the merchant took it back.
    Revoked,
}

impl LinkStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Open, Self::Paid, Self::Declined, Self::Expired, Self::Revoked];

    /// The word that stands for the status in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for LinkStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownWord)
    }
}

/// One browser's time with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whose.
    pub browser: BrowserKey,
    /// When it ends, or ended.
    pub until: Timestamp,
    /// Whether another browser wanted the link meanwhile.
    pub contested: bool,
}

/// Why a browser cannot hold the link before a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBefore {
    /// Another browser holds it until then.
    HeldByAnother(Timestamp),
    /// It has held the link itself, others wanted it, and they come first until then.
    OthersFirst(Timestamp),
}

/// One friend-pay link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendLink {
    /// Its identifier.
    pub id: FriendLinkId,
    /// Opens the friend's page.
    pub token: Token,
    /// What the code of that page is drawn with.
    pub mask: CodeMask,
    /// Who asks, in his own words; at most 20 characters.
    pub requester: Option<String>,
    /// What he says; at most 60 characters.
    pub message: Option<String>,
    /// Where it stands.
    pub status: LinkStatus,
    /// When it was made, a whole second.
    pub created_at: Timestamp,
    /// Until when it can be paid, a whole second; never after its order.
    pub expires_at: Timestamp,
    /// Holds of the last [`REST`], oldest first; the last one may still run.
    pub holds: Vec<Hold>,
    /// How often what only this link's page shows has changed.
    pub view_changes: u32,
}

impl FriendLink {
    /// The end of the running hold; an ended link is held by nobody.
    #[must_use]
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.running_hold(now).map(|hold| hold.until)
    }

    /// Whether this browser is the one that keeps others out now.
    #[must_use]
    pub fn is_held_by(&self, browser: BrowserKey, now: Timestamp) -> bool {
        self.running_hold(now).is_some_and(|hold| hold.browser == browser)
    }

    /// Whether another browser than this one keeps it out now.
    #[must_use]
    pub fn is_held_by_another(&self, browser: BrowserKey, now: Timestamp) -> bool {
        self.running_hold(now).is_some_and(|hold| hold.browser != browser)
    }

    fn running_hold(&self, now: Timestamp) -> Option<&Hold> {
        let open = self.status == LinkStatus::Open;
        self.holds.last().filter(|hold| open && now < hold.until)
    }

    /// Lets a browser hold the link, or says until when it cannot. A refusal by another's hold is remembered: it is what
    /// makes the holder wait before he may hold again.
    ///
    /// # Errors
    /// [`NotBefore`] while another browser holds the link, and for [`REST`] after this browser's own contested hold.
    pub fn take_hold(&mut self, browser: BrowserKey, now: Timestamp) -> Result<(), NotBefore> {
        if let Some(running) = self.holds.last_mut().filter(|hold| now < hold.until) {
            if running.browser == browser {
                return Ok(());
            }
            running.contested = true;
            return Err(NotBefore::HeldByAnother(running.until));
        }
        self.holds.retain(|hold| now < hold.until + REST);
        if let Some(position) = self.holds.iter().rposition(|hold| hold.browser == browser) {
            let wanted_by_others =
                self.holds[position].contested || self.holds[position..].iter().any(|hold| hold.browser != browser);
            if wanted_by_others {
                return Err(NotBefore::OthersFirst(self.holds[position].until + REST));
            }
        }
        self.holds.push(Hold { browser, until: now + HOLD, contested: false });
        self.view_changes += 1;
        Ok(())
    }

    /// Ends a browser's running hold: it cancelled, or its payment failed.
    pub fn release_hold(&mut self, browser: BrowserKey, now: Timestamp) {
        if let Some(hold) = self.holds.last_mut().filter(|hold| now < hold.until && hold.browser == browser) {
            hold.until = now;
            // Once the link has its end, that end is the last news.
            self.view_changes += u32::from(self.status == LinkStatus::Open);
        }
    }

    /// Moves an open link to its last status; a link that has one already keeps it. Tells whether it moved.
    pub fn finish(&mut self, status: LinkStatus) -> bool {
        let moves = self.status == LinkStatus::Open;
        if moves {
            self.status = status;
            self.view_changes += 1;
        }
        moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ANNA: BrowserKey = [1; 32];
    const BEN: BrowserKey = [2; 32];

    fn link() -> FriendLink {
        FriendLink {
            id: FriendLinkId::new(Uuid::nil()),
            token: Token::from_bytes([0; 16]),
            mask: CodeMask::default(),
            requester: None,
            message: None,
            status: LinkStatus::Open,
            created_at: at(0),
            expires_at: at(86_400),
            holds: Vec::new(),
            view_changes: 0,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_hold_keeps_others_out_for_five_minutes_and_never_its_own_browser() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        assert_eq!(link.take_hold(BEN, at(1)), Err(NotBefore::HeldByAnother(at(300))));
        assert_eq!(link.take_hold(ANNA, at(2)), Ok(()));
        assert_eq!(link.held_until(at(299)), Some(at(300)));
        assert_eq!(link.held_until(at(300)), None);
        assert_eq!(link.take_hold(BEN, at(300)), Ok(()));
    }

    #[test]
    fn nobody_holds_a_wanted_link_for_ever() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        assert!(link.take_hold(BEN, at(10)).is_err());
        assert_eq!(link.take_hold(ANNA, at(301)), Err(NotBefore::OthersFirst(at(1200))));
        assert_eq!(link.take_hold(BEN, at(302)), Ok(()));
        assert_eq!(link.take_hold(ANNA, at(700)), Err(NotBefore::OthersFirst(at(1200))));
        assert_eq!(link.take_hold(ANNA, at(1200)), Ok(()));
    }

    #[test]
    fn an_unwanted_link_can_be_held_again_at_once() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        assert_eq!(link.take_hold(ANNA, at(301)), Ok(()));
        assert_eq!(link.held_until(at(302)), Some(at(601)));
    }

    #[test]
    fn cancelling_frees_the_link_for_others() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        link.release_hold(BEN, at(5));
        assert_eq!(link.held_until(at(6)), Some(at(300)));
        link.release_hold(ANNA, at(10));
        assert_eq!(link.held_until(at(10)), None);
        assert_eq!(link.take_hold(BEN, at(11)), Ok(()));
    }

    #[test]
    fn a_finished_link_keeps_its_end() {
        let mut link = link();
        assert!(link.finish(LinkStatus::Declined));
        assert!(!link.finish(LinkStatus::Paid));
        assert_eq!((link.status, link.view_changes), (LinkStatus::Declined, 1));
    }

    #[test]
    fn each_status_has_the_word_of_the_contract_and_is_read_back_from_it() {
        assert_eq!(LinkStatus::ALL.map(LinkStatus::as_str), ["open", "paid", "declined", "expired", "revoked"]);
        for status in LinkStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("held".parse::<LinkStatus>(), Err(UnknownWord));
    }

    #[test]
    fn a_running_hold_is_one_browsers_and_everybody_elses_obstacle_until_it_or_the_link_ends() {
        let mut link = link();
        assert!(!link.is_held_by(ANNA, at(0)) && !link.is_held_by_another(BEN, at(0)));
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        assert!(link.is_held_by(ANNA, at(299)) && !link.is_held_by_another(ANNA, at(299)));
        assert!(!link.is_held_by(BEN, at(299)) && link.is_held_by_another(BEN, at(299)));
        assert!(!link.is_held_by(ANNA, at(300)) && !link.is_held_by_another(BEN, at(300)));
        link.finish(LinkStatus::Revoked);
        assert!(!link.is_held_by(ANNA, at(1)) && !link.is_held_by_another(BEN, at(1)));
    }

    #[test]
    fn a_page_learns_of_each_change_of_its_link_and_of_nothing_else() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        assert_eq!(link.view_changes, 1);
        assert_eq!(link.take_hold(ANNA, at(1)), Ok(()));
        assert!(link.take_hold(BEN, at(2)).is_err());
        link.release_hold(BEN, at(3));
        assert_eq!(link.view_changes, 1, "the hold is as it was");
        link.release_hold(ANNA, at(4));
        link.release_hold(ANNA, at(4));
        assert_eq!((link.view_changes, link.holds[0].until), (2, at(4)));
        assert_eq!(link.take_hold(BEN, at(5)), Ok(()));
        link.finish(LinkStatus::Declined);
        link.release_hold(BEN, at(6));
        assert_eq!((link.view_changes, link.holds[1].until), (4, at(6)), "the end is the last news");
    }

    #[test]
    fn a_hold_is_forgotten_after_its_rest_and_counts_until_then() {
        let mut link = link();
        assert_eq!(link.take_hold(ANNA, at(0)), Ok(()));
        link.release_hold(ANNA, at(10));
        assert_eq!(link.take_hold(BEN, at(10)), Ok(()));
        link.release_hold(BEN, at(20));
        assert_eq!(link.take_hold(ANNA, at(909)), Err(NotBefore::OthersFirst(at(910))), "another came after her");
        assert_eq!(link.take_hold(BEN, at(909)), Ok(()), "nobody came after him");
        assert_eq!(link.holds.len(), 3);
        link.release_hold(BEN, at(909));
        assert_eq!(link.take_hold(ANNA, at(910)), Ok(()));
        assert_eq!(link.holds.iter().map(|hold| hold.browser).collect::<Vec<_>>(), [BEN, BEN, ANNA]);
    }
}
