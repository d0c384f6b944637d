//! The handoff data file: TOML into checked capabilities, or every fault with its line.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::handoff::capability::{
    AlbumLabels, Capabilities, Choice, CodeRow, Evidence, Fault, MenuRow, Rows, WayRow,
};

/// The file that the program carries with it.
const BUILT_IN: &str = include_str!("../../assets/handoff.toml");

/// Everything that is wrong with a handoff file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct HandoffFileError {
    /// The faults; never empty.
    pub faults: Vec<Fault>,
}

impl fmt::Display for HandoffFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the handoff file cannot be used:")?;
        for Fault { line, problem } in &self.faults {
            match line {
                0 => write!(formatter, "\n  {problem}")?,
                _ => write!(formatter, "\n  line {line}: {problem}")?,
            }
        }
        Ok(())
    }
}

/// The capabilities that the program carries with it.
///
/// # Errors
/// Never in a released program: a test reads the same text.
pub fn built_in() -> Result<Capabilities, HandoffFileError> {
    read(BUILT_IN)
}

/// Reads the text of a handoff file.
///
/// # Errors
/// Every fault at once: what is not TOML, unknown or missing keys, unknown words, rows without evidence or date; and,
/// once each row can be read, gaps and contradictions between the rows.
pub fn read(text: &str) -> Result<Capabilities, HandoffFileError> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<Fault> = errors
        .iter()
        .map(|error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            Fault { line, problem: error.message().to_owned() }
        })
        .collect();
    let rows = if faults.is_empty() { read_rows(text, table.get_ref(), &mut faults) } else { Rows::default() };
    if faults.is_empty() {
        return Capabilities::new(rows).map_err(|faults| HandoffFileError { faults });
    }
    faults.sort();
    Err(HandoffFileError { faults })
}

fn read_rows(text: &str, file: &DeTable<'_>, faults: &mut Vec<Fault>) -> Rows {
    let mut rows = Rows::default();
    for (key, value) in file {
        let line = line_at(text, key.span().start);
        let name = key.get_ref().as_ref();
        let Some(tables) = value.get_ref().as_array().filter(|_| KINDS.contains(&name)) else {
            faults.push(Fault { line, problem: format!("expected tables of {}, found {name}", KINDS.join(", ")) });
            continue;
        };
        for value in tables {
            let line = line_at(text, value.span().start);
            let Some(table) = value.get_ref().as_table() else {
                faults.push(Fault { line, problem: format!("{name} must hold tables") });
                continue;
            };
            let mut row = Row { text, table, line, read: BTreeSet::new(), faults };
            match name {
                "way" => rows.ways.extend(way(&mut row)),
                "code" => rows.codes.extend(code(&mut row)),
                "menu" => rows.menus.extend(menu(&mut row)),
                _ => rows.labels.extend(labels(&mut row)),
            }
            row.refuse_unread();
        }
    }
    rows
}

/// The kinds of rows that a file may hold.
const KINDS: [&str; 4] = ["way", "code", "menu", "labels"];

// Each reader takes every key before it gives up, so that all faults of a row are found.

fn way(row: &mut Row<'_, '_>) -> Option<WayRow> {
    let (host_apps, platforms) = (row.choice("host_app"), row.choice("platform"));
    let (wallets, products) = (row.choice("wallet"), row.choice("product"));
    let (works, evidence) = (row.word("works"), row.evidence());
    Some(WayRow {
        host_apps: host_apps?,
        platforms: platforms?,
        wallets: wallets?,
        products: products?,
        works: works?,
        evidence: evidence?,
    })
}

fn code(row: &mut Row<'_, '_>) -> Option<CodeRow> {
    let (wallet, code) = (row.word("wallet"), row.word("code"));
    let (camera, album, long_press) = (row.word("camera"), row.word("album"), row.word("long_press"));
    let evidence = row.evidence();
    Some(CodeRow {
        wallet: wallet?,
        code: code?,
        camera: camera?,
        album: album?,
        long_press: long_press?,
        evidence: evidence?,
    })
}

fn menu(row: &mut Row<'_, '_>) -> Option<MenuRow> {
    let (host_apps, open_in_browser, evidence) = (row.choice("host_app"), row.word("open_in_browser"), row.evidence());
    Some(MenuRow { host_apps: host_apps?, open_in_browser: open_in_browser?, evidence: evidence? })
}

fn labels(row: &mut Row<'_, '_>) -> Option<AlbumLabels> {
    let (wallet, locale) = (row.word("wallet"), row.word("locale"));
    let (app, scan_place, scan, album) = (row.text("app"), row.text("scan_place"), row.text("scan"), row.text("album"));
    let album_place = if row.has("album_place") { Some(row.text("album_place")) } else { None };
    let version = if row.has("version") { Some(row.text("version")) } else { None };
    let (confirmed, evidence) = (row.flag("confirmed"), row.evidence());
    Some(AlbumLabels {
        wallet: wallet?,
        locale: locale?,
        app: app?,
        scan_place: scan_place?,
        scan: scan?,
        album_place: album_place.map_or(Some(None), |place| place.map(Some))?,
        album: album?,
        version: version.map_or(Some(None), |version| version.map(Some))?,
        confirmed: confirmed?,
        evidence: evidence?,
    })
}

/// One table of the file while it is read.
struct Row<'a, 'i> {
    text: &'a str,
    table: &'a DeTable<'i>,
    line: usize,
    read: BTreeSet<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl<'a, 'i> Row<'a, 'i> {
    fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.read.insert(key);
        let table: &'a DeTable<'i> = self.table;
        let found = table.get(key);
        if found.is_none() {
            self.faults.push(Fault { line: self.line, problem: format!("{key} is missing") });
        }
        found
    }

    fn refuse<T>(&mut self, value: &Spanned<DeValue<'i>>, problem: String) -> Option<T> {
        self.faults.push(Fault { line: line_at(self.text, value.span().start), problem });
        None
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => self.refuse(value, format!("{key} must be a text that is not empty")),
        }
    }

    fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        match value.get_ref().as_bool() {
            Some(flag) => Some(flag),
            None => self.refuse(value, format!("{key} must be true or false")),
        }
    }

    fn word<T: FromStr>(&mut self, key: &'static str) -> Option<T> {
        let value = self.value(key)?;
        self.parse(key, value)
    }

    fn parse<T: FromStr>(&mut self, key: &str, value: &Spanned<DeValue<'i>>) -> Option<T> {
        match value.get_ref().as_str().map(str::parse) {
            Some(Ok(word)) => Some(word),
            Some(Err(_)) => {
                let word = value.get_ref().as_str().unwrap_or_default();
                self.refuse(value, format!("{key} does not know \"{word}\""))
            }
            None => self.refuse(value, format!("{key} must be a word")),
        }
    }

    /// One word, a list of words, or `"*"`.
    fn choice<T: FromStr + PartialEq>(&mut self, key: &'static str) -> Option<Choice<T>> {
        let value = self.value(key)?;
        if value.get_ref().as_str() == Some("*") {
            return Some(Choice::All);
        }
        let Some(list) = value.get_ref().as_array() else {
            return self.parse(key, value).map(|word| Choice::These(vec![word]));
        };
        if list.is_empty() {
            return self.refuse(value, format!("{key} must name at least one word"));
        }
        // All words are parsed before the first failure counts.
        let words: Vec<Option<T>> = list.iter().map(|item| self.parse(key, item)).collect();
        words.into_iter().collect::<Option<Vec<T>>>().map(Choice::These)
    }

    fn evidence(&mut self) -> Option<Evidence> {
        let (text, as_of) = (self.text("evidence"), self.date("as_of"));
        Some(Evidence { text: text?, as_of: as_of?, line: self.line })
    }

    fn date(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref().as_datetime().filter(|found| found.date.is_some() && found.time.is_none()) {
            Some(date) => Some(date.to_string()),
            None => self.refuse(value, format!("{key} must be a date like 2026-11-22, without quotes")),
        }
    }

    fn refuse_unread(&mut self) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !self.read.contains(name) {
                let line = line_at(self.text, key.span().start);
                self.faults.push(Fault { line, problem: format!("unknown key {name}") });
            }
        }
    }
}

/// The line, from 1, on which a byte stands.
fn line_at(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handoff::capability::{Acceptance, CodeKind, Works};
    use crate::domain::handoff::{HostApp, Platform};
    use crate::domain::locale::Locale;
    use crate::domain::wallet::{Product, Wallet};

    fn faults(text: &str) -> Vec<(usize, String)> {
        read(text).unwrap_err().faults.into_iter().map(|fault| (fault.line, fault.problem)).collect()
    }

    /// The built-in file with one row more; the row begins on the returned line.
    fn with_row(row: &str) -> (String, usize) {
        (format!("{BUILT_IN}\n{row}"), BUILT_IN.lines().count() + 2)
    }

    #[test]
    fn the_built_in_file_is_whole_and_says_what_its_evidence_says() {
        let capabilities = built_in().unwrap();
        let works = |app, platform, wallet, product| capabilities.works(app, platform, wallet, product);
        let (browser, ios) = (Product::Browser, Platform::Ios);
        assert_eq!(works(HostApp::Browser, ios, Wallet::WechatPay, browser), Works::Yes);
        assert_eq!(works(HostApp::Taobao, ios, Wallet::WechatPay, browser), Works::No);
        assert_eq!(works(HostApp::Wechat, ios, Wallet::Alipay, browser), Works::No);
        assert_eq!(works(HostApp::Douyin, ios, Wallet::Alipay, browser), Works::Unknown);
        assert_eq!(works(HostApp::Browser, Platform::Desktop, Wallet::WechatPay, browser), Works::No);
        let album = |wallet, code| capabilities.code(wallet, code).map(|row| row.album);
        assert_eq!(album(Wallet::WechatPay, CodeKind::Own), Some(Acceptance::Refused));
        assert_eq!(album(Wallet::WechatPay, CodeKind::Lasting), Some(Acceptance::Allowed));
        assert_eq!(album(Wallet::Unionpay, CodeKind::Lasting), Some(Acceptance::Unknown));
        let labels = capabilities.album_labels(Wallet::WechatPay, Locale::ZhCn).unwrap();
        assert_eq!((labels.app.as_str(), labels.album.as_str()), ("微信", "相册"));
    }

    #[test]
    fn paying_in_app_works_exactly_inside_the_wallets_own_app() {
        let capabilities = built_in().unwrap();
        let home = |wallet| match wallet {
            Wallet::WechatPay => HostApp::Wechat,
            Wallet::Alipay => HostApp::Alipay,
            Wallet::Unionpay => HostApp::Unionpay,
        };
        for wallet in Wallet::ALL {
            for &host_app in HostApp::ALL {
                let expected = if host_app == home(wallet) { Works::Yes } else { Works::No };
                assert_eq!(capabilities.works(host_app, Platform::Android, wallet, Product::InApp), expected);
            }
        }
    }

    #[test]
    fn a_row_that_disagrees_with_an_equally_specific_one_is_refused_with_both_lines() {
        let (text, line) = with_row(
            "[[way]]\nhost_app = \"weibo\"\nplatform = \"*\"\nwallet = \"alipay\"\nproduct = \"browser\"\nworks = \"yes\"\n\
             evidence = \"tried\"\nas_of = 2026-11-22\n",
        );
        let found = faults(&text);
        assert_eq!(found.len(), 2, "one for the row of weibo, one for the row of desktops: {found:?}");
        assert!(found.iter().all(|(at, problem)| *at == line && problem.contains("contradicts")), "{found:?}");
    }

    #[test]
    fn a_row_without_evidence_or_date_is_refused_and_all_faults_are_told_at_once() {
        let (text, line) = with_row(
            "[[way]]\nhost_app = [\"weibo\", \"wiebo\"]\nplatform = \"*\"\nwallet = 3\nproduct = \"browser\"\n\
             works = \"perhaps\"\nevidence = \" \"\nas_off = 2026-11-22\n",
        );
        let expected = [
            (line, "as_of is missing"),
            (line + 1, "host_app does not know \"wiebo\""),
            (line + 3, "wallet must be a word"),
            (line + 5, "works does not know \"perhaps\""),
            (line + 6, "evidence must be a text that is not empty"),
            (line + 7, "unknown key as_off"),
        ];
        assert_eq!(faults(&text), expected.map(|(line, problem)| (line, problem.to_owned())));
    }

    #[test]
    fn gaps_are_refused() {
        let text = BUILT_IN.replacen("product = \"code\"", "product = \"in_app\"", 1);
        let found = faults(&text);
        assert!(found.iter().any(|(_, problem)| problem.contains("330 questions have no row")), "{found:?}");
        let missing = faults("");
        assert!(missing.iter().any(|(_, problem)| problem == "code: wechat_pay, own has no row"), "{missing:?}");
        assert!(missing.iter().any(|(_, problem)| problem == "labels: unionpay, en has no row"), "{missing:?}");
        assert!(missing.iter().any(|(_, problem)| problem == "menu: browser has no row"), "{missing:?}");
    }

    #[test]
    fn a_second_row_for_the_same_code_and_a_row_that_decides_nothing_are_refused() {
        let (text, line) = with_row(
            "[[code]]\nwallet = \"alipay\"\ncode = \"own\"\ncamera = \"allowed\"\nalbum = \"refused\"\n\
             long_press = \"refused\"\nevidence = \"tried\"\nas_of = 2026-11-22\n",
        );
        let found = faults(&text);
        assert!(found[0].0 == line && found[0].1.starts_with("code: alipay, own stands already on line "), "{found:?}");
        let everything = "[[way]]\nhost_app = \"*\"\nplatform = \"*\"\nwallet = \"*\"\nproduct = \"*\"\nworks = \"no\"\n\
                          evidence = \"tried\"\nas_of = 2026-11-22\n";
        let (text, line) = with_row(everything);
        let expected = "decides nothing: more specific rows cover all of it".to_owned();
        assert_eq!(faults(&text), [(line, expected)]);
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_line() {
        let found = faults("[[way]]\nhost_app = \"weibo\nplatform = \n");
        assert!(found.len() >= 2 && found[0].0 == 2, "{found:?}");
        assert_eq!(faults("[[wey]]\n")[0], (1, "expected tables of way, code, menu, labels, found wey".to_owned()));
        assert!(read("[[wey]]\n").unwrap_err().to_string().contains("\n  line 1: expected tables"));
    }

    #[test]
    fn a_date_must_be_a_date() {
        for date in ["\"2026-11-22\"", "2026-11-22T10:00:00Z", "2026"] {
            let (text, line) = with_row(&format!(
                "[[menu]]\nhost_app = \"qq\"\nopen_in_browser = \"yes\"\nevidence = \"tried\"\nas_of = {date}\n"
            ));
            assert_eq!(faults(&text), [(line + 4, "as_of must be a date like 2026-11-22, without quotes".to_owned())]);
        }
    }
}
