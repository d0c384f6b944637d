//! `pay-handoff keys new`: an API key for a merchant, shown once, and the line that lets it in.

use std::io::{self, Write};

use crate::config::ApiKey;
use crate::ports::entropy::Entropy;

/// What can be done with keys.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum KeysCommand {
    /// Make an API key: print it, and the line for the configuration file.
    New,
}

/// Makes a key and prints it with its hash. Nothing is kept: who loses the key makes another.
///
/// # Errors
/// When `output` cannot be written, and so nobody has seen the key.
pub fn run(command: KeysCommand, entropy: &(dyn Entropy + 'static), output: &mut dyn Write) -> io::Result<()> {
    let KeysCommand::New = command;
    let key = ApiKey::make(entropy);
    writeln!(output, "The API key, shown only now; the shop sends it as \"Authorization: Bearer …\":")?;
    writeln!(output, "{}", key.expose())?;
    writeln!(output, "The line for the merchant's table in the configuration file:")?;
    writeln!(output, "api_keys = [\"{}\"]", key.hash())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ApiKeyHash;
    use crate::system::SystemEntropy;

    #[test]
    fn the_printed_hash_is_the_hash_of_the_printed_key() {
        let mut output = Vec::new();
        run(KeysCommand::New, &SystemEntropy, &mut output).unwrap();
        let output = String::from_utf8(output).unwrap();
        let key = output.lines().find(|line| line.starts_with("ph_")).unwrap();
        let line = format!("api_keys = [\"{}\"]", ApiKeyHash::of(key));
        assert!(output.lines().any(|printed| printed == line), "{line} is not in the output");
        assert_eq!(output.matches(key).count(), 1);
    }
}
