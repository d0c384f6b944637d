//! The simulated wallet app: looks at a trade and plays what a payer could do.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::attempt::TradeNo;
use crate::ports::sandbox::{Outcome, PlayError, Sandbox, SandboxState, SandboxTrade};
use crate::services::refusal::Refusal;
use crate::views::sandbox::{SimulatedState, SimulatedWalletPage};
use crate::web::error::Fault;
use crate::web::extract::{Body, Form, Shared};
use crate::web::render::{frame, page, see_other};
use crate::web::visitor::{Visitor, query};

fn sandbox(web: &Shared) -> Result<Arc<dyn Sandbox>, Fault> {
    web.sandbox.clone().ok_or(Fault::NOT_FOUND)
}

fn trade_no(request: &HttpRequest) -> Result<TradeNo, Fault> {
    request.match_info().get("trade_no").and_then(TradeNo::new).ok_or(Fault::NOT_FOUND)
}

/// Shows a trade.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn show(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let number = trade_no(&request)?;
    let trade = sandbox(&web)?.trade(&number).await.map_err(Refusal::from)?.ok_or(Fault::NOT_FOUND)?;
    let refused = query(&request, "played").as_deref() == Some(Outcome::AlbumRefused.as_str());
    page(StatusCode::OK, &context(&request, &web, &number, trade, refused)?)
}

fn context(
    request: &HttpRequest,
    web: &Shared,
    number: &TradeNo,
    trade: SandboxTrade,
    refused: bool,
) -> Result<SimulatedWalletPage, Fault> {
    let merchant = web.services.merchants.get(&trade.merchant).ok_or(Refusal::NotFound)?;
    Ok(SimulatedWalletPage {
        frame: frame(request, Visitor::of(request).locale(), true, None),
        wallet: trade.wallet,
        trade_no: number.as_str().to_owned(),
        payee: merchant.name.clone(),
        subject: trade.subject,
        money: trade.money,
        state: match trade.state {
            _ if refused => SimulatedState::AlbumRefused,
            SandboxState::AlbumRefused => SimulatedState::AlbumRefused,
            SandboxState::Open => SimulatedState::Waiting,
            SandboxState::Paid => SimulatedState::Paid,
            SandboxState::Failed => SimulatedState::Failed,
            SandboxState::Closed => SimulatedState::Closed,
        },
        back: Some(trade.return_url),
    })
}

/// Plays an outcome.
///
/// # Errors
/// [`Fault::NOT_FOUND`], 422 for an outcome that is none.
pub async fn play(request: HttpRequest, web: Shared, body: Body) -> Result<HttpResponse, Fault> {
    let number = trade_no(&request)?;
    let sandbox = sandbox(&web)?;
    let form = Form::read(&body)?;
    let outcome: Outcome = form.get("outcome").and_then(|word| word.parse().ok()).ok_or(Fault::BadForm)?;
    match sandbox.play(&number, outcome).await {
        Ok(_) => {}
        Err(PlayError::UnknownTrade) => return Err(Fault::NOT_FOUND),
        Err(PlayError::Store(error)) => return Err(Refusal::from(error).into()),
    }
    Ok(see_other(&format!("{}?played={}", request.path(), outcome.as_str())))
}
