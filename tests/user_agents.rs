//! Real User-Agents are recognised: every line of `data/user_agents.tsv` gets the app and the platform it names.

#![expect(clippy::panic, reason = "a line of the corpus that cannot be read must fail the test")]

use std::collections::{BTreeMap, BTreeSet};

use pay_handoff::domain::handoff::host_app::detect;
use pay_handoff::domain::handoff::{HostApp, Platform};

struct Sample {
    line: usize,
    host_app: HostApp,
    platform: Platform,
    source: &'static str,
    user_agent: &'static str,
}

fn samples() -> Vec<Sample> {
    include_str!("data/user_agents.tsv")
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.starts_with('#'))
        .map(|(index, text)| {
            let fields: Vec<&str> = text.split('\t').collect();
            let [host_app, platform, source, user_agent] = fields[..] else {
                panic!("line {}: four fields", index + 1)
            };
            Sample {
                line: index + 1,
                host_app: host_app.parse().unwrap_or_else(|_| panic!("line {}: host app {host_app}", index + 1)),
                platform: platform.parse().unwrap_or_else(|_| panic!("line {}: platform {platform}", index + 1)),
                source,
                user_agent,
            }
        })
        .collect()
}

#[test]
fn every_sample_is_recognised() {
    let wrong: Vec<String> = samples()
        .iter()
        .filter(|sample| detect(sample.user_agent) != (sample.host_app, sample.platform))
        .map(|sample| {
            let (host_app, platform) = detect(sample.user_agent);
            let expected = format!("{}/{}", sample.host_app, sample.platform);
            format!("line {}: {host_app}/{platform} instead of {expected}: {}", sample.line, sample.user_agent)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_corpus_is_wide_and_every_line_is_new_and_has_a_source() {
    let samples = samples();
    let mut apps = BTreeMap::new();
    for sample in &samples {
        *apps.entry(sample.host_app).or_insert(0) += 1;
        assert!(!sample.source.is_empty(), "line {}: no source", sample.line);
    }
    let browsers = apps[&HostApp::Browser];
    assert!(browsers >= 60 && samples.len() - browsers >= 60, "{browsers} browsers of {} samples", samples.len());
    assert_eq!(apps.len(), HostApp::ALL.len(), "every host app has a sample");
    let distinct: BTreeSet<&str> = samples.iter().map(|sample| sample.user_agent).collect();
    assert_eq!(distinct.len(), samples.len(), "a sample stands twice");
}
