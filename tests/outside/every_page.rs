//! What holds on every page in every state: for a screen reader, on a narrow screen, with large letters, in the dark, without scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Chromium, Look, Server};
use crate::posing::{Pose, Poses};
use crate::posing_live::{self, Tap};

const LOCALES: [&str; 2] = ["zh-CN", "en"];

/// The text of axe-core, which checks pages for accessibility.
fn axe() -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; tests/run installs it, or: npm install --prefix target/npm axe-core@4", file.display())
    })
}

/// What axe-core finds on the page as it stands, with these of its rules or with all.
async fn findings(chromium: &Chromium, rules: Option<&str>) -> Value {
    let options = match rules {
        Some(rule) => json!({ "resultTypes": ["violations"], "runOnly": { "type": "rule", "values": [rule] } }),
        None => json!({ "resultTypes": ["violations"] }),
    };
    let script = format!(
        "return axe.run(document, {options}).then(found => found.violations.map(rule => \
         [rule.id, rule.help, rule.nodes.map(node => node.html + ' ' + node.failureSummary)]));"
    );
    chromium.run(&script).await
}

const UNFOLD: &str =
    "for (const fold of document.querySelectorAll('details')) { fold.removeAttribute('name'); fold.open = true; }";

/// What is wider than the screen or loses letters, with how wide the page is.
const TOO_WIDE: &str = "
    const width = innerWidth, wide = document.documentElement.scrollWidth;
    const cut = [...document.querySelectorAll('main *, header *')].filter(e => e.checkVisibility()).filter(e => {
        const style = getComputedStyle(e);
        const clips = style.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1;
        return clips || e.getBoundingClientRect().right > width + 1;
    });
    return wide > width || cut.length ? [wide, ...cut.slice(0, 5).map(e => e.outerHTML.slice(0, 160))] : [];";

/// Pages that tell of a refusal, by a part of their name, and the status of which a browser complains.
const REFUSALS: [(&str, &str); 3] = [("not-found", "404"), ("revoked", "404"), ("wechat-login-lost", "400")];

/// What is wrong with a page as it stands.
async fn faults(chromium: &Chromium, pose: &Pose) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |what: &str, findings: Value| {
        if findings.as_array().is_none_or(|list| !list.is_empty()) {
            found.push(format!("{}, {what}: {findings:#}", pose.name));
        }
    };
    // What is folded counts, too.
    chromium.run(UNFOLD).await;
    note("light", findings(chromium, None).await);
    chromium.theme(true).await;
    note("dark", findings(chromium, Some("color-contrast")).await);
    chromium.become_one(&Look { width: 320, height: 568, ..pose.look }).await;
    note("320 pixels wide", chromium.run(TOO_WIDE).await);
    chromium.run("document.documentElement.style.fontSize = '200%';").await;
    note("320 pixels wide with letters of 200 %", chromium.run(TOO_WIDE).await);
    let complaints = chromium.complaints().await;
    let expected = |complaint: &String| {
        REFUSALS.iter().any(|(name, status)| pose.name.contains(name) && complaint.contains(status))
    };
    note("complaints", json!(complaints.iter().filter(|complaint| !expected(complaint)).collect::<Vec<_>>()));
    found
}

/// Looks at each of these pages in each language, after its tap where it has one.
async fn all_faults<'a>(
    chromium: &Chromium,
    server: &Server,
    poses: impl Iterator<Item = (&'a Pose, Option<Tap>)>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (pose, tap) in poses {
        for locale in LOCALES {
            chromium.become_one(&pose.look).await;
            chromium.open(&pose.address(server, locale)).await;
            if let Some(tap) = tap {
                posing_live::play(chromium, tap).await;
            }
            found.extend(faults(chromium, pose).await.into_iter().map(|fault| format!("{locale}: {fault}")));
        }
    }
    found
}

#[tokio::test]
async fn axe_finds_nothing_and_nothing_is_cut_on_any_page_in_both_languages_and_themes() {
    let axe = axe();
    let server = Server::start().await;
    let all = Poses::of(&server).await;
    let chromium = Chromium::chameleon().await;
    all.lend_cookie(&chromium, &server).await;
    chromium.order("Page.addScriptToEvaluateOnNewDocument", json!({ "source": axe })).await;
    let mut found = all_faults(&chromium, &server, all.poses.iter().map(|pose| (pose, None))).await;
    let stands = posing_live::stands().await;
    for stand in &stands {
        stand.lend_cookie(&chromium).await;
        let poses = stand.poses.iter().map(|(pose, tap)| (pose, *tap));
        found.extend(all_faults(&chromium, &stand.server, poses).await);
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// What a page without scripts still shows that only a script could do, or lacks.
const DEAD_ENDS: &str = "
    const visible = e => e.checkVisibility();
    const dead = [...document.querySelectorAll('[data-copy], [data-share-url], .scripted, [data-countdown]')].filter(visible);
    const leads = [...document.querySelectorAll('a[href]')].filter(a => {
        const href = a.getAttribute('href');
        return href === '#' || href.startsWith('javascript:') || href.startsWith('#') && !document.getElementById(href.slice(1));
    });
    const forms = [...document.forms].filter(form => !form.getAttribute('action') || !form.querySelector('button:not([type=button])'));
    const hint = [...document.querySelectorAll('.scriptless')].filter(e => !visible(e) && e.closest('details') === null);
    const pictures = [...document.images].filter(image => visible(image) && image.naturalWidth === 0);
    return [...dead, ...leads, ...forms, ...hint, ...pictures].map(e => e.outerHTML.slice(0, 200));";

#[tokio::test]
async fn without_scripts_every_page_is_whole_and_shows_nothing_that_needs_one() {
    let server = Server::start().await;
    let all = Poses::of(&server).await;
    let chromium = Chromium::chameleon().await;
    all.lend_cookie(&chromium, &server).await;
    for pose in &all.poses {
        chromium.become_one(&Look { script: false, ..pose.look }).await;
        for locale in LOCALES {
            chromium.open(&pose.address(&server, locale)).await;
            let mut dead = chromium.run(DEAD_ENDS).await;
            for _ in 0..5 {
                if dead == json!([]) {
                    break;
                }
                // Without scripts a page renews itself, and a busy machine may show it when only its head is there.
                chromium.open(&pose.address(&server, locale)).await;
                dead = chromium.run(DEAD_ENDS).await;
            }
            assert_eq!(dead, json!([]), "{} in {locale}", pose.name);
            let shown = chromium.run("return document.querySelector('main').innerText;").await;
            assert!(shown.as_str().is_some_and(|text| text.chars().count() > 12), "{} in {locale}: {shown}", pose.name);
            let ran = chromium.run("return document.querySelectorAll('.scripted:not([hidden])').length;").await;
            assert_eq!(ran, 0, "{}: a script ran", pose.name);
        }
    }
}
