//! What the books claim of the simulated wallets, held against what those have on record.

use std::collections::BTreeMap;

use crate::domain::id::OrderId;
use crate::domain::ledger::Ledger;
use crate::domain::refund::RefundStatus;
use crate::ports::store::StoreError;
use crate::ports::trade_book::TradePage;
use crate::wallets::sandbox::tally::Tally;

/// A payment's or a refund's number, with merchant and wallet.
type Number = (String, &'static str, String);

/// Something the books claim.
struct Claim {
    order: OrderId,
    amount: i64,
    /// Whether the wallet must have it on record; a pending refund may not have reached it yet.
    is_certain: bool,
}

/// Both sides, by the numbers that both know.
#[derive(Default)]
pub(super) struct WalletsWord {
    claimed_payments: BTreeMap<Number, Claim>,
    claimed_refunds: BTreeMap<Number, Claim>,
    payments: BTreeMap<Number, i64>,
    refunds: BTreeMap<Number, (String, i64)>,
}

impl WalletsWord {
    /// Enters what the books of an order claim; only orders of simulated wallets are looked at.
    pub fn claim(&mut self, ledger: &Ledger) {
        if !ledger.order.sandbox {
            return;
        }
        let merchant = ledger.order.merchant.as_str();
        let order = ledger.order.id;
        for payment in &ledger.payments {
            let proven = &payment.proven;
            let number = (merchant.to_owned(), proven.wallet.as_str(), proven.transaction_id.clone());
            self.claimed_payments.insert(number, Claim { order, amount: proven.amount, is_certain: true });
        }
        for refund in &ledger.refunds {
            let number = (merchant.to_owned(), refund.wallet.as_str(), refund.refund_no());
            let is_certain = refund.status == RefundStatus::Succeeded;
            self.claimed_refunds.insert(number, Claim { order, amount: refund.amount, is_certain });
        }
    }

    /// Enters what a simulated wallet has on record.
    pub fn say(&mut self, page: &TradePage) -> Result<(), StoreError> {
        let tally = Tally::of(page)?;
        let number = |text: String| (tally.merchant.as_str().to_owned(), tally.wallet.as_str(), text);
        for (transaction_id, amount) in tally.payments {
            self.payments.insert(number(transaction_id), amount);
        }
        for (refund_no, transaction_id, amount) in tally.refunds {
            self.refunds.insert(number(refund_no), (transaction_id, amount));
        }
        Ok(())
    }

    /// How many payments and refunds the wallets have.
    pub fn counts(&self) -> (usize, usize) {
        (self.payments.len(), self.refunds.len())
    }

    /// Adds what does not agree to the findings; tells how many payments the books do not know yet, which is no fault: they are found by
    /// asking.
    pub fn compare(&self, findings: &mut Vec<String>) -> usize {
        for (number, claim) in &self.claimed_payments {
            if self.payments.get(number) != Some(&claim.amount) {
                findings.push(format!("{}: a payment in the books is not on its wallet's record", claim.order));
            }
        }
        for (number, claim) in &self.claimed_refunds {
            let recorded = self.refunds.get(number).map(|(_, amount)| *amount);
            if recorded.map_or(claim.is_certain, |amount| amount != claim.amount) {
                findings.push(format!("{}: a refund in the books is not on its wallet's record", claim.order));
            }
        }
        let mut back: BTreeMap<Number, i64> = BTreeMap::new();
        for (number, (transaction_id, amount)) in &self.refunds {
            if !self.claimed_refunds.contains_key(number) {
                findings
                    .push(format!("a wallet gave back transaction {transaction_id} and the books know nothing of it"));
            }
            *back.entry((number.0.clone(), number.1, transaction_id.clone())).or_default() += amount;
        }
        for (number, amount) in back {
            if self.payments.get(&number).is_none_or(|paid| amount > *paid) {
                findings.push(format!("a wallet gave back more of transaction {} than was paid", number.2));
            }
        }
        self.payments.keys().filter(|number| !self.claimed_payments.contains_key(*number)).count()
    }
}
