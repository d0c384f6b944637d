//! What the fields of a wallet name: files with keys and certificates, and variables with secrets.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use super::variable_name;
use crate::config::file::path;
use crate::config::{Surroundings, secret_file};
use crate::domain::time::Timestamp;
use crate::keys::{Certificate, Secret};

/// The text of a file that only its owner may open.
pub(super) fn secret_text(text: &str, around: &Surroundings<'_>) -> Result<(PathBuf, String), String> {
    let path = around.folder.join(path(text)?);
    let text = secret_file::read(&path)?.ok_or_else(|| format!("{} does not exist", path.display()))?;
    Ok((path, text))
}

/// The bytes of a file that only its owner may open.
pub(super) fn secret_bytes(text: &str, around: &Surroundings<'_>) -> Result<(PathBuf, Vec<u8>), String> {
    let path = around.folder.join(path(text)?);
    let bytes = secret_file::read_bytes(&path)?.ok_or_else(|| format!("{} does not exist", path.display()))?;
    Ok((path, bytes))
}

/// What is wrong with the content of a file.
pub(super) fn in_file(path: &Path, fault: &impl Display) -> String {
    format!("names {}, which {fault}", path.display())
}

/// The text of a file that is no secret.
pub(super) fn plain_file(text: &str, around: &Surroundings<'_>) -> Result<(PathBuf, String), String> {
    let (path, bytes) = plain_bytes(text, around)?;
    let text = String::from_utf8(bytes).map_err(|_| in_file(&path, &"is not a text"))?;
    Ok((path, text))
}

/// The bytes of a file that is no secret.
pub(super) fn plain_bytes(text: &str, around: &Surroundings<'_>) -> Result<(PathBuf, Vec<u8>), String> {
    let path = around.folder.join(path(text)?);
    let bytes = fs::read(&path).map_err(|error| format!("names {}, which cannot be read: {error}", path.display()))?;
    Ok((path, bytes))
}

/// The only certificate of a file that is no secret, valid now.
pub(super) fn certificate(text: &str, around: &Surroundings<'_>) -> Result<Certificate, String> {
    let (path, file) = plain_bytes(text, around)?;
    let certificate = Certificate::from_file(&file).map_err(|fault| in_file(&path, &fault))?;
    in_its_time(&certificate, around.now).map(|()| certificate)
}

/// Refuses a certificate that is not valid now.
pub(super) fn in_its_time(certificate: &Certificate, now: Timestamp) -> Result<(), String> {
    if now < certificate.not_before {
        return Err("names a certificate that is not valid yet: or this machine's clock is slow".to_owned());
    }
    if now > certificate.not_after {
        return Err("names a certificate that has expired: or this machine's clock is fast".to_owned());
    }
    Ok(())
}

/// The secret that a variable of the environment holds.
pub(super) fn variable(name: &str, around: &Surroundings<'_>) -> Result<Secret, String> {
    variable_name(name)?;
    let value = (around.environment)(name).filter(|value| !value.is_empty());
    value.map(Secret::new).ok_or_else(|| format!("names {name}, which is not set in the environment"))
}
