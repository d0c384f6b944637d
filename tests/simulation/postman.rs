//! Letters from the wallets: delivered in any order, again until they are acknowledged, and what an acknowledgement promises.

use std::sync::Arc;

use pay_handoff::domain::attempt::{Attempt, TradeNo};
use pay_handoff::domain::payment::Verdict;
use pay_handoff::domain::time::Span;
use pay_handoff::ports::store::LedgerKey;
use pay_handoff::ports::wallet::Notice;
use pay_handoff::services::Services;

use super::bank::Letter;
use super::scene::{Scene, State};
use super::shelf::payment_key;

/// A wallet that was not acknowledged tries again after this.
const TRY_AGAIN: Span = Span::seconds(15);

/// Takes some letter whose time has come.
pub fn any_due(state: &mut State) -> Option<Letter> {
    let now = state.now();
    let due: Vec<usize> = state
        .bank
        .letters
        .iter()
        .enumerate()
        .filter(|(_, letter)| letter.due_at <= now)
        .map(|(place, _)| place)
        .collect();
    let place = state.chance.pick(&due).copied()?;
    Some(state.bank.letters.swap_remove(place))
}

/// Until a letter is acknowledged it is on its way again: a wallet does not know what became of a call that broke off.
pub fn send_again(state: &mut State, letter: &Letter) {
    let due_at = state.now() + TRY_AGAIN;
    state.bank.letters.push(Letter { due_at, ..letter.clone() });
}

/// Brings a letter to an instance.
pub async fn deliver(scene: Arc<Scene>, services: Arc<Services>, letter: Letter) {
    let raw = format!("{:?} {}", letter.notice, letter.about);
    let heard = services.hear(&letter.merchant, letter.wallet, letter.notice.clone(), raw.as_bytes()).await;
    scene.with(|state| {
        state.say(|| format!("notice {:?} from {}: {heard:?}", letter.notice, letter.wallet));
        match heard {
            Ok(_) => acknowledged(state, &letter, raw.as_bytes()),
            Err(_) => state.count("notice not acknowledged"),
        }
    });
}

/// I2: what was acknowledged is stored; I10: what belongs to nothing is stored as just that.
fn acknowledged(state: &mut State, letter: &Letter, raw: &[u8]) {
    state.count("notice acknowledged");
    let same = |other: &Letter| {
        other.notice == letter.notice && other.merchant == letter.merchant && other.about == letter.about
    };
    if let Some(place) = state.bank.letters.iter().position(same) {
        state.bank.letters.swap_remove(place);
    }
    let stray = state.shelf.strays.iter().any(|stray| stray.body == raw);
    let kept = match &letter.notice {
        Notice::Paid(proven) => {
            let recorded = state.shelf.payments.contains_key(&payment_key(proven));
            if letter.genuine { recorded } else { stray && !recorded }
        }
        Notice::Hint(trade_no) if letter.genuine => is_heeded(state, letter, trade_no),
        Notice::Hint(_) | Notice::Foreign(..) => stray,
        Notice::Failed(_) | Notice::Other => return,
    };
    state.must(kept, || format!("I2: the notice about {} was acknowledged and is not kept", letter.about));
}

/// I2: of a hint it is stored that the wallet is to be asked, unless what it would answer is stored already. A payment that was hinted at
/// is known soon after the faults have stopped, whatever became of its attempt and its looks.
fn is_heeded(state: &mut State, letter: &Letter, trade_no: &TradeNo) -> bool {
    let key = LedgerKey::TradeNo(letter.merchant.clone(), letter.wallet, trade_no.clone());
    let Some(ledger) = state.shelf.find(&key).map(|stored| &stored.ledger) else { return false };
    let belongs = |attempt: &&Attempt| attempt.wallet == letter.wallet && attempt.trade_no == *trade_no;
    let Some(attempt) = ledger.attempts.iter().find(belongs) else { return false };
    let settles = |verdict: Verdict| verdict != Verdict::Mismatch;
    let recorded = ledger.payments.iter().any(|payment| payment.attempt == attempt.id && settles(payment.verdict));
    let heeded = recorded || attempt.hinted_at.is_some() && attempt.next_look_at.is_some();
    let trade = (letter.merchant.clone(), letter.wallet, trade_no.as_str().to_owned());
    state.count("hint acknowledged");
    state.hinted.insert(trade);
    heeded
}
