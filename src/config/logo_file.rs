//! A merchant's `logo_file`: read within limits, and taken only when decoders still read codes that carry it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ConfiguredMerchant;
use super::fault::Report;
use super::file::path;
use super::web_address::PublicUrl;
use crate::domain::token::Token;
use crate::links::{Links, TokenPage};
use crate::qr::logo::{Logo, MAX_FILE_BYTES};
use crate::qr::logo_evidence::Tried;

/// On how many lasting codes a logo is tried, each in four views.
const SAMPLES: u8 = 6;
/// Stands for the public address where none is set.
const SOME_ORIGIN: &str = "https://pay.example";

/// Reads the picture that a file name in the configuration means.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn read(text: &str, folder: &Path) -> Result<Logo, String> {
    let path = folder.join(path(text)?);
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("names {}, which cannot be read: {error}", path.display()))?;
    Logo::read(&bytes).map_err(|fault| format!("names {}, but {fault}", path.display()))
}

/// Tries each logo on lasting codes as this installation would make them, and reports those that make codes unreadable.
pub(super) fn try_out(merchants: &[ConfiguredMerchant], public_url: Option<&PublicUrl>, report: &mut Report) {
    let links = Links::new(public_url.map_or(SOME_ORIGIN, PublicUrl::as_str));
    let address = |number: u8| {
        let token = Token::from_bytes(std::array::from_fn(|at| {
            number.wrapping_mul(97).wrapping_add(at as u8).wrapping_mul(151)
        }));
        links.page(TokenPage::Scan(token))
    };
    for configured in merchants {
        let Some(logo) = &configured.logo else { continue };
        let key = format!("merchants.{}.logo_file", configured.merchant.id);
        let tried =
            logo.try_on((0..SAMPLES).map(address)).map_err(|error| format!("cannot be tried on a code: {error}"));
        if let Err(rule) = tried.and_then(Tried::verdict) {
            report.fault(key, None, rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Inspection, Outside, inspect};
    use crate::domain::time::Timestamp;
    use crate::qr::logo::tests::{disc, file};

    const KEY_HASH: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// What a file says that names this logo beside it.
    fn with_logo(bytes: &[u8], name: &str) -> Inspection {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("pay.toml");
        let merchant =
            format!("name = \"Tea Shop\"\nmode = \"sandbox\"\napi_keys = [\"{KEY_HASH}\"]\nlogo_file = \"{name}\"\n");
        std::fs::write(&config, format!("[merchants.teashop]\n{merchant}")).unwrap();
        std::fs::write(folder.path().join("logo.png"), bytes).unwrap();
        inspect(&config, Outside { environment: &|_| None, now: Timestamp::from_seconds(1_800_000_000) })
    }

    #[test]
    fn a_logo_beside_the_configuration_is_taken() {
        let inspection = with_logo(&disc(), "logo.png");
        assert!(inspection.faults.0.is_empty(), "{}", inspection.faults);
        assert_eq!(inspection.merchants[0].logo.as_deref(), Some(&Logo::read(&disc()).unwrap()));
    }

    #[test]
    fn what_is_no_logo_is_refused_by_name_and_rule() {
        let large = file(2001, 2000, |_, _| image::Rgba([0; 4]));
        for (bytes, name, rule) in [
            (&b"<svg/>"[..], "logo.png", "neither a PNG nor a JPEG"),
            (&[0; MAX_FILE_BYTES + 1], "logo.png", "larger than 1 MB"),
            (&large, "logo.png", "larger than 4 megapixels"),
            (b"", "nowhere.png", "cannot be read"),
            (b"", "", "must not be empty"),
        ] {
            let faults = with_logo(bytes, name).faults.to_string();
            assert!(faults.contains("merchants.teashop.logo_file") && faults.contains(rule), "{faults}");
        }
    }
}
