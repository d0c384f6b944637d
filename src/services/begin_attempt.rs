//! Beginning to pay: one living attempt for a browser and a wallet, and the way to that wallet.

use futures_util::future::join_all;

use super::Services;
use super::refusal::Refusal;
use crate::domain::attempt::{Attempt, AttemptStatus, BrowserKey, TradeNo};
use crate::domain::id::{AttemptId, FriendLinkId, OrderId};
use crate::domain::ledger::{Ledger, NewAttempt};
use crate::domain::wallet::{Product, Wallet};
use crate::drill::crash_point;
use crate::links::TokenPage;
use crate::ports::wallet::{KnownPayer, NewTrade, WalletError};

/// Who wants to pay, how, and from which page.
#[derive(Clone, Debug)]
pub struct PaymentWish {
    /// The page whose form was sent.
    pub page: TokenPage,
    /// The friend link of that page.
    pub friend_link: Option<FriendLinkId>,
    /// At which wallet.
    pub wallet: Wallet,
    /// In which way, when the form says.
    pub product: Option<Product>,
    /// In which way otherwise: what the page leads with here.
    pub default_product: Product,
    /// Whose browser.
    pub browser: BrowserKey,
    /// What the wallet may have to be told of him.
    pub payer: KnownPayer,
}

impl Services {
    /// Begins to pay an order.
    ///
    /// # Errors
    /// [`Refusal::WalletNotAllowed`], [`Refusal::OrderFinished`], [`Refusal::LinkHeld`], [`Refusal::FriendLinkNotOpen`],
    /// [`Refusal::TooManyAttempts`], [`Refusal::Unavailable`]. A wallet that does not answer is no error: the attempt's page
    /// offers to try again.
    pub async fn begin_attempt(&self, order: OrderId, wish: &PaymentWish) -> Result<AttemptId, Refusal> {
        let ledger = self.read(self.by_id(order)).await?;
        let merchant = self.merchant(&ledger.order.merchant)?;
        let products = merchant.products(wish.wallet);
        let allowed = ledger.order.request.wallets.contains(&wish.wallet)
            && !products.is_empty()
            && wish.product.is_none_or(|product| products.contains(&product));
        if !allowed {
            return Err(Refusal::WalletNotAllowed);
        }
        let begun = self.amend(self.by_id(order), None, |ledger, now| {
            let trade_no = TradeNo::begun(now, &self.entropy.alphanumeric(22));
            let new = NewAttempt {
                id: AttemptId::new(self.entropy.uuid(now)),
                trade_no: trade_no.ok_or_else(|| Refusal::Unavailable("no trade number could be made".to_owned()))?,
                wallet: wish.wallet,
                product: wish.product,
                default_product: wish.default_product,
                browser: wish.browser,
                friend_link: wish.friend_link,
            };
            Ok(ledger.begin_attempt(new, now))
        });
        let begun = begun.await?;
        let id = begun.outcome?;
        self.prepare(&begun.ledger, id, wish).await?;
        Ok(id)
    }

    /// Closes what this attempt replaces, then asks its wallet for the way to it, once.
    async fn prepare(&self, ledger: &Ledger, id: AttemptId, wish: &PaymentWish) -> Result<(), Refusal> {
        let Some(attempt) = ledger.attempt(id) else { return Err(Refusal::NotFound) };
        if attempt.handover.is_some() {
            return Ok(());
        }
        // Asking some wallets twice kills the code they gave first: while one request asks, another shows what there is.
        let mark = self.running.mark(ledger.order.merchant.clone(), format!("beginning {id}"));
        let Some(_beginning) = mark else { return Ok(()) };
        let now = self.clock.now();
        let replaced = |other: &Attempt| {
            let dead = other.browser == attempt.browser && other.wallet == attempt.wallet && !other.can_be_paid(now);
            let taken_over = attempt.friend_link.is_some() && other.friend_link == attempt.friend_link;
            other.id != id && (dead || taken_over && other.browser != attempt.browser)
        };
        if ledger.attempts.iter().any(|other| other.status.is_living() && replaced(other)) {
            self.close_where(ledger.order.id, None, replaced).await?;
            let now_open = self.read(self.by_id(ledger.order.id)).await?;
            if now_open.attempt(id).is_none_or(|attempt| attempt.status != AttemptStatus::Open) {
                // What it replaces turned out to be paid: there is nothing to begin any more.
                return Ok(());
            }
        }
        let trade = NewTrade {
            product: attempt.product,
            trade_no: attempt.trade_no.clone(),
            money: ledger.order.request.money,
            subject: ledger.order.request.subject.clone(),
            expires_at: attempt.expires_at,
            return_url: self.links.absolute(&wish.page.attempt_returned(id)),
            payer: wish.payer.clone(),
        };
        let gateway = self.gateway(&ledger.order.merchant, attempt.wallet)?;
        crash_point("begin.before");
        let answer = gateway.begin(&trade).await;
        crash_point("begin.after");
        if let Err(error) = &answer {
            tracing::warn!(order = %ledger.order.id, wallet = %attempt.wallet, %error, "a wallet did not begin a trade");
        }
        let noted = self.amend(self.by_id(ledger.order.id), None, |ledger, now| {
            match &answer {
                Ok(handover) => ledger.hand_over(id, handover.clone()),
                Err(WalletError::Refused(_)) => ledger.end_attempt(id, AttemptStatus::Failed, now),
                Err(WalletError::Unknown(_) | WalletError::Later(_)) => {}
            }
            Ok(())
        });
        let noted = noted.await?;
        let attempt = noted.ledger.attempt(id).filter(|attempt| attempt.status != AttemptStatus::Open);
        // It was ended while the wallet entered it; whoever closed it may have been told that there was nothing to close.
        self.look(&noted.ledger.order, attempt, None).await
    }

    /// Gives up an attempt: its wallet is asked to close it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn give_up(&self, order: OrderId, id: AttemptId) -> Result<(), Refusal> {
        self.close_where(order, None, |attempt| attempt.id == id).await
    }

    /// Asks the wallets about every open attempt of an order, because a payer came back to its page.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn check_order(&self, ledger: &Ledger) -> Result<(), Refusal> {
        let open = ledger.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::Open);
        let looks = open.map(|attempt| self.look(&ledger.order, Some(attempt), None));
        join_all(looks).await.into_iter().collect()
    }

    /// Asks the wallet about an attempt because its payer says that he has paid.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn check_attempt(&self, ledger: &Ledger, id: AttemptId) -> Result<(), Refusal> {
        self.look(&ledger.order, ledger.attempt(id), None).await
    }
}
