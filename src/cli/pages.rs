//! `pay-handoff pages --out DIR`: every page in every sample state and language as a file, for eyes and screenshots.

use std::fs;
use std::io;
use std::path::Path;

use crate::qr::{self, Mask};
use crate::views::{assets, render_samples};

/// The picture that stands in for every code of the samples.
const SAMPLE_CODE: &str = "sample-code.png";
const SAMPLE_ADDRESS: &str = "https://pay.example/s/4fzzzxjylrxQYqFHb1Q3Ug";

/// Writes the samples, an index and the assets they load into `out`, which is made when it is missing; tells how many pages
/// were written. The pages load their assets by relative addresses, so they can be opened from the disk.
///
/// # Errors
/// When a file cannot be written.
pub fn write_samples(out: &Path) -> io::Result<usize> {
    fs::create_dir_all(out.join("assets"))?;
    for asset in assets::all() {
        fs::write(out.join("assets").join(&asset.name), asset.bytes)?;
    }
    fs::write(out.join(SAMPLE_CODE), qr::lasting_code(SAMPLE_ADDRESS, Mask::of(0)).map_err(io::Error::other)?)?;
    let samples = render_samples().map_err(io::Error::other)?;
    for sample in &samples {
        fs::write(out.join(format!("{}.html", sample.name)), with_relative_addresses(&sample.html))?;
    }
    let list: String = samples.iter().map(|sample| format!("{}.html\n", sample.name)).collect();
    fs::write(out.join("index.txt"), list)?;
    Ok(samples.len())
}

/// Assets lie beside the page; every picture of a code becomes the sample.
fn with_relative_addresses(html: &str) -> String {
    let mut parts = html.split(" src=\"");
    let mut relative = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        relative.push_str(" src=\"");
        match part.split_once('"') {
            Some((address, rest)) if address.ends_with("qr.png") => {
                relative.push_str(SAMPLE_CODE);
                relative.push('"');
                relative.push_str(rest);
            }
            _ => relative.push_str(part),
        }
    }
    relative.replace("\"/assets/", "\"assets/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_pages_find_everything_they_load_beside_them() {
        let out = tempfile::tempdir().unwrap();
        let count = write_samples(out.path()).unwrap();
        let names = fs::read_to_string(out.path().join("index.txt")).unwrap();
        assert_eq!(names.lines().count(), count);
        for name in names.lines() {
            let html = fs::read_to_string(out.path().join(name)).unwrap();
            let loaded = html.split(" src=\"").skip(1).filter_map(|rest| rest.split('"').next());
            for address in loaded {
                assert!(out.path().join(address).is_file(), "{name} loads {address}");
            }
        }
    }
}
