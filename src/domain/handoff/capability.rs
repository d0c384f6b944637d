//! What each pair of app and wallet can do: rows of data with their evidence, indexed for the planner.

use super::{HostApp, Platform, words};
use crate::domain::locale::Locale;
use crate::domain::wallet::{Product, Wallet};

words! {
    /// Whether a way leads to the wallet.
    Works {
        /// There is evidence that it does.
        Yes => "yes",
        /// There is evidence that it does not: never advised.
        No => "no",
        /// Nothing reliable is known: offered as a try at most, never first.
        Unknown => "unknown",
    }
}

words! {
    /// Whether a wallet takes a code that reaches it in a certain manner.
    Acceptance {
        /// There is evidence that it does.
        Allowed => "allowed",
        /// There is evidence that it does not: never advised.
        Refused => "refused",
        /// Nothing reliable is known: not advised.
        Unknown => "unknown",
    }
}

words! {
    /// What a code holds.
    CodeKind {
        /// The wallet's own payment code (WeChat Native, Alipay precreate, UnionPay dynamic code).
        Own => "own",
        /// Our https address, resolved when it is scanned.
        Lasting => "lasting",
    }
}

/// Why a row says what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where the fact comes from, in words; never empty.
    pub text: String,
    /// The date of that source, or of the day on which nothing was found, as `YYYY-MM-DD`.
    pub as_of: String,
    /// The line of the data file on which the row begins, from 1.
    pub line: usize,
}

/// The values a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// Every value; written `"*"`.
    All,
    /// These values; never empty.
    These(Vec<T>),
}

impl<T: PartialEq> Choice<T> {
    fn has(&self, value: &T) -> bool {
        match self {
            Self::All => true,
            Self::These(values) => values.contains(value),
        }
    }

    const fn is_named(&self) -> bool {
        matches!(self, Self::These(_))
    }
}

/// Whether a product of a wallet works in an app on a platform.
///
/// For [`Product::InApp`]: paying on our page there. For [`Product::Browser`]: leaving from there for the wallet. For
/// [`Product::Code`]: showing the wallet's own code there to another device's camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayRow {
    /// The apps it is about.
    pub host_apps: Choice<HostApp>,
    /// The platforms it is about.
    pub platforms: Choice<Platform>,
    /// The wallets it is about.
    pub wallets: Choice<Wallet>,
    /// The products it is about.
    pub products: Choice<Product>,
    /// The answer.
    pub works: Works,
    /// Its evidence.
    pub evidence: Evidence,
}

impl WayRow {
    fn has(&self, cell: &Cell) -> bool {
        self.host_apps.has(&cell.host_app)
            && self.platforms.has(&cell.platform)
            && self.wallets.has(&cell.wallet)
            && self.products.has(&cell.product)
    }

    /// In how many of its four columns it names values: the row that names more wins.
    fn specificity(&self) -> usize {
        let named =
            [self.host_apps.is_named(), self.platforms.is_named(), self.wallets.is_named(), self.products.is_named()];
        named.into_iter().filter(|named| *named).count()
    }
}

/// How a wallet's scanner takes a kind of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// The wallet whose scanner it is.
    pub wallet: Wallet,
    /// What the code holds. For [`CodeKind::Lasting`], allowed means that the scanner opens our address.
    pub code: CodeKind,
    /// Seen by the camera.
    pub camera: Acceptance,
    /// Picked from the album.
    pub album: Acceptance,
    /// Pressed long as a picture on a page inside the wallet app.
    pub long_press: Acceptance,
    /// Its evidence.
    pub evidence: Evidence,
}

/// Whether an app's menu can hand its page over to the phone's own browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuRow {
    /// The apps it is about.
    pub host_apps: Choice<HostApp>,
    /// The answer.
    pub open_in_browser: Works,
    /// Its evidence.
    pub evidence: Evidence,
}

/// What the way to the album scan is called in a wallet app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlbumLabels {
    /// The wallet.
    pub wallet: Wallet,
    /// The language of the app.
    pub locale: Locale,
    /// The app's own name.
    pub app: String,
    /// Where its scanner is found.
    pub scan_place: String,
    /// What its scanner is called.
    pub scan: String,
    /// Where the album button is, when versions agree on it.
    pub album_place: Option<String>,
    /// What the album button is called.
    pub album: String,
    /// The version of the app in which they were seen, where the evidence tells it.
    pub version: Option<String>,
    /// False when the words are a translation of ours that nobody has seen in the app: say so.
    pub confirmed: bool,
    /// Its evidence.
    pub evidence: Evidence,
}

/// All rows of a data file, as read and not yet checked against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Products by app and platform.
    pub ways: Vec<WayRow>,
    /// Codes by wallet.
    pub codes: Vec<CodeRow>,
    /// Menus by app.
    pub menus: Vec<MenuRow>,
    /// Words by wallet and language.
    pub labels: Vec<AlbumLabels>,
}

/// Something wrong with the rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line of the row that is wrong, from 1; 0 when a row is missing.
    pub line: usize,
    /// What is wrong, for the operator.
    pub problem: String,
}

/// One question to the table of ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    host_app: HostApp,
    platform: Platform,
    wallet: Wallet,
    product: Product,
}

impl Cell {
    /// Every cell, in the order of [`Cell::index`].
    fn all() -> impl Iterator<Item = Self> {
        HostApp::ALL.iter().flat_map(|&host_app| {
            Platform::ALL.iter().flat_map(move |&platform| {
                Wallet::ALL.into_iter().flat_map(move |wallet| {
                    Product::ALL.into_iter().map(move |product| Self { host_app, platform, wallet, product })
                })
            })
        })
    }

    /// Its place among all cells: the enums number their values from 0 in the order of `ALL`.
    const fn index(self) -> usize {
        let row = self.host_app as usize * Platform::ALL.len() + self.platform as usize;
        (row * Wallet::ALL.len() + self.wallet as usize) * Product::ALL.len() + self.product as usize
    }
}

/// Checked capabilities: every question has exactly one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// For each cell, the works of its most specific row.
    ways: Vec<Works>,
    /// For each host app, in the order of `HostApp::ALL`.
    menus: Vec<Works>,
    rows: Rows,
}

impl Capabilities {
    /// Checks rows against each other and indexes them.
    ///
    /// # Errors
    /// Every fault at once: a question without an answer, two equally specific rows that disagree, a row that decides
    /// nothing, two rows for the same code or label.
    pub fn new(rows: Rows) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let ways = decide_ways(&rows.ways, &mut faults);
        let menus = decide_menus(&rows.menus, &mut faults);
        for wallet in Wallet::ALL {
            for &code in CodeKind::ALL {
                let lines = rows.codes.iter().filter(|row| row.wallet == wallet && row.code == code);
                expect_one(&format!("code: {wallet}, {code}"), lines.map(|row| row.evidence.line), &mut faults);
            }
            for locale in Locale::ALL {
                let lines = rows.labels.iter().filter(|row| row.wallet == wallet && row.locale == locale);
                expect_one(&format!("labels: {wallet}, {locale}"), lines.map(|row| row.evidence.line), &mut faults);
            }
        }
        if faults.is_empty() {
            return Ok(Self { ways, menus, rows });
        }
        faults.sort();
        Err(faults)
    }

    /// Whether a product of a wallet works in an app on a platform.
    #[must_use]
    pub fn works(&self, host_app: HostApp, platform: Platform, wallet: Wallet, product: Product) -> Works {
        let index = Cell { host_app, platform, wallet, product }.index();
        self.ways.get(index).copied().unwrap_or(Works::Unknown)
    }

    /// Whether the app's menu can hand its page over to the phone's own browser.
    #[must_use]
    pub fn opens_in_browser(&self, host_app: HostApp) -> Works {
        self.menus.get(host_app as usize).copied().unwrap_or(Works::Unknown)
    }

    /// How a wallet's scanner takes a kind of code; always there in checked capabilities.
    #[must_use]
    pub fn code(&self, wallet: Wallet, code: CodeKind) -> Option<&CodeRow> {
        self.rows.codes.iter().find(|row| row.wallet == wallet && row.code == code)
    }

    /// The words for a wallet's album scan; always there in checked capabilities.
    #[must_use]
    pub fn album_labels(&self, wallet: Wallet, locale: Locale) -> Option<&AlbumLabels> {
        self.rows.labels.iter().find(|row| row.wallet == wallet && row.locale == locale)
    }

    /// Every row with its evidence, for whoever wants to see why.
    #[must_use]
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }
}

fn decide_ways(rows: &[WayRow], faults: &mut Vec<Fault>) -> Vec<Works> {
    let mut used = vec![false; rows.len()];
    let mut gaps: Vec<Cell> = Vec::new();
    let mut ways = Vec::new();
    for cell in Cell::all() {
        let fitting = rows.iter().enumerate().filter(|(_, row)| row.has(&cell));
        let answers = fitting.map(|(at, row)| (at, row.specificity(), row.works, row.evidence.line));
        match most_specific(answers, &mut used, faults) {
            Some(works) => ways.push(works),
            None => gaps.push(cell),
        }
    }
    if let Some(cell) = gaps.first() {
        let words = format!("{}, {}, {}, {}", cell.host_app, cell.platform, cell.wallet, cell.product);
        faults
            .push(Fault { line: 0, problem: format!("way: {} questions have no row, the first: {words}", gaps.len()) });
    }
    report_idle(rows.iter().map(|row| row.evidence.line), &used, faults);
    ways
}

fn decide_menus(rows: &[MenuRow], faults: &mut Vec<Fault>) -> Vec<Works> {
    let mut used = vec![false; rows.len()];
    let mut menus = Vec::new();
    for host_app in HostApp::ALL {
        let fitting = rows.iter().enumerate().filter(|(_, row)| row.host_apps.has(host_app));
        let answers = fitting
            .map(|(at, row)| (at, usize::from(row.host_apps.is_named()), row.open_in_browser, row.evidence.line));
        match most_specific(answers, &mut used, faults) {
            Some(works) => menus.push(works),
            None => faults.push(Fault { line: 0, problem: format!("menu: {host_app} has no row") }),
        }
    }
    report_idle(rows.iter().map(|row| row.evidence.line), &used, faults);
    menus
}

/// The answer of the most specific of the fitting rows, each given as (place, specificity, answer, line).
/// Two of them that disagree are one fault, however many cells they share.
fn most_specific(
    fitting: impl Iterator<Item = (usize, usize, Works, usize)>,
    used: &mut [bool],
    faults: &mut Vec<Fault>,
) -> Option<Works> {
    let fitting: Vec<_> = fitting.collect();
    let best = fitting.iter().map(|(_, specificity, ..)| *specificity).max()?;
    let mut winners = fitting.into_iter().filter(|(_, specificity, ..)| *specificity == best);
    let (first, _, works, line) = winners.next()?;
    mark(used, first);
    for (at, _, other_works, other_line) in winners {
        mark(used, at);
        let fault = Fault { line: other_line, problem: format!("contradicts the equally specific row of line {line}") };
        if other_works != works && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    Some(works)
}

fn mark(used: &mut [bool], at: usize) {
    if let Some(mark) = used.get_mut(at) {
        *mark = true;
    }
}

fn report_idle(lines: impl Iterator<Item = usize>, used: &[bool], faults: &mut Vec<Fault>) {
    let idle = lines.zip(used).filter(|(_, used)| !**used);
    faults.extend(
        idle.map(|(line, _)| Fault { line, problem: "decides nothing: more specific rows cover all of it".to_owned() }),
    );
}

fn expect_one(what: &str, mut lines: impl Iterator<Item = usize>, faults: &mut Vec<Fault>) {
    let Some(first) = lines.next() else {
        faults.push(Fault { line: 0, problem: format!("{what} has no row") });
        return;
    };
    faults.extend(lines.map(|line| Fault { line, problem: format!("{what} stands already on line {first}") }));
}
