//! Settlement: what a proven payment means. The fact is kept whatever it turns out to be.

use super::Ledger;
use crate::domain::attempt::AttemptStatus;
use crate::domain::event::{About, EventKind};
use crate::domain::friend_link::LinkStatus;
use crate::domain::id::{AttemptId, PaymentId, RefundId};
use crate::domain::merchant::LatePayment;
use crate::domain::order::Winner;
use crate::domain::order_state::{self, Effect, Input, Timing};
use crate::domain::payment::{Payment, ProvenPayment, Verdict};
use crate::domain::refund::RefundKind;
use crate::domain::time::Timestamp;

/// Identifiers to use when a payment turns out to be new, and to need a refund.
#[derive(Clone, Copy, Debug)]
pub struct FreshIds {
    /// For the payment.
    pub payment: PaymentId,
    /// For its refund.
    pub refund: RefundId,
}

/// What became of a proven payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was new, and this is what it is.
    New(Verdict),
    /// It was known already; nothing changed.
    Known,
    /// No attempt of this order has its trade number; nothing changed.
    UnknownTrade,
}

impl Ledger {
    /// Records a proven payment and decides what it means. Hearing of the same payment again changes nothing.
    pub fn record(&mut self, proven: ProvenPayment, ids: FreshIds, late: LatePayment, now: Timestamp) -> Heard {
        if self.knows(&proven) {
            return Heard::Known;
        }
        let belongs = |attempt: &&crate::domain::attempt::Attempt| {
            attempt.wallet == proven.wallet && attempt.trade_no == proven.trade_no
        };
        let Some(attempt) = self.attempts.iter().find(belongs) else { return Heard::UnknownTrade };
        let (attempt_id, deadline) = (attempt.id, attempt.expires_at);
        let payment = Payment {
            id: ids.payment,
            attempt: attempt_id,
            heard_at: now,
            verdict: Verdict::Mismatch,
            refund: None,
            proven,
        };
        let verdict = if self.is_as_ordered(&payment.proven) {
            self.settle(payment, deadline, ids.refund, late, now)
        } else {
            self.payments.push(payment);
            self.end_attempt(attempt_id, AttemptStatus::Failed, now);
            self.happen(EventKind::PaymentMismatch, now, About::Payment(ids.payment));
            Verdict::Mismatch
        };
        Heard::New(verdict)
    }

    fn knows(&self, proven: &ProvenPayment) -> bool {
        self.payments.iter().any(|payment| {
            payment.proven.wallet == proven.wallet
                && payment.proven.account == proven.account
                && payment.proven.transaction_id == proven.transaction_id
        })
    }

    fn is_as_ordered(&self, proven: &ProvenPayment) -> bool {
        let money = self.order.request.money;
        proven.amount == money.amount.minor_units() && proven.currency == money.currency.as_str()
    }

    fn settle(
        &mut self,
        payment: Payment,
        deadline: Timestamp,
        refund: RefundId,
        late: LatePayment,
        now: Timestamp,
    ) -> Verdict {
        let (attempt_id, payment_id) = (payment.attempt, payment.id);
        let input = Input::Payment(self.timing(payment.proven.paid_at, deadline, late));
        // The table never refuses a payment; if it did, the money would have to go back.
        let (status, effect) = order_state::next(self.order.status, input)
            .unwrap_or((self.order.status, Effect::GiveBack(RefundKind::Late)));
        self.succeed(attempt_id, now);
        match effect {
            Effect::Win | Effect::Nothing => {
                self.order.status = status;
                self.win(payment, now);
                Verdict::Winner
            }
            Effect::GiveBack(kind) => {
                let (verdict, event) = match kind {
                    RefundKind::Surplus => (Verdict::Surplus, EventKind::PaymentSurplus),
                    RefundKind::Late | RefundKind::Merchant | RefundKind::Mismatch => {
                        (Verdict::Late, EventKind::PaymentLate)
                    }
                };
                self.payments.push(Payment { verdict, ..payment });
                self.give_back(payment_id, refund, kind, now);
                self.view_changed_while_pending();
                self.happen(event, now, About::Payment(payment_id));
                verdict
            }
        }
    }

    /// In time is what the wallet says was paid by the attempt's deadline; from the second in which an order was cancelled
    /// on, money is late, because wallets tell whole seconds and the merchant already has his answer.
    fn timing(&self, paid_at: Timestamp, deadline: Timestamp, late: LatePayment) -> Timing {
        let before_cancel = self.order.cancelled_at.is_none_or(|at| paid_at.seconds() < at.seconds());
        match (paid_at <= deadline && before_cancel, late) {
            (true, _) => Timing::InTime,
            (false, LatePayment::Refund) => Timing::LateRefund,
            (false, LatePayment::Accept) => Timing::LateAccept,
        }
    }

    fn succeed(&mut self, id: AttemptId, now: Timestamp) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) {
            attempt.end(AttemptStatus::Succeeded, now);
        }
    }

    fn win(&mut self, payment: Payment, now: Timestamp) {
        let attempt = self.attempts.iter().find(|attempt| attempt.id == payment.attempt);
        let (payer, link) = attempt
            .map_or((crate::domain::order::Payer::Buyer, None), |attempt| (attempt.payer(), attempt.friend_link));
        self.order.winner =
            Some(Winner { payment: payment.id, paid_at: payment.proven.paid_at, wallet: payment.proven.wallet, payer });
        let payment_id = payment.id;
        self.payments.push(Payment { verdict: Verdict::Winner, ..payment });
        self.view_changed();
        self.start_closing(now, |_| true);
        self.happen(EventKind::OrderPaid, now, About::Payment(payment_id));
        if let Some(id) = link
            && let Some(link) = self.friend_links.iter_mut().find(|candidate| candidate.id == id)
        {
            // A link that was revoked or declined meanwhile did pay in the end; what happened is what is shown.
            link.status = LinkStatus::Paid;
            link.view_changes += 1;
            self.happen(EventKind::FriendLinkPaid, now, About::FriendLink(id));
        }
        self.end_open_links();
    }
}
