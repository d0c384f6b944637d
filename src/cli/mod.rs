//! The subcommands of the program, one file each.

pub mod check_config;
pub mod keys;
