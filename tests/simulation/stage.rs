//! The stage: two instances of the program, everything that runs in them, and the order in which it all takes turns.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

use pay_handoff::domain::merchant::{LatePayment, Merchant, MerchantId, Mode};
use pay_handoff::domain::time::Span;
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::links::Links;
use pay_handoff::ports::store::Lease;
use pay_handoff::services::Services;
use pay_handoff::services::answer::Running;
use pay_handoff::services::lasting_code::LastingCodes;
use pay_handoff::services::live::LiveHub;
use pay_handoff::services::proven_codes::ProvenCodes;

use super::bank::Letter;
use super::gateway::SimulatedWallets;
use super::people;
use super::postman;
use super::scene::{INSTANCES, Scene, SimulatedClock, SimulatedEntropy, State};
use super::store::SimulatedStore;

/// How long a claimed order belongs to its worker, as in the program's own loop.
const LEASE: Span = Span::seconds(60);

/// Something that runs in an instance, and dies with it.
struct Task {
    instance: usize,
    lease: Option<Lease>,
    asleep_until_ms: i64,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

/// Everything that runs.
pub struct Stage {
    /// The world.
    pub scene: Arc<Scene>,
    instances: Vec<Arc<Services>>,
    tasks: Vec<Task>,
}

/// The merchants of the world: one gives late money back, one takes it, and only one has every wallet.
fn merchants() -> BTreeMap<MerchantId, Arc<Merchant>> {
    let merchant = |name: &str, late_payment, friend_window, wallets: &[Wallet]| {
        let id = MerchantId::new(name)?;
        let merchant = Merchant {
            id: id.clone(),
            name: name.to_owned(),
            mode: Mode::Sandbox,
            origins: Vec::new(),
            late_payment,
            friend_window,
            wallets: wallets.iter().map(|wallet| (*wallet, Product::ALL.to_vec())).collect(),
        };
        Some((id, Arc::new(merchant)))
    };
    let some = [
        merchant("teashop", LatePayment::Refund, Span::minutes(20), &Wallet::ALL),
        merchant("inn", LatePayment::Accept, Span::millis(0), &[Wallet::WechatPay, Wallet::Alipay]),
    ];
    some.into_iter().flatten().collect()
}

impl Stage {
    /// The stage of a seed, before anything happened.
    pub fn set(seed: u64, keeps_trace: bool) -> Self {
        let scene = Scene::new(seed, merchants(), keeps_trace);
        let instances = (0..INSTANCES).map(|instance| Self::instance(&scene, instance)).collect();
        Self { scene, instances, tasks: Vec::new() }
    }

    /// The real use cases over the simulated ports.
    fn instance(scene: &Arc<Scene>, instance: usize) -> Arc<Services> {
        let merchants = scene.with(|state| state.merchants.clone());
        let links = Links::new("https://pay.example");
        let entropy = Arc::new(SimulatedEntropy { scene: Arc::clone(scene) });
        Arc::new(Services {
            codes: ProvenCodes::new(links.clone(), entropy.clone()),
            store: Arc::new(SimulatedStore { scene: Arc::clone(scene) }),
            wallets: Arc::new(SimulatedWallets::new(scene, &merchants)),
            clock: Arc::new(SimulatedClock { scene: Arc::clone(scene), instance }),
            entropy,
            links,
            merchants,
            live: LiveHub::default(),
            work: Arc::new(Notify::new()),
            running: Running::default(),
            lasting_codes: LastingCodes::default(),
        })
    }

    fn start<F>(&mut self, instance: usize, lease: Option<Lease>, run: impl FnOnce(Arc<Scene>, Arc<Services>) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let Some(services) = self.instances.get(instance) else { return };
        let future = Box::pin(run(Arc::clone(&self.scene), Arc::clone(services)));
        self.tasks.push(Task { instance, lease, asleep_until_ms: 0, future });
    }

    /// Lets one task take its turn, when there is one.
    pub fn turn(&mut self, place: usize) {
        let Some(task) = self.tasks.get_mut(place) else { return };
        self.scene.with(|state| state.working_under = task.lease);
        let done = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.scene.with(|state| state.working_under = None);
        if done == Poll::Ready(()) {
            drop(self.tasks.swap_remove(place));
        }
        self.hand_out_claims();
    }

    /// Starts a worker for each claim that was made.
    fn hand_out_claims(&mut self) {
        let claimed = self.scene.with(|state| std::mem::take(&mut state.claimed));
        for (instance, lease) in claimed {
            self.start(instance, Some(lease), |scene, services| async move {
                let done = services.tend(lease).await;
                scene.with(|state| state.say(|| format!("tended {} fence {}: {done:?}", lease.order, lease.fence)));
                // As in the program's own loop: what did not go well comes due again when the lease ends.
                if done.is_ok() {
                    let _released = services.store.release(lease).await;
                }
            });
        }
    }

    /// Starts a claim of due work in an instance.
    pub fn claim(&mut self, instance: usize) {
        self.start(instance, None, move |scene, services| async move {
            if let Ok(leases) = services.store.claim_due(services.clock.now(), LEASE, 32).await {
                scene.with(|state| state.claimed.extend(leases.into_iter().map(|lease| (instance, lease))));
            }
        });
    }

    /// Starts the delivery of a letter to an instance.
    pub fn deliver(&mut self, instance: usize, letter: Letter) {
        self.scene.with(|state| postman::send_again(state, &letter));
        self.start(instance, None, |scene, services| postman::deliver(scene, services, letter));
    }

    /// Starts a deed of somebody at an instance.
    pub fn begin_deed(&mut self, instance: usize, deed: people::Deed) {
        self.start(instance, None, |scene, services| people::act(scene, services, deed));
    }

    /// One step of a world full of faults: exactly one thing happens.
    pub fn step(&mut self) {
        let (kind, instance) = self.scene.with(|state| (state.chance.below(100), state.chance.below(INSTANCES)));
        match kind {
            0..8 => {
                if let Some(deed) = self.scene.with(people::next_deed) {
                    self.begin_deed(instance, deed);
                }
            }
            8..14 => self.scene.with(people::pay),
            14..19 => {
                if let Some(letter) = self.scene.with(postman::any_due) {
                    self.deliver(instance, letter);
                }
            }
            19..23 => self.claim(instance),
            23..26 => self.scene.with(pass_time),
            26..27 => self.meddle(instance),
            _ => self.some_turn(),
        }
    }

    fn some_turn(&mut self) {
        let awake: Vec<usize> = self.scene.with(|state| {
            let awake = |task: &&Task| task.asleep_until_ms <= state.now_ms;
            self.tasks.iter().enumerate().filter(|(_, task)| awake(task)).map(|(place, _)| place).collect()
        });
        let Some(place) = self.scene.with(|state| state.chance.pick(&awake).copied()) else { return };
        let oversleeps = self.scene.with(|state| {
            let strikes = state.strikes(state.faults.oversleep);
            strikes.then(|| state.now_ms + state.chance.between(30_000, 180_000))
        });
        match (oversleeps, self.tasks.get_mut(place)) {
            (Some(until_ms), Some(task)) => {
                task.asleep_until_ms = until_ms;
                self.scene.with(|state| state.count("task overslept"));
            }
            _ => self.turn(place),
        }
    }

    /// A crash, or somebody at a clock.
    fn meddle(&mut self, instance: usize) {
        if self.scene.with(|state| state.strikes(state.faults.crash * 20)) {
            return self.crash(instance);
        }
        self.scene.with(|state| {
            let (skew_ms, jump_ms) = (state.faults.skew_ms, state.faults.jump_ms);
            let most_ms = if jump_ms > 0 && state.chance.below(4) == 0 { jump_ms } else { skew_ms };
            let offset_ms = state.chance.between(-most_ms, most_ms);
            state.offsets_ms[instance] = offset_ms;
            state.furthest_ahead_ms = state.furthest_ahead_ms.max(offset_ms);
            state.say(|| format!("instance {instance}'s clock is {offset_ms} ms ahead"));
        });
    }

    /// An instance dies at this very moment and starts again, with nothing but the store.
    pub fn crash(&mut self, instance: usize) {
        let before = self.tasks.len();
        self.tasks.retain(|task| task.instance != instance);
        let died = before - self.tasks.len();
        if let Some(place) = self.instances.get_mut(instance) {
            *place = Self::instance(&self.scene, instance);
        }
        self.scene.with(|state| {
            state.count("crash");
            state.say(|| format!("instance {instance} crashes, {died} tasks die"));
        });
    }

    /// Lets everything that runs finish, without anything going wrong.
    pub fn finish_tasks(&mut self) {
        for _ in 0..100_000 {
            if self.tasks.is_empty() {
                return;
            }
            let last = self.tasks.len() - 1;
            self.turn(last);
        }
        self.scene.with(|state| state.broken("I25: a task never ends".to_owned()));
    }
}

/// Time passes: a little, some, or up to the edge of something that ends.
fn pass_time(state: &mut State) {
    let step_ms = match state.chance.below(20) {
        0..16 => state.chance.between(1, 2_000),
        16..19 => state.chance.between(1_000, 60_000),
        _ => {
            let ledgers = state.shelf.orders.values().map(|stored| &stored.ledger);
            let ends = ledgers.flat_map(|ledger| {
                let attempts = ledger.attempts.iter().map(|attempt| attempt.expires_at);
                let links = ledger.friend_links.iter().flat_map(|link| link.holds.iter().map(|hold| hold.until));
                attempts.chain(links).chain([ledger.order.expires_at]).collect::<Vec<_>>()
            });
            let edges: Vec<i64> = ends.map(|end| end.millis()).filter(|end| *end > state.now_ms).collect();
            let edge = state.chance.pick(&edges).copied().unwrap_or(state.now_ms + 1_000);
            (edge - state.now_ms + state.chance.between(-1, 1)).max(0)
        }
    };
    state.now_ms += step_ms;
}
