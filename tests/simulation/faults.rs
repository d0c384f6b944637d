//! What can go wrong: the menu, and how much of each dish one schedule gets.

use super::chance::Chance;

/// How often each fault strikes, in a thousand chances. A schedule draws some faults and leaves others out, because a fault that
/// is always there hides what only happens without it.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The store says that somebody else committed.
    pub store_conflict: usize,
    /// The store does nothing and cannot be used.
    pub store_down: usize,
    /// The store commits, and its answer is lost.
    pub store_unknown: usize,
    /// A wallet does nothing and does not answer.
    pub wallet_down: usize,
    /// A wallet does the work, and its answer is lost.
    pub wallet_unknown: usize,
    /// A wallet does nothing and says that it may later: too many calls, no money on the account, a permission that is missing.
    pub wallet_later: usize,
    /// A wallet has taken a refund on and says that it cannot end it now: the payer's account does not take it.
    pub refund_stuck: usize,
    /// A wallet's answers to questions do not know of a payment for minutes after it told of it.
    pub wallet_behind: usize,
    /// A wallet refuses to begin a trade.
    pub begin_refused: usize,
    /// A wallet refuses a refund for good.
    pub refund_refused: usize,
    /// A notice never comes.
    pub notice_lost: usize,
    /// A notice comes two to twenty times.
    pub notice_repeated: usize,
    /// A notice comes minutes later.
    pub notice_delayed: usize,
    /// A notice names another account, wallet or merchant than the trade's.
    pub notice_misdirected: usize,
    /// A payment that was under way when its trade was closed arrives all the same.
    pub close_race: usize,
    /// A payer pays with another amount or currency than was asked.
    pub wrong_money: usize,
    /// An instance dies and starts again.
    pub crash: usize,
    /// A task sleeps for so long that its lease ends.
    pub oversleep: usize,
    /// Instances' clocks differ by up to this many milliseconds.
    pub skew_ms: i64,
    /// An instance's clock is stepped by up to this many milliseconds, forward or back.
    pub jump_ms: i64,
}

impl Faults {
    /// The faults of one schedule.
    pub fn drawn(chance: &mut Chance) -> Self {
        let mut some = |most: usize| if chance.coin() { chance.below(most) + 1 } else { 0 };
        let mut faults = Self {
            store_conflict: some(60),
            store_down: some(60),
            store_unknown: some(60),
            wallet_down: some(200),
            wallet_unknown: some(200),
            wallet_later: some(200),
            refund_stuck: some(500),
            wallet_behind: some(500),
            begin_refused: some(60),
            refund_refused: some(150),
            notice_lost: some(600),
            notice_repeated: some(300),
            notice_delayed: some(500),
            notice_misdirected: some(200),
            close_race: some(1000),
            wrong_money: some(200),
            crash: some(25),
            oversleep: some(60),
            skew_ms: 0,
            jump_ms: 0,
        };
        if chance.coin() {
            faults.skew_ms = chance.between(1, 5_000);
        }
        faults.jump_ms = match chance.below(20) {
            0 => 24 * 3_600_000,
            1 | 2 => 600_000,
            _ => 0,
        };
        faults
    }

    /// A world without faults.
    pub fn none() -> Self {
        Self::default()
    }
}
