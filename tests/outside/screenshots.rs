//! The gallery: small pictures of every page in every state, in both languages and themes. `tests/screenshots` keeps it under
//! docs/gallery; otherwise a few pictures only have to come out.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::harness::{Chromium, Look, Server};
use crate::posing::{Pose, Poses};
use crate::posing_live::{self, Tap};

const LOCALES: [&str; 2] = ["zh-CN", "en"];
const THEMES: [(&str, bool); 2] = [("light", false), ("dark", true)];

/// How wide a phone and a computer are in the gallery, in pixels.
const PHONE: f64 = 240.0;
const COMPUTER: f64 = 480.0;
/// What a picture with something on it has at least, in bytes.
const LEAST: usize = 1_000;

/// Where pictures are taken, and where they are kept, if they are.
struct Studio {
    chromium: Chromium,
    kept: Option<PathBuf>,
    index: String,
}

impl Studio {
    /// Takes the pictures of a page, after a tap where it wants one. Without a gallery to fill, one is enough to see that they come out.
    async fn take_all(&mut self, server: &Server, pose: &Pose, tap: Option<Tap>) {
        let name = pose.name;
        let _ = write!(self.index, "\n## {name}\n\n");
        for locale in LOCALES {
            for (theme, dark) in THEMES {
                let _ = write!(self.index, "![{name}, {locale}, {theme}]({name}-{locale}-{theme}.webp) ");
                if self.kept.is_none() && (locale != "en" || dark) {
                    continue;
                }
                let mut picture = self.take(server, pose, tap, locale, dark).await;
                for _ in 0..5 {
                    if picture.len() > LEAST {
                        break;
                    }
                    // A busy machine may take it before the page is painted.
                    picture = self.take(server, pose, tap, locale, dark).await;
                }
                assert!(picture.starts_with(b"RIFF") && picture.len() > LEAST, "{name}: {} bytes", picture.len());
                if let Some(directory) = &self.kept {
                    std::fs::write(directory.join(format!("{name}-{locale}-{theme}.webp")), picture).unwrap();
                }
            }
        }
        self.index.push('\n');
    }

    async fn take(&self, server: &Server, pose: &Pose, tap: Option<Tap>, locale: &str, dark: bool) -> Vec<u8> {
        let look = Look { density: 1, dark, ..pose.look };
        self.chromium.become_one(&look).await;
        self.chromium.open(&pose.address(server, locale)).await;
        if let Some(tap) = tap {
            posing_live::play(&self.chromium, tap).await;
        }
        let width = if look.width < 600 { PHONE } else { COMPUTER };
        self.chromium.thumbnail(&look, width / f64::from(look.width)).await
    }
}

/// How the page of Markdown with all pictures begins.
const INDEX: &str = "# Gallery\n\nEvery page in every state: its first screen, as the app and device show it for which it is named. Made by \
    `tests/screenshots`.\n";

#[tokio::test]
async fn pictures_of_every_page_are_taken() {
    let kept = std::env::var_os("PAY_HANDOFF_SCREENSHOTS").map(PathBuf::from);
    let server = Server::start().await;
    let all = if kept.is_some() { Poses::with_expired(&server).await } else { Poses::of(&server).await };
    let mut studio = Studio { chromium: Chromium::chameleon().await, kept, index: INDEX.to_owned() };
    all.lend_cookie(&studio.chromium, &server).await;
    for pose in &all.poses {
        studio.take_all(&server, pose, None).await;
    }
    for stand in posing_live::stands().await {
        stand.lend_cookie(&studio.chromium).await;
        for (pose, tap) in &stand.poses {
            studio.take_all(&stand.server, pose, *tap).await;
        }
    }
    if let Some(directory) = &studio.kept {
        std::fs::write(directory.join("README.md"), studio.index).unwrap();
    }
}

#[test]
fn the_gallery_in_docs_has_a_picture_of_every_page_that_can_be_looked_at() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/gallery");
    let index =
        std::fs::read_to_string(directory.join("README.md")).expect("the gallery: make it by tests/screenshots");
    let pictures: Vec<&str> = index.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(pictures.len() >= 100, "{} pictures", pictures.len());
    for picture in pictures {
        assert!(directory.join(picture).is_file(), "{picture} is missing");
    }
    let sources = [include_str!("posing.rs"), include_str!("posing_live.rs")];
    let named = |source: &'static str| source.split(".pose(\"").skip(1).filter_map(|rest| rest.split('"').next());
    for name in sources.into_iter().flat_map(named) {
        assert!(
            index.contains(&format!("## {name}\n")),
            "{name} is not in the gallery: make it again by tests/screenshots"
        );
    }
}
