//! RSA keys and certificates of the wallets: read from the files that the wallets hand out, used, never printed.

mod certificate;
mod der;
mod issuer;
mod pfx;
mod rsa;
mod secret;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use certificate::{Certificate, serial_number};
pub use issuer::Issued;
pub use pfx::Pfx;
pub use rsa::{CannotSign, RsaPrivateKey, RsaPublicKey};
pub use secret::Secret;

use tokio_rustls::rustls::pki_types::pem::{PemObject, SectionKind};

/// Why a text is not the key or certificate that it should be: the rest of a sentence that begins with the name of its file. Never
/// repeats anything of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyFault(String);

impl KeyFault {
    fn new(rule: impl Into<String>) -> Self {
        Self(rule.into())
    }
}

/// What some editors put before a text; it is no part of it.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// How DER of more than 127 bytes begins: a sequence, and a length of one to four bytes.
const LONG_DER: [(u8, u8); 4] = [(0x30, 0x81), (0x30, 0x82), (0x30, 0x83), (0x30, 0x84)];

/// The sections of a PEM text, at least one.
///
/// # Errors
/// The text has none, or a broken one.
fn sections(text: &str) -> Result<Vec<(SectionKind, Vec<u8>)>, KeyFault> {
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let found: Result<Vec<_>, _> = <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(|_| KeyFault::new("is no whole PEM file (-----BEGIN … to -----END …)"))?;
    if found.is_empty() { Err(KeyFault::new("holds no PEM section (-----BEGIN …)")) } else { Ok(found) }
}

/// The sections of a file of certificates: of PEM, or the one that DER without PEM around it is.
///
/// # Errors
/// Neither of both.
fn sections_of_file(file: &[u8]) -> Result<Vec<(SectionKind, Vec<u8>)>, KeyFault> {
    if let [first, second, ..] = file
        && LONG_DER.contains(&(*first, *second))
    {
        return Ok(vec![(SectionKind::Certificate, file.to_vec())]);
    }
    let text = std::str::from_utf8(file);
    sections(text.map_err(|_| KeyFault::new("is neither PEM (a text with -----BEGIN …) nor DER"))?)
}

/// The only section of a PEM text.
///
/// # Errors
/// The text has none, more than one, or a broken one.
fn only_section(text: &str) -> Result<(SectionKind, Vec<u8>), KeyFault> {
    let mut found = sections(text)?.into_iter();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(KeyFault::new("holds more than one PEM section; one is wanted")),
    }
}

/// What a section of the wrong kind is called, to tell the operator what he gave instead.
const fn called(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Certificate => "a certificate",
        SectionKind::PublicKey => "a public key",
        SectionKind::RsaPrivateKey | SectionKind::PrivateKey => "a private key",
        SectionKind::EcPrivateKey => "a private key of elliptic curves",
        _ => "something else",
    }
}
