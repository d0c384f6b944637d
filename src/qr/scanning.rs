//! Where a kind of code may be scanned, by the camera and from the album, and how we know.

use super::kind::Kind;

/// Who scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scanner {
    /// WeChat (微信).
    Wechat,
    /// Alipay (支付宝).
    Alipay,
    /// UnionPay QuickPass (云闪付).
    Unionpay,
    /// The phone's own camera app.
    PhoneCamera,
    /// No app in particular.
    AnyApp,
}

/// Whether scanning leads where the code should lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Stated by the wallet, or a matter of course.
    Works,
    /// Seen in practice; the wallet promises nothing.
    Likely,
    /// The wallet refuses it.
    Refused,
    /// No evidence either way.
    Unknown,
}

/// A sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Simplified Chinese.
    pub zh_cn: &'static str,
    /// English.
    pub en: &'static str,
}

/// What one scanner does with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Who scans.
    pub scanner: Scanner,
    /// With the camera, from another screen or paper.
    pub camera: Verdict,
    /// A saved picture, chosen from the album.
    pub album: Verdict,
    /// Why, with the evidence.
    pub why: Sentence,
}

const OUR_PAGE: [Advice; 4] = [
    Advice {
        scanner: Scanner::Wechat,
        camera: Verdict::Works,
        album: Verdict::Likely,
        why: Sentence {
            zh_cn: "二维码是网页地址,微信扫一扫会打开网页并用 JSAPI 付款(官方文档 2025-07-15);从相册识别是微信列出的入口之一(场景值 1013),但官方没有明文保证。",
            en: "It is a web address: WeChat's scanner opens it and JSAPI pays there (official documents, 2025-07-15). Scanning from the album is an entry WeChat lists (scene 1013), though no official sentence promises it.",
        },
    },
    Advice {
        scanner: Scanner::Alipay,
        camera: Verdict::Likely,
        album: Verdict::Likely,
        why: Sentence {
            zh_cn: "支付宝扫一扫能从相册选图,也会打开网页地址;依据是实际使用,未见官方保证。",
            en: "Alipay's scanner takes pictures from the album and opens web addresses; this rests on practice, no official promise was found.",
        },
    },
    Advice {
        scanner: Scanner::Unionpay,
        camera: Verdict::Unknown,
        album: Verdict::Unknown,
        why: Sentence {
            zh_cn: "没有证据说明云闪付会打开其他网站的地址;请用云闪付自己的二维码。",
            en: "There is no evidence that QuickPass opens other sites' addresses; use its own code for it.",
        },
    },
    Advice {
        scanner: Scanner::PhoneCamera,
        camera: Verdict::Works,
        album: Verdict::Unknown,
        why: Sentence {
            zh_cn: "手机相机会用浏览器打开网页地址;能否识别已保存的图片因手机而异。",
            en: "A phone's camera opens a web address in the browser; whether it reads saved pictures differs from phone to phone.",
        },
    },
];

const WECHAT_NATIVE: [Advice; 1] = [Advice {
    scanner: Scanner::Wechat,
    camera: Verdict::Works,
    album: Verdict::Refused,
    why: Sentence {
        zh_cn: "微信 Native 支付码只能用摄像头扫:从相册识别或长按识别,微信会提示“为保障支付安全,暂不支持通过从相册识别二维码完成支付”(官方常见问题 2025-10-14)。请在另一块屏幕上显示,或改用本站的长效码。",
        en: "A WeChat Native code must be seen by the camera: WeChat refuses it from the album and by long press (official FAQ, 2025-10-14). Show it on another screen, or use our lasting code instead.",
    },
}];

const ALIPAY: [Advice; 1] = [Advice {
    scanner: Scanner::Alipay,
    camera: Verdict::Works,
    album: Verdict::Likely,
    why: Sentence {
        zh_cn: "这是支付宝自己的码。支付宝的扫码接口默认允许从相册选图,许多商家也这样指引;官方没有保证,风控可能拒绝。",
        en: "It is Alipay's own code. Its scanning interface allows the album by default and many shops instruct so; nothing official promises it, and risk control may refuse.",
    },
}];

const UNIONPAY: [Advice; 1] = [Advice {
    scanner: Scanner::Unionpay,
    camera: Verdict::Works,
    album: Verdict::Likely,
    why: Sentence {
        zh_cn: "这是银联二维码。已有商家指引“截图→云闪付扫一扫→右上角相册”;未见官方说明。",
        en: "It is UnionPay's own code. Shops instruct “screenshot, QuickPass scan, album at the upper right”; no official statement was found.",
    },
}];

const EMVCO: [Advice; 1] = [Advice {
    scanner: Scanner::AnyApp,
    camera: Verdict::Unknown,
    album: Verdict::Unknown,
    why: Sentence {
        zh_cn: "这是 EMVCo 商户展示码,由其中所写的支付体系的应用来付;微信、支付宝、云闪付是否接受,没有证据。",
        en: "It is a merchant-presented text of EMVCo, paid with an app of the scheme named in it; whether WeChat, Alipay or QuickPass take it is not known.",
    },
}];

const DAMAGED_EMVCO: [Advice; 1] = [Advice {
    scanner: Scanner::AnyApp,
    camera: Verdict::Refused,
    album: Verdict::Refused,
    why: Sentence {
        zh_cn: "这段文字以 EMVCo 商户展示码开头,但结构或校验码不对,付款应用应当拒绝。",
        en: "The text begins like a merchant-presented text of EMVCo, but its structure or checksum is wrong: a payment app must refuse it.",
    },
}];

const WEB: [Advice; 1] = [Advice {
    scanner: Scanner::AnyApp,
    camera: Verdict::Likely,
    album: Verdict::Unknown,
    why: Sentence {
        zh_cn: "这是一个网页地址,扫码的应用通常会打开它,也可能提醒或拦截;能不能付款由网页决定。",
        en: "It is the address of a web page: scanners usually open it, and may warn or block; whether one can pay there is up to the page.",
    },
}];

const TEXT: [Advice; 1] = [Advice {
    scanner: Scanner::AnyApp,
    camera: Verdict::Unknown,
    album: Verdict::Unknown,
    why: Sentence {
        zh_cn: "这不是已知的支付码:扫码的应用多半只显示文字。",
        en: "It is no payment code known here: most scanners only show the text.",
    },
}];

impl Kind {
    /// What each scanner concerned does with a code of this kind, the one meant for it first.
    #[must_use]
    pub const fn advice(self) -> &'static [Advice] {
        match self {
            Self::OurOrder | Self::OurFriendLink => &OUR_PAGE,
            Self::WechatNative => &WECHAT_NATIVE,
            Self::Alipay => &ALIPAY,
            Self::Unionpay => &UNIONPAY,
            Self::Emvco { intact: true } => &EMVCO,
            Self::Emvco { intact: false } => &DAMAGED_EMVCO,
            Self::Web => &WEB,
            Self::Text => &TEXT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_code_is_never_advised_for_the_album() {
        assert!(Kind::WechatNative.advice().iter().all(|advice| advice.album == Verdict::Refused));
    }

    #[test]
    fn nothing_that_rests_on_practice_alone_is_called_certain() {
        for kind in [Kind::OurOrder, Kind::OurFriendLink, Kind::Alipay, Kind::Unionpay, Kind::Web, Kind::Text] {
            assert!(kind.advice().iter().all(|advice| advice.album != Verdict::Works), "{kind:?}");
        }
    }
}
