//! How often whom may call; everything here is counted in memory, per instance.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::id::OrderId;
use crate::domain::merchant::MerchantId;

/// Whether a call may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may.
    Yes,
    /// Not before so many seconds.
    After(u64),
}

/// The limits in force.
pub struct Limits {
    merchants: DefaultKeyedRateLimiter<MerchantId>,
    wrong_keys: DefaultKeyedRateLimiter<IpAddr>,
    forms: DefaultKeyedRateLimiter<IpAddr>,
    checks: DefaultKeyedRateLimiter<OrderId>,
    refusals_told: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

fn per_second(count: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            merchants: RateLimiter::keyed(per_second(500)),
            wrong_keys: RateLimiter::keyed(per_second(20)),
            forms: RateLimiter::keyed(per_second(20)),
            checks: RateLimiter::keyed(per_second(1)),
            refusals_told: RateLimiter::direct(per_second(1).allow_burst(NonZeroU32::MIN.saturating_add(9))),
            clock: DefaultClock::default(),
        }
    }
}

impl Limits {
    /// A call of a merchant: 500 a second.
    pub fn merchant(&self, id: &MerchantId) -> Allowed {
        self.ask(&self.merchants, id)
    }

    /// A call with a wrong key: 20 a second from one address.
    pub fn wrong_key(&self, address: IpAddr) -> Allowed {
        self.ask(&self.wrong_keys, &address)
    }

    /// A form of a page: 20 a second from one address.
    pub fn form(&self, address: IpAddr) -> Allowed {
        self.ask(&self.forms, &address)
    }

    /// Asking the wallets because a payer came back: once a second for one order.
    pub fn check(&self, order: OrderId) -> Allowed {
        self.ask(&self.checks, &order)
    }

    /// Whether the log tells of one more notice that was refused: ten, then one a second, or anybody could fill a disk. All are counted
    /// in the metrics.
    pub fn tells_of_refused_notice(&self) -> bool {
        self.refusals_told.check().is_ok()
    }

    fn ask<K: Clone + Eq + std::hash::Hash>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Allowed {
        match limiter.check_key(key) {
            Ok(()) => Allowed::Yes,
            Err(early) => Allowed::After(early.wait_time_from(self.clock.now()).as_secs().max(1)),
        }
    }

    /// Forgets those who have not called for a while.
    pub fn sweep(&self) {
        self.merchants.retain_recent();
        self.wrong_keys.retain_recent();
        self.forms.retain_recent();
        self.checks.retain_recent();
    }
}
