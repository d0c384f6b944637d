//! HTTP: the one place that knows actix-web. Requests become calls of use cases, results become responses.

pub mod api;
pub mod cookies;
pub mod error;
pub mod extract;
pub mod health;
pub mod layers;
pub mod limits;
pub mod live;
pub mod login;
pub mod metrics;
pub mod notify;
pub mod openapi;
pub mod pages;
pub mod pictures;
pub mod render;
pub mod routes;
pub mod sealed;
pub mod visitor;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use ipnet::IpNet;
use tokio::sync::watch;

use crate::domain::handoff::capability::Capabilities;
use crate::domain::merchant::{Merchant, MerchantId};
use crate::ports::sandbox::Sandbox;
use crate::qr::logo::Logo;
use crate::services::Services;
use crate::services::webhook_endpoints::Webhooks;

/// What every handler works with.
pub struct Web {
    /// The use cases.
    pub services: Arc<Services>,
    /// The use cases around webhooks.
    pub webhooks: Arc<Webhooks>,
    /// Merchants by the SHA-256 of their API keys.
    pub api_keys: HashMap<[u8; 32], Arc<Merchant>>,
    /// What works from which app.
    pub capabilities: Arc<Capabilities>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The simulated wallets, when any merchant has them.
    pub sandbox: Option<Arc<dyn Sandbox>>,
    /// The merchant of the demo shop; only without a configuration file.
    pub demo: Option<MerchantId>,
    /// What browsers keep for us between a login and a payment.
    pub browser_seal: sealed::BrowserSeal,
    /// The names and contents of the files that prove to wallets whose domain this is.
    pub domain_proofs: BTreeMap<String, String>,
    /// The marks in the middle of merchants' codes.
    pub logos: BTreeMap<MerchantId, Arc<Logo>>,
    /// How often whom may call.
    pub limits: limits::Limits,
    /// What the operator counts.
    pub metrics: metrics::Metrics,
    /// Whether the program was told to stop.
    pub stopping: watch::Receiver<bool>,
    /// How many live streams are open.
    pub streams: AtomicUsize,
}

impl Web {
    /// Whether no merchant here takes real money. Pages that belong to no order say so then; where some do, nobody must read there that
    /// all is simulated.
    #[must_use]
    pub fn is_all_simulated(&self) -> bool {
        self.sandbox.is_some() && self.services.merchants.values().all(|merchant| merchant.is_sandbox())
    }

    /// Whether an address is one of the operator's own proxies.
    #[must_use]
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}
