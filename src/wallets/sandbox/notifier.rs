//! The call back: a simulated wallet tells the merchant's server what happened, until it is heard.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, redirect};

use super::account::Accounts;
use super::notice::NoticeBody;
use super::shelf::{self, Shelf};
use super::signature::{self, NONCE_LENGTH};
use super::trade::{Delivery, DueNotice, Trade};
use crate::domain::time::Timestamp;
use crate::ports::clock::Clock;
use crate::ports::entropy::Entropy;
use crate::ports::store::StoreError;
use crate::ports::trade_book::{TradeBook, TradePage};

/// A server that has not answered by then has not heard: WeChat Pay waits five seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection unused for longer is not used again: servers drop them after a few seconds, and a notice sent into that would fail.
const IDLE: Duration = Duration::from_secs(2);
/// So many trades are told of at once.
const AT_ONCE: usize = 16;
/// So many trades are taken from the book at a time.
const BATCH: usize = 64;
/// An answer is read so far, in bytes, to keep the connection; what is longer is cut off with it.
const READ_AT_MOST: usize = 4096;

/// The program cannot make HTTP calls at all. Fate: give up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client can be made: {0}")]
pub struct NoClient(String);

/// Delivers notices of all simulated wallets.
pub struct Notifier {
    accounts: Accounts,
    shelf: Shelf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    notify_base: String,
    client: Client,
}

impl Notifier {
    /// A notifier for the trades of these accounts. `notify_base` is where this very program listens: `http://127.0.0.1:8080`,
    /// without a slash at its end.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(
        accounts: Accounts,
        book: Arc<dyn TradeBook>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        notify_base: String,
    ) -> Result<Self, NoClient> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| NoClient(error.to_string()))?;
        Ok(Self { accounts, shelf: Shelf::new(book), clock, entropy, notify_base, client })
    }

    /// Sends every notice that is due, different trades at the same time, and answers how many were heard. What was heard is
    /// forgotten after that: a crash between the two repeats the notice, as real wallets do. What was not heard waits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Conflict`], after all trades were tried; what was not noted is sent again.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut heard = 0;
        loop {
            let pages = self.shelf.book().due_trades(now, BATCH).await?;
            let is_last = pages.len() < BATCH;
            let told: Vec<_> =
                stream::iter(pages).map(|page| self.tell(page, now)).buffer_unordered(AT_ONCE).collect().await;
            for count in told {
                heard += count?;
            }
            if is_last {
                return Ok(heard);
            }
        }
    }

    /// Sends the due notices of one trade, one after the other, and notes what became of them.
    async fn tell(&self, page: TradePage, now: Timestamp) -> Result<usize, StoreError> {
        let trade = match shelf::open(&page) {
            Ok(trade) => trade,
            Err(error) => return self.lay_aside(page, &error).await,
        };
        let mut deliveries = Vec::new();
        for notice in trade.notices.iter().filter(|notice| notice.due_at <= now) {
            deliveries.push(self.deliver(notice).await);
        }
        let noted_at = self.clock.now();
        let note = |kept: &mut Option<Trade>| {
            if let Some(trade) = kept {
                trade.note(&deliveries, noted_at);
            }
        };
        self.shelf.change(&page.trade_no, note).await?;
        Ok(deliveries.iter().map(|delivery| usize::from(delivery.delivered)).sum())
    }

    /// A record that cannot be read never can be: it must not stand before the others for ever.
    async fn lay_aside(&self, page: TradePage, error: &StoreError) -> Result<usize, StoreError> {
        tracing::error!(trade_no = page.trade_no.as_str(), %error, "its notices are given up");
        match self.shelf.book().write_trade(TradePage { due_at: None, ..page }).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Sends a notice as often as it is to be heard, up to the first failure.
    async fn deliver(&self, notice: &DueNotice) -> Delivery {
        let mut delivery = Delivery { notice_id: notice.body.notice_id.clone(), delivered: 0, failed: false };
        while delivery.delivered < notice.copies && !delivery.failed {
            match self.send(&notice.body).await {
                Ok(()) => delivery.delivered += 1,
                Err(why) => {
                    tracing::warn!(trade_no = notice.body.trade_no.as_str(), why, "a sandbox notice was not taken");
                    delivery.failed = true;
                }
            }
        }
        delivery
    }

    async fn send(&self, notice: &NoticeBody) -> Result<(), String> {
        let account = self.accounts.account(&notice.merchant, notice.wallet).ok_or("the merchant left the sandbox")?;
        let body = serde_json::to_vec(notice).map_err(|error| error.to_string())?;
        let nonce = self.entropy.alphanumeric(NONCE_LENGTH);
        let proof = signature::sign(account, self.clock.now(), nonce, &body);
        let address = format!("{}/notify/{}/{}", self.notify_base, notice.wallet, notice.merchant);
        let request = self.client.post(address).header(CONTENT_TYPE, "application/json").body(body);
        let request = proof.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        drain(response).await;
        if status.is_success() { Ok(()) } else { Err(format!("answered {status}")) }
    }
}

/// Reads an answer to its end, so that the connection can be used again. Its status has decided already: nothing here can fail.
async fn drain(mut response: Response) {
    let mut length = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        length += chunk.len();
        if length > READ_AT_MOST {
            return;
        }
    }
}
