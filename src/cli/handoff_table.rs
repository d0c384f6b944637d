//! `pay-handoff handoff-table`: what works where, as a page for people, made from the data that the planner uses.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::plan::PlanError;
use crate::config::handoff_file;
use crate::domain::handoff::capability::{Acceptance, Capabilities, CodeKind};
use crate::domain::handoff::plan::{Situation, plan};
use crate::domain::handoff::{HostApp, Method, Platform};
use crate::domain::locale::Locale;
use crate::domain::order::Payer;
use crate::domain::wallet::{Product, Wallet};

/// From which data the page is made.
#[derive(Debug, Args)]
pub struct HandoffTableArguments {
    /// Another file of what works where.
    #[arg(long)]
    handoff: Option<PathBuf>,
}

const HEAD: &str = "\
# What works where

This page is made from [`assets/handoff.toml`](../assets/handoff.toml) by `pay-handoff handoff-table > docs/handoff.md`; a test
holds it to the data. Each row of the data has its evidence and date. `pay-handoff plan` explains a single case.
";

const PHONES: [Platform; 3] = [Platform::Ios, Platform::Android, Platform::Harmony];

/// Products of WeChat Pay that a merchant may have, with what that means for buyers.
const WECHAT_MERCHANTS: [(&str, &[Product]); 4] = [
    ("Native alone", &[Product::Code]),
    ("Native and H5", &[Product::Code, Product::Browser]),
    ("Native and JSAPI", &[Product::Code, Product::InApp]),
    ("Native, JSAPI and H5", &Product::ALL),
];

/// Prints the page.
///
/// # Errors
/// [`PlanError`].
pub fn run(arguments: &HandoffTableArguments, output: &mut dyn Write) -> Result<(), PlanError> {
    let capabilities = match &arguments.handoff {
        Some(file) => handoff_file::read(&std::fs::read_to_string(file)?)?,
        None => handoff_file::built_in()?,
    };
    Ok(write_page(&capabilities, output)?)
}

fn write_page(capabilities: &Capabilities, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "{HEAD}")?;
    writeln!(output, "## On a phone: what the page leads with\n")?;
    writeln!(
        output,
        "For a merchant who has every product of every wallet. What else is offered stands in brackets.\n"
    )?;
    write_leads(capabilities, &phone_apps(), &PHONES, output)?;
    writeln!(output, "\n## On a computer\n")?;
    write_leads(capabilities, HostApp::ALL, &[Platform::Desktop], output)?;
    writeln!(output, "\n## WeChat Pay, by what the merchant has\n")?;
    writeln!(
        output,
        "WeChat refuses its own (Native) payment codes from the album, so with Native alone nobody is sent there.\n"
    )?;
    write_wechat_merchants(capabilities, output)?;
    writeln!(output, "\n## How a wallet's scanner takes a code\n")?;
    write_codes(capabilities, output)?;
    writeln!(output, "\n## What the way to the album is called\n")?;
    write_labels(capabilities, output)
}

/// The apps that run on phones.
fn phone_apps() -> Vec<HostApp> {
    HostApp::ALL.iter().copied().filter(|app| *app != HostApp::WechatDesktop).collect()
}

/// One row for each group of apps whose answers are alike, in the order of their first app.
fn write_leads(
    capabilities: &Capabilities,
    apps: &[HostApp],
    platforms: &[Platform],
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut rows: Vec<([String; 3], Vec<&str>)> = Vec::new();
    for app in apps {
        let cells = Wallet::ALL.map(|wallet| cell(capabilities, *app, platforms, wallet, &Product::ALL));
        match rows.iter_mut().find(|(known, _)| *known == cells) {
            Some((_, names)) => names.push(app.as_str()),
            None => rows.push((cells, vec![app.as_str()])),
        }
    }
    writeln!(output, "| opened in | WeChat Pay | Alipay | UnionPay QuickPass |\n| --- | --- | --- | --- |")?;
    rows.iter().try_for_each(|(cells, names)| writeln!(output, "| {} | {} |", names.join(", "), cells.join(" | ")))
}

/// The leading step and the others, once where all platforms agree.
fn cell(
    capabilities: &Capabilities,
    host_app: HostApp,
    platforms: &[Platform],
    wallet: Wallet,
    products: &[Product],
) -> String {
    let answer = |platform: &Platform| {
        let situation = Situation {
            host_app,
            platform: *platform,
            wallet,
            products,
            payer: Payer::Buyer,
            friend_links_possible: true,
        };
        let steps = plan(capabilities, &situation);
        let names: Vec<&str> = steps.iter().map(|step| in_words(step.method)).collect();
        match names.split_first() {
            Some((lead, rest)) => format!("**{lead}** ({})", rest.join(", ")),
            None => String::new(),
        }
    };
    let answers: Vec<String> = platforms.iter().map(answer).collect();
    match answers.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => first.clone(),
        _ => {
            let named = platforms.iter().zip(&answers).map(|(platform, answer)| format!("{platform}: {answer}"));
            named.collect::<Vec<_>>().join("<br>")
        }
    }
}

const fn in_words(method: Method) -> &'static str {
    match method {
        Method::PayInApp => "pay on the page",
        Method::Redirect => "open the wallet",
        Method::ScanScreen => "scan with another device",
        Method::ScanAlbum => "save, then scan from the album",
        Method::CopyLink => "copy the link",
        Method::OpenInBrowser => "open in the browser",
        Method::AskFriend => "ask a friend",
    }
}

fn write_wechat_merchants(capabilities: &Capabilities, output: &mut dyn Write) -> io::Result<()> {
    let places = [HostApp::Browser, HostApp::Wechat, HostApp::Taobao, HostApp::Douyin];
    writeln!(output, "| the merchant has | browser | wechat | taobao | douyin |\n| --- | --- | --- | --- | --- |")?;
    WECHAT_MERCHANTS.iter().try_for_each(|(name, products)| {
        let cells = places.map(|app| cell(capabilities, app, &PHONES, Wallet::WechatPay, products));
        writeln!(output, "| {name} | {} |", cells.join(" | "))
    })
}

fn write_codes(capabilities: &Capabilities, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "| wallet | code | camera | album | long press | as of | evidence |")?;
    writeln!(output, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for wallet in Wallet::ALL {
        for (kind, name) in [(CodeKind::Own, "its own"), (CodeKind::Lasting, "our page")] {
            let Some(row) = capabilities.code(wallet, kind) else { continue };
            let [camera, album, long_press] = [row.camera, row.album, row.long_press].map(taken);
            let (date, why) = (&row.evidence.as_of, escaped(&row.evidence.text));
            writeln!(output, "| {wallet} | {name} | {camera} | {album} | {long_press} | {date} | {why} |")?;
        }
    }
    Ok(())
}

const fn taken(acceptance: Acceptance) -> &'static str {
    match acceptance {
        Acceptance::Allowed => "yes",
        Acceptance::Refused => "**refused**",
        Acceptance::Unknown => "unknown",
    }
}

fn write_labels(capabilities: &Capabilities, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "| wallet | language | scanner | where | album | where | seen in the app | in version | as of |")?;
    writeln!(output, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for wallet in Wallet::ALL {
        for locale in Locale::ALL {
            let Some(row) = capabilities.album_labels(wallet, locale) else { continue };
            let place = row.album_place.as_deref().unwrap_or("differs");
            let seen = if row.confirmed { "yes" } else { "no, translated" };
            let (scan, scan_place, album, date) = (&row.scan, &row.scan_place, &row.album, &row.evidence.as_of);
            let version = row.version.as_deref().unwrap_or("not told");
            writeln!(
                output,
                "| {wallet} | {locale} | {scan} | {scan_place} | {album} | {place} | {seen} | {version} | {date} |"
            )?;
        }
    }
    Ok(())
}

/// A text in a cell of a table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let mut page = Vec::new();
        run(&HandoffTableArguments { handoff: None }, &mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn the_page_in_docs_is_made_from_todays_data() {
        let kept = include_str!("../../docs/handoff.md");
        assert!(kept == page(), "make it again: cargo run -- handoff-table > docs/handoff.md");
    }

    #[test]
    fn every_app_and_every_wallet_stands_in_the_page() {
        let page = page();
        for app in HostApp::ALL {
            assert!(page.contains(app.as_str()), "{app}");
        }
        let line = page.lines().find(|line| line.starts_with("| Native alone")).unwrap();
        assert!(!line.contains("album") && !line.contains("pay on the page"), "{line}");
    }
}
