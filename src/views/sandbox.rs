//! The simulated wallet app of the sandbox: a person plays what a wallet could answer.

use super::frame::Frame;
use crate::domain::money::Money;
use crate::domain::wallet::Wallet;

/// Where the simulated trade stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedState {
    /// Can be paid.
    Waiting,
    /// Was paid.
    Paid,
    /// Paying failed.
    Failed,
    /// Was closed.
    Closed,
    /// The code was refused because it came from the album.
    AlbumRefused,
}

/// `GET /sandbox/{trade_no}`.
#[derive(Clone, Debug)]
pub struct SimulatedWalletPage {
    /// What stands around the page.
    pub frame: Frame,
    /// Which wallet is played.
    pub wallet: Wallet,
    /// The wallet's number of the trade.
    pub trade_no: String,
    /// Who gets the money.
    pub payee: String,
    /// What is bought.
    pub subject: String,
    /// How much.
    pub money: Money,
    /// Where the trade stands.
    pub state: SimulatedState,
    /// Where the buyer returns.
    pub back: Option<String>,
}
