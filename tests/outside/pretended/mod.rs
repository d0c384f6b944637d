//! Pretended wallet companies: what each of them is to a test, whatever it speaks.

mod desk;
pub mod keys;
mod merchant;
mod mutants;

use async_trait::async_trait;
use jiff::Timestamp;

pub use desk::{Asked, Book, Desk, Reply, padded};
pub use merchant::{SHOP_KEY, live_merchant, world};
pub use mutants::no_mutant_is_believed;

use crate::harness::{Answer, Browser, Server, Settings};

/// What a wallet is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// To begin a trade.
    Begin,
    /// What became of a trade.
    Query,
    /// To close a trade.
    Close,
    /// To give money back.
    Refund,
    /// What became of that.
    AskRefund,
}

/// How an answer goes wrong. No wallet has all of these; [`PretendedWallet::menu`] tells which it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Done, and without a signature.
    Unsigned,
    /// Done, and signed by somebody else under the right name.
    Forged,
    /// Done, and signed under the name of nobody.
    WrongSerial,
    /// Done, and signed by somebody else whose certificate is good.
    OtherOwner,
    /// Done, and signed ten minutes ago.
    Old,
    /// Done; the right signature, and the content with its members in another order.
    Reordered,
    /// Done; the right signature, and the same content written with other letters.
    Respelled,
    /// A good answer to the same question about something else.
    Swapped,
    /// Done, and two megabytes.
    TooLong,
    /// Done, and 500.
    ServerError,
    /// Done, and the connection ends in the middle of the body.
    Cut,
    /// Done, and nothing comes at all.
    Silent,
    /// Done, and sent somewhere else.
    Redirect,
    /// Nothing done: 502 from something on the way.
    GatewayError,
    /// Nothing done: a refusal that would be final, and nobody signed it.
    UnsignedError,
    /// Nothing done: refused with this status or code, and for this reason, signed.
    Refuse(&'static str, &'static str),
    /// Done, and the answer says so and gives this reason why not.
    Doubtful(&'static str),
}

/// Where a trade stands at the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// There is none, as long as nobody scans or opens it.
    NotThere,
    /// It waits for its payer.
    Waiting,
    /// It is paid, and perhaps given back.
    Paid,
    /// Nobody can pay it any more.
    Closed,
}

/// A notice on its way.
#[derive(Clone, Debug)]
pub struct Letter {
    pub url: String,
    pub head: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Letter {
    /// Delivers it.
    pub async fn deliver(&self) -> Answer {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let head = self.head.iter();
        let request = head.fold(client.post(&self.url), |request, (name, value)| request.header(name, value));
        Answer::of(request.body(self.body.clone())).await
    }
}

/// A pretended wallet company, and the payers who have its app. Trades are named by our numbers, money is in fen.
#[async_trait]
pub trait PretendedWallet: Send + Sync {
    /// How the program is started with a live merchant whose wallet this is, with all its products.
    fn settings(&self) -> Settings;

    /// The ways in which its answers can go wrong.
    fn menu(&self) -> &'static [Mischief];

    /// The next answers to this call that say this somewhere go wrong so.
    fn misbehave(&self, call: Call, about: &str, mischief: &[Mischief]);

    /// How often it was asked for this with these letters somewhere in the request.
    fn times_asked(&self, call: Call, about: &str) -> usize;

    /// A payer of this product, who is about to open this page.
    async fn payer(&self, server: &Server, page: &str, product: &str) -> Browser;

    /// The way that the attempt's page shows; fails when that is another one than the wallet gave last.
    async fn way(&self, payer: &Browser, attempt: &str, trade_no: &str) -> String;

    /// The payer goes this way, up to the button that pays.
    async fn go(&self, way: &str, trade_no: &str);

    /// The payer pays so much; the wallet's number of it. Nobody is told.
    fn pay(&self, trade_no: &str, fen: i64, at: Timestamp) -> String;

    /// The trade's time is over at the wallet, or somebody closes it there.
    fn end(&self, trade_no: &str);

    /// Where a trade stands.
    fn stand(&self, trade_no: &str) -> Stand;

    /// What was given back of a trade, each in its time's order.
    fn given_back(&self, trade_no: &str) -> Vec<i64>;

    /// Until when the wallet was told that a trade may be paid, if it was told.
    fn deadline(&self, trade_no: &str) -> Option<Timestamp>;

    /// What the wallet sends about a trade as it stands.
    fn letter(&self, trade_no: &str) -> Letter;
}
