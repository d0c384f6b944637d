//! The command line: one file a subcommand.

pub mod audit;
pub mod check_config;
pub mod doctor;
mod emvco_fields;
pub mod handoff_table;
pub mod inspect;
pub mod keys;
pub mod pages;
pub mod plan;
pub mod qr;
pub mod redeliver;
pub mod serve;
mod standing;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Outside, ServeOptions};
use crate::ports::clock::Clock;
use crate::system::{SystemClock, SystemEntropy};

/// The piece between a shop and the payment apps.
#[derive(Debug, Parser)]
#[command(name = "pay-handoff", version, about, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve shops, buyers and friends (also what happens without a subcommand)
    Serve(ServeOptions),
    /// Draw a text as a QR code
    Qr(qr::QrArgs),
    /// Say what the codes in pictures are and where they can be scanned
    Inspect(inspect::InspectArgs),
    /// Explain what works from an app for a wallet
    Plan(plan::PlanArguments),
    /// Print what works where, for every app and wallet, as a Markdown page
    HandoffTable(handoff_table::HandoffTableArguments),
    /// Say what a configuration file means, or everything that is wrong with it
    CheckConfig(check_config::CheckConfigArguments),
    /// Hold the books of every order against themselves: where all money is, and whether every rule holds
    Audit(audit::AuditArguments),
    /// Find out what ails an installation, and what to do about it
    Doctor(doctor::DoctorArguments),
    /// Let a running program send an event to the webhook endpoints again
    Redeliver(redeliver::RedeliverArguments),
    /// Make API keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Write every page with sample contents into a folder, to look at
    Pages {
        /// The folder.
        #[arg(long)]
        out: PathBuf,
    },
}

/// Done.
const DONE: u8 = 0;
/// It did not work.
const FAILED: u8 = 1;

/// Carries out a command line and tells the exit code: 0 done, 1 failed, 2 wrong usage.
#[must_use]
pub fn run(line: CommandLine) -> ExitCode {
    let (mut output, mut errors) = (std::io::stdout().lock(), std::io::stderr());
    let code = match line.command {
        None => serve_now(&line.serve, output),
        Some(Command::Serve(options)) => serve_now(&options, output),
        Some(Command::Qr(arguments)) => {
            qr::run(&arguments).map_or_else(|error| tell(&error, error.exit_code()), |()| DONE)
        }
        Some(Command::Inspect(arguments)) => {
            inspect::run(&arguments).map_or_else(|error| tell(&error, error.exit_code()), |()| DONE)
        }
        Some(Command::Plan(arguments)) => {
            plan::run(&arguments, &mut output).map_or_else(|error| tell(&error, FAILED), |()| DONE)
        }
        Some(Command::HandoffTable(arguments)) => {
            handoff_table::run(&arguments, &mut output).map_or_else(|error| tell(&error, FAILED), |()| DONE)
        }
        Some(Command::CheckConfig(arguments)) => {
            verdict(check_config::run(&arguments.file, outside(), &mut output, &mut errors))
        }
        Some(Command::Audit(arguments)) => verdict(audit::run(&arguments, &mut output)),
        Some(Command::Doctor(arguments)) => verdict(doctor::run(&arguments, &mut output)),
        Some(Command::Redeliver(arguments)) => {
            redeliver::run(&arguments, &mut output).map_or_else(|error| tell(&error, FAILED), |()| DONE)
        }
        Some(Command::Keys(command)) => {
            keys::run(command, &SystemEntropy, &mut output).map_or_else(|error| tell(&error, FAILED), |()| DONE)
        }
        Some(Command::Pages { out }) => match pages::write_samples(&out) {
            Ok(count) => writeln!(output, "{count} pages in {}", out.display()).map_or(FAILED, |()| DONE),
            Err(error) => tell(&error, FAILED),
        },
    };
    ExitCode::from(code)
}

/// This process's environment and the machine's clock.
fn outside() -> Outside<'static> {
    Outside { environment: &|name| std::env::var(name).ok(), now: SystemClock.now() }
}

/// The exit code of a command that may find faults.
fn verdict<E: std::fmt::Display>(is_sound: Result<bool, E>) -> u8 {
    match is_sound {
        Ok(true) => DONE,
        Ok(false) => FAILED,
        Err(error) => tell(&error, FAILED),
    }
}

fn serve_now(options: &ServeOptions, output: std::io::StdoutLock<'_>) -> u8 {
    // The lock must not be held while the program runs: nothing else could print.
    drop(output);
    serve::run(options).map_or_else(|error| tell(&error, FAILED), |()| DONE)
}

fn tell(error: &impl std::fmt::Display, code: u8) -> u8 {
    // There is nobody left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr(), "pay-handoff: {error}");
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_defined() {
        CommandLine::command().debug_assert();
    }
}
