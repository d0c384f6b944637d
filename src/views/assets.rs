//! The embedded files that pages load, under names that change with their content, so that browsers may keep them for ever.

use std::fmt::Write;
use std::sync::LazyLock;

use ring::digest::{SHA256, digest};

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Its name in addresses: the plain name with the first eight hex digits of its SHA-256 before the extension.
    pub name: String,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    plain_name: &'static str,
}

const FILES: [(&str, &[u8]); 8] = [
    ("app.css", include_bytes!("../../assets/app.css")),
    ("app.js", include_bytes!("../../assets/app.js")),
    ("favicon.svg", include_bytes!("../../assets/favicon.svg")),
    ("preview.png", include_bytes!("../../assets/preview.png")),
    ("demo-cup.svg", include_bytes!("../../assets/demo-cup.svg")),
    ("demo-tea.svg", include_bytes!("../../assets/demo-tea.svg")),
    ("demo-teapot.svg", include_bytes!("../../assets/demo-teapot.svg")),
    ("demo-tray.svg", include_bytes!("../../assets/demo-tray.svg")),
];

static ASSETS: LazyLock<Vec<Asset>> =
    LazyLock::new(|| FILES.iter().map(|&(plain_name, bytes)| asset(plain_name, bytes)).collect());

fn asset(plain_name: &'static str, bytes: &'static [u8]) -> Asset {
    let (stem, extension) = plain_name.rsplit_once('.').unwrap_or((plain_name, ""));
    let mut name = format!("{stem}-");
    for byte in &digest(&SHA256, bytes).as_ref()[..4] {
        // Writing into a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    let content_type = match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    };
    Asset { name: format!("{name}.{extension}"), content_type, bytes, plain_name }
}

/// The asset with this name (`app-1a2b3c4d.css`), or `None`; a plain name without its digits finds nothing.
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Every asset.
#[must_use]
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The path (`/assets/app-1a2b3c4d.css`) of the asset with this plain name (`app.css`); an unknown name is its own path,
/// which is not found.
#[must_use]
pub fn path(plain_name: &str) -> String {
    let name = ASSETS.iter().find(|asset| asset.plain_name == plain_name).map_or(plain_name, |asset| &asset.name);
    format!("/assets/{name}")
}

/// The path of the picture for link previews, to be made absolute for [`super::frame::Frame::og_image`].
#[must_use]
pub fn preview_picture_path() -> String {
    path("preview.png")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_found_under_the_path_that_pages_use() {
        for (plain_name, bytes) in FILES {
            let path = path(plain_name);
            let found = find(path.strip_prefix("/assets/").unwrap()).unwrap();
            assert_eq!(found.bytes, bytes);
            assert!(find(plain_name).is_none(), "{plain_name} must not be served without its digits");
        }
    }

    #[test]
    fn the_digits_are_the_beginning_of_the_sha_256() {
        assert_eq!(asset("x.css", b"abc").name, "x-ba7816bf.css");
    }

    #[test]
    fn the_scripts_stay_small() {
        let bytes: usize =
            ASSETS.iter().filter(|asset| asset.name.ends_with(".js")).map(|asset| asset.bytes.len()).sum();
        assert!(bytes < 15 * 1024, "{bytes} bytes of script");
    }
}
