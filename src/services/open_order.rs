//! Placing an order, extending it, and answering what it is.

use super::answer::{Answer, Once};
use super::proven_codes::CodePage;
use super::refusal::Refusal;
use super::{Services, Terms};
use crate::domain::id::OrderId;
use crate::domain::ledger::{LONGEST_LIFE, Ledger};
use crate::domain::merchant::Merchant;
use crate::domain::order::{Order, OrderRequest, OrderStatus};
use crate::domain::time::Span;
use crate::domain::token::Token;
use crate::links::TokenPage;
use crate::ports::store::{LedgerKey, StoreError};
use crate::qr::{self, Mask};
use crate::wire::order::FullOrderJson;

impl Services {
    /// Places an order. The same content under the same number is the same order.
    ///
    /// # Errors
    /// [`Refusal::MerchantOrderNoTaken`], [`Refusal::OrderFinished`] when that same order has expired or was cancelled,
    /// [`Refusal::Unavailable`].
    pub async fn open_order(
        &self,
        merchant: &Merchant,
        request: OrderRequest,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let result = self.place(merchant, &request, once).await;
        let result = match result {
            Err(Refusal::MerchantOrderNoTaken) => self.existing(merchant, &request, once).await,
            other => other,
        };
        self.or_kept(result, once).await
    }

    /// Places an order under a number that was just made, for the demo shop; tells the token of its buyer's page.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn open_order_plain(&self, merchant: &Merchant, request: OrderRequest) -> Result<Token, Refusal> {
        let order = self.new_order(merchant, &request)?;
        let (token, now) = (order.checkout_token, self.clock.now());
        let placed = self.commit(None, Ledger::place(order), None, None, now).await?;
        self.remember_code_of(&placed.order);
        Ok(token)
    }

    async fn place(&self, merchant: &Merchant, request: &OrderRequest, once: Option<&Once>) -> Result<Answer, Refusal> {
        let order = self.new_order(merchant, request)?;
        let answer = self.full_order(201, &order)?;
        let now = self.clock.now();
        let kept = once.map(|once| once.keep(&answer, now));
        let placed = self.commit(None, Ledger::place(order), kept, None, now).await?;
        self.remember_code_of(&placed.order);
        Ok(answer)
    }

    fn new_order(&self, merchant: &Merchant, request: &OrderRequest) -> Result<Order, Refusal> {
        let now = self.clock.now();
        let created_at = now.floor_to_second();
        let code = self.new_code(CodePage::Scan)?;
        Ok(Order {
            id: OrderId::new(self.entropy.uuid(now)),
            merchant: merchant.id.clone(),
            sandbox: merchant.is_sandbox(),
            expires_at: created_at + request.expires_in,
            request: request.clone(),
            created_at,
            status: OrderStatus::Pending,
            cancelled_at: None,
            winner: None,
            amount_refunded: 0,
            checkout_token: Token::from_bytes(self.entropy.sixteen()),
            scan_token: code.token,
            scan_mask: code.mask,
            history_seq: 0,
            view_seq: 1,
            version: 0,
        })
    }

    async fn existing(
        &self,
        merchant: &Merchant,
        request: &OrderRequest,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let key = LedgerKey::MerchantOrderNo(merchant.id.clone(), request.merchant_order_no.clone());
        let order = self.read(key).await?.order;
        if !order.same_content(request) {
            return Err(Refusal::MerchantOrderNoTaken);
        }
        if matches!(order.status, OrderStatus::Expired | OrderStatus::Cancelled) {
            return Err(Refusal::OrderFinished);
        }
        let answer = self.full_order(200, &order)?;
        if let Some(once) = once {
            let kept = self.store.keep_answer(once.keep(&answer, self.clock.now())).await;
            kept.map_err(|error| if error == StoreError::AnswerKept { Refusal::KeyInUse } else { error.into() })?;
        }
        Ok(answer)
    }

    /// What an order is now.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub fn describe_order(&self, order: &Order) -> Result<Answer, Refusal> {
        self.full_order(200, order)
    }

    /// An order with its addresses and its drawn code, as an answer.
    pub(crate) fn full_order(&self, status: u16, order: &Order) -> Result<Answer, Refusal> {
        let payload = self.links.page(TokenPage::Scan(order.scan_token));
        let picture = qr::lasting_code(&payload, Mask::of(order.scan_mask.number()))
            .map_err(|error| Refusal::Unavailable(format!("the code cannot be drawn: {error}")))?;
        Ok(Answer::of(status, &FullOrderJson::of(order, &self.links, qr::png::data_url(&picture))))
    }

    /// Gives a pending order more time from now on.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPending`], [`Refusal::LivesTooLong`], [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn extend(
        &self,
        merchant: &Merchant,
        order: OrderId,
        expires_in: Span,
        once: Option<&Once>,
    ) -> Result<Answer, Refusal> {
        let decide = |ledger: &mut Ledger, now: crate::domain::time::Timestamp| {
            let until = now.floor_to_second() + expires_in;
            if ledger.order.status == OrderStatus::Pending && until > ledger.order.created_at + LONGEST_LIFE {
                return Err(Refusal::LivesTooLong);
            }
            if ledger.order.status == OrderStatus::Pending && now >= ledger.order.expires_at {
                return Err(Refusal::OrderNotPending);
            }
            ledger.extend(until, now)?;
            self.full_order(200, &ledger.order)
        };
        let terms = Terms { merchant: Some(&merchant.id), once, lease: None };
        let changed = self.change(self.by_id(order), terms, decide, |_, answer, _| Some(answer.clone())).await;
        self.or_kept(changed.map(|changed| changed.outcome), once).await
    }
}
