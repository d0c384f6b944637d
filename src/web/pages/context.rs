//! From a ledger to what a page may show of it.

use actix_web::{HttpMessage, HttpRequest};

use super::opened::Opened;
use crate::domain::friend_link::LinkStatus;
use crate::domain::handoff::capability::{Acceptance, CodeKind};
use crate::domain::handoff::plan::{Situation, Step, plan};
use crate::domain::handoff::{HostApp, Method};
use crate::domain::locale::Locale;
use crate::domain::merchant::Merchant;
use crate::domain::order::{OrderStatus, Payer};
use crate::domain::wallet::{Product, Wallet};
use crate::links::TokenPage;
use crate::services::refusal::Refusal;
use crate::views::frame::Frame;
use crate::views::order_summary::{OrderSummary, StepView, WalletChoice};
use crate::web::error::Fault;
use crate::web::extract::Shared;
use crate::web::layers::Embedders;
use crate::web::render;
use crate::web::visitor::Visitor;

/// Everything that the payer pages have in common.
pub struct PageContext<'a> {
    /// The state.
    pub web: &'a Shared,
    /// The opened page.
    pub opened: &'a Opened,
    /// Who looks.
    pub visitor: Visitor,
    /// In which language.
    pub locale: Locale,
    /// Who gets the money.
    pub merchant: &'a Merchant,
}

impl<'a> PageContext<'a> {
    /// The context of a request for an opened page.
    ///
    /// # Errors
    /// [`Fault::NOT_FOUND`] when the merchant is gone.
    pub fn of(web: &'a Shared, request: &HttpRequest, opened: &'a Opened) -> Result<Self, Fault> {
        let order = &opened.ledger.order;
        let merchant = web.services.merchants.get(&order.merchant).ok_or(Refusal::NotFound)?;
        if let TokenPage::Checkout(_) = opened.page
            && !merchant.origins.is_empty()
        {
            request.extensions_mut().insert(Embedders(merchant.origins.clone()));
        }
        let visitor = Visitor::of(request).previewing(request, order);
        let locale = visitor.locale_for(order);
        Ok(Self { web, opened, visitor, locale, merchant })
    }

    /// What stands around the content.
    #[must_use]
    pub fn frame(&self, request: &HttpRequest) -> Frame {
        let picture = self.web.services.links.absolute(&crate::views::assets::preview_picture_path());
        render::frame(request, self.locale, self.opened.ledger.order.sandbox, Some(picture))
    }

    /// The order as payers see it.
    #[must_use]
    pub fn summary(&self) -> OrderSummary {
        let order = &self.opened.ledger.order;
        OrderSummary {
            merchant_name: self.merchant.name.clone(),
            subject: order.request.subject.clone(),
            money: order.request.money,
            status: self.shown_status(),
            expires_at: order.expires_at,
            paid_at: order.winner.map(|winner| winner.paid_at),
            paid_with: order.winner.map(|winner| winner.wallet),
            paid_by: order.winner.map(|winner| winner.payer),
            amount_refunded: order.amount_refunded,
            now: self.web.services.clock.now(),
            seq: crate::web::live::view(self.web, &self.opened.ledger, self.opened.page).seq,
        }
    }

    /// Whether a download reaches the visitor's phone; the web views of apps ignore them.
    #[must_use]
    pub fn can_download(&self) -> bool {
        self.visitor.host.0 == HostApp::Browser
    }

    /// Whether anything can be paid through this page at this moment.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        self.shown_status() == OrderStatus::Pending
            && self.opened.link().is_none_or(|link| link.status == LinkStatus::Open)
    }

    /// An order whose time is over is shown as such, also in the moment before it is published.
    fn shown_status(&self) -> OrderStatus {
        let order = &self.opened.ledger.order;
        let over = order.status == OrderStatus::Pending && self.web.services.clock.now() >= order.expires_at;
        if over { OrderStatus::Expired } else { order.status }
    }

    /// Who pays through this page.
    #[must_use]
    pub const fn payer(&self) -> Payer {
        match self.opened.page {
            TokenPage::Friend(_) => Payer::Friend,
            TokenPage::Checkout(_) | TokenPage::Scan(_) => Payer::Buyer,
        }
    }

    /// The ways to a wallet from where the visitor stands.
    #[must_use]
    pub fn steps(&self, wallet: Wallet) -> Vec<Step> {
        let (host_app, platform) = self.visitor.host;
        let situation = Situation {
            host_app,
            platform,
            wallet,
            products: self.merchant.products(wallet),
            payer: self.payer(),
            friend_links_possible: matches!(self.opened.page, TokenPage::Checkout(_)),
        };
        plan(&self.web.capabilities, &situation)
    }

    /// The order's wallets, those that work at once first.
    #[must_use]
    pub fn wallets(&self) -> Vec<WalletChoice> {
        let view = |step: &Step| StepView { method: step.method, reason: step.reason.text(self.locale).to_string() };
        let choice =
            |wallet: &Wallet| WalletChoice { wallet: *wallet, steps: self.steps(*wallet).iter().map(view).collect() };
        let mut choices: Vec<WalletChoice> = self.opened.ledger.order.request.wallets.iter().map(choice).collect();
        choices.sort_by_key(|choice| {
            let lead = choice.steps.first().map(|step| step.method);
            !matches!(lead, Some(Method::PayInApp | Method::Redirect))
        });
        choices
    }

    /// The product that a payer who does not say gets: what the page leads with, if the merchant has it.
    #[must_use]
    pub fn default_product(&self, wallet: Wallet) -> Product {
        let products = self.merchant.products(wallet);
        let wanted = self.steps(wallet).iter().find_map(|step| match step.method {
            Method::PayInApp => Some(Product::InApp),
            Method::Redirect => Some(Product::Browser),
            Method::ScanScreen | Method::ScanAlbum => Some(Product::Code),
            Method::CopyLink | Method::OpenInBrowser | Method::AskFriend => None,
        });
        wanted.into_iter().chain(Product::ALL).find(|product| products.contains(product)).unwrap_or(Product::Code)
    }

    /// Whether a wallet takes a code from the album: its own, or the order's lasting one. The lasting code leads into WeChat
    /// only for a merchant who can be paid on a page there.
    #[must_use]
    pub fn album_takes(&self, wallet: Wallet, kind: CodeKind) -> bool {
        let allowed = self.web.capabilities.code(wallet, kind).is_some_and(|row| row.album == Acceptance::Allowed);
        let leads_on = kind == CodeKind::Own
            || wallet != Wallet::WechatPay
            || self.merchant.products(wallet).contains(&Product::InApp);
        allowed && leads_on
    }

    /// The absolute address of the lasting code's page.
    #[must_use]
    pub fn copy_url(&self) -> String {
        self.opened.payload(self.web)
    }
}

/// The last six characters of the shop's number: enough to compare with what the shop shows.
#[must_use]
pub fn order_tail(number: &str) -> String {
    number.get(number.len().saturating_sub(6)..).unwrap_or(number).to_owned()
}
