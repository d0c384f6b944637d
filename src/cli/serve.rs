//! `pay-handoff serve`: read the configuration, build the program, say where it is, run it until it is told to stop.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::app::{self, App, BuildError};
use crate::config::{self, Config, ConfigFaults, ServeOptions};
use crate::system::SystemEntropy;

/// Why the program does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration has faults.
    #[error(transparent)]
    Config(#[from] ConfigFaults),
    /// Something the program needs could not be opened.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Io(#[from] io::Error),
}

/// Serves until the process is told to stop.
///
/// # Errors
/// [`ServeError`].
pub fn run(options: &ServeOptions) -> Result<(), ServeError> {
    let filter = EnvFilter::try_from_env("PAY_HANDOFF_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_writer(io::stderr).with_env_filter(filter).with_ansi(false).init();
    let config = config::load(options, super::outside(), &SystemEntropy)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    actix_web::rt::System::new().block_on(async {
        let app = app::build(&config)?;
        announce(&config, &app)?;
        Ok(app.run().await?)
    })
}

/// Says on standard output where to go; the last line is the one that scripts wait for.
fn announce(config: &Config, app: &App) -> io::Result<()> {
    let mut output = io::stdout().lock();
    if let Some(demo) = &config.demo {
        let origin = app.origin();
        writeln!(output, "pay-handoff with simulated wallets; no real money moves.")?;
        writeln!(output, "  demo shop   {origin}/demo")?;
        writeln!(output, "  API         {origin}/docs")?;
        writeln!(output, "  API key     {}", demo.api_key.expose())?;
    }
    writeln!(output, "listening on http://{}", app.address())?;
    output.flush()
}
