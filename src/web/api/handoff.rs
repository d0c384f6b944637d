//! What works from an app: the plan that a page would show, and why.

use actix_web::{HttpRequest, HttpResponse};

use super::lists::value;
use crate::domain::handoff::host_app;
use crate::domain::handoff::plan::{Situation, plan};
use crate::domain::locale::Locale;
use crate::domain::merchant::Merchant;
use crate::domain::order::Payer;
use crate::domain::wallet::{Product, Wallet};
use crate::web::error::Fault;
use crate::web::extract::{Caller, Shared, parameters};
use crate::web::render;
use crate::web::visitor::Visitor;
use crate::wire::plan::PlanJson;
use crate::wire::words::{LocaleWord, PayerWord, WalletWord};

/// Answers the plan for a browser and a wallet.
#[utoipa::path(
    get, path = "/v1/handoff", tag = "handoff", security(("api_key" = [])),
    params(
        ("user_agent" = String, Query), ("wallet" = WalletWord, Query), ("payer" = Option<PayerWord>, Query),
        ("products" = Option<String>, Query, description = "code,in_app,browser; default: the merchant's"), ("locale" = Option<LocaleWord>, Query),
    ),
    responses((status = 200, body = PlanJson))
)]
pub async fn read(request: HttpRequest, web: Shared, caller: Caller) -> Result<HttpResponse, Fault> {
    let given = parameters(&request, &["user_agent", "wallet", "payer", "products", "locale"])?;
    let user_agent = value(&given, "user_agent").ok_or_else(|| bad("user_agent is required"))?;
    let wallet: Wallet = value(&given, "wallet")
        .ok_or_else(|| bad("wallet is required"))?
        .parse()
        .map_err(|_| bad("wallet must be wechat_pay, alipay or unionpay"))?;
    let payer = match value(&given, "payer") {
        None | Some("buyer") => Payer::Buyer,
        Some("friend") => Payer::Friend,
        Some(_) => return Err(bad("payer must be buyer or friend")),
    };
    let locale = match value(&given, "locale") {
        None => Visitor::of(&request).locale(),
        Some(word) => word.parse().map_err(|_| bad("locale must be zh-CN or en"))?,
    };
    let products = products(value(&given, "products"), &caller.0, wallet)?;
    Ok(render::json(&explain(&web, user_agent, wallet, &products, payer, locale)))
}

fn explain(
    web: &Shared,
    user_agent: &str,
    wallet: Wallet,
    products: &[Product],
    payer: Payer,
    locale: Locale,
) -> PlanJson {
    let (host_app, platform) = host_app::detect(user_agent);
    let situation =
        Situation { host_app, platform, wallet, products, payer, friend_links_possible: payer == Payer::Buyer };
    PlanJson::of(&situation, &plan(&web.capabilities, &situation), locale)
}

fn products(given: Option<&str>, merchant: &Merchant, wallet: Wallet) -> Result<Vec<Product>, Fault> {
    let Some(words) = given else { return Ok(merchant.products(wallet).to_vec()) };
    let read = |word: &str| word.parse().map_err(|_| bad("products must be a list of code, in_app, browser"));
    words.split(',').map(read).collect()
}

fn bad(sentence: &str) -> Fault {
    Fault::Parameter(sentence.to_owned())
}
