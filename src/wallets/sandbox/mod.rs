//! The sandbox: a pretend wallet company. It keeps its own trades, signs its notices, calls back over HTTP, and misbehaves on
//! request.
//!
//! Three doors lead into it, as into a real one. The merchant's side is [`gateway::SandboxWallet`], which the rest of the program
//! cannot tell from a real wallet. The payer's side is [`app::SandboxApp`], the wallet app on a phone. And
//! [`notifier::Notifier`] calls back. They share nothing but the trades, so any instance of the program can be any of them.

pub mod account;
pub mod app;
pub mod gateway;
mod kept;
mod notice;
pub mod notifier;
mod shelf;
mod signature;
pub mod tally;
#[cfg(test)]
pub(super) mod testing;
mod trade;

#[cfg(test)]
mod gateway_tests;
#[cfg(test)]
mod notifier_tests;
#[cfg(test)]
mod proof_tests;
