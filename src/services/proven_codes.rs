//! Codes made in advance: tokens whose pictures decoders have read back, so that no order waits for that evidence.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Services;
use super::refusal::Refusal;
use crate::domain::code_mask::CodeMask;
use crate::domain::token::Token;
use crate::links::{Links, TokenPage};
use crate::ports::entropy::Entropy;
use crate::qr::{QrError, Symbol, evidence};

/// A new token, and the mask with which its code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// Opens the page that the code leads to.
    pub token: Token,
    /// Chosen by evidence.
    pub mask: CodeMask,
}

type Shelf = Mutex<Vec<NewCode>>;

/// What a code leads to; its address is part of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// An order's lasting code.
    Scan,
    /// A friend link.
    Friend,
}

impl CodePage {
    const ALL: [Self; 2] = [Self::Scan, Self::Friend];

    const fn page(self, token: Token) -> TokenPage {
        match self {
            Self::Scan => TokenPage::Scan(token),
            Self::Friend => TokenPage::Friend(token),
        }
    }

    /// How many lie ready at most: enough for a burst of orders, made again within a tenth of a second.
    const fn reserve(self) -> usize {
        match self {
            Self::Scan => 128,
            Self::Friend => 16,
        }
    }
}

/// Makes codes, and keeps some that are proven ready.
pub struct ProvenCodes {
    links: Links,
    entropy: Arc<dyn Entropy>,
    scan: Shelf,
    friend: Shelf,
    /// Rung when one was taken.
    taken: Notify,
    /// Whether somebody found nothing ready since it was last asked.
    is_outpaced: AtomicBool,
}

impl ProvenCodes {
    /// No code lies ready yet.
    #[must_use]
    pub fn new(links: Links, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            links,
            entropy,
            scan: Shelf::default(),
            friend: Shelf::default(),
            taken: Notify::new(),
            is_outpaced: AtomicBool::new(false),
        }
    }

    /// A new code. When orders come faster than codes are proven nothing lies ready for a while; then its picture is read back as it
    /// is and not as it may become, which takes some hundredths of a millisecond: an order must not wait for more.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when the public address is too long for any code.
    pub fn take(&self, page: CodePage) -> Result<NewCode, QrError> {
        let ready = self.shelf(page).pop();
        self.taken.notify_one();
        ready.map_or_else(
            || {
                self.is_outpaced.store(true, Ordering::Relaxed);
                self.make(page, evidence::choose_at_a_glance)
            },
            Ok,
        )
    }

    /// Proves one code, which takes about a millisecond, and lays it ready; tells whether one was lacking.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when the public address is too long for any code.
    pub fn prove_one(&self) -> Result<bool, QrError> {
        let lacking = |page: &CodePage| self.shelf(*page).len() < page.reserve();
        let Some(page) = CodePage::ALL.into_iter().find(lacking) else { return Ok(false) };
        let code = self.make(page, evidence::choose)?;
        self.shelf(page).push(code);
        Ok(true)
    }

    /// Whether orders came faster than codes since this was last asked: then the machine is theirs for a while.
    pub fn was_outpaced(&self) -> bool {
        self.is_outpaced.swap(false, Ordering::Relaxed)
    }

    /// Waits until a code was taken.
    pub async fn taken(&self) {
        self.taken.notified().await;
    }

    fn shelf(&self, page: CodePage) -> MutexGuard<'_, Vec<NewCode>> {
        let shelf = match page {
            CodePage::Scan => &self.scan,
            CodePage::Friend => &self.friend,
        };
        shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, page: CodePage, draw: fn(&str) -> Result<Symbol, QrError>) -> Result<NewCode, QrError> {
        let token = Token::from_bytes(self.entropy.sixteen());
        let symbol = draw(&self.links.page(page.page(token)))?;
        Ok(NewCode { token, mask: CodeMask::new(symbol.mask().number()).unwrap_or_default() })
    }
}

impl Services {
    /// A new code for an order or a friend link.
    pub(crate) fn new_code(&self, page: CodePage) -> Result<NewCode, Refusal> {
        self.codes.take(page).map_err(|error| Refusal::Unavailable(format!("the code cannot be drawn: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::qr::Mask;
    use crate::system::SystemEntropy;

    fn codes() -> ProvenCodes {
        ProvenCodes::new(Links::new("https://pay.example"), Arc::new(SystemEntropy))
    }

    fn symbol(code: NewCode, page: CodePage) -> (Symbol, String) {
        let address = Links::new("https://pay.example").page(page.page(code.token));
        (Symbol::with_mask(&address, Mask::of(code.mask.number())).unwrap(), address)
    }

    #[test]
    fn the_reserve_is_filled_with_proven_codes_and_no_further() {
        let codes = codes();
        while codes.prove_one().unwrap() {}
        for page in CodePage::ALL {
            let ready = codes.shelf(page).clone();
            assert_eq!(ready.len(), page.reserve());
            assert_eq!(ready.iter().map(|code| code.token).collect::<HashSet<_>>().len(), page.reserve(), "all differ");
            for code in ready.into_iter().take(8) {
                let (symbol, address) = symbol(code, page);
                assert_eq!(Ok(symbol), evidence::choose(&address));
            }
        }
    }

    #[test]
    fn a_code_that_was_proven_is_handed_out_once() {
        let codes = codes();
        assert!(codes.prove_one().unwrap());
        let ready = codes.shelf(CodePage::Scan)[0];
        assert_eq!(codes.take(CodePage::Scan), Ok(ready));
        assert_ne!(codes.take(CodePage::Scan).unwrap().token, ready.token);
    }

    #[test]
    fn an_empty_reserve_gives_a_code_that_was_read_back_as_it_is() {
        for page in CodePage::ALL {
            let (symbol, address) = symbol(codes().take(page).unwrap(), page);
            assert_eq!(Ok(symbol), evidence::choose_at_a_glance(&address));
        }
    }

    #[test]
    fn whoever_finds_nothing_ready_is_told_of_once() {
        let codes = codes();
        assert!(!codes.was_outpaced());
        codes.take(CodePage::Scan).unwrap();
        assert!(codes.was_outpaced() && !codes.was_outpaced());
        codes.prove_one().unwrap();
        codes.take(CodePage::Scan).unwrap();
        assert!(!codes.was_outpaced());
    }
}
