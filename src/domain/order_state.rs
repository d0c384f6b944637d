//! What may happen to an order: one pure function.

use super::order::OrderStatus;
use super::refund::RefundKind;

/// When a proven payment of the right amount was made, seen from its order and the merchant's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timing {
    /// Not after the deadline its attempt was given, and before any cancelling.
    InTime,
    /// Too late, and the merchant gives late money back.
    LateRefund,
    /// Too late, and the merchant takes late money.
    LateAccept,
}

/// Something that happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A proven payment of the right amount and currency.
    Payment(Timing),
    /// Its time is over.
    Expire,
    /// The merchant or the buyer ends it.
    Cancel,
    /// It gets more time.
    Extend,
    /// The merchant asks to give money back.
    AskRefund,
    /// A merchant refund succeeded; `everything` when nothing of the payment is left.
    Refunded {
        /// Whether the whole payment has now gone back.
        everything: bool,
    },
}

/// What follows, besides the new status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing else.
    Nothing,
    /// This payment is the winner; every other attempt is to be closed.
    Win,
    /// This payment is not ours to keep: one refund of this kind.
    GiveBack(RefundKind),
}

/// The input is not possible in this status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Only a pending order can do this.
    NotPending,
    /// Only a paid order can do this.
    NotPaid,
}

/// Decides what an input does to an order.
///
/// | | in time | late, refund | late, accept | expire | cancel | extend | ask refund | refunded (part / all) |
/// |---|---|---|---|---|---|---|---|---|
/// | pending | paid, win | stays, gives back (late) | stays, gives back (late) | expired | cancelled | stays | not paid | not paid |
/// | expired | paid, win | stays, gives back (late) | paid, win | not pending | not pending | not pending | not paid | not paid |
/// | cancelled | paid, win | stays, gives back (late) | paid, win | not pending | not pending | not pending | not paid | not paid |
/// | paid, partially refunded | stays, gives back (surplus) | same | same | not pending | not pending | not pending | stays | partially refunded / refunded |
/// | refunded | stays, gives back (surplus) | same | same | not pending | not pending | not pending | stays | refunded |
///
/// # Errors
/// [`Refused`] when the table says "not pending" or "not paid"; nothing changes then. A payment is never refused: money moved.
pub const fn next(status: OrderStatus, input: Input) -> Result<(OrderStatus, Effect), Refused> {
    use OrderStatus as S;
    match (status, input) {
        (S::Pending | S::Expired | S::Cancelled, Input::Payment(Timing::InTime))
        | (S::Expired | S::Cancelled, Input::Payment(Timing::LateAccept)) => Ok((S::Paid, Effect::Win)),
        (S::Pending, Input::Payment(Timing::LateRefund | Timing::LateAccept))
        | (S::Expired | S::Cancelled, Input::Payment(Timing::LateRefund)) => {
            Ok((status, Effect::GiveBack(RefundKind::Late)))
        }
        (S::Paid | S::PartiallyRefunded | S::Refunded, Input::Payment(_)) => {
            Ok((status, Effect::GiveBack(RefundKind::Surplus)))
        }
        (S::Pending, Input::Expire) => Ok((S::Expired, Effect::Nothing)),
        (S::Pending, Input::Cancel) => Ok((S::Cancelled, Effect::Nothing)),
        (S::Pending, Input::Extend) => Ok((S::Pending, Effect::Nothing)),
        (
            S::Paid | S::Expired | S::Cancelled | S::PartiallyRefunded | S::Refunded,
            Input::Expire | Input::Cancel | Input::Extend,
        ) => Err(Refused::NotPending),
        (S::Paid | S::PartiallyRefunded | S::Refunded, Input::AskRefund) => Ok((status, Effect::Nothing)),
        (S::Paid | S::PartiallyRefunded, Input::Refunded { everything: false }) => {
            Ok((S::PartiallyRefunded, Effect::Nothing))
        }
        (S::Paid | S::PartiallyRefunded, Input::Refunded { everything: true })
        | (S::Refunded, Input::Refunded { .. }) => Ok((S::Refunded, Effect::Nothing)),
        (S::Pending | S::Expired | S::Cancelled, Input::AskRefund | Input::Refunded { .. }) => Err(Refused::NotPaid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUTS: [Input; 9] = [
        Input::Payment(Timing::InTime),
        Input::Payment(Timing::LateRefund),
        Input::Payment(Timing::LateAccept),
        Input::Expire,
        Input::Cancel,
        Input::Extend,
        Input::AskRefund,
        Input::Refunded { everything: false },
        Input::Refunded { everything: true },
    ];

    /// The table of the doc comment, written a second time by hand: one row a status, one cell an input.
    #[test]
    fn every_pair_does_what_the_table_says() {
        use OrderStatus as S;
        let win = Ok((S::Paid, Effect::Win));
        let stays = |status| Ok((status, Effect::Nothing));
        let back = |status, kind| Ok((status, Effect::GiveBack(kind)));
        let (open, unpaid) = (Err(Refused::NotPending), Err(Refused::NotPaid));
        let ended = |status| [win, back(status, RefundKind::Late), win, open, open, open, unpaid, unpaid, unpaid];
        let paid = |status, part, all| {
            let surplus = back(status, RefundKind::Surplus);
            [surplus, surplus, surplus, open, open, open, stays(status), stays(part), stays(all)]
        };
        for status in OrderStatus::ALL {
            let late = back(S::Pending, RefundKind::Late);
            let row = match status {
                S::Pending => {
                    [win, late, late, stays(S::Expired), stays(S::Cancelled), stays(S::Pending), unpaid, unpaid, unpaid]
                }
                S::Expired | S::Cancelled => ended(status),
                S::Paid | S::PartiallyRefunded => paid(status, S::PartiallyRefunded, S::Refunded),
                S::Refunded => paid(status, S::Refunded, S::Refunded),
            };
            for (input, expected) in INPUTS.into_iter().zip(row) {
                assert_eq!(next(status, input), expected, "{status} with {input:?}");
            }
        }
    }

    #[test]
    fn nothing_leads_from_paid_back_to_unpaid_and_no_payment_is_refused() {
        for status in OrderStatus::ALL {
            for input in INPUTS {
                let outcome = next(status, input);
                if let (true, Ok((after, _))) = (status.was_paid(), outcome) {
                    assert!(after.was_paid(), "{status} with {input:?}");
                }
                assert!(!matches!(input, Input::Payment(_)) || outcome.is_ok(), "{status} with {input:?}");
            }
        }
    }
}
