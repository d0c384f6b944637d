//! `pay-handoff redeliver`: a running program sends an event to the webhook endpoints again.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::config::{self, DEFAULT_DATA_DIR};
use crate::domain::id::{EventId, WebhookEndpointId};
use crate::webhooks::resend::{Resend, ResendError, resend};

/// What to send again, and where the program is. The API key is taken from `PAY_HANDOFF_API_KEY`, or else from the data directory.
#[derive(Debug, clap::Args)]
pub struct RedeliverArguments {
    /// The event: evt_…
    event: EventId,
    /// Send it to this endpoint alone: whe_… [default: every one that is enabled and takes events of its type].
    #[arg(long)]
    endpoint: Option<WebhookEndpointId>,
    /// Where the program listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Directory with the key of the merchant who exists without a configuration file.
    #[arg(long, value_name = "DIR", env = "PAY_HANDOFF_DATA_DIR", default_value = DEFAULT_DATA_DIR)]
    data_dir: PathBuf,
}

/// Why the event is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum RedeliverError {
    /// No API key is given.
    #[error("set PAY_HANDOFF_API_KEY to an API key of the merchant whose event it is")]
    NoApiKey,
    /// The API key breaks a rule.
    #[error("the API key {0}")]
    BadApiKey(String),
    /// The program does not do it.
    #[error(transparent)]
    Resend(#[from] ResendError),
    /// The runtime cannot be made, or the output not written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Asks the program and prints its answer.
///
/// # Errors
/// [`RedeliverError`].
pub fn run(arguments: &RedeliverArguments, output: &mut dyn Write) -> Result<(), RedeliverError> {
    let variable = std::env::var(config::API_KEY_VARIABLE).ok();
    let api_key = config::known_api_key(&arguments.data_dir, variable).map_err(RedeliverError::BadApiKey)?;
    let api_key = api_key.ok_or(RedeliverError::NoApiKey)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = Resend {
        server: &arguments.server,
        api_key: api_key.expose(),
        event: arguments.event,
        endpoint: arguments.endpoint,
    };
    let answer = runtime.block_on(resend(&asked))?;
    writeln!(output, "{answer}")?;
    Ok(())
}
