//! The configuration file: TOML in, checked values and faults out.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use toml::de::DeTable;

use super::fault::Report;
use super::merchants;
use super::options::network;
use super::section::{Section, line_at, rule};
use super::web_address::PublicUrl;
use super::{ConfiguredMerchant, Outside, Surroundings};

/// What a file said; `None` where it said nothing, or something wrong that was reported.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    pub(super) listen: Option<SocketAddr>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) handoff: Option<PathBuf>,
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) merchants: Vec<ConfiguredMerchant>,
}

/// Reads a file. Paths in it start from the folder that it lies in.
pub(super) fn read(path: &Path, outside: Outside<'_>, report: &mut Report) -> ConfigFile {
    let folder = path.parent().unwrap_or(Path::new(""));
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, &Surroundings { folder, environment: outside.environment, now: outside.now }, report),
        Err(error) => {
            report.fault("--config", None, format!("{} cannot be read: {error}", path.display()));
            ConfigFile::default()
        }
    }
}

/// Reads the text of a file. When it is not TOML, that alone is reported: guesses about the rest would only confuse.
fn parse(text: &str, around: &Surroundings<'_>, report: &mut Report) -> ConfigFile {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return sections(Section::root(text, document.get_ref()), around, report);
    }
    for error in errors {
        // Never the error's own `Display`: it quotes the line, and a secret may stand there.
        let line = error.span().map(|span| line_at(text, span.start));
        report.fault("TOML", line, error.message());
    }
    ConfigFile::default()
}

fn sections(mut root: Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> ConfigFile {
    let folder = around.folder;
    let file = ConfigFile {
        listen: root.text("listen", report, socket_address),
        public_url: root.text("public_url", report, str::parse),
        data_dir: root.text("data_dir", report, |text| path(text).map(|path| folder.join(path))),
        key_file: root.text("key_file", report, |text| path(text).map(|path| folder.join(path))),
        metrics_listen: root.text("metrics_listen", report, socket_address),
        handoff: root.text("handoff", report, |text| path(text).map(|path| folder.join(path))),
        trusted_proxies: root.texts("trusted_proxies", report, network).unwrap_or_default(),
        merchants: merchants::read(&mut root, around, report),
    };
    root.text::<()>("database_url", report, |text| Err(database_refusal(text)));
    root.finish(report);
    file
}

/// Why a database address is refused: only the embedded database exists so far.
pub(super) fn database_refusal(text: &str) -> String {
    if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        "PostgreSQL is not part of this version yet; leave it out to use the SQLite database in the data directory"
            .to_owned()
    } else {
        "must begin with postgres://; leave it out to use the SQLite database in the data directory".to_owned()
    }
}

/// A path that is not empty.
///
/// # Errors
/// The rule.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| rule("must be an address and a port such as 127.0.0.1:8080"))
}
