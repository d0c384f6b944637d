//! pay-handoff: the piece between a shop and the payment apps.
//!
//! Data flows one way. An HTTP request is understood by `web`, checked by `wire`, carried out by `services` (load, let `domain`
//! decide, commit) and answered by `views`, `wire` or `qr`. A module may import only what stands above it in this list:
//!
//! - [`domain`]: values and decisions, pure.
//! - [`ports`]: what is needed from outside, and promised.
//! - [`store`]: the SQL: where orders are kept.

pub mod domain;
pub mod ports;
pub mod store;
