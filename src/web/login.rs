//! The wallet's own login, once, so that the wallet can be told who pays; where it leads, where it comes back, what it leaves.
//!
//! A login is bound to the browser that began it: its `state` is signed, and the page it comes back to lies sealed in a cookie under
//! the state's name. It leaves who the payer is in another sealed cookie, and nothing in the store.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::cookies;
use super::error::Fault;
use super::extract::{Shared, part};
use super::limits::Allowed;
use super::pages::context::PageContext;
use super::pages::opened::{Kind, Opened};
use super::render::{self, see_other};
use super::visitor::{client_address, query};
use crate::domain::handoff::Method as Way;
use crate::domain::merchant::MerchantId;
use crate::domain::order::OrderStatus;
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::{Product, Wallet};
use crate::links::{self, TokenPage};
use crate::ports::wallet::{PayerLogin, WalletError};
use crate::views::message::{Message, MessagePage};

/// A login that takes longer has to be begun again.
const LOGIN_LASTS: Span = Span::minutes(10);
/// Who a payer is to a wallet does not change; his browser is asked again after this time.
const IDENTITY_LASTS: Duration = Duration::days(30);
/// The query parameter that says that this page has been to the login: it does not go there by itself again.
const BEEN: &str = "login";
/// A state begins with so many random bytes; its signature follows.
const RANDOM: usize = 16;

/// Whose login: what is sealed or signed for one never holds for another.
struct Whose<'a> {
    wallet: Wallet,
    merchant: &'a MerchantId,
    login: &'a dyn PayerLogin,
}

impl<'a> Whose<'a> {
    fn find(web: &'a Web, merchant: &'a MerchantId, wallet: Wallet) -> Option<Self> {
        let login = web.services.wallets.gateway(merchant, wallet)?.login()?;
        Some(Self { wallet, merchant, login })
    }

    fn purpose(&self, what: &str) -> String {
        format!("{what} {} {} {}", self.wallet, self.merchant, self.login.realm())
    }

    fn identity_cookie(&self) -> String {
        format!("pay_payer_{}_{}", self.wallet, self.merchant)
    }

    fn identity(&self, web: &Web, request: &HttpRequest) -> Option<String> {
        let sealed = request.cookie(&self.identity_cookie())?;
        String::from_utf8(web.browser_seal.open(&self.purpose("payer"), sealed.value())?).ok()
    }
}

/// What a page knows of the payer before he begins to pay.
pub enum Identified {
    /// Who he is to the wallet, when it has a login and he has been there.
    As(Option<String>),
    /// The wallet wants to know first.
    NotYet,
}

/// Who pays, as the wallet has to be told for this product.
pub fn identified(
    web: &Web,
    request: &HttpRequest,
    merchant: &MerchantId,
    wallet: Wallet,
    product: Product,
) -> Identified {
    let Some(whose) = Whose::find(web, merchant, wallet) else { return Identified::As(None) };
    match whose.identity(web, request) {
        None if whose.login.wanted_for(product) => Identified::NotYet,
        identity => Identified::As(identity),
    }
}

/// The way to the login, when a page is opened inside a wallet that wants to know who pays, for the first time and with an order
/// that can be paid.
pub fn first_way(request: &HttpRequest, context: &PageContext<'_>) -> Result<Option<HttpResponse>, Fault> {
    let opened = context.opened;
    let payable = context.summary().status == OrderStatus::Pending
        && opened.link().is_none_or(|link| link.status == crate::domain::friend_link::LinkStatus::Open);
    if request.method() != Method::GET || !payable || query(request, BEEN).is_some() {
        return Ok(None);
    }
    let merchant = &opened.ledger.order.merchant;
    for wallet in &opened.ledger.order.request.wallets {
        let leads = context.steps(*wallet).iter().any(|step| step.method == Way::PayInApp);
        let Some(whose) = Whose::find(context.web, merchant, *wallet).filter(|_| leads) else { continue };
        if whose.login.wanted_for(Product::InApp) && whose.identity(context.web, request).is_none() {
            return send(context.web, &whose, opened.page).map(Some);
        }
    }
    Ok(None)
}

/// Where a payer is told that the wallet does not know him yet, and can go to its login.
#[must_use]
pub fn explanation(page: TokenPage, wallet: Wallet) -> String {
    format!("{page}/login/{wallet}")
}

/// Tells that the wallet does not know the payer yet, or that its login did not work, and offers it.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn explain(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let opened = Opened::by(&web, &request, kind).await?;
    Whose::find(&web, &opened.ledger.order.merchant, wallet).ok_or(Fault::NOT_FOUND)?;
    let context = PageContext::of(&web, &request, &opened)?;
    let shown = MessagePage {
        frame: context.frame(&request),
        message: Message::LoginNeeded { wallet, login: format!("{}/go", explanation(opened.page, wallet)) },
        back: Some(format!("{}?{BEEN}=later", opened.page)),
        request_id: String::new(),
    };
    render::page(StatusCode::OK, &shown)
}

/// Goes to the login.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn go(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let opened = Opened::by(&web, &request, kind).await?;
    let whose = Whose::find(&web, &opened.ledger.order.merchant, wallet).ok_or(Fault::NOT_FOUND)?;
    send(&web, &whose, opened.page)
}

fn send(web: &Web, whose: &Whose<'_>, page: TokenPage) -> Result<HttpResponse, Fault> {
    let broken = || Fault::Broken("a login could not be begun".to_owned());
    let random = web.services.entropy.sixteen();
    let signature = web.browser_seal.sign(&whose.purpose("state"), &random);
    let state = hexadecimal(&[random.as_slice(), &signature].concat());
    let until = web.services.clock.now() + LOGIN_LASTS;
    let ticket = format!("{} {page}", until.seconds());
    let purpose = whose.purpose(&format!("login {}", hexadecimal(&random)));
    let sealed = web.browser_seal.seal(&purpose, ticket.as_bytes(), &*web.services.entropy).ok_or_else(broken)?;
    let cookie = cookie(web, ticket_cookie(&random), sealed, Duration::seconds(LOGIN_LASTS.as_seconds()));
    let back = web.services.links.absolute(&links::login(whose.wallet, whose.merchant));
    let mut response = see_other(&whose.login.address(&back, &state));
    response.add_cookie(&cookie).map_err(|_| broken())?;
    Ok(response)
}

/// Where the login comes back.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for whoever has no login, [`Fault::LoginLost`] when this browser did not begin this login, or too long ago,
/// 429.
pub async fn returned(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let merchant = request.match_info().get("merchant").and_then(MerchantId::new).ok_or(Fault::NOT_FOUND)?;
    let whose = Whose::find(&web, &merchant, wallet).ok_or(Fault::NOT_FOUND)?;
    let address = client_address(&web, &request);
    if !address.is_loopback()
        && let Allowed::After(seconds) = web.limits.form(address)
    {
        return Err(Fault::RateLimited(seconds));
    }
    let (random, page) = begun(&web, &request, &whose).ok_or(Fault::LoginLost)?;
    let code = query(&request, "code").filter(|code| (1..=512).contains(&code.len()));
    let identity = match code {
        Some(code) => whose.login.identify(&code).await,
        None => Err(WalletError::Refused("the payer did not log in".to_owned())),
    };
    let used_up = cookie(&web, ticket_cookie(&random), String::new(), Duration::ZERO);
    let mut left = vec![used_up];
    let onward = match identity {
        Ok(identity) => {
            if whose.identity(&web, &request).is_some_and(|before| before != identity) {
                // Somebody else holds this device now: what the other one began is not his.
                left.push(cookies::new_browser(&web).1);
            }
            let sealed = web.browser_seal.seal(&whose.purpose("payer"), identity.as_bytes(), &*web.services.entropy);
            let sealed = sealed.ok_or_else(|| Fault::Broken("a payer could not be kept".to_owned()))?;
            left.push(cookie(&web, whose.identity_cookie(), sealed, IDENTITY_LASTS));
            format!("{page}?{BEEN}=done")
        }
        Err(error) => {
            tracing::warn!(%merchant, %wallet, %error, "a payer could not log in");
            explanation(page, wallet)
        }
    };
    let mut response = see_other(&onward);
    for cookie in left {
        response.add_cookie(&cookie).map_err(|_| Fault::Broken("a cookie could not be set".to_owned()))?;
    }
    Ok(response)
}

/// The login that comes back, if this browser began it and it is not too old: its random part, and the page.
fn begun(web: &Web, request: &HttpRequest, whose: &Whose<'_>) -> Option<([u8; RANDOM], TokenPage)> {
    let state = bytes(&query(request, "state")?)?;
    let (random, signature) = state.split_first_chunk::<RANDOM>()?;
    if !web.browser_seal.signed(&whose.purpose("state"), random, signature) {
        return None;
    }
    let sealed = request.cookie(&ticket_cookie(random))?;
    let purpose = whose.purpose(&format!("login {}", hexadecimal(random)));
    let ticket = String::from_utf8(web.browser_seal.open(&purpose, sealed.value())?).ok()?;
    let (until, page) = ticket.split_once(' ')?;
    let in_time = web.services.clock.now() < Timestamp::from_seconds(until.parse().ok()?);
    TokenPage::parse(page).filter(|_| in_time).map(|page| (*random, page))
}

/// Each login has a cookie of its own: two pages may be at it at once.
fn ticket_cookie(random: &[u8; RANDOM]) -> String {
    format!("pay_login_{}", hexadecimal(&random[..4]))
}

fn cookie(web: &Web, name: String, value: String, life: Duration) -> Cookie<'static> {
    let path = if name.starts_with("pay_login_") { "/oauth" } else { "/" };
    let builder = Cookie::build(name, value).path(path).http_only(true).same_site(SameSite::Lax);
    builder.secure(web.services.links.is_https()).max_age(life).finish()
}

/// WeChat takes letters and digits in a state, nothing else.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    if !hexadecimal.is_ascii() || hexadecimal.len() > 128 || hexadecimal.len() % 2 == 1 {
        return None;
    }
    (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).ok()).collect()
}

/// A file that proves to a wallet whose domain this is.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn domain_proof(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let name = request.match_info().get("name").unwrap_or_default();
    let content = web.domain_proofs.get(name).ok_or(Fault::NOT_FOUND)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(content.clone()))
}
