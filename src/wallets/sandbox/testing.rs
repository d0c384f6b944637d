//! What the sandbox's tests stand on: a book in memory, a clock that is set, and a server that hears notices.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::account::{Account, Accounts};
use super::app::SandboxApp;
use super::gateway::SandboxWallet;
use super::notifier::Notifier;
use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::payment::ProvenPayment;
use crate::domain::time::{Span, Timestamp};
use crate::domain::wallet::{Product, Wallet};
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::store::StoreError;
use crate::ports::trade_book::{TradeBook, TradePage};
use crate::ports::wallet::{KnownPayer, NewTrade, RawNotice, TradeState, WalletGateway};

/// When every test begins.
pub const NOON: Timestamp = Timestamp::from_seconds(1_795_312_800);
/// Where payers find the simulated app.
pub const PUBLIC: &str = "http://127.0.0.1:8080";

/// A trade book that forgets everything at its end, and can be told to fail.
#[derive(Default)]
pub struct MemoryBook {
    pages: Mutex<BTreeMap<String, TradePage>>,
    pub writes: AtomicU64,
    pub is_down: AtomicBool,
}

#[async_trait]
impl TradeBook for MemoryBook {
    async fn trade(&self, trade_no: &TradeNo) -> Result<Option<TradePage>, StoreError> {
        // Lets others come between a read and the write that follows it.
        tokio::task::yield_now().await;
        Ok(self.pages.lock().unwrap().get(trade_no.as_str()).cloned())
    }

    async fn write_trade(&self, page: TradePage) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the disk is full".to_owned()));
        }
        let mut pages = self.pages.lock().unwrap();
        if pages.get(page.trade_no.as_str()).map_or(0, |page| page.version) != page.version {
            return Err(StoreError::Conflict);
        }
        self.writes.fetch_add(1, Ordering::SeqCst);
        let version = page.version + 1;
        pages.insert(page.trade_no.as_str().to_owned(), TradePage { version, ..page });
        Ok(())
    }

    async fn due_trades(&self, now: Timestamp, limit: usize) -> Result<Vec<TradePage>, StoreError> {
        let pages = self.pages.lock().unwrap();
        let mut due: Vec<_> = pages.values().filter(|page| page.due_at.is_some_and(|at| at <= now)).cloned().collect();
        due.sort_by_key(|page| page.due_at);
        due.truncate(limit);
        Ok(due)
    }
}

pub struct SetClock(AtomicI64);

impl SetClock {
    pub fn pass(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), bytes).unwrap();
    }
}

/// The sandbox of two merchants.
pub struct World {
    pub book: Arc<MemoryBook>,
    pub clock: Arc<SetClock>,
    pub accounts: Accounts,
    pub notices_due: Arc<Notify>,
}

impl World {
    pub fn new() -> Self {
        Self {
            book: Arc::default(),
            clock: Arc::new(SetClock(AtomicI64::new(NOON.millis()))),
            accounts: Accounts::new(&[7; 32], [Self::teashop(), Self::bookshop()]),
            notices_due: Arc::default(),
        }
    }

    pub fn teashop() -> MerchantId {
        MerchantId::new("teashop").unwrap()
    }

    pub fn bookshop() -> MerchantId {
        MerchantId::new("bookshop").unwrap()
    }

    /// The tea shop's account.
    pub fn account(&self, wallet: Wallet) -> Account {
        self.accounts.account(&Self::teashop(), wallet).unwrap().clone()
    }

    /// The tea shop's gateway.
    pub fn wallet(&self, wallet: Wallet) -> SandboxWallet {
        self.wallet_of(&Self::teashop(), wallet)
    }

    pub fn wallet_of(&self, merchant: &MerchantId, wallet: Wallet) -> SandboxWallet {
        let account = self.accounts.account(merchant, wallet).unwrap().clone();
        SandboxWallet::new(account, self.book.clone(), self.clock.clone(), PUBLIC.to_owned())
    }

    pub fn app(&self) -> SandboxApp {
        self.app_of(self.accounts.clone())
    }

    pub fn app_of(&self, accounts: Accounts) -> SandboxApp {
        let notices_due = self.notices_due.clone();
        SandboxApp::new(accounts, self.book.clone(), self.clock.clone(), Arc::new(SystemEntropy), notices_due)
    }

    pub fn notifier(&self, notify_base: String) -> Notifier {
        let accounts = self.accounts.clone();
        Notifier::new(accounts, self.book.clone(), self.clock.clone(), Arc::new(SystemEntropy), notify_base).unwrap()
    }

    /// What `wallet` says was paid.
    pub async fn payments(&self, wallet: Wallet, trade_no: &TradeNo) -> Vec<ProvenPayment> {
        match self.wallet(wallet).query(trade_no).await {
            Ok(TradeState::Paid(payments)) => payments,
            other => panic!("not paid: {other:?}"),
        }
    }
}

pub fn trade_no(number: u32) -> TradeNo {
    TradeNo::new(&format!("{number:020}")).unwrap()
}

/// A trade of ¥129.00 that can be paid for 15 minutes.
pub fn new_trade(product: Product, number: u32) -> NewTrade {
    NewTrade {
        product,
        trade_no: trade_no(number),
        money: Money { amount: Amount::new(12_900).unwrap(), currency: Currency::Cny },
        subject: "青瓷茶壶".to_owned(),
        expires_at: NOON + Span::minutes(15),
        return_url: format!("{PUBLIC}/s/token/attempts/att_1"),
        payer: KnownPayer::default(),
    }
}

/// What a server heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub notice: RawNotice,
}

/// A server on the loopback address that hears notices and answers them as it is told: with the next status of its list, and with
/// 200 when the list is empty.
pub struct Receiver {
    pub base: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (heard, answers) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::<Mutex<VecDeque<u16>>>::default());
        let (hears, gives) = (heard.clone(), answers.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, hears.clone(), gives.clone()));
            }
        });
        Self { base, heard, answers, task }
    }

    pub fn answer_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, heard: Arc<Mutex<Vec<Heard>>>, answers: Arc<Mutex<VecDeque<u16>>>) {
    while let Some(request) = read_request(&mut stream).await {
        heard.lock().unwrap().push(request);
        let status = answers.lock().unwrap().pop_front().unwrap_or(200);
        let answer = format!("HTTP/1.1 {status} X\r\nlocation: /elsewhere\r\ncontent-length: 7\r\n\r\nsuccess");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Heard { path, notice: RawNotice { headers, body } })
}
