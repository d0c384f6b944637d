//! The world that everybody shares: time, chance, the store's shelves, the wallets' books, and what was seen to go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use pay_handoff::domain::merchant::{Merchant, MerchantId};
use pay_handoff::domain::time::Timestamp;
use pay_handoff::ports::clock::Clock;
use pay_handoff::ports::entropy::Entropy;
use pay_handoff::ports::store::Lease;

use super::bank::{Bank, TradeKey};
use super::chance::Chance;
use super::clients::Call;
use super::faults::Faults;
use super::shelf::Shelf;

/// When every schedule begins: a whole second.
const BEGINNING_MS: i64 = 1_795_300_000_000;
/// How many instances of the program share the store.
pub const INSTANCES: usize = 2;

/// What is true in the world at this moment.
pub struct State {
    /// Decides everything that is not decided by the program.
    pub chance: Chance,
    /// Feeds the program's own random numbers.
    pub entropy: Chance,
    /// How much goes wrong now.
    pub faults: Faults,
    /// Whether calls take turns, so that others come in between.
    pub turns: bool,
    /// The true time, in milliseconds since 1970.
    pub now_ms: i64,
    /// How far each instance's clock is ahead of the true time.
    pub offsets_ms: [i64; INSTANCES],
    /// The furthest that any clock was ahead.
    pub furthest_ahead_ms: i64,
    /// The merchants.
    pub merchants: BTreeMap<MerchantId, Arc<Merchant>>,
    /// The store's contents.
    pub shelf: Shelf,
    /// The wallets' books.
    pub bank: Bank,
    /// The trades of which a hint was acknowledged.
    pub hinted: BTreeSet<TradeKey>,
    /// What clients asked for with a key, and what they were answered.
    pub calls: Vec<Call>,
    /// Claims that were handed out and wait for their worker: instance and lease.
    pub claimed: Vec<(usize, Lease)>,
    /// The lease of the worker whose turn it is.
    pub working_under: Option<Lease>,
    /// Payments that nobody told us of and that are not recorded yet: when each arrived.
    pub untold: BTreeMap<String, i64>,
    /// How long after its arrival each of those was recorded, in milliseconds.
    pub found_after_ms: Vec<i64>,
    /// Broken promises.
    pub violations: Vec<String>,
    /// What happened how often.
    pub counts: BTreeMap<&'static str, u64>,
    trace: Option<String>,
}

impl State {
    /// The true time.
    pub const fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms)
    }

    /// Writes into the history of the schedule, when somebody keeps one.
    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let since = self.now_ms - BEGINNING_MS;
            trace.push_str(&format!("{:>9}.{:03} {}\n", since / 1000, since % 1000, line()));
        }
    }

    /// Notes a broken promise.
    pub fn broken(&mut self, what: String) {
        self.say(|| format!("VIOLATION {what}"));
        self.violations.push(what);
    }

    /// Notes a broken promise unless `holds`.
    pub fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(what());
        }
    }

    /// Notes that a payment was recorded; one that nobody told us of was found by asking.
    pub fn found(&mut self, transaction_id: &str) {
        if let Some(arrived_ms) = self.untold.remove(transaction_id) {
            self.found_after_ms.push(self.now_ms - arrived_ms);
        }
    }

    /// Counts something that happened.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Whether a fault that strikes so often strikes now.
    pub fn strikes(&mut self, often: usize) -> bool {
        often > 0 && self.chance.per_mille(often)
    }
}

/// The world behind a lock; it is only ever held between two turns, never during one.
pub struct Scene {
    state: Mutex<State>,
}

impl Scene {
    /// A world at its beginning.
    pub fn new(seed: u64, merchants: BTreeMap<MerchantId, Arc<Merchant>>, keeps_trace: bool) -> Arc<Self> {
        let mut chance = Chance::new(seed, 1);
        let faults = Faults::drawn(&mut chance);
        Arc::new(Self {
            state: Mutex::new(State {
                chance,
                entropy: Chance::new(seed, 2),
                faults,
                turns: true,
                now_ms: BEGINNING_MS,
                offsets_ms: [0; INSTANCES],
                furthest_ahead_ms: 0,
                merchants,
                shelf: Shelf::default(),
                bank: Bank::default(),
                hinted: BTreeSet::new(),
                calls: Vec::new(),
                claimed: Vec::new(),
                working_under: None,
                untold: BTreeMap::new(),
                found_after_ms: Vec::new(),
                violations: Vec::new(),
                counts: BTreeMap::new(),
                trace: keeps_trace.then(String::new),
            }),
        })
    }

    /// Looks at the world, or changes it.
    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets others take their turns: what every call to the outside does before and after its work.
    pub fn turn(&self) -> Turn {
        Turn { left: self.with(|state| if state.turns { state.chance.below(4).saturating_sub(1) } else { 0 }) }
    }

    /// The history that was kept.
    pub fn trace(&self) -> String {
        self.with(|state| state.trace.clone().unwrap_or_default())
    }
}

/// Waits for a few turns.
pub struct Turn {
    left: usize,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The clock of one instance.
pub struct SimulatedClock {
    /// The world.
    pub scene: Arc<Scene>,
    /// Whose clock.
    pub instance: usize,
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.scene.with(|state| Timestamp::from_millis(state.now_ms + state.offsets_ms[self.instance]))
    }
}

/// Random bytes that come from the seed.
pub struct SimulatedEntropy {
    /// The world.
    pub scene: Arc<Scene>,
}

impl Entropy for SimulatedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.scene.with(|state| {
            for chunk in bytes.chunks_mut(8) {
                let drawn = state.entropy.draw().to_le_bytes();
                chunk.copy_from_slice(&drawn[..chunk.len()]);
            }
        });
    }
}
