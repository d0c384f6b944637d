//! `pay-handoff audit`: holds the books of every order against themselves, and against what the simulated wallets say, and lists what
//! was proven and is in none of them.

mod stray_money;
mod wallets_word;

use std::io::{self, Write};

use crate::app;
use crate::cli::standing::{self, NotStanding, utc_now};
use crate::config::DataOptions;
use crate::domain::books::{OrderBook, Sums, Totals};
use crate::domain::time::Timestamp;
use crate::ports::books::BookPage;
use crate::store::{FILE_NAME, Inspector, OpenError};
use crate::wire::time::parse_rfc3339;
use stray_money::StrayFindings;
use wallets_word::WalletsWord;

/// Which database to audit.
#[derive(Debug, clap::Args)]
pub struct AuditArguments {
    #[command(flatten)]
    data: DataOptions,
    /// Leave out stray money that was last heard of before this time (RFC 3339): somebody has looked into it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    strays_since: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    parse_rfc3339(text).ok_or("this is no RFC 3339 time, like 2026-11-22T03:00:00Z")
}

/// Why the books could not be audited.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The data cannot be found or opened with what was said.
    #[error(transparent)]
    NotStanding(#[from] NotStanding),
    /// The database cannot be read.
    #[error("the database cannot be used: {0}")]
    Database(#[from] OpenError),
    /// The output takes nothing.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// What was counted and found.
#[derive(Default)]
struct Audit {
    orders: usize,
    payments: usize,
    refunds: usize,
    totals: Totals,
    wallets: WalletsWord,
    findings: Vec<String>,
}

impl Audit {
    fn book(&mut self, page: &BookPage) {
        self.orders += 1;
        match &page.book {
            Ok(book) => self.readable(book),
            Err(unreadable) => self.findings.push(format!("{}: {unreadable}", page.order)),
        }
    }

    fn readable(&mut self, book: &OrderBook) {
        let ledger = &book.ledger;
        self.payments += ledger.payments.len();
        self.refunds += ledger.refunds.len();
        self.totals.add(ledger);
        self.wallets.claim(ledger);
        self.findings.extend(book.faults().iter().map(|fault| format!("{}: {fault}", ledger.order.id)));
    }
}

/// Audits and prints figures and findings in plain words. True when nothing was found.
///
/// # Errors
/// [`AuditError`].
pub fn run(arguments: &AuditArguments, output: &mut dyn Write) -> Result<bool, AuditError> {
    let standing = standing::find(&arguments.data)?;
    let path = standing.data_dir.join(FILE_NAME);
    let inspector = Inspector::open(&path)?;
    let sealer = app::store_sealer(standing.server_key.as_ref().ok_or(NotStanding::NoServerKey)?);
    let runs = Inspector::in_use(&path).unwrap_or(false);
    let (mut audit, mut unreadable) = (Audit::default(), 0_usize);
    let mut trades = Vec::new();
    let others = inspector.audit(&sealer, |page| audit.book(&page), |page| trades.push(page))?;
    for page in &trades {
        unreadable += usize::from(audit.wallets.say(page).is_err());
    }
    audit.findings.extend(others);
    if unreadable > 0 {
        audit.findings.push(format!("{unreadable} trades of the simulated wallets cannot be read"));
    }
    let strays = StrayFindings::of(&inspector.strays()?, arguments.strays_since);
    let unheard = audit.wallets.compare(&mut audit.findings);
    write_figures(&audit, trades.len(), unheard, &path.display().to_string(), output)?;
    if runs {
        writeln!(output, "The program is running; this is how its books stood at one moment of its work.")?;
    }
    for finding in &audit.findings {
        writeln!(output, "finding: {finding}")?;
    }
    strays.write(output)?;
    match (audit.findings.len(), strays.is_empty()) {
        (0, true) => writeln!(output, "The books balance: every rule holds for every order.")?,
        (0, false) => writeln!(output, "The orders' books balance; the strays above are in none of them.")?,
        (count, _) => writeln!(
            output,
            "{count} findings in the books. Stop the program, keep a copy of its data directory, and compare these orders with the \
             wallets' own records before anything is changed by hand."
        )?,
    }
    output.flush()?;
    Ok(audit.findings.is_empty() && strays.is_empty())
}

fn write_figures(audit: &Audit, trades: usize, unheard: usize, path: &str, output: &mut dyn Write) -> io::Result<()> {
    let Audit { orders, payments, refunds, .. } = audit;
    writeln!(output, "{path} at {}: {orders} orders, {payments} payments, {refunds} refunds", utc_now())?;
    for (merchant, currency, sums) in audit.totals.iter() {
        writeln!(output, "{merchant}, {currency}, in minor units")?;
        write_sums(sums, output)?;
    }
    if trades > 0 {
        let (paid, back) = audit.wallets.counts();
        writeln!(
            output,
            "simulated wallets: {trades} trades, {paid} payments, {back} refunds; {unheard} payments are not heard of yet"
        )?;
    }
    Ok(())
}

fn write_sums(sums: &Sums, output: &mut dyn Write) -> io::Result<()> {
    let lines = [
        ("proven by wallets", sums.proven),
        ("paid orders", sums.won),
        ("gone back by itself", sums.returned),
        ("on its way back", sums.returning),
        ("refused by wallets", sums.refused),
        ("of a wrong amount", sums.mismatched),
        ("unaccounted for", sums.missing()),
    ];
    lines.into_iter().try_for_each(|(name, sum)| writeln!(output, "  {name:<20} {sum:>16}"))
}
