//! What UnionPay sends, read as if it were proven: for fuzzers, which cannot sign.

use super::api::{Answered, read};
use super::trade::state;
use crate::domain::attempt::TradeNo;
use crate::domain::time::Timestamp;
use crate::ports::wallet::TradeState;

/// The answer to the question about a trade that began at that time, and how the log would show it if it were a refusal.
#[must_use]
pub fn trade(body: &[u8], account: &str, trade_no: &TradeNo, begun: Timestamp) -> Option<(Option<TradeState>, String)> {
    let answer = Answered(read(body)?);
    let refusal = answer.refusal().to_string();
    Some((state(&answer, account, trade_no, begun).ok(), refusal))
}
