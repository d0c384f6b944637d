//! A configuration in, a running program out: the only file that names concrete adapters.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as Routes, HttpServer, web as routing};
use tokio::sync::{Notify, watch};

use crate::config::handoff_file::{self, HandoffFileError};
use crate::config::{Config, PublicUrl, ServerKey};
use crate::domain::merchant::Merchant;
use crate::domain::wallet::Wallet;
use crate::exchange::Exchange;
use crate::links::{self, Links};
use crate::ports::books::Books;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::qr::logo::Logo;
use crate::services::Services;
use crate::services::answer::Running;
use crate::services::lasting_code::LastingCodes;
use crate::services::live::LiveHub;
use crate::services::proven_codes::ProvenCodes;
use crate::services::webhook_endpoints::Webhooks;
use crate::store::{self, OpenError, Sealer, SqliteStore};
use crate::system::{StopSignals, SystemClock, SystemEntropy};
use crate::wallets::Wallets;
use crate::wallets::alipay::gateway::Alipay;
use crate::wallets::http::WalletNetwork;
use crate::wallets::sandbox::account::Accounts;
use crate::wallets::sandbox::app::SandboxApp;
use crate::wallets::sandbox::gateway::SandboxWallet;
use crate::wallets::sandbox::notifier::{NoClient, Notifier};
use crate::wallets::unionpay::gateway::Unionpay;
use crate::wallets::wechat_pay::gateway::WechatPay;
use crate::web::limits::Limits;
use crate::web::metrics::{self, Metrics};
use crate::web::sealed::BrowserSeal;
use crate::web::{Web, layers, routes};
use crate::webhooks::courier::HttpCourier;
use crate::workers;

/// How long running requests may take to finish after the program was told to stop.
const SHUTDOWN_S: u64 = 10;
/// The simulated wallets look for due notices at least this often.
const NOTICE_TICK: Duration = Duration::from_millis(250);

/// How often callers that have been quiet are forgotten.
const FORGET_CALLERS_EVERY: Duration = Duration::from_secs(60);

/// Why the program could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// The database cannot be used.
    #[error("the database cannot be used: {0}")]
    Store(#[from] OpenError),
    /// The file of what works where has faults.
    #[error("{0}")]
    Handoff(#[from] HandoffFileError),
    /// A file cannot be read.
    #[error("cannot read {path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// The simulated wallets have no way to call back.
    #[error(transparent)]
    Client(#[from] NoClient),
    /// The system lets nobody listen to its signals.
    #[error("signals cannot be listened to: {0}")]
    Signals(io::Error),
    /// The server cannot be made.
    #[error("the server cannot be made: {0}")]
    Server(io::Error),
}

/// A built program: its port is bound, nothing is served yet.
pub struct App {
    address: SocketAddr,
    origin: String,
    server: Server,
    metrics: Option<Server>,
    services: Arc<Services>,
    webhooks: Arc<Webhooks>,
    books: Arc<dyn Books>,
    notifier: Option<(Notifier, Arc<Notify>)>,
    web: Data<Web>,
    stop: watch::Sender<bool>,
    /// Heard from before anybody is told that the program runs.
    signals: StopSignals,
}

/// Builds the program.
///
/// # Errors
/// [`BuildError`].
pub fn build(config: &Config) -> Result<App, BuildError> {
    let listener = bind(config.listen)?;
    let address = listener.local_addr().map_err(BuildError::Server)?;
    let signals = StopSignals::listen().map_err(BuildError::Signals)?;
    let origin = config.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address)).as_str().to_owned();
    let store = Arc::new(SqliteStore::open(&config.data_dir.join(store::FILE_NAME), store_sealer(&config.server_key))?);
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let merchants: BTreeMap<_, _> =
        config.merchants.iter().map(|known| (known.merchant.id.clone(), Arc::new(known.merchant.clone()))).collect();
    let mut sandbox = Sandboxes::of(config, &store, &clock, &entropy, &origin);
    let notifier = sandbox.notifier(&store, &clock, &entropy, address)?;
    let links = Links::new(&origin);
    let exchange = Exchange::trusting_this_machine();
    let network = WalletNetwork::new(exchange.clone());
    enter_real_wallets(&mut sandbox.wallets, config, &network, &links, &clock, &entropy);
    let webhooks = Arc::new(Webhooks {
        outbox: store.clone(),
        courier: Arc::new(HttpCourier::new(exchange)),
        clock: clock.clone(),
        entropy: entropy.clone(),
        merchants: merchants.clone(),
    });
    let services = Arc::new(Services {
        codes: ProvenCodes::new(links.clone(), entropy.clone()),
        store: store.clone(),
        wallets: Arc::new(sandbox.wallets),
        clock,
        entropy,
        links,
        merchants: merchants.clone(),
        live: LiveHub::default(),
        work: Arc::new(Notify::new()),
        running: Running::default(),
        lasting_codes: LastingCodes::default(),
    });
    let (stop, stopping) = watch::channel(false);
    let web = Data::new(Web {
        services: services.clone(),
        webhooks: webhooks.clone(),
        api_keys: api_keys(config, &merchants),
        capabilities: Arc::new(capabilities(config)?),
        trusted_proxies: config.trusted_proxies.clone(),
        sandbox: sandbox.app.map(|app| app as Arc<dyn crate::ports::sandbox::Sandbox>),
        demo: config.demo.as_ref().and_then(|_| merchants.keys().next().cloned()),
        browser_seal: BrowserSeal::new(
            &config.server_key.derive("browser sealing"),
            &config.server_key.derive("browser signing"),
        ),
        domain_proofs: domain_proofs(config),
        logos: logos(config),
        limits: Limits::default(),
        metrics: Metrics::default(),
        stopping,
        streams: AtomicUsize::new(0),
    });
    let metrics = match config.metrics_listen {
        Some(address) => Some(metrics::serve(web.clone(), bind(address)?).map_err(BuildError::Server)?),
        None => None,
    };
    let server = serve(web.clone(), listener)?;
    Ok(App { address, origin, server, metrics, services, webhooks, books: store, notifier, web, stop, signals })
}

/// What the store seals with.
#[must_use]
pub fn store_sealer(key: &ServerKey) -> Sealer {
    Sealer::new(key.derive("store sealing"))
}

fn bind(address: SocketAddr) -> Result<TcpListener, BuildError> {
    TcpListener::bind(address).map_err(|cause| BuildError::Listen { address, cause })
}

fn api_keys(
    config: &Config,
    merchants: &BTreeMap<crate::domain::merchant::MerchantId, Arc<Merchant>>,
) -> HashMap<[u8; 32], Arc<Merchant>> {
    let keys = config.merchants.iter().flat_map(|known| known.api_keys.iter().map(|key| (key, &known.merchant.id)));
    keys.filter_map(|(key, id)| Some((*key.as_bytes(), merchants.get(id)?.clone()))).collect()
}

fn domain_proofs(config: &Config) -> BTreeMap<String, String> {
    let accounts = config.merchants.iter().filter_map(|known| known.live.wechat_pay.as_ref());
    accounts.flat_map(|account| account.verify_files.clone()).collect()
}

fn logos(config: &Config) -> BTreeMap<crate::domain::merchant::MerchantId, Arc<Logo>> {
    let marked = config.merchants.iter().filter_map(|known| Some((&known.merchant.id, known.logo.as_ref()?)));
    marked.map(|(id, logo)| (id.clone(), logo.clone())).collect()
}

fn capabilities(config: &Config) -> Result<crate::domain::handoff::capability::Capabilities, BuildError> {
    let Some(path) = &config.handoff_file else { return Ok(handoff_file::built_in()?) };
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|cause| BuildError::File { path: path.display().to_string(), cause })?;
    Ok(handoff_file::read(&text)?)
}

fn serve(web: Data<Web>, listener: TcpListener) -> Result<Server, BuildError> {
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(web.clone())
            .wrap(from_fn(layers::around))
            .configure(routes::enter)
            .default_service(routing::to(routes::nothing))
    });
    let server = server.disable_signals().shutdown_timeout(SHUTDOWN_S).listen(listener).map_err(BuildError::Server)?;
    Ok(server.run())
}

/// Enters the accounts of the live merchants at their wallets.
fn enter_real_wallets(
    wallets: &mut Wallets,
    config: &Config,
    network: &WalletNetwork,
    links: &Links,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) {
    for known in &config.merchants {
        let id = &known.merchant.id;
        let notify_url = |wallet| links.absolute(&links::notify(wallet, id));
        if let Some(account) = known.live.wechat_pay.clone() {
            let call_back = notify_url(Wallet::WechatPay);
            let gateway = WechatPay::new(account, call_back, network, clock.clone(), entropy.clone());
            wallets.enter(id.clone(), Wallet::WechatPay, Box::new(gateway));
        }
        if let Some(account) = known.live.alipay.clone() {
            let gateway = Alipay::new(account, notify_url(Wallet::Alipay), network, clock.clone());
            wallets.enter(id.clone(), Wallet::Alipay, Box::new(gateway));
        }
        if let Some(account) = known.live.unionpay.clone() {
            let gateway = Unionpay::new(account, notify_url(Wallet::Unionpay), network, clock.clone());
            wallets.enter(id.clone(), Wallet::Unionpay, Box::new(gateway));
        }
    }
}

/// The simulated wallets of the sandbox merchants.
struct Sandboxes {
    accounts: Accounts,
    wallets: Wallets,
    app: Option<Arc<SandboxApp>>,
    notices_due: Arc<Notify>,
}

impl Sandboxes {
    fn of(
        config: &Config,
        store: &Arc<SqliteStore>,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
        origin: &str,
    ) -> Self {
        let merchants: Vec<&Merchant> =
            config.merchants.iter().map(|known| &known.merchant).filter(|merchant| merchant.is_sandbox()).collect();
        let accounts = Accounts::new(
            &config.server_key.derive("sandbox wallets"),
            merchants.iter().map(|merchant| merchant.id.clone()),
        );
        let mut wallets = Wallets::new();
        for merchant in &merchants {
            for wallet in merchant.wallets.keys() {
                if let Some(account) = accounts.account(&merchant.id, *wallet) {
                    let gateway = SandboxWallet::new(account.clone(), store.clone(), clock.clone(), origin.to_owned());
                    wallets.enter(merchant.id.clone(), *wallet, Box::new(gateway));
                }
            }
        }
        let notices_due = Arc::new(Notify::new());
        let app =
            || SandboxApp::new(accounts.clone(), store.clone(), clock.clone(), entropy.clone(), notices_due.clone());
        let app = (!merchants.is_empty()).then(|| Arc::new(app()));
        Self { accounts, wallets, app, notices_due }
    }

    fn notifier(
        &self,
        store: &Arc<SqliteStore>,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
        address: SocketAddr,
    ) -> Result<Option<(Notifier, Arc<Notify>)>, NoClient> {
        if self.app.is_none() {
            return Ok(None);
        }
        let base = PublicUrl::of_listener(address).as_str().to_owned();
        let notifier = Notifier::new(self.accounts.clone(), store.clone(), clock.clone(), entropy.clone(), base)?;
        Ok(Some((notifier, self.notices_due.clone())))
    }
}

impl App {
    /// The address that is listened on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin of every public address.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Serves until the process is told to stop (`SIGTERM`, `SIGINT`); running requests are finished, then the loops.
    ///
    /// # Errors
    /// The server fails.
    pub async fn run(self) -> io::Result<()> {
        let stopped = self.stop.subscribe();
        let mut loops = vec![
            tokio::spawn(workers::tend(self.services.clone(), stopped.clone())),
            tokio::spawn(workers::prove_codes(self.services.clone(), stopped.clone())),
            tokio::spawn(workers::deliver::deliver(self.webhooks.clone(), stopped.clone())),
            tokio::spawn(workers::check_books(self.books, stopped.clone())),
            tokio::spawn(workers::sweep(self.services.clone(), self.webhooks, stopped.clone())),
            tokio::spawn(forget_callers(self.web, stopped.clone())),
        ];
        if let Some((notifier, due)) = self.notifier {
            loops.push(tokio::spawn(call_back(notifier, due, stopped)));
        }
        let metrics = self.metrics.map(|server| (server.handle(), tokio::spawn(server)));
        tokio::spawn(stop_when_asked(self.signals, self.server.handle(), self.stop.clone()));
        let served = self.server.await;
        self.stop.send_replace(true);
        if let Some((handle, task)) = metrics {
            handle.stop(false).await;
            loops.push(tokio::spawn(async move {
                if let Ok(Err(error)) = task.await {
                    tracing::warn!(%error, "the metrics listener failed");
                }
            }));
        }
        for task in loops {
            if let Err(error) = task.await {
                tracing::error!(%error, "a loop broke");
            }
        }
        served
    }
}

async fn call_back(notifier: Notifier, due: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = notifier.deliver_due().await {
            tracing::warn!(%error, "simulated notices cannot be delivered now");
        }
        tokio::select! {
            () = tokio::time::sleep(NOTICE_TICK) => {}
            () = due.notified() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Forgets callers that were counted and have been quiet since.
async fn forget_callers(web: Data<Web>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        web.limits.sweep();
        tokio::select! {
            () = tokio::time::sleep(FORGET_CALLERS_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn stop_when_asked(mut signals: StopSignals, server: ServerHandle, stop: watch::Sender<bool>) {
    signals.asked().await;
    // Loops and live streams end first; running requests are waited for.
    stop.send_replace(true);
    server.stop(true).await;
}
