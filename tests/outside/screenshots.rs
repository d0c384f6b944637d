//! The gallery: small pictures of every page in every state, in both languages and themes. `tests/screenshots` keeps it under
//! docs/gallery; otherwise a few pictures only have to come out.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::harness::{Chromium, Look, Server};
use crate::posing::{Pose, Poses};

const LOCALES: [&str; 2] = ["zh-CN", "en"];
const THEMES: [(&str, bool); 2] = [("light", false), ("dark", true)];

/// How wide a phone and a computer are in the gallery, in pixels.
const PHONE: f64 = 240.0;
const COMPUTER: f64 = 480.0;

async fn take(chromium: &Chromium, server: &Server, pose: &Pose, locale: &str, dark: bool) -> Vec<u8> {
    let look = Look { density: 1, dark, ..pose.look };
    chromium.become_one(&look).await;
    chromium.open(&pose.address(server, locale)).await;
    let width = if look.width < 600 { PHONE } else { COMPUTER };
    chromium.thumbnail(&look, width / f64::from(look.width)).await
}

/// A page of Markdown with all pictures.
fn index(poses: &[Pose]) -> String {
    let mut page = String::from(
        "# Gallery\n\nEvery page in every state: its first screen, as the app and device show it for which it is named. Made by \
         `tests/screenshots`.\n",
    );
    for pose in poses {
        let name = pose.name;
        let _ = write!(page, "\n## {name}\n\n");
        for locale in LOCALES {
            for (theme, _) in THEMES {
                let _ = write!(page, "![{name}, {locale}, {theme}]({name}-{locale}-{theme}.webp) ");
            }
        }
        page.push('\n');
    }
    page
}

#[tokio::test]
async fn pictures_of_every_page_are_taken() {
    let kept = std::env::var_os("PAY_HANDOFF_SCREENSHOTS").map(PathBuf::from);
    let server = Server::start().await;
    let all = if kept.is_some() { Poses::with_expired(&server).await } else { Poses::of(&server).await };
    let chromium = Chromium::chameleon().await;
    all.lend_cookie(&chromium, &server).await;
    for pose in &all.poses {
        for locale in LOCALES {
            for (theme, dark) in THEMES {
                // Without a gallery to fill, one picture of each page is enough to see that they come out.
                if kept.is_none() && (locale != "en" || dark) {
                    continue;
                }
                let picture = take(&chromium, &server, pose, locale, dark).await;
                assert!(
                    picture.starts_with(b"RIFF") && picture.len() > 1_000,
                    "{}: {} bytes",
                    pose.name,
                    picture.len()
                );
                if let Some(directory) = &kept {
                    std::fs::write(directory.join(format!("{}-{locale}-{theme}.webp", pose.name)), picture).unwrap();
                }
            }
        }
    }
    if let Some(directory) = &kept {
        std::fs::write(directory.join("README.md"), index(&all.poses)).unwrap();
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
    let source = include_str!("posing.rs");
    let named = source.split(".pose(\"").skip(1).filter_map(|rest| rest.split('"').next());
    for name in named {
        assert!(
            index.contains(&format!("## {name}\n")),
            "{name} is not in the gallery: make it again by tests/screenshots"
        );
    }
}
