//! What the picture of an order's lasting code needs: fixed when the order is placed, so it may be remembered.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Services;
use super::refusal::Refusal;
use crate::domain::code_mask::CodeMask;
use crate::domain::merchant::MerchantId;
use crate::domain::order::{MerchantOrderNo, Order};
use crate::domain::token::Token;
use crate::ports::store::LedgerKey;

/// The part of an order that its code's picture shows or is named by. None of it ever changes, and orders are never removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastingCode {
    /// Whose order.
    pub merchant: MerchantId,
    /// The shop's number of it, for the name of the file.
    pub merchant_order_no: MerchantOrderNo,
    /// What the code's address ends with.
    pub token: Token,
    /// The mask that was chosen with the token.
    pub mask: CodeMask,
}

impl LastingCode {
    fn of(order: &Order) -> Self {
        Self {
            merchant: order.merchant.clone(),
            merchant_order_no: order.request.merchant_order_no.clone(),
            token: order.scan_token,
            mask: order.scan_mask,
        }
    }
}

/// How many codes each of the two generations remembers; both full take about four megabytes.
const GENERATION: usize = 8192;

/// Lasting codes by their tokens, those asked for lately. Only what never changes is in here, so that nothing has to be told
/// when an order changes, here or in another instance: a friend's code, which can be revoked, is read each time.
#[derive(Default)]
pub struct LastingCodes(Mutex<Generations>);

/// When the young are too many they become the old ones, and the old ones that nobody asked for meanwhile are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Token, Arc<LastingCode>>,
    old: HashMap<Token, Arc<LastingCode>>,
}

impl LastingCodes {
    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, token: Token) -> Option<Arc<LastingCode>> {
        let mut generations = self.generations();
        if let Some(code) = generations.young.get(&token) {
            return Some(code.clone());
        }
        let code = generations.old.remove(&token)?;
        generations.remember(code.clone());
        Some(code)
    }
}

impl Generations {
    fn remember(&mut self, code: Arc<LastingCode>) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(code.token, code);
    }
}

impl Services {
    /// The lasting code that this token stands in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also when the merchant is gone; [`Refusal::Unavailable`].
    pub async fn lasting_code(&self, token: Token) -> Result<Arc<LastingCode>, Refusal> {
        let code = match self.lasting_codes.get(token) {
            Some(code) => code,
            None => self.remember_code_of(&self.read(LedgerKey::ScanToken(token)).await?.order),
        };
        self.merchant(&code.merchant)?;
        Ok(code)
    }

    /// Remembers the code of an order that the store is known to hold: the first picture is asked for soon after it is placed.
    pub(crate) fn remember_code_of(&self, order: &Order) -> Arc<LastingCode> {
        let code = Arc::new(LastingCode::of(order));
        self.lasting_codes.generations().remember(code.clone());
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(number: u32) -> Arc<LastingCode> {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Arc::new(LastingCode {
            merchant: MerchantId::new("teashop").unwrap(),
            merchant_order_no: MerchantOrderNo::new(&number.to_string()).unwrap(),
            token: Token::from_bytes(bytes),
            mask: CodeMask::default(),
        })
    }

    #[test]
    fn however_many_are_remembered_two_generations_are_kept_and_those_asked_for_stay() {
        let codes = LastingCodes::default();
        for number in 0..5 * GENERATION as u32 {
            codes.generations().remember(code(number));
            assert_eq!(codes.get(code(7 * (number / 7)).token), Some(code(7 * (number / 7))));
            if number % 1000 == 0 {
                assert_eq!(codes.get(code(0).token), Some(code(0)), "asked for again and again, after {number}");
            }
        }
        let generations = codes.generations();
        assert!(generations.young.len() <= GENERATION && generations.old.len() <= GENERATION);
        assert!(!generations.young.contains_key(&code(1).token) && !generations.old.contains_key(&code(1).token));
    }

    #[test]
    fn a_token_that_is_not_known_finds_nothing() {
        let codes = LastingCodes::default();
        codes.generations().remember(code(1));
        assert_eq!(codes.get(code(2).token), None);
    }
}
