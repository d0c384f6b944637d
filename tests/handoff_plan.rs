//! The planner keeps its rules in every situation there is, and follows the data when the data changes.

use std::collections::BTreeSet;

use pay_handoff::config::handoff_file;
use pay_handoff::domain::handoff::capability::{Acceptance, Capabilities, CodeKind, Works};
use pay_handoff::domain::handoff::plan::{Situation, Step, plan};
use pay_handoff::domain::handoff::reason::Reason;
use pay_handoff::domain::handoff::{HostApp, Method, Platform};
use pay_handoff::domain::order::Payer;
use pay_handoff::domain::wallet::{Product, Wallet};

/// The eight subsets of the three products.
fn product_sets() -> Vec<Vec<Product>> {
    (0..8_usize)
        .map(|bits| {
            Product::ALL.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, p)| p).collect()
        })
        .collect()
}

/// Calls `check` with every situation there is and its plan.
fn everywhere(capabilities: &Capabilities, mut check: impl FnMut(&Situation<'_>, &[Step])) {
    let mut count = 0;
    for products in &product_sets() {
        for &host_app in HostApp::ALL {
            for &platform in Platform::ALL {
                for wallet in Wallet::ALL {
                    for payer in [Payer::Buyer, Payer::Friend] {
                        for friend_links_possible in [false, true] {
                            let situation =
                                Situation { host_app, platform, wallet, products, payer, friend_links_possible };
                            check(&situation, &plan(capabilities, &situation));
                            count += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(count, 22 * 5 * 3 * 8 * 2 * 2);
}

fn has(steps: &[Step], method: Method) -> bool {
    steps.iter().any(|step| step.method == method)
}

#[test]
fn a_plan_is_never_empty_and_never_repeats_a_method() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        assert!(!steps.is_empty(), "{situation:?}");
        let distinct: BTreeSet<Method> = steps.iter().map(|step| step.method).collect();
        assert_eq!(distinct.len(), steps.len(), "{situation:?}: {steps:?}");
    });
}

#[test]
fn a_redirect_needs_its_product_and_never_goes_where_the_data_says_no() {
    let capabilities = handoff_file::built_in().unwrap();
    everywhere(&capabilities, |situation, steps| {
        let Situation { host_app, platform, wallet, products, .. } = *situation;
        let works = capabilities.works(host_app, platform, wallet, Product::Browser);
        if has(steps, Method::Redirect) {
            assert!(products.contains(&Product::Browser) && works != Works::No, "{situation:?}");
        }
        if has(steps, Method::OpenInBrowser) {
            assert!(products.contains(&Product::Browser) && host_app != HostApp::Browser, "{situation:?}");
            assert_ne!(platform, Platform::Desktop, "{situation:?}");
        }
        if steps[0].method == Method::Redirect {
            assert_eq!(works, Works::Yes, "what nobody knows does not lead: {situation:?}");
        }
    });
}

#[test]
fn the_album_is_advised_only_for_a_code_that_the_wallet_takes_from_it() {
    let capabilities = handoff_file::built_in().unwrap();
    let album = |wallet, code| capabilities.code(wallet, code).unwrap().album;
    everywhere(&capabilities, |situation, steps| {
        let Situation { wallet, products, .. } = *situation;
        let Some(step) = steps.iter().find(|step| step.method == Method::ScanAlbum) else { return };
        match step.reason {
            Reason::AlbumOurPage(_) | Reason::AlbumOnlyOurPage(_) => {
                assert_eq!(album(wallet, CodeKind::Lasting), Acceptance::Allowed, "{situation:?}");
                assert!(products.contains(&Product::InApp), "our page could not pay there: {situation:?}");
            }
            Reason::AlbumOwnCode(_) => {
                assert_eq!(album(wallet, CodeKind::Own), Acceptance::Allowed, "{situation:?}");
                assert!(products.contains(&Product::Code), "{situation:?}");
            }
            other => panic!("{other:?} is no reason for the album: {situation:?}"),
        }
    });
}

#[test]
fn without_jsapi_wechat_gets_the_screen_and_h5_through_the_browser_instead_of_the_album() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        let Situation { host_app, platform, products, .. } = *situation;
        if situation.wallet != Wallet::WechatPay || products.contains(&Product::InApp) {
            return;
        }
        assert!(!has(steps, Method::ScanAlbum), "{situation:?}");
        if !products.is_empty() {
            assert!(has(steps, Method::ScanScreen), "{situation:?}");
        }
        let in_an_app = host_app != HostApp::Browser && platform != Platform::Desktop;
        if in_an_app && products.contains(&Product::Browser) {
            assert!(has(steps, Method::OpenInBrowser), "{situation:?}");
        }
    });
}

#[test]
fn paying_in_place_happens_only_inside_the_wallet_with_its_product() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        let home = match situation.wallet {
            Wallet::WechatPay => HostApp::Wechat,
            Wallet::Alipay => HostApp::Alipay,
            Wallet::Unionpay => HostApp::Unionpay,
        };
        let at_home = situation.host_app == home && situation.products.contains(&Product::InApp);
        if situation.platform != Platform::Desktop {
            assert_eq!(steps[0].method == Method::PayInApp, at_home, "{situation:?}");
        }
        assert!(at_home || !has(steps, Method::PayInApp), "{situation:?}");
    });
}

#[test]
fn a_computer_leads_with_its_screen() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        if situation.platform == Platform::Desktop {
            assert_eq!(steps[0].method, Method::ScanScreen, "{situation:?}");
        }
    });
}

#[test]
fn a_phone_browser_leads_with_the_redirect() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        let phone = [Platform::Ios, Platform::Android, Platform::Harmony].contains(&situation.platform);
        if situation.host_app == HostApp::Browser && phone && situation.products.contains(&Product::Browser) {
            assert_eq!(steps[0].method, Method::Redirect, "{situation:?}");
        }
    });
}

#[test]
fn a_buyer_can_ask_a_friend_whenever_it_is_possible_and_a_friend_never() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        let expected = situation.payer == Payer::Buyer && situation.friend_links_possible;
        assert_eq!(has(steps, Method::AskFriend), expected, "{situation:?}");
    });
}

#[test]
fn every_method_gives_a_reason_of_its_own_kind_and_names_the_wallet_asked_for() {
    everywhere(&handoff_file::built_in().unwrap(), |situation, steps| {
        for step in steps {
            let (method, wallet) = match step.reason {
                Reason::InsideWallet(wallet) => (Method::PayInApp, Some(wallet)),
                Reason::WalletOpens(wallet) | Reason::WalletMayOpen(wallet) => (Method::Redirect, Some(wallet)),
                Reason::ScreenOurPage(wallet) | Reason::ScreenOwnCode(wallet) | Reason::ScreenOnlyCamera(wallet) => {
                    (Method::ScanScreen, Some(wallet))
                }
                Reason::ScreenOpensPage => (Method::ScanScreen, None),
                Reason::AlbumOurPage(wallet) | Reason::AlbumOnlyOurPage(wallet) | Reason::AlbumOwnCode(wallet) => {
                    (Method::ScanAlbum, Some(wallet))
                }
                Reason::CopyToBrowser(wallet) => (Method::CopyLink, Some(wallet)),
                Reason::CopyToPhone | Reason::CopyToWechatChat | Reason::CopyElsewhere => (Method::CopyLink, None),
                Reason::BrowserOpensWallet(wallet) | Reason::MenuMayHaveBrowser(wallet) => {
                    (Method::OpenInBrowser, Some(wallet))
                }
                Reason::FriendPays => (Method::AskFriend, None),
            };
            assert_eq!(step.method, method, "{situation:?}");
            assert!(wallet.is_none_or(|wallet| wallet == situation.wallet), "{situation:?}: {step:?}");
        }
    });
}

#[test]
fn known_places_get_their_known_plans() {
    use Method::{AskFriend, CopyLink, OpenInBrowser, PayInApp, Redirect, ScanAlbum, ScanScreen};
    let all = Product::ALL;
    let no_jsapi = [Product::Code, Product::Browser];
    let (ios, android, desktop) = (Platform::Ios, Platform::Android, Platform::Desktop);
    let (wechat, alipay, unionpay) = (Wallet::WechatPay, Wallet::Alipay, Wallet::Unionpay);
    let capabilities = handoff_file::built_in().unwrap();
    let plan_of = |host_app, platform, wallet, products: &[Product]| -> Vec<Method> {
        let (payer, friend_links_possible) = (Payer::Buyer, true);
        let situation = Situation { host_app, platform, wallet, products, payer, friend_links_possible };
        plan(&capabilities, &situation).iter().map(|step| step.method).collect()
    };
    let cases: [(_, _, _, &[Product], &[Method]); 11] = [
        (HostApp::Taobao, ios, wechat, &all, &[ScanAlbum, CopyLink, AskFriend]),
        (HostApp::Taobao, ios, wechat, &no_jsapi, &[ScanScreen, OpenInBrowser, CopyLink, AskFriend]),
        (HostApp::Taobao, android, unionpay, &all, &[ScanAlbum, Redirect, CopyLink, AskFriend]),
        (HostApp::Browser, desktop, wechat, &all, &[ScanScreen, CopyLink, AskFriend]),
        (HostApp::WechatDesktop, desktop, wechat, &all, &[ScanScreen, CopyLink, AskFriend]),
        (HostApp::Wechat, ios, wechat, &all, &[PayInApp, CopyLink, AskFriend]),
        (HostApp::Wechat, android, alipay, &all, &[ScanAlbum, OpenInBrowser, CopyLink, AskFriend]),
        (HostApp::Wechat, ios, wechat, &no_jsapi, &[ScanScreen, OpenInBrowser, CopyLink, AskFriend]),
        (HostApp::WechatMiniProgram, ios, wechat, &all, &[ScanAlbum, CopyLink, AskFriend]),
        (HostApp::Browser, android, alipay, &all, &[Redirect, ScanAlbum, CopyLink, AskFriend]),
        (HostApp::Douyin, ios, unionpay, &[Product::InApp], &[CopyLink, AskFriend]),
    ];
    for (host_app, platform, wallet, products, expected) in cases {
        assert_eq!(
            plan_of(host_app, platform, wallet, products),
            expected,
            "{host_app} {platform} {wallet} {products:?}"
        );
    }
}

#[test]
fn when_the_data_changes_the_plan_follows() {
    let built_in = include_str!("../assets/handoff.toml");
    let lasting = "wallet = \"wechat_pay\"\ncode = \"lasting\"\ncamera = \"allowed\"\nalbum = \"allowed\"";
    assert!(built_in.contains(lasting));
    let refused = built_in.replacen(lasting, &lasting.replace("album = \"allowed\"", "album = \"refused\""), 1);
    let capabilities = handoff_file::read(&refused).unwrap();
    everywhere(&capabilities, |situation, steps| {
        if situation.wallet == Wallet::WechatPay {
            assert!(!has(steps, Method::ScanAlbum), "{situation:?}");
        }
    });
    let blocked = format!(
        "{built_in}\n[[way]]\nhost_app = \"browser\"\nplatform = \"harmony\"\nwallet = \"wechat_pay\"\n\
         product = [\"browser\", \"in_app\"]\nworks = \"no\"\nevidence = \"tried on one phone\"\nas_of = 2026-11-22\n"
    );
    let error = handoff_file::read(&blocked).unwrap_err();
    assert!(error.to_string().contains("contradicts the equally specific row"), "{error}");
}
