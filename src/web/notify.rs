//! Where wallets call back: nothing is believed before it is proven, nothing acknowledged before it is durable.

use actix_web::{HttpRequest, HttpResponse};

use super::error::Fault;
use super::extract::{Body, Shared, part};
use crate::domain::merchant::MerchantId;
use crate::domain::wallet::Wallet;
use crate::drill::{crash_point, is_planted};
use crate::ports::wallet::{RawNotice, Unproven};
use crate::services::settle::Taken;
use crate::wire::problem::ProblemKind;

/// Takes a notification of a wallet.
///
/// # Errors
/// 404 for a merchant or wallet we do not have, 401 when the proof fails, 400 when it cannot be read, 503 when it could not be
/// made durable: the wallet is to try again.
pub async fn receive(request: HttpRequest, web: Shared, body: Body) -> Result<HttpResponse, Fault> {
    let wallet: Wallet = part(&request, "wallet")?;
    let merchant = request.match_info().get("merchant").and_then(MerchantId::new).ok_or(Fault::NOT_FOUND)?;
    let services = &web.services;
    let gateway = services.wallets.gateway(&merchant, wallet).ok_or(Fault::NOT_FOUND)?;
    let headers = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let raw = RawNotice { headers: headers.collect(), body: body.0 };
    let count = |result| web.metrics.notice(wallet.as_str(), result);
    let notice = match gateway.prove(&raw, services.clock.now()) {
        Ok(notice) => notice,
        Err(Unproven::NotProven) => {
            count("refused");
            if web.limits.tells_of_refused_notice() {
                tracing::warn!(%merchant, %wallet, "a notification was not proven and is refused");
            }
            return Err(Fault::NotProven);
        }
        Err(Unproven::Unreadable) => {
            count("unreadable");
            return Err(Fault::Parameter(ProblemKind::INVALID_PARAMETER.title.to_owned()));
        }
    };
    let words = gateway.acknowledgement();
    let acknowledge = || HttpResponse::Ok().content_type(words.content_type).body(words.body);
    if is_planted("a notice acknowledged before its commit") {
        let web = web.clone();
        actix_web::rt::spawn(async move { web.services.hear(&merchant, wallet, notice, &raw.body).await });
        return Ok(acknowledge());
    }
    let taken = services.hear(&merchant, wallet, notice, &raw.body).await.inspect_err(|_| count("failed"))?;
    crash_point("notice.acknowledge");
    count(match taken {
        Taken::Recorded => "accepted",
        Taken::Stray => "stray",
        Taken::Other => "other",
    });
    Ok(acknowledge())
}
