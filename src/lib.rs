//! pay-handoff: the piece between a shop and the payment apps.
//!
//! Data flows one way. An HTTP request is understood by `web`, checked by `wire`, carried out by `services` (load, let `domain`
//! decide, commit) and answered by `views`, `wire` or `qr`. A module may import only what stands above it in this list:
//!
//! - [`domain`]: values and decisions, pure.
//! - [`qr`]: text to symbol to picture and back, pure.
//! - [`links`]: every public address, built and read back.
//! - [`drill`]: deliberate crashes and faults, nothing without the test features.
//! - [`ports`]: what is needed from outside, and promised.
//! - [`exchange`]: one careful HTTP request and its answer.
//! - [`keys`]: RSA keys and certificates, read, used, never printed.
//! - [`config`]: what an operator can set, checked.
//! - [`wire`]: the public JSON, in and out.
//! - [`services`]: one use case a file.
//! - [`views`]: a typed context, a template and the words of every page.
//! - [`system`]: the machine's clock and chance.
//! - [`store`], [`wallets`], [`webhooks`]: the ports' adapters, the only rooms with SQL and with calls to others.
//! - [`web`], [`workers`]: HTTP around the use cases, loops around them.
//! - [`app`]: a configuration in, a running program out; the only file that names concrete adapters.
//! - [`cli`]: the subcommands.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod drill;
pub mod exchange;
pub mod keys;
pub mod links;
pub mod ports;
pub mod qr;
#[cfg(test)]
mod random_cases;
pub mod services;
pub mod store;
pub mod system;
pub mod views;
pub mod wallets;
pub mod web;
pub mod webhooks;
pub mod wire;
pub mod workers;
