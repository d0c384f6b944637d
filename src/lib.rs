//! pay-handoff: the piece between a shop and the payment apps.
//!
//! Data flows one way. An HTTP request is understood by `web`, checked by `wire`, carried out by `services` (load, let `domain`
//! decide, commit) and answered by `views`, `wire` or `qr`. A module may import only what stands above it in this list:
//!
//! - [`domain`]: values and decisions, pure.
//! - [`views`]: a typed context, a template and the words of every page.
//! - [`cli`]: one file a subcommand.

pub mod cli;
pub mod domain;
pub mod views;
