//! Orders and what happens to them, made from a counter: different for each call, the same in each run.

use pay_handoff::domain::attempt::{Attempt, AttemptStatus, Handover, TradeNo};
use pay_handoff::domain::code_mask::CodeMask;
use pay_handoff::domain::friend_link::{FriendLink, Hold, LinkStatus};
use pay_handoff::domain::id::{AttemptId, EventId, FriendLinkId, OrderId, PaymentId, RefundId, WebhookEndpointId};
use pay_handoff::domain::ledger::Ledger;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::money::{Amount, Currency, Money};
use pay_handoff::domain::order::{MerchantOrderNo, Order, OrderRequest, OrderStatus};
use pay_handoff::domain::payment::{Payment, ProvenPayment, Verdict};
use pay_handoff::domain::refund::{Refund, RefundKind, RefundStatus};
use pay_handoff::domain::time::{Span, Timestamp};
use pay_handoff::domain::token::{Token, sha256};
use pay_handoff::domain::wallet::{Product, Wallet};
use pay_handoff::domain::webhook::{Standing, WebhookEndpoint, WebhookSecret};
use pay_handoff::ports::store::{Change, EventRecord, KeptAnswer, LedgerKey, Store, StoreError};
use uuid::{Builder, Uuid};

/// The moment around which everything happens.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_300_000);

/// This many seconds after [`NOW`].
pub fn after(seconds: i64) -> Timestamp {
    NOW + Span::seconds(seconds)
}

pub fn teashop() -> MerchantId {
    MerchantId::new("teashop").unwrap()
}

/// Makes things that differ.
#[derive(Default)]
pub struct Samples {
    made: u64,
}

impl Samples {
    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        sha256(&self.made.to_be_bytes())
    }

    /// A version 7 UUID; later ones are younger.
    pub fn uuid(&mut self) -> Uuid {
        let random = self.bytes();
        let at = NOW.millis().unsigned_abs() + self.made;
        Builder::from_unix_timestamp_millis(at, random.first_chunk().unwrap()).into_uuid()
    }

    pub fn token(&mut self) -> Token {
        Token::from_bytes(*self.bytes().first_chunk().unwrap())
    }

    pub fn mask(&mut self) -> CodeMask {
        CodeMask::new(self.bytes()[0] % 8).unwrap()
    }

    pub fn trade_no(&mut self) -> TradeNo {
        TradeNo::new(&self.uuid().simple().to_string()).unwrap()
    }

    /// A new order of this merchant, with its first event, placed now and due 900 s later.
    pub fn order_of(&mut self, merchant: &MerchantId) -> Ledger {
        let id = OrderId::new(self.uuid());
        let request = OrderRequest {
            merchant_order_no: MerchantOrderNo::new(&format!("T-{}", self.made)).unwrap(),
            money: Money { amount: Amount::new(12_900).unwrap(), currency: Currency::Cny },
            subject: "青瓷茶壶".to_owned(),
            wallets: vec![Wallet::WechatPay, Wallet::Alipay],
            expires_in: Span::seconds(900),
            return_url: None,
            locale: None,
            metadata: Vec::new(),
        };
        Ledger::place(Order {
            id,
            merchant: merchant.clone(),
            sandbox: true,
            request,
            created_at: NOW,
            expires_at: after(900),
            status: OrderStatus::Pending,
            cancelled_at: None,
            winner: None,
            amount_refunded: 0,
            checkout_token: self.token(),
            scan_token: self.token(),
            scan_mask: self.mask(),
            history_seq: 0,
            view_seq: 1,
            version: 0,
        })
    }

    pub fn order(&mut self) -> Ledger {
        self.order_of(&teashop())
    }

    pub fn attempt(&mut self, wallet: Wallet) -> Attempt {
        Attempt {
            id: AttemptId::new(self.uuid()),
            wallet,
            product: Product::Code,
            trade_no: self.trade_no(),
            status: AttemptStatus::Open,
            browser: self.bytes(),
            friend_link: None,
            created_at: NOW,
            expires_at: after(900),
            handover: Some(Handover::Code(format!("weixin://wxpay/bizpayurl?pr={}", self.made))),
            ended_at: None,
            hinted_at: None,
            next_look_at: Some(after(5)),
        }
    }

    pub fn friend_link(&mut self) -> FriendLink {
        FriendLink {
            id: FriendLinkId::new(self.uuid()),
            token: self.token(),
            mask: self.mask(),
            requester: Some("小林".to_owned()),
            message: None,
            status: LinkStatus::Open,
            created_at: NOW,
            expires_at: after(600),
            holds: vec![Hold { browser: self.bytes(), until: after(300), contested: true }],
            view_changes: 1,
        }
    }

    pub fn payment(&mut self, attempt: &Attempt, verdict: Verdict) -> Payment {
        Payment {
            id: PaymentId::new(self.uuid()),
            attempt: attempt.id,
            proven: ProvenPayment {
                wallet: attempt.wallet,
                account: "1900000109".to_owned(),
                trade_no: attempt.trade_no.clone(),
                transaction_id: format!("42000{}", self.made),
                amount: 12_900,
                currency: "CNY".to_owned(),
                paid_at: after(30),
            },
            heard_at: after(31),
            verdict,
            refund: None,
        }
    }

    pub fn refund(&mut self, payment: &Payment, kind: RefundKind) -> Refund {
        Refund {
            id: RefundId::new(self.uuid()),
            payment: payment.id,
            wallet: payment.proven.wallet,
            amount: 700,
            currency: "CNY".to_owned(),
            kind,
            reason: None,
            status: RefundStatus::Pending,
            created_at: after(40),
            tries: 0,
            next_try_at: Some(after(41)),
        }
    }

    /// The change that places a new order or moves an order on; its events are the news of `after`.
    pub fn change(&mut self, before: Option<&Ledger>, after: &Ledger) -> Change {
        let events = after.news.iter().map(|news| EventRecord {
            id: EventId::new(self.uuid()),
            seq: news.seq,
            kind: news.kind,
            at: news.at,
            body: format!("{{\"order\":\"{}\",\"seq\":{}}}", after.order.id, news.seq).into_bytes(),
        });
        let events = events.collect();
        Change { before: before.cloned(), after: after.clone(), events, answer: None, lease: None }
    }

    /// Places an order and gives it back as the store has it.
    pub async fn placed(&mut self, store: &impl Store, ledger: &Ledger) -> Ledger {
        let change = self.change(None, ledger);
        store.commit(change).await.unwrap();
        stored(ledger, 1)
    }

    /// Moves an order on and gives it back as the store has it.
    pub async fn moved(&mut self, store: &impl Store, before: &Ledger, after: &Ledger) -> Result<Ledger, StoreError> {
        let change = self.change(Some(before), after);
        store.commit(change).await?;
        Ok(stored(after, before.order.version + 1))
    }

    pub fn endpoint(&mut self) -> WebhookEndpoint {
        WebhookEndpoint {
            id: WebhookEndpointId::new(self.uuid()),
            merchant: teashop(),
            url: format!("https://shop-{}.example/hook", self.made),
            kinds: None,
            created_at: NOW,
            standing: Standing::default(),
        }
    }

    pub fn secret(&mut self) -> WebhookSecret {
        WebhookSecret::from_bytes(self.bytes())
    }

    pub fn answer(&mut self, key: &str) -> KeptAnswer {
        let fingerprint = self.bytes();
        KeptAnswer {
            merchant: teashop(),
            key: key.to_owned(),
            fingerprint,
            status: 201,
            body: format!("{{\"answer\": {}}}", self.made).into_bytes(),
            at: NOW,
        }
    }
}

/// The ledger as a store gives it back: no news, and its version counted by the store.
pub fn stored(ledger: &Ledger, version: u64) -> Ledger {
    let order = Order { version, ..ledger.order.clone() };
    Ledger { order, news: Vec::new(), ..ledger.clone() }
}

/// The ledger of this order, which must be there.
pub async fn read(store: &impl Store, order: OrderId) -> Ledger {
    store.ledger(LedgerKey::Order(order)).await.unwrap().expect("the order is not there")
}
