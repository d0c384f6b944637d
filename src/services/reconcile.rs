//! Asking the wallets: what became of an attempt, and to close it.

use futures_util::future::join_all;

use super::Services;
use super::refusal::Refusal;
use crate::domain::attempt::{Attempt, AttemptStatus};
use crate::domain::id::OrderId;
use crate::domain::ledger::{Ledger, Task};
use crate::domain::order::Order;
use crate::domain::time::Timestamp;
use crate::drill::crash_point;
use crate::ports::store::Lease;
use crate::ports::wallet::{CloseAnswer, TradeState, WalletError};

/// How many rounds of due work are done under one lease; what is left then comes due again.
const MOST_ROUNDS: usize = 8;

/// What a look at the wallet brought.
enum Seen {
    /// These payments are to be recorded.
    Paid(Vec<crate::domain::payment::ProvenPayment>),
    /// The attempt has this end.
    Ended(AttemptStatus),
    /// Its deadline has passed: the wallet is to close it next.
    DeadlinePassed,
    /// Nothing new.
    Nothing,
    /// Nothing at all: the answer did not come.
    Unanswered,
}

impl Services {
    /// Does the due work of an order under a lease.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]; the work comes due again.
    pub async fn tend(&self, lease: Lease) -> Result<(), Refusal> {
        for _ in 0..MOST_ROUNDS {
            let ledger = self.read(self.by_id(lease.order)).await?;
            let tasks = ledger.due_tasks(self.clock.now());
            if tasks.is_empty() {
                return Ok(());
            }
            if tasks.contains(&Task::Expire) {
                self.expire(lease.order, lease).await?;
                continue;
            }
            let done = join_all(tasks.into_iter().map(|task| self.do_task(&ledger, task, lease))).await;
            done.into_iter().collect::<Result<(), Refusal>>()?;
        }
        Ok(())
    }

    async fn do_task(&self, ledger: &Ledger, task: Task, lease: Lease) -> Result<(), Refusal> {
        match task {
            Task::Expire => Ok(()),
            Task::ExpireLink(link) => self.expire_link(lease.order, link, lease).await,
            Task::Look(attempt) => self.look(&ledger.order, ledger.attempt(attempt), Some(lease)).await,
            Task::PushRefund(refund) => self.push_refund(ledger, refund, lease).await,
        }
    }

    /// Marks the living attempts of an order for closing and asks their wallets, all at once.
    pub(crate) async fn close_everything(&self, order: OrderId, lease: Option<Lease>) -> Result<(), Refusal> {
        self.close_where(order, lease, |_| true).await
    }

    /// The same for those attempts that match.
    pub(crate) async fn close_where(
        &self,
        order: OrderId,
        lease: Option<Lease>,
        matches: impl Fn(&Attempt) -> bool,
    ) -> Result<(), Refusal> {
        let marked =
            self.amend(self.by_id(order), lease, |ledger, now| Ok(ledger.start_closing(now, &matches))).await?;
        let attempts =
            marked.outcome.iter().map(|id| self.look(&marked.ledger.order, marked.ledger.attempt(*id), lease));
        join_all(attempts).await.into_iter().collect()
    }

    /// Asks the wallet about one attempt and records what it answers.
    pub(crate) async fn look(
        &self,
        order: &Order,
        attempt: Option<&Attempt>,
        lease: Option<Lease>,
    ) -> Result<(), Refusal> {
        let Some(attempt) = attempt else { return Ok(()) };
        let asked_at = self.clock.now();
        let seen = match attempt.status {
            AttemptStatus::Open if self.clock.now() >= attempt.expires_at => Ok(Seen::DeadlinePassed),
            AttemptStatus::Closing => self.ask_to_close(order, attempt).await,
            AttemptStatus::Open | AttemptStatus::Succeeded => self.ask(order, attempt).await,
            AttemptStatus::Closed | AttemptStatus::Failed | AttemptStatus::Expired => {
                self.ask_after_end(order, attempt).await
            }
        };
        let seen = seen.unwrap_or_else(|error| {
            tracing::warn!(order = %order.id, wallet = %attempt.wallet, %error, "a wallet gave no usable answer");
            match error {
                WalletError::Unknown(_) | WalletError::Later(_) => Seen::Unanswered,
                WalletError::Refused(_) => Seen::Nothing,
            }
        });
        self.note(order, attempt, asked_at, seen, lease).await
    }

    async fn ask(&self, order: &Order, attempt: &Attempt) -> Result<Seen, WalletError> {
        let Ok(gateway) = self.gateway(&order.merchant, attempt.wallet) else { return Ok(Seen::Nothing) };
        crash_point("query.before");
        let state = gateway.query(&attempt.trade_no).await;
        crash_point("query.after");
        Ok(match state? {
            TradeState::Pending => Seen::Nothing,
            TradeState::Paid(payments) => Seen::Paid(payments),
            TradeState::Failed => Seen::Ended(AttemptStatus::Failed),
            TradeState::Closed => Seen::Ended(AttemptStatus::Closed),
        })
    }

    /// An attempt that has ended here may still be payable there: a slow call began its trade after the close was answered.
    async fn ask_after_end(&self, order: &Order, attempt: &Attempt) -> Result<Seen, WalletError> {
        match self.ask(order, attempt).await? {
            Seen::Nothing => self.ask_to_close(order, attempt).await,
            seen => Ok(seen),
        }
    }

    async fn ask_to_close(&self, order: &Order, attempt: &Attempt) -> Result<Seen, WalletError> {
        let Ok(gateway) = self.gateway(&order.merchant, attempt.wallet) else { return Ok(Seen::Nothing) };
        let over = self.clock.now() >= attempt.expires_at;
        crash_point("close.before");
        let closed = gateway.close(&attempt.trade_no).await;
        crash_point("close.after");
        match closed? {
            CloseAnswer::Closed => Ok(Seen::Ended(if over { AttemptStatus::Expired } else { AttemptStatus::Closed })),
            CloseAnswer::AlreadyPaid => self.ask(order, attempt).await,
            CloseAnswer::CannotYet if over => match self.ask(order, attempt).await? {
                Seen::Nothing => Ok(Seen::Ended(AttemptStatus::Expired)),
                seen => Ok(seen),
            },
            CloseAnswer::CannotYet => Ok(Seen::Nothing),
        }
    }

    /// The next look is planned from when the wallet was asked: its answer says nothing about what came after, however late it is noted.
    async fn note(
        &self,
        order: &Order,
        looked: &Attempt,
        asked_at: Timestamp,
        seen: Seen,
        lease: Option<Lease>,
    ) -> Result<(), Refusal> {
        let attempt = looked.id;
        if let Seen::Paid(payments) = seen {
            if let Some(wallet) = payments.first().map(|proven| proven.wallet) {
                let raw = format!("found by asking: {payments:?}");
                self.hear_payments(&order.merchant, wallet, payments, raw.as_bytes()).await?;
            }
            // An attempt whose payments are all known is not asked again at once.
            return self
                .amend(self.by_id(order.id), lease, |ledger, now| {
                    ledger.looked_at(attempt, asked_at);
                    ledger.look_again_if_hinted(attempt, looked.hinted_at, now);
                    Ok(())
                })
                .await
                .map(|_| ());
        }
        let noted = self.amend(self.by_id(order.id), lease, |ledger, now| {
            match seen {
                Seen::Ended(status) => ledger.end_attempt(attempt, status, now),
                Seen::DeadlinePassed => {
                    ledger.start_closing(now, |candidate| candidate.id == attempt);
                }
                Seen::Nothing | Seen::Unanswered | Seen::Paid(_) => {}
            }
            match seen {
                Seen::DeadlinePassed => {}
                Seen::Unanswered => ledger.not_answered(attempt, asked_at),
                Seen::Paid(_) | Seen::Ended(_) | Seen::Nothing => ledger.looked_at(attempt, asked_at),
            }
            ledger.look_again_if_hinted(attempt, looked.hinted_at, now);
            Ok(())
        });
        noted.await.map(|_| ())
    }
}
