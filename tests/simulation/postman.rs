//! Letters from the wallets: delivered in any order, again until they are acknowledged, and what an acknowledgement promises.

use std::sync::Arc;

use pay_handoff::domain::time::Span;
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
    let raw = format!("{:?}", letter.notice);
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
    let same = |other: &Letter| other.notice == letter.notice && other.merchant == letter.merchant;
    if let Some(place) = state.bank.letters.iter().position(same) {
        state.bank.letters.swap_remove(place);
    }
    let Notice::Paid(proven) = &letter.notice else { return };
    let recorded = state.shelf.payments.contains_key(&payment_key(proven));
    let stray = state.shelf.strays.iter().any(|stray| stray.body == raw);
    let kept = if letter.genuine { recorded } else { stray && !recorded };
    state.must(kept, || format!("I2: {} was acknowledged and is not kept", proven.transaction_id));
}
