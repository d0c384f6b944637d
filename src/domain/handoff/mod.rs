//! The handoff planner: from the app a buyer stands in to the ways that really lead to a wallet.

pub mod capability;
pub mod host_app;
pub mod plan;
pub mod reason;

macro_rules! words {
    ($(#[$type_doc:meta])* $type:ident { $($(#[$doc:meta])* $name:ident => $word:literal),+ $(,)? }) => {
        $(#[$type_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type {
            $($(#[$doc])* $name),+
        }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word that stands for the value in JSON and in the data file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::domain::wallet::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or($crate::domain::wallet::UnknownWord)
            }
        }
    };
}

use words;

words! {
    /// The app whose browser shows our page.
    HostApp {
        /// A browser of its own, on a phone or a computer.
        Browser => "browser",
        /// WeChat on a phone.
        Wechat => "wechat",
        /// A web view inside a WeChat mini program.
        WechatMiniProgram => "wechat_mini_program",
        /// WeChat on a computer.
        WechatDesktop => "wechat_desktop",
        /// WeCom (企业微信).
        Wecom => "wecom",
        /// QQ.
        Qq => "qq",
        /// Alipay.
        Alipay => "alipay",
        /// Taobao.
        Taobao => "taobao",
        /// Tmall.
        Tmall => "tmall",
        /// Xianyu (闲鱼).
        Xianyu => "xianyu",
        /// Ele.me (饿了么).
        Eleme => "eleme",
        /// JD, JD Lite included.
        Jd => "jd",
        /// Douyin.
        Douyin => "douyin",
        /// UnionPay QuickPass (云闪付).
        Unionpay => "unionpay",
        /// Meituan.
        Meituan => "meituan",
        /// Pinduoduo.
        Pinduoduo => "pinduoduo",
        /// Xiaohongshu.
        Xiaohongshu => "xiaohongshu",
        /// Kuaishou.
        Kuaishou => "kuaishou",
        /// Weibo.
        Weibo => "weibo",
        /// DingTalk.
        Dingtalk => "dingtalk",
        /// Feishu / Lark.
        Feishu => "feishu",
        /// A browser inside an app without a name here.
        OtherWebview => "other_webview",
    }
}

words! {
    /// What kind of device shows our page.
    Platform {
        /// iPhone and iPad.
        Ios => "ios",
        /// Android phones and tablets.
        Android => "android",
        /// HarmonyOS (OpenHarmony) phones and tablets.
        Harmony => "harmony",
        /// Computers.
        Desktop => "desktop",
        /// It does not say.
        Unknown => "unknown",
    }
}

words! {
    /// A way to get from here to having paid.
    Method {
        /// We stand inside the wallet: one button pays.
        PayInApp => "pay_in_app",
        /// A link leads from here into the wallet.
        Redirect => "redirect",
        /// Another device's camera sees the code on this screen.
        ScanScreen => "scan_screen",
        /// Save the picture, then pick it from the album in the wallet's scanner.
        ScanAlbum => "scan_album",
        /// Copy the address and open it elsewhere.
        CopyLink => "copy_link",
        /// Leave this app for the phone's own browser.
        OpenInBrowser => "open_in_browser",
        /// Send a friend a link to pay.
        AskFriend => "ask_friend",
    }
}
