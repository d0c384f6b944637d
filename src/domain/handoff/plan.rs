//! The plan: which ways to show a payer, in which order, and why.

use super::capability::{Acceptance, Capabilities, CodeKind, CodeRow, Works};
use super::reason::Reason;
use super::{HostApp, Method, Platform};
use crate::domain::order::Payer;
use crate::domain::wallet::{Product, Wallet};

/// Where a payer stands and what the merchant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation<'a> {
    /// The app that shows our page.
    pub host_app: HostApp,
    /// The device that shows our page.
    pub platform: Platform,
    /// The wallet he wants to pay with.
    pub wallet: Wallet,
    /// The products of that wallet which the merchant has; an empty list means that the wallet cannot be paid with.
    pub products: &'a [Product],
    /// Who he is.
    pub payer: Payer,
    /// Whether the order can still have a friend link.
    pub friend_links_possible: bool,
}

impl Situation<'_> {
    fn has(&self, product: Product) -> bool {
        self.products.contains(&product)
    }
}

/// One way to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The way.
    pub method: Method,
    /// Why it is shown, for the payer.
    pub reason: Reason,
}

/// The ways that lead to the wallet from here, the best one first; never empty and each method at most once.
///
/// - What the data says is blocked or refused, and what the merchant has no product for, is never in it.
/// - On a computer another device's camera comes first. On a phone: paying right here, else leaving for the wallet, else
///   the saved picture, else the camera of another device.
/// - A redirect of which nothing is known is offered as a try, after the ways that are known.
/// - The address can always be copied; a buyer can always ask a friend while friend links are possible.
#[must_use]
pub fn plan(capabilities: &Capabilities, situation: &Situation<'_>) -> Vec<Step> {
    let mut steps = Vec::with_capacity(5);
    if situation.platform == Platform::Desktop {
        on_a_computer(capabilities, situation, &mut steps);
    } else if product_works(capabilities, situation, Product::InApp) == Works::Yes {
        steps.push(Step { method: Method::PayInApp, reason: Reason::InsideWallet(situation.wallet) });
    } else {
        on_a_phone(capabilities, situation, &mut steps);
    }
    steps.push(Step { method: Method::CopyLink, reason: copy_reason(capabilities, situation) });
    if situation.payer == Payer::Buyer && situation.friend_links_possible {
        steps.push(Step { method: Method::AskFriend, reason: Reason::FriendPays });
    }
    steps
}

fn on_a_computer(capabilities: &Capabilities, situation: &Situation<'_>, steps: &mut Vec<Step>) {
    steps.push(Step { method: Method::ScanScreen, reason: screen_reason(capabilities, situation) });
    if product_works(capabilities, situation, Product::Browser) == Works::Yes {
        steps.push(Step { method: Method::Redirect, reason: Reason::WalletOpens(situation.wallet) });
    }
}

fn on_a_phone(capabilities: &Capabilities, situation: &Situation<'_>, steps: &mut Vec<Step>) {
    let wallet = situation.wallet;
    let redirect = product_works(capabilities, situation, Product::Browser);
    let album = album_reason(capabilities, situation);
    if redirect == Works::Yes {
        steps.push(Step { method: Method::Redirect, reason: Reason::WalletOpens(wallet) });
    }
    steps.extend(album.map(|reason| Step { method: Method::ScanAlbum, reason }));
    // Whoever can save the picture needs no second device; a device that does not say what it is may be a computer.
    if album.is_none() || situation.platform == Platform::Unknown {
        let reason = screen_reason(capabilities, situation);
        let leads_somewhere = reason != Reason::ScreenOpensPage || situation.has(Product::Browser);
        if leads_somewhere {
            steps.push(Step { method: Method::ScanScreen, reason });
        }
    }
    if redirect == Works::Unknown {
        steps.push(Step { method: Method::Redirect, reason: Reason::WalletMayOpen(wallet) });
    }
    let needs_browser = redirect != Works::Yes && from_the_browser(capabilities, situation) != Works::No;
    match capabilities.opens_in_browser(situation.host_app) {
        Works::Yes if needs_browser => {
            steps.push(Step { method: Method::OpenInBrowser, reason: Reason::BrowserOpensWallet(wallet) });
        }
        // A menu entry that may not exist is worth a look only when nothing else works with this phone alone.
        Works::Unknown if needs_browser && album.is_none() => {
            steps.push(Step { method: Method::OpenInBrowser, reason: Reason::MenuMayHaveBrowser(wallet) });
        }
        Works::Yes | Works::Unknown | Works::No => {}
    }
}

/// What the data says of a product here; one that the merchant does not have never works.
fn product_works(capabilities: &Capabilities, situation: &Situation<'_>, product: Product) -> Works {
    if situation.has(product) {
        capabilities.works(situation.host_app, situation.platform, situation.wallet, product)
    } else {
        Works::No
    }
}

/// Whether the wallet opens from this phone's own browser.
fn from_the_browser(capabilities: &Capabilities, situation: &Situation<'_>) -> Works {
    product_works(capabilities, &Situation { host_app: HostApp::Browser, ..*situation }, Product::Browser)
}

/// Whether the wallet's scanner, given our lasting code in a certain manner, opens our page and can pay there.
/// The page that it opens pays only with the wallet's in-app product.
fn lasting_code_pays(
    capabilities: &Capabilities,
    situation: &Situation<'_>,
    manner: impl Fn(&CodeRow) -> Acceptance,
) -> bool {
    situation.has(Product::InApp)
        && capabilities.code(situation.wallet, CodeKind::Lasting).is_some_and(|row| manner(row) == Acceptance::Allowed)
}

/// Whether the wallet takes its own code in a certain manner, and the merchant can have one made.
fn own_code_pays(
    capabilities: &Capabilities,
    situation: &Situation<'_>,
    manner: impl Fn(&CodeRow) -> Acceptance,
) -> bool {
    situation.has(Product::Code)
        && capabilities.code(situation.wallet, CodeKind::Own).is_some_and(|row| manner(row) == Acceptance::Allowed)
}

fn album_reason(capabilities: &Capabilities, situation: &Situation<'_>) -> Option<Reason> {
    let wallet = situation.wallet;
    if lasting_code_pays(capabilities, situation, |row| row.album) {
        let own = capabilities.code(wallet, CodeKind::Own).map(|row| row.album);
        let own_is_refused = own == Some(Acceptance::Refused);
        return Some(if own_is_refused { Reason::AlbumOnlyOurPage(wallet) } else { Reason::AlbumOurPage(wallet) });
    }
    own_code_pays(capabilities, situation, |row| row.album).then_some(Reason::AlbumOwnCode(wallet))
}

fn screen_reason(capabilities: &Capabilities, situation: &Situation<'_>) -> Reason {
    let wallet = situation.wallet;
    if lasting_code_pays(capabilities, situation, |row| row.camera) {
        return Reason::ScreenOurPage(wallet);
    }
    if !own_code_pays(capabilities, situation, |row| row.camera) {
        return Reason::ScreenOpensPage;
    }
    let album = capabilities.code(wallet, CodeKind::Own).map(|row| row.album);
    let only_camera = album == Some(Acceptance::Refused);
    if only_camera { Reason::ScreenOnlyCamera(wallet) } else { Reason::ScreenOwnCode(wallet) }
}

fn copy_reason(capabilities: &Capabilities, situation: &Situation<'_>) -> Reason {
    let Situation { host_app, platform, wallet, .. } = *situation;
    if platform == Platform::Desktop {
        return Reason::CopyToPhone;
    }
    // A link in a chat opens inside WeChat, where the page can pay, as far as the merchant has that product.
    let chat_pays = wallet == Wallet::WechatPay
        && situation.has(Product::InApp)
        && capabilities.works(HostApp::Wechat, platform, wallet, Product::InApp) == Works::Yes;
    if chat_pays && host_app != HostApp::Wechat {
        return Reason::CopyToWechatChat;
    }
    if host_app != HostApp::Browser && from_the_browser(capabilities, situation) == Works::Yes {
        return Reason::CopyToBrowser(wallet);
    }
    Reason::CopyElsewhere
}
