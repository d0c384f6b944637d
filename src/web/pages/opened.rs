//! Opening a page by its token: the same answer, in the same time, for every token that opens nothing.

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::domain::attempt::Attempt;
use crate::domain::friend_link::{FriendLink, LinkStatus};
use crate::domain::ledger::Ledger;
use crate::domain::payment::Verdict;
use crate::domain::token::Token;
use crate::domain::wallet::Wallet;
use crate::links::TokenPage;
use crate::ports::store::LedgerKey;
use crate::qr::Mask;
use crate::services::refusal::Refusal;
use crate::web::cookies;
use crate::web::error::Fault;
use crate::web::extract::{Shared, part};
use crate::web::limits::Allowed;
use crate::web::pictures::Code;
use crate::web::visitor::client_address;

/// An order's page that a token opened.
pub struct Opened {
    /// Which page.
    pub page: TokenPage,
    /// The order behind it.
    pub ledger: Ledger,
}

/// The pages whose tokens open payer pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The buyer's.
    Checkout,
    /// The lasting code's.
    Scan,
    /// A friend's.
    Friend,
}

impl Kind {
    /// The page of this kind that a token opens.
    #[must_use]
    pub const fn page(self, token: Token) -> TokenPage {
        match self {
            Self::Checkout => TokenPage::Checkout(token),
            Self::Scan => TokenPage::Scan(token),
            Self::Friend => TokenPage::Friend(token),
        }
    }
}

impl Opened {
    /// Opens the page whose token stands in the request's path. A revoked friend link opens nothing.
    ///
    /// # Errors
    /// [`Fault::NOT_FOUND`], [`Refusal::Unavailable`].
    pub async fn by(web: &Shared, request: &HttpRequest, kind: Kind) -> Result<Self, Fault> {
        Self::found(web, request, kind, LedgerKey::FriendToken).await
    }

    /// The same, and a revoked friend link still opens to a browser that began to pay through it.
    ///
    /// # Errors
    /// [`Fault::NOT_FOUND`], [`Refusal::Unavailable`].
    pub async fn by_payer(web: &Shared, request: &HttpRequest, kind: Kind) -> Result<Self, Fault> {
        let Some(browser) = cookies::browser(request) else { return Self::by(web, request, kind).await };
        let opened = Self::found(web, request, kind, LedgerKey::AnyFriendToken).await?;
        let revoked = opened.link().filter(|link| link.status == LinkStatus::Revoked);
        let began = |link: &FriendLink| {
            opened.ledger.attempts.iter().any(|each| each.browser == browser && each.friend_link == Some(link.id))
        };
        if revoked.is_some_and(|link| !began(link)) {
            return Err(Fault::NOT_FOUND);
        }
        Ok(opened)
    }

    async fn found(
        web: &Shared,
        request: &HttpRequest,
        kind: Kind,
        friend_key: fn(Token) -> LedgerKey,
    ) -> Result<Self, Fault> {
        let address = client_address(web, request);
        if request.method() == Method::POST
            && !address.is_loopback()
            && let Allowed::After(seconds) = web.limits.form(address)
        {
            return Err(Fault::RateLimited(seconds));
        }
        let token: Token = part(request, "token")?;
        let key = match kind {
            Kind::Checkout => LedgerKey::CheckoutToken(token),
            Kind::Scan => LedgerKey::ScanToken(token),
            Kind::Friend => friend_key(token),
        };
        let ledger = web.services.read(key).await?;
        if !web.services.merchants.contains_key(&ledger.order.merchant) {
            return Err(Refusal::NotFound.into());
        }
        Ok(Self { page: kind.page(token), ledger })
    }

    /// The friend link whose page this is.
    #[must_use]
    pub fn link(&self) -> Option<&FriendLink> {
        match self.page {
            TokenPage::Friend(token) => self.ledger.friend_links.iter().find(|link| link.token == token),
            TokenPage::Checkout(_) | TokenPage::Scan(_) => None,
        }
    }

    /// The wallets and verdicts of payments that do not count for the order: the buyer's page tells of all of them, another page of
    /// those that the browser itself began there.
    #[must_use]
    pub fn not_kept(&self, request: &HttpRequest) -> Vec<(Wallet, Verdict)> {
        let browser = cookies::browser(request);
        let link = self.link().map(|link| link.id);
        let is_told = |attempt: &Attempt| match self.page {
            TokenPage::Checkout(_) => true,
            _ => Some(attempt.browser) == browser && attempt.friend_link == link,
        };
        let not_kept = self.ledger.payments.iter().filter(|payment| payment.verdict != Verdict::Winner);
        let told = not_kept.filter_map(|payment| {
            let attempt = self.ledger.attempt(payment.attempt).filter(|attempt| is_told(attempt))?;
            Some((attempt.wallet, payment.verdict))
        });
        told.collect()
    }

    /// What the code of this page holds: a friend's own page, else the order's lasting address.
    #[must_use]
    pub fn payload(&self, web: &Shared) -> String {
        web.services.links.page(self.code_page())
    }

    /// The code of this page, with the mask that was chosen when it was made.
    #[must_use]
    pub fn code(&self, web: &Shared) -> Code {
        let order_mask = self.ledger.order.scan_mask;
        let mask = self.link().map_or(order_mask, |link| link.mask);
        Code { text: self.payload(web), mask: Some(Mask::of(mask.number())) }
    }

    /// What a saved picture of this page's code is called, without extension. A friend must not learn the shop's number; everybody
    /// else's file says which order it is.
    #[must_use]
    pub fn file_name(&self) -> String {
        match self.page {
            TokenPage::Friend(_) => "pay-for-a-friend".to_owned(),
            TokenPage::Checkout(_) | TokenPage::Scan(_) => {
                format!("order-{}", self.ledger.order.request.merchant_order_no.as_str())
            }
        }
    }

    /// The page that the code of this page opens.
    #[must_use]
    pub const fn code_page(&self) -> TokenPage {
        match self.page {
            TokenPage::Friend(_) => self.page,
            TokenPage::Checkout(_) | TokenPage::Scan(_) => TokenPage::Scan(self.ledger.order.scan_token),
        }
    }
}
