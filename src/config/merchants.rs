//! The merchants of the configuration file, and the one that exists without a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::api_key::{ApiKey, ApiKeyHash, NotAKeyHash};
use super::fault::Report;
use super::live_wallets::{self, LiveWallets};
use super::logo_file;
use super::section::{Section, rule};
use super::web_address::origin;
use super::{ConfiguredMerchant, Surroundings};
use crate::domain::merchant::{LatePayment, Merchant, MerchantId, Mode};
use crate::domain::text;
use crate::domain::time::Span;
use crate::domain::wallet::{Product, Wallet};

/// The longest time that a friend link may prolong its order, in seconds: an order's own longest life.
const MAX_FRIEND_WINDOW: i64 = 604_800;

/// The friend window of a merchant who chose none, in seconds.
const DEFAULT_FRIEND_WINDOW: i64 = 86_400;

/// The longest name of a merchant, in characters.
const MAX_NAME: usize = 40;

/// Reads `merchants` of the file.
pub(super) fn read(root: &mut Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> Vec<ConfiguredMerchant> {
    if !root.has("merchants") {
        root.fault("merchants", report, "is missing: a configuration file names at least one merchant");
    }
    let Some(section) = root.section("merchants", report) else { return Vec::new() };
    let mut merchants = Vec::new();
    let mut taken = BTreeSet::new();
    for name in section.names() {
        let id = MerchantId::new(name);
        if id.is_none() {
            section.fault(name, report, "a merchant's name in the file must be 1 to 40 of a-z, 0-9, _ and -");
        }
        if let Some(merchant) = section.inner(name, report) {
            merchants.extend(read_one(merchant, id, &mut taken, around, report));
        }
    }
    merchants
}

/// Without a configuration file: one sandbox merchant with everything, so that a first look needs no preparation. His
/// allow-list is empty because loopback, the only place he is served, is always on a sandbox merchant's list.
pub(super) fn demo(api_key: &ApiKey) -> Option<ConfiguredMerchant> {
    let merchant = Merchant {
        id: MerchantId::new("demo")?,
        name: "青石茶铺 · Demo Tea Shop".to_owned(),
        mode: Mode::Sandbox,
        origins: Vec::new(),
        late_payment: LatePayment::Refund,
        friend_window: Span::seconds(DEFAULT_FRIEND_WINDOW),
        wallets: every_wallet(),
    };
    Some(ConfiguredMerchant { merchant, api_keys: vec![api_key.hash()], live: LiveWallets::default(), logo: None })
}

fn read_one(
    mut section: Section<'_>,
    id: Option<MerchantId>,
    taken: &mut BTreeSet<ApiKeyHash>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<ConfiguredMerchant> {
    let name = section.required("name", report, |words| text::line(words, MAX_NAME).map_err(rule));
    let mode = mode(&mut section, report);
    let api_keys = api_keys(&mut section, taken, report);
    let origins = section.texts("origins", report, origin).unwrap_or_default();
    let late_payment = section.text("late_payment", report, late_payment).unwrap_or(LatePayment::Refund);
    let friend_window =
        section.integer("friend_window", 0..=MAX_FRIEND_WINDOW, report).unwrap_or(DEFAULT_FRIEND_WINDOW);
    let logo = section.text("logo_file", report, |text| logo_file::read(text, around.folder)).map(Arc::new);
    let (wallets, live) = wallets(&mut section, mode, around, report);
    if let Some(id) = &id
        && wallets.get(&Wallet::WechatPay).is_some_and(|products| !products.contains(&Product::InApp))
    {
        report.warn(format!(
            "merchants.{id}: WeChat Pay has no in_app product, so nobody can be sent to the album for it: WeChat refuses saved \
             codes of the code product. Buyers are told to scan with another device; apply for JSAPI to change that."
        ));
    }
    section.finish(report);
    let friend_window = Span::seconds(friend_window);
    let merchant = Merchant { id: id?, name: name?, mode: mode?, origins, late_payment, friend_window, wallets };
    Some(ConfiguredMerchant { merchant, api_keys, live, logo })
}

fn mode(section: &mut Section<'_>, report: &mut Report) -> Option<Mode> {
    if !section.has("mode") {
        section.fault("mode", report, "is missing: say \"sandbox\" for simulated wallets or \"live\" for real ones");
    }
    section.text("mode", report, |word| match word {
        "live" => Ok(Mode::Live),
        "sandbox" => Ok(Mode::Sandbox),
        _ => Err("must be \"live\" or \"sandbox\"".to_owned()),
    })
}

fn late_payment(word: &str) -> Result<LatePayment, String> {
    match word {
        "refund" => Ok(LatePayment::Refund),
        "accept" => Ok(LatePayment::Accept),
        _ => Err("must be \"refund\" or \"accept\"".to_owned()),
    }
}

fn api_keys(section: &mut Section<'_>, taken: &mut BTreeSet<ApiKeyHash>, report: &mut Report) -> Vec<ApiKeyHash> {
    let hash = |text: &str| text.parse().map_err(|error: NotAKeyHash| rule(error));
    let keys: Vec<ApiKeyHash> = section.texts("api_keys", report, hash).unwrap_or_default();
    if !section.has("api_keys") {
        section.fault("api_keys", report, "is missing: make a key with pay-handoff keys new");
    } else if section.is_empty_list("api_keys") {
        section.fault("api_keys", report, "must name at least one key; make it with pay-handoff keys new");
    }
    if keys.iter().any(|key| !taken.insert(*key)) {
        section.fault("api_keys", report, "holds a key that another merchant has too; a key must say who calls");
    }
    keys
}

/// Which wallets with which products; the accounts behind them when they are real.
type Wallets = (BTreeMap<Wallet, Vec<Product>>, LiveWallets);

fn wallets(section: &mut Section<'_>, mode: Option<Mode>, around: &Surroundings<'_>, report: &mut Report) -> Wallets {
    let mut live = LiveWallets::default();
    if !section.has("wallets") {
        if mode == Some(Mode::Live) {
            section.fault(
                "wallets",
                report,
                "is missing: a live merchant names the wallets that he has contracts with",
            );
        }
        return (every_wallet(), live);
    }
    let mut configured = BTreeMap::new();
    let Some(mut tables) = section.section("wallets", report) else { return (configured, live) };
    if tables.names().is_empty() {
        section.fault("wallets", report, "must name at least one of wechat_pay, alipay and unionpay");
    }
    for wallet in Wallet::ALL {
        let Some(mut table) = tables.section(wallet.as_str(), report) else { continue };
        let products = products(&mut table, report);
        match mode {
            Some(Mode::Live) => live.read(wallet, &mut table, &products, around, report),
            Some(Mode::Sandbox) => live_wallets::refuse(wallet, &mut table, report),
            // What a credential means depends on the mode, whose absence is a fault already.
            None => live_wallets::pass_over(wallet, &mut table),
        }
        table.finish(report);
        configured.insert(wallet, products);
    }
    tables.finish(report);
    (configured, live)
}

fn products(table: &mut Section<'_>, report: &mut Report) -> Vec<Product> {
    let word = |word: &str| word.parse().map_err(|_| "must be one of code, in_app and browser".to_owned());
    let products = table.texts("products", report, word).unwrap_or_else(|| Product::ALL.to_vec());
    if products.is_empty() {
        table.fault("products", report, "must name at least one of code, in_app and browser");
    }
    products
}

fn every_wallet() -> BTreeMap<Wallet, Vec<Product>> {
    Wallet::ALL.into_iter().map(|wallet| (wallet, Product::ALL.to_vec())).collect()
}
