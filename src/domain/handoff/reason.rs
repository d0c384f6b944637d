//! Why a step is shown, in the payer's language: short, true, and with what to do.

use crate::domain::locale::Locale;
use crate::domain::wallet::Wallet;

/// Why a step is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// We stand inside the wallet, and the merchant can be paid there.
    InsideWallet(Wallet),
    /// The wallet is known to open from here.
    WalletOpens(Wallet),
    /// Nobody knows whether this app lets the wallet open.
    WalletMayOpen(Wallet),
    /// Another phone's wallet scans our code and opens our page inside it.
    ScreenOurPage(Wallet),
    /// Another phone's wallet scans its own code.
    ScreenOwnCode(Wallet),
    /// As before, and the wallet refuses that code in every other manner.
    ScreenOnlyCamera(Wallet),
    /// Another phone's camera opens our page in that phone's browser.
    ScreenOpensPage,
    /// The wallet opens our page from the album.
    AlbumOurPage(Wallet),
    /// As before, while the wallet refuses its own codes from the album.
    AlbumOnlyOurPage(Wallet),
    /// The wallet takes its own code from the album.
    AlbumOwnCode(Wallet),
    /// The address is opened on a phone.
    CopyToPhone,
    /// The address is opened from a chat inside WeChat.
    CopyToWechatChat,
    /// The address is opened in the phone's browser, from which the wallet opens.
    CopyToBrowser(Wallet),
    /// The address is opened wherever the payer likes.
    CopyElsewhere,
    /// The app's menu leads to the browser, from which the wallet opens.
    BrowserOpensWallet(Wallet),
    /// As before, if the app's menu has it.
    MenuMayHaveBrowser(Wallet),
    /// Somebody else pays.
    FriendPays,
}

impl Reason {
    /// The sentence for the payer.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        match locale {
            Locale::ZhCn => self.chinese(),
            Locale::En => self.english(),
        }
    }

    fn chinese(self) -> String {
        let name = |wallet| app_name(wallet, Locale::ZhCn);
        match self {
            Self::InsideWallet(wallet) => format!("您正在{}里，可以直接在本页付款。", name(wallet)),
            Self::WalletOpens(Wallet::Unionpay) => "从这里可以打开银联的付款页。".to_owned(),
            Self::WalletOpens(wallet) => format!("从这里可以直接打开{}付款。", name(wallet)),
            Self::WalletMayOpen(wallet) => {
                format!("当前应用不一定允许打开{}。可以试一次；没有反应就换用其他方式。", name(wallet))
            }
            Self::ScreenOurPage(wallet) => {
                format!("用另一部手机上的{}扫描屏幕上的二维码，会在其中打开付款页。", name(wallet))
            }
            Self::ScreenOwnCode(wallet) => format!("用另一部手机上的{}扫描屏幕上的付款码。", name(wallet)),
            Self::ScreenOnlyCamera(wallet) => {
                let name = name(wallet);
                format!("这个付款码只能用另一部手机上的{name}对着屏幕扫描；{name}不接受从相册或长按识别它。")
            }
            Self::ScreenOpensPage => {
                "用另一部手机的相机扫描屏幕上的二维码，会打开本页，并显示在那部手机上可用的方式。".to_owned()
            }
            Self::AlbumOurPage(wallet) => {
                let name = name(wallet);
                format!("保存图片，再用{name}“扫一扫”从相册中选择它；图片里是我们的付款页，会在{name}中打开。")
            }
            Self::AlbumOnlyOurPage(wallet) => {
                let name = name(wallet);
                format!(
                    "{name}不接受从相册识别它自己的付款码；这张图片里是我们的付款页，从相册扫描后会在{name}中打开。"
                )
            }
            Self::AlbumOwnCode(wallet) => {
                format!("保存付款码，再用{}“扫一扫”从相册中选择它。", name(wallet))
            }
            Self::CopyToPhone => "把链接发到手机上打开，就能在手机上付款。".to_owned(),
            Self::CopyToWechatChat => {
                "复制链接，在微信里发给自己（例如“文件传输助手”）再点开，付款页会在微信中打开。".to_owned()
            }
            Self::CopyToBrowser(wallet) => {
                format!("复制链接，粘贴到手机自带的浏览器中打开，从那里可以打开{}。", name(wallet))
            }
            Self::CopyElsewhere => "复制链接，可以在其他应用或另一部手机上打开本页。".to_owned(),
            Self::BrowserOpensWallet(wallet) => {
                format!("打开本应用的菜单，选择在浏览器中打开；从浏览器可以打开{}。", name(wallet))
            }
            Self::MenuMayHaveBrowser(wallet) => {
                format!("如果本应用的菜单里有“在浏览器中打开”，请选它；从浏览器可以打开{}。", name(wallet))
            }
            Self::FriendPays => "请朋友或家人打开链接，用他们自己的钱包付款；如有退款，会退给付款人。".to_owned(),
        }
    }

    fn english(self) -> String {
        let name = |wallet| app_name(wallet, Locale::En);
        match self {
            Self::InsideWallet(wallet) => format!("You are inside {}, so you can pay on this page.", name(wallet)),
            Self::WalletOpens(Wallet::Unionpay) => "The payment page of UnionPay opens from here.".to_owned(),
            Self::WalletOpens(wallet) => format!("{} opens from here.", name(wallet)),
            Self::WalletMayOpen(wallet) => {
                format!("This app may not let {} open. Try it once; if nothing happens, use another way.", name(wallet))
            }
            Self::ScreenOurPage(wallet) => format!(
                "Scan the code on this screen with {} on another phone; the payment page opens inside it.",
                name(wallet)
            ),
            Self::ScreenOwnCode(wallet) => {
                format!("Scan the payment code on this screen with {} on another phone.", name(wallet))
            }
            Self::ScreenOnlyCamera(wallet) => {
                let name = name(wallet);
                format!(
                    "This payment code works only when {name} on another phone scans it from the screen; {name} refuses \
                     it from the album and by long press."
                )
            }
            Self::ScreenOpensPage => {
                "Scan the code on this screen with another phone's camera; this page opens there and \
                                      shows what works on that phone."
                    .to_owned()
            }
            Self::AlbumOurPage(wallet) => {
                let name = name(wallet);
                format!(
                    "Save the picture, then choose it from the album in {name}'s scanner; it holds our payment page, which \
                     opens inside {name}."
                )
            }
            Self::AlbumOnlyOurPage(wallet) => {
                let name = name(wallet);
                format!(
                    "{name} refuses its own payment codes from the album; this picture holds our page, which opens inside \
                     {name} when you scan it from the album."
                )
            }
            Self::AlbumOwnCode(wallet) => {
                format!("Save the payment code, then choose it from the album in {}'s scanner.", name(wallet))
            }
            Self::CopyToPhone => "Send the link to your phone and open it there to pay.".to_owned(),
            Self::CopyToWechatChat => {
                "Copy the link, send it to yourself in WeChat (to File Transfer, for example) and tap \
                                       it; the payment page opens inside WeChat."
                    .to_owned()
            }
            Self::CopyToBrowser(wallet) => {
                format!("Copy the link and open it in your phone's own browser; {} opens from there.", name(wallet))
            }
            Self::CopyElsewhere => "Copy the link to open this page in another app or on another phone.".to_owned(),
            Self::BrowserOpensWallet(wallet) => {
                format!("Choose to open the page in the browser in this app's menu; {} opens from there.", name(wallet))
            }
            Self::MenuMayHaveBrowser(wallet) => format!(
                "If this app's menu can open the page in the browser, choose that; {} opens from there.",
                name(wallet)
            ),
            Self::FriendPays => {
                "Send a link to a friend or relative, who pays with a wallet of their own; a refund goes \
                                 back to whoever paid."
                    .to_owned()
            }
        }
    }
}

/// The name on the wallet app's icon.
const fn app_name(wallet: Wallet, locale: Locale) -> &'static str {
    match (wallet, locale) {
        (Wallet::WechatPay, Locale::ZhCn) => "微信",
        (Wallet::WechatPay, Locale::En) => "WeChat",
        (Wallet::Alipay, Locale::ZhCn) => "支付宝",
        (Wallet::Alipay, Locale::En) => "Alipay",
        (Wallet::Unionpay, Locale::ZhCn) => "云闪付",
        (Wallet::Unionpay, Locale::En) => "UnionPay QuickPass",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Reason> {
        let with_wallet: [fn(Wallet) -> Reason; 12] = [
            Reason::InsideWallet,
            Reason::WalletOpens,
            Reason::WalletMayOpen,
            Reason::ScreenOurPage,
            Reason::ScreenOwnCode,
            Reason::ScreenOnlyCamera,
            Reason::AlbumOurPage,
            Reason::AlbumOnlyOurPage,
            Reason::AlbumOwnCode,
            Reason::CopyToBrowser,
            Reason::BrowserOpensWallet,
            Reason::MenuMayHaveBrowser,
        ];
        let named = with_wallet.iter().flat_map(|reason| Wallet::ALL.map(reason));
        let plain = [
            Reason::ScreenOpensPage,
            Reason::CopyToPhone,
            Reason::CopyToWechatChat,
            Reason::CopyElsewhere,
            Reason::FriendPays,
        ];
        named.chain(plain).collect()
    }

    #[test]
    fn every_reason_is_a_different_sentence_in_each_language_and_names_its_wallet() {
        let mut seen = std::collections::BTreeSet::new();
        for reason in all() {
            let (chinese, english) = (reason.text(Locale::ZhCn), reason.text(Locale::En));
            assert!(chinese.ends_with('。') && !chinese.contains("  "), "{chinese}");
            assert!(english.is_ascii() && english.ends_with('.') && !english.contains("  "), "{english}");
            assert!(seen.insert(chinese) && seen.insert(english), "{reason:?} says what another reason says");
        }
        for wallet in Wallet::ALL {
            for locale in Locale::ALL {
                assert!(Reason::InsideWallet(wallet).text(locale).contains(app_name(wallet, locale)));
            }
        }
    }
}
