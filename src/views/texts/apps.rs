//! Names of apps and wallets.

use super::texts;
use crate::domain::handoff::HostApp;
use crate::domain::locale::Locale;
use crate::domain::wallet::Wallet;

texts! {
    /// Names of the apps in which our pages are opened, as they stand in "In …, tap …".
    HostAppTexts {
        browser: "浏览器", "your browser";
        wechat: "微信", "WeChat";
        wechat_mini_program: "微信小程序", "the WeChat mini program";
        wechat_desktop: "电脑版微信", "WeChat on a computer";
        wecom: "企业微信", "WeCom";
        qq: "QQ", "QQ";
        alipay: "支付宝", "Alipay";
        taobao: "淘宝", "Taobao";
        tmall: "天猫", "Tmall";
        xianyu: "闲鱼", "Xianyu";
        eleme: "饿了么", "Ele.me";
        jd: "京东", "JD";
        douyin: "抖音", "Douyin";
        unionpay: "云闪付", "UnionPay QuickPass";
        meituan: "美团", "Meituan";
        pinduoduo: "拼多多", "Pinduoduo";
        xiaohongshu: "小红书", "Xiaohongshu";
        kuaishou: "快手", "Kuaishou";
        weibo: "微博", "Weibo";
        dingtalk: "钉钉", "DingTalk";
        feishu: "飞书", "Feishu";
        other_webview: "当前应用", "this app";
    }
}

texts! {
    /// Names of the wallets, and of the apps in which they live.
    WalletTexts {
        wechat_pay: "微信支付", "WeChat Pay";
        wechat_app: "微信", "WeChat";
        alipay: "支付宝", "Alipay";
        unionpay: "云闪付", "UnionPay QuickPass";
    }
}

/// What people call an app.
pub fn host_app(locale: Locale, app: HostApp) -> &'static str {
    let names = match locale {
        Locale::ZhCn => &HostAppTexts::ZH_CN,
        Locale::En => &HostAppTexts::EN,
    };
    match app {
        HostApp::Browser => names.browser,
        HostApp::Wechat => names.wechat,
        HostApp::WechatMiniProgram => names.wechat_mini_program,
        HostApp::WechatDesktop => names.wechat_desktop,
        HostApp::Wecom => names.wecom,
        HostApp::Qq => names.qq,
        HostApp::Alipay => names.alipay,
        HostApp::Taobao => names.taobao,
        HostApp::Tmall => names.tmall,
        HostApp::Xianyu => names.xianyu,
        HostApp::Eleme => names.eleme,
        HostApp::Jd => names.jd,
        HostApp::Douyin => names.douyin,
        HostApp::Unionpay => names.unionpay,
        HostApp::Meituan => names.meituan,
        HostApp::Pinduoduo => names.pinduoduo,
        HostApp::Xiaohongshu => names.xiaohongshu,
        HostApp::Kuaishou => names.kuaishou,
        HostApp::Weibo => names.weibo,
        HostApp::Dingtalk => names.dingtalk,
        HostApp::Feishu => names.feishu,
        HostApp::OtherWebview => names.other_webview,
    }
}

const fn wallet_names(locale: Locale) -> &'static WalletTexts {
    match locale {
        Locale::ZhCn => &WalletTexts::ZH_CN,
        Locale::En => &WalletTexts::EN,
    }
}

/// What people call a wallet.
pub const fn wallet(locale: Locale, wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::WechatPay => wallet_names(locale).wechat_pay,
        Wallet::Alipay => wallet_names(locale).alipay,
        Wallet::Unionpay => wallet_names(locale).unionpay,
    }
}

/// What people call the app that a wallet lives in.
pub const fn wallet_app(locale: Locale, wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::WechatPay => wallet_names(locale).wechat_app,
        Wallet::Alipay => wallet_names(locale).alipay,
        Wallet::Unionpay => wallet_names(locale).unionpay,
    }
}
