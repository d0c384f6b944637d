//! Merchants' programs: calls of the interface, with a key and patience, or without either.

use std::sync::Arc;

use pay_handoff::domain::id::{FriendLinkId, OrderId, PaymentId};
use pay_handoff::domain::merchant::{Merchant, MerchantId};
use pay_handoff::domain::money::{Amount, Currency, Money};
use pay_handoff::domain::order::{MerchantOrderNo, OrderRequest, OrderStatus};
use pay_handoff::domain::time::Span;
use pay_handoff::services::Services;
use pay_handoff::services::answer::{Answer, Once, Recalled};
use pay_handoff::services::refusal::Refusal;
use pay_handoff::wire::friend_link::FriendLinkWish;
use pay_handoff::wire::refund::RefundWish;

use super::scene::{Scene, State};

/// What is asked of the interface.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Place an order of this number, price and life in seconds.
    Open(String, i64, i64),
    /// Cancel an order.
    Cancel(OrderId),
    /// Give an order so many seconds from now.
    Extend(OrderId, i64),
    /// Give so much of an order's money back; `None`: the rest.
    Refund(OrderId, Option<i64>),
    /// Give a payment back that nothing gives back by itself.
    Return(PaymentId),
    /// Ask a friend, for so many seconds.
    Friend(OrderId, Option<i64>),
    /// Take a friend link back.
    Revoke(FriendLinkId),
}

/// A call with a key, and how far it has come.
pub struct Call {
    /// Whose.
    pub merchant: MerchantId,
    /// What.
    pub ask: Ask,
    /// Its key; also written into what it makes, so that it can be counted.
    pub key: String,
    /// The first answer.
    pub answer: Option<Answer>,
    /// Whether its client still wants an answer.
    pub waiting: bool,
}

fn once(merchant: &Merchant, key: &str, ask: &Ask) -> Once {
    Once::new(merchant.id.clone(), key.to_owned(), "POST", "/v1", format!("{ask:?}").as_bytes())
}

fn order_request(merchant: &Merchant, number: &str, price: i64, life_s: i64) -> Option<OrderRequest> {
    Some(OrderRequest {
        merchant_order_no: MerchantOrderNo::new(number)?,
        money: Money { amount: Amount::new(price)?, currency: Currency::Cny },
        subject: "茶".to_owned(),
        wallets: merchant.wallets.keys().copied().collect(),
        expires_in: Span::seconds(life_s),
        return_url: None,
        locale: None,
        metadata: Vec::new(),
    })
}

async fn ask(
    services: &Services,
    merchant: &Arc<Merchant>,
    ask: &Ask,
    mark: &str,
    once: Option<&Once>,
) -> Result<Answer, Refusal> {
    let words = Some(mark.to_owned());
    match ask {
        Ask::Open(number, price, life_s) => {
            let request = order_request(merchant, number, *price, *life_s).ok_or(Refusal::NotFound)?;
            services.open_order(merchant, request, once).await
        }
        Ask::Cancel(order) => services.cancel_order(&merchant.id, *order, once).await,
        Ask::Extend(order, life_s) => services.extend(merchant, *order, Span::seconds(*life_s), once).await,
        Ask::Refund(order, amount) => {
            let wish = RefundWish { amount: *amount, reason: words };
            services.refund_order(&merchant.id, *order, wish, once).await
        }
        Ask::Return(payment) => services.return_payment(&merchant.id, *payment, once).await,
        Ask::Friend(order, life_s) => {
            let wish = FriendLinkWish { requester: words, message: None, expires_in: life_s.map(Span::seconds) };
            services.ask_friend(merchant, *order, wish, once).await
        }
        Ask::Revoke(link) => services.revoke_link(&merchant.id, *link, once).await,
    }
}

/// Places an order as the demo shop does: without an answer to draw.
pub async fn place_plainly(services: Arc<Services>, merchant: Arc<Merchant>, number: String, price: i64, life_s: i64) {
    if let Some(request) = order_request(&merchant, &number, price, life_s) {
        // Whether it was placed shows in the store; a failure is the client's to see.
        let _placed = services.open_order_plain(&merchant, request).await;
    }
}

/// Makes one call without a key, once.
pub async fn call_plainly(scene: Arc<Scene>, services: Arc<Services>, merchant: Arc<Merchant>, what: Ask) {
    let result = ask(&services, &merchant, &what, "no key", None).await;
    scene.with(|state| {
        state.say(|| format!("{what:?}: {}", words(&result)));
        if result.is_ok() {
            kept_promise(state, &what);
        }
    });
}

/// Makes one try of a call with a key, as the web layer does it.
pub async fn call_with_key(scene: Arc<Scene>, services: Arc<Services>, place: usize) {
    let Some((merchant, what, key)) = scene.with(|state| {
        let call = state.calls.get(place)?;
        Some((Arc::clone(state.merchants.get(&call.merchant)?), call.ask.clone(), call.key.clone()))
    }) else {
        return;
    };
    let request = once(&merchant, &key, &what);
    let result = match services.recall(&request).await {
        Ok(Recalled::Answered(answer)) => Ok(answer),
        Ok(Recalled::New(_running)) => ask(&services, &merchant, &what, &key, Some(&request)).await,
        Err(refusal) => Err(refusal),
    };
    scene.with(|state| {
        state.say(|| format!("{key} {what:?}: {}", words(&result)));
        note(state, place, result);
    });
}

fn words(result: &Result<Answer, Refusal>) -> String {
    match result {
        Ok(answer) => format!("{} {}", answer.status, if answer.replayed { "again" } else { "new" }),
        Err(refusal) => format!("{refusal}"),
    }
}

/// I11: one key, one answer, byte for byte.
fn note(state: &mut State, place: usize, result: Result<Answer, Refusal>) {
    let Some(call) = state.calls.get_mut(place) else { return };
    let key = call.key.clone();
    match result {
        Ok(answer) => {
            call.waiting = false;
            let known = call.answer.get_or_insert_with(|| answer.clone()).clone();
            let ask = call.ask.clone();
            state.must(known.status == answer.status && known.body == answer.body, || {
                format!("I11: key {key} was answered in two ways")
            });
            state.count(if answer.replayed { "answer replayed" } else { "answer new" });
            kept_promise(state, &ask);
        }
        Err(Refusal::Unavailable(_) | Refusal::KeyInUse) => {}
        Err(Refusal::KeyReused) => state.broken(format!("I11: key {key} is said to be used for another request")),
        Err(_) => call.waiting = false,
    }
    let made = made_under(state, &key);
    state.must(made <= 1, || format!("I11: key {key} made {made} things"));
}

/// What a 2xx promised is true in the store.
fn kept_promise(state: &mut State, ask: &Ask) {
    let status = |order: &OrderId| state.shelf.orders.get(order).map(|stored| stored.ledger.order.status);
    let holds = match ask {
        Ask::Cancel(order) => status(order).is_some_and(|status| status != OrderStatus::Pending),
        Ask::Refund(order, _) => status(order).is_some_and(OrderStatus::was_paid),
        Ask::Open(number, ..) => {
            let numbered =
                |order: &pay_handoff::domain::order::Order| order.request.merchant_order_no.as_str() == number;
            state.shelf.orders.values().any(|stored| numbered(&stored.ledger.order))
        }
        Ask::Return(payment) => state
            .shelf
            .orders
            .values()
            .any(|stored| stored.ledger.payment(*payment).is_some_and(|payment| payment.refund.is_some())),
        Ask::Extend(..) | Ask::Friend(..) | Ask::Revoke(_) => true,
    };
    state.must(holds, || format!("I2: {ask:?} was answered as done and is not"));
}

/// How many refunds and friend links bear this mark.
fn made_under(state: &State, mark: &str) -> usize {
    let ledgers = || state.shelf.orders.values().map(|stored| &stored.ledger);
    let refunds = ledgers().flat_map(|ledger| &ledger.refunds).filter(|refund| refund.reason.as_deref() == Some(mark));
    let links =
        ledgers().flat_map(|ledger| &ledger.friend_links).filter(|link| link.requester.as_deref() == Some(mark));
    refunds.count() + links.count()
}

/// The same key with another body, of a call that was answered: refused, and nothing is made.
pub async fn misuse_key(scene: Arc<Scene>, services: Arc<Services>, place: usize) {
    let Some((merchant, key)) = scene.with(|state| {
        let call = state.calls.get(place).filter(|call| call.answer.is_some())?;
        Some((Arc::clone(state.merchants.get(&call.merchant)?), call.key.clone()))
    }) else {
        return;
    };
    let other = Once::new(merchant.id.clone(), key.clone(), "POST", "/v1", b"another body");
    let result = services.recall(&other).await;
    let refused = matches!(result, Err(Refusal::KeyReused | Refusal::KeyInUse | Refusal::Unavailable(_)));
    drop(result);
    scene.with(|state| state.must(refused, || format!("I11: key {key} was taken for another body")));
}

/// I23: what belongs to one merchant does not exist for another.
pub async fn reach_across(scene: Arc<Scene>, services: Arc<Services>, stranger: Arc<Merchant>, what: Ask) {
    let result = ask(&services, &stranger, &what, "stranger", None).await;
    let hidden = matches!(result, Err(Refusal::NotFound | Refusal::Unavailable(_)));
    scene.with(|state| state.must(hidden, || format!("I23: {} could do {what:?}", stranger.id)));
}
