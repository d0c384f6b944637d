//! What an operator can set, checked: a file, the environment and flags in; one [`Config`] or every fault at once out.

mod api_key;
mod fault;
mod file;
pub mod handoff_file;
mod live_rules;
pub mod live_wallets;
mod logo_file;
mod merchants;
mod nearest;
mod options;
mod secret_file;
mod section;
mod server_key;
#[cfg(test)]
mod tests;
mod web_address;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;

pub use api_key::{ApiKey, ApiKeyHash, NotAKeyHash};
pub use fault::{ConfigFault, ConfigFaults};
pub use options::{DataOptions, ServeOptions, UncheckedUrl};
pub use server_key::ServerKey;
pub use web_address::PublicUrl;

use crate::domain::merchant::Merchant;
use crate::domain::time::Timestamp;
use crate::ports::entropy::Entropy;
use crate::qr::logo::Logo;
use fault::Report;
use file::ConfigFile;
use live_wallets::LiveWallets;

/// The address that is listened on when nothing else is said.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The data directory when nothing else is said.
pub const DEFAULT_DATA_DIR: &str = "./data";

/// The environment variable with the server key itself.
const SERVER_KEY_VARIABLE: &str = "PAY_HANDOFF_SERVER_KEY";

/// The environment variable with the demo merchant's API key.
pub const API_KEY_VARIABLE: &str = "PAY_HANDOFF_API_KEY";

/// A lasting code of more text than this needs more and smaller modules, which old phones read worse from a picture.
const LONGEST_GOOD_PAYLOAD: usize = 60;

/// Everything the program needs to know before it starts. Secrets in it print nothing.
#[derive(Clone, Debug)]
pub struct Config {
    /// `listen`, `PAY_HANDOFF_LISTEN`, `--listen`: default 127.0.0.1:8080; port 0 picks a free one.
    pub listen: SocketAddr,
    /// `public_url`, `PAY_HANDOFF_PUBLIC_URL`, `--public-url`: `None` stands for [`PublicUrl::of_listener`] of the bound address.
    pub public_url: Option<PublicUrl>,
    /// `data_dir`, `PAY_HANDOFF_DATA_DIR`, `--data-dir`: default `./data`; exists once the configuration is loaded.
    pub data_dir: PathBuf,
    /// From `key_file`, `PAY_HANDOFF_KEY_FILE`, `--key-file`, or from `PAY_HANDOFF_SERVER_KEY`, or made in the data directory.
    pub server_key: ServerKey,
    /// `metrics_listen`, `PAY_HANDOFF_METRICS_LISTEN`, `--metrics-listen`: where `/metrics` is answered; `None` for nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// `handoff`, `PAY_HANDOFF_HANDOFF`, `--handoff`: replaces the built-in data about apps; not yet read or checked here.
    pub handoff_file: Option<PathBuf>,
    /// `trusted_proxies`, `PAY_HANDOFF_TRUSTED_PROXY`, `--trusted-proxy`: whose X-Forwarded-For is believed; default nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// The merchants, in the order of their names; at least one.
    pub merchants: Vec<ConfiguredMerchant>,
    /// Present exactly when there is no configuration file: the sandbox's only merchant, also listed in `merchants`.
    pub demo: Option<DemoMerchant>,
    /// Sentences for the log: what is allowed and yet worth a word.
    pub warnings: Vec<String>,
}

/// A merchant, the keys that his shop may call with, and his real wallets.
#[derive(Clone, Debug)]
pub struct ConfiguredMerchant {
    /// Who he is and what he chose.
    pub merchant: Merchant,
    /// Hashes of his API keys; at least one, and none of another merchant.
    pub api_keys: Vec<ApiKeyHash>,
    /// The accounts behind his wallets when he is live: none for a sandbox merchant.
    pub live: LiveWallets,
    /// `logo_file`: the mark in the middle of his codes; default none.
    pub logo: Option<Arc<Logo>>,
}

/// The merchant who exists without a configuration file.
#[derive(Clone, Debug)]
pub struct DemoMerchant {
    /// His key, printed once at the start so that the demo shop can be called.
    pub api_key: ApiKey,
}

/// What a configuration depends on beside its file and flags.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The value of an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// This moment: certificates have their time.
    pub now: Timestamp,
}

/// The same with the folder from which the paths in a file start.
struct Surroundings<'a> {
    folder: &'a Path,
    environment: &'a dyn Fn(&str) -> Option<String>,
    now: Timestamp,
}

/// What a configuration file says, as `check-config` explains it.
#[derive(Debug)]
pub struct Inspection {
    /// What is wrong; empty when the file can be served.
    pub faults: ConfigFaults,
    /// What is allowed and yet worth a word.
    pub warnings: Vec<String>,
    /// Where it would be listened on.
    pub listen: SocketAddr,
    /// What codes and links would point to.
    pub public_url: PublicUrl,
    /// The merchants without a fault.
    pub merchants: Vec<ConfiguredMerchant>,
}

/// Reads the whole configuration: the file, the environment and the flags, later ones winning. Checks everything before it
/// writes anything; then makes the data directory and the keys that are missing in it.
///
/// # Errors
/// Every fault at once, none of them with a secret in it.
pub fn load(
    options: &ServeOptions,
    outside: Outside<'_>,
    entropy: &(dyn Entropy + 'static),
) -> Result<Config, ConfigFaults> {
    let mut report = Report::default();
    live_rules::clock(outside.now, &mut report);
    let settings = gather(options, outside, &mut report);
    let environment = outside.environment;
    let server_key = find_server_key(&settings, environment(SERVER_KEY_VARIABLE), &mut report);
    let api_key = find_api_key(options, &settings, environment(API_KEY_VARIABLE), &mut report);
    let (faults, warnings) = report.finish();
    if !faults.0.is_empty() {
        return Err(faults);
    }
    secret_file::make_directory(&settings.data_dir).map_err(only_fault("data_dir"))?;
    let server_key = match server_key {
        Some(key) => key,
        None => ServerKey::make(&settings.data_dir.join(server_key::FILE_NAME), entropy)
            .map_err(only_fault("server key"))?,
    };
    let demo = match api_key {
        _ if options.config.is_some() => None,
        Some(api_key) => Some(DemoMerchant { api_key }),
        None => {
            let made = ApiKey::make_file(&settings.data_dir.join(api_key::FILE_NAME), entropy);
            Some(DemoMerchant { api_key: made.map_err(only_fault("API key"))? })
        }
    };
    let mut merchants = settings.merchants;
    merchants.extend(demo.as_ref().and_then(|demo| merchants::demo(&demo.api_key)));
    Ok(Config {
        listen: settings.listen,
        public_url: settings.public_url,
        data_dir: settings.data_dir,
        server_key,
        metrics_listen: settings.metrics_listen,
        handoff_file: settings.handoff_file,
        trusted_proxies: settings.trusted_proxies,
        merchants,
        demo,
        warnings,
    })
}

/// The fault that stops a start while it writes, one at a time because each step needs the one before.
fn only_fault(key: &str) -> impl FnOnce(String) -> ConfigFaults {
    |rule| ConfigFaults(vec![ConfigFault { key: key.to_owned(), line: None, rule }])
}

/// Reads a configuration file alone, as `serve --config` would, and writes nothing.
#[must_use]
pub fn inspect(path: &Path, outside: Outside<'_>) -> Inspection {
    let mut report = Report::default();
    let options = ServeOptions { config: Some(path.to_owned()), ..ServeOptions::default() };
    live_rules::clock(outside.now, &mut report);
    let settings = gather(&options, outside, &mut report);
    let (faults, warnings) = report.finish();
    let public_url = settings.public_url.unwrap_or_else(|| PublicUrl::of_listener(settings.listen));
    Inspection { faults, warnings, listen: settings.listen, public_url, merchants: settings.merchants }
}

/// Where the data of an installation is and the server key that exists for it, with warnings; writes nothing.
///
/// # Errors
/// Every fault at once, none of them with a secret in it.
pub fn find_data(
    options: &DataOptions,
    outside: Outside<'_>,
) -> Result<(PathBuf, Option<ServerKey>, Vec<String>), ConfigFaults> {
    let mut report = Report::default();
    let DataOptions { config, data_dir, key_file } = options.clone();
    let options = ServeOptions { config, data_dir, key_file, ..ServeOptions::default() };
    let settings = gather(&options, outside, &mut report);
    let server_key = find_server_key(&settings, (outside.environment)(SERVER_KEY_VARIABLE), &mut report);
    let (faults, warnings) = report.finish();
    if faults.0.is_empty() { Ok((settings.data_dir, server_key, warnings)) } else { Err(faults) }
}

/// The values of file, environment and flags laid over one another; no secret is read yet.
struct Settings {
    listen: SocketAddr,
    public_url: Option<PublicUrl>,
    data_dir: PathBuf,
    key_file: Option<PathBuf>,
    metrics_listen: Option<SocketAddr>,
    handoff_file: Option<PathBuf>,
    trusted_proxies: Vec<IpNet>,
    merchants: Vec<ConfiguredMerchant>,
}

fn gather(options: &ServeOptions, outside: Outside<'_>, report: &mut Report) -> Settings {
    let file = options.config.as_deref().map_or_else(ConfigFile::default, |path| file::read(path, outside, report));
    let given_url = options.public_url.as_ref().and_then(|url| report.keep("public_url", url.expose().parse()));
    if let Some(url) = &options.database_url {
        report.fault("database_url", None, file::database_refusal(url.expose()));
    }
    let proxies = &options.trusted_proxy;
    let settings = Settings {
        listen: options.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
        public_url: given_url.or(file.public_url),
        data_dir: options.data_dir.clone().or(file.data_dir).unwrap_or_else(|| PathBuf::from(DEFAULT_DATA_DIR)),
        key_file: options.key_file.clone().or(file.key_file),
        metrics_listen: options.metrics_listen.or(file.metrics_listen),
        handoff_file: options.handoff.clone().or(file.handoff),
        trusted_proxies: if proxies.is_empty() { file.trusted_proxies } else { proxies.clone() },
        merchants: file.merchants,
    };
    compare(&settings, options.config.is_some(), report);
    settings
}

/// The rules between one value and another.
fn compare(settings: &Settings, has_file: bool, report: &mut Report) {
    let listen = settings.listen;
    logo_file::try_out(&settings.merchants, settings.public_url.as_ref(), report);
    if !has_file && !listen.ip().is_loopback() {
        let rule = "without a configuration file there is only the sandbox merchant, who is served on a loopback address alone; \
                    listen on 127.0.0.1 or [::1], or name a file with --config";
        report.fault("listen", None, rule);
    }
    if settings.metrics_listen.is_some_and(|metrics| metrics == listen && metrics.port() != 0) {
        report.fault("metrics_listen", None, "must differ from listen: metrics are not for the public");
    }
    if settings.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        report.warn(
            "trusted_proxies: every address in the world is trusted, so anybody can pretend to call from anywhere.",
        );
    }
    live_rules::compare(settings, report);
    match &settings.public_url {
        Some(url) if payload_length(url) > LONGEST_GOOD_PAYLOAD => report.warn(format!(
            "public_url: the lasting code holds {} characters; with more than {LONGEST_GOOD_PAYLOAD} it gets finer and harder to \
             scan from a picture. A shorter host name helps.",
            payload_length(url)
        )),
        None if !listen.ip().is_loopback() => report.warn(format!(
            "public_url: is not set, so codes and links point to {}, which other devices may not reach.",
            PublicUrl::of_listener(listen)
        )),
        _ => {}
    }
}

/// The characters of `https://pay.example/s/` and a token.
fn payload_length(url: &PublicUrl) -> usize {
    url.as_str().len() + "/s/".len() + 22
}

/// The API key of the merchant who exists without a configuration file: from the environment, or kept in the data directory.
///
/// # Errors
/// The rule that the key or its file breaks, without its text.
pub fn known_api_key(data_dir: &Path, variable: Option<String>) -> Result<Option<ApiKey>, String> {
    variable.map_or_else(|| ApiKey::read(&data_dir.join(api_key::FILE_NAME)), |text| ApiKey::parse(&text).map(Some))
}

/// The server key that exists; `None` when one has to be made, or is wrong and reported.
fn find_server_key(settings: &Settings, variable: Option<String>, report: &mut Report) -> Option<ServerKey> {
    let kept = settings.data_dir.join(server_key::FILE_NAME);
    if (settings.key_file.is_some() || variable.is_some()) && kept.exists() {
        report.warn(format!("{}: is not used, because another server key is given.", kept.display()));
    }
    match (&settings.key_file, variable) {
        (Some(_), Some(_)) => {
            let rule = format!("contradicts {SERVER_KEY_VARIABLE}: give the server key in one place");
            report.fault("key_file", None, rule);
            None
        }
        (Some(path), None) => {
            let found = ServerKey::read(path);
            let found = found.and_then(|key| key.ok_or_else(|| format!("{} does not exist", path.display())));
            report.keep("key_file", found)
        }
        (None, Some(text)) => report.keep(SERVER_KEY_VARIABLE, ServerKey::parse(&text)),
        (None, None) => report.keep("server key", ServerKey::read(&kept)).flatten(),
    }
}

/// The demo merchant's key that exists; `None` when one has to be made, is wrong and reported, or has no use.
fn find_api_key(
    options: &ServeOptions,
    settings: &Settings,
    variable: Option<String>,
    report: &mut Report,
) -> Option<ApiKey> {
    match variable {
        Some(_) if options.config.is_some() => {
            report.warn(format!(
                "{API_KEY_VARIABLE}: is not used, because it belongs to the merchant who exists without a configuration file."
            ));
            None
        }
        Some(text) => report.keep(API_KEY_VARIABLE, ApiKey::parse(&text)),
        None if options.config.is_some() => None,
        None => report.keep("API key", ApiKey::read(&settings.data_dir.join(api_key::FILE_NAME))).flatten(),
    }
}
