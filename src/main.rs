//! The program: parse the command line, run it, return an exit code.

use std::process::ExitCode;

use clap::Parser;
use pay_handoff::cli::{self, CommandLine};

fn main() -> ExitCode {
    cli::run(CommandLine::parse())
}
