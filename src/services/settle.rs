//! Hearing of a payment: the fact becomes durable together with its meaning, and only then is anybody answered.

use super::Services;
use super::refusal::Refusal;
use crate::domain::attempt::{AttemptStatus, TradeNo};
use crate::domain::id::{PaymentId, RefundId};
use crate::domain::ledger::{FreshIds, Heard, Ledger};
use crate::domain::merchant::{LatePayment, MerchantId};
use crate::domain::order::Winner;
use crate::domain::payment::{ProvenPayment, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;
use crate::drill::{crash_point, is_planted};
use crate::ports::store::{LedgerKey, Stray};
use crate::ports::wallet::Notice;

/// A stray notice is kept up to this length.
const STRAY_MAX_BYTES: usize = 64 * 1024;

/// What became of a proven notification; each is durable and may be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is recorded on the order it belongs to, or says nothing that is new there.
    Recorded,
    /// It, or a part of it, belongs to nothing we know; that is kept for a person.
    Stray,
    /// It tells of something that needs no keeping.
    Other,
}

impl Services {
    /// Acts on a proven notification. `Ok` means that it is durable and may be acknowledged.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: the wallet is to try again.
    pub async fn hear(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        notice: Notice,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        match notice {
            Notice::Paid(proven) => self.hear_payments(merchant, proven.wallet, vec![proven], raw).await,
            Notice::Failed(trade_no) => self.hear_failure(merchant, wallet, trade_no, raw).await,
            Notice::Hint(trade_no) => self.hear_hint(merchant, wallet, trade_no, raw).await,
            Notice::Foreign(trade_no, reason) => self.keep_stray(merchant, wallet, trade_no, None, reason, raw).await,
            Notice::Other => Ok(Taken::Other),
        }
    }

    /// Records proven payments of one trade, whichever way they were heard of. What belongs to the order is recorded in one commit: a
    /// trade that is known to be paid is not asked about again, so a payment left for a second commit could be lost between the two.
    /// What does not belong to it holds up nothing else.
    pub(crate) async fn hear_payments(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        payments: Vec<ProvenPayment>,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        let account = self.gateway(merchant, wallet)?.account();
        let (mut ours, others): (Vec<_>, Vec<_>) = payments.into_iter().partition(|proven| proven.account == account);
        let mut taken = Taken::Recorded;
        for proven in others {
            taken = self.keep_stray_payment(merchant, proven, "it is for another account", raw).await?;
        }
        while !ours.is_empty() {
            match self.record_payments(merchant, wallet, &ours).await {
                Ok(heard) => {
                    let unknown = ours.into_iter().zip(heard).filter(|(_, heard)| *heard == Heard::UnknownTrade);
                    for (proven, _) in unknown {
                        taken = self.keep_stray_payment(merchant, proven, "its trade is not ours", raw).await?;
                    }
                    break;
                }
                // Trying again cannot help, and a wallet that names one transaction twice must not keep an order from its end.
                Err(Refusal::PaymentKnownElsewhere(transaction)) => {
                    let (known, rest): (Vec<_>, Vec<_>) =
                        ours.into_iter().partition(|proven| proven.transaction_id == transaction);
                    ours = rest;
                    for proven in known {
                        let reason = "its transaction is recorded on another order";
                        taken = self.keep_stray_payment(merchant, proven, reason, raw).await?;
                    }
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(taken)
    }

    /// Records payments on the order of the first one's trade, in one commit, and tells of each what became of it.
    async fn record_payments(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        payments: &[ProvenPayment],
    ) -> Result<Vec<Heard>, Refusal> {
        let Some(first) = payments.first() else { return Ok(Vec::new()) };
        let late = self.merchant(merchant)?.late_payment;
        let key = LedgerKey::TradeNo(merchant.clone(), wallet, first.trade_no.clone());
        crash_point("settle.before");
        let recorded = self.amend(key, None, |ledger, now| {
            let hear = |proven: &ProvenPayment| {
                let ids = FreshIds {
                    payment: PaymentId::new(self.entropy.uuid(now)),
                    refund: RefundId::new(self.entropy.uuid(now)),
                };
                record(ledger, proven, ids, late, now)
            };
            Ok(payments.iter().map(hear).collect::<Vec<Heard>>())
        });
        let recorded = recorded.await;
        crash_point("settle.after");
        match recorded {
            Ok(changed) => {
                tracing::info!(order = %changed.ledger.order.id, %wallet, outcome = ?changed.outcome, "a payment was heard of");
                Ok(changed.outcome)
            }
            Err(Refusal::NotFound) => Ok(vec![Heard::UnknownTrade; payments.len()]),
            Err(refusal) => Err(refusal),
        }
    }

    async fn hear_failure(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        trade_no: TradeNo,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        let key = LedgerKey::TradeNo(merchant.clone(), wallet, trade_no.clone());
        let ended = self.amend(key, None, |ledger, now| {
            let belongs =
                |attempt: &&crate::domain::attempt::Attempt| attempt.wallet == wallet && attempt.trade_no == trade_no;
            if let Some(id) = ledger.attempts.iter().find(belongs).map(|attempt| attempt.id) {
                ledger.end_attempt(id, AttemptStatus::Failed, now);
            }
            Ok(())
        });
        match ended.await {
            Ok(_) => Ok(Taken::Recorded),
            Err(Refusal::NotFound) => {
                self.keep_stray(merchant, wallet, Some(trade_no), None, "its trade is not ours", raw).await
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Makes durable that the wallet is to be asked about this trade, at once and until it says something final. The workers ask.
    async fn hear_hint(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        trade_no: TradeNo,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        let key = LedgerKey::TradeNo(merchant.clone(), wallet, trade_no.clone());
        crash_point("settle.before");
        let heeded = self.amend(key, None, |ledger, now| Ok(ledger.heed_hint(wallet, &trade_no, now))).await;
        crash_point("settle.after");
        match heeded {
            Ok(changed) if changed.outcome => Ok(Taken::Recorded),
            Ok(_) | Err(Refusal::NotFound) => {
                self.keep_stray(merchant, wallet, Some(trade_no), None, "its trade is not ours", raw).await
            }
            Err(refusal) => Err(refusal),
        }
    }

    async fn keep_stray_payment(
        &self,
        merchant: &MerchantId,
        proven: ProvenPayment,
        reason: &str,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        let (wallet, trade_no) = (proven.wallet, proven.trade_no.clone());
        self.keep_stray(merchant, wallet, Some(trade_no), Some(proven), reason, raw).await
    }

    async fn keep_stray(
        &self,
        merchant: &MerchantId,
        wallet: Wallet,
        trade_no: Option<TradeNo>,
        payment: Option<ProvenPayment>,
        reason: &str,
        raw: &[u8],
    ) -> Result<Taken, Refusal> {
        tracing::warn!(%merchant, %wallet, reason, "a proven notice belongs to nothing we know; it is kept for a person");
        let body = raw[..raw.len().min(STRAY_MAX_BYTES)].to_vec();
        let (merchant, reason, at) = (merchant.clone(), reason.to_owned(), self.clock.now());
        self.store.keep_stray(Stray { merchant, wallet, at, reason, trade_no, payment, body }).await?;
        Ok(Taken::Stray)
    }
}

/// Records a payment; where a fault is planted, as a program with that fault would.
fn record(ledger: &mut Ledger, proven: &ProvenPayment, ids: FreshIds, late: LatePayment, now: Timestamp) -> Heard {
    let mut proven = proven.clone();
    if is_planted("a payment is recorded again") {
        proven.transaction_id = ids.payment.to_string();
    }
    if is_planted("no amount check") {
        proven.amount = ledger.order.request.money.amount.minor_units();
    }
    let heard = ledger.record(proven.clone(), ids, late, now);
    if is_planted("a late success overwrites") && heard == Heard::New(Verdict::Surplus) {
        let winner =
            ledger.order.winner.map(|winner| Winner { payment: ids.payment, paid_at: proven.paid_at, ..winner });
        ledger.order.winner = winner;
    }
    heard
}
