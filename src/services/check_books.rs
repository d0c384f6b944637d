//! Checking the books of the orders that changed since they were last checked.

use crate::ports::books::{BookPage, Books};
use crate::ports::store::StoreError;

/// How many changes are checked at a time, so that nobody waits long for a reader.
const AT_ONCE: u32 = 200;

/// What a check found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many books were looked at.
    pub orders: usize,
    /// How many faults are in them.
    pub faults: usize,
}

/// Checks every book that changed since the last check, and notes how far it came. Each fault goes to the log; nothing is stopped or put
/// right because of one, for money that moved is a fact whatever the books say.
///
/// # Errors
/// [`StoreError::Unavailable`]; what was checked until then is noted.
pub async fn check_changed(books: &dyn Books) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let mut mark = books.mark().await?;
    loop {
        let changed = books.changed_since(mark, AT_ONCE).await?;
        if changed.up_to == mark {
            return Ok(checked);
        }
        checked.orders += changed.pages.len();
        checked.faults += changed.pages.iter().map(tell_faults).sum::<usize>();
        mark = changed.up_to;
        books.note(mark).await?;
    }
}

fn tell_faults(page: &BookPage) -> usize {
    let faults = match &page.book {
        Ok(book) => book.faults().iter().map(ToString::to_string).collect(),
        Err(unreadable) => vec![unreadable.clone()],
    };
    for fault in &faults {
        tracing::error!(order = %page.order, fault, "the books do not hold; stop and run `pay-handoff audit`");
    }
    faults.len()
}
