//! The options of `pay-handoff serve`: each a flag and an environment variable, the flag winning.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

/// What an operator says on the command line or in the environment. What is absent here comes from the configuration file, and
/// then from the default.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeOptions {
    /// Configuration file (TOML); without one, the sandbox and its demo shop are served on this machine alone.
    #[arg(long, value_name = "FILE", env = "PAY_HANDOFF_CONFIG")]
    pub config: Option<PathBuf>,

    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", env = "PAY_HANDOFF_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// What QR codes and links point to, such as `https://pay.example` [default: the listen address].
    #[arg(long, value_name = "URL", env = "PAY_HANDOFF_PUBLIC_URL", hide_env_values = true)]
    pub public_url: Option<UncheckedUrl>,

    /// Directory of the database and of the keys made at the first start [default: ./data].
    #[arg(long, value_name = "DIR", env = "PAY_HANDOFF_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Database other than SQLite in the data directory.
    #[arg(long, value_name = "URL", env = "PAY_HANDOFF_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<UncheckedUrl>,

    /// File with the server key, base64 of 32 bytes, mode 0600; or PAY_HANDOFF_SERVER_KEY [default: made in the data directory].
    #[arg(long, value_name = "FILE", env = "PAY_HANDOFF_KEY_FILE")]
    pub key_file: Option<PathBuf>,

    /// Address that answers /metrics [default: none].
    #[arg(long, value_name = "ADDR", env = "PAY_HANDOFF_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,

    /// File that replaces the built-in data about which app can do what.
    #[arg(long, value_name = "FILE", env = "PAY_HANDOFF_HANDOFF")]
    pub handoff: Option<PathBuf>,

    /// Networks of proxies whose X-Forwarded-For is believed; in the environment, separated by commas.
    #[arg(long, value_name = "CIDR", env = "PAY_HANDOFF_TRUSTED_PROXY", num_args = 1.., value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,
}

/// Where the data of an installation is: for the commands that look at it beside `serve`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DataOptions {
    /// Configuration file (TOML) that the program is served with, if there is one.
    #[arg(long, value_name = "FILE", env = "PAY_HANDOFF_CONFIG")]
    pub config: Option<PathBuf>,

    /// Directory of the database [default: ./data].
    #[arg(long, value_name = "DIR", env = "PAY_HANDOFF_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// File with the server key, if it is not in the data directory.
    #[arg(long, value_name = "FILE", env = "PAY_HANDOFF_KEY_FILE")]
    pub key_file: Option<PathBuf>,
}

/// An address as it was given: it may hold a password, so `Debug` shows nothing, and it is checked where faults are collected.
#[derive(Clone, PartialEq, Eq)]
pub struct UncheckedUrl(String);

impl UncheckedUrl {
    /// The text as it was given.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for UncheckedUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for UncheckedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UncheckedUrl(…)")
    }
}

/// A network such as `10.0.0.0/8`.
///
/// # Errors
/// The rule. A network that says more than its mask (`10.1.2.3/8`) is refused: one of its halves is a mistake.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let network: Option<IpNet> = text.parse().ok();
    network.filter(|network| network.addr() == network.network()).ok_or_else(|| {
        "must be a network such as 127.0.0.1/32 or 10.0.0.0/8, with nothing set behind the mask".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, clap::Parser)]
    struct Command {
        #[command(flatten)]
        options: ServeOptions,
    }

    fn parse(arguments: &[&str]) -> Result<ServeOptions, clap::Error> {
        Command::try_parse_from([&["serve"], arguments].concat()).map(|command| command.options)
    }

    #[test]
    fn every_option_is_a_flag_and_an_environment_variable_of_the_same_words() {
        for argument in Command::command().get_arguments().filter(|argument| argument.get_id() != "help") {
            let flag = argument.get_long().unwrap();
            let variable = argument.get_env().unwrap().to_str().unwrap();
            assert_eq!(variable, format!("PAY_HANDOFF_{}", flag.to_uppercase().replace('-', "_")));
        }
    }

    #[test]
    fn all_options_are_understood_together() {
        let options = parse(&[
            "--config=a.toml",
            "--listen=[::1]:0",
            "--public-url=https://pay.example",
            "--data-dir=d",
            "--key-file=k",
            "--metrics-listen=127.0.0.1:9090",
            "--handoff=h.toml",
            "--trusted-proxy",
            "10.0.0.0/8",
            "::1/128,127.0.0.1/32",
        ])
        .unwrap();
        assert_eq!(options.listen, Some("[::1]:0".parse().unwrap()));
        assert_eq!(options.trusted_proxy.len(), 3);
        assert_eq!(options.public_url.unwrap().expose(), "https://pay.example");
    }

    #[test]
    fn a_wrong_address_or_network_is_wrong_usage() {
        for flag in [
            "--listen=8080",
            "--metrics-listen=x",
            "--trusted-proxy=10.1.2.3/8",
            "--trusted-proxy=10.0.0.1",
            "--lisen=x",
        ] {
            assert_eq!(parse(&[flag]).unwrap_err().exit_code(), 2, "{flag}");
        }
    }

    #[test]
    fn debug_output_and_help_show_no_password() {
        let options =
            parse(&["--database-url=postgres://anna:canary@db/x", "--public-url=https://anna:canary@x"]).unwrap();
        assert!(!format!("{options:?}").contains("canary"));
    }
}
