//! The album card of a page or of a wallet's own code.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::attempt;
use super::context::{PageContext, order_tail};
use super::opened::{Kind, Opened};
use crate::domain::attempt::Handover;
use crate::domain::handoff::capability::CodeKind;
use crate::domain::locale::Locale;
use crate::domain::order::Payer;
use crate::domain::wallet::Wallet;
use crate::qr::logo::Logo;
use crate::services::refusal::Refusal;
use crate::views::card::{CardWay, OrderCard};
use crate::web::error::Fault;
use crate::web::extract::{Shared, parameters};
use crate::web::pictures::{self, Code};

/// The lasting code, or a friend's, with the steps for `wallet` (default: the order's first) in the language asked for.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 400 for a wallet that the order does not allow, an unknown language or another parameter.
pub async fn of_page(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let opened = Opened::by(&web, &request, kind).await?;
    let context = PageContext::of(&web, &request, &opened)?;
    let wallet = asked_wallet(&request, &opened.ledger.order.request.wallets)?;
    let way = if context.album_takes(wallet, CodeKind::Lasting) {
        CardWay::Album(wallet)
    } else {
        CardWay::PaymentPage(wallet)
    };
    let name = format!("{}-card", opened.file_name());
    let logo = web.logos.get(&opened.ledger.order.merchant);
    answer(&request, &context, Picture { code: opened.code(&web), way, logo }, &name).await
}

/// A wallet's own code with the steps for that wallet, where it takes such codes from the album.
///
/// # Errors
/// [`Fault::NOT_FOUND`] for other browsers, for attempts without a code, and for wallets that refuse their codes from the album.
pub async fn of_attempt(request: HttpRequest, web: Shared, kind: Kind) -> Result<HttpResponse, Fault> {
    let (opened, attempt) = attempt::own(&web, &request, kind).await?;
    let Some(Handover::Code(text)) = &attempt.handover else { return Err(Fault::NOT_FOUND) };
    let context = PageContext::of(&web, &request, &opened)?;
    if !context.album_takes(attempt.wallet, CodeKind::Own) {
        return Err(Fault::NOT_FOUND);
    }
    asked_wallet(&request, &[attempt.wallet])?;
    let code = Code { text: text.clone(), mask: None };
    let name = format!("pay-{}-card", attempt.wallet);
    // A wallet's own code may be long, and is the wallet's: it carries nobody's mark.
    answer(&request, &context, Picture { code, way: CardWay::Album(attempt.wallet), logo: None }, &name).await
}

/// The wallet that the request names, which must be one of these, else the first of them.
fn asked_wallet(request: &HttpRequest, allowed: &[Wallet]) -> Result<Wallet, Fault> {
    let given = parameters(request, &["wallet", "locale", "download"])?;
    let value = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if value("locale").is_some_and(|tag| tag.parse::<Locale>().is_err()) {
        return Err(Fault::Parameter("locale must be zh-CN or en".to_owned()));
    }
    match value("wallet") {
        None => allowed.first().copied().ok_or(Refusal::WalletNotAllowed.into()),
        Some(word) => word
            .parse()
            .ok()
            .filter(|wallet| allowed.contains(wallet))
            .ok_or_else(|| Fault::Parameter("wallet must be one of the order's".to_owned())),
    }
}

/// The code of a card, how it is used, and what stands in its middle.
struct Picture<'web> {
    code: Code,
    way: CardWay,
    logo: Option<&'web Arc<Logo>>,
}

async fn answer(
    request: &HttpRequest,
    context: &PageContext<'_>,
    picture: Picture<'_>,
    name: &str,
) -> Result<HttpResponse, Fault> {
    let order = &context.opened.ledger.order;
    let payer = context.payer();
    let tail = (payer == Payer::Buyer).then(|| order_tail(order.request.merchant_order_no.as_str()));
    let card = OrderCard {
        locale: context.locale,
        sandbox: order.sandbox,
        order: context.summary(),
        payer,
        order_tail: tail,
        way: picture.way,
    };
    pictures::card(request, picture.code, card.words(), picture.logo, name).await
}
