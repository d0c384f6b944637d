//! A payment attempt: one payer, one wallet, one product, one trade number at the wallet.

use std::fmt;
use std::str::FromStr;

use super::id::{AttemptId, FriendLinkId};
use super::order::Payer;
use super::schedule;
use super::time::{Span, Timestamp};
use super::wallet::{Product, UnknownWord, Wallet};

/// SHA-256 of the random value in a browser's cookie: who a payer is to us.
pub type BrowserKey = [u8; 32];

/// The number under which a wallet knows an attempt: 20–32 of `A-Za-z0-9`: the second in which it began, then chance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TradeNo(String);

impl TradeNo {
    /// The number, or `None` when it breaks the rule above.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        ((20..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| Self(text.to_owned()))
    }

    /// The number of an attempt that begins at this time, with this much chance: 22 of `A-Za-z0-9`.
    #[must_use]
    pub fn begun(at: Timestamp, chance: &str) -> Option<Self> {
        Self::new(&format!("{:010}{chance}", at.seconds()))
    }

    /// When it began, to the second: some wallets want to hear that with every question. `None` for a number from elsewhere.
    #[must_use]
    pub fn begun_at(&self) -> Option<Timestamp> {
        let digits = self.0.get(..10).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
        digits.parse().ok().map(Timestamp::from_seconds)
    }

    /// The number itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptStatus {
    /// Can be paid.
    Open,
    /// The wallet is being asked to close it; a payment may still win that race.
    Closing,
    /// The wallet closed it.
    Closed,
    /// A payment of it was proven.
    Succeeded,
    /// The wallet said that paying failed.
    Failed,
    /// Its deadline passed.
    Expired,
}

impl AttemptStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [Self::Open, Self::Closing, Self::Closed, Self::Succeeded, Self::Failed, Self::Expired];

    /// The word that stands for the status in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Whether a payer could still pay it.
    #[must_use]
    pub const fn is_living(self) -> bool {
        matches!(self, Self::Open | Self::Closing)
    }
}

impl FromStr for AttemptStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownWord)
    }
}

/// A signed form that the payer's own browser sends to the wallet. Nothing in it is a secret to that browser.
#[derive(Clone, PartialEq, Eq)]
pub struct PostedForm {
    /// Where it is sent, absolute.
    pub action: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl fmt::Debug for PostedForm {
    /// Whoever has it can bring a payer to the wallet: it is not for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostedForm(…)")
    }
}

/// What the wallet gave us so that the payer can come to it.
#[derive(Clone, PartialEq, Eq)]
pub enum Handover {
    /// The text of the wallet's own QR code.
    Code(String),
    /// An address of the wallet that the payer's tap leads to.
    Redirect(String),
    /// What our page's own script hands to the wallet that it is opened in, as JSON.
    Bridge(String),
    /// What the payer's tap sends to the wallet.
    Form(PostedForm),
}

impl fmt::Debug for Handover {
    /// What a wallet hands over lets its bearer pay or look: it is not for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Code(_) => "Code(…)",
            Self::Redirect(_) => "Redirect(…)",
            Self::Bridge(_) => "Bridge(…)",
            Self::Form(_) => "Form(…)",
        })
    }
}

/// One payment attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its identifier.
    pub id: AttemptId,
    /// At which wallet.
    pub wallet: Wallet,
    /// In which way.
    pub product: Product,
    /// The wallet's number for it.
    pub trade_no: TradeNo,
    /// Where it stands.
    pub status: AttemptStatus,
    /// The browser that began it; only that browser sees its page.
    pub browser: BrowserKey,
    /// The friend link through which it was begun.
    pub friend_link: Option<FriendLinkId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The deadline it was given: a payment made after this is late.
    pub expires_at: Timestamp,
    /// What the wallet answered when it was begun; `None` until then.
    pub handover: Option<Handover>,
    /// When it stopped being payable, as far as we know.
    pub ended_at: Option<Timestamp>,
    /// When its wallet last proved that something happened to it without proving what: its looks begin anew from then.
    pub hinted_at: Option<Timestamp>,
    /// When the wallet is to be asked next: a query while it is open or has ended, a close while it is closing.
    pub next_look_at: Option<Timestamp>,
}

impl Attempt {
    /// Who pays when this attempt is paid.
    #[must_use]
    pub const fn payer(&self) -> Payer {
        if self.friend_link.is_some() { Payer::Friend } else { Payer::Buyer }
    }

    /// Whether a payer can be sent to it at this moment.
    #[must_use]
    pub fn can_be_paid(&self, now: Timestamp) -> bool {
        self.status == AttemptStatus::Open && now < self.expires_at
    }

    /// Marks it as being closed; the wallet is to be asked at once.
    pub fn start_closing(&mut self, now: Timestamp) {
        if self.status == AttemptStatus::Open {
            self.status = AttemptStatus::Closing;
            self.next_look_at = Some(now);
        }
    }

    /// Ends it and plans the looks after its end. A success is never overwritten.
    pub fn end(&mut self, status: AttemptStatus, now: Timestamp) {
        if self.status == AttemptStatus::Succeeded {
            return;
        }
        self.status = status;
        self.ended_at.get_or_insert(now);
        self.next_look_at = match status {
            AttemptStatus::Succeeded => None,
            _ => self.next_planned(now),
        };
    }

    /// Its wallet proved that something happened to it: it is to be asked at once, and then on the schedule of a beginning, even if no look
    /// was planned any more. A hint just after another one changes nothing: the looks that are still to come are for both.
    pub fn hint(&mut self, now: Timestamp) {
        let is_hinted = self.hinted_at.is_some_and(|at| at <= now && now < at + schedule::ONE_HINT);
        if !(is_hinted && self.next_look_at.is_some()) {
            self.hinted_at = Some(now);
            self.next_look_at = Some(now);
        }
    }

    /// The next look of the schedules that it is on.
    fn next_planned(&self, now: Timestamp) -> Option<Timestamp> {
        let ended = self.ended_at.filter(|_| !self.status.is_living());
        let hinted = self.hinted_at.and_then(|at| schedule::next_look_after_hint(at, now));
        [schedule::next_look(self.created_at, ended, now), hinted].into_iter().flatten().min()
    }

    /// Plans the next look after one that found nothing new.
    pub fn looked(&mut self, now: Timestamp) {
        self.next_look_at = match self.status {
            AttemptStatus::Open => self.next_planned(now).map(|next| next.min(self.expires_at.max(now))),
            AttemptStatus::Closing => Some(now + schedule::CLOSE_RETRY),
            AttemptStatus::Succeeded => None,
            AttemptStatus::Closed | AttemptStatus::Failed | AttemptStatus::Expired => self.next_planned(now),
        };
    }

    /// Plans the next look after one that the wallet did not answer: it counts as none, so an attempt that has ended is looked at again
    /// soon, however many of its looks are over.
    pub fn not_answered(&mut self, now: Timestamp) {
        self.looked(now);
        if let (AttemptStatus::Closed | AttemptStatus::Failed | AttemptStatus::Expired, Some(ended)) =
            (self.status, self.ended_at)
        {
            let since = self.hinted_at.map_or(ended, |hinted| hinted.max(ended));
            let again = now + schedule::unanswered_wait(now - since);
            self.next_look_at = Some(self.next_look_at.map_or(again, |next| next.min(again)));
        }
    }
}

/// How long an attempt may live by its product: WeChat's codes and prepay sessions 2 h, its H5 address 5 min (both from WeChat
/// Pay's own documents), Alipay and UnionPay 15 min by our own choice, because their unscanned codes cannot be closed.
#[must_use]
pub const fn lifetime(wallet: Wallet, product: Product) -> Span {
    match (wallet, product) {
        (Wallet::WechatPay, Product::Code | Product::InApp) => Span::hours(2),
        (Wallet::WechatPay, Product::Browser) => Span::minutes(5),
        (Wallet::Alipay | Wallet::Unionpay, _) => Span::minutes(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_number_tells_when_it_began_and_one_from_elsewhere_tells_nothing() {
        let at = Timestamp::from_millis(1_795_320_001_999);
        let number = TradeNo::begun(at, &"z".repeat(22)).unwrap();
        assert_eq!(number.as_str(), format!("1795320001{}", "z".repeat(22)));
        assert_eq!(number.begun_at(), Some(at.floor_to_second()));
        assert_eq!(TradeNo::new(&"z".repeat(32)).unwrap().begun_at(), None);
        assert_eq!(TradeNo::begun(at, &"z".repeat(23)), None, "no wallet takes more");
        assert_eq!(TradeNo::begun(at, &"z".repeat(10)).unwrap().as_str().len(), 20);
        for wrong in ["z".repeat(19), "z".repeat(33), "茶".repeat(8), format!("{}-", "z".repeat(20)), String::new()] {
            assert_eq!(TradeNo::new(&wrong), None, "{wrong}");
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_300_000 + seconds)
    }

    fn attempt(status: AttemptStatus) -> Attempt {
        Attempt {
            id: AttemptId::new(uuid::Uuid::nil()),
            wallet: Wallet::Alipay,
            product: Product::Code,
            trade_no: TradeNo::new(&"z".repeat(20)).unwrap(),
            status,
            browser: [1; 32],
            friend_link: None,
            created_at: at(0),
            expires_at: at(900),
            handover: None,
            ended_at: None,
            hinted_at: None,
            next_look_at: Some(at(5)),
        }
    }

    #[test]
    fn each_status_has_the_word_of_the_contract_and_is_read_back_from_it() {
        let words = ["open", "closing", "closed", "succeeded", "failed", "expired"];
        assert_eq!(AttemptStatus::ALL.map(AttemptStatus::as_str), words);
        for status in AttemptStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(status.is_living(), [AttemptStatus::Open, AttemptStatus::Closing].contains(&status));
        }
        assert_eq!("paid".parse::<AttemptStatus>(), Err(UnknownWord));
    }

    #[test]
    fn only_an_open_attempt_before_its_deadline_can_be_paid() {
        for status in AttemptStatus::ALL {
            assert_eq!(attempt(status).can_be_paid(at(899)), status == AttemptStatus::Open);
            assert!(!attempt(status).can_be_paid(at(900)));
        }
        assert_eq!(attempt(AttemptStatus::Open).payer(), Payer::Buyer);
        let friends =
            Attempt { friend_link: Some(FriendLinkId::new(uuid::Uuid::nil())), ..attempt(AttemptStatus::Open) };
        assert_eq!(friends.payer(), Payer::Friend);
    }

    #[test]
    fn only_an_open_attempt_begins_to_close_and_its_wallet_is_asked_at_once() {
        for status in AttemptStatus::ALL {
            let mut closing = attempt(status);
            closing.start_closing(at(7));
            let expected = match status {
                AttemptStatus::Open => (AttemptStatus::Closing, Some(at(7))),
                _ => (status, Some(at(5))),
            };
            assert_eq!((closing.status, closing.next_look_at), expected);
        }
    }

    #[test]
    fn a_success_is_never_overwritten_and_the_first_end_dates_every_later_look() {
        for end in AttemptStatus::ALL {
            let mut succeeded = attempt(AttemptStatus::Succeeded);
            succeeded.end(end, at(7));
            assert_eq!(succeeded, attempt(AttemptStatus::Succeeded));
        }
        let mut ended = attempt(AttemptStatus::Open);
        ended.end(AttemptStatus::Closed, at(100));
        assert_eq!(
            (ended.status, ended.ended_at, ended.next_look_at),
            (AttemptStatus::Closed, Some(at(100)), Some(at(400)))
        );
        ended.end(AttemptStatus::Failed, at(500));
        assert_eq!((ended.ended_at, ended.next_look_at), (Some(at(100)), Some(at(3700))));
        ended.end(AttemptStatus::Succeeded, at(600));
        assert_eq!((ended.status, ended.ended_at, ended.next_look_at), (AttemptStatus::Succeeded, Some(at(100)), None));
    }

    #[test]
    fn each_status_is_looked_at_on_its_own_schedule() {
        let next = |status, ended_s: Option<i64>, now_s| {
            let mut looked = Attempt { ended_at: ended_s.map(at), ..attempt(status) };
            looked.looked(at(now_s));
            let mut unanswered = Attempt { ended_at: ended_s.map(at), ..attempt(status) };
            unanswered.not_answered(at(now_s));
            let seconds = |attempt: Attempt| attempt.next_look_at.map(|next| (next - at(0)).as_seconds());
            (seconds(looked), seconds(unanswered))
        };
        use AttemptStatus::{Closed, Closing, Expired, Failed, Open, Succeeded};
        assert_eq!(next(Open, None, 5), (Some(10), Some(10)));
        assert_eq!(next(Open, None, 890), (Some(900), Some(900)), "not after its deadline");
        assert_eq!(next(Open, None, 950), (Some(950), Some(950)), "and never in the past");
        assert_eq!(next(Closing, None, 950), (Some(960), Some(960)));
        assert_eq!(next(Succeeded, Some(100), 200), (None, None));
        for ended in [Closed, Failed, Expired] {
            assert_eq!(next(ended, Some(100), 200), (Some(400), Some(400)));
            assert_eq!(next(ended, Some(100), 500), (Some(3700), Some(800)), "what was not answered is asked sooner");
            assert_eq!(next(ended, Some(100), 86_500), (None, Some(86_500 + 21_600)), "and after the last look, too");
        }
        assert_eq!(next(Open, Some(100), 500), (Some(520), Some(520)));
    }

    #[test]
    fn attempts_live_as_long_as_their_products() {
        let minutes = |wallet| Product::ALL.map(|product| lifetime(wallet, product).as_seconds() / 60);
        let of = |wallet, product| lifetime(wallet, product).as_seconds() / 60;
        assert_eq!(of(Wallet::WechatPay, Product::Code), 120);
        assert_eq!(of(Wallet::WechatPay, Product::InApp), 120);
        assert_eq!(of(Wallet::WechatPay, Product::Browser), 5);
        assert_eq!([minutes(Wallet::Alipay), minutes(Wallet::Unionpay)], [[15; 3]; 2]);
    }

    #[test]
    fn what_a_wallet_handed_over_is_never_written_out() {
        let secret = || "weixin://secret".to_owned();
        let form = PostedForm { action: secret(), fields: vec![(secret(), secret())] };
        let shown = [Handover::Code(secret()), Handover::Redirect(secret()), Handover::Bridge(secret())]
            .map(|handover| format!("{handover:?}"));
        assert_eq!(shown, ["Code(…)", "Redirect(…)", "Bridge(…)"]);
        assert_eq!(
            (format!("{form:?}"), format!("{:?}", Handover::Form(form.clone()))),
            ("PostedForm(…)".into(), "Form(…)".into())
        );
    }
}
