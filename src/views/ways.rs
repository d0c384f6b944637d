//! What the three payers' pages share: the ways to pay from here, and which of them leads.

use super::order_summary::{StepView, WalletChoice};
use super::texts::Texts;
use crate::domain::handoff::{HostApp, Method, Platform};
use crate::domain::wallet::Wallet;

/// The ways to pay that a page may show, with the addresses they need.
pub(super) struct Ways<'page> {
    pub wallets: &'page [WalletChoice],
    pub host_app: HostApp,
    pub platform: Platform,
    /// The page's own path; attempts begin and the guide lies under it.
    pub base: &'page str,
    /// The path under which the code's pictures lie.
    pub picture_base: &'page str,
    /// The absolute address that may be copied.
    pub copy_url: &'page str,
    /// Whether the page has a form to ask a friend.
    pub asks_friends: bool,
    /// Whether the code hides behind a button that pays at once.
    pub folds_code: bool,
}

impl<'page> Ways<'page> {
    /// The way the page leads with.
    pub fn lead(&self) -> Option<(&'page WalletChoice, &'page StepView)> {
        self.wallets.iter().find_map(|choice| choice.lead().map(|step| (choice, step)))
    }

    /// The lead when it is a button that pays from here.
    pub fn lead_button(&self) -> Option<(&'page WalletChoice, &'page StepView)> {
        self.lead().filter(|(_, step)| matches!(step.method, Method::PayInApp | Method::Redirect))
    }

    /// Whether any wallet's plan has this way; what no plan has, no page may advise.
    pub fn has(&self, method: Method) -> bool {
        self.wallets.iter().any(|choice| choice.steps.iter().any(|step| step.method == method))
    }

    /// Whether the code is of any use here.
    pub fn shows_code(&self) -> bool {
        self.has(Method::ScanScreen) || self.has(Method::ScanAlbum) || self.has(Method::CopyLink) || !self.folds_code
    }

    /// Whether the code stands open on the page, not behind a summary.
    pub fn code_is_open(&self) -> bool {
        !self.folds_code || self.lead_button().is_none()
    }

    /// Whether saving the lasting code leads to something for at least one wallet.
    pub fn saves_lasting_code(&self) -> bool {
        self.wallets.iter().any(|choice| {
            choice.opens_lasting_code() && choice.steps.iter().any(|step| step.method == Method::ScanAlbum)
        })
    }

    /// Whether a download link really saves a picture: web views of apps ignore it, browsers do not.
    pub fn can_download(&self) -> bool {
        self.host_app == HostApp::Browser
    }

    /// On a computer every phone is the other device.
    pub fn is_desktop(&self) -> bool {
        self.platform == Platform::Desktop
    }

    /// On iPhones a download ends in Files, where no scanner looks.
    pub fn is_ios(&self) -> bool {
        self.platform == Platform::Ios
    }
}

impl WalletChoice {
    /// The best way to this wallet.
    pub(super) fn lead(&self) -> Option<&StepView> {
        self.steps.first()
    }

    /// The other ways that are this wallet's alone; what serves all wallets stands once on the page.
    pub(super) fn others(&self) -> impl Iterator<Item = &StepView> {
        self.steps.iter().skip(1).filter(|step| !step.serves_all_wallets())
    }

    pub(super) fn has_others(&self) -> bool {
        self.others().next().is_some()
    }

    /// UnionPay's scanner is not known to open web addresses, so there its own code leads; the others open ours.
    pub(super) const fn opens_lasting_code(&self) -> bool {
        !matches!(self.wallet, Wallet::Unionpay)
    }

    /// UnionPay's way out of a browser is a page of its own; the others' open their apps.
    pub(super) const fn opens_page(&self) -> bool {
        matches!(self.wallet, Wallet::Unionpay)
    }

    /// What a way that does not lead is called.
    pub(super) const fn name(&self, step: &StepView, words: &'static Texts) -> &'static str {
        match step.method {
            Method::PayInApp => words.pay.way_pay,
            Method::Redirect if self.opens_page() => words.pay.lead_redirect_page,
            Method::Redirect => words.pay.lead_redirect,
            Method::ScanScreen => words.pay.way_screen,
            Method::ScanAlbum => words.pay.way_album,
            Method::CopyLink => words.pay.copy_title,
            Method::OpenInBrowser => words.pay.browser_title,
            Method::AskFriend => words.pay.friend_title,
        }
    }

    /// A few words about the best way.
    pub(super) fn hint(&self, words: &'static Texts) -> &'static str {
        match self.lead().map(|step| step.method) {
            None => words.pay.no_wallets,
            Some(Method::PayInApp) => words.pay.lead_pay,
            Some(Method::Redirect) if self.opens_page() => words.pay.lead_redirect_page,
            Some(Method::Redirect) => words.pay.lead_redirect,
            Some(Method::ScanScreen) => words.pay.lead_scan_screen,
            Some(Method::ScanAlbum) if self.opens_lasting_code() => words.pay.lead_scan_album,
            Some(Method::ScanAlbum) => words.pay.lead_own_code,
            Some(Method::CopyLink) => words.pay.lead_copy,
            Some(Method::OpenInBrowser) => words.pay.lead_browser,
            Some(Method::AskFriend) => words.pay.lead_friend,
        }
    }
}

impl StepView {
    const fn serves_all_wallets(&self) -> bool {
        matches!(self.method, Method::CopyLink | Method::OpenInBrowser | Method::AskFriend)
    }
}
