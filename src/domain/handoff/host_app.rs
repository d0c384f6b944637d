//! From a User-Agent to the app and the kind of device that show our page.
//!
//! A User-Agent is whatever the client says: the answer may choose instructions, never permissions or amounts.

use super::{HostApp, Platform};

/// Bytes of a User-Agent that are looked at; real ones stay under 1 KiB.
const LONGEST_READ: usize = 2048;

/// The app and the device behind a User-Agent; anything unreadable is a browser on an unknown device.
///
/// Tokens count in any case. Apps are asked for in a fixed order because their tokens nest: WeCom also says
/// `MicroMessenger`, Taobao's web view also says `UCBrowser`, and WeChat's on Android also says `MQQBrowser`.
/// Only the first 2 KiB are read. An iPad that asks for desktop pages calls itself a Macintosh and counts as a
/// computer, unless a token tells the truth.
#[must_use]
pub fn detect(user_agent: &str) -> (HostApp, Platform) {
    let text = user_agent.get(..floor_char_boundary(user_agent, LONGEST_READ)).unwrap_or_default().to_ascii_lowercase();
    let platform = platform(&text);
    (host_app(&text, platform), platform)
}

/// The largest length of at most `limit` bytes that does not cut a character.
fn floor_char_boundary(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Apps by their tokens, in the order in which they are asked for; WeChat's own kinds come before (`wechat_kind`).
const NAMED: &[(HostApp, &[&str])] = &[
    (HostApp::Alipay, &["alipayclient/", "aliapp(ap/", "alipaydefined("]),
    (HostApp::Unionpay, &["cloudpay", "com.unionpay.chsp"]),
    (HostApp::Dingtalk, &["dingtalk/", "dingtalk("]),
    (HostApp::Taobao, &["aliapp(tb/", "@taobao_"]),
    (HostApp::Tmall, &["aliapp(tm/", "@tmall_"]),
    (HostApp::Xianyu, &["aliapp(fm/", "@fleamarket"]),
    (HostApp::Eleme, &["aliapp(elmc/", "eleme/#"]),
    (HostApp::Jd, &["jdapp;", "jdltapp;", "jdpingou;"]),
    (HostApp::Douyin, &["aweme_", "aweme/#", "appname/aweme"]),
    (HostApp::Kuaishou, &["kwai/#", "kwai_", "ksnebula/#", "allowkscallapp"]),
    (HostApp::Weibo, &["weibo (", "__weibo__"]),
    (HostApp::Qq, &["qq/#"]),
    (HostApp::Meituan, &["titansx/", "meituangroup/", "com.sankuai.meituan"]),
    (HostApp::Pinduoduo, &["phh_android_version/", "phh_ios_version/", "pinduoduo"]),
    (HostApp::Xiaohongshu, &["xhsdiscover", "xiaohongshu"]),
    (HostApp::Feishu, &["lark/#", "feishu/#"]),
];

/// Apps that have no name here but say who they are. `UnionPay/` stands here because banks' own apps send it too,
/// with another name behind it than QuickPass's `CloudPay`.
const OTHER_APPS: &[&str] = &[
    "aliapp(",
    "toutiaomicroapp",
    "newsarticle/",
    "bytedancewebview",
    "musical_ly",
    "trill_",
    "baiduboxapp",
    "tieba/",
    "unionpay/",
    "fban/",
    "fbav/",
    "[fban",
    "fb_iab",
    "instagram",
    "line/#",
    "snapchat",
    "gsa/#",
    "[linkedinapp]",
    "kakaotalk",
    "naver(inapp",
];

/// Vendors' own browsers that are built on the system's web view and therefore look like a page inside an app.
const OWN_BROWSERS: &[&str] = &[
    "ucbrowser",
    "quark/",
    "miuibrowser/",
    "huaweibrowser/",
    "vivobrowser/",
    "heytapbrowser/",
    "oppobrowser/",
    "samsungbrowser/",
    "sogoumobilebrowser/",
    "liebaofast/",
    "baidubrowser/",
    "mxbrowser/",
    "yabrowser/",
    "opr/",
    "opt/",
    "edga/",
    "edgios/",
    "crios/",
    "fxios/",
    "duckduckgo/",
    "ecosia ios@",
];

fn host_app(text: &str, platform: Platform) -> HostApp {
    if says(text, "wxwork/") || says(text, "wxworklocal/") {
        return HostApp::Wecom;
    }
    if says(text, "micromessenger") {
        return wechat_kind(text, platform);
    }
    if let Some((app, _)) = NAMED.iter().find(|(_, tokens)| says_any(text, tokens)) {
        return *app;
    }
    // Xiaohongshu's only other token is an everyday word; its network type beside it makes it a sign.
    if says(text, "discover/#") && says(text, "nettype/") {
        return HostApp::Xiaohongshu;
    }
    if says_any(text, OTHER_APPS) {
        return HostApp::OtherWebview;
    }
    if says_any(text, OWN_BROWSERS) {
        return HostApp::Browser;
    }
    // QQ Browser lends its engine (X5) to other apps' web views: there `MQQBrowser` stands beside `; wv)`, which decides.
    let android_web_view = text.contains("; wv)") || text.contains(";wv)");
    let ios_web_view = platform == Platform::Ios && says(text, "applewebkit/") && !says(text, "safari/");
    if android_web_view || ios_web_view { HostApp::OtherWebview } else { HostApp::Browser }
}

/// Which of WeChat's browsers it is; a mini program counts as one also on a computer.
fn wechat_kind(text: &str, platform: Platform) -> HostApp {
    if says(text, "miniprogram") || says(text, "miniprogramenv/") {
        HostApp::WechatMiniProgram
    } else if says_any(text, &["windowswechat", "macwechat", "unifiedpc"]) || platform == Platform::Desktop {
        HostApp::WechatDesktop
    } else {
        HostApp::Wechat
    }
}

fn platform(text: &str) -> Platform {
    if text.contains("windows phone") {
        // It claims to be an iPhone and an Android phone at once.
        return Platform::Unknown;
    }
    if says_any(text, &["openharmony", "harmonyos", "arkweb/"]) {
        let computer = text.contains("(pc;") || text.contains("(2in1;");
        return if computer { Platform::Desktop } else { Platform::Harmony };
    }
    if text.contains("android") {
        return Platform::Android;
    }
    if ["iphone", "ipad", "ipod"].iter().any(|device| text.contains(device)) {
        return Platform::Ios;
    }
    if says(text, "macintosh") {
        // A Mac never sends `Mobile/`: an app's web view on an iPad does, even while it calls itself a Macintosh.
        return if says(text, "mobile/") { Platform::Ios } else { Platform::Desktop };
    }
    if says_any(text, &["windows nt", "x11;", "cros ", "linux x86_64", "linux i686", "linux aarch64"]) {
        return Platform::Desktop;
    }
    Platform::Unknown
}

fn says_any(text: &str, tokens: &[&str]) -> bool {
    tokens.iter().any(|token| says(text, token))
}

/// Whether the lower-case text has the token, not as the tail of a longer word (`line/` is not in `online/`); a token
/// that begins with a sign may stand anywhere. A final `#` asks for a digit, so that paths do not count as versions.
fn says(text: &str, token: &str) -> bool {
    let (needle, digit_follows) = token.strip_suffix('#').map_or((token, false), |needle| (needle, true));
    let is_word = needle.starts_with(|first: char| first.is_ascii_alphanumeric());
    text.match_indices(needle).any(|(at, _)| {
        let before = text.as_bytes().get(at.wrapping_sub(1));
        let after = text.as_bytes().get(at + needle.len());
        !(is_word && before.is_some_and(u8::is_ascii_alphanumeric))
            && (!digit_follows || after.is_some_and(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_and_nonsense_are_a_browser_on_an_unknown_device() {
        for text in ["", " ", "curl/8.7.1", "\u{0}\u{ffff}", "支付"] {
            assert_eq!(detect(text), (HostApp::Browser, Platform::Unknown), "{text:?}");
        }
    }

    #[test]
    fn a_token_inside_a_longer_word_does_not_count() {
        let android = |tail: &str| detect(&format!("Mozilla/5.0 (Linux; Android 10) Safari/537.36 {tail}")).0;
        assert_eq!(android("Online/3"), HostApp::Browser);
        assert_eq!(android("Line/3"), HostApp::OtherWebview);
        assert_eq!(android("Skylark/3"), HostApp::Browser);
        assert_eq!(android("Lark/3"), HostApp::Feishu);
        assert_eq!(android("Eleme/x"), HostApp::Browser);
        assert_eq!(android("/path/aweme/index"), HostApp::Browser);
        assert_eq!(android("aweme/31.9.0"), HostApp::Douyin);
    }

    #[test]
    fn a_banks_own_app_is_not_quickpass() {
        let bank = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                    Mobile/15E148 UnionPay/1.0 SomeBank";
        assert_eq!(detect(bank), (HostApp::OtherWebview, Platform::Ios));
        assert_eq!(detect(&bank.replace("SomeBank", "CloudPay")), (HostApp::Unionpay, Platform::Ios));
    }

    #[test]
    fn an_ipad_that_calls_itself_a_macintosh_is_known_by_its_tokens() {
        let plain = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ";
        assert_eq!(detect(&format!("{plain}Version/17.5 Safari/605.1.15")), (HostApp::Browser, Platform::Desktop));
        let in_app = format!("{plain}Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI");
        assert_eq!(detect(&in_app), (HostApp::Wechat, Platform::Ios));
    }

    #[test]
    fn what_stands_behind_two_kibibytes_is_not_read() {
        let padded = |padding: usize| detect(&format!("{} MicroMessenger/8.0", "支".repeat(padding))).0;
        assert_eq!(padded(10), HostApp::Wechat);
        assert_eq!(padded(700), HostApp::Browser);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_case_changes_nothing(text in "(?s).{0,3000}") {
            prop_assert_eq!(detect(&text), detect(&text.to_ascii_uppercase()));
        }

        #[test]
        fn any_mix_of_tokens_is_answered_and_wecom_always_wins(
            tokens in proptest::collection::vec(proptest::sample::select(vec![
                "MicroMessenger/8.0", "AliApp(TB/1)", "AliApp(", "QQ/8", "MQQBrowser/6.2", "; wv)", "iPhone", "Android",
                "AppleWebKit/605", "Safari/604", "miniProgram/wx1", "WindowsWechat", "CloudPay", "UnionPay/", "Macintosh",
            ]), 0..8)
        ) {
            let text = tokens.join(" ");
            let (app, _) = detect(&text);
            prop_assert_eq!(app == HostApp::Browser && text.contains("MicroMessenger"), false);
            prop_assert_eq!(detect(&format!("{text} wxwork/4.1")).0, HostApp::Wecom);
        }
    }
}
