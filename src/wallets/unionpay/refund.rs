//! What UnionPay says about a refund when it is asked, and what it means to us.

use super::api::Answered;
use super::trade::{DONE, NO_SUCH_TRADE, fen};
use crate::ports::wallet::{NewRefund, RefundState, WalletError};

/// What became of a refund that will never be made under its number: it failed (01, 30, 60, 62, 63), its form or its original trade was
/// wrong (10, 13, 35, 36, 45), or it was not allowed (31, 32, 33, 38, 39).
const NEVER_MADE: [&str; 15] =
    ["01", "10", "13", "30", "31", "32", "33", "35", "36", "38", "39", "45", "60", "62", "63"];
/// It is being worked on: out of time, unclear, or taken.
const UNDER_WAY: [&str; 3] = ["03", "04", "05"];

/// Where a refund stands by the answer to the question about its number; `None` when nothing is known there under that number.
///
/// # Errors
/// [`WalletError::Unknown`] for anything that is not clear, or that is about another amount or payment: a refund that was made and is
/// taken for a failed one is made again under another number.
pub(super) fn became(answer: &Answered, refund: &NewRefund) -> Result<Option<RefundState>, WalletError> {
    match answer.field("respCode") {
        "00" => {}
        NO_SUCH_TRADE => return Ok(None),
        _ => return Err(answer.unknown()),
    }
    let (amount, original) = (answer.field("txnAmt"), answer.field("origQryId"));
    let is_about_it = (amount.is_empty() || fen(amount) == Some(refund.amount))
        && (original.is_empty() || original == refund.transaction_id);
    if !is_about_it {
        return Err(WalletError::Unknown("its answer is about another amount or payment".to_owned()));
    }
    match answer.field("origRespCode") {
        code if DONE.contains(&code) => Ok(Some(RefundState::Succeeded)),
        code if UNDER_WAY.contains(&code) => Ok(Some(RefundState::Processing)),
        code if NEVER_MADE.contains(&code) => Ok(Some(RefundState::Refused)),
        code => {
            Err(WalletError::Unknown(format!("it is not clear what became of the refund: {}", code.escape_debug())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attempt::TradeNo;

    fn heard(pairs: &[(&str, &str)]) -> Result<Option<RefundState>, WalletError> {
        let refund = NewRefund {
            refund_no: "019ae0c1111171118111111111111111".to_owned(),
            trade_no: TradeNo::new(&"a".repeat(32)).unwrap(),
            transaction_id: "672211220000000000018".to_owned(),
            amount: 900,
            paid: 12900,
            currency: "CNY".to_owned(),
            reason: None,
        };
        let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        became(&Answered(fields), &refund)
    }

    /// What the question about a number says of it, by every code of two signs.
    #[test]
    fn a_refund_has_ended_only_when_a_known_code_says_so() {
        let mut ends = Vec::new();
        for code in
            (0..100).map(|number| format!("{number:02}")).chain(["A6", "A5", "", "000", "unknown"].map(String::from))
        {
            match heard(&[("respCode", "00"), ("origRespCode", &code)]) {
                Ok(Some(RefundState::Succeeded)) => assert!(["00", "A6"].contains(&code.as_str()), "{code}"),
                Ok(Some(RefundState::Processing)) => assert!(["03", "04", "05"].contains(&code.as_str()), "{code}"),
                Ok(Some(RefundState::Refused)) => ends.push(code),
                Ok(None) => panic!("{code}: it is known there"),
                Err(error) => assert!(matches!(error, WalletError::Unknown(_)), "{code}: {error}"),
            }
        }
        assert_eq!(ends, NEVER_MADE);
        assert!(matches!(heard(&[("respCode", "00")]), Err(WalletError::Unknown(_))), "no word of what became of it");
    }

    #[test]
    fn a_question_that_is_not_answered_ends_no_refund() {
        assert_eq!(heard(&[("respCode", "34")]), Ok(None));
        for code in ["03", "10", "12", "35", "36", "99", ""] {
            let answer = heard(&[("respCode", code), ("origRespCode", "36")]);
            assert!(matches!(answer, Err(WalletError::Unknown(_))), "{code}: {answer:?}");
        }
    }

    #[test]
    fn an_answer_about_another_amount_or_payment_says_nothing_about_this_one() {
        for code in ["00", "36"] {
            for (name, value) in [("txnAmt", "901"), ("txnAmt", "9.00"), ("origQryId", "672211220000000000019")] {
                let answer = heard(&[("respCode", "00"), ("origRespCode", code), (name, value)]);
                assert!(matches!(answer, Err(WalletError::Unknown(_))), "{name}={value}: {answer:?}");
            }
        }
        let whole = [("respCode", "00"), ("origRespCode", "00"), ("txnAmt", "900")];
        let whole = [&whole[..], &[("origQryId", "672211220000000000018")]].concat();
        assert_eq!(heard(&whole), Ok(Some(RefundState::Succeeded)));
    }
}
