//! Beginning to pay, and the page of an attempt, which only its own browser sees.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::context::PageContext;
use super::opened::{Kind, Opened};
use crate::domain::attempt::{Attempt, Handover};
use crate::domain::handoff::Platform;
use crate::domain::handoff::capability::CodeKind;
use crate::domain::id::AttemptId;
use crate::domain::payment::Verdict;
use crate::domain::wallet::{Product, Wallet};
use crate::links::{RETURNED, sandbox_trade};
use crate::ports::wallet::KnownPayer;
use crate::services::begin_attempt::PaymentWish;
use crate::services::refusal::Refusal;
use crate::views::attempt::{AttemptPage, AttemptWay, Leave};
use crate::web::error::Fault;
use crate::web::extract::{Body, Form, Shared, part};
use crate::web::layers::FormTarget;
use crate::web::limits::Allowed;
use crate::web::login::Identified;
use crate::web::pictures::Code;
use crate::web::render::{page, see_other};
use crate::web::visitor::{client_address, query};
use crate::web::{cookies, login, pictures};

/// Begins to pay: always leads to the attempt's page.
///
/// # Errors
/// 409 when the order or link has ended or is held, 422 for a wallet that the order does not allow.
pub async fn begin(request: HttpRequest, web: Shared, body: Body, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, kind).await?;
    let form = Form::read(&body)?;
    let wallet: Wallet = word(&form, "wallet")?.ok_or(Refusal::WalletNotAllowed)?;
    let product: Option<Product> = word(&form, "product")?;
    let context = PageContext::of(&web, &request, &opened)?;
    let product_meant = product.unwrap_or_else(|| context.default_product(wallet));
    let identified = login::identified(&web, &request, &context.merchant.id, wallet, product_meant);
    let Identified::As(identity) = identified else {
        return Ok(see_other(&login::explanation(opened.page, wallet)));
    };
    let (browser, cookie) = cookies::browser_or_new(&web, &request);
    let wish = PaymentWish {
        page: opened.page,
        friend_link: opened.link().map(|link| link.id),
        wallet,
        product,
        default_product: context.default_product(wallet),
        browser,
        payer: KnownPayer {
            address: Some(client_address(&web, &request)),
            identity,
            at_computer: context.visitor.host.1 == Platform::Desktop,
        },
    };
    let id = web.services.begin_attempt(opened.ledger.order.id, &wish).await?;
    let mut response = see_other(&opened.page.attempt(id));
    if let Some(cookie) = cookie
        && response.add_cookie(&cookie).is_err()
    {
        return Err(Fault::Broken("the browser's cookie could not be set".to_owned()));
    }
    Ok(response)
}

fn word<T: std::str::FromStr>(form: &Form, name: &str) -> Result<Option<T>, Fault> {
    form.get(name).map(|text| text.parse().map_err(|_| Refusal::WalletNotAllowed.into())).transpose()
}

/// The attempt that the path names, if this browser began it from this page.
pub(super) async fn own(web: &Shared, request: &HttpRequest, kind: Kind) -> Result<(Opened, Attempt), Fault> {
    let opened = Opened::by_payer(web, request, kind).await?;
    let id: AttemptId = part(request, "id")?;
    let browser = cookies::browser(request).ok_or(Refusal::NotFound)?;
    let link = opened.link().map(|link| link.id);
    let attempt = opened.ledger.attempt(id).filter(|attempt| attempt.browser == browser && attempt.friend_link == link);
    let attempt = attempt.ok_or(Refusal::NotFound)?.clone();
    Ok((opened, attempt))
}

/// Shows the way into the wallet, or the wallet's own code, or how it ended.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for every browser but the one that began it.
pub async fn show(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let (opened, attempt) = own(&web, &request, kind).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    let base = opened.page.attempt(attempt.id);
    let way = match &attempt.handover {
        None => AttemptWay::Preparing,
        Some(Handover::Code(_)) => AttemptWay::Code {
            qr_png: format!("{base}/qr.png"),
            album_allowed: context.album_takes(attempt.wallet, CodeKind::Own),
        },
        Some(Handover::Redirect(href)) => {
            AttemptWay::Leave { to: Leave::Link(href.clone()), in_app: attempt.product == Product::InApp }
        }
        Some(Handover::Form(form)) => {
            if let Some(target) = FormTarget::of(&form.action) {
                request.extensions_mut().insert(target);
            }
            AttemptWay::Leave { to: Leave::Form(form.clone()), in_app: attempt.product == Product::InApp }
        }
        Some(Handover::Bridge(call)) => AttemptWay::Bridge { call: call.clone() },
    };
    let of_this_attempt = |verdicts: &[Verdict]| {
        let mut payments = opened.ledger.payments.iter().filter(|payment| payment.attempt == attempt.id);
        payments.any(|payment| verdicts.contains(&payment.verdict))
    };
    let shown = AttemptPage {
        frame: context.frame(&request),
        order: context.summary(),
        wallet: attempt.wallet,
        product: attempt.product,
        status: attempt.status,
        way,
        back: opened.page.to_string(),
        album_qr_png: context
            .album_takes(attempt.wallet, CodeKind::Lasting)
            .then(|| format!("{}/qr.png", opened.code_page())),
        has_own_code: context.merchant.products(attempt.wallet).contains(&Product::Code),
        can_download: context.can_download(),
        simulated_wallet: opened.ledger.order.sandbox.then(|| sandbox_trade(&attempt.trade_no)),
        base,
        returned: query(&request, RETURNED).is_some(),
        expires_at: attempt.expires_at,
        payment_given_back: of_this_attempt(&[Verdict::Surplus, Verdict::Late]),
        payment_differs: of_this_attempt(&[Verdict::Mismatch]),
    };
    page(StatusCode::OK, &shown)
}

/// A wallet sends its payer back with a form. Nothing in it is read, because only what the wallet answers when it is asked counts,
/// and nothing changes: it leads to the page, which asks whether he has paid. The cookie that the page wants is not sent with another
/// site's form, but it is with the look that follows.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for an address that is none.
pub async fn returned(request: HttpRequest, _: Shared, _: Body, kind: Kind) -> Result<HttpResponse, Fault> {
    let page = kind.page(part(&request, "token")?);
    Ok(see_other(&page.attempt_returned(part(&request, "id")?)))
}

/// The wallet's own code.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for other browsers and for attempts without a code.
pub async fn png(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let (_, attempt) = own(&web, &request, kind).await?;
    let payable = attempt.can_be_paid(web.services.clock.now());
    let Some(Handover::Code(text)) = attempt.handover.as_ref().filter(|_| payable) else {
        return Err(Fault::NOT_FOUND);
    };
    let code = Code { text: text.clone(), mask: None };
    pictures::draw(&request, &code, pictures::Format::Png, &format!("pay-{}", attempt.wallet)).await
}

/// "I have paid": asks the wallet now.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn check(request: HttpRequest, web: Shared, _: Body, kind: Kind) -> Result<HttpResponse, Fault> {
    let (opened, attempt) = own(&web, &request, kind).await?;
    if web.limits.check(opened.ledger.order.id) == Allowed::Yes {
        web.services.check_attempt(&opened.ledger, attempt.id).await?;
    }
    Ok(see_other(&opened.page.attempt(attempt.id)))
}

/// Gives the attempt up: the wallet is asked to close it, a held link is free again.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn give_up(request: HttpRequest, web: Shared, _: Body, kind: Kind) -> Result<HttpResponse, Fault> {
    let (opened, attempt) = own(&web, &request, kind).await?;
    web.services.give_up(opened.ledger.order.id, attempt.id).await?;
    let revoked = opened.link().is_some_and(|link| link.status == crate::domain::friend_link::LinkStatus::Revoked);
    let back = if revoked { opened.page.attempt(attempt.id) } else { opened.page.to_string() };
    Ok(see_other(&back))
}
