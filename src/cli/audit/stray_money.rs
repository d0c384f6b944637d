//! What wallets proved and no order here is about: a person has to find out whose it is.

use std::io::{self, Write};

use crate::domain::time::Timestamp;
use crate::store::KeptStray;
use crate::wire::time::rfc3339;

/// The strays that a person has not looked into yet, one line each, and how many older ones there are.
pub(super) struct StrayFindings {
    lines: Vec<String>,
    looked_into: usize,
}

impl StrayFindings {
    /// Those that were last heard of since a moment; without one, all.
    pub fn of(strays: &[KeptStray], since: Option<Timestamp>) -> Self {
        let is_new = |stray: &&KeptStray| since.is_none_or(|since| stray.last_at >= since);
        let lines: Vec<String> = strays.iter().filter(is_new).map(line).collect();
        Self { looked_into: strays.len() - lines.len(), lines }
    }

    /// Whether nothing is left for a person.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Writes each, and what to do about them.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        for line in &self.lines {
            writeln!(output, "finding: {line}")?;
        }
        if !self.is_empty() {
            writeln!(
                output,
                "{} strays: ask the wallet what each was paid for, and give back there what is not yours. The notices are in the table \
                 `strays`. When all are looked into: pay-handoff audit --strays-since TIME",
                self.lines.len()
            )?;
        }
        if self.looked_into > 0 {
            writeln!(output, "{} strays of before that time are left out.", self.looked_into)?;
        }
        Ok(())
    }
}

fn line(stray: &KeptStray) -> String {
    let KeptStray { merchant, wallet, reason, times, .. } = stray;
    let trade = stray.trade_no.as_deref().unwrap_or("(named in the notice alone)");
    let heard = match times {
        1 => format!("heard of at {}", rfc3339(stray.first_at)),
        _ => format!("heard of {times} times from {} to {}", rfc3339(stray.first_at), rfc3339(stray.last_at)),
    };
    let what = stray.money.as_ref().map_or_else(
        || "a notice that proves no amount by itself".to_owned(),
        |money| {
            let paid_at = rfc3339(money.paid_at);
            let (amount, currency) = (money.amount, &money.currency);
            let (account, transaction) = (&money.account, &money.transaction_id);
            format!("{amount} {currency} in minor units, paid at {paid_at} to account {account} as transaction {transaction}")
        },
    );
    format!("stray of {merchant}, {wallet}, trade {trade}: {what}; {reason}; {heard}")
}
